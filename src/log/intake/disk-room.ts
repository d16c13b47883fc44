/**
 * How often the disk is looked at. What a ledger writes meanwhile, at its fastest, is a fifth of what is left by
 * default.
 */
const LOOK_MS = 1000

/** What a ledger needs to know of the disk that it writes to. */
export interface DiskOptions {
  /** Bytes that can be written before it is full. */
  readonly freeBytes: () => Promise<number>
  /** Bytes that are left free: with less, nothing is taken. */
  readonly reserveBytes: number
}

/**
 * Whether there is room on the disk for what comes. What is left is for what was taken already, and for the files that
 * are written before others can be deleted: a ledger that has none left stops in the middle of a write.
 */
export class DiskRoom {
  readonly #options: DiskOptions | undefined
  #timer: NodeJS.Timeout | undefined
  #freeBytes = Number.POSITIVE_INFINITY

  /** @param options - without them there is room. */
  constructor(options: DiskOptions | undefined) {
    this.#options = options
  }

  /** Looks now, and every second from now on. */
  async start(): Promise<void> {
    if (this.#options === undefined) return
    await this.#look()
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** How many bytes are free, where that is less than is to be left; undefined where there is room. */
  get lacking(): { readonly freeBytes: number; readonly reserveBytes: number } | undefined {
    const reserveBytes = this.#options?.reserveBytes ?? 0
    return this.#freeBytes < reserveBytes ? { freeBytes: this.#freeBytes, reserveBytes } : undefined
  }

  async #look(): Promise<void> {
    // A file system that does not say has room until a write fails.
    this.#freeBytes = await this.#options!.freeBytes().catch(() => Number.POSITIVE_INFINITY)
  }
}
