import { useEffect, useState } from 'preact/hooks'
import { isTestOrigin } from '../../core/note/test-origin.ts'
import { askHere } from '../shell/ask.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { recall, remember } from '../shell/memory.ts'
import { amount } from '../shell/numbers.ts'
import { Page } from '../shell/page.tsx'
import { promiseOf } from '../words/promises.ts'
import { DoIt } from './do-it.tsx'
import { Figures } from './figures.tsx'
import { CheckedHere, Lead, Witnesses } from './lead.tsx'
import { type CheckedLedger, look, type Seen } from './look.ts'
import type { VerifiedDay } from './totals.ts'
import { TRANSPARENCY } from './words.ts'
import './transparency.css'

/** How often a page that is looked at asks again. */
const AGAIN_MS = 5000
/** Files of a month of days that are asked for at most: two years. */
const FILES_MAX = 24

function seenOf(origin: string): Seen | undefined {
  try {
    const { size, root } = JSON.parse(recall(`seen.${origin}`) ?? '') as Seen
    return Number.isSafeInteger(size) && typeof root === 'string' ? { size, root } : undefined
  } catch {
    return undefined
  }
}

type PageState = {
  readonly look?: CheckedLedger
  readonly isEmpty?: boolean
  readonly code?: string
  readonly message?: string
  readonly isSilent?: boolean
}

/** /: what anyone can see of a ledger, checked in the browser. */
export function TransparencyPage() {
  const words = useWords(TRANSPARENCY)
  const [found, setFound] = useState<PageState>()
  const [days, setDays] = useState<readonly VerifiedDay[]>()
  const [names, setNames] = useState<ReadonlyMap<number, string>>(new Map())
  const [now, setNow] = useState(Date.now)

  const lookOnce = async () => {
    try {
      const seen = await look(askHere, seenOf)
      if (seen !== undefined && (seen.grew === 'first' || seen.grew === 'grew'))
        remember(`seen.${seen.origin}`, JSON.stringify({ size: seen.size, root: seen.root }))
      setFound(seen === undefined ? { isEmpty: true } : { look: seen })
      return seen
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      setFound(code === undefined ? { isSilent: true } : { code, message })
      return undefined
    } finally {
      setNow(Date.now())
    }
  }

  useEffect(() => {
    void lookOnce().then(async seen => {
      if (seen === undefined) return
      setNames(await namesOfUnits())
      await readTotals(seen.policy, setDays).catch(() => setDays([]))
    })
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void lookOnce()
    }, AGAIN_MS)
    const second = setInterval(() => setNow(Date.now()), 1000)
    return () => {
      clearInterval(timer)
      clearInterval(second)
    }
  }, [])

  const origin = found?.look?.origin ?? location.host
  // By the policy that was served, as all here is.
  const more = isTestOrigin(origin) ? words.test : words.title
  return (
    <Page place="transparency" title={words.title} brand={origin} brandMore={more} trust={words.trust(origin)}>
      <Content found={found} days={days} names={names} now={now} onAgain={() => void lookOnce()} />
    </Page>
  )
}

interface ContentProps {
  readonly found: PageState | undefined
  readonly days: readonly VerifiedDay[] | undefined
  readonly names: ReadonlyMap<number, string>
  readonly now: number
  onAgain(): void
}

function Content({ found, days, names, now, onAgain }: ContentProps) {
  const words = useWords(TRANSPARENCY)
  if (found === undefined)
    return (
      <div class="lead" role="status">
        <h1 class="soft">{words.waiting}</h1>
      </div>
    )
  if (found.isSilent === true || found.code !== undefined) return <Silent found={found} onAgain={onAgain} />
  if (found.look === undefined) return <Empty title={words.nothing} />
  const seen = found.look
  if (seen.grew !== 'first' && seen.grew !== 'grew') return <Broken look={seen} />
  const isEmpty = days !== undefined && seen.accounts <= ACCOUNTS_OF_ITS_OWN && nothingIssued(days)
  return (
    <>
      <Lead look={seen} now={now} />
      <Witnesses look={seen} />
      {isEmpty ? <Empty title={words.empty} isBelow /> : <Figures days={days} names={names} />}
      <CheckedHere look={seen} days={days?.length ?? 0} />
      <DoIt />
    </>
  )
}

/** A ledger that was just made has a treasury, a budget and an account for what expires, or a first member. */
const ACCOUNTS_OF_ITS_OWN = 3

/** As of the last day that was opened, or where none was. */
function nothingIssued(days: readonly VerifiedDay[]): boolean {
  return (days.at(-1)?.units ?? []).every(({ issued }) => issued === '0')
}

function Silent({ found, onAgain }: { found: PageState; onAgain: () => void }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  const broken = found.code === undefined ? undefined : promiseOf(found.code, language)
  return (
    <div class="broken half" role="alert">
      <h1>{broken?.promise ?? words.noAnswer}</h1>
      <p class="prose">{broken?.means ?? words.noAnswerMore}</p>
      {found.message !== undefined && (
        <p class="tiny soft" lang="en">
          {found.message} (<code>{found.code}</code>)
        </p>
      )}
      <p class="acts">
        <button type="button" class="button plain" onClick={onAgain}>
          {words.again}
        </button>
      </p>
    </div>
  )
}

function Broken({ look: { grew, before, size } }: { look: CheckedLedger }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  const broken = promiseOf(grew, language)
  return (
    <>
      <div class="broken" role="alert">
        <h1>{words.broken[grew]!(amount(before!.size, language), amount(size, language))}</h1>
        <p class="prose">{broken?.means}</p>
        <p class="label">{words.promise}</p>
        <blockquote>{broken?.promise}</blockquote>
      </div>
      <section class="cols">
        <div>
          <h2>{words.todo}</h2>
          <ol class="do">
            {words.advice.map(([what, more]) => (
              <li key={what}>
                <div>
                  <b>{what}</b>
                  <p class="small soft">{more}</p>
                </div>
              </li>
            ))}
          </ol>
        </div>
      </section>
    </>
  )
}

function Empty({ title, isBelow = false }: { title: string; isBelow?: boolean }) {
  const words = useWords(TRANSPARENCY)
  return (
    <section class="lead">
      {isBelow ? <h2>{title}</h2> : <h1>{title}</h1>}
      <p>{words.emptyMore}</p>
      <pre class="run">{`npx tally account open\nnpx tally issue --to NUMBER --amount 100\nnpx tally statement NUMBER`}</pre>
    </section>
  )
}

async function namesOfUnits(): Promise<ReadonlyMap<number, string>> {
  try {
    const { units } = (await (await fetch('/v1/ledger')).json()) as { units: { name: string; record: number }[] }
    return new Map(units.map(({ name, record }) => [record, String(name)]))
  } catch {
    return new Map()
  }
}

/** Reads the opened totals, the oldest file first, and tells of each file that was checked. */
async function readTotals(policy: Uint8Array, tell: (days: VerifiedDay[]) => void): Promise<void> {
  const worker = new Worker(new URL('./totals-worker.ts', import.meta.url), { type: 'module' })
  const days: VerifiedDay[] = []
  try {
    for (let n = 0; n < FILES_MAX; n++) {
      const file = await askHere(`/totals/${n}`)
      if (file === undefined) break
      const answer = await new Promise<{ days?: VerifiedDay[] }>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = event => reject(new Error(event.message))
        worker.postMessage({ file, policy, nowMs: Date.now() })
      })
      if (answer.days === undefined) break
      days.push(...answer.days)
      tell([...days])
    }
  } finally {
    worker.terminate()
  }
  tell([...days])
}
