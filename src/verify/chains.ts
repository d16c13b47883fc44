import { SIGNER_RECORD } from '../core/entry/batch.ts'
import type { RegisterKey } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { ledgerIdAt, type NamedLog } from './logs.ts'
import { isGoodFor, type ProvenRecord, type Records } from './proven-records.ts'

/** A custodian's key that stands, and the ledger time in ms from which on it may act. */
export interface ChainKey {
  readonly record: number
  readonly key: Uint8Array
  readonly dueMs: number
}

/**
 * The chains of custodians' keys (SPEC §6) as far as a statement shows their records, for accounts of a unit: which
 * keys are of one chain, and from when on they may act. By the takeover of that unit alone: anyone who is due for it
 * could act for the account himself.
 */
export class ShownChains {
  readonly #records: Records
  readonly #takeoverMs: number
  readonly #logs: readonly NamedLog[]
  /** By record number, the record that began its chain, and from when on it is due. */
  readonly #beginnings = new Map<number, number>()
  readonly #dueFrom = new Map<number, number>()

  constructor(records: Records, takeoverMs: number, logs: readonly NamedLog[]) {
    this.#records = records
    this.#takeoverMs = takeoverMs
    this.#logs = logs
    // Whatever is succeeded was there before, so it has a lower number, and comes first.
    for (const { number } of records.values()) {
      const before = this.#keyOf(number)?.succeeds ?? number
      this.#beginnings.set(number, before < number ? this.#beginningOf(before) : number)
    }
  }

  /** Whether two records are of one chain. */
  isOne(one: number, other: number): boolean {
    return this.#beginningOf(one) === this.#beginningOf(other)
  }

  /**
   * From which ledger time on a custodian's key may act: 0 for one that begins a chain, or whose registration a key of
   * its chain signed that was due then.
   *
   * @throws VerifyError `evidence-signature` where such a signature does not verify.
   */
  dueFromMs(record: ProvenRecord): number {
    const { number } = record
    const due = this.#dueFrom.get(number) ?? this.#makeDue(record)
    this.#dueFrom.set(number, due)
    return due
  }

  /** The keys of a record's chain that stand and are shown, by record number. */
  standing(head: number): ChainKey[] {
    return [...this.#records.values()].flatMap(record => {
      const key = this.#keyOf(record.number)
      if (key === undefined || record.until !== 0 || !this.isOne(record.number, head)) return []
      return [{ record: record.number, key: key.key, dueMs: this.dueFromMs(record) }]
    })
  }

  #makeDue({ batch, number }: ProvenRecord): number {
    if (this.#keyOf(number)?.succeeds === null) return 0
    for (let i = 0; i < batch.signatures.length; i++) {
      const { class: signerClass, number: signer } = batch.signatures[i]!
      const before = signerClass === SIGNER_RECORD && signer < number ? this.#records.get(signer) : undefined
      const key = before === undefined ? undefined : this.#keyOf(signer)
      if (before === undefined || key === undefined || !this.isOne(signer, number)) continue
      if (!isGoodFor(before, batch.index) || this.dueFromMs(before) > batch.timeMs) continue
      const holds = batch.holds(i, key.key, ledgerIdAt(this.#logs, batch.index))
      check(holds, 'evidence-signature', `record ${number} is not signed by record ${signer}, which it succeeds`)
      return 0
    }
    return batch.timeMs + this.#takeoverMs
  }

  #beginningOf(number: number): number {
    return this.#beginnings.get(number) ?? number
  }

  /** The custodian's key that a record holds, if it is shown and does. */
  #keyOf(number: number): RegisterKey | undefined {
    const transaction = this.#records.get(number)?.transaction
    return transaction?.kind === 'register-key' && transaction.role === 'custodian' ? transaction : undefined
  }
}
