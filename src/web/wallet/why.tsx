import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { readyWords } from '../shell/both.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount } from '../shell/numbers.ts'
import type { LineFacts } from '../verify/verdict.ts'
import type { DetailsSource } from './reason.ts'
import { WALLET } from './words.ts'

/** Opens into why a reward is what it is, and not more; nothing is asked, and nothing of it loaded, before. */
export function Why({ line, behind }: { line: LineFacts; behind: DetailsSource }) {
  const words = useWords(WALLET)
  const language = useLanguage()
  const [told, setTold] = useState<ComponentChildren>()
  if (line.kind !== 'issue' || line.details === undefined || line.isErased) return null
  const look = async () => {
    try {
      const { tellWhy, Told } = await import('./tell-why.tsx')
      await readyWords(language).catch(() => {})
      const found = await tellWhy(line, behind)
      setTold(<Told found={found} />)
    } catch {
      setTold(words.whyUnable)
    }
  }
  return (
    <details
      class="why-so"
      onToggle={({ currentTarget: { open } }) => {
        if (open && told === undefined) void look()
      }}
    >
      <summary>{words.why(amount(line.amount ?? 0, language))}</summary>
      <div role="status">{told ?? words.whyLooking}</div>
    </details>
  )
}
