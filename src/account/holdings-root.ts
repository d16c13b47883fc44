import { GRANT_DEPTH, HOLD_DEPTH, LOT_DEPTH, STATUS_DEPTH, TAKE_DEPTH } from '../core/limits.ts'
import { chunkUint, containerRoot, listRootOfHashes, packedListRoot } from '../core/tree/ssz.ts'
import type { Holdings, Lot } from './holdings.ts'

/**
 * `hash_tree_root(More)`, or 32 zero bytes while there is nothing of it. SPEC §6. About thirty hashes, and half of one
 * a lot.
 */
export function holdingsRoot(holdings: Holdings): Uint8Array {
  const { lots, holds, giftDay, given, recoveryKey, recoveryDue, grants, takenDay, taken, takes, statuses } = holdings
  const count = lots.length + holds.length + grants.length + takes.length + statuses.length
  const isLess = count === 0 && recoveryKey === null
  if (isLess && giftDay + given + takenDay + taken === 0) return new Uint8Array(32)
  return containerRoot([
    lotsRoot(lots),
    listRootOf(holds, HOLD_DEPTH, hold =>
      containerRoot([
        bytes16(hold.id),
        chunkUint(hold.credit),
        chunkUint(hold.amount),
        chunkUint(hold.until),
        lotsRoot(hold.parts),
      ]),
    ),
    containerRoot([chunkUint(giftDay), chunkUint(given)]),
    containerRoot([recoveryKey ?? new Uint8Array(32), chunkUint(recoveryDue)]),
    listRootOf(grants, GRANT_DEPTH, ({ id, to, until, may }) =>
      containerRoot([bytes16(id), chunkUint(to), chunkUint(until), chunkUint(may)]),
    ),
    containerRoot([chunkUint(takenDay), chunkUint(taken)]),
    listRootOf(takes, TAKE_DEPTH, ({ matures, expires, credit, amount }) =>
      containerRoot([chunkUint(matures), chunkUint(expires), chunkUint(credit), chunkUint(amount)]),
    ),
    listRootOf(statuses, STATUS_DEPTH, ({ rule, tier, until }) =>
      containerRoot([chunkUint(rule), chunkUint(tier), chunkUint(until)]),
    ),
  ])
}

/** `List[uint64, 2^11]`: of each lot `matures × 2^32 + expires`, then the amount; two lots a chunk. */
function lotsRoot(lots: readonly Lot[]): Uint8Array {
  const chunks = new Uint8Array(32 * Math.ceil(lots.length / 2))
  const view = new DataView(chunks.buffer)
  lots.forEach(({ matures, expires, amount }, i) => {
    view.setUint32(16 * i, expires, true)
    view.setUint32(16 * i + 4, matures, true)
    view.setUint32(16 * i + 8, amount % 2 ** 32, true)
    view.setUint32(16 * i + 12, Math.floor(amount / 2 ** 32), true)
  })
  return packedListRoot(chunks, LOT_DEPTH, 2 * lots.length)
}

function listRootOf<T>(items: readonly T[], depth: number, rootOf: (item: T) => Uint8Array): Uint8Array {
  const roots = new Uint8Array(32 * items.length)
  items.forEach((item, i) => {
    roots.set(rootOf(item), 32 * i)
  })
  return listRootOfHashes(roots, depth)
}

function bytes16(id: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(32)
  chunk.set(id)
  return chunk
}
