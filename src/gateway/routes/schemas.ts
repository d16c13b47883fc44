import { z } from 'zod'
import { AMOUNT_MAX, PAGE_LINES_MAX } from '../../core/limits.ts'
import { momentMs } from '../../node/moment.ts'
import { HttpError, problemSchema } from '../../serving/index.ts'
import { invalid } from '../failure.ts'
import { MOVEMENT_KINDS } from '../movement.ts'

/** Bytes of ids and keys of a shop. */
const NAME_BYTES_MAX = 512

/** Whether a string can be written in UTF-8 and read again: a lone surrogate would come back as another character. */
function isText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

/** A text that a shop names something with: no control characters, so that it can stand in a line. */
function named(what: string) {
  return z
    .string()
    .min(1)
    .max(255)
    .refine(text => !/[\u0000-\u001f\u007f]/.test(text), `${what} has no control characters`)
    .refine(isText, `${what} has no half of a surrogate pair`)
    .refine(text => Buffer.byteLength(text) <= NAME_BYTES_MAX, `${what} has at most ${NAME_BYTES_MAX} bytes`)
}

/** A text that stands in paths: clients take `.` and `..` out of those, however they are written. */
function inPaths(what: string) {
  return named(what).refine(text => text !== '.' && text !== '..', `${what} is not . or .., which no path can name`)
}

export const member = inPaths('a member').meta({
  description: 'The id of the shop for its customer',
  examples: ['cust_8842'],
})
export const order = inPaths('an order').meta({ description: 'The id of the shop for the order', examples: ['o-1001'] })
export const unit = z
  .string()
  .max(32)
  .optional()
  .meta({ description: 'Name of the unit; the first of the shop by default' })
const inQuery = (least: number, most: number) => z.coerce.number().int().min(least).max(most).optional()
/** What of a statement is asked for: all of it, or a page. */
export const statementQuery = z.strictObject({
  unit,
  since: inQuery(0, AMOUNT_MAX).meta({ description: 'Entries verified before' }),
  lines: inQuery(1, PAGE_LINES_MAX).meta({ description: 'A page of at most so many entries (SPEC §10)' }),
  grown: inQuery(0, AMOUNT_MAX).meta({ description: 'With `lines`: size of the checkpoint of the page before' }),
})
export const points = z.int().min(1).max(AMOUNT_MAX)
export const total = z.int().min(0).max(AMOUNT_MAX).meta({ description: 'Total of the order, in cents' })
export const reason = z.string().min(1).max(1000).refine(isText, 'a reason has no half of a surrogate pair')
export const key = named('a key')
export const limit = z.coerce.number().int().min(1).max(1000).default(20)
export const cursor = z.string().max(1024).optional().meta({ description: '`next` of the page before' })
export const time = z.string().meta({ format: 'date-time' })

/** What a member has in a unit. */
export const balanceSchema = z.object({
  account: z.int(),
  status: z.enum(['open', 'frozen', 'closed', 'merged']),
  balance: z.int(),
  available: z.int().meta({ description: 'To be spent now; below zero it is a debt' }),
  pending: z.int().meta({ description: 'Not ripe yet' }),
  held: z.int().meta({ description: 'Set aside for orders' }),
  expiring: z.array(z.object({ at: time, points: z.int() })).meta({ description: 'What expires when, soonest first' }),
  holds: z.array(z.object({ order: z.string().nullable(), points: z.int(), until: time })),
})

export const movementSchema = z.object({
  number: z.int().meta({ description: 'Its place among the entries of the account, from 1' }),
  entry: z.int().meta({ description: 'Log index' }),
  at: time.meta({ description: 'When the ledger took it' }),
  kind: z.enum(MOVEMENT_KINDS),
  points: z.int().meta({ description: 'What it added to the balance' }),
  balance: z.int().meta({ description: 'The balance after it' }),
  held: z.int().meta({ description: 'What it set aside; below zero, what is set aside no more' }),
  lots: z
    .array(z.object({ matures: time.nullable(), expires: time.nullable(), points: z.int() }))
    .meta({ description: 'The points by their dates, as they came or went' }),
  rule: z.string().nullable(),
  order: z.string().nullable(),
  reason: z.string().nullable(),
  id: z.string(),
  proof: z.string().meta({ description: 'Where the receipt of the entry is' }),
})

/** A time in a question: RFC 3339, or a day, which begins in UTC. */
export const moment = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    'expected a time such as 2026-12-01 or 2026-12-01T09:00:00Z',
  )
  .refine(text => momentMs(text) !== undefined, 'there is no such time')

/** A span in a question, such as `30d` or `12h`. */
export const span = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, 'expected a span such as 30m, 12h or 30d')
  .meta({ examples: ['30m', '30d'] })

/** The milliseconds of a span. */
export function spanMs(text: string): number {
  return Number(text.slice(0, -1)) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[text.at(-1) as 's']
}

/** The header under which something counts once. */
export const onceHeaders = z.object({
  'idempotency-key': key
    .optional()
    .meta({ description: 'Any text: what is sent again under it counts once, for ever' }),
})

/** A problem of the gateway: whether to ask again, and how a refusal is proved. */
const refusalSchema = problemSchema.extend({
  retryable: z.boolean().optional().meta({ description: 'Whether the same request can succeed later, or again' }),
  entry: z.int().optional().meta({ description: 'Log index of the refused transaction' }),
  receipt: z.string().optional().meta({ description: 'Where the receipt is that proves the refusal' }),
})

/** The problems that every route of a key answers. */
export const refusals = {
  400: refusalSchema,
  401: refusalSchema,
  403: refusalSchema,
  404: refusalSchema,
  // Of all routes that name a member: what was kept of her was erased.
  410: refusalSchema,
  429: refusalSchema,
  502: refusalSchema,
  503: refusalSchema,
}

/** Those of a route with a body. */
export const bodyRefusals = { ...refusals, 413: refusalSchema, 415: refusalSchema }
/** Those of a route that writes. */
export const writeRefusals = { ...bodyRefusals, 409: refusalSchema, 422: refusalSchema }

/** The bytes of a body, of a route that takes no other. @throws HttpError 415 `media-type`. */
export function bytesIn(body: unknown, contentType: string): Uint8Array {
  if (body instanceof Uint8Array) return body
  throw new HttpError(415, 'media-type', `Send ${contentType}, and say so in Content-Type.`)
}

/** With a key, or by a person who is signed in. */
export const security = [{ key: [] }, { session: [] }]
export const linkSecurity = [{ key: [] }]
export const sessionSecurity = [{ session: [] }]

/** A time as it is answered. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** What is answered of something that was done. */
export const doneShape = {
  entry: z.int().meta({ description: 'Log index of its entry' }),
  at: time,
  proof: z.string().meta({ description: 'Where the receipt of the entry is' }),
  repeated: z.boolean().meta({ description: 'Whether it was done before, under the same key' }),
}

/** The same of a thing done. */
export function doneShown({ index, timeMs, isRepeated }: { index: number; timeMs: number; isRepeated: boolean }) {
  return { entry: index, at: timeText(timeMs), proof: `/v1/proofs/${index}`, repeated: isRepeated }
}

/** What a page of a list ends with, as text that says nothing by itself. */
export function encodeCursor(list: string, text: string): string {
  return Buffer.from(`${list}:${text}`).toString('base64url')
}

/** @param cursor - untrusted. @throws GatewayError where it is none of this list. */
export function decodeCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!text.startsWith(`${list}:`)) throw invalid('query/cursor: it is no `next` of this list.')
  return text.slice(list.length + 1)
}
