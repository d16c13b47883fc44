import { z } from 'zod'
import { QUARTER_MS } from '../../account/index.ts'
import type { Server } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import { dateMs } from '../histories.ts'
import { ORDERED_CHARACTERS, ordered } from '../memory.ts'
import {
  cursor,
  decodeCursor,
  encodeCursor,
  limit,
  refusals,
  security,
  span,
  spanMs,
  time,
  timeText,
} from './schemas.ts'

const expirySchema = z.object({ member: z.string(), unit: z.string(), points: z.int(), at: time })

/** Whose points expire soon: for those who write to them. */
export function expiringRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/expiring',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listExpiring',
        tags: ['members'],
        security,
        summary: 'Whose points expire within a time, the soonest first, a page at a time',
        querystring: z.strictObject({
          within: span.default('30d').meta({ description: 'Such as 30d, which is the default' }),
          min: z.coerce.number().int().min(1).default(1).meta({ description: 'The fewest points that are listed' }),
          limit,
          cursor,
        }),
        response: {
          200: z.object({ expiring: z.array(expirySchema), next: z.string().nullable() }),
          ...refusals,
        },
      },
    },
    async request => {
      const { within, min, limit, cursor } = request.query
      // The first page is of now; the others go on with it.
      if (cursor === undefined) await gateway.follower.follow()
      const nowMs = gateway.nowMs()
      const quarter = (timeMs: number) => ordered(Math.floor(timeMs / QUARTER_MS) + 1)
      const before = quarter(nowMs + spanMs(within))
      let after = cursor === undefined ? quarter(nowMs) : decodeCursor('expiring', cursor)
      const expiring: z.infer<typeof expirySchema>[] = []
      for (;;) {
        const rows = await gateway.memory.list<number>('expiring', { after, before, limit })
        for (const [key, points] of rows) {
          after = key
          const owner = await gateway.members.owner(Number.parseInt(key.slice(ORDERED_CHARACTERS), 36))
          if (points < min || owner === undefined) continue
          const at = timeText(dateMs(Number.parseInt(key.slice(0, ORDERED_CHARACTERS), 36)))
          expiring.push({ member: owner.member, unit: gateway.members.unitOf(owner.unit).name, points, at })
          if (expiring.length === limit) return { expiring, next: encodeCursor('expiring', key) }
        }
        if (rows.length < limit) return { expiring, next: null }
      }
    },
  )
}
