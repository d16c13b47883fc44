import { join } from 'node:path'
import { Level } from 'level'
import type { Transactions } from '../src/core/entry/batch.ts'
import { decodeSubmission } from '../src/core/entry/submission.ts'
import type { Context } from './context.ts'
import { ratio } from './report.ts'
import { BATCH_TRANSACTIONS, newBalances, Workload } from './workload.ts'

/** Bytes of a transaction's entry before its id. */
const ID_AT = 4
const ID_BYTES = 16

/**
 * How many of the same transactions a second does bare LevelDB take, with no ledger at all? A row each under its id,
 * and then one row for all of a batch; a synced write for every thousand, as with the ledger.
 */
export async function bareLevel({ size, directory, machine, report }: Context): Promise<void> {
  report.begin('the same workload as bare LevelDB puts')
  const workload = new Workload(new Uint8Array(32), newBalances(size.members), 8)
  const batches = Array.from({ length: size.baselineBatches }, () => decodeSubmission(workload.issues()).transactions)
  for (const [what, rowsOf] of [
    ['bare LevelDB, a row a transaction', rowsOfTransactions],
    ['bare LevelDB, a row a batch', rowOfBatch],
  ] as const) {
    const db = new Level<Uint8Array, Uint8Array>(join(directory, what), {
      keyEncoding: 'view',
      valueEncoding: 'view',
      compression: false,
      writeBufferSize: 8 * 1024 * 1024,
    })
    await db.open()
    const start = performance.now()
    for (const batch of batches) await db.batch(rowsOf(batch), { sync: true })
    const rate = (batches.length * BATCH_TRANSACTIONS) / ((performance.now() - start) / 1000)
    await db.close()
    report.add({ what, figure: rate, unit: 'tx/s', beside: ratio(rate, machine.levelPutPerSecond, 'LevelDB puts') })
  }
}

interface Put {
  readonly type: 'put'
  readonly key: Uint8Array
  readonly value: Uint8Array
}

function rowsOfTransactions({ bytes, starts, ends }: Transactions): Put[] {
  return Array.from(starts, (start, i) => {
    const key = bytes.subarray(start + ID_AT, start + ID_AT + ID_BYTES)
    return { type: 'put', key, value: bytes.subarray(start, ends[i]) }
  })
}

function rowOfBatch({ bytes, starts }: Transactions): Put[] {
  return [{ type: 'put', key: bytes.subarray(starts[0]! + ID_AT, starts[0]! + ID_AT + ID_BYTES), value: bytes }]
}
