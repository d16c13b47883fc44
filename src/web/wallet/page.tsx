import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { utf8Decode } from '../../core/bytes.ts'
import { useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Page } from '../shell/page.tsx'
import { trustKindOf } from '../verify/file-kinds.ts'
import { PolicyBox, type VisitorTrust } from '../verify/policy-box.tsx'
import type { Answer, Verifier } from '../verify/verifier.ts'
import { Balance } from './balance.tsx'
import type { HeadFinding } from './head-finding.ts'
import { fetchDetails, fetchMine, type Mine, MineError, type MineTrouble, tokenOf } from './mine.ts'
import { WALLET } from './words.ts'
import '../verify/verify.css'
import './wallet.css'

const FailedView = later(async () => (await import('../verify/failed-view.tsx')).FailedView, true)

const Keep = later(async () => (await import('./keep.tsx')).Keep, true)
const HeadTrouble = later(async () => (await import('./head-trouble.tsx')).HeadTrouble)
const HeadStep = later(async () => (await import('./head-trouble.tsx')).HeadStep)

/** What was fetched, what came of checking it, and when: by the clock of this device. */
interface Checked {
  readonly mine: Mine
  readonly answer: Answer
  readonly atMs: number
  /** What its checkpoint is to the one that this device accepted before, once that is known. */
  readonly head?: HeadFinding
}

interface WalletProblem {
  readonly trouble: MineTrouble
  readonly said?: string | undefined
}

const NOTHING: VisitorTrust = { policy: undefined, policyFrom: 'none', policyName: '', card: undefined, cardName: '' }
const NAME_MAX = 80

/** /wallet: what the member of a link has, verified here. */
export function WalletPage({ verifier }: { verifier: Verifier }) {
  const words = useWords(WALLET)
  const [token, setToken] = useState(() => tokenOf(location.hash))
  const [unit, setUnit] = useState<string>()
  const [turn, setTurn] = useState(0)
  const [yours, setYours] = useState<Partial<VisitorTrust>>({})
  const [mine, setMine] = useState<Mine>()
  const [checked, setChecked] = useState<Checked>()
  const [problem, setProblem] = useState<WalletProblem>()
  const run = useRef(0)
  const again = () => setTurn(before => before + 1)

  useEffect(() => {
    const change = () => {
      setMine(undefined)
      setChecked(undefined)
      setProblem(undefined)
      setToken(tokenOf(location.hash))
    }
    addEventListener('hashchange', change)
    addEventListener('online', again)
    return () => {
      removeEventListener('hashchange', change)
      removeEventListener('online', again)
    }
  }, [])

  useEffect(() => {
    if (token === undefined) return
    let isOver = false
    verifier.warm()
    fetchMine(token, unit, verifier.fetchStatement).then(
      found => isOver || setMine(found),
      (error: unknown) => {
        if (!isOver) setProblem(error instanceof MineError ? error : { trouble: 'refused', said: String(error) })
      },
    )
    return () => {
      isOver = true
    }
  }, [token, unit, turn])

  const brought: VisitorTrust =
    mine?.policy === undefined
      ? { ...NOTHING, ...yours }
      : { ...NOTHING, policy: mine.policy, policyFrom: 'ledger', ...yours }

  useEffect(() => {
    if (mine === undefined || brought.policy === undefined) return
    const now = ++run.current
    const { policy } = brought
    const nowMs = Date.now()
    verifier.verify({ bytes: mine.statement, policy, card: yours.card ?? mine.card, nowMs }).then(
      answer => {
        if (now !== run.current) return
        setProblem(undefined)
        setChecked({ mine, answer, atMs: nowMs })
        if ('verdict' in answer && answer.verdict.statement !== undefined)
          import('./heads.ts')
            .then(({ acceptHeadOf }) => acceptHeadOf(policy, mine.statement))
            .then(
              head => now === run.current && setChecked({ mine, answer, atMs: nowMs, head }),
              () => {},
            )
      },
      (error: unknown) => now === run.current && setProblem({ trouble: 'refused', said: String(error) }),
    )
  }, [mine, yours])

  const take = async (list: FileList | readonly File[] | null | undefined) => {
    let next = yours
    for (const one of list ?? []) {
      const bytes = new Uint8Array(await one.arrayBuffer())
      const name = one.name.slice(0, NAME_MAX)
      if (trustKindOf(bytes) === 'card') next = { ...next, card: bytes, cardName: name }
      else next = { ...next, policy: bytes, policyFrom: 'yours', policyName: name }
    }
    setYours(next)
  }

  const policyBox = <PolicyBox brought={brought} text={textOf(brought.policy)} onFiles={take} />
  const statement = checked && 'verdict' in checked.answer ? checked.answer.verdict.statement : undefined
  return (
    <Page
      title={words.title}
      brandMore={statement === undefined ? words.title : words.brandMore(statement.unit, statement.account)}
      trust={brought.policyFrom === 'yours' ? words.trustYours : words.trustOperator}
    >
      <div class="wallet">
        {token === undefined ? (
          <Sorry problem={{ trouble: 'noLink' }} />
        ) : problem !== undefined && (checked === undefined || problem.trouble !== 'offline') ? (
          <Sorry problem={problem} onAgain={again} />
        ) : checked !== undefined ? (
          <Outcome
            checked={checked}
            isOffline={problem !== undefined}
            onUnit={setUnit}
            onAgain={again}
            isYours={yours.card !== undefined}
            token={token}
          >
            {policyBox}
          </Outcome>
        ) : mine !== undefined && brought.policy === undefined ? (
          <div class="broken half" role="alert">
            <h1>{words.noPolicy}</h1>
            {policyBox}
          </div>
        ) : (
          <div class="verdict" role="status">
            <h1 class="soft">{words.waiting}</h1>
          </div>
        )}
      </div>
    </Page>
  )
}

function textOf(policy: Uint8Array | undefined): string | undefined {
  try {
    return policy && utf8Decode(policy)
  } catch {
    return undefined
  }
}

interface WalletOutcomeProps {
  readonly checked: Checked
  readonly isOffline: boolean
  /** Whether the card is one that the visitor brought. */
  readonly isYours: boolean
  readonly token: string
  onUnit(unit: string): void
  onAgain(): void
  readonly children: ComponentChildren
}

function Outcome({
  checked: { mine, answer, atMs, head },
  isOffline,
  isYours,
  token,
  onUnit,
  onAgain,
  children,
}: WalletOutcomeProps) {
  const words = useWords(WALLET)
  const units = mine.units.length > 1 && (
    <nav class="acts" aria-label={words.units}>
      {mine.units.map(name => (
        <button
          key={name}
          type="button"
          class={name === mine.unit ? 'button' : 'button plain'}
          aria-pressed={name === mine.unit}
          onClick={() => onUnit(name)}
        >
          {name}
        </button>
      ))}
    </nav>
  )
  if (!('verdict' in answer))
    return (
      <>
        <div class="broken half" role="alert">
          <h1>{words.unreadable}</h1>
          <p class="tiny soft" lang="en">
            {answer.message} (<code>{answer.code}</code>)
          </p>
        </div>
        {children}
      </>
    )
  const { verdict } = answer
  const behind = async (commitment: string) => {
    const { detailsIn } = await import('./reason.ts')
    return detailsIn(await fetchDetails(token, commitment))
  }
  // Another file may well hold, and is no answer to what was asked.
  if (verdict.kind !== 'statement') return <Sorry problem={{ trouble: 'refused' }} onAgain={onAgain} />
  return (
    <>
      {verdict.holds ? null : (
        <FailedView key={answer.id} verdict={verdict}>
          {children}
        </FailedView>
      )}
      {units}
      {head && 'evidence' in head && <HeadTrouble head={head} />}
      {verdict.holds && !(head && 'evidence' in head) && (
        <Balance
          verdict={verdict}
          checkedMs={atMs}
          isOffline={isOffline}
          isYours={isYours}
          behind={behind}
          beside={<HeadStep head={head} />}
        >
          {children}
        </Balance>
      )}
      <Keep mine={mine} />
      <p class="acts">
        <button type="button" class="button plain" onClick={onAgain}>
          {words.again}
        </button>
      </p>
    </>
  )
}

function Sorry({ problem: { trouble, said }, onAgain }: { problem: WalletProblem; onAgain?: () => void }) {
  const words = useWords(WALLET)
  const [what, more] = words.trouble[trouble]
  return (
    <div class={trouble === 'refused' ? 'broken half' : 'verdict'} role={trouble === 'noLink' ? undefined : 'alert'}>
      <h1>{what}</h1>
      <p class="prose">{more}</p>
      {said !== undefined && (
        <p class="tiny soft said-by" lang="en">
          {said}
        </p>
      )}
      {onAgain && (
        <p class="acts">
          <button type="button" class="button plain" onClick={onAgain}>
            {words.again}
          </button>
        </p>
      )}
    </div>
  )
}
