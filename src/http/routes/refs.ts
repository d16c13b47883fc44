import { z } from 'zod'
import { fromHex } from '../../core/bytes.ts'
import { ACCOUNTS_MAX, RECORDS_MAX, REF_BYTES } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { callerOf, mayReadOfSponsor } from '../caller.ts'

const numbered = (count: number) =>
  z.coerce
    .number()
    .int()
    .min(0)
    .max(count - 1)

/** `GET /v1/refs/{ref}`: which account a sponsor has under a reference. SPEC §11. */
export function refRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/refs/:ref',
    {
      schema: {
        tags: ['platform'],
        security: [{ key: [] }],
        summary: 'The account that was opened under a reference',
        description: 'Of a sponsor, or, without one, of the platform. A sponsor reads what is its own.',
        params: z.object({ ref: z.string().regex(new RegExp(`^[0-9a-f]{${2 * REF_BYTES}}$`)) }),
        querystring: z.object({
          unit: numbered(RECORDS_MAX).describe('Record of the unit'),
          sponsor: numbered(ACCOUNTS_MAX).optional().describe('Merchant account of the sponsor'),
        }),
        response: {
          200: z.object({ account: z.number() }),
          ...problems(401, 403, 404),
        },
      },
    },
    async request => {
      const { unit, sponsor } = request.query
      mayReadOfSponsor(await callerOf(log, request), sponsor, log)
      const account = log.ledger.state.refs.find(unit, sponsor ?? null, fromHex(request.params.ref))
      await log.durable()
      if (account === undefined) throw new HttpError(404, 'ref-unknown', 'No account was opened under this reference.')
      return { account }
    },
  )
}
