import type { Shares } from '../account/holdings.ts'
import type { Member } from '../account/member.ts'
import type { Status } from '../account/statuses.ts'
import type { Seal } from '../core/entry/seal.ts'
import type { Transaction } from '../core/entry/transaction.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import type { Policy, TrustedCheckpoint } from '../core/note/policy.ts'
import type { LineSigner } from './authority.ts'
import type { Book } from './book.ts'
import type { Card } from './card.ts'
import type { KeptState } from './kept-state.ts'
import type { NamedLog } from './logs.ts'
import type { Statement } from './statement.ts'
import type { WhoMay } from './who-may.ts'

/** A checkpoint that was accepted, and what was proven with it of where its ledger had been. */
export interface SeenCheckpoint extends Checkpoint {
  /** The names of the logs before, from which the ledger went on to this one: of those nothing is accepted any more. */
  readonly before?: readonly string[]
}

/** What a verifier brings along. Trust is in here, and only in here. */
export interface StatementTrust {
  readonly policy: Policy
  readonly card?: Card
  readonly kept?: KeptState
  /** Whether it is accepted that the ledger went on in another log from before what was kept. */
  readonly mayDrop?: boolean
  /** The checkpoint that was accepted last of each log. From its own on, the statement's log has to have grown. */
  readonly seen?: readonly SeenCheckpoint[]
  /** The time now and the greatest age accepted of the seal, in milliseconds; it may be ahead of now by as much. */
  readonly freshness?: { readonly nowMs: number; readonly maxAgeMs: number }
  /**
   * The time now: it decides whether the seal is of a time to come where the policy asks for no witness, who would know
   * better.
   */
  readonly nowMs?: number
}

/** A line of a verified statement. */
export interface VerifiedLine {
  readonly transaction: Transaction
  /** The transaction's own time. */
  readonly timeMs: number
  /** Ledger time of its batch; null where the statement does not show it. */
  readonly ledgerTimeMs: number | null
  /** What it added to the balance, and the balance after it. */
  readonly change: number
  readonly balance: number
  /** Of a claim: its number in its series, from 0. */
  readonly serial: number | null
  /** Who was entitled to it and signed: nobody, where the statement does not show it, or cannot. */
  readonly signers: readonly LineSigner[]
  /** Whether the details under its commitment were erased: said by a later entry of the account. */
  readonly isErased: boolean
}

/** A page of a statement of which everything holds as far as it goes: no balance, and no word on what is not there. */
export interface VerifiedPage {
  readonly checkpoint: TrustedCheckpoint
  readonly seal: Seal
  /** Number of the account. */
  readonly account: number
  /** How many lines all pages so far have, those before the first counted, and of how many of the account. */
  readonly lineCount: number
  readonly entries: number
  /** What all pages prove together: with the last one, and undefined with any before it. */
  readonly statement: VerifiedStatement | undefined
}

/** A statement of which everything holds. */
export interface VerifiedStatement {
  readonly checkpoint: TrustedCheckpoint
  readonly ledgerId: Uint8Array
  /** The logs that the ledger was in, the one that it is in last. */
  readonly logs: readonly NamedLog[]
  readonly seal: Seal
  readonly account: Statement['account']
  /** Name of the unit. */
  readonly unit: string
  readonly balance: number
  /** Who may spend, and who can put another key in place: nobody of an account that is no member's. */
  readonly whoMay: WhoMay
  /**
   * Lots, holds, consents and a recovery under way, as the entries make them: none of an account that is no member's.
   */
  readonly member: Member
  /** Tiers that stand at the seal's time, and by which rules. */
  readonly statuses: readonly Status[]
  /** What of the balance is available, pending, held or overdue at the seal's time. */
  readonly shares: Shares
  readonly since: number
  /** Of a merchant or a budget: what all of its entries did. */
  readonly book: Book | null
  readonly lines: readonly VerifiedLine[]
  /** Entries that were verified before, and were dropped as the ledger went on in another log. */
  readonly dropped: readonly Transaction[]
  /** For the next statement. */
  readonly kept: KeptState
}
