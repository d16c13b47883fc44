import type { ComponentChildren } from 'preact'
import { useWords } from '../shell/language.ts'
import { adviceOn } from './advice.ts'
import { Broken } from './broken.tsx'
import type { Verdict } from './verdict.ts'
import { HalvesView, Open, Steps } from './verdict-parts.tsx'
import { VERIFY } from './words.ts'

interface FailedProps {
  /** Of a file that does not hold. */
  readonly verdict: Verdict
  /** By whose policy. */
  readonly children: ComponentChildren
}

/** What was seen, both halves, what to do, and the steps up to the one that fails. */
export function FailedView({ verdict, children }: FailedProps) {
  const words = useWords(VERIFY)
  return (
    <>
      <Broken verdict={verdict} />
      <HalvesView verdict={verdict} />
      <div class="cols">
        <section>
          <h2>{words.todo}</h2>
          <Todo verdict={verdict} />
          <h2 class="next">{words.unchecked}</h2>
          <Open verdict={verdict} />
          {children}
        </section>
        <section>
          <h2>{words.everyStep}</h2>
          <Steps verdict={verdict} />
        </section>
      </div>
    </>
  )
}

function Todo({ verdict }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  return (
    <ol class="do">
      {adviceOn(verdict).map(name => (
        <li key={name}>
          <div>
            <b>{words.advice[name]![0]}</b>
            <p class="small soft">{words.advice[name]![1]}</p>
          </div>
        </li>
      ))}
    </ol>
  )
}
