/** Chains of postings: an account's stand in that of its number's low bits. */
const CHAINS = 4096

/** Where things stand in one run of the log, in memory: 12 bytes a posting and 4 an opening. */
export class RecentPositions {
  /** Log index at which the run begins. */
  readonly first: number
  /** Number of the account that is opened first in the run, if any is. */
  readonly firstAccount: number
  /** The postings in the order of the log: account, and log index less `first`. */
  accounts: Uint32Array<ArrayBuffer> = new Uint32Array(512)
  offsets: Uint32Array<ArrayBuffer> = new Uint32Array(512)
  /** Number of the posting before in the same chain, plus 1; 0 for the first. And of each chain's last, plus 1. */
  #before = new Uint32Array(512)
  readonly #last = new Uint32Array(CHAINS)
  #count = 0
  #opened = new Uint32Array(64)
  #openedCount = 0

  constructor(first: number, firstAccount: number) {
    this.first = first
    this.firstAccount = firstAccount
  }

  /** How many postings there are. */
  get count(): number {
    return this.#count
  }

  /** Log indexes less `first` of the entries that opened accounts, in order. */
  get opened(): Uint32Array {
    return this.#opened.subarray(0, this.#openedCount)
  }

  /** Log index of the last entry that opened an account, or -1. */
  get lastOpened(): number {
    return this.#openedCount === 0 ? -1 : this.first + this.#opened[this.#openedCount - 1]!
  }

  open(logIndex: number): void {
    if (this.#openedCount === this.#opened.length) this.#opened = longer(this.#opened)
    this.#opened[this.#openedCount++] = logIndex - this.first
  }

  post(account: number, logIndex: number): void {
    const posting = this.#count++
    if (posting === this.accounts.length) {
      this.accounts = longer(this.accounts)
      this.offsets = longer(this.offsets)
      this.#before = longer(this.#before)
    }
    this.accounts[posting] = account
    this.offsets[posting] = logIndex - this.first
    const chain = account % CHAINS
    this.#before[posting] = this.#last[chain]!
    this.#last[chain] = posting + 1
  }

  /** Log indexes of the postings of an account, in order. */
  entriesOf(account: number): number[] {
    const indexes: number[] = []
    for (let posting = this.#last[account % CHAINS]!; posting !== 0; posting = this.#before[posting - 1]!)
      if (this.accounts[posting - 1] === account) indexes.push(this.first + this.offsets[posting - 1]!)
    return indexes.reverse()
  }

  /** How many accounts the entries before `logIndex` opened in this run. */
  openedBefore(logIndex: number): number {
    let low = 0
    let high = this.#openedCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.first + this.#opened[middle]! < logIndex) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Number of the account that the entry at a log index of this run opened, if it did. */
  accountOpenedAt(logIndex: number): number | undefined {
    const before = this.openedBefore(logIndex)
    return before < this.#openedCount && this.first + this.#opened[before]! === logIndex
      ? this.firstAccount + before
      : undefined
  }
}

function longer(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * list.length)
  twice.set(list)
  return twice
}
