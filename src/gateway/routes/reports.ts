import { z } from 'zod'
import { csvOf, jsonOf, REPORT_NAMES, type Reports, type Table } from '../../audit/index.ts'
import { utf8Encode } from '../../core/bytes.ts'
import { PRIVATE, type Server, sendBytes, takeBytes } from '../../serving/index.ts'
import { earningsOf } from '../books/earnings.ts'
import { ordersIn, reconcile } from '../books/reconcile.ts'
import { tableFor } from '../books/reports.ts'
import { shopKeyText } from '../books/signed-text.ts'
import { GatewayError, invalid, missing } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { bodyRefusals, bytesIn, refusals, security, time, writeRefusals } from './schemas.ts'

const CSV = 'text/csv; charset=utf-8'
/** Bytes of a list of orders: some 300,000. */
const ORDERS_BYTES_MAX = 16 * 1024 * 1024

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/
const monthMeta = { description: 'A month of ledger time, in UTC', examples: ['2026-11'] }
const period = z.string().regex(MONTH, 'expected a month such as 2026-11').meta(monthMeta)
const NAMES = [...REPORT_NAMES, 'late'] as const
const name = z.enum(NAMES).meta({ examples: ['movements'] })
const cell = z.union([z.string(), z.number()])

const placeSchema = {
  origin: z.string(),
  treeSize: z.int().meta({ description: 'Entries of the log, at the checkpoint' }),
  ledgerTime: time,
  checkpoint: z.string().meta({ description: 'The signed note that it is of' }),
  faults: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .meta({ description: 'What the audit found; then the report is of the entries before it' }),
}

const reportSchema = z.object({
  name,
  says: z.string(),
  period: z.string().nullable(),
  rows: z.array(z.record(z.string(), cell)).meta({ description: 'By the names of columns; sums as decimal digits' }),
  late: z
    .array(z.object({ period: z.string(), transactions: z.int(), points: z.string() }))
    .meta({ description: 'What came into a month after it was closed; the report `late` has the rows' }),
  ...placeSchema,
})

const closingSchema = z.object({
  period: z.string(),
  at: time,
  by: z.string().meta({ description: 'Name of the key of the API' }),
  treeSize: z.int(),
  note: z.string().meta({ description: 'A signed note: checkpoint, month, and SHA-256 of the reports' }),
  digest: z.string(),
})

const mismatchSchema = z.object({
  what: z.enum(['twice', 'never', 'too-much', 'too-little', 'unknown']),
  order: z.string(),
  cents: z.int().optional(),
  points: z.int(),
  expected: z.int().optional(),
  entries: z.array(z.int()).meta({ description: 'Log indexes of what it earned' }),
})

/** Reports of the ledger, months that are closed, and orders compared with what they earned. */
export function reportRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/reports',
    {
      config: { scope: 'reports' },
      schema: {
        operationId: 'listReports',
        tags: ['reports'],
        security,
        summary: 'The reports that there are',
        response: {
          200: z.object({ reports: z.array(z.object({ name: z.string(), says: z.string() })), ...placeSchema }),
          ...refusals,
          409: refusals[400],
        },
      },
    },
    async () => {
      const reports = await gateway.reports.latest()
      const all = [...reports.tables, await gateway.periods.late(reports)]
      return { reports: all.map(({ name, says }) => ({ name, says })), ...placeOf(reports) }
    },
  )

  server.get(
    '/v1/reports/:name',
    {
      config: { scope: 'reports' },
      schema: {
        operationId: 'getReport',
        tags: ['reports'],
        security,
        summary: 'A report of the latest checkpoint: the same as `tally audit --reports` has of it',
        description:
          'Made by an audit of the whole ledger, which goes on from the last one. With a month, the rows of that month, ' +
          'where the report has months. A key of a merchant sees its own rows of shops and merchants.',
        params: z.object({
          name: z
            .string()
            .max(64)
            .meta({ description: NAMES.join(', '), examples: ['movements'] }),
        }),
        querystring: z.strictObject({
          period: period.optional(),
          format: z.enum(['json', 'csv']).default('json'),
        }),
        response: {
          200: {
            description: 'The report',
            content: { 'application/json': { schema: reportSchema }, 'text/csv': { schema: z.string() } },
          },
          ...refusals,
          409: refusals[400],
        },
      },
    },
    async (request, reply) => {
      const name = nameOf(request.params.name)
      const { period, format } = request.query
      const reports = await gateway.reports.latest()
      const late = await gateway.periods.late(reports)
      const merchants = request.caller?.merchants
      if (name === 'late' && merchants !== undefined) tableFor(reports, 'backdated', { merchants })
      const table = name === 'late' ? ofPeriod(late, period) : tableFor(reports, name, { period, merchants })
      if (format === 'csv') {
        reply.header('tally-tree-size', String(reports.treeSize))
        return sendBytes(reply, utf8Encode(csvOf(table)), CSV, PRIVATE)
      }
      const { says, rows } = jsonOf(table) as { says: string; rows: Record<string, string | number>[] }
      const sums = merchants === undefined ? lateSums(late) : []
      return { name, says, period: period ?? null, rows, late: sums, ...placeOf(reports) } as never
    },
  )

  server.post(
    '/v1/periods/:period/close',
    {
      config: { scope: 'close' },
      schema: {
        operationId: 'closePeriod',
        tags: ['reports'],
        security,
        summary: 'Close a month: its reports are kept as they are, signed and bound to the checkpoint',
        description:
          'Done once, after the month. What comes later with a time in it or before is named in the report `late`, and in ' +
          'the answer of every report.',
        params: z.object({ period: z.string().max(64).meta(monthMeta) }),
        body: z.strictObject({}).nullish(),
        response: { 200: closingSchema, 201: closingSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { period } = request.params
      if (!MONTH.test(period)) throw invalid('path/period: expected a month such as 2026-11.')
      const reports = await gateway.reports.latest()
      const { closing, isNew } = await gateway.periods.close(period, reports, request.caller!.name)
      return reply.status(isNew ? 201 : 200).send(closing)
    },
  )

  server.get(
    '/v1/periods',
    {
      config: { scope: 'reports' },
      schema: {
        operationId: 'listPeriods',
        tags: ['reports'],
        security,
        summary: 'The months that were closed, and the key that their notes are signed with',
        response: { 200: z.object({ periods: z.array(closingSchema), key: z.string() }), ...refusals },
      },
    },
    async request => {
      if (request.caller?.merchants !== undefined)
        throw new GatewayError('key-merchant', 'The key is of a merchant: it sees its own figures, and nothing else.', {
          ...{ status: 403, isRetryable: false },
        })
      return { periods: await gateway.periods.list(), key: shopKeyText(gateway.shop) }
    },
  )

  reconciliationRoutes(server, gateway)
}

function reconciliationRoutes(server: Server, gateway: Gateway): void {
  server.register(async scope => {
    takeBytes(scope, 'text/csv')
    ;(scope as Server).post(
      '/v1/reconciliations',
      {
        bodyLimit: ORDERS_BYTES_MAX,
        config: { scope: 'reports' },
        schema: {
          operationId: 'reconcile',
          tags: ['reports'],
          security,
          summary: 'Compare orders with what they earned: twice, never, too much, too little, unknown',
          description:
            'The body is text/csv: a row of names, and a row for each order with its id, its amount and its time. An order ' +
            'that earned and is not in the list is unknown where it lies between the first of the list and a day behind ' +
            'the last.',
          consumes: ['text/csv'],
          querystring: z.strictObject({
            points: z.coerce.number().int().min(0).optional().meta({ description: 'An order earns so many points …' }),
            per: z.coerce.number().int().min(1).optional().meta({ description: '… for so many cents' }),
            amounts: z.enum(['cents', 'decimal']).default('cents'),
            order: z.string().max(64).optional().meta({ description: 'Name of the column of ids' }),
            amount: z.string().max(64).optional().meta({ description: 'Name of the column of amounts' }),
            time: z.string().max(64).optional().meta({ description: 'Name of the column of times' }),
          }),
          body: z.unknown().meta({ type: 'string', description: 'Orders, as CSV' }),
          response: {
            200: z.object({
              orders: z.int(),
              points: z.int(),
              matched: z.int(),
              counts: z.record(z.string(), z.int()),
              mismatches: z.array(mismatchSchema).meta({ description: 'The first 10,000' }),
            }),
            ...bodyRefusals,
          },
        },
      },
      async request => {
        if (request.caller?.merchants !== undefined)
          throw new GatewayError('key-merchant', 'The key is of a merchant: it sees its own rows of reports alone.', {
            ...{ status: 403, isRetryable: false },
          })
        const { points, per, amounts, ...columns } = request.query
        const rate = points === undefined ? undefined : { points, per: per ?? 1 }
        const orders = ordersIn(bytesIn(request.body, 'text/csv'), columns, amounts === 'decimal')
        await gateway.follower.follow({ isForced: true })
        const { mismatches, counts, ...sums } = reconcile(orders, await earningsOf(gateway), rate)
        return {
          ...sums,
          counts: { ...counts },
          mismatches: mismatches.map(one => ({ ...one, entries: [...one.entries] })),
        }
      },
    )
  })
}

/** @throws GatewayError `report-unknown`. */
function nameOf(text: string): (typeof NAMES)[number] {
  const found = NAMES.find(one => one === text)
  if (found !== undefined) return found
  throw missing('report-unknown', `There is no report "${text}". There are ${NAMES.join(', ')}.`)
}

function ofPeriod(late: Table, period: string | undefined): Table {
  return period === undefined ? late : { ...late, rows: late.rows.filter(([closed]) => closed === period) }
}

/** What came late, by the month into which it did. */
function lateSums(late: Table): { period: string; transactions: number; points: string }[] {
  const sums = new Map<string, { transactions: number; points: bigint }>()
  for (const [period, , , , transactions, points] of late.rows) {
    const sum = sums.get(period as string) ?? { transactions: 0, points: 0n }
    sum.transactions += Number(transactions)
    sum.points += BigInt(points!)
    sums.set(period as string, sum)
  }
  return [...sums].map(([period, { transactions, points }]) => ({ period, transactions, points: String(points) }))
}

function placeOf({ origin, treeSize, ledgerTime, checkpoint, faults }: Reports) {
  return {
    ...{ origin, treeSize, ledgerTime, checkpoint },
    faults: faults.map(({ code, message }) => ({ code, message })),
  }
}
