import { z } from 'zod'
import { ACCOUNTS_MAX, RECORDS_MAX } from '../core/limits.ts'

// The shapes of what the routes take and answer. The readers of `src/client` accept the same values and no others:
// test/client/readers.test.ts holds the two together.

/** A whole number from 0 to `max`. */
export const uint = (max: number = Number.MAX_SAFE_INTEGER) => z.int().min(0).max(max)
/** A whole number above or below 0. */
export const int = z.int()
export const account = uint(ACCOUNTS_MAX - 1)
export const record = uint(RECORDS_MAX - 1)
/** A name, a key, an id: a text of at most 1,024 characters. */
export const word = z.string().max(1024)
/** Bytes in hex, exactly so many. */
export const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`))
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
/** Bytes in base64, at most so many. */
export const base64 = (max: number) =>
  z
    .string()
    .max(4 * Math.ceil(max / 3))
    .regex(BASE64)
/** 32 and 64 bytes in base64. */
export const base64Of32 = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/)
export const base64Of64 = z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/)

/** Numbers of a path or a query, which are texts. */
export const inPath = (max: number = Number.MAX_SAFE_INTEGER, min = 0) => z.coerce.number().int().min(min).max(max)
export const accountInPath = inPath(ACCOUNTS_MAX - 1)
export const recordInPath = inPath(RECORDS_MAX - 1)
/** How many rows a page has at most. */
export const pageLimit = inPath(1000, 1).default(100)

/** What a route that wants a token says of that; and one where some want one. */
export const withToken = [{ key: [] }]
export const perhapsWithToken = [{}, { key: [] }]
