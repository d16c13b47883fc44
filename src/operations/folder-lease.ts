import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { toHex, utf8Decode } from '../core/bytes.ts'
import type { Objects } from '../files/objects.ts'
import { FatalError, HeldError, type Lease } from '../log/index.ts'

/** Where the terms of a lease are. */
const FOLDER = 'lease'

/** A lease is renewed this often, */
const RENEW_MS = 10_000
/** is void for who has it after this time without, by the wall clock or the steady one, */
const VALID_MS = 30_000
/** and is taken by another who has seen no change for this long by a steady clock of its own. */
const WAIT_MS = 60_000
/** How often who waits looks. */
const LOOK_MS = 1000
/** How soon a renewal that failed is tried again. */
const AGAIN_MS = 1000

const leaseSchema = z.strictObject({
  format: z.literal('tallystick/lease/v1'),
  holder: z.string(),
  run: z.string(),
  renewed: z.number().int().min(0),
  isGivenBack: z.boolean(),
})

export interface FolderLeaseOptions {
  /** What copies share: the place that is published, and never the data directory, which a copy has too. */
  readonly objects: Objects
  /**
   * Of this data directory and this run of the machine: who has it, and the lock of the store, knows that no process
   * before it that had the same goes on. Undefined where that is not known.
   */
  readonly holder: string | undefined
  readonly wallMs: () => number
  readonly steadyMs: () => number
  /** Is told that another has it, or that it is gone: nothing may be signed any more. */
  readonly onLost: (error: FatalError) => void
  /** Is told why it could not be renewed. It is tried again. */
  readonly onTrouble: (what: string) => void
  /** How many of these milliseconds a second of the times above has, 1,000 by default. */
  readonly secondMs?: number
}

/** The newest term that a folder knows, and what stands in its file. */
interface Term {
  readonly number: number
  readonly text: string
}

/**
 * A lease in a folder or bucket: a file for each term, made exclusively, so that of two that want the next one gets it.
 * Who has the newest term may sign while it was renewed lately; who finds a newer one than its own stops. SPEC §3.
 */
export class FolderLease implements Lease {
  readonly #options: FolderLeaseOptions
  readonly #run = toHex(new Uint8Array(randomBytes(8)))
  #term = 0
  #written = ''
  #renewals = 0
  /** When the last renewal began, by both clocks. */
  #steadyMs = Number.NEGATIVE_INFINITY
  #wallMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(options: FolderLeaseOptions) {
    this.#options = options
  }

  get held(): HeldError | undefined {
    const { steadyMs, wallMs, objects } = this.#options
    const validMs = this.#span(VALID_MS)
    if (!this.#isOver && steadyMs() - this.#steadyMs < validMs && wallMs() - this.#wallMs < validMs) return undefined
    return new HeldError(
      'lease-held',
      `This process may not sign: its lease in ${objects.name} was not renewed in time. It goes on when that can be ` +
        'written again, and is still its own.',
    )
  }

  async take(onWait: (why: HeldError) => void, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#isOver) throw new HeldError('lease-held', 'The lease was given back before it was taken.')
      const why = await this.#tryToTake(signal, onWait).catch((error: Error) => {
        if (signal.aborted) throw error
        return `${this.#options.objects.name}/${FOLDER} cannot be used: ${error.message}`
      })
      if (why === undefined) return
      onWait(new HeldError('lease-held', `Nothing is signed or taken: ${why}`))
      await this.#pause(LOOK_MS)
    }
  }

  async release(): Promise<void> {
    const wasOver = this.#isOver
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#renewing
    if (wasOver || this.#term === 0) return
    const latest = await this.#latest().catch(() => undefined)
    if (latest?.number !== this.#term || latest.text !== this.#written) return
    await this.#options.objects.write(pathOf(this.#term), this.#text(true)).catch(() => {})
  }

  /** Takes the next term, after a wait where another may have it; returns why it could not. */
  async #tryToTake(signal: AbortSignal, onWait: (why: HeldError) => void): Promise<string | undefined> {
    const { objects, steadyMs } = this.#options
    const found = await this.#latest()
    if (!this.#isFree(found)) {
      const sinceMs = steadyMs()
      const waitMs = this.#span(WAIT_MS)
      onWait(new HeldError('lease-held', `Nothing is signed or taken: ${this.#othersWords(found.number)}`))
      while (steadyMs() - sinceMs < waitMs) {
        await this.#pause(LOOK_MS)
        signal.throwIfAborted()
        if (this.#isOver) return 'it is given back'
        const { number, text } = await this.#latest()
        if (number !== found.number || text !== found.text) return this.#othersWords(number)
      }
    }
    if (!(await this.#make(found.number + 1))) return this.#othersWords(found.number + 1)
    if (!this.#isOver) return undefined
    // Given back while its file was made: nobody is to wait for that.
    await objects.write(pathOf(this.#term), this.#text(true))
    return 'it is given back'
  }

  #othersWords(term: number): string {
    return (
      `another process has the lease of this ledger (${this.#path(term)}), or had it and was cut off. Two on ` +
      'copies of one ledger would sign two histories. It is taken over when it has not changed for ' +
      `${WAIT_MS / 1000} s.`
    )
  }

  /** Whether nobody has the term: there is none, it was given back, or who had it is known to be over. */
  #isFree({ number, text }: Term): boolean {
    if (number === 0) return true
    const said = parse(text)
    const { holder } = this.#options
    return said !== undefined && (said.isGivenBack || (holder !== undefined && said.holder === holder))
  }

  /** Makes the file of a term, which must not be there; returns whether it was not. */
  async #make(term: number): Promise<boolean> {
    const { objects, steadyMs, wallMs } = this.#options
    const [beganMs, beganWallMs] = [steadyMs(), wallMs()]
    const text = this.#text(false)
    if (!(await objects.writeNew(pathOf(term), text))) return false
    this.#term = term
    this.#written = text
    this.#steadyMs = beganMs
    this.#wallMs = beganWallMs
    // Nobody asks for older ones.
    for (const number of await this.#terms()) if (number < term) await objects.remove(pathOf(number))
    this.#renewLater(RENEW_MS)
    return true
  }

  #renewLater(ms: number): void {
    if (this.#isOver) return
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew()
    }, this.#span(ms))
    this.#timer.unref()
  }

  async #renew(): Promise<void> {
    const { objects, steadyMs, wallMs, onTrouble } = this.#options
    const [beganMs, beganWallMs] = [steadyMs(), wallMs()]
    try {
      if (await this.#isLost()) return
      this.#renewals++
      const text = this.#text(false)
      await objects.write(pathOf(this.#term), text)
      this.#written = text
      // Anyone who took the next term meanwhile did not see this.
      if (await this.#isLost()) return
      this.#steadyMs = beganMs
      this.#wallMs = beganWallMs
      this.#renewLater(RENEW_MS)
    } catch (error) {
      onTrouble(`The lease was not renewed: ${(error as Error).message}`)
      this.#renewLater(AGAIN_MS)
    }
  }

  /** Whether it is another's, or nobody's: then it is over, for good. */
  async #isLost(): Promise<boolean> {
    const { number, text } = await this.#latest()
    if (number === this.#term && text === this.#written) return false
    this.#isOver = true
    const why =
      number > this.#term
        ? `term ${number} is there`
        : number === this.#term
          ? 'someone else writes to its file'
          : 'its file is gone'
    this.#options.onLost(
      new FatalError(
        'lease-lost',
        `The lease of this ledger is lost (${this.#path(this.#term)}: ${why}). Another process goes on with a ` +
          'copy of it: nothing more is signed here. Start only one.',
      ),
    )
    return true
  }

  async #latest(): Promise<Term> {
    for (;;) {
      const number = Math.max(0, ...(await this.#terms()))
      if (number === 0) return { number, text: '' }
      // Deleted meanwhile, as there is a newer one.
      const bytes = await this.#options.objects.read(pathOf(number))
      if (bytes !== undefined) return { number, text: utf8Decode(bytes) }
    }
  }

  async #terms(): Promise<number[]> {
    const names = (await this.#options.objects.list(FOLDER)).map(path => path.slice(FOLDER.length + 1))
    return names.filter(name => /^[1-9][0-9]{0,14}$/.test(name)).map(Number)
  }

  /** For people. */
  #path(term: number): string {
    return `${this.#options.objects.name}/${pathOf(term)}`
  }

  #text(isGivenBack: boolean): string {
    const { holder = '' } = this.#options
    const said = { format: 'tallystick/lease/v1', holder, run: this.#run, renewed: this.#renewals, isGivenBack }
    return `${JSON.stringify(said)}\n`
  }

  #span(ms: number): number {
    return (ms * (this.#options.secondMs ?? 1000)) / 1000
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, this.#span(ms)))
  }
}

function pathOf(term: number): string {
  return `${FOLDER}/${term}`
}

function parse(text: string): z.infer<typeof leaseSchema> | undefined {
  try {
    return leaseSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
