import type { FastifyReply, RouteOptions } from 'fastify'
import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import { tryOut } from '../dry-run.ts'

/** Where dry runs are: the path of an act follows. */
const TRY = '/v1/try'

const wouldBeSchema = z.object({
  outcome: z.string().meta({ description: '`accepted`, or why the ledger would refuse it (SPEC §8)' }),
  kind: z
    .string()
    .nullable()
    .meta({ description: 'Of the first transaction that would be sent; null where nothing would be' }),
  repeated: z.boolean().meta({ description: 'Whether it was done before, or is so already: nothing would be sent' }),
  retryable: z.boolean().meta({ description: 'Whether the same request can succeed later' }),
  detail: z.string().optional().meta({ description: 'What to do' }),
})

/** What stands for the answer of an act that is tried out: nobody gets it. */
const NO_REPLY = {
  status: () => NO_REPLY,
  header: () => NO_REPLY,
  send: (value: unknown) => value,
} as unknown as FastifyReply

/**
 * Beside each route that signs something, the same below `/v1/try`: nothing is signed there, and it says what the
 * ledger would say.
 */
export function addDryRun(server: Server, route: RouteOptions): void {
  if (!route.config?.isAct) return
  const {
    operationId,
    summary,
    response,
    description: _,
    ...schema
  } = route.schema as {
    readonly operationId: string
    readonly summary: string
    readonly description?: string
    readonly response: Readonly<Record<string, unknown>>
  }
  const problems = Object.fromEntries(Object.entries(response).filter(([status]) => Number(status) >= 400))
  const { handler, config, method } = route
  const { isAct: __, ...asked } = config
  server.route({
    ...{ method, url: TRY + route.url.slice('/v1'.length), config: asked },
    schema: {
      ...schema,
      operationId: `try${operationId[0]!.toUpperCase()}${operationId.slice(1)}`,
      tags: ['dry runs'],
      summary: `Dry run: ${summary[0]!.toLowerCase()}${summary.slice(1)}`,
      response: { 200: wouldBeSchema, ...problems },
    },
    handler: async function (request) {
      const tried = await tryOut(async () => handler.call(this, request, NO_REPLY))
      if ('done' in tried) return { outcome: 'accepted', kind: null, repeated: true, retryable: false }
      const { kind, outcome, retryable, detail } = tried.wouldBe
      return { outcome, kind, repeated: false, retryable, ...(detail === undefined ? {} : { detail }) }
    },
  } as RouteOptions)
}
