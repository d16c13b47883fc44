import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { concatBytes } from '../../core/bytes.ts'
import { type BatchEntry, batchMessage, decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH } from '../../core/entry/entry-type.ts'
import { FormatError } from '../../core/failure.ts'
import { keysNow, type LedgerState, type VerifiedSignatures } from '../../ledger/index.ts'
import { startThread } from '../../node/thread-start.ts'
import type { ReadRun } from './log-reader.ts'
import type { SignaturePack } from './signature-worker.ts'

/** Signatures in a run from which on it pays to have them verified elsewhere. */
const SIGNATURES_LEAST = 32
const THREADS_MAX = 32

/** The sources run as they are, and what is built from them has another ending. */
const THREAD = new URL(`./signature-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** A batch whose signatures are with a thread: the keys they are verified under, as they stood before. */
interface SignatureJob {
  readonly index: number
  readonly keys: readonly Uint8Array[]
  readonly ledgerId: Uint8Array
  readonly message: Uint8Array
  readonly decoded: BatchEntry
}

interface SignatureThread {
  readonly worker: Worker
  /** Who waits for its answers, in their order: given nothing when it ended. */
  readonly waiting: ((holds: Uint8Array | undefined) => void)[]
  hasEnded: boolean
}

/**
 * Verifies the signatures of runs that are not replayed yet, in threads, under the keys as they are by then. Most are
 * the keys that signed; anyone who replays compares, and verifies again what is not. Where each transaction has a
 * signature of its own, verifying them is nearly all there is to do, so the thread that replays keeps its share.
 */
export class SignatureThreads {
  readonly #count: number
  readonly #threads: SignatureThread[] = []
  readonly #checked = new Map<number, VerifiedSignatures>()
  readonly #runs = new Map<number, Promise<unknown>>()

  /**
   * @param count - threads, started when there is something for them; by default one for each processor but this one's.
   */
  constructor(count: number = Math.min(THREADS_MAX, availableParallelism() - 1)) {
    this.#count = count
  }

  /** Has the signatures of a run verified. */
  begin(state: LedgerState, run: ReadRun): void {
    const asked = this.#count === 0 ? [] : askedOf(state, run)
    if (asked.length < SIGNATURES_LEAST) return
    for (let i = this.#threads.length; i < this.#count; i++) this.#threads.push(started())
    const share = Math.ceil(asked.length / (this.#count + 1))
    const answers = this.#threads.map((thread, i) => this.#ask(thread, asked.slice(share * i, share * (i + 1))))
    this.#runs.set(run.first, Promise.all(answers))
  }

  /** Waits for what was begun of a run. */
  async end(run: ReadRun): Promise<void> {
    await this.#runs.get(run.first)
    this.#runs.delete(run.first)
  }

  /** What came out for the batch at a log index, once. */
  take(index: number): VerifiedSignatures | undefined {
    const checked = this.#checked.get(index)
    this.#checked.delete(index)
    return checked
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }

  async #ask(thread: SignatureThread, asked: readonly SignatureJob[]): Promise<void> {
    if (asked.length === 0 || thread.hasEnded) return
    const pack = packOf(asked)
    const holds = await new Promise<Uint8Array | undefined>(resolve => {
      thread.waiting.push(resolve)
      thread.worker.postMessage(pack, [pack.keys.buffer, pack.messages.buffer, pack.signatures.buffer])
    })
    if (holds === undefined) return
    let at = 0
    for (const { index, keys, ledgerId } of asked) {
      this.#checked.set(index, { keys, ledgerId, holds: holds.subarray(at, at + keys.length).every(one => one === 1) })
      at += keys.length
    }
  }
}

/** The batches that begin in a run and whose signers are known. */
function askedOf(state: LedgerState, { first, run }: ReadRun): SignatureJob[] {
  const { bytes, starts, ends } = run
  const { ledgerId } = state
  const asked: SignatureJob[] = []
  if (ledgerId === undefined) return asked
  for (let i = 0; i < starts.length; i++) {
    if (bytes[starts[i]!] !== ENTRY_BATCH) continue
    try {
      const decoded = decodeBatch(bytes.subarray(starts[i], ends[i]))
      const keys = keysNow(state, decoded.signatures)
      if (keys === undefined) continue
      const message = batchMessage(ledgerId, decoded.signatures, decoded)
      asked.push({ index: first + i, keys, ledgerId, message, decoded })
      i += decoded.count
    } catch (error) {
      // What it is worth is for the replay to say.
      if (!(error instanceof FormatError)) throw error
    }
  }
  return asked
}

function packOf(asked: readonly SignatureJob[]): SignaturePack {
  let count = 0
  for (const { keys } of asked) count += keys.length
  const [keys, signatures] = [new Uint8Array(32 * count), new Uint8Array(64 * count)]
  const messages = concatBytes(...asked.map(({ message }) => message)) as Uint8Array<ArrayBuffer>
  const messageEnds = new Uint32Array(count)
  let [n, end] = [0, 0]
  for (const { keys: under, message, decoded } of asked) {
    end += message.length
    decoded.signatures.forEach(({ ed25519 }, i) => {
      keys.set(under[i]!, 32 * n)
      messageEnds[n] = end
      signatures.set(ed25519, 64 * n++)
    })
  }
  return { keys, messages, messageEnds, signatures }
}

function started(): SignatureThread {
  const thread: SignatureThread = { worker: startThread(THREAD), waiting: [], hasEnded: false }
  thread.worker.on('message', (holds: Uint8Array) => thread.waiting.shift()?.(holds))
  // Anyone who waits for a thread that ended verifies himself.
  thread.worker.on('error', () => {})
  thread.worker.on('exit', () => {
    thread.hasEnded = true
    for (const resolve of thread.waiting.splice(0)) resolve(undefined)
  })
  return thread
}
