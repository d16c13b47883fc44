import type { UnitTotals } from '../account/account.ts'
import { totalsRoot } from '../account/account.ts'
import { toHex } from '../core/bytes.ts'
import { RULES_VERSION } from '../core/entry/batch.ts'
import type { Seal } from '../core/entry/seal.ts'
import { Accounts } from './accounts/accounts.ts'
import { Budgets } from './budgets.ts'
import type { Registration } from './chains.ts'
import { Claims } from './claims.ts'
import type { Growth } from './growth.ts'
import { Originals } from './originals.ts'
import { Refs } from './refs.ts'
import { type RecordBody, Registry } from './registry.ts'
import { LedgerTimes } from './times.ts'

/**
 * The state of a ledger: a function of a prefix of its log, and of nothing else (SPEC §6). `apply` changes it; nobody
 * else does.
 */
export class LedgerState {
  readonly accounts: Accounts = new Accounts()
  readonly registry: Registry = new Registry()
  readonly budgets: Budgets = new Budgets()
  readonly originals: Originals = new Originals()
  readonly refs: Refs = new Refs()
  readonly claims: Claims = new Claims(this.accounts.series)
  readonly times: LedgerTimes = new LedgerTimes()
  /** Commitments, in hex, whose details were erased. */
  readonly erased: Set<string> = new Set()
  /** Version of the rules in force. */
  readonly version: number = RULES_VERSION
  /** Ledger time: the time of the last batch or seal. */
  time = 0
  /** Epoch of the next seal. */
  epoch = 0
  /** Ledger id, once there is a genesis batch: what is signed for the ledger from here on is signed for this. */
  ledgerId: Uint8Array | undefined
  /** The log that the ledger is in. */
  origin = ''
  logKey: Uint8Array = new Uint8Array(0)
  /** How many root keys must sign what is for root to do. */
  need = 1
  skewMs = 0
  beatMs = 0
  promiseMs = 0
  /** Is told of every erasure, while a snapshot is kept. */
  growth: Growth | undefined

  /** Adds the record that `transaction` makes, with all that follows from it. */
  addRecord(transaction: RecordBody, body: Uint8Array, registration: Registration): void {
    this.registry.add(transaction, body, registration)
    if (transaction.kind === 'set-budget') this.budgets.set(transaction)
    if (!('logKey' in transaction)) return
    this.origin = transaction.origin
    this.logKey = transaction.logKey
    if (transaction.kind === 'continue-log') {
      this.ledgerId = body
      return
    }
    this.need = transaction.need
    this.skewMs = transaction.skewMs
    this.beatMs = transaction.beatMs
    this.promiseMs = transaction.promiseMs
  }

  /** Notes that the details under a commitment were erased. */
  erase(commitment: Uint8Array): void {
    this.erased.add(toHex(commitment))
    this.growth?.erased(commitment)
  }

  /** What has been moved of each unit so far, in the order of their records (SPEC §6). */
  totals(): UnitTotals[] {
    return this.registry.units.map(unit => ({
      unit: unit.record,
      issued: unit.issued.value,
      opened: unit.opened.value,
      redeemed: unit.redeemed.value,
      expired: unit.expired.value,
      reinstated: unit.reinstated.value,
      reversed: unit.reversed.value,
      owed: unit.owed.value,
    }))
  }

  /**
   * The seal of the state as it is, for ledger time `time` (SPEC §7). Changes nothing but caches: `applySeal` closes
   * the epoch.
   *
   * @param salt - 32 bytes that blind the totals.
   */
  seal(time: number, salt: Uint8Array): Seal {
    return {
      version: this.version,
      epoch: this.epoch,
      time,
      accounts: this.accounts.count,
      stateRoot: this.accounts.root(),
      records: this.registry.records.length,
      registryRoot: this.registry.root(),
      totalsRoot: totalsRoot(salt, this.totals()),
    }
  }

  /** Closes the epoch with a seal that `seal` made, or that was found equal to it. */
  applySeal(seal: Seal): void {
    this.time = seal.time
    this.epoch = seal.epoch + 1
  }
}
