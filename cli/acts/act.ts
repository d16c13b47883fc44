import { QUARTER_MS } from '../../src/account/dates.ts'
import type { FieldsFor, TallyClient } from '../../src/client/index.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { ID_BYTES } from '../../src/core/entry/id.ts'
import type { Kind, TakePolicy } from '../../src/core/entry/transaction.ts'
import { UsageError } from '../../src/node/failure.ts'
import type { KeyName } from '../../src/operations/founding.ts'
import type { DueTime } from '../input/options.ts'

/** Values of a command's options by their names. */
export type Values = Readonly<Record<string, string | number | readonly number[] | DueTime | undefined>>

/** What an option is, for help, and how its text is read. */
export type Form =
  | 'account'
  | 'points'
  | 'record'
  | 'id'
  | 'hash'
  | 'span'
  | 'due'
  | 'date'
  | 'number'
  | 'file'
  | FieldWord

type FieldWord = 'name' | 'role' | 'kind' | 'scope' | 'pools' | 'takes'

/** A command that makes one transaction. */
export interface Act<K extends Kind = Kind> {
  readonly command: string
  readonly summary: string
  readonly kind: K
  /** Whose key signs: a key of the ledger by its name, or the owner of the account that an option names. */
  readonly by: KeyName | { readonly ownerOf: string }
  /** Options by name: the form of each, and what it is for. A name that ends in `?` may be left out. */
  readonly options: Readonly<Record<string, readonly [form: Form, what: string]>>
  /** What options that were left out are, by what the ledger has. */
  readonly look?: (client: TallyClient, values: Values, nowMs: number) => Promise<Values>
  readonly fields: (values: Values, nowMs: number) => Omit<FieldsFor<K>, 'id'>
  readonly examples: readonly string[]
}

/** An act among others, whatever its kind. */
export function act<K extends Kind>(one: Act<K>): Act {
  return one as unknown as Act
}

/** Quarter hours of an hour. */
const HOUR_QUARTERS = 4

/** The number that an option has; 0 where it was left out. */
export const n = (value: Values[string]): number => Number(value ?? 0)
/** A part of a lot that goes from one member to another: `--from`, `--to`, its amount and its dates. */
export const lotMoved = (v: Values) => ({
  debit: n(v['from']),
  credit: n(v['to']),
  amount: n(v['amount']),
  matures: n(v['matures']),
  expires: n(v['expires']),
})
/** The caps of a budget's terms, each 0 where there is none. */
export const capsIn = (v: Values) => ({
  memberDay: n(v['memberDay']),
  memberWeek: n(v['memberWeek']),
  memberMonth: n(v['memberMonth']),
  memberTotal: n(v['memberTotal']),
  day: n(v['day']),
  week: n(v['week']),
  month: n(v['month']),
  total: n(v['total']),
})
/** The 32 bytes of an option in hex. @throws FormatError `hex`. */
export const hash = (value: Values[string]): Uint8Array => fromHex(String(value), 32)
/** The id that an option has in hex. @throws FormatError `hex`. */
export const id = (value: Values[string]): Uint8Array => fromHex(String(value), ID_BYTES)
/** The time that an option says, in ms; 0 where it was left out. */
export const dueMs = (nowMs: number, value: Values[string]): number => {
  // A number is a time that the ledger has already.
  const said = typeof value === 'number' ? { atMs: value } : ((value ?? { atMs: 0 }) as DueTime)
  return 'inMs' in said ? nowMs + said.inMs : said.atMs
}
/**
 * The same in quarter hours since 1970: of a span the first full hour that begins after it.
 *
 * @throws UsageError `settings` for a date that is no full quarter of an hour.
 */
export const dueQuarters = (nowMs: number, value: Values[string]): number => {
  const timeMs = dueMs(nowMs, value)
  const isSpan = typeof value === 'object' && 'inMs' in value
  if (isSpan) return HOUR_QUARTERS * Math.ceil(timeMs / (HOUR_QUARTERS * QUARTER_MS))
  if (timeMs % QUARTER_MS === 0) return timeMs / QUARTER_MS
  throw new UsageError('settings', 'A date of points is a full quarter of an hour, such as 2026-12-24T18:30Z.')
}
/** What an option says of takes, `each,most,keep,day,open`; null where it was left out. */
export const takesOf = (value: Values[string]): TakePolicy | null => {
  if (value === undefined) return null
  const [each, most, keep, day, open] = (value as readonly number[]).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return { each, most, keep, day, open }
}
/** A field that an option gives; none where it was left out. */
export const given = <N extends string>(name: N, value: Values[string]): { [K in N]?: number } =>
  value === undefined ? {} : ({ [name]: n(value) } as { [K in N]: number })

/** The options that every movement has. */
export const TAIL: Act['options'] = {
  'details?': ['hash', 'commitment to the details, hex'],
  'cites?': ['id', 'id of an accepted transaction that this one goes back to, hex'],
}

/** The fields of these options. */
export const tailOf = ({ details, cites }: Values): { details: Uint8Array | null; cites: Uint8Array | null } => ({
  details: details === undefined ? null : hash(details),
  cites: cites === undefined ? null : id(cites),
})
