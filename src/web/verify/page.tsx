import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { utf8Decode } from '../../core/bytes.ts'
import { useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Page } from '../shell/page.tsx'
import { Empty, type EmptyProps } from './empty.tsx'
import { pasted, trustKindOf } from './file-kinds.ts'
import { FileLine } from './file-line.tsx'
import type { Sample, SampleName, ShownFile } from './files.ts'
import { PolicyBox, type VisitorTrust } from './policy-box.tsx'
import type { Answer, Verifier } from './verifier.ts'
import { VERIFY } from './words.ts'
import './verify.css'

export interface VerifyProps {
  readonly verifier: Verifier
  /** The policy to begin with, where somebody proposes one. */
  policy(): Promise<Uint8Array | undefined>
  sample(name: SampleName): Promise<Sample>
  /** Whether the page is one file, from a disk or anybody's site. */
  readonly isAlone: boolean
  /** Reads codes of a camera, where the page has what it takes. */
  readonly scan?: EmptyProps['scan']
}

const NOTHING: VisitorTrust = { policy: undefined, policyFrom: 'none', policyName: '', card: undefined, cardName: '' }

/** Names of files are the visitor's, or a stranger's: shown short, and as text only. */
const NAME_MAX = 80

const VerdictView = later(async () => (await import('./verdict-view.tsx')).VerdictView, true)

/** /verify: a file in, a verdict out, and all of its steps. */
export function VerifyPage({ verifier, policy, sample, isAlone, scan }: VerifyProps) {
  const words = useWords(VERIFY)
  const [brought, setBrought] = useState(NOTHING)
  const [file, setFile] = useState<ShownFile>()
  const [answer, setAnswer] = useState<Answer>()
  /** Of a statement in pages: how many entries were checked, of how many. */
  const [entries, setEntries] = useState<readonly [number, number]>()
  const [trouble, setTrouble] = useState<string>()
  const [isOver, setOver] = useState(false)
  const [note, setNote] = useState<string>()
  const run = useRef(0)

  useEffect(() => {
    verifier.warm()
    policy().then(
      found =>
        found && setBrought(now => (now.policyFrom === 'none' ? { ...now, policy: found, policyFrom: 'ledger' } : now)),
      () => {},
    )
  }, [])

  const judge = async (shown: ShownFile, by: VisitorTrust) => {
    const mine = ++run.current
    setFile(shown)
    setAnswer(undefined)
    setEntries(undefined)
    setTrouble(undefined)
    if (by.policy === undefined) return setTrouble(words.needsPolicy)
    try {
      const { bytes } = shown
      const said = await verifier.verify(
        { bytes, policy: by.policy, card: by.card, nowMs: by.nowMs ?? Date.now() },
        (done, total) => mine === run.current && setEntries([done, total]),
      )
      if (mine === run.current) setAnswer(said)
    } catch {
      if (mine === run.current) setTrouble(words.failedToLoad)
    }
  }

  const take = async (files: readonly ShownFile[]) => {
    let by = brought
    let toVerify: ShownFile | undefined
    for (const one of files) {
      const kind = trustKindOf(one.bytes)
      if (kind === 'policy') by = { ...by, policy: one.bytes, policyFrom: 'yours', policyName: one.name }
      else if (kind === 'card') by = { ...by, card: one.bytes, cardName: one.name }
      else toVerify = one
    }
    setBrought(by)
    setNote(toVerify === undefined && file === undefined ? words.policy.kept : undefined)
    toVerify ??= file
    if (toVerify !== undefined) await judge(toVerify, by)
  }

  const takeFiles = async (list: FileList | readonly File[] | null | undefined) => {
    if (list === null || list === undefined || list.length === 0) return
    const files = [...list].map(async one => ({
      name: one.name.slice(0, NAME_MAX),
      bytes: new Uint8Array(await one.arrayBuffer()),
    }))
    await take(await Promise.all(files))
  }

  const takeText = (text: string) => take([{ name: words.paste, bytes: pasted(text) }])

  const takeSample = async (name: SampleName) => {
    const { policy, card, nowMs, ...shown } = await sample(name)
    const by: VisitorTrust = { policy, policyFrom: 'sample', policyName: '', card, cardName: '', nowMs }
    setBrought(by)
    await judge(shown, by)
  }

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLTextAreaElement) return
      const text = event.clipboardData?.getData('text')
      if (event.clipboardData?.files.length) void takeFiles(event.clipboardData.files)
      else if (text) void takeText(text)
    }
    const over = (event: DragEvent) => {
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      void takeFiles(event.dataTransfer?.files)
    }
    document.addEventListener('paste', paste)
    document.addEventListener('dragover', over)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('paste', paste)
      document.removeEventListener('dragover', over)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  })

  const again = () => {
    run.current++
    setFile(undefined)
    setAnswer(undefined)
    setTrouble(undefined)
    if (brought.policyFrom === 'sample') {
      setBrought(NOTHING)
      policy().then(
        found => found && setBrought({ ...NOTHING, policy: found, policyFrom: 'ledger' }),
        () => {},
      )
    }
  }

  const policyBox = <PolicyBox brought={brought} text={textOf(brought.policy)} onFiles={takeFiles} />
  return (
    <Page
      {...(isAlone ? {} : { place: 'verify' as const })}
      title={words.title}
      brandMore={words.brandMore}
      trust={isAlone ? words.trustAlone : words.trustLedger}
      isAlone={isAlone}
    >
      {file === undefined ? (
        <>
          <Empty
            isOver={isOver}
            isAlone={isAlone}
            scan={scan}
            note={note}
            onFiles={takeFiles}
            onText={takeText}
            onSample={takeSample}
          />
          <div class="cols">{policyBox}</div>
        </>
      ) : (
        <>
          <FileLine file={file} ms={answer?.ms} onAgain={again} />
          <Outcome answer={answer} trouble={trouble} entries={entries} bytes={file.bytes.length}>
            {policyBox}
          </Outcome>
        </>
      )}
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

interface VerifyOutcomeProps {
  readonly answer: Answer | undefined
  readonly trouble: string | undefined
  readonly entries: readonly [number, number] | undefined
  readonly bytes: number
  readonly children: ComponentChildren
}

function Outcome({ answer, trouble, entries, bytes, children }: VerifyOutcomeProps) {
  const words = useWords(VERIFY)
  if (answer !== undefined && 'verdict' in answer)
    return (
      <VerdictView key={`${bytes} ${answer.id}`} verdict={answer.verdict}>
        {children}
      </VerdictView>
    )
  if (answer !== undefined || trouble !== undefined) {
    const said =
      trouble ??
      (answer !== undefined && 'code' in answer && answer.code === 'file-kind'
        ? words.unknownFile
        : words.policy.unreadable)
    return (
      <>
        <div class="broken half" role="alert">
          <h1>
            {words.open} {said}
          </h1>
          {answer !== undefined && 'message' in answer && (
            <p class="tiny soft" lang="en">
              {answer.message} (<code>{answer.code}</code>)
            </p>
          )}
        </div>
        <div class="cols">{children}</div>
      </>
    )
  }
  return <Waiting entries={entries} />
}

/** Nothing for a moment, for most checks are done by then; after it, for how long. */
function Waiting({ entries }: Pick<VerifyOutcomeProps, 'entries'>) {
  const words = useWords(VERIFY)
  const [seconds, setSeconds] = useState<number>()
  useEffect(() => {
    const start = Date.now()
    const first = setTimeout(() => setSeconds(-1), 400)
    const timer = setInterval(() => setSeconds(Math.round((Date.now() - start) / 1000)), 1000)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [])
  return (
    <div class="verdict" role="status">
      {seconds === undefined ? null : (
        <p class="soft">{entries === undefined ? words.checking(seconds) : words.checkingEntries(...entries)}</p>
      )}
    </div>
  )
}
