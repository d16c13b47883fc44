import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Server, takeBytes } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import type { ImportJob } from '../imports.ts'
import { key, security, time, timeText, unit, writeRefusals } from './schemas.ts'

const CSV = 'text/csv'
const flag = z.enum(['true', 'false']).default('false')
const sum = z.object({ rows: z.int(), points: z.int() })

const jobSchema = z.object({
  id: z.string(),
  made: time,
  state: z
    .enum(['waiting', 'running', 'done', 'faulty', 'failed'])
    .meta({ description: 'faulty: some rows are none, so nothing was brought; failed: see `failure`' }),
  format: z.literal('balances'),
  unit: z.string(),
  map: z.string(),
  dryRun: z.boolean(),
  skipBad: z.boolean(),
  progress: z.object({ done: z.int(), total: z.int() }).nullable().meta({ description: 'Rows, while it runs' }),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  report: z
    .object({
      rows: z.int().meta({ description: 'Below the header' }),
      empty: z.int().meta({ description: 'Of 0 points' }),
      members: z.int(),
      newMembers: z.int(),
      sum: sum.meta({ description: 'Of all good rows: what was brought, now and before, and what was refused' }),
      brought: sum.meta({ description: 'By this run; of a dry run, what one that is not would bring' }),
      before: sum.meta({ description: 'By a run before' }),
      refused: sum,
      left: z.int().meta({ description: 'In the budget' }),
      badRows: z.int(),
      faults: z.array(z.object({ line: z.int(), code: z.string(), message: z.string() })),
    })
    .nullable(),
})
const named = z.object({ id: key.meta({ description: 'Of the import', examples: ['move-2027'] }) })

/** Files that are brought along: opening balances of an old system. */
export function importRoutes(server: Server, gateway: Gateway): void {
  // In a scope of their own: no other route takes such a body.
  server.register(async scope => {
    takeBytes(scope, CSV)
    addRoutes(scope as Server, gateway)
  })
}

function addRoutes(server: Server, gateway: Gateway): void {
  const common = { tags: ['imports'], security }
  const config = { scope: 'imports' } as const
  const shown = ({ name, madeMs, settings, state, failure, report }: ImportJob): z.infer<typeof jobSchema> => ({
    ...{ id: name, made: timeText(madeMs), state, format: settings.format, unit: settings.unit, map: settings.map },
    ...{ dryRun: settings.isDryRun, skipBad: settings.skipBad },
    progress: gateway.imports.progress(name) ?? null,
    failure: failure ?? null,
    report: report === undefined ? null : { ...report, faults: [...report.faults] },
  })

  server.post(
    '/v1/imports',
    {
      config: { ...config, takes: { [CSV]: { schema: z.string(), example: 'member,points\ncust_8842,1200\n' } } },
      schema: {
        ...common,
        operationId: 'addImport',
        summary: 'Bring the balances of an old system along from a CSV file, as a job',
        description:
          'A body of at most 1 MiB; larger files come in parts. UTF-8 or UTF-16, commas, semicolons or tabs, ' +
          'quoted line breaks, with a header. Each balance counts once for ever, whatever file it comes in; a job ' +
          'that was cut off goes on. A row that is no balance is named, and nothing is brought unless `skipBad`.',
        querystring: z.strictObject({
          id: key.optional().meta({ description: 'The same file again under it is the same job; drawn by default' }),
          format: z.literal('balances').default('balances'),
          map: z
            .string()
            .max(1024)
            .default('member=member')
            .meta({ description: 'Columns', examples: ['member=id,points=balance,expires=until,ref=lot'] }),
          unit,
          decimal: z.enum(['comma', 'point']).optional().meta({ description: 'What stands before fractions' }),
          delimiter: z.string().length(1).optional().meta({ description: 'Between values; found out by default' }),
          dryRun: flag.meta({ description: 'Only say what would be brought' }),
          skipBad: flag.meta({ description: 'Leave out rows that are no balance' }),
        }),
        response: { 200: jobSchema, 202: jobSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { id = randomUUID(), format, map, unit: name, decimal, delimiter, dryRun, skipBad } = request.query
      const settings = {
        ...{ format, map, unit: gateway.members.unit(name).name, isDryRun: dryRun === 'true' },
        ...(decimal === undefined ? {} : { decimal }),
        ...(delimiter === undefined ? {} : { delimiter }),
        skipBad: skipBad === 'true',
      }
      const { job, isNew } = await gateway.imports.add(id, settings, request.body as Uint8Array)
      return reply
        .status(isNew ? 202 : 200)
        .header('location', `/v1/imports/${encodeURIComponent(id)}`)
        .send(shown(job))
    },
  )

  server.get(
    '/v1/imports',
    {
      config,
      schema: {
        ...common,
        operationId: 'listImports',
        summary: 'All imports, the last first',
        response: { 200: z.object({ imports: z.array(jobSchema) }), ...writeRefusals },
      },
    },
    async () => ({ imports: gateway.imports.list().map(shown) }),
  )

  server.get(
    '/v1/imports/:id',
    {
      config,
      schema: {
        ...common,
        operationId: 'getImport',
        summary: 'How far an import is, and what it came to',
        params: named,
        response: { 200: jobSchema, ...writeRefusals },
      },
    },
    async request => shown(gateway.imports.get(request.params.id)),
  )

  server.post(
    '/v1/imports/:id/run',
    {
      config,
      schema: {
        ...common,
        operationId: 'runImport',
        summary: 'Do an import again, or what its dry run has shown',
        params: named,
        body: z.strictObject({ dryRun: z.boolean().optional(), skipBad: z.boolean().optional() }),
        response: { 202: jobSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { dryRun, skipBad } = request.body
      const changed = {
        ...(dryRun === undefined ? {} : { isDryRun: dryRun }),
        ...(skipBad === undefined ? {} : { skipBad }),
      }
      return reply.status(202).send(shown(await gateway.imports.again(request.params.id, changed)))
    },
  )
}
