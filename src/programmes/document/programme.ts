import type { Expression } from '../expression/profile.ts'
import type { RecordType } from '../expression/tree.ts'
import type { CalendarPeriod, Period } from './calendar.ts'
import type { Ratio, Rounding } from './forms.ts'
import type { JsonObject } from './json.ts'

/**
 * A document that was read and found to be one: docs/programmes.md §2. Everything in it is bounded and refers to what
 * is there.
 */
export interface Programme {
  readonly value: JsonObject
  /** Its canonical text, and SHA-256 of that in hex. */
  readonly text: string
  readonly digest: string
  readonly name: string
  readonly version: number
  readonly unit: string
  readonly title: Readonly<Record<string, string>>
  readonly fromMs: number
  readonly untilMs: number | undefined
  readonly offsetMs: number
  readonly grain: number
  readonly lateMs: number
  readonly events: ReadonlyMap<string, EventType>
  readonly rules: readonly Rule[]
  readonly groups: ReadonlyMap<string, readonly Cap[]>
  readonly campaigns: readonly Campaign[]
  readonly tiers: Tiers | undefined
  readonly reversals: readonly Reversal[]
  readonly spend: Spend | undefined
  readonly settle: Settle | undefined
  readonly exchanges: readonly Exchange[]
  readonly friends: Friends | undefined
}

export interface EventType {
  readonly name: string
  readonly record: RecordType
  readonly meter: Meter | undefined
  /** Filled when rules are read: those of the type in their order. */
  readonly rules: Rule[]
  /** Reversals that events of the type are, and the one whose original they are. */
  readonly reversals: Reversal[]
  /** Text fields in which ids of entries stand. */
  readonly cited: Set<string>
  original: Reversal | undefined
}

export interface Meter {
  readonly name: string
  readonly key: Uint8Array
}

export interface Rule {
  readonly pointer: string
  readonly id: string
  readonly on: string
  readonly group: string | undefined
  readonly campaign: Campaign | undefined
  readonly when: Expression | undefined
  readonly once: Scope | undefined
  readonly amount: Amount
  readonly times: ReadonlyMap<string, Ratio> | undefined
  readonly round: Rounding
  /** In the order in which they cut. */
  readonly caps: readonly Cap[]
  readonly unit: string
  /** Undefined: at once, or never. */
  readonly matures: DateRule | undefined
  readonly expires: DateRule | undefined
  readonly cites: string | undefined
  /** Whether what it gives hangs on the member's tier. */
  readonly readsTier: boolean
  /** Whether an expression names `at`. */
  readonly readsTime: boolean
  /** What it reads of counters, in the order of their names: sums of caps, and without a cap `streak` and `tier`. */
  readonly reads: readonly { readonly name: string; readonly cap: Cap | undefined }[]
  /** Whether what it gives counts for a tier. */
  readonly countsForTier: boolean
}

export type Amount =
  | { readonly kind: 'fixed'; readonly points: number }
  | { readonly kind: 'streak'; readonly points: readonly number[] }
  | { readonly kind: 'per'; readonly per: number; readonly give: number; readonly of: Expression }
  | { readonly kind: 'rate'; readonly rate: Ratio; readonly of: Expression }

/** What a cap or a `once` counts over. */
export interface Scope {
  /** As it stands in the document. */
  readonly text: string
  readonly who: 'event' | 'member' | 'programme'
  readonly period: Period
  readonly fields: readonly string[]
}

export interface Cap {
  readonly name: string
  readonly most: number
  readonly scope: Scope
  /** The rule's own cap on one event: nothing is counted before. */
  readonly isOwnEvent: boolean
}

export interface Campaign {
  readonly id: string
  readonly fromMs: number
  readonly untilMs: number
  readonly budget: Cap
}

/** A date as docs/programmes.md §3 has it: the end of a period or the event itself, and so much later. */
export interface DateRule {
  readonly end: CalendarPeriod | undefined
  readonly plusMs: number
  readonly plusMonths: number
}

export interface Tiers {
  readonly rolling: number | undefined
  readonly calendar: 'month' | 'quarter' | 'year' | undefined
  readonly grace: number
  readonly levels: readonly { readonly id: string; readonly from: number }[]
}

export interface Reversal {
  readonly pointer: string
  readonly on: string
  readonly of: string
  readonly match: string
  readonly refunded: Expression
  readonly whole: Expression
  readonly withinMs: number
  readonly round: Rounding
}

export interface Spend {
  readonly points: number
  readonly cents: number
  readonly share: Ratio
  readonly least: number
  readonly step: number
  readonly holdMs: number | undefined
}

export interface Settle {
  readonly end: CalendarPeriod
  readonly fee: Ratio | undefined
}

export interface Exchange {
  readonly id: string
  readonly give: number
  readonly of: string
  readonly get:
    | { readonly unit: string; readonly points: number }
    | { readonly item: string; readonly isSerial: boolean; readonly isClaimedOnce: boolean }
}

export interface Friends {
  readonly each: Ratio
  readonly most: number
  readonly keep: Ratio
  readonly memberDay: number
}
