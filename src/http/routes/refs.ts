import { z } from 'zod'
import { fromHex } from '../../core/bytes.ts'
import { REF_BYTES } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { callerOf, mayReadOfSponsor } from '../caller.ts'
import { account, accountInPath, recordInPath, withToken } from '../shapes.ts'

const refSchema = z.object({ account })

/** `GET /v1/refs/{ref}`: which account a sponsor has under a reference. SPEC §11. */
export function refRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/refs/:ref',
    {
      schema: {
        operationId: 'getRef',
        tags: ['platform'],
        security: withToken,
        summary: 'The account that was opened under a reference',
        description: 'Of a sponsor, or, without one, of the platform. A sponsor reads what is its own.',
        params: z.object({ ref: z.string().regex(new RegExp(`^[0-9a-f]{${2 * REF_BYTES}}$`)) }),
        querystring: z.object({
          unit: recordInPath.describe('Record of the unit'),
          sponsor: accountInPath.optional().describe('Merchant account of the sponsor'),
        }),
        response: {
          200: refSchema,
          ...problems(404),
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
