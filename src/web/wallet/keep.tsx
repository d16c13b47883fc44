import { useEffect, useState } from 'preact/hooks'
import { FileIcon } from '../shell/icons.tsx'
import { useWords } from '../shell/language.ts'
import { size } from '../shell/numbers.ts'
import type { Mine } from './mine.ts'
import { WALLET } from './words.ts'

/** What the visitor takes away, and where else it can be checked. */
export function Keep({ mine: { statement, card, unit } }: { mine: Mine }) {
  const words = useWords(WALLET)
  return (
    <section>
      <h2>{words.keep}</h2>
      <ul class="ways">
        <Way
          href={useFile(statement)}
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
  const href = useFile(card)
  if (card === undefined) return null
  return <Way href={href} file={`${unit}.card`} what={words.saveCard} more={words.saveCardMore} />
}

interface WayProps {
  readonly href: string | undefined
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

/** An address in this browser under which bytes can be saved. */
function useFile(bytes: Uint8Array | undefined): string | undefined {
  const [href, setHref] = useState<string>()
  useEffect(() => {
    if (bytes === undefined) return
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }))
    setHref(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes])
  return href
}
