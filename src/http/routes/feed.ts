import { Readable } from 'node:stream'
import { z } from 'zod'
import { toBase64, toHex } from '../../core/bytes.ts'
import { ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { idTimeMs } from '../../core/entry/id.ts'
import { OUTCOMES } from '../../core/entry/outcome.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server, sendEvents } from '../../serving/index.ts'
import { callerOf, mayReadAll } from '../caller.ts'
import { account, hex, inPath, int, pageLimit, uint, withToken, word } from '../shapes.ts'

/** Streams that are open at once: each holds a page and a connection. */
const STREAMS_MAX = 64
/** How often a stream that has nothing to say shows that it is there. */
const BEAT_MS = 15_000
/** Longest wait of a long poll, in seconds. */
const WAIT_S_MAX = 60

const entrySchema = z.object({
  index: uint().describe('Log index: `after` for what follows'),
  kind: word.describe('Of the transaction (SPEC §5), or `seal`'),
  ledgerTime: uint().describe('When the ledger took it, ms'),
  id: hex(16).nullable().describe('Of the transaction; null of a seal'),
  time: uint().nullable().describe('Its own time, that of its id; null of a seal'),
  batch: uint().nullable().describe('Log index of its batch; null of a seal'),
  outcome: word.describe('`accepted`, or why it was refused (SPEC §8)'),
  opened: account.nullable().describe('The account that it opened, if it did'),
  fields: z.record(z.string(), z.unknown()).describe('What it says: numbers, texts, and bytes in hex'),
})
type ServedFeedEntry = z.infer<typeof entrySchema>

const pageSchema = z.object({
  entries: z.array(entrySchema).max(1000),
  next: int.describe('`after` for what follows: entries that are no transactions and no seals are stepped over'),
  published: uint().describe('Entries of the latest checkpoint'),
})

/** `GET /v1/feed`: what came into the log, decoded, in its order, for the platform and auditors. */
export function feedRoutes(server: Server, log: ServedLog): void {
  const streams = new Set<Readable>()
  const waits = new Waits()
  // Each goes on without end: a server that closes does not wait for them, nor for those who wait for something.
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.destroy()
    waits.end()
  })
  server.get(
    '/v1/feed',
    {
      onRequest: async request => mayReadAll(await callerOf(log, request)),
      schema: {
        operationId: 'readFeed',
        tags: ['platform', 'auditor'],
        security: withToken,
        summary: 'What came into the log, decoded, with outcomes; a page, a long poll, or a stream',
        description:
          'In the order of the log, as far as it is published: what was read once never changes. Go on with `after` ' +
          'from `next`, and nothing is missed or seen twice. With `wait` an answer that would be empty comes as soon ' +
          'as there is something. With `Accept: text/event-stream` it is a stream of server-sent events that goes on ' +
          'without end; their ids are log indexes, so that `Last-Event-ID` resumes it.',
        querystring: z.strictObject({
          after: inPath(Number.MAX_SAFE_INTEGER, -1).default(-1).describe('Log index after which to begin'),
          limit: pageLimit,
          wait: inPath(WAIT_S_MAX).default(0).describe('Seconds to wait where there is nothing yet'),
        }),
        response: { 200: pageSchema, ...problems(503) },
      },
    },
    async (request, reply) => {
      const { limit, wait } = request.query
      if (!/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
        if (wait > 0) await comesAfter(log, request.query.after, 1000 * wait, waits)
        if (waits.isEnded) reply.header('connection', 'close')
        return pageAfter(log, request.query.after, limit)
      }
      if (streams.size >= STREAMS_MAX)
        throw new HttpError(
          503,
          'busy',
          `${STREAMS_MAX} streams are open, which is the most: end one of yours, or poll with ?wait=30.`,
          {
            'retry-after': '10',
          },
        )
      const after = lastSeen(request.headers['last-event-id']) ?? request.query.after
      const stream = Readable.from(events(log, after, limit, waits), { objectMode: false, highWaterMark: 64 * 1024 })
      streams.add(stream)
      stream.once('close', () => streams.delete(stream))
      return sendEvents(reply, stream)
    },
  )
}

/** The index that a consumer saw last; undefined where it says none. @throws HttpError 400 `request-invalid`. */
function lastSeen(id: string | readonly string[] | undefined): number | undefined {
  if (id === undefined || id === '') return undefined
  if (typeof id === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(id)) return Number(id)
  throw new HttpError(400, 'request-invalid', 'headers: Last-Event-ID is not a log index.')
}

/** Server-sent events of the log without end; a comment now and then, so that a line that is cut is noticed. */
async function* events(log: ServedLog, after: number, limit: number, waits: Waits): AsyncGenerator<string> {
  // Headers are sent with the first bytes: a consumer is to have them before there is an entry.
  yield ': here\n\n'
  for (let at = after; log.stopped === undefined; ) {
    const { entries, next } = await pageAfter(log, at, limit)
    for (const entry of entries) yield `id: ${entry.index}\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`
    if (next === at) {
      const isMore = await comesAfter(log, at, BEAT_MS, waits)
      if (!isMore) yield ': still here\n\n'
    }
    at = next
  }
}

/** Those who wait for something to come: a server that closes sends them away. */
class Waits {
  readonly #ends = new Set<() => void>()
  isEnded = false

  /** @returns what forgets it again. */
  add(end: () => void): () => void {
    if (this.isEnded) end()
    this.#ends.add(end)
    return () => this.#ends.delete(end)
  }

  end(): void {
    this.isEnded = true
    for (const end of this.#ends) end()
  }
}

/** Whether anything is published after a log index, now or within a time. */
async function comesAfter(log: ServedLog, after: number, ms: number, waits: Waits): Promise<boolean> {
  if ((log.publisher.published?.size ?? 0) > after + 1) return true
  let timer: NodeJS.Timeout | undefined
  let forget = () => {}
  const late = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), ms)
    timer.unref()
    forget = waits.add(() => resolve(false))
  })
  const reached = log.publisher.reached(after + 2).then(
    found => found !== undefined,
    () => false,
  )
  const isMore = await Promise.race([reached, late])
  clearTimeout(timer)
  forget()
  return isMore
}

/** The published entries after a log index, at most so many of the log. */
async function pageAfter(log: ServedLog, after: number, limit: number): Promise<z.infer<typeof pageSchema>> {
  const published = log.publisher.published?.size ?? 0
  const end = Math.min(published, after + 1 + limit)
  const indexes = Array.from({ length: Math.max(0, end - after - 1) }, (_, i) => after + 1 + i)
  const read = await log.readEntries(indexes)
  const transactions = indexes.filter((_, i) => read[i]![0] === ENTRY_TRANSACTION)
  const taken = new Map((await log.prover.takenOf(transactions)).map((one, i) => [transactions[i]!, one]))
  const entries: ServedFeedEntry[] = []
  for (const [i, index] of indexes.entries()) {
    const bytes = read[i]!
    if (bytes[0] === ENTRY_SEAL) {
      const { time: ledgerTime, ...fields } = decodeSeal(bytes)
      const none = { id: null, time: null, batch: null, opened: null }
      entries.push({ index, kind: 'seal', ledgerTime, outcome: 'accepted', ...none, fields: shown(fields) })
    } else if (bytes[0] === ENTRY_TRANSACTION) {
      const { kind, id, ...fields } = decodeTransaction(bytes)
      const { batch, timeMs: ledgerTime, status } = taken.get(index)!
      const isOpening = kind === 'open-account' && status === 0
      const opened = isOpening ? ((await log.prover.accountOpenedAt(index)) ?? null) : null
      const of = { index, kind, id: toHex(id), time: idTimeMs(id), batch, ledgerTime, opened }
      entries.push({ ...of, outcome: OUTCOMES[status] ?? String(status), fields: shown(fields) })
    }
  }
  return { entries, next: Math.max(after, end - 1), published }
}

/** Fields with their byte strings as text: 64 bytes and less in hex, longer ones in base64. */
function shown(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, valueShown(value)]))
}

function valueShown(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length <= 64 ? toHex(value) : toBase64(value)
  if (Array.isArray(value)) return value.map(valueShown)
  return typeof value === 'object' && value !== null ? shown(value) : value
}
