import { isMemberName } from '../client/index.ts'
import { AMOUNT_MAX, QUARTERS_MAX } from '../core/limits.ts'
import type { CsvRow } from '../node/csv-file.ts'
import { UsageError } from '../node/failure.ts'

const QUARTER_MS = 900_000
const DAY_QUARTERS = 96
/** Quarter hours from the offset of a unit (SPEC §5) to that of UTC, and to the first of its days. */
const UTC_OFFSET = 56
const OFFSET_SHIFT = 40

/** What of a unit's policy decides which balances there can be. */
export interface BalancePolicy {
  readonly step: number
  readonly offset: number
  readonly grain: number
}

/** A column of the file for each of these; of the reference one or several. */
export interface BalanceMap {
  readonly member: string
  readonly points: string
  readonly expires?: string
  readonly matures?: string
  /** What tells balances of one member apart. */
  readonly ref?: readonly string[]
}

/** Whether a comma or a point stands before fractions; the other then stands between thousands. */
export type DecimalMark = 'comma' | 'point'

/** What a member had in an old system. */
export interface BalanceRow {
  readonly line: number
  readonly member: string
  /** What the balance is called among others: its reference is derived from it. */
  readonly name: string
  readonly points: number
  /** In quarter hours since 1970; 0 for none. */
  readonly matures: number
  readonly expires: number
}

/** Why a row brings nothing. */
export interface RowFault {
  readonly line: number
  readonly code: string
  readonly message: string
}

/** The columns of a file as a command line names them, such as `member=id,points=balance`. @throws UsageError. */
export function parseBalanceMap(text: string): BalanceMap {
  const pairs = text.split(',').map(pair => /^\s*([a-z]+)\s*=\s*(.+?)\s*$/.exec(pair) ?? noMap(pair))
  const named = new Map(pairs.map(([, field, column]) => [field!, column!]))
  for (const field of named.keys())
    if (!['member', 'points', 'expires', 'matures', 'ref'].includes(field)) noMap(`${field}=`)
  const [expires, matures, ref] = ['expires', 'matures', 'ref'].map(field => named.get(field))
  return {
    member: named.get('member') ?? 'member',
    points: named.get('points') ?? 'points',
    ...(expires === undefined ? {} : { expires }),
    ...(matures === undefined ? {} : { matures }),
    ...(ref === undefined ? {} : { ref: ref.split('+').map(column => column.trim()) }),
  }
}

function noMap(pair: string): never {
  throw new UsageError(
    'settings',
    `"${pair}" names no column. Say member, points, expires, matures and ref: --map "member=id,points=balance"; ` +
      'of several columns that tell balances apart: ref=id+until',
  )
}

/** A row is not what a balance can be. */
class RowError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Reads rows of balances, by the header of their file. Each balance comes once in a file. */
export class BalanceReader {
  readonly #columns: Readonly<Record<'member' | 'points' | 'expires' | 'matures', number>>
  readonly #ref: readonly number[]
  readonly #policy: BalancePolicy
  readonly #decimal: DecimalMark | undefined
  readonly #nowMs: number
  /** Lines on which balances stand, by their names. */
  readonly #lines = new Map<string, number>()

  /** @throws UsageError `csv-header`: a column that is named is not there, or twice. */
  constructor(
    header: CsvRow,
    map: BalanceMap,
    policy: BalancePolicy,
    { decimal, nowMs }: { readonly decimal?: DecimalMark; readonly nowMs: number },
  ) {
    const names = header.cells.map(cell => cell.trim())
    const at = (column: string | undefined) => {
      if (column === undefined) return -1
      const place = names.indexOf(column)
      if (place >= 0 && names.indexOf(column, place + 1) < 0) return place
      throw new UsageError(
        'csv-header',
        `The file has ${place < 0 ? 'no' : 'more than one'} column "${column}"; it has ${names.map(name => `"${name}"`).join(', ')}. ` +
          'Name its columns: --map "member=id,points=balance"',
      )
    }
    this.#columns = {
      ...{ member: at(map.member), points: at(map.points), expires: at(map.expires), matures: at(map.matures) },
    }
    this.#ref = (map.ref ?? []).map(at)
    this.#policy = policy
    this.#decimal = decimal
    this.#nowMs = nowMs
  }

  /** What a row says; undefined where that is no points. Untrusted: a fault where it cannot be. */
  read({ line, cells, fault }: CsvRow): BalanceRow | RowFault | undefined {
    try {
      if (fault !== undefined) throw new RowError('csv-line', fault)
      return this.#read(line, cells)
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      return { line, code: error.code, message: error.message }
    }
  }

  #read(line: number, cells: readonly string[]): BalanceRow | undefined {
    const { member, points, expires, matures } = this.#columns
    const cell = (column: number) => (column < 0 ? '' : (cells[column] ?? '').trim())
    const last = Math.max(member, points, expires, matures, ...this.#ref)
    if (cells.length <= last)
      throw new RowError('csv-line', `it has ${cells.length} values, and ${last + 1} are asked for`)
    const name = cell(member)
    if (!isMemberName(name)) throw new RowError('balance-member', `${shown(name)} is no name of a member`)
    const refs = this.#ref.map(cell)
    if (refs.some(ref => ref !== '' && !isMemberName(ref)) || (refs.length > 0 && refs.every(ref => ref === '')))
      throw new RowError('balance-member', 'what tells it apart is empty, or has control characters')
    const amount = pointsOf(cell(points), this.#decimal)
    if (amount === 0) return undefined
    if (amount % this.#policy.step !== 0)
      throw new RowError('off-step', `${amount} is not a multiple of ${this.#policy.step}, the step of the unit`)
    const dates = {
      matures: this.#dateOf(cell(matures), 'matures'),
      expires: this.#dateOf(cell(expires), 'expires'),
    }
    if (dates.expires !== 0 && dates.expires * QUARTER_MS <= this.#nowMs)
      throw new RowError('dates', `${cell(expires)} is past: the points had expired`)
    if (dates.expires !== 0 && dates.expires <= dates.matures)
      throw new RowError('dates', 'the points would expire before they can be spent')
    // No name has a control character.
    const own = refs.length === 0 ? name : ['', name, ...refs].join('\u0000')
    const before = this.#lines.get(own)
    if (before !== undefined)
      throw new RowError(
        'balance-twice',
        `${shown(name)} stands on line ${before}, too. If she has several balances, name what tells them apart: --map ref=…`,
      )
    this.#lines.set(own, line)
    return { line, member: name, name: own, points: amount, ...dates }
  }

  /** A date of the file in quarter hours; 0 where there is none. */
  #dateOf(text: string, what: 'matures' | 'expires'): number {
    if (text === '') return 0
    const [year, month, day, time, zone] = partsOf(text)
    const { offset, grain } = this.#policy
    const dayMs = Date.UTC(year, month - 1, day)
    const isDay = new Date(dayMs).getUTCDate() === day && new Date(dayMs).getUTCMonth() === month - 1
    if (!isDay) throw new RowError('balance-date', `${shown(text)} is no day of the calendar`)
    // By the clock of the unit where no zone is said. Points that expire on a day last to its end.
    const shift = zone === undefined ? (offset - UTC_OFFSET) * QUARTER_MS : zoneMs(zone)
    const ends = time === undefined && what === 'expires' ? DAY_QUARTERS * QUARTER_MS : 0
    const quarters = (dayMs + timeMs(time) + ends - shift) / QUARTER_MS
    const over = (Math.floor(quarters) + offset + OFFSET_SHIFT) % grain
    const below = Math.floor(quarters) - over
    // On the dates that the unit has, and never to her loss.
    const date = what === 'matures' || below === quarters ? below : below + grain
    if (date < 1 || date > QUARTERS_MAX)
      throw new RowError('balance-date', `${shown(text)} is out of the range of dates that points can have`)
    return date
  }
}

type DateParts = readonly [
  year: number,
  month: number,
  day: number,
  time?: string | undefined,
  zone?: string | undefined,
]

/** Year first, as `2027-12-31`, `2027/12/31` or `2027年12月31日`; or `31.12.2027`; with a time and a zone or without. */
function partsOf(text: string): DateParts {
  const time = String.raw`(?:[T ](\d\d?:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?`
  const yearFirst = new RegExp(String.raw`^(\d{4})(?:-(\d\d?)-|\/(\d\d?)\/|年(\d\d?)月)(\d\d?)日?${time}$`).exec(text)
  if (yearFirst !== null) {
    const [, year, a, b, c, day, at, zone] = yearFirst
    return [Number(year), Number(a ?? b ?? c), Number(day), at, zone]
  }
  const dotted = new RegExp(String.raw`^(\d\d?)\.(\d\d?)\.(\d{4})${time}$`).exec(text)
  if (dotted !== null) return [Number(dotted[3]), Number(dotted[2]), Number(dotted[1]), dotted[4], dotted[5]]
  const why = /^\d\d?\/\d\d?\/\d{4}/.test(text)
    ? 'may be two dates: write the year first, as 2027-12-31'
    : 'is no date such as 2027-12-31, 31.12.2027 or 2027-12-31T18:00Z'
  throw new RowError('balance-date', `${shown(text)} ${why}`)
}

function timeMs(time: string | undefined): number {
  if (time === undefined) return 0
  const [hours, minutes, seconds = 0] = time.split(':').map(Number) as [number, number, number?]
  if (hours > 23 || minutes > 59 || seconds >= 60)
    throw new RowError('balance-date', `${shown(time)} is no time of a day`)
  return Math.floor((hours * 3600 + minutes * 60 + seconds) * 1000)
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/**
 * Points of a text: whole, with marks between thousands where those are clear, and with a fraction only if that is 0.
 */
function pointsOf(text: string, decimal: DecimalMark | undefined): number {
  const bare = text.replace(/(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?:\D|$))/g, '').replace(/^\+/, '')
  if (/^[-−(]/.test(bare))
    throw new RowError('balance-negative', `${shown(text)} is below zero: nobody brings a debt along`)
  const [group, mark] = decimal === 'comma' ? ['\\.', ','] : [',', '\\.']
  const form =
    decimal === undefined
      ? /^(\d+)(?:[.,](0{1,2}))?$/
      : new RegExp(`^(\\d{1,3}(?:${group}\\d{3})+|\\d+)(?:${mark}(\\d*))?$`)
  const [, whole, fraction = ''] = form.exec(bare) ?? noPoints(text, bare, decimal)
  if (/[1-9]/.test(fraction)) throw new RowError('balance-amount', `${shown(text)} has a fraction: points are whole`)
  const points = Number(whole!.replace(/[.,]/g, ''))
  if (points > AMOUNT_MAX) throw new RowError('balance-amount', `${shown(text)} is more than 2^53 − 1`)
  return points
}

function noPoints(text: string, bare: string, decimal: DecimalMark | undefined): never {
  const isMarked = decimal === undefined && /^\d[\d.,]*$/.test(bare)
  throw new RowError(
    'balance-amount',
    `${shown(text)} ${
      isMarked
        ? 'has a fraction, or marks between thousands: say which, --decimal comma or --decimal point'
        : 'is no number of points'
    }`,
  )
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
