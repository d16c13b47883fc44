import { ACCEPTED } from '../core/entry/outcome.ts'
import { check } from '../core/failure.ts'
import { leafHash } from '../core/tree/merkle.ts'
import type { ShownBatch } from './batch-proof.ts'
import type { WholePlace } from './links.ts'
import type { StatementPlace } from './statement.ts'

/** Where a line stands in the log. */
export interface LinePlace {
  readonly batch: ShownBatch
  readonly position: number
}

/** What places are of: the entry of a line by its number, how many there are, and what of it was verified before. */
export interface PlacedLines {
  readonly entryOf: (line: number) => Uint8Array
  readonly count: number
  /** Size of the last checkpoint under which a line was said not to be there yet; 0 where none was. */
  readonly absentAt: (line: number) => number
  /** Places of lines whose links are all of their batches, verified. */
  readonly whole: readonly WholePlace[]
  /** The link of each line, from the first on; none for an account of a member. */
  readonly linkOf: Uint32Array
}

/**
 * The places of lines by their numbers, each with its batch, in the order of the log.
 *
 * @param batches - those of the statement, verified. @param places - untrusted.
 * @throws VerifyError `evidence-proof`, `evidence-status`, `evidence-order`, `line-late`. SPEC §10.
 */
export function checkPlaces(
  places: readonly StatementPlace[],
  batches: readonly ShownBatch[],
  { entryOf, count, absentAt, whole, linkOf }: PlacedLines,
): Map<number, LinePlace> {
  const found = new Map<number, LinePlace>()
  let [lastLine, lastAt, lastPosition] = [0, -1, -1]
  for (const place of merged(places, whole)) {
    const { line, at, position } = place
    const isOne = line > lastLine && line <= count
    check(isOne, 'evidence-proof', `there is no entry ${line} after ${lastLine} for a place`)
    const batch = batches[at]
    check(batch !== undefined, 'evidence-proof', `the batch of entry ${line} is not shown`)
    if ('batchPath' in place)
      batch.verifyAt(leafHash(entryOf(line)), position, place.batchPath, 'evidence-proof', `entry ${line}`)
    const isAccepted = batch.status(position) === ACCEPTED
    check(isAccepted, 'evidence-status', `entry ${line} was refused, and changes nothing`)
    // The batches are in order, so their places among each other are those in the log.
    const isLater = at > lastAt || (at === lastAt && position > lastPosition)
    check(isLater, 'evidence-order', `entry ${line} stands before the one above it in the log`)
    if (linkOf.length > 0 && lastLine > 0) {
      const isOfLink = linkOf[line - 1] === linkOf[lastLine - 1]
      check(isOfLink === (at === lastAt), 'evidence-order', `entry ${line} is of another batch than its link`)
    }
    ;[lastLine, lastAt, lastPosition] = [line, at, position]
    const size = absentAt(line)
    const words = `entry ${line} was in the log when a statement of ${size} entries said that there was no such entry`
    check(batch.index >= size, 'line-late', words)
    found.set(line, { batch, position })
  }
  return found
}

/** Both by increasing line, if each is. */
function* merged(
  places: readonly StatementPlace[],
  whole: readonly WholePlace[],
): Generator<StatementPlace | WholePlace> {
  let next = 0
  for (const place of places) {
    while (next < whole.length && whole[next]!.line < place.line) yield whole[next++]!
    yield place
  }
  while (next < whole.length) yield whole[next++]!
}
