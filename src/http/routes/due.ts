import { z } from 'zod'
import type { ServedLog } from '../../log/index.ts'
import type { Server } from '../../serving/index.ts'
import { callerOf, mayReadAll } from '../caller.ts'
import { account, pageLimit, uint, withToken } from '../shapes.ts'

const dueSchema = z.object({ time: uint(), accounts: z.array(account).max(1000) })

/** `GET /v1/due`: accounts that an entry `expire` or `release` is due for. */
export function dueRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/due',
    {
      schema: {
        operationId: 'listDue',
        tags: ['platform'],
        security: withToken,
        summary: 'Accounts with points past their expiry, or holds whose time is over, that no entry says yet',
        querystring: z.object({ limit: pageLimit }),
        response: { 200: dueSchema },
      },
    },
    async request => {
      mayReadAll(await callerOf(log, request))
      const time = log.operator.timeMs
      const accounts = log.ledger.state.accounts.due.at(time, request.query.limit)
      await log.durable()
      return { time, accounts }
    },
  )
}
