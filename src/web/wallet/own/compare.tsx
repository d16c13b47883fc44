import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../../shell/language.ts'
import { later } from '../../shell/later.tsx'
import { Mark } from '../../shell/marks.tsx'
import { amount } from '../../shell/numbers.ts'
import type { FriendFinding, WitnessFinding } from './messages.ts'
import { Failure, Save, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { OWN } from './words.ts'

const QrCode = later(async () => (await import('../../shell/qr-code.tsx')).QrCode)
const Scan = later(async () => (await import('../../shell/scan.tsx')).Scan)

interface CompareProps {
  readonly thread: OwnThread
  /** Called when it is proven that the log signed two histories. */
  onApart(): void
}

/** Whether others are shown the same: a friend by a code, and the witnesses of the policy by asking them. */
export function Compare({ thread, onApart }: CompareProps) {
  const words = useWords(OWN)
  return (
    <section>
      <h2>{words.compare}</h2>
      <p class="small soft prose">{words.compareMore}</p>
      <Friend thread={thread} onApart={onApart} />
      <Witnesses thread={thread} onApart={onApart} />
    </section>
  )
}

function Friend({ thread, onApart }: CompareProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  const [code, setCode] = useState<string>()
  const [found, setFound] = useState<FriendFinding>()
  const { failure, run } = useHandWork()
  const compare = (text: string) =>
    run(async () => {
      setFound(undefined)
      const finding = await thread.compare(text)
      setFound(finding)
      if (finding.is === 'apart') onApart()
    })
  return (
    <>
      <details class="more" onToggle={() => run(async () => setCode(await thread.headText()))}>
        <summary>{words.showCode}</summary>
        {code !== undefined && <QrCode text={code} label={words.codeLabel} />}
      </details>
      <details class="more">
        <summary>{words.scan}</summary>
        <Scan onText={compare} />
      </details>
      {failure !== undefined && failure.code !== 'not-open' && (
        <>
          <p role="alert">{words.notComparable}</p>
          <Failure of={failure} />
        </>
      )}
      {found && (
        <div class={found.is === 'apart' ? 'broken' : 'became'} role={found.is === 'apart' ? 'alert' : 'status'}>
          <Mark tone={toneOf(found.is)}>{friendWords(found)}</Mark>
          <Evidence of={found.evidence} />
        </div>
      )}
    </>
  )

  function friendWords({ is, size }: FriendFinding): string {
    const said = words.friend[is]
    return typeof said === 'string' ? said : said(amount(size, language))
  }
}

function toneOf(is: WitnessFinding['says']): 'fits' | 'breaks' | 'half' {
  if (is === 'apart') return 'breaks'
  return is === 'same' || is === 'grown' || is === 'older' ? 'fits' : 'half'
}

function Evidence({ of }: { of: Uint8Array | undefined }) {
  const words = useWords(OWN)
  if (of === undefined) return null
  return (
    <p class="acts">
      <Save bytes={of} file="split-view.evidence.json">
        {words.saveEvidence}
      </Save>
    </p>
  )
}

function Witnesses({ thread, onApart }: CompareProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  const [found, setFound] = useState<readonly WitnessFinding[]>()
  const { isRunning, failure, run } = useHandWork()
  const ask = () =>
    run(async () => {
      const findings = await thread.witnesses()
      setFound(findings)
      if (findings.some(({ says }) => says === 'apart')) onApart()
    })
  return (
    <>
      <p class="acts">
        <button type="button" class="button plain" disabled={isRunning} onClick={ask}>
          {words.witnesses}
        </button>
      </p>
      <Failure of={failure} />
      <div role="status">
        {found?.length === 0 && <p class="small">{words.witnessesNone}</p>}
        <ul class="witnesses">
          {found?.map(({ name, says, size, evidence }) => (
            <li key={name}>
              <b>{name}</b>{' '}
              <Mark tone={toneOf(says)}>
                {words.witnessSays[says]}
                {size === undefined ? '' : ` (${amount(size, language)})`}
              </Mark>
              <Evidence of={evidence} />
            </li>
          ))}
        </ul>
      </div>
    </>
  )
}
