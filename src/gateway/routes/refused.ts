import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import { refusedOf } from '../refused.ts'
import { limit, member, refusals, security, time, unit } from './schemas.ts'

const refusedSchema = z.object({
  entry: z.int().meta({ description: 'Log index: the refusal is in the log, and counts for nothing' }),
  at: time.meta({ description: 'When the ledger refused it' }),
  kind: z.string().meta({ description: 'Of the transaction (SPEC §5)' }),
  outcome: z.string().meta({ description: 'Why (SPEC §8)' }),
  points: z.int().nullable().meta({ description: 'Points that were asked for' }),
  order: z.string().nullable(),
  id: z.string(),
  proof: z.string().meta({ description: 'Where the receipt is that proves it' }),
  // Computed from the entries before it.
  had: z
    .object({ balance: z.int(), available: z.int(), pending: z.int(), held: z.int() })
    .meta({ description: 'What she had at that time' }),
})

/** `GET /v1/members/:member/refused`: why was she refused at 14:02? */
export function refusedRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/members/:member/refused',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRefused',
        tags: ['members'],
        security,
        summary: 'What the ledger refused of a member, the newest first, and what she had then',
        description:
          'At most 10,000 entries of the log are looked through: where `from` is above 0, `before` that goes on. What ' +
          'the gateway refuses by itself stands in no log, and not in this list.',
        params: z.object({ member }),
        querystring: z.strictObject({
          unit,
          before: z.coerce
            .number()
            .int()
            .min(0)
            .max(Number.MAX_SAFE_INTEGER)
            .optional()
            .meta({ description: 'Log index before which to look; the end by default' }),
          limit,
        }),
        response: {
          200: z.object({
            refused: z.array(refusedSchema),
            from: z.int().meta({ description: 'The first entry of the log that was looked at' }),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const { unit: unitName, before, limit } = request.query
      const { members } = gateway
      return refusedOf(gateway, await members.get(request.params.member, members.unit(unitName)), { before, limit })
    },
  )
}
