import { useState } from 'preact/hooks'
import { SaveIcon } from '../shell/icons.tsx'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, moment, size as sizeOf } from '../shell/numbers.ts'
import { useFile } from '../shell/saved-file.ts'
import type { HeadFinding } from './head-finding.ts'
import { HEADS } from './head-words.ts'

/** A finding that is trouble. */
export type HeadTroubleFinding = Extract<HeadFinding, { readonly evidence: Uint8Array }>

/** Whether what was found is trouble. */
export function isTrouble(head: HeadFinding | undefined): head is HeadTroubleFinding {
  return head !== undefined && 'evidence' in head
}

/** The ledger shows less than it had signed, or another history: said above all else, with what shows it to others. */
export function HeadTrouble({ head }: { head: HeadTroubleFinding }) {
  const words = useWords(HEADS)
  const language = useLanguage()
  const { is, before, size, evidence, message } = head
  const file = useFile(evidence)
  const said = words.more[is](amount(size, language), amount(before.size, language), moment(before.seenMs, language))
  return (
    <>
      <div class={is === 'unshown' ? 'broken half' : 'broken'} role="alert">
        <h1>{words.head[is]}</h1>
        <p class="prose">{said}</p>
        <p class="label">{words.promiseLabel}</p>
        <blockquote>{words.promise}</blockquote>
        <p class="tiny soft" lang="en">
          {message}
        </p>
      </div>
      <section>
        <h2>{words.todoHead}</h2>
        <ol class="do">
          {words.todo.map(([what, more], i) => (
            <li key={what}>
              <div>
                <b>{what}</b>
                <p class="small soft">{more}</p>
                {i === 0 && (
                  <p class="acts">
                    <a class="button" {...file} download={`evidence-${size}.json`}>
                      <SaveIcon />
                      <span>{words.save(sizeOf(evidence.length))}</span>
                    </a>
                  </p>
                )}
              </div>
            </li>
          ))}
        </ol>
      </section>
    </>
  )
}

/** That the log grew since the last look, or that this is the first: a line among the steps. */
export function HeadStep({ head }: { head: HeadFinding | undefined }) {
  const words = useWords(HEADS)
  const language = useLanguage()
  const [nowMs] = useState(Date.now)
  if (head === undefined || isTrouble(head)) return null
  if (head.is === 'first') return <p class="small soft">{words.first}</p>
  const { size, seenMs } = head.before
  const seen = moment(Math.min(seenMs, nowMs), language)
  return <p class="small">{head.is === 'same' ? words.same(seen) : words.grown(amount(size, language), seen)}</p>
}
