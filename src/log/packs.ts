import { FormatError } from '../core/failure.ts'
import { BATCH_DEPTH } from '../core/limits.ts'
import { leafHashes } from '../core/merkle.ts'
import { listRootOfHashes, listRootsOfOnes } from '../core/ssz.ts'
import { type ReadSubmission, readSubmission } from '../core/submission.ts'
import { verifySignatures } from '../ledger/index.ts'
import type { Job } from './prepare.ts'

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
  readonly faults: readonly Fault[]
}

/** Why a submission of a pack is none. */
interface Fault {
  readonly submission: number
  readonly code: string
  readonly message: string
}

const UNCHECKED = 0
const HOLDS = 1
const FAILS = 2

/** The buffers of a pack, prepared or not, for the list of what is handed over. */
export function buffersOf(pack: Pack | PreparedPack): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const value of Object.values(pack))
    if (value instanceof Uint8Array || value instanceof Uint32Array) buffers.add(value.buffer as ArrayBuffer)
  return [...buffers]
}

/**
 * Lists of numbers and byte strings of these lengths in one buffer: handing over and collecting cost by the buffer, and not
 * by the byte.
 */
function inOneBuffer<W extends string, B extends string>(
  numbers: Readonly<Record<W, number>>,
  strings: Readonly<Record<B, number>>,
): Record<W, Uint32Array<ArrayBuffer>> & Record<B, Uint8Array<ArrayBuffer>> {
  const lengths = [...Object.values<number>(numbers).map(length => 4 * length), ...Object.values<number>(strings)]
  const buffer = new ArrayBuffer(lengths.reduce((sum, length) => sum + length, 0))
  const views: Record<string, Uint32Array | Uint8Array> = {}
  let at = 0
  for (const [name, length] of Object.entries<number>(numbers)) {
    views[name] = new Uint32Array(buffer, at, length)
    at += 4 * length
  }
  for (const [name, length] of Object.entries<number>(strings)) {
    views[name] = new Uint8Array(buffer, at, length)
    at += length
  }
  return views as Record<W, Uint32Array<ArrayBuffer>> & Record<B, Uint8Array<ArrayBuffer>>
}

/** Packs jobs. Copies their bytes once, so that the jobs can be done again. */
export function packOf(jobs: readonly Job[]): Pack {
  let [length, keyCount] = [0, 0]
  let id: Uint8Array | undefined
  for (const { bytes, under } of jobs) {
    length += bytes.length
    keyCount += under?.keys.length ?? 0
    id ??= under?.ledgerId
  }
  const { ends, ledgerId, bytes, keyCounts, keys } = inOneBuffer(
    { ends: jobs.length },
    { ledgerId: id?.length ?? 0, bytes: length, keyCounts: jobs.length, keys: 32 * keyCount },
  )
  if (id !== undefined) ledgerId.set(id)
  let [end, key] = [0, 0]
  for (const [i, { bytes: own, under }] of jobs.entries()) {
    bytes.set(own, end)
    end += own.length
    ends[i] = end
    keyCounts[i] = under?.keys.length ?? 0
    for (const one of under?.keys ?? []) keys.set(one, 32 * key++)
  }
  return { ledgerId, bytes, ends, keyCounts, keys }
}

/** Prepares a pack: the thread's side. As `prepareOne` for each, but what is hashed is hashed in runs over all of them. */
export function preparePack({ ledgerId, bytes, ends: submissionEnds, keyCounts, keys }: Pack): PreparedPack {
  const faults: Fault[] = []
  const read = Array.from(submissionEnds, (end, i) => {
    try {
      return readSubmission(bytes.subarray(i === 0 ? 0 : submissionEnds[i - 1], end))
    } catch (error) {
      // Anything else is a fault of ours: it ends the thread, and whoever sent the pack does it again.
      if (!(error instanceof FormatError)) throw error
      faults.push({ submission: i, code: error.code, message: error.message })
      return NOTHING
    }
  })
  const total = read.reduce((sum, { starts }) => sum + starts.length, 0)
  const { counts, starts, ends, leaves, roots, verdicts } = inOneBuffer(
    { counts: read.length, starts: total, ends: total },
    { leaves: 32 * total, roots: 32 * read.length, verdicts: read.length },
  )
  let at = 0
  read.forEach((submission, i) => {
    counts[i] = submission.starts.length
    const offset = i === 0 ? 0 : submissionEnds[i - 1]!
    for (let t = 0; t < counts[i]!; t++, at++) {
      starts[at] = submission.starts[t]! + offset
      ends[at] = submission.ends[t]! + offset
    }
  })
  leafHashes(bytes, starts, ends, leaves)
  putRoots(counts, leaves, roots)
  let key = 0
  read.forEach(({ signatures }, i) => {
    const own = Array.from({ length: keyCounts[i]! }, () => keys.subarray(32 * key, 32 * ++key))
    if (counts[i] === 0 || own.length === 0) return
    const transactions = { count: counts[i]!, root: roots.subarray(32 * i, 32 * i + 32) }
    verdicts[i] = verifySignatures(ledgerId, { signatures, transactions }, own) ? HOLDS : FAILS
  })
  return { bytes, counts, verdicts, starts, ends, leaves, roots, faults }
}

/** In the place of what is not well formed. */
const NOTHING: ReadSubmission = { signatures: [], starts: new Uint32Array(0), ends: new Uint32Array(0) }

/** Makes the batch roots of submissions of so many transactions each, `32 n` bytes: those of one transaction all together. */
function putRoots(counts: Uint32Array, leaves: Uint8Array, roots: Uint8Array): void {
  const ones = new Uint8Array(32 * counts.length)
  let [at, count] = [0, 0]
  counts.forEach((many, i) => {
    const own = leaves.subarray(32 * at, 32 * (at + many))
    if (many === 1) ones.set(own, 32 * count++)
    else if (many > 1) roots.set(listRootOfHashes(own, BATCH_DEPTH), 32 * i)
    at += many
  })
  const ofOnes = listRootsOfOnes(ones.subarray(0, 32 * count), BATCH_DEPTH)
  count = 0
  counts.forEach((many, i) => {
    if (many === 1) roots.set(ofOnes.subarray(32 * count, 32 * ++count), 32 * i)
  })
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
