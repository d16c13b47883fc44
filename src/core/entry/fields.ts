import { equalBytes } from '../bytes.ts'
import type { CborReader, CborValue } from '../cbor.ts'
import { FormatError } from '../failure.ts'
import { ACCOUNTS_MAX } from '../limits.ts'

/** How one field of a transaction is read and written. What it reads is untrusted, and copied. */
export interface Field<T> {
  read(reader: CborReader, what: string): T
  write(value: T): CborValue
}

/** Refuses a transaction. @throws FormatError `transaction`. */
export function refuse(what: string): never {
  throw new FormatError('transaction', what)
}

/** A whole number from `min` to `max`. */
export function uint(max: number, min = 0): Field<number> {
  return {
    read(reader, what) {
      const value = reader.uint(max, what)
      if (value < min) refuse(`${what} is at least ${min} (before byte ${reader.offset})`)
      return value
    },
    write: value => value,
  }
}

/** So many bytes. */
export function bytes(size: number): Field<Uint8Array> {
  return { read: (reader, what) => reader.bytes(size, what).slice(), write: value => value }
}

/** A field, or null. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    read: (reader, what) => (reader.null() ? null : field.read(reader, what)),
    write: value => (value === null ? null : field.write(value)),
  }
}

/** The name of a number in a table. */
export function oneOf<T extends string>(table: Readonly<Record<T, number>>): Field<T> {
  return {
    read(reader, what) {
      const value = reader.uint(255, what)
      for (const name in table) if (table[name] === value) return name
      return refuse(`there is no ${what} ${value} (before byte ${reader.offset})`)
    },
    write: value => table[value],
  }
}

/** A text of so many bytes at most that a pattern matches: what it is, in words. */
export function matching(pattern: RegExp, bytesMax: number, words: string): Field<string> {
  return {
    read(reader, what) {
      const text = reader.text(what, bytesMax)
      return pattern.test(text) ? text : refuse(`${what} ${words} (before byte ${reader.offset})`)
    },
    write: value => value,
  }
}

/** Up to `max` account numbers, strictly increasing. */
export function accountList(max: number): Field<readonly number[]> {
  return {
    read(reader, what) {
      const count = reader.array()
      if (count > max) refuse(`${what} names at most ${max} accounts, this one ${count}`)
      const accounts = Array.from({ length: count }, () => reader.uint(ACCOUNTS_MAX - 1, what))
      if (accounts.some((account, i) => i > 0 && account <= accounts[i - 1]!))
        refuse(`the accounts of ${what} increase strictly (before byte ${reader.offset})`)
      return accounts
    },
    write: value => [...value],
  }
}

/** 1 to `max` keys, no two of them the same: `k` of `n` takes `n` keys. */
export function distinctKeys(max: number, words: string): Field<readonly Uint8Array[]> {
  return {
    read(reader) {
      const count = reader.array()
      if (count < 1 || count > max) refuse(`there are 1 to ${max} ${words}, not ${count}`)
      const keys = Array.from({ length: count }, () => reader.bytes(32, words).slice())
      if (keys.some((key, i) => keys.some((other, n) => n < i && equalBytes(key, other))))
        refuse(`no two ${words} are the same (before byte ${reader.offset})`)
      return keys
    },
    write: value => [...value],
  }
}
