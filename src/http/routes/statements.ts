import { z } from 'zod'
import type { ServedLog } from '../../log/index.ts'
import { bytesOf, CBOR, PRIVATE, problems, type Server, sendBytes } from '../../serving/index.ts'
import { callerOf, mayReadStatement } from '../caller.ts'
import { noProof } from '../no-proof.ts'
import { accountInPath, inPath, withToken } from '../shapes.ts'

/** `GET /v1/accounts/{n}/statement`: the proof of a whole balance. SPEC §10. */
export function statementRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/accounts/:number/statement',
    {
      schema: {
        operationId: 'getStatement',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'Proof of the whole balance of a member, a merchant or a budget: application/cbor (SPEC §10)',
        params: z.object({ number: accountInPath }),
        querystring: z.object({
          since: inPath().default(0).describe('Entries of the account verified before'),
          signatures: z.enum(['all', 'debits']).default('debits').describe('Beside which lines the authority is shown'),
        }),
        response: { ...bytesOf(CBOR, 'A statement (SPEC §10)'), ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const account = request.params.number
      mayReadStatement(log, await callerOf(log, request), account)
      const { since, signatures } = request.query
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const options = { since, allSignatures: signatures === 'all', signal: gone.signal }
      const statement = await log.prover.statement(account, options).catch((error: unknown) => {
        if (gone.signal.aborted) return undefined
        throw error
      })
      // Nobody waits for it any more.
      if (statement === undefined) return reply.hijack()
      if (typeof statement === 'string') throw noProof(statement)
      return sendBytes(reply, statement, CBOR, PRIVATE)
    },
  )
}
