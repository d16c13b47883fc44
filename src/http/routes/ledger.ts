import { z } from 'zod'
import { toBase64, toHex } from '../../core/bytes.ts'
import { encodeTransaction } from '../../core/entry/transaction.ts'
import { RECORDS_MAX, TRANSACTION_BYTES_MAX, UNITS_MAX } from '../../core/limits.ts'
import { formatVerifierKey } from '../../core/note/note.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { account, base64, hex, inPath, record, uint, word } from '../shapes.ts'

const RECORDS_PAGE = 1000

const ledgerSchema = z.object({
  origin: word,
  ledgerId: hex(32).describe('Hex'),
  logKey: word.describe('vkey of the log'),
  size: uint().describe('Entries that are on disk, sealed or not'),
  time: uint().describe('Ledger time, ms'),
  skewMs: uint(),
  promiseMs: uint(),
  units: z
    .array(
      z.object({
        name: word,
        record,
        treasury: account.nullable(),
        terms: hex(32).describe('Leaf hash of what defines it, hex: openings name it'),
      }),
    )
    .max(UNITS_MAX),
})

const registrySchema = z.object({
  size: uint(),
  records: z
    .array(z.object({ number: record, entry: base64(TRANSACTION_BYTES_MAX), from: uint(), until: uint() }))
    .max(4096),
})

/** `GET /v1/ledger` and `GET /v1/registry`: what the ledger says of itself. */
export function ledgerRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/ledger',
    {
      schema: {
        operationId: 'getLedger',
        tags: ['public'],
        summary: 'What the ledger says of itself',
        response: { 200: ledgerSchema },
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
        operationId: 'listRegistry',
        tags: ['public'],
        summary: 'Keys, units and rules, a page at a time',
        description:
          'As of a checkpoint, by default the latest: the records of its first `size` entries, which make the ' +
          'registry root of the last, a seal.',
        querystring: z.object({
          after: inPath(RECORDS_MAX - 1, -1).default(-1),
          size: inPath(Number.MAX_SAFE_INTEGER, 1).optional(),
        }),
        response: { 200: registrySchema, ...problems(404) },
      },
    },
    async request => {
      const published = log.publisher.published?.size ?? 0
      const { after, size = published } = request.query
      if (size === 0 || size > published)
        throw new HttpError(404, 'not-published', 'There is no checkpoint of this size yet.')
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
}
