import { equalBytes, fromHex, toHex } from '../core/bytes.ts'
import { CborReader } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { commitmentOf, type SaltedText } from '../core/entry/details.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { FormatError } from '../core/failure.ts'
import { ACCOUNTS_MAX, DETAILS_BYTES_MAX } from '../core/limits.ts'
import type { Ledger } from '../ledger/index.ts'
import { type DetailsStore, type EntryStore, StoreError } from '../store/index.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import type { Holds } from './holds.ts'
import type { Operator } from './operator.ts'

/** The details under a commitment (SPEC §5): whose it is, a salt of 32 bytes, and a text. */
export interface Details extends SaltedText {
  readonly account: number
}

/** Why details are not had. */
export type NoDetails = 'details-unknown' | 'details-erased' | 'no-operator' | 'not-consented'

/**
 * The details in the store under a commitment. @throws StoreError `store-corrupt` if it does not match the commitment.
 */
export function detailsFrom(bytes: Uint8Array, commitment: Uint8Array): Details {
  try {
    const reader = new CborReader().reset(bytes, 0, bytes.length)
    reader.array()
    const account = reader.uint(ACCOUNTS_MAX - 1, 'account')
    const details = { account, salt: reader.bytes(32, 'salt').slice(), text: reader.text('text', DETAILS_BYTES_MAX) }
    if (equalBytes(commitmentOf(details), commitment)) return details
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
  }
  throw new StoreError(
    'store-corrupt',
    `The details that are kept under the commitment ${toHex(commitment)} do not hash to it.`,
  )
}

/** What is kept off the log, and can be erased. */
export class DetailsKeeper {
  readonly #store: EntryStore & DetailsStore
  readonly #ledger: Ledger
  readonly #operator: Operator
  readonly #holds: Holds

  constructor(store: EntryStore & DetailsStore, ledger: Ledger, operator: Operator, holds: Holds) {
    this.#store = store
    this.#ledger = ledger
    this.#operator = operator
    this.#holds = holds
  }

  /**
   * Keeps details, and returns their commitment; what was erased stays erased. @throws HeldError while nothing is
   * written.
   */
  async put(details: Details): Promise<Uint8Array | NoDetails> {
    const held = this.#holds.writing
    if (held !== undefined) throw held
    const commitment = commitmentOf(details)
    if (this.#ledger.state.erased.has(toHex(commitment))) return 'details-erased'
    await this.#store.writeDetails(commitment, encodeCbor([details.account, details.salt, details.text]))
    return commitment
  }

  /**
   * The details under a commitment. @throws StoreError `store-corrupt` if the stored details do not match it.
   */
  async get(commitment: Uint8Array): Promise<Details | NoDetails> {
    if (this.#ledger.state.erased.has(toHex(commitment))) return 'details-erased'
    const bytes = await this.#store.readDetails(commitment)
    return bytes === undefined ? 'details-unknown' : detailsFrom(bytes, commitment)
  }

  /**
   * Shows details to the holder of record `to` under a standing consent: the disclosure is an entry of the account
   * before it happens. SPEC §7.
   */
  async disclose(details: Details, to: number, grant: Uint8Array): Promise<Details | NoDetails> {
    const standing = this.#ledger.state.accounts.holdings(details.account).grants.find(one => equalBytes(one.id, grant))
    if (standing?.may !== 0 || standing.to !== to) return 'not-consented'
    const id = this.#operator.freshId()
    const { account } = details
    const answer = await this.#operator.submit([
      { kind: 'disclose', id, account, grant, details: commitmentOf(details) },
    ])
    if (answer === undefined) return 'no-operator'
    return answer.statuses[0] === ACCEPTED ? details : 'not-consented'
  }

  /** Erases details: the entry that says so first, then salt and text. Resolves with the log index of the entry. */
  async erase(account: number, commitment: Uint8Array): Promise<number | NoDetails> {
    const answer = await this.#operator.submit([
      { kind: 'erase', id: this.#operator.freshId(), account, details: commitment },
    ])
    if (answer === undefined || answer.statuses[0] !== ACCEPTED) return 'no-operator'
    // A crash here leaves an erasure that is not done yet: `eraseAgain` does it when the ledger starts.
    await this.#store.eraseDetails(commitment)
    return logIndexesOf(answer)[0]!
  }

  /** Erases whatever the log says is erased and is there all the same: after a crash, or a restored copy. */
  async eraseAgain(): Promise<number> {
    let count = 0
    for (const hex of this.#ledger.state.erased) {
      const commitment = fromHex(hex, 32)
      if (!(await this.#isKept(commitment))) continue
      await this.#store.eraseDetails(commitment)
      count++
    }
    return count
  }

  async #isKept(commitment: Uint8Array): Promise<boolean> {
    try {
      return (await this.#store.readDetails(commitment)) !== undefined
    } catch (error) {
      // What is damaged is there.
      if (error instanceof StoreError && error.code === 'store-corrupt') return true
      throw error
    }
  }
}
