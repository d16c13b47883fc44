import { utf8Encode } from '../../core/bytes.ts'
import { below, PointerError } from '../failure.ts'
import { RATIO_MAX, TEXT_BYTES_MAX } from '../limits.ts'
import { dayOfDate, isDate } from './calendar.ts'
import type { Json, JsonObject } from './json.ts'

/** n ÷ d, both at least 1. */
export type Ratio = readonly [n: number, d: number]
export type Rounding = 'down' | 'up' | 'half-up'

/** A value of a document with the pointer to it: each method reads one form of docs/programmes.md §2. */
export class At {
  readonly value: Json
  readonly #above: At | string
  readonly #step: string | number
  readonly #code: string

  /**
   * @param above - the place above, of which this is `step`; or the pointer to this.
   * @param code - of the error that a wrong form gives: `programme`, `event` or `reward-details`.
   */
  constructor(value: Json, above: At | string, code: string, step: string | number = '') {
    this.value = value
    this.#above = above
    this.#step = step
    this.#code = code
  }

  /** Made when it is asked for: most places are as they should be. */
  get pointer(): string {
    return typeof this.#above === 'string' ? this.#above : below(this.#above.pointer, this.#step)
  }

  wrong(what: string): PointerError {
    return new PointerError(this.#code, this.pointer, what)
  }

  /** The object with exactly these members, the optional ones perhaps not. */
  object(required: readonly string[], optional: readonly string[] = []): ObjectMembers {
    const object = this.#object()
    for (const name of required) if (!Object.hasOwn(object, name)) throw this.wrong(`"${name}" is missing`)
    for (const name of Object.keys(object))
      if (!required.includes(name) && !optional.includes(name))
        throw this.#below(object, name).wrong('is not known here')
    return {
      at: name => this.#below(object, name),
      maybe: name => (Object.hasOwn(object, name) ? this.#below(object, name) : undefined),
    }
  }

  /** The members of an object whose names are free. */
  entries(): (readonly [name: string, value: At])[] {
    const object = this.#object()
    return Object.keys(object).map(name => [name, this.#below(object, name)])
  }

  list(least: number, most: number): At[] {
    const { value } = this
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw this.wrong(`expected a list of ${least} to ${most}`)
    return value.map((one, i) => new At(one as Json, this, this.#code, i))
  }

  integer(least: number, most = Number.MAX_SAFE_INTEGER): number {
    const { value } = this
    if (typeof value !== 'number' || value < least || value > most)
      throw this.wrong(`expected an integer, ${least} to ${most}`)
    return value
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.wrong('expected true or false')
    return this.value
  }

  text(bytesMax = TEXT_BYTES_MAX): string {
    const { value } = this
    if (typeof value !== 'string') throw this.wrong('expected a text')
    if (value.length > bytesMax || (value.length * 3 > bytesMax && utf8Encode(value).length > bytesMax))
      throw this.wrong(`a text of more than ${bytesMax} bytes`)
    return value
  }

  /** A text of a shape. */
  shaped(shape: RegExp, example: string): RegExpExecArray {
    const match = shape.exec(this.text())
    if (match === null) throw this.wrong(`expected ${example}`)
    return match
  }

  name(): string {
    return this.shaped(/^[a-z][a-z0-9-]{0,31}$/, 'a name of small letters, digits and -')[0]
  }

  oneOf<T extends string>(words: readonly T[]): T {
    const { value } = this
    if (!words.includes(value as T)) throw this.wrong(`expected one of ${words.join(', ')}`)
    return value as T
  }

  ratio(): Ratio {
    const [n, d] = this.list(2, 2)
    return [n!.integer(1, RATIO_MAX), d!.integer(1, RATIO_MAX)]
  }

  /** A share such as 12.5%, above 0 and at most 1. */
  share(): Ratio {
    const [, whole, decimals = ''] = this.shaped(/^([0-9]{1,3})(?:\.([0-9]{1,4}))?%$/, 'a share such as 30% or 12.5%')
    const n = Number(`${whole}${decimals.padEnd(4, '0')}`)
    if (n === 0 || n > RATIO_MAX) throw this.wrong('a share is above 0% and at most 100%')
    return [n, RATIO_MAX]
  }

  /** Milliseconds of a span such as 90m, 48h or 7d. */
  span(): number {
    const [, count, unit] = this.shaped(/^([1-9][0-9]{0,5})([mhd])$/, 'a span such as 15m, 48h or 7d')
    return Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd']
  }

  /** Milliseconds from UTC of an offset such as +08:00. */
  offset(): number {
    const [, sign, hours, minutes] = this.shaped(/^([+-])([0-9]{2}):([0-9]{2})$/, 'an offset such as +08:00')
    const quarters = Number(hours) * 4 + Number(minutes) / 15
    if (!Number.isInteger(quarters) || quarters > 56 || Number(minutes) > 45)
      throw this.wrong('an offset is whole quarter hours, at most 14 hours')
    return (sign === '-' ? -1 : 1) * quarters * 900_000 + 0
  }

  /** Milliseconds since 1970 of a time. */
  time(): number {
    const match = this.shaped(TIME, 'a time such as 2026-12-01T00:00+08:00')
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map(text => Number(text ?? 0)) as Six
    const zone = match[7]!
    const offset = zone === 'Z' ? 0 : new At(zone, this.pointer, this.#code).offset()
    if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) throw this.wrong('there is no such time')
    const timeMs = dayOfDate(year, month, day) * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 - offset
    if (timeMs < 0) throw this.wrong('a time is from 1970 on')
    return timeMs
  }

  #object(): JsonObject {
    const { value } = this
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong('expected an object')
    return value as JsonObject
  }

  #below(object: JsonObject, name: string): At {
    return new At(object[name]!, this, this.#code, name)
  }
}

type Six = [number, number, number, number, number, number]
const TIME = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(Z|[+-][0-9]{2}:[0-9]{2})$/

export interface ObjectMembers {
  /** A member that is there. */
  at(name: string): At
  maybe(name: string): At | undefined
}
