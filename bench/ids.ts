import { randomBytes, randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeEntry } from '../src/client/index.ts'
import type { Transactions } from '../src/core/entry/batch.ts'
import { makeId } from '../src/core/entry/id.ts'
import { FINGERPRINT_SECRET_BYTES, Ids } from '../src/lookup/index.ts'
import { openLevelStore } from '../src/store/index.ts'

// What the ids of a log cost, alone: `node --expose-gc bench/ids.ts [millions]`. CPU time of this thread and of the
// whole process, memory, and how long it takes to find ids that were used long ago, in a real store.

const BATCH = 1000
const batches = Number(process.argv[2] ?? '8') * 1000
const directory = mkdtempSync(join(tmpdir(), 'tally-ids-'))

/** A batch of ids of one time, in otherwise equal transactions. */
class Batches {
  readonly #bytes: Uint8Array
  readonly #length: number
  readonly #transactions: Transactions

  constructor() {
    const one = makeEntry('fund', { id: makeId(0, new Uint8Array(10)), debit: 0, credit: 1, amount: 1 })
    this.#length = one.length
    this.#bytes = new Uint8Array(BATCH * one.length)
    const starts = Uint32Array.from({ length: BATCH }, (_, i) => i * one.length)
    for (const start of starts) this.#bytes.set(one, start)
    const ends = starts.map(start => start + one.length)
    const none = new Uint8Array(0)
    this.#transactions = { count: BATCH, bytes: this.#bytes, starts, ends, leaves: none, root: none, groups: [] }
  }

  next(timeMs: number): Transactions {
    const random = randomFillSync(new Uint8Array(10 * BATCH))
    for (let i = 0; i < BATCH; i++)
      this.#bytes.set(makeId(timeMs, random.subarray(10 * i, 10 * i + 10)), i * this.#length + 4)
    return this.#transactions
  }

  ids(): Uint8Array {
    return this.#bytes.slice()
  }

  again(bytes: Uint8Array): Transactions {
    this.#bytes.set(bytes)
    return this.#transactions
  }
}

const store = await openLevelStore(directory)
const ids = new Ids({ rows: store, secret: randomBytes(FINGERPRINT_SECRET_BYTES) })
const made = new Batches()
const start = 1_700_000_000_000
let first = 1
let claims = 0
const kept: Uint8Array[] = []
const resident = () => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
const base = resident()
const cpu = process.cpuUsage()
for (let batch = 0; batch < batches; batch++) {
  // Some 200,000 transactions a second.
  const transactions = made.next(start + batch * 5)
  if (batch % Math.ceil(batches / 200) === 0) kept.push(made.ids())
  const began = process.threadCpuUsage()
  const hits = ids.claim(transactions, first)
  if (hits.length > 0) await ids.look(hits)
  const took = process.threadCpuUsage(began)
  claims += took.user + took.system
  first += 1 + BATCH
  const behind = ids.flush(first)
  if (behind !== undefined) await behind
  else await new Promise(resolve => setImmediate(resolve))
}
await ids.idle()
const all = process.cpuUsage(cpu)
const total = batches * BATCH
console.log(`${total} ids: claim ${((claims * 1000) / total).toFixed(0)} ns an id`)
console.log(`process, making the ids included: ${(((all.user + all.system) * 1000) / total).toFixed(0)} ns an id`)
console.log(
  `resident beyond base: ${((resident() - base) / 2 ** 20).toFixed(0)} MB, ` +
    `${((resident() - base) / total).toFixed(2)} bytes an id`,
)
for (const again of [1, 2]) {
  const began = performance.now()
  let found = 0
  for (const bytes of kept) {
    const transactions = made.again(bytes)
    const hits = ids.claim(transactions, first)
    await ids.look(hits)
    found += hits.filter(({ candidates }) => candidates.length > 0).length
    ids.forget(transactions, first)
  }
  const ms = performance.now() - began
  console.log(
    `found again ${found} of ${kept.length * BATCH} old ids (round ${again}): ` +
      `${((ms * 1000) / found).toFixed(1)} us each`,
  )
}
{
  // Ids that are new and dated anywhere in the log: every run may have them by time.
  const began = performance.now()
  let hitCount = 0
  for (let i = 0; i < 20; i++) {
    const bytes = made.ids()
    const random = randomFillSync(new Uint8Array(10 * BATCH))
    const length = bytes.length / BATCH
    for (let k = 0; k < BATCH; k++)
      bytes.set(
        makeId(start + Math.floor(Math.random() * batches * 5), random.subarray(10 * k, 10 * k + 10)),
        k * length + 4,
      )
    const transactions = made.again(bytes)
    const hits = ids.claim(transactions, first)
    hitCount += hits.length
    await ids.look(hits)
    first += 1 + BATCH
    await ids.flush(first)
  }
  console.log(
    `new ids dated anywhere: ${(((performance.now() - began) * 1000) / 20 / BATCH).toFixed(2)} us each, ` +
      `${hitCount} looked for`,
  )
}
console.log(`resident beyond base: ${((resident() - base) / 2 ** 20).toFixed(0)} MB`)
await store.close()
rmSync(directory, { recursive: true })
