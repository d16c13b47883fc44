import { z } from 'zod'
import { toBase64, toHex, utf8Encode } from '../../core/bytes.ts'
import { encodeTransaction } from '../../core/entry/transaction.ts'
import { RECORDS_MAX } from '../../core/limits.ts'
import { formatVerifierKey } from '../../core/note/note.ts'
import { formatPolicy, type Policy } from '../../core/note/policy.ts'
import { parseTilePath } from '../../core/tree/tile.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, JSON_LINES, OCTETS, problems, type Server, sendBytes, TEXT } from '../../serving/index.ts'
import { formatSealed } from '../../verify/sealed-checkpoint.ts'
import { callerOf, mayAudit } from '../caller.ts'

/** Tiles never change once they are there. */
const IMMUTABLE = 'max-age=31536000, immutable'
const RECORDS_PAGE = 1000

function notPublished(): HttpError {
  return new HttpError(404, 'not-published', 'No checkpoint yet: the first follows the first seal.')
}

const saltsSchema = z.object({
  salts: z.array(z.string()).describe('32 bytes each, hex'),
  signature: z.string().describe('64 bytes, base64: the key of the log signs the salts and where they begin'),
})

/** What anyone may read: checkpoint, tiles, policy, registry; and the entry tiles, which are for auditors. */
export function publicRoutes(server: Server, log: ServedLog, policy: Policy): void {
  server.get(
    '/checkpoint',
    {
      schema: {
        tags: ['public'],
        summary: 'The latest checkpoint, a signed note',
        response: problems(404),
      },
    },
    async (_, reply) => {
      const { published } = log.publisher
      if (published === undefined) throw notPublished()
      // As tlog-tiles has it: mutable, so cached for seconds at most.
      return sendBytes(reply, published.checkpoint, TEXT, 'public, max-age=1')
    },
  )

  server.get(
    '/tile/*',
    {
      schema: {
        tags: ['public'],
        summary: 'A tile of hashes (all), or an entry bundle tile/entries/<N> (auditors): c2sp.org/tlog-tiles',
        params: z.object({ '*': z.string().max(64) }),
        response: problems(404),
      },
    },
    async (request, reply) => {
      const { level, index, width } = parseTilePath(`tile/${request.params['*']}`)
      if (level === 'entries') mayAudit(await callerOf(log, request))
      const bytes = level === 'entries' ? await log.entryBundle(index, width) : await log.tile(level, index, width)
      if (bytes === undefined)
        throw new HttpError(404, 'not-published', 'The published log does not have this tile, or not that wide.')
      const cacheControl = level === 'entries' ? `private, ${IMMUTABLE}` : `public, ${IMMUTABLE}`
      return sendBytes(reply, bytes, OCTETS, cacheControl)
    },
  )

  server.get(
    '/seal',
    {
      schema: {
        tags: ['public'],
        summary: 'The latest checkpoint and the seal that is its last entry, a line of JSON (SPEC §11)',
        response: problems(404),
      },
    },
    async (_, reply) => {
      const { sealed } = log.publisher
      if (sealed === undefined) throw notPublished()
      return sendBytes(reply, utf8Encode(formatSealed(sealed)), JSON_LINES, 'public, max-age=1')
    },
  )

  server.get(
    '/archive/:n',
    {
      schema: {
        tags: ['public'],
        summary: 'Cosigned checkpoints with their seals, one each ten minutes, 144 lines of JSON a file (SPEC §11)',
        params: z.object({ n: z.coerce.number().int().min(0).max(999_999_999) }),
        response: problems(404),
      },
    },
    async (request, reply) => {
      const lines = await log.archived(request.params.n)
      if (lines === undefined) throw new HttpError(404, 'not-published', 'The archive has no such file, or not yet.')
      return sendBytes(reply, lines, JSON_LINES, 'public, max-age=60')
    },
  )

  server.get(
    '/totals/:n',
    {
      schema: {
        tags: ['public'],
        summary: 'What was issued, spent and is owed, as of one seal a day, signed: 32 lines of JSON a file (SPEC §11)',
        params: z.object({ n: z.coerce.number().int().min(0).max(999_999_999) }),
        response: problems(404),
      },
    },
    async (request, reply) => {
      const lines = await log.publisher.openedTotals(request.params.n)
      if (lines === undefined)
        throw new HttpError(404, 'not-published', 'No totals were opened in that file, or not yet.')
      return sendBytes(reply, lines, JSON_LINES, 'public, max-age=60')
    },
  )

  server.get(
    '/policy',
    {
      schema: {
        tags: ['public'],
        summary: 'The trust policy that the ledger proposes: c2sp.org/tlog-policy',
      },
    },
    async (_, reply) => sendBytes(reply, utf8Encode(formatPolicy(policy)), TEXT, 'public, max-age=60'),
  )

  server.get(
    '/v1/ledger',
    {
      schema: {
        tags: ['public'],
        summary: 'What the ledger says of itself',
        response: {
          200: z.object({
            origin: z.string(),
            ledgerId: z.string().describe('Hex'),
            logKey: z.string().describe('vkey of the log'),
            size: z.number().describe('Entries that are on disk, sealed or not'),
            time: z.number().describe('Ledger time, ms'),
            skewMs: z.number(),
            promiseMs: z.number(),
            units: z.array(
              z.object({
                name: z.string(),
                record: z.number(),
                treasury: z.number().nullable(),
                terms: z.string().describe('Leaf hash of what defines it, hex: openings name it'),
              }),
            ),
          }),
        },
      },
    },
    async () => {
      const { state, size } = log.ledger
      const { time, skewMs, promiseMs, registry } = state
      const origin = log.logKey.name
      // Of one moment, and told when it is durable: a crash takes nothing of it back.
      const ledgerId = toHex(log.ledgerId ?? new Uint8Array(32))
      const units = registry.units.map(({ terms, record, treasury }) => ({
        name: terms.name,
        record,
        treasury: treasury < 0 ? null : treasury,
        terms: toHex(registry.records[record]!.body),
      }))
      await log.durable()
      return { origin, ledgerId, logKey: formatVerifierKey(log.logKey), size, time, skewMs, promiseMs, units }
    },
  )

  server.get(
    '/v1/registry',
    {
      schema: {
        tags: ['public'],
        summary: 'Keys, units and rules, a page at a time',
        description:
          'As of a checkpoint, by default the latest: the records of its first `size` entries, which make the ' +
          'registry root of the last, a seal.',
        querystring: z.object({
          after: z.coerce
            .number()
            .int()
            .min(-1)
            .max(RECORDS_MAX - 1)
            .default(-1),
          size: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
        }),
        response: {
          ...problems(404),
          200: z.object({
            size: z.number(),
            records: z.array(z.object({ number: z.number(), entry: z.string(), from: z.number(), until: z.number() })),
          }),
        },
      },
    },
    async request => {
      const published = log.publisher.published?.size ?? 0
      const { after, size = published } = request.query
      if (size === 0 || size > published)
        throw new HttpError(404, 'not-published', 'There is no checkpoint of so many entries yet.')
      const page = log.ledger.state.registry.records.slice(after + 1, after + 1 + RECORDS_PAGE)
      return {
        size,
        records: page
          .filter(({ from }) => from < size)
          .map(({ number, transaction, from, until }) => ({
            number,
            entry: toBase64(encodeTransaction(transaction)),
            from,
            until: until < size ? until : 0,
          })),
      }
    },
  )

  server.get(
    '/healthz',
    {
      schema: {
        tags: ['public'],
        summary: 'Whether the ledger takes batches',
        response: {
          200: z.object({
            status: z
              .string()
              .describe('`ok`, or the code that batches are answered now: what is published is served on'),
            detail: z.string().optional().describe('Why, and what to do. For people.'),
            size: z.number(),
            published: z.number(),
            sealedSecondsAgo: z.number().nullable().describe('Age of the seal published last; null before the first'),
            witnesses: z.array(
              z.object({ name: z.string(), size: z.number(), failures: z.number().describe('In a row') }),
            ),
          }),
          ...problems(503),
        },
      },
    },
    async () => {
      if (log.stopped !== undefined) throw log.stopped
      const { held, size, publisher } = log
      const why = held === undefined ? { status: 'ok' } : { status: held.code, detail: held.message }
      const { published } = publisher
      const sealedSecondsAgo = published === undefined ? null : Math.max(0, log.timeMs - published.seal.time) / 1000
      return { ...why, size, published: published?.size ?? 0, sealedSecondsAgo, witnesses: log.witnesses }
    },
  )

  server.get(
    '/readyz',
    {
      schema: {
        tags: ['public'],
        summary: 'Whether to send batches here: for what spreads load',
        response: { 200: z.object({ status: z.literal('ok') }), ...problems(503, 507) },
      },
    },
    () => {
      const why = log.stopped ?? log.held
      if (why !== undefined) throw why
      return { status: 'ok' as const }
    },
  )

  server.get(
    '/v1/salts',
    {
      schema: {
        tags: ['auditor'],
        security: [{ key: [] }],
        summary: 'The salts of the totals, by epoch, signed by the log',
        querystring: z.object({
          from: z.coerce.number().int().min(0).default(0),
          count: z.coerce.number().int().min(1).max(10_000).default(1000),
        }),
        response: { 200: saltsSchema, ...problems(401, 403) },
      },
    },
    async request => {
      mayAudit(await callerOf(log, request))
      const { from, count } = request.query
      const salts: Uint8Array[] = []
      for (let epoch = from; salts.length < count; epoch++) {
        const salt = log.salt(epoch)
        if (salt === undefined) break
        salts.push(salt)
      }
      return { salts: salts.map(salt => toHex(salt)), signature: toBase64(log.signSalts(from, salts)) }
    },
  )
}
