import { FileIcon } from '../shell/icons.tsx'
import { useWords } from '../shell/language.ts'
import { size } from '../shell/numbers.ts'
import { useFile } from '../shell/saved-file.ts'
import type { Mine } from './mine.ts'
import { WALLET } from './words.ts'

/** What the visitor takes away, and where else it can be checked. */
export function Keep({ mine: { statement, card, unit } }: { mine: Pick<Mine, 'statement' | 'card' | 'unit'> }) {
  const words = useWords(WALLET)
  return (
    <section>
      <h2>{words.keep}</h2>
      <ul class="ways">
        <Way
          {...useFile(statement)}
          file={`${unit}.statement`}
          what={words.saveStatement}
          more={words.saveStatementMore(size(statement.length))}
        />
        <Card card={card} unit={unit} />
        <Way href="/verify" what={words.elsewhere} more={words.elsewhereMore} />
      </ul>
    </section>
  )
}

function Card({ card, unit }: { card: Uint8Array | undefined; unit: string }) {
  const words = useWords(WALLET)
  const saved = useFile(card)
  if (card === undefined) return null
  return <Way {...saved} file={`${unit}.card`} what={words.saveCard} more={words.saveCardMore} />
}

interface WayProps {
  readonly href?: string
  /** The name under which it is saved; undefined for a page. */
  readonly file?: string
  readonly what: string
  readonly more: string
}

function Way({ href, file, what, more }: WayProps) {
  if (href === undefined) return null
  return (
    <li>
      <a href={href} {...(file === undefined ? {} : { download: file })}>
        <FileIcon />
        <span>
          <b>{what}</b>
          <span class="soft">{more}</span>
        </span>
      </a>
    </li>
  )
}
