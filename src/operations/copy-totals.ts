import { join } from 'node:path'
import { utf8Decode, utf8Encode } from '../core/bytes.ts'
import { OPENED_LINES } from '../core/limits.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import { ArchiveFolder } from '../files/archive-folder.ts'
import type { Objects } from '../files/objects.ts'

const TOTALS = 'totals'

/**
 * Copies the totals that a ledger opened, as far as its log is to go: of days behind that nothing is said by a ledger
 * that has gone back.
 *
 * @param from - where they are in `totals`, if there are any.
 * @param size - entries of the log; those of longer ones are left out.
 * @throws UsageError `file`; FormatError where a line is none.
 */
export async function copyTotals(from: Objects, to: Objects, size: number): Promise<void> {
  const there = await ArchiveFolder.in(to, TOTALS, OPENED_LINES)
  const last = await there.last()
  const known = last === undefined ? 0 : sizeOf(last)
  const source = await ArchiveFolder.in(from, TOTALS, OPENED_LINES)
  for (let n = 0; ; n++) {
    const file = await source.read(n)
    if (file === undefined) return
    for (const line of utf8Decode(file).split('\n').slice(0, -1))
      if (sizeOf(line) > known && sizeOf(line) <= size) await there.add(`${line}\n`)
  }
}

function sizeOf(line: string): number {
  const { checkpoint } = JSON.parse(line) as { checkpoint: string }
  return parseCheckpoint(parseNote(utf8Encode(checkpoint)).text).size
}

/** Where opened totals lie below a data directory, and a backup of it. */
export function totalsIn(folder: string): string {
  return join(folder, TOTALS)
}
