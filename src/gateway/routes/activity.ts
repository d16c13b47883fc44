import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import { ACTIVITY_TYPES } from '../activity.ts'
import type { Gateway } from '../gateway.ts'
import { movementSchema, refusals, security, time } from './schemas.ts'

export const activitySchema = z.object({
  id: z.string().meta({ description: 'The same for ever: what was seen before has it again' }),
  type: z.enum(ACTIVITY_TYPES),
  at: time.meta({ description: 'Ledger time' }),
  entry: z.int().meta({ description: 'Log index' }),
  member: z.string().nullable().meta({ description: 'Null of a seal' }),
  unit: z.string().nullable(),
  movement: movementSchema.nullable(),
  tier: z
    .object({ tier: z.int(), rule: z.string().nullable(), until: time.nullable() })
    .optional()
    .meta({ description: 'Of tier.changed: 0 for none' }),
})

/** `GET /v1/activity`: what happens to all members, in the order of the log. */
export function activityRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/activity',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'readActivity',
        tags: ['members'],
        security,
        summary: 'What happens to all members, in the order of the log: a page, or a long poll',
        description:
          'As far as the log is published, so what was read once never changes. Go on with `after` from `next`: nothing ' +
          'is left out, and nothing comes twice. A webhook brings the same without being asked.',
        querystring: z.strictObject({
          after: z.coerce.number().int().min(-1).default(-1).meta({ description: 'Log index after which to begin' }),
          limit: z.coerce.number().int().min(1).max(1000).default(200).meta({ description: 'Entries looked at' }),
          wait: z.coerce
            .number()
            .int()
            .min(0)
            .max(60)
            .default(0)
            .meta({ description: 'Seconds to wait for something' }),
        }),
        response: { 200: z.object({ activities: z.array(activitySchema), next: z.int() }), ...refusals },
      },
    },
    async request => gateway.activities.page(request.query.after, request.query.limit, request.query.wait),
  )
}
