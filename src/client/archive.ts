import { utf8Decode } from '../core/bytes.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSealed, parseSealed, type TimedCheckpoint } from '../verify/sealed-checkpoint.ts'

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
export async function* archivedSince(source: ArchiveSource, size: number, policy: Policy): AsyncGenerator<Archived> {
  for (let n = await fileOf(source, size, policy); ; n++) {
    const file = await source.archive(n)
    if (file === undefined) return
    for (const line of linesOf(file)) {
      const one = openSealed(parseSealed(line), policy)
      if (one.checkpoint.size > size) yield { ...one, line }
    }
  }
}

/** The last file that begins with a checkpoint of no more than `size` entries; the first where there is none. */
async function fileOf(source: ArchiveSource, size: number, policy: Policy): Promise<number> {
  const isBefore = async (n: number) => {
    const [line] = linesOf((await source.archive(n)) ?? new Uint8Array(0))
    return line !== undefined && openSealed(parseSealed(line), policy).checkpoint.size <= size
  }
  let [low, step] = [0, 1]
  while (size > 0 && (await isBefore(low + step))) {
    low += step
    step *= 2
  }
  for (; step >= 1; step = Math.floor(step / 2)) if (size > 0 && (await isBefore(low + step))) low += step
  return low
}
