import type { ComponentChildren } from 'preact'
import { BreaksIcon, FitsIcon, HalfIcon } from './icons.tsx'
import { useWords } from './language.ts'
import { SHELL } from './words.ts'

/** The four words about trust. `fits` is said only of what this device checked. */
export type Tone = 'fits' | 'breaks' | 'half' | 'away'

/** A state as a small picture; words stand beside it. */
export function ToneIcon({ tone }: { tone: Tone }) {
  if (tone === 'breaks') return <BreaksIcon />
  return tone === 'half' ? <HalfIcon /> : <FitsIcon />
}

/** An icon and a word: never a colour alone. @param children - other words than those of the tone. */
export function Mark({ tone, children }: { tone: Tone; children?: ComponentChildren }) {
  const words = useWords(SHELL)
  return (
    <span class={`mark ${tone}`}>
      <ToneIcon tone={tone} />
      <span>{children ?? words.tones[tone]}</span>
    </span>
  )
}

/** A step of a check, or a thing that was not checked. */
export interface Check {
  readonly state: 'ok' | 'no' | 'open' | 'away'
  readonly what: ComponentChildren
  readonly more?: ComponentChildren
}

const TONES = { ok: 'fits', no: 'breaks', open: 'half', away: 'away' } as const

/** A list of checks: what each is, in bold, and what is to be known of it. */
export function Checks({ of }: { of: readonly Check[] }) {
  const words = useWords(SHELL)
  return (
    <ul class="checks">
      {of.map(({ state, what, more }, i) => (
        <li class={state} key={i}>
          <ToneIcon tone={TONES[state]} />
          <div>
            <b>
              <span class="sr">{words.states[state]}</span>
              {what}
            </b>
            {more === undefined ? null : <span>{more}</span>}
          </div>
        </li>
      ))}
    </ul>
  )
}
