import { ACCEPTED, CLAIMED_BEFORE, SERIES_FULL } from '../core/entry/outcome.ts'
import type { TransactionOf } from '../core/entry/transaction.ts'
import { SERIES_MAX } from '../core/limits.ts'
import type { Series } from './accounts/series.ts'
import type { Growth } from './growth.ts'
import { Refs } from './refs.ts'

type Claim = TransactionOf<'claim'>

/** Under which a reference is noted when its first claim is wholly reversed: no round has this number. */
const FREED = 2

/** A claim that is told of when its group stands, or taken back. */
interface ToldClaim {
  readonly series: number
  readonly leaf: Uint8Array
  readonly index: number
}

/**
 * What was claimed of each series (SPEC §7): each reference once in round 0, and once more in round 1 when the first
 * claim is wholly reversed. 40 bytes for each of these three.
 */
export class Claims {
  readonly #series: Series
  /** Serials by (round or `FREED`, series, reference). */
  readonly #refs = new Refs('claimRef')
  #held: ToldClaim[] | undefined
  #growth: Growth | undefined

  constructor(series: Series) {
    this.#series = series
  }

  /** Is told of every claim, while a snapshot is kept. */
  set growth(growth: Growth | undefined) {
    this.#growth = growth
    this.#refs.growth = growth
  }

  /** The least status for which a claim is refused by what its series has, or `ACCEPTED`. SPEC §8. */
  judge({ series, ref, round }: Pick<Claim, 'series' | 'ref' | 'round'>): number {
    if (ref !== null) {
      const isFree = round === 0 || this.#refs.find(FREED, series, ref) !== undefined
      if (!isFree || this.#refs.find(round, series, ref) !== undefined) return CLAIMED_BEFORE
    }
    return this.#series.count(series) >= SERIES_MAX ? SERIES_FULL : ACCEPTED
  }

  /** Serial of the accepted claim of a reference in a round; undefined where there is none. */
  serialOf(series: number, ref: Uint8Array, round: number): number | undefined {
    return this.#refs.find(round, series, ref)
  }

  /** Adds an accepted claim, its leaf hash, and the log index at which it stands. */
  add({ series, ref, round }: Claim, leaf: Uint8Array, index: number): void {
    const serial = this.#series.add(series, leaf, index)
    if (this.#held !== undefined) this.#held.push({ series, leaf, index })
    else this.#growth?.claimed(series, index, leaf)
    if (ref !== null) this.#refs.add(round, series, ref, serial)
  }

  /** Notes that a claim is wholly reversed. */
  free({ series, ref, round }: Claim): void {
    if (ref !== null && round === 0) this.#refs.add(FREED, series, ref, 0)
  }

  /** Puts in place what the growth was told. */
  restore(series: number, index: number, leaf: Uint8Array): void {
    this.#series.add(series, leaf, index)
  }

  /** Puts in place what the growth was told of a reference. */
  restoreRef(serial: number, key: Uint8Array): void {
    this.#refs.restore(serial, key)
  }

  /** Holds back what is told, until `stand` or `drop`. */
  hold(): void {
    this.#held = []
    this.#refs.hold()
  }

  /** Tells what was held back. */
  stand(): void {
    for (const { series, index, leaf } of this.#held ?? []) this.#growth?.claimed(series, index, leaf)
    this.#held = undefined
    this.#refs.stand()
  }

  /** Takes back what was added since `hold`. */
  drop(): void {
    for (const { series } of (this.#held ?? []).toReversed()) this.#series.drop(series)
    this.#held = undefined
    this.#refs.drop()
  }
}
