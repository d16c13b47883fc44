import type { Lot } from '../account/holdings.ts'
import { encodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import type { Registration } from './chains.ts'
import { Packer } from './packer.ts'
import { packLots } from './snapshot/account-extras.ts'

/** What each note of the growth begins with. */
export const NOTES = {
  refused: 1,
  took: 2,
  reversed: 3,
  erased: 4,
  added: 5,
  revoked: 6,
  time: 7,
  ref: 8,
  claimed: 9,
  claimRef: 10,
} as const

/** Notes of what stands under references. */
export type RefNote = 'ref' | 'claimRef'

/**
 * What happened to the parts of the state that only ever grow, packed as it happens: refused transactions, what can be
 * reversed, what was erased or claimed, the registry, ledger time along the log. They are kept for ever, so a snapshot
 * appends to them and never writes them again.
 */
export class Growth {
  readonly #packer = new Packer()

  refused(index: number): void {
    this.#packer.u8(NOTES.refused).number(index)
  }

  took(index: number, parts: readonly Lot[]): void {
    packLots(this.#packer.u8(NOTES.took).number(index), parts)
  }

  reversed(index: number, amount: number): void {
    this.#packer.u8(NOTES.reversed).number(index).number(amount)
  }

  erased(commitment: Uint8Array): void {
    this.#packer.u8(NOTES.erased).bytes(commitment)
  }

  added(transaction: Transaction, { logIndex, time, isByChain }: Registration): void {
    const entry = encodeTransaction(transaction)
    this.#packer
      .u8(NOTES.added)
      .number(logIndex)
      .number(time)
      .u8(isByChain ? 1 : 0)
      .u16(entry.length)
      .bytes(entry)
  }

  revoked(record: number, logIndex: number): void {
    this.#packer.u8(NOTES.revoked).u32(record).number(logIndex)
  }

  referred(note: RefNote, account: number, key: Uint8Array): void {
    this.#packer.u8(NOTES[note]).u32(account).bytes(key)
  }

  claimed(series: number, index: number, leaf: Uint8Array): void {
    this.#packer.u8(NOTES.claimed).u32(series).number(index).bytes(leaf)
  }

  time(time: number): void {
    this.#packer.u8(NOTES.time).number(time)
  }

  /** All since the last call, for `replayGrowth`. */
  take(): Uint8Array {
    return this.#packer.take()
  }
}
