import { utf8Decode } from '../core/bytes.ts'
import { VerifyError } from '../core/failure.ts'
import { ARCHIVE_LINES, OPENED_BYTES_MAX, OPENED_LINES, SEALED_BYTES_MAX } from '../core/limits.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import type { Policy } from '../core/note/policy.ts'
import { parseOpened, type SignedTotals, signedTotals } from '../verify/opened-totals.ts'
import { openSealed, parseSealed, type TimedCheckpoint } from '../verify/sealed-checkpoint.ts'

/** Bytes of the longest file of an archive of checkpoints, and of one of opened totals. */
export const ARCHIVE_BYTES_MAX: number = ARCHIVE_LINES * SEALED_BYTES_MAX
export const TOTALS_BYTES_MAX: number = OPENED_LINES * OPENED_BYTES_MAX

/**
 * Where the archive of a log comes from: a ledger or a mirror over HTTP (a `TallyClient` is one), or a folder.
 * Untrusted.
 */
export interface ArchiveSource {
  /** File `n`, undefined where there is none. */
  archive(n: number): Promise<Uint8Array | undefined>
}

/** A checkpoint of an archive, and the line that it stands in, without its newline. */
export interface Archived extends TimedCheckpoint {
  readonly line: string
}

/** The lines of a file of an archive, each without its newline. */
export function linesOf(file: Uint8Array): string[] {
  return utf8Decode(file).split('\n').slice(0, -1)
}

/**
 * The checkpoints of an archive that have more than `size` entries, in order (SPEC §11). Costs two signatures and a
 * proof each; and a file for each doubling of the archive where it does not begin with the first.
 *
 * @throws FormatError, VerifyError where a line does not hold; what `source` throws.
 */
export function archivedSince(source: ArchiveSource, size: number, policy: Policy): AsyncGenerator<Archived> {
  const read: Reading<TimedCheckpoint> = {
    fileAt: n => source.archive(n),
    open: line => openSealed(parseSealed(line), policy),
    sizeOf: one => one.checkpoint.size,
  }
  return linesSince(read, size)
}

/** Where the totals that a log opens come from: a ledger or a mirror over HTTP, or a folder. Untrusted. */
export interface TotalsSource {
  /** File `n`, undefined where there is none. */
  totals(n: number): Promise<Uint8Array | undefined>
}

/** Totals that a log signed, and the line that they stand in, without its newline. */
export interface OpenedDay extends SignedTotals {
  readonly line: string
}

/**
 * The totals that a log opened of logs of more than `size` entries, in order (SPEC §11): signed by it, and true or not.
 * Lines of logs that the policy does not have are stepped over: the ledger was in another before. Costs as
 * `archivedSince`.
 *
 * @throws FormatError, VerifyError of `signedTotals` but `unknown-log`; what `source` throws.
 */
export async function* openedSince(source: TotalsSource, size: number, policy: Policy): AsyncGenerator<OpenedDay> {
  const read: Reading<SignedTotals | UnknownLog> = {
    fileAt: n => source.totals(n),
    open(line) {
      const opened = parseOpened(line)
      try {
        return signedTotals(opened, policy)
      } catch (error) {
        if (!(error instanceof VerifyError && error.code === 'unknown-log')) throw error
        return { unknownSize: parseCheckpoint(parseNote(opened.checkpoint).text).size }
      }
    },
    sizeOf: one => ('unknownSize' in one ? one.unknownSize : one.checkpoint.size),
  }
  for await (const one of linesSince(read, size)) if (!('unknownSize' in one)) yield one
}

/** A line of a log that the policy does not have, and of how many entries it says that it is. */
interface UnknownLog {
  readonly unknownSize: number
}

/** How files of lines are read, each line of a checkpoint, sizes increasing. */
interface Reading<T> {
  readonly fileAt: (n: number) => Promise<Uint8Array | undefined>
  readonly open: (line: string) => T
  readonly sizeOf: (one: T) => number
}

async function* linesSince<T>(reading: Reading<T>, size: number): AsyncGenerator<T & { readonly line: string }> {
  for (let n = await fileOf(reading, size); ; n++) {
    const file = await reading.fileAt(n)
    if (file === undefined) return
    for (const line of linesOf(file)) {
      const one = reading.open(line)
      if (reading.sizeOf(one) > size) yield { ...one, line }
    }
  }
}

/** The last file that begins with a checkpoint of no more than `size` entries; the first where there is none. */
async function fileOf<T>({ fileAt, open, sizeOf }: Reading<T>, size: number): Promise<number> {
  const isBefore = async (n: number) => {
    const [line] = linesOf((await fileAt(n)) ?? new Uint8Array(0))
    return line !== undefined && sizeOf(open(line)) <= size
  }
  let [low, step] = [0, 1]
  while (size > 0 && (await isBefore(low + step))) {
    low += step
    step *= 2
  }
  for (; step >= 1; step = Math.floor(step / 2)) if (size > 0 && (await isBefore(low + step))) low += step
  return low
}
