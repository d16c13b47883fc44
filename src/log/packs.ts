import { FormatError } from '../core/failure.ts'
import { type Job, type Prepared, prepareOne } from './prepare.ts'

/** Submissions on their way to a thread, in buffers that are handed over and not copied. */
export interface Pack {
  /** Of the ledger that signatures are verified for; empty where none are. */
  readonly ledgerId: Uint8Array
  /** One submission behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where in `bytes` each of them ends. */
  readonly ends: Uint32Array<ArrayBuffer>
  /** How many keys each has, and those one behind the other. */
  readonly keyCounts: Uint8Array<ArrayBuffer>
  readonly keys: Uint8Array<ArrayBuffer>
}

/** What a thread made of a pack. */
export interface PreparedPack {
  /** Those of the pack. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** How many transactions each submission has; none where it is a fault. */
  readonly counts: Uint32Array<ArrayBuffer>
  /** `UNCHECKED`, `HOLDS` or `FAILS`, of each submission. */
  readonly verdicts: Uint8Array<ArrayBuffer>
  /** Where each transaction begins and ends in `bytes`, and its leaf hash: of all submissions in order. */
  readonly starts: Uint32Array<ArrayBuffer>
  readonly ends: Uint32Array<ArrayBuffer>
  readonly leaves: Uint8Array<ArrayBuffer>
  /** The batch root of each submission. */
  readonly roots: Uint8Array<ArrayBuffer>
  /** What is wrong with those that are not well formed. */
  readonly faults: readonly { readonly submission: number; readonly code: string; readonly message: string }[]
}

const UNCHECKED = 0
const HOLDS = 1
const FAILS = 2

/** The buffers of a pack, prepared or not, for the list of what is handed over. */
export function buffersOf(pack: Pack | PreparedPack): ArrayBuffer[] {
  return Object.values(pack).flatMap(value =>
    value instanceof Uint8Array || value instanceof Uint32Array ? [value.buffer as ArrayBuffer] : [],
  )
}

/** Packs jobs. Copies their bytes once, so that the jobs can be done again. */
export function packOf(jobs: readonly Job[]): Pack {
  const ends = new Uint32Array(jobs.length)
  const keyCounts = new Uint8Array(jobs.length)
  let [length, keyCount] = [0, 0]
  let ledgerId = new Uint8Array(0)
  jobs.forEach(({ bytes, under }, i) => {
    length += bytes.length
    ends[i] = length
    keyCounts[i] = under?.keys.length ?? 0
    keyCount += keyCounts[i]!
    if (under !== undefined) ledgerId = under.ledgerId.slice()
  })
  const bytes = new Uint8Array(length)
  const keys = new Uint8Array(32 * keyCount)
  let at = 0
  jobs.forEach((job, i) => {
    bytes.set(job.bytes, ends[i]! - job.bytes.length)
    for (const key of job.under?.keys ?? []) keys.set(key, 32 * at++)
  })
  return { ledgerId, bytes, ends, keyCounts, keys }
}

/** Prepares a pack: the thread's side. */
export function preparePack({ ledgerId, bytes, ends, keyCounts, keys }: Pack): PreparedPack {
  const list: (Prepared | Error)[] = []
  let [from, key] = [0, 0]
  for (let i = 0; i < ends.length; i++) {
    const own = Array.from({ length: keyCounts[i]! }, () => keys.subarray(32 * key, 32 * ++key))
    const under = own.length === 0 ? undefined : { ledgerId, keys: own }
    list.push(prepareOne({ bytes: bytes.subarray(from, ends[i]), under }))
    from = ends[i]!
  }
  const counts = Uint32Array.from(list, one => (one instanceof Error ? 0 : one.transactions.count))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const made = {
    starts: new Uint32Array(total),
    ends: new Uint32Array(total),
    leaves: new Uint8Array(32 * total),
    roots: new Uint8Array(32 * ends.length),
    verdicts: new Uint8Array(ends.length),
  }
  const faults: { submission: number; code: string; message: string }[] = []
  let at = 0
  list.forEach((one, i) => {
    if (one instanceof Error) {
      // Anything else is a fault of ours: it ends the thread, and whoever sent the pack does it again.
      if (!(one instanceof FormatError)) throw one
      faults.push({ submission: i, code: one.code, message: one.message })
      return
    }
    const { transactions, holds } = one
    const offset = i === 0 ? 0 : ends[i - 1]!
    for (let t = 0; t < transactions.count; t++) {
      made.starts[at + t] = transactions.starts[t]! + offset
      made.ends[at + t] = transactions.ends[t]! + offset
    }
    made.leaves.set(transactions.leaves, 32 * at)
    made.roots.set(transactions.root, 32 * i)
    made.verdicts[i] = holds === undefined ? UNCHECKED : holds ? HOLDS : FAILS
    at += transactions.count
  })
  return { bytes, counts, faults, ...made }
}

/** Answers the jobs of a pack with what a thread made of it. Copies nothing. */
export function answerJobs(jobs: readonly Job[], pack: PreparedPack): void {
  const { bytes, counts, verdicts, starts, ends, leaves, roots, faults } = pack
  const faulty = new Map(faults.map(fault => [fault.submission, new FormatError(fault.code, fault.message)]))
  let at = 0
  for (const [i, job] of jobs.entries()) {
    const count = counts[i]!
    const to = at + count
    const root = roots.subarray(32 * i, 32 * i + 32)
    const transactions = {
      count,
      bytes,
      starts: starts.subarray(at, to),
      ends: ends.subarray(at, to),
      leaves: leaves.subarray(32 * at, 32 * to),
      root,
    }
    at = to
    job.done(faulty.get(i) ?? { transactions, holds: verdicts[i] === UNCHECKED ? undefined : verdicts[i] === HOLDS })
  }
}
