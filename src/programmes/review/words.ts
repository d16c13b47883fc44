import type { CalendarPeriod, Period } from '../document/calendar.ts'
import type { Rounding } from '../document/forms.ts'
import type { Scope } from '../document/programme.ts'
import type { Call, Macro } from '../expression/tree.ts'

/** A length of time as people say it. */
export interface Span {
  readonly count: number
  readonly unit: 'minute' | 'hour' | 'day' | 'month' | 'year'
}

/** How a language says what a document says. A sentence each, or a part of one. */
export interface ProgrammeWords {
  readonly head: (title: string, name: string, version: number, unit: string) => string
  readonly time: (from: string, until: string | undefined, day: string, late: string) => string
  readonly span: (span: Span) => string
  readonly meter: (name: string, events: string) => string
  /** A rule: its name, for which event, under which condition, how often. */
  readonly rule: (id: string, on: string, when: string | undefined, once: string | undefined, amount: string) => string
  readonly once: (scope: Scope) => string
  readonly scope: (scope: Scope) => string
  readonly fixed: (points: number, unit: string) => string
  readonly streak: (points: readonly number[], unit: string) => string
  readonly per: (give: number, per: number, of: string, unit: string) => string
  readonly rate: (n: number, d: number, of: string, round: Rounding, unit: string) => string
  readonly times: (tier: string, n: number, d: number) => string
  readonly most: (points: number, scope: string) => string
  readonly campaign: (id: string, from: string, until: string, budget: number) => string
  readonly cites: (field: string) => string
  readonly matures: (date: string | undefined) => string
  readonly expires: (date: string | undefined) => string
  readonly date: (end: CalendarPeriod | undefined, plus: string | undefined) => string
  readonly group: (name: string, rules: string, caps: string) => string
  readonly allRules: string
  readonly tiers: (by: string, over: string, grace: number, levels: string) => string
  readonly rolling: (days: number) => string
  readonly calendar: (period: Period) => string
  readonly level: (id: string, from: number) => string
  readonly reversal: (
    on: string,
    of: string,
    match: string,
    part: string,
    whole: string,
    round: Rounding,
    within: string,
  ) => string
  readonly worth: (points: number, cents: number, unit: string) => string
  readonly spend: (share: string, least: number, step: number, hold: string | undefined) => string
  readonly settle: (end: CalendarPeriod, fee: string | undefined) => string
  readonly exchangePoints: (id: string, give: number, of: string, points: number, unit: string) => string
  readonly exchangeItem: (
    id: string,
    give: number,
    of: string,
    item: string,
    isSerial: boolean,
    isOnce: boolean,
  ) => string
  readonly friends: (each: string, most: number, keep: string, day: number) => string
  readonly list: (parts: readonly string[]) => string
  /** Between the parts of what is said of a rule. */
  readonly parts: string
  /** A condition or a quantity, from the parts of its tree. */
  readonly call: Readonly<Record<Call, (args: readonly string[]) => string>>
  readonly macro: Readonly<Record<Macro, (range: string, variable: string, body: string) => string>>
  readonly has: (field: string) => string
  /** When an event is: what is asked of it, and the days from Monday on. */
  readonly at: Readonly<Record<'weekday' | 'hour' | 'date' | 'month', string>>
  readonly weekdays: readonly string[]
  readonly listOf: (items: readonly string[]) => string
  readonly truth: (value: boolean) => string
}
