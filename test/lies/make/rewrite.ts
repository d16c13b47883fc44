import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeSeal } from '../../../src/core/entry/seal.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import type { Books } from './books.ts'
import { by, type Shop } from './shop.ts'

/**
 * A second history of the shop: Alice’s first issue with fields changed, signed so by the issuer, and every seal and
 * sum behind it made again. Nothing in it is against any rule; it is only not what was shown before.
 */
export function rewriteIssue({ books, issuedAt }: Shop, amount: number, more: object = {}): Books {
  const honest = decodeTransaction(books.entries[issuedAt]!)
  const entry = encodeTransaction({ ...honest, amount, ...more } as Transaction)
  const { time } = books.batchAt(issuedAt - 1)
  const first = books.with(list => list.slice(0, issuedAt - 1)).enter([by.issuer], [entry], time)
  const rest = first.with(list => [...list, ...books.entries.slice(issuedAt + 1)])
  // The seal in between commits to the balances of then.
  const sealAt = books.entries.findIndex((one, i) => i > issuedAt && one[0] === 3)
  const { sealEntry } = rest
    .with(list => list.slice(0, sealAt))
    .close({ seal: { time: decodeSeal(books.entries[sealAt]!).time } })
  return rest.with(list => list.with(sealAt, sealEntry))
}

/** The same batches, of which the two before the last three change places; everything behind is made again. */
export function reorder({ books, holdAt }: Shop): Books {
  const moved = books.with(list => [
    ...list.slice(0, holdAt - 3),
    ...list.slice(holdAt - 1, holdAt + 1),
    ...list.slice(holdAt - 3, holdAt - 1),
    ...list.slice(holdAt + 1),
  ])
  const times = [holdAt - 3, holdAt - 1].map(index => decodeBatch(books.entries[index]!).time)
  return moved.with(list =>
    list
      .with(holdAt - 3, encodeBatch({ ...decodeBatch(list[holdAt - 3]!), time: times[0]! }))
      .with(holdAt - 1, encodeBatch({ ...decodeBatch(list[holdAt - 1]!), time: times[1]! })),
  )
}
