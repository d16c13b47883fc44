import { useState } from 'preact/hooks'
import { decodeTransaction } from '../../../core/entry/transaction.ts'
import { useLanguage, useWords } from '../../shell/language.ts'
import { moment } from '../../shell/numbers.ts'
import { KIND_WORDS } from '../../words/kinds.ts'
import type { SendResult, SentFacts } from './messages.ts'
import { Failure, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { Became } from './sign.tsx'
import { OWN } from './words.ts'

interface UnansweredProps {
  readonly thread: OwnThread
  readonly sent: readonly SentFacts[]
  readonly canSend: boolean
  onDone(): void
}

/** What was sent and not answered: the same again counts once. */
export function Unanswered({ thread, sent, canSend, onDone }: UnansweredProps) {
  const words = useWords(OWN)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  const [became, setBecame] = useState<SendResult>()
  const { isRunning, failure, run } = useHandWork()
  const send = (entry: Uint8Array) =>
    run(async () => {
      const result = await thread.send(entry)
      setBecame(result)
      if (result.became !== 'lost') onDone()
    })
  if (sent.length === 0 && became === undefined) return null
  return (
    <section class="unanswered">
      <h2>{words.waitingSent}</h2>
      {sent.map(({ id, entry, atMs }) => (
        <p key={id} class="acts">
          <span>
            {kinds[decodeTransaction(entry).kind]}, {moment(atMs, language)}
          </span>
          {canSend && (
            <button type="button" class="button plain" disabled={isRunning} onClick={() => send(entry)}>
              {words.sendAgain}
            </button>
          )}
        </p>
      ))}
      <p class="small soft">{words.lostMore}</p>
      <Failure of={failure} />
      {became && <Became result={became} />}
    </section>
  )
}
