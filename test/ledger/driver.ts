import { signerName } from '../../src/client/index.ts'
import type { Signature } from '../../src/core/entry/batch.ts'
import { transactionsFrom } from '../../src/core/entry/batch.ts'
import type { Group } from '../../src/core/entry/group.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import type { Seal } from '../../src/core/entry/seal.ts'
import { idMatchesFrom } from '../../src/ledger/id-matches.ts'
import { Ledger } from '../../src/ledger/index.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import type { NaiveSigner } from './naive/index.ts'

/** Under which all totals are sealed here. */
export const SALT: Uint8Array = new Uint8Array(32)

/**
 * Drives a `Ledger` as the log does, without disk and without signatures, and keeps the entries that it makes.
 * Signatures are bytes of zero here: whether they verify is asked before the ledger is.
 */
export class Driver {
  readonly ledger: Ledger = new Ledger()
  readonly entries: Uint8Array[] = []
  /** Ledger time of each entry. */
  readonly #times: number[] = []

  /** The outcomes of a batch, or the code of its refusal; undefined when all of it existed. */
  submit(
    signers: readonly NaiveSigner[],
    list: readonly Uint8Array[],
    time: number,
    groups: readonly Group[] = [],
  ): string[] | string | undefined {
    const { ledger } = this
    const signatures = signers.map((signer): Signature => ({ ...signerName(signer), ed25519: new Uint8Array(64) }))
    const transactions = transactionsFrom(list, groups)
    const batch = { signatures, transactions }
    const known = ledger.signers(batch)
    if (typeof known === 'string') return known
    const hits = ledger.claim(transactions)
    const seen = hits.some(({ candidates }) => candidates.length > 0)
      ? idMatchesFrom(transactions, ledger.size + 1, hits, index => ({
          entry: this.entries[index]!,
          time: this.#times[index],
        }))
      : undefined
    if (seen?.status.every(status => OUTCOMES[status] === 'exists')) {
      ledger.unclaim(transactions)
      return undefined
    }
    const root = ledger.mayContinue(transactions) ? this.root() : undefined
    const { entry, statuses } = ledger.commit(batch, known, time, seen, root)
    this.#push(time, entry, ...list.map(one => one.slice()))
    return [...statuses].map(status => OUTCOMES[status]!)
  }

  /** The root of the log as it is, or of its first entries. */
  root(size?: number): Uint8Array {
    return naiveRoot(this.entries.slice(0, size))
  }

  /** Seals the state as it is, and returns the seal. */
  seal(time: number): Seal {
    const seal = this.ledger.makeSeal(time, SALT)
    this.#push(time, this.ledger.applySeal(seal))
    return seal
  }

  #push(time: number, ...entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      this.entries.push(entry)
      this.#times.push(time)
    }
  }
}
