import { FileIcon } from '../shell/icons.tsx'
import { useWords } from '../shell/language.ts'
import { size } from '../shell/numbers.ts'
import type { ShownFile } from './files.ts'
import { VERIFY } from './words.ts'

interface FileLineProps {
  readonly file: ShownFile
  readonly ms: number | undefined
  onAgain(): void
}

/** Which file is shown, how large it is and how long the check took. */
export function FileLine({ file, ms, onAgain }: FileLineProps) {
  const words = useWords(VERIFY)
  return (
    <p class="fileline">
      <span>
        <FileIcon />
        {file.name}
      </span>
      {ms === undefined ? null : (
        <span>{words.checkedIn(size(file.bytes.length), ms < 10 ? ms.toFixed(1) : String(Math.round(ms)))}</span>
      )}
      <button type="button" class="link" onClick={onAgain}>
        {words.another}
      </button>
    </p>
  )
}
