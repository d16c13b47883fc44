import { NO_GROUPS, type Signature } from '../../core/entry/batch.ts'
import type { Group } from '../../core/entry/group.ts'
import { decodeSubmission, type Submission, SubmissionView } from '../../core/entry/submission.ts'
import { AssertionError, FormatError } from '../../core/failure.ts'
import { BATCH_DEPTH } from '../../core/limits.ts'
import { leafHashes } from '../../core/tree/merkle.ts'
import { listRootOfHashes, listRootsOfOnes } from '../../core/tree/ssz.ts'
import { BatchVerifier } from '../../ledger/index.ts'
import type { BatchSource, PendingSubmission } from './prepare.ts'

/** What a thread makes of a pack: its buffer, and what is wrong with submissions that are not well formed. */
export interface PackAnswer {
  readonly buffer: ArrayBuffer
  readonly faults: readonly PackFault[]
}

/** Why a submission of a pack is none. */
interface PackFault {
  readonly submission: number
  readonly code: string
  readonly message: string
}

const UNCHECKED = 0
const HOLDS = 1
const FAILS = 2

/** Numbers at the beginning of a pack: submissions, transactions, signatures, bytes, bytes of the ledger id. */
const HEAD_WORDS = 5

const grouped = new SubmissionView()

/**
 * Submissions on their way to a thread and back, with room for what is made of them: all in one buffer that is handed
 * over and not copied, as handing over and collecting cost by the buffer, and by what is told beside it, and not by the
 * byte. What is taken out of one that came back are views of its buffer, made when they are asked for.
 */
class Pack implements BatchSource {
  readonly buffer: ArrayBuffer
  /** How many submissions there are. */
  readonly length: number
  /** Where in `bytes` each submission ends. */
  readonly submissionEnds: Uint32Array
  /** How many transactions each submission has; none where it is a fault. */
  readonly counts: Uint32Array
  /** Where each transaction begins and ends in `bytes`, and its leaf hash: of all submissions in order. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly leaves: Uint8Array
  /**
   * How many signatures each submission has; and of each signature, one after another, the number and class of its
   * signer, and where in `bytes` it stands.
   */
  readonly signatureCounts: Uint8Array
  readonly numbers: Uint32Array
  readonly places: Uint32Array
  readonly classes: Uint8Array
  /** The key of each signature, and whether all those of a submission are there: if not, none is verified. */
  readonly keys: Uint8Array
  readonly isKeyed: Uint8Array
  /** Whether a submission has groups: few do, and those are read again. */
  readonly isGrouped: Uint8Array
  /** `UNCHECKED`, `HOLDS` or `FAILS`, of each submission. */
  readonly verdicts: Uint8Array
  /** The batch root of each submission. */
  readonly roots: Uint8Array
  /** Of the ledger that signatures are verified for; empty where none are. */
  readonly ledgerId: Uint8Array
  /** One submission after the other. */
  readonly bytes: Uint8Array
  /** How many transactions, and how many signatures, stand before those of each submission; since it came back. */
  #firsts: Uint32Array | undefined

  /** The pack that stands in a buffer. */
  constructor(buffer: ArrayBuffer) {
    const [length, transactions, signatures, byteCount, idLength] = new Uint32Array(
      buffer,
      0,
      HEAD_WORDS,
    ) as unknown as [number, number, number, number, number]
    let at = 4 * HEAD_WORDS
    const words = (count: number) => {
      at += 4 * count
      return new Uint32Array(buffer, at - 4 * count, count)
    }
    const bytes = (count: number) => {
      at += count
      return new Uint8Array(buffer, at - count, count)
    }
    this.buffer = buffer
    this.length = length
    this.submissionEnds = words(length)
    this.counts = words(length)
    this.starts = words(transactions)
    this.ends = words(transactions)
    this.numbers = words(signatures)
    this.places = words(signatures)
    this.leaves = bytes(32 * transactions)
    this.keys = bytes(32 * signatures)
    this.roots = bytes(32 * length)
    this.ledgerId = bytes(idLength)
    this.classes = bytes(signatures)
    this.signatureCounts = bytes(length)
    this.isKeyed = bytes(length)
    this.isGrouped = bytes(length)
    this.verdicts = bytes(length)
    this.bytes = bytes(byteCount)
  }

  /** An empty pack with room for so many submissions, transactions, signatures, bytes, and bytes of the ledger id. */
  static withRoom(...head: readonly [number, number, number, number, number]): Pack {
    const [length, transactions, signatures, byteCount, idLength] = head
    const words = HEAD_WORDS + 2 * (length + transactions + signatures)
    const bytes = 32 * (transactions + signatures + length) + idLength + signatures + 4 * length + byteCount
    const buffer = new ArrayBuffer(4 * words + bytes)
    new Uint32Array(buffer, 0, HEAD_WORDS).set(head)
    return new Pack(buffer)
  }

  /** The groups of a submission that is well formed. */
  groupsOf(i: number): readonly Group[] {
    if (this.isGrouped[i] === 0) return NO_GROUPS
    return grouped.open(this.bytes, this.submissionStart(i), this.submissionEnds[i]).groups
  }

  batch(place: number): Submission {
    const { bytes, counts, starts, ends, leaves, roots } = this
    const count = counts[place]!
    const first = this.#transactionsBefore(place)
    const transactions = {
      count,
      bytes,
      starts: starts.subarray(first, first + count),
      ends: ends.subarray(first, first + count),
      leaves: leaves.subarray(32 * first, 32 * (first + count)),
      root: roots.subarray(32 * place, 32 * place + 32),
      groups: this.groupsOf(place),
    }
    return { signatures: this.#signaturesOf(place), transactions }
  }

  #signaturesOf(place: number): Signature[] {
    const { bytes, signatureCounts, classes, numbers, places } = this
    const signatures: Signature[] = []
    const first = this.#signaturesBefore(place)
    for (let i = first; i < first + signatureCounts[place]!; i++)
      signatures.push({ class: classes[i]!, number: numbers[i]!, ed25519: bytes.subarray(places[i], places[i]! + 64) })
    return signatures
  }

  holds(place: number, publicKeys: readonly Uint8Array[]): boolean | undefined {
    const { verdicts, signatureCounts, keys } = this
    if (verdicts[place] === UNCHECKED || signatureCounts[place] !== publicKeys.length) return undefined
    let at = 32 * this.#signaturesBefore(place)
    for (const key of publicKeys) for (let i = 0; i < 32; i++) if (keys[at++] !== key[i]) return undefined
    return verdicts[place] === HOLDS
  }

  #transactionsBefore(place: number): number {
    this.#firsts ??= this.#count()
    return this.#firsts[place]!
  }

  #signaturesBefore(place: number): number {
    this.#firsts ??= this.#count()
    return this.#firsts[this.length + place]!
  }

  #count(): Uint32Array {
    const { length, counts, signatureCounts } = this
    const firsts = new Uint32Array(2 * length)
    for (let i = 1; i < length; i++) {
      firsts[i] = firsts[i - 1]! + counts[i - 1]!
      firsts[length + i] = firsts[length + i - 1]! + signatureCounts[i - 1]!
    }
    return firsts
  }

  /** Where in `bytes` a submission begins. */
  submissionStart(i: number): number {
    return i === 0 ? 0 : this.submissionEnds[i - 1]!
  }
}

/**
 * Packs submissions, with the keys that their signatures name now. Copies their bytes once, so that they can be
 * prepared again.
 */
export function packOf(submissions: readonly PendingSubmission[]): ArrayBuffer {
  let [transactions, signatures, byteCount] = [0, 0, 0]
  for (const { bytes, count, signatureCount } of submissions) {
    transactions += count
    signatures += signatureCount
    byteCount += bytes.length
  }
  const id = submissions[0]?.ledgerId
  const pack = Pack.withRoom(submissions.length, transactions, signatures, byteCount, id?.length ?? 0)
  if (id !== undefined) pack.ledgerId.set(id)
  let [end, first] = [0, 0]
  for (let i = 0; i < submissions.length; i++) {
    const submission = submissions[i]!
    pack.bytes.set(submission.bytes, end)
    end += submission.bytes.length
    pack.submissionEnds[i] = end
    pack.signatureCounts[i] = submission.signatureCount
    pack.isKeyed[i] = id !== undefined && submission.putKeys(pack.keys, first) > 0 ? 1 : 0
    first += submission.signatureCount
  }
  return pack.buffer
}

const view = new SubmissionView()

/**
 * Prepares a pack where it stands: the thread's side. As `prepareOne` for each, but what is hashed is hashed in runs
 * over all of them. Makes nothing for a submission that is well formed.
 */
export function preparePack(buffer: ArrayBuffer): PackAnswer {
  const pack = new Pack(buffer)
  const { length, bytes, submissionEnds, counts, starts, ends, leaves } = pack
  const faults: PackFault[] = []
  let [total, first] = [0, 0]
  for (let i = 0; i < length; i++) {
    const start = pack.submissionStart(i)
    try {
      view.open(bytes, start, submissionEnds[i]!).readTransactions(starts, ends, total)
      for (let n = 0; n < view.signatureCount; n++) {
        pack.classes[first + n] = view.classes[n]!
        pack.numbers[first + n] = view.numbers[n]!
        pack.places[first + n] = view.places[n]!
      }
      counts[i] = view.count
      pack.isGrouped[i] = view.groups.length > 0 ? 1 : 0
      total += view.count
    } catch (error) {
      // Anything else is a fault of ours: it ends the thread, and anyone who sent the pack does it again.
      if (!(error instanceof FormatError)) throw error
      faults.push(faultOf(i, bytes.slice(start, submissionEnds[i])))
    }
    first += pack.signatureCounts[i]!
  }
  leafHashes(bytes, starts.subarray(0, total), ends.subarray(0, total), leaves.subarray(0, 32 * total))
  putRoots(counts, leaves, pack.roots)
  if (pack.ledgerId.length > 0) verify(pack)
  return { buffer, faults }
}

/** What is wrong with a submission, with the places that it has where it stands alone. */
function faultOf(submission: number, bytes: Uint8Array): PackFault {
  try {
    decodeSubmission(bytes)
  } catch (error) {
    if (error instanceof FormatError) return { submission, code: error.code, message: error.message }
  }
  throw new AssertionError('a submission that is a fault in its pack is one alone')
}

/**
 * Verifies every submission that has transactions and keys: a verification for each key, up to the first that fails.
 */
function verify(pack: Pack): void {
  const { length, bytes, counts, signatureCounts, numbers, places, classes, isKeyed, keys, roots, verdicts, ledgerId } =
    pack
  const verifier = new BatchVerifier(ledgerId)
  for (let i = 0, first = 0; i < length; i++) {
    const end = first + signatureCounts[i]!
    if (counts[i] !== 0 && isKeyed[i] !== 0) {
      verifier.begin(pack.groupsOf(i), counts[i]!, roots, i, classes, numbers, first, signatureCounts[i]!)
      let at = first
      while (at < end && verifier.holds(bytes, places[at]!, keys, at)) at++
      verdicts[i] = at === end ? HOLDS : FAILS
    }
    first = end
  }
}

/**
 * Makes the batch roots of submissions of so many transactions each, `32 n` bytes: those of one transaction all
 * together.
 */
function putRoots(counts: Uint32Array, leaves: Uint8Array, roots: Uint8Array): void {
  const ones = new Uint8Array(32 * counts.length)
  let [at, count] = [0, 0]
  for (let i = 0; i < counts.length; i++) {
    const many = counts[i]!
    if (many === 1) copy32(leaves, 32 * at, ones, 32 * count++)
    else if (many > 1) roots.set(listRootOfHashes(leaves.subarray(32 * at, 32 * (at + many)), BATCH_DEPTH), 32 * i)
    at += many
  }
  const ofOnes = listRootsOfOnes(ones.subarray(0, 32 * count), BATCH_DEPTH)
  count = 0
  for (let i = 0; i < counts.length; i++) if (counts[i] === 1) copy32(ofOnes, 32 * count++, roots, 32 * i)
}

/** 32 bytes, copied by hand: a subarray costs more. */
function copy32(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let i = 0; i < 32; i++) to[toAt + i] = from[fromAt + i]!
}

/** Answers the submissions of a pack with what a thread made of it. Copies nothing. */
export function answerPack(submissions: readonly PendingSubmission[], { buffer, faults }: PackAnswer): void {
  const pack = new Pack(buffer)
  let fault = 0
  for (let i = 0; i < submissions.length; i++) {
    const submission = submissions[i]!
    if (faults[fault]?.submission !== i) submission.done(pack, i)
    else {
      const { code, message } = faults[fault++]!
      submission.done(new FormatError(code, message), i)
    }
  }
}
