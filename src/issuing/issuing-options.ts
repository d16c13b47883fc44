import type { SigningKey, TallyClient } from '../client/index.ts'
import type { SaltedText } from '../core/entry/details.ts'
import type { EventRecord, RewardState } from './event-record.ts'
import type { LedgerReward } from './ledger-rewards.ts'
import type { PublishedProgramme, UnitPlace } from './published.ts'

/** Members' accounts, as an issuing service asks for them. */
export interface MemberAccounts {
  /** The accounts of members in a unit, by their names; those who have none are left out. */
  find(names: readonly string[], unit: number): Promise<ReadonlyMap<string, number>>
  /**
   * The same, opened for those who have none.
   *
   * @param times - of a member's first event here, by name.
   */
  open(times: ReadonlyMap<string, number>, unit: number): Promise<ReadonlyMap<string, number>>
}

/** Keeps details under commitments, before they are sent. */
export interface DetailsSink {
  add(account: number, commitment: Uint8Array, details: SaltedText): void
  /** Resolves when all that was added is kept. */
  flush(): Promise<void>
}

/** What was given before: the ledger's entries, and the details under their commitments. */
export interface LedgerHistory {
  rewards(): AsyncIterable<LedgerReward>
  /** The text under a commitment (hex), from wherever details are kept; undefined where it is not to be had. */
  textOf(commitment: string): Promise<string | undefined>
}

/** What an issuing service is opened with. */
export interface IssuingOptions {
  /** Where it keeps counters and what is on its way: a LevelDB, for this process alone. */
  readonly folder: string
  readonly client: TallyClient
  /** The versions of the programme, as `publishedVersions` finds them. */
  readonly versions: readonly PublishedProgramme[]
  /** From which ids and salts are derived: at least 32 bytes, the same for ever. docs/programmes.md §11. */
  readonly secret: Uint8Array
  /** The issuer's key: one, or that which reaches back to events of a time. */
  readonly issuer: SigningKey | ((timeMs: number) => Promise<SigningKey>)
  readonly accounts: MemberAccounts
  /** Where points of a unit come from; some programmes have a budget for each shop. */
  readonly placeOf: (unit: string, event: EventRecord) => UnitPlace
  /**
   * Where a new folder finds what was given before, so that counters and ids go on from there; undefined where nothing
   * was.
   */
  readonly history: LedgerHistory | undefined
  /** Keeps details for auditors, before they are committed to. */
  readonly details?: DetailsSink
  /**
   * The clock by which events that are ahead, or older than the issuer's key reaches, are not taken; and that of the
   * ids of reversals, where `reversalMs` says nothing else.
   */
  readonly nowMs?: () => number
  /** The time of the id of a reversal, which no key may date back. */
  readonly reversalMs?: (event: EventRecord) => number
  /** The time of a tier that is set; by default that of the clock. */
  readonly tierMs?: () => number
  /** How far ahead of the clock an event may be; by default ten minutes. */
  readonly aheadMs?: number
  /** How old an event may be by the clock; by default as old as it likes. */
  readonly reachMs?: number
  readonly signal?: AbortSignal
  /** Hears of the rewards that were handed over, in whatever order their answers come. */
  readonly onHanded?: (record: EventRecord, states: readonly RewardState[]) => void
}
