import type { Worker } from 'node:worker_threads'
import { READY, startThread } from '../../node/thread-start.ts'
import { FairQueue } from './fair-queue.ts'
import { type PendingSubmission, type Preparer, prepareOne } from './prepare.ts'
import { answerPack, type PackAnswer, packOf } from './thread-pack.ts'

/** What a verification weighs beside the decoding and hashing of a transaction. */
const VERIFICATION_WEIGHT = 32
/** A pack is closed at this weight: two milliseconds' work, so that no thread has much more than the others. */
const PACK_WEIGHT = 2048
/**
 * In a flood packs have twice that, so that a group has more of them and the disk fewer groups: where this much waits.
 */
const FLOOD_WEIGHT = 8192
/**
 * What is lighter goes to one thread and is not divided: handing over costs each side as much as half a verification.
 */
const SHARE_WEIGHT = 256
/** A thread that is at work is given the next pack beforehand if it has this weight; otherwise more is waited for. */
const AHEAD_WEIGHT = 512
/** What is taken of one caller while another waits: half a millisecond's work of a thread, or one submission. */
const SHARE = 512
/**
 * What came in one turn and is no heavier than two single transactions is prepared here at once, unless some of that
 * size is in the threads: over to a thread and back takes as long, and beside batches much longer, as anyone who comes
 * back waits for a processor. Of a flood some always is in the threads, and so is all of it.
 */
const HERE_WEIGHT = 2 * (1 + VERIFICATION_WEIGHT)
/**
 * A thread that ends is replaced: at once, unless so many before it prepared nothing, and then after a pause that
 * doubles up to the longest. So one that cannot start costs little, and what hindered it may pass.
 */
const AT_ONCE = 3
const [PAUSE_MS, PAUSE_MS_MAX] = [100, 10_000]
/** A thread that answers nothing for so long, at most for twice as long, is given up: a pack is milliseconds' work. */
const SILENT_MS = 5000

/** The sources run as they are, and what is built from them has another ending. */
const THREAD = new URL(`./prepare-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

interface PoolThread {
  readonly worker: Worker
  /** What it has been given and has not answered, in order. */
  readonly given: (readonly PendingSubmission[])[]
  hasStarted: boolean
  /** What it had to answer first when it was looked at last. */
  seen: readonly PendingSubmission[] | undefined
}

/**
 * Prepares submissions in threads of this process. All that arrives in one turn goes out together, evenly, in buffers
 * that are handed over. Until a thread has started this one prepares. What a thread was given that dies, or answers
 * nothing any more, is prepared by this one, and another takes its place.
 */
export class ThreadPool implements Preparer {
  readonly #onTrouble: (what: string) => void
  readonly #file: URL
  readonly #threads = new Set<PoolThread>()
  /** What came in this turn and is light, and what it weighs. */
  #light: PendingSubmission[] = []
  #lightWeight = 0
  /** How many light ones wait for a thread or are in one. */
  #lightUnderWay = 0
  readonly #waiting = new FairQueue<PendingSubmission>(
    weightOf,
    SHARE,
    ({ caller }) => caller,
    ({ signer }) => signer,
  )
  #waitingWeight = 0
  #isScheduled = false
  /** How many threads in a row ended without having prepared anything. */
  #failures = 0
  #isClosed = false
  #onStarted: () => void = () => {}
  readonly #watching: NodeJS.Timeout

  /**
   * @param onTrouble - is told when a thread died, or was given up.
   * @param file - what a thread runs.
   */
  constructor(threads: number, onTrouble: (what: string) => void, file: URL = THREAD, silentMs: number = SILENT_MS) {
    this.#onTrouble = onTrouble
    this.#file = file
    for (let i = 0; i < threads; i++) this.#start()
    // After the answers that are there: this thread may have been the one that was busy.
    this.#watching = setInterval(() => setImmediate(() => this.#giveUpSilent()), silentMs).unref()
  }

  /** Threads that there are, started or about to. */
  get running(): number {
    return this.#threads.size
  }

  /** Resolves when all threads have started. For who measures. */
  async started(): Promise<void> {
    while ([...this.#threads].some(({ hasStarted }) => !hasStarted))
      await new Promise<void>(resolve => {
        this.#onStarted = resolve
      })
  }

  prepare(submission: PendingSubmission): void {
    const weight = weightOf(submission)
    if (weight <= HERE_WEIGHT) {
      this.#light.push(submission)
      this.#lightWeight += weight
    } else this.#wait(submission, weight)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#divide()
      this.#give()
    })
  }

  #wait(submission: PendingSubmission, weight: number): void {
    this.#waiting.push(submission)
    this.#waitingWeight += weight
  }

  /** Prepares here what is little, and has the rest wait for the threads. */
  #divide(): void {
    const light = this.#light
    const isLittle = this.#lightWeight <= HERE_WEIGHT && this.#lightUnderWay === 0
    this.#light = []
    this.#lightWeight = 0
    if (isLittle) this.#prepareHere(light)
    else {
      this.#lightUnderWay += light.length
      for (const submission of light) this.#wait(submission, weightOf(submission))
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#watching)
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()))
  }

  /** Hands out what waits to the threads that have room. */
  #give(): void {
    const threads = [...this.#threads].filter(({ hasStarted }) => hasStarted)
    if (threads.length === 0) this.#prepareHere(this.#left(this.#takeWaiting(Number.POSITIVE_INFINITY)))
    for (const [given, least] of [
      [0, 0],
      [1, AHEAD_WEIGHT],
    ] as const) {
      const free = threads.filter(thread => thread.given.length === given)
      for (const [i, thread] of free.entries()) {
        if (this.#waiting.length === 0 || this.#waitingWeight < least) return
        const share = Math.max(SHARE_WEIGHT, this.#waitingWeight / (free.length - i))
        const most = this.#waitingWeight > FLOOD_WEIGHT ? 2 * PACK_WEIGHT : PACK_WEIGHT
        const submissions = this.#takeWaiting(Math.min(most, share))
        const pack = packOf(submissions)
        thread.given.push(submissions)
        thread.worker.postMessage(pack, [pack])
      }
    }
  }

  /** The next submissions up to a weight, at least one where there is one. */
  #takeWaiting(weight: number): PendingSubmission[] {
    const taken: PendingSubmission[] = []
    let sum = 0
    while (this.#waiting.length > 0 && (taken.length === 0 || sum < weight)) {
      const next = this.#waiting.take()
      sum += weightOf(next)
      taken.push(next)
    }
    this.#waitingWeight -= sum
    return taken
  }

  /** Jobs that wait for no thread any more, nor are in one. */
  #left(submissions: readonly PendingSubmission[]): readonly PendingSubmission[] {
    for (const submission of submissions) if (weightOf(submission) <= HERE_WEIGHT) this.#lightUnderWay--
    return submissions
  }

  #prepareHere(submissions: readonly PendingSubmission[]): void {
    for (const submission of submissions) submission.done(prepareOne(submission), 0)
  }

  #start(): void {
    const thread: PoolThread = { worker: startThread(this.#file), given: [], hasStarted: false, seen: undefined }
    this.#threads.add(thread)
    let why = 'died: it ended'
    thread.worker.on('error', error => {
      why = `died: ${String(error)}`
    })
    thread.worker.on('exit', () => this.#replace(thread, why))
    thread.worker.on('message', (pack: PackAnswer | typeof READY) => {
      // What was given up has been prepared by another.
      if (!this.#threads.has(thread)) return
      if (pack === READY) {
        thread.hasStarted = true
        return this.#onStarted()
      }
      this.#failures = 0
      const submissions = this.#left(thread.given.shift()!)
      this.#give()
      answerPack(submissions, pack)
    })
  }

  #startLater(): void {
    if (!this.#isClosed) this.#start()
  }

  /** Gives up the threads that have had the same to answer since they were looked at last. */
  #giveUpSilent(): void {
    for (const thread of [...this.#threads]) {
      const [first] = thread.given
      if (first !== undefined && first === thread.seen) {
        this.#replace(thread, 'was given up: it did not answer any more')
        // Nobody waits for its end: what blocks it may block that as well.
        void thread.worker.terminate()
      } else thread.seen = first
    }
  }

  /** @param why - what became of it, after its name. */
  #replace(thread: PoolThread, why: string): void {
    if (!this.#threads.delete(thread) || this.#isClosed) return
    this.#onTrouble(`A thread that prepares batches ${why}. Nothing is lost.`)
    const pauses = ++this.#failures - AT_ONCE
    if (pauses <= 0) this.#start()
    else setTimeout(() => this.#startLater(), Math.min(PAUSE_MS * 2 ** (pauses - 1), PAUSE_MS_MAX)).unref()
    this.#onStarted()
    this.#prepareHere(this.#left(thread.given.flat()))
    this.#give()
  }
}

function weightOf({ count, signatureCount }: PendingSubmission): number {
  return count + VERIFICATION_WEIGHT * signatureCount
}
