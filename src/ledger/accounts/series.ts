import type { AccountState } from '../../account/account.ts'
import { SERIES_DEPTH } from '../../core/limits.ts'
import { AppendList } from '../../core/tree/append-list.ts'

/** The claims of one series, in order: their leaf hashes, and where they stand in the log. */
interface Claimed {
  readonly leaves: AppendList
  readonly indexes: number[]
}

/**
 * The claims of each series by their serials (SPEC §6): the place of a claim among those of its series is its number
 * for ever. 72 bytes a claim.
 */
export class Series {
  readonly #byAccount = new Map<number, Claimed>()

  /** Adds the claim with a leaf hash at a log index, and returns its serial. */
  add(account: number, leaf: Uint8Array, index: number): number {
    const claimed = this.#byAccount.get(account) ?? { leaves: new AppendList(SERIES_DEPTH), indexes: [] }
    if (claimed.indexes.length === 0) this.#byAccount.set(account, claimed)
    claimed.leaves.push(leaf)
    return claimed.indexes.push(index) - 1
  }

  /** Takes the last claim of a series back. */
  drop(account: number): void {
    const { leaves, indexes } = this.#byAccount.get(account)!
    indexes.pop()
    leaves.truncate(indexes.length)
    if (indexes.length === 0) this.#byAccount.delete(account)
  }

  /** How many claims a series has. */
  count(account: number): number {
    return this.#byAccount.get(account)?.indexes.length ?? 0
  }

  /** Leaf hash, a view, and log index of a claim that there is. */
  claim(account: number, serial: number): { readonly leaf: Uint8Array; readonly index: number } {
    const { leaves, indexes } = this.#byAccount.get(account)!
    return { leaf: leaves.item(serial), index: indexes[serial]! }
  }

  /** The serial of the claim at a log index, which is one of the series. Costs the logarithm of their number. */
  serialOf(account: number, index: number): number {
    const { indexes } = this.#byAccount.get(account)!
    let low = 0
    let high = indexes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (indexes[middle]! < index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** `List[Bytes32, 2^32]` of the first `count` claims; undefined while there are none. SPEC §6. */
  root(account: number, count: number = this.count(account)): Uint8Array | undefined {
    return count === 0 ? undefined : this.#byAccount.get(account)?.leaves.root(count)
  }

  /** The state of an account with the claims that it had then, which are all of its entries but the opening. */
  stateOf(account: number, state: AccountState): AccountState {
    const more = this.root(account, state.entries - 1)
    return more === undefined ? state : { ...state, more }
  }

  /** The list path of a claim among the first `count` of its series. SPEC §2. */
  path(account: number, serial: number, count: number): Uint8Array[] {
    return this.#byAccount.get(account)!.leaves.path(serial, count)
  }
}
