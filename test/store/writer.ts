import { writeSync } from 'node:fs'
import { openLevelStore } from '../../src/store/index.ts'
import { entriesFrom, piecesOf } from './entries.ts'

// Appends to the store in argv[2] for ever, writes each size as the checkpoint, and prints it once both are durable.
// Small memtables, so that tables are written and merged meanwhile. Meant to be killed.
const store = await openLevelStore(process.argv[2]!, { memtableBytes: 64 * 1024 })
const round = Number(process.argv[3])
for (let i = round; ; i++) {
  const count = 1 + ((i * 7919) % (i % 5 === 0 ? 600 : 12))
  await store.append(piecesOf(store.size, entriesFrom(store.size, count)))
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, store.size)
  await store.writeDocument('checkpoint', size)
  writeSync(1, `${store.size};\n`)
}
