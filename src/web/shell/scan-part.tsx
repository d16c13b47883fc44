import { useState } from 'preact/hooks'
import { useWords } from './language.ts'
import { later } from './later.tsx'
import type { ScanProps } from './scan.tsx'
import { SCAN } from './scan-words.ts'

const Scan = later(async () => (await import('./scan.tsx')).Scan)

/** A line that opens into a reader of codes: nothing of that is loaded before. */
export function ScanPart({ onText }: ScanProps) {
  const words = useWords(SCAN)
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget: { open } }) => setOpen(open)}>
      <summary>{words.head}</summary>
      {isOpen && <Scan onText={onText} />}
    </details>
  )
}
