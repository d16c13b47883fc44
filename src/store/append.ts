import { u64be } from '../core/bytes.ts'
import { assert } from '../core/failure.ts'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import type { Tail } from './check.ts'
import type { Piece } from './contract.ts'
import { bundleKey, NEXT_KEY, pieceKey } from './keys.ts'
import { withSum } from './sum.ts'
import { walkEntries } from './wire.ts'

/** What a write does to one key of a database. */
export type KeyChange = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }

/**
 * The end of the log when `pieces` are appended, and what makes it so. Keeps copies of their bytes.
 *
 * @param next - position of the first command that is not in the log then.
 */
export function planAppend(
  tail: Tail,
  pieces: readonly Piece[],
  next: number,
): { tail: Tail; operations: KeyChange[] } {
  const operations: KeyChange[] = []
  let size = tail.size
  let open: Piece[] = [...tail.pieces]
  for (const { firstIndex, count, bytes } of pieces) {
    const room = BUNDLE_ENTRIES - (size % BUNDLE_ENTRIES)
    assert(firstIndex === size && count > 0 && count <= room, `a piece of ${count} at ${firstIndex} after ${size}`)
    const { count: found, end } = walkEntries(bytes)
    assert(found === count && end === bytes.length, `the piece at ${firstIndex} does not hold ${count}`)
    size += count
    if (count < room) {
      const piece: Piece = { firstIndex, count, bytes: bytes.slice() }
      open.push(piece)
      const key = pieceKey(firstIndex)
      operations.push({ type: 'put', key, value: withSum(key, bytes) })
      continue
    }
    // The bundle is whole: one row takes the place of its pieces. The first of them has its key, and is overwritten.
    for (const { firstIndex } of open.slice(1)) operations.push({ type: 'del', key: pieceKey(firstIndex) })
    const key = bundleKey(size / BUNDLE_ENTRIES - 1)
    operations.push({ type: 'put', key, value: withSum(key, ...open.map(one => one.bytes), bytes) })
    open = []
  }
  if (next !== tail.next) {
    assert(Number.isSafeInteger(next) && next > tail.next, `position ${next} after ${tail.next}`)
    operations.push({ type: 'put', key: NEXT_KEY, value: withSum(NEXT_KEY, u64be(next)) })
  }
  return { tail: { size, pieces: open, next }, operations }
}
