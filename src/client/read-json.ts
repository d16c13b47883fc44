import { fromBase64, fromHex, utf8Decode } from '../core/bytes.ts'
import { CodedError, FormatError } from '../core/failure.ts'

/**
 * Reads a value of a server's JSON: whatever it returns has the form that it should.
 *
 * @param value - untrusted.
 * @param at - where it stands, for people.
 * @throws FormatError `answer`.
 */
export type JsonReader<T> = (value: unknown, at: string) => T

/** Any value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Levels of lists and objects in each other that are read where anything may stand. */
const DEPTH_MAX = 16

/** What a document in JSON holds. @param bytes - untrusted. @throws FormatError `answer`. */
export function readJson<T>(bytes: Uint8Array, read: JsonReader<T>): T {
  let value: unknown
  try {
    value = JSON.parse(utf8Decode(bytes))
  } catch (error) {
    throw new FormatError('answer', 'the answer is not JSON', { cause: error })
  }
  return read(value, 'the answer')
}

function wrong(at: string, expected: string): FormatError {
  return new FormatError('answer', `${at} is not ${expected}`)
}

/** A whole number from 0 to `max`. */
export function uint(max: number = Number.MAX_SAFE_INTEGER): JsonReader<number> {
  return (value, at) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max)
      throw wrong(at, `a whole number up to ${max}`)
    return value as number
  }
}

/** A whole number above or below 0. */
export const int: JsonReader<number> = (value, at) => {
  if (!Number.isSafeInteger(value)) throw wrong(at, 'a whole number')
  return value as number
}

/** A number that is not below 0. */
export const amount: JsonReader<number> = (value, at) => {
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY)
    throw wrong(at, 'a number from 0 on')
  return value
}

/** A text of at most `max` characters. */
export function text(max: number): JsonReader<string> {
  return (value, at) => {
    if (typeof value !== 'string' || value.length > max) throw wrong(at, `a text of at most ${max} characters`)
    return value
  }
}

export const boolean: JsonReader<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false')
  return value
}

/** One of some words. */
export function oneOf<const T extends string>(words: readonly T[]): JsonReader<T> {
  return (value, at) => {
    const found = words.find(word => word === value)
    if (found === undefined) throw wrong(at, `one of ${words.join(', ')}`)
    return found
  }
}

/** Bytes in hex, so many. */
export function hex(length: number): JsonReader<Uint8Array> {
  return (value, at) => decoded(at, `${length} bytes in hex`, () => fromHex(value as string, length), typeof value)
}

/** The same, as the text that it is. */
export function hexText(length: number): JsonReader<string> {
  const read = hex(length)
  return (value, at) => {
    read(value, at)
    return value as string
  }
}

/** Bytes in base64, exactly so many. */
export function base64Of(length: number): JsonReader<Uint8Array> {
  const read = base64(length)
  return (value, at) => {
    const bytes = read(value, at)
    if (bytes.length !== length) throw wrong(at, `${length} bytes in base64`)
    return bytes
  }
}

/** Bytes in base64, at most so many, or exactly so many; as the text that it is. */
export function base64Text(max: number, isExact = false): JsonReader<string> {
  const read = isExact ? base64Of(max) : base64(max)
  return (value, at) => {
    read(value, at)
    return value as string
  }
}

/** Bytes in base64, at most so many. */
export function base64(max: number): JsonReader<Uint8Array> {
  const expected = `at most ${max} bytes in base64`
  return (value, at) => {
    const bytes = decoded(at, expected, () => fromBase64(value as string), typeof value)
    if (bytes.length > max) throw wrong(at, expected)
    return bytes
  }
}

function decoded(at: string, expected: string, decode: () => Uint8Array, type: string): Uint8Array {
  if (type !== 'string') throw wrong(at, expected)
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new FormatError('answer', `${at} is not ${expected}: ${error.message}`, { cause: error })
  }
}

export function nullOr<T>(read: JsonReader<T>): JsonReader<T | null> {
  return (value, at) => (value === null ? null : read(value, at))
}

/** Of a member that may be left out. */
export function optional<T>(read: JsonReader<T>): JsonReader<T | undefined> {
  return (value, at) => (value === undefined ? undefined : read(value, at))
}

/** A list of at most `max`. */
export function list<T>(read: JsonReader<T>, max: number): JsonReader<T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > max) throw wrong(at, `a list of at most ${max}`)
    return value.map((item, i) => read(item, `${at}[${i}]`))
  }
}

/** An object with members of those names. What else it has is stepped over: a later ledger may say more. */
export function object<T extends object>(members: { readonly [K in keyof T]: JsonReader<T[K]> }): JsonReader<T> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object')
    const read: Partial<T> = {}
    for (const name in members) {
      const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      read[name] = members[name](member, `"${name}" of ${at}`)
    }
    return read as T
  }
}

/** Any value, lists and objects in each other up to a depth. */
export const json: JsonReader<Json> = (value, at) => {
  checkDepth(value, at, DEPTH_MAX)
  return value as Json
}

function checkDepth(value: unknown, at: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === 0) throw wrong(at, `at most ${DEPTH_MAX} levels deep`)
  for (const item of Array.isArray(value) ? value : Object.values(value)) checkDepth(item, at, depth - 1)
}

/** An object of JSON, whatever its members. */
export const jsonObject: JsonReader<{ readonly [name: string]: Json }> = (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object')
  return json(value, at) as { readonly [name: string]: Json }
}
