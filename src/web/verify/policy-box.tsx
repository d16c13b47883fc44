import { useWords } from '../shell/language.ts'
import { type EmptyProps, Pick } from './empty.tsx'
import { VERIFY } from './words.ts'

/** What the visitor trusts, and where that came from. */
export interface VisitorTrust {
  readonly policy: Uint8Array | undefined
  readonly policyFrom: 'none' | 'ledger' | 'sample' | 'yours'
  readonly policyName: string
  readonly card: Uint8Array | undefined
  readonly cardName: string
  /** The time of a sample; that of this device, where it is none. */
  readonly nowMs?: number
}

interface PolicyBoxProps {
  readonly brought: VisitorTrust
  /** The policy as a text. */
  readonly text: string | undefined
  readonly onFiles: EmptyProps['onFiles']
}

/** By whose policy it is checked: said always, and to be looked at and replaced. */
export function PolicyBox({ brought, text, onFiles }: PolicyBoxProps) {
  const { policy: words } = useWords(VERIFY)
  const { policyFrom, policyName, cardName } = brought
  const whose = policyFrom === 'yours' ? words.yours(policyName) : words[policyFrom]
  return (
    <details class="here" open={policyFrom === 'none'}>
      <summary>
        <b>{words.whose}</b> {whose} {cardName !== '' && words.withCard(cardName)} <u>{words.see}</u>
      </summary>
      {text !== undefined && <pre class="policy-text">{text}</pre>}
      <div class="acts">
        <Pick label={words.another} isPlain onFiles={onFiles} />
        <Pick label={words.card} isPlain onFiles={onFiles} />
      </div>
    </details>
  )
}
