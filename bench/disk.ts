import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import type { TallyLog } from '../src/log/index.ts'
import type { Context } from './context.ts'
import { formatFigure } from './report.ts'

/** How much disk does a transaction take, everything included, after LevelDB has compacted? Closes the ledger. */
export async function disk({ report }: Context, log: TallyLog, directory: string): Promise<number> {
  report.begin('compacting')
  const { accounts } = log.ledger.state
  // Every issue is an entry of the budget, and every account was opened by one.
  const transactions = accounts.get(1).entries + accounts.count
  await log.close()
  const before = await bytesIn(directory)
  // A store is a folder of databases.
  for (const name of await readdir(directory)) await compact(join(directory, name))
  const bytes = await bytesIn(directory)
  const bytesPerTx = bytes / transactions
  report.add({
    what: 'disk a transaction, after compaction',
    figure: bytesPerTx,
    unit: 'bytes',
    beside: `${formatFigure(transactions)} transactions; ${formatFigure(before / transactions)} before`,
    target: { atMost: 220, aim: 160 },
  })
  return bytesPerTx
}

async function compact(directory: string): Promise<void> {
  const db = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
  })
  await db.open()
  // Of the native LevelDB that `level` opens on Node; its types are those of all platforms.
  const native = db as unknown as { compactRange(start: Uint8Array, end: Uint8Array): Promise<void> }
  await native.compactRange(new Uint8Array([0]), new Uint8Array([255]))
  await db.close()
}

/** Bytes of all files in a folder and those within. */
export async function bytesIn(directory: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(directory, { recursive: true })) {
    const found = await stat(join(directory, name))
    if (found.isFile()) bytes += found.size
  }
  return bytes
}
