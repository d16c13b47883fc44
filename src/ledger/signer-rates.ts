import { SIGNER_RECORD, type Signature } from '../core/entry/batch.ts'
import { RATE_MINUTE_MS } from '../core/limits.ts'
import type { LedgerState } from './state.ts'

/** Numbers of accounts and records are below this. */
const NUMBERS = 2 ** 32

/** What one signer had taken: ledger times and counts of batches, in order, from `first` on. */
interface SignerCounts {
  readonly times: number[]
  readonly counts: number[]
  first: number
  sum: number
}

/** How many transactions a minute are taken of what a signature names; 0 for any number. SPEC §5, §7 Rates. */
export function rateOf({ registry, accounts }: LedgerState, { class: signerClass, number }: Signature): number {
  if (signerClass === SIGNER_RECORD) {
    const transaction = registry.records[number]?.transaction
    return transaction?.kind === 'register-key' ? transaction.rate : 0
  }
  return number < accounts.count ? (registry.unit(accounts.unit(number))?.terms.memberRate ?? 0) : 0
}

/**
 * What was taken of each signer that has a rate, in the last minute of ledger time. A function of the batches that it
 * was told of: a ledger that starts begins with none, and takes more for a minute. Keeps two numbers for each batch of
 * that minute.
 */
export class SignerRates {
  readonly #taken = new Map<number, SignerCounts>()
  #sweptMs = 0

  /**
   * How long it takes until there is room for a batch of so many transactions, in ms: 0 where there is now, a minute
   * where there never is.
   */
  waitMs(state: LedgerState, signatures: readonly Signature[], count: number, time: number): number {
    let waitMs = 0
    for (const signature of signatures) {
      const rate = rateOf(state, signature)
      if (rate > 0) waitMs = Math.max(waitMs, this.#waitMs(keyOf(signature), rate - count, time))
    }
    return waitMs
  }

  #waitMs(key: number, room: number, time: number): number {
    if (room < 0) return RATE_MINUTE_MS
    const taken = this.#taken.get(key)
    if (taken === undefined) return 0
    forget(taken, time)
    let { first, sum } = taken
    if (sum <= room) return 0
    while (sum > room) sum -= taken.counts[first++]!
    return taken.times[first - 1]! + RATE_MINUTE_MS - time
  }

  /** Counts a batch that came into the log at a ledger time, which never goes back. */
  took(state: LedgerState, signatures: readonly Signature[], count: number, time: number): void {
    if (time >= this.#sweptMs + RATE_MINUTE_MS) this.#sweep(time)
    for (const signature of signatures) {
      if (rateOf(state, signature) === 0) continue
      const key = keyOf(signature)
      let taken = this.#taken.get(key)
      if (taken === undefined) {
        taken = { times: [], counts: [], first: 0, sum: 0 }
        this.#taken.set(key, taken)
      }
      forget(taken, time)
      taken.times.push(time)
      taken.counts.push(count)
      taken.sum += count
    }
  }

  /** Lets go of signers of whom nothing was taken for a minute. */
  #sweep(time: number): void {
    this.#sweptMs = time
    for (const [key, { times }] of this.#taken) if (times.at(-1)! <= time - RATE_MINUTE_MS) this.#taken.delete(key)
  }
}

/** One number for class and number of a signer. */
function keyOf({ class: signerClass, number }: Signature): number {
  return signerClass * NUMBERS + number
}

/** Lets go of what is more than a minute back. */
function forget(taken: SignerCounts, time: number): void {
  const { times, counts } = taken
  while (taken.first < times.length && times[taken.first]! <= time - RATE_MINUTE_MS) taken.sum -= counts[taken.first++]!
  if (taken.first < 64 || 2 * taken.first < times.length) return
  times.splice(0, taken.first)
  counts.splice(0, taken.first)
  taken.first = 0
}
