import { z } from 'zod'
import { PAGE_LINES_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { bytesOf, CBOR, PRIVATE, problems, type Server, sendBytes } from '../../serving/index.ts'
import { callerOf, mayReadStatement } from '../caller.ts'
import { noProof } from '../no-proof.ts'
import { accountInPath, inPath, withToken } from '../shapes.ts'

/** `GET /v1/accounts/{n}/statement`: the proof of a whole balance, at once or in pages. SPEC §10. */
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
          lines: inPath(PAGE_LINES_MAX, 1)
            .optional()
            .describe('A page of at most so many lines, with the proof that the log grew out of `grown` entries'),
          grown: inPath().optional().describe('With `lines`: size of the checkpoint of the page before'),
          signatures: z.enum(['all', 'debits']).default('debits').describe('Beside which lines the authority is shown'),
        }),
        response: { ...bytesOf(CBOR, 'A statement, or with `lines` a page of it (SPEC §10)'), ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const account = request.params.number
      mayReadStatement(log, await callerOf(log, request), account)
      const { since, lines, grown, signatures } = request.query
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const options = { since, allSignatures: signatures === 'all', signal: gone.signal }
      const { prover } = log
      const making =
        lines === undefined ? prover.statement(account, options) : prover.page(account, { ...options, lines, grown })
      const statement = await making.catch((error: unknown) => {
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
