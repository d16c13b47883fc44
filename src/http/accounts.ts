import { z } from 'zod'
import type { AccountState } from '../core/account.ts'
import { ACCOUNTS_MAX } from '../core/limits.ts'
import { ACCOUNT_KINDS } from '../core/transaction.ts'
import type { NoProof, TallyLog } from '../log/index.ts'
import { callerOf, mayReadAccount } from './caller.ts'
import { HttpError, problemSchema } from './problem.ts'
import { CBOR, PRIVATE, sendBytes, TEXT } from './send.ts'
import type { Server } from './server.ts'

const NO_PROOF: Readonly<Record<NoProof, readonly [status: number, what: string]>> = {
  'not-published': [404, 'It is not in a checkpoint yet. Ask again after the next seal.'],
  'no-such-account': [404, 'There is no such account in the latest checkpoint.'],
  'no-statement': [409, 'There are statements of member accounts only. Treasuries and budgets are shown by an audit.'],
  'since-beyond': [409, 'The account has fewer entries than `since` in the latest checkpoint.'],
}

function noProof(why: NoProof): HttpError {
  const [status, what] = NO_PROOF[why]
  return new HttpError(status, why, what)
}

const number = z.coerce
  .number()
  .int()
  .min(0)
  .max(ACCOUNTS_MAX - 1)
const security = [{ key: [] }]
const refusals = { 401: problemSchema, 403: problemSchema, 404: problemSchema }

/** What an account's owner, the platform and auditors may read: accounts, statements, receipts. */
export function accountRoutes(server: Server, log: TallyLog): void {
  server.get(
    '/v1/accounts/:number',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'An account now, and as of the latest checkpoint',
        params: z.object({ number }),
        response: {
          200: z.object({
            number: z.number(),
            kind: z.string(),
            unit: z.string(),
            balance: z.number(),
            credited: z.number(),
            debited: z.number(),
            entries: z.number(),
            sealed: z
              .object({ balance: z.number(), entries: z.number(), size: z.number() })
              .nullable()
              .describe('As the latest checkpoint proves it'),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const account = request.params.number
      mayReadAccount(await callerOf(log, request), [account])
      await log.publisher.settled()
      const { accounts, registry } = log.ledger.state
      if (account >= accounts.count) throw noProof('no-such-account')
      const now = accounts.get(account)
      const sealed = accounts.sealed(account)
      const { published } = log.publisher
      return {
        number: account,
        kind: Object.entries(ACCOUNT_KINDS).find(([, kind]) => kind === now.kind)![0],
        unit: registry.unit(now.unit)!.terms.name,
        balance: balanceOf(now),
        credited: now.credited,
        debited: now.debited,
        entries: now.entries,
        sealed:
          sealed === undefined || published === undefined
            ? null
            : { balance: balanceOf(sealed), entries: sealed.entries, size: published.size },
      }
    },
  )

  server.get(
    '/v1/accounts/:number/statement',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'Proof of the whole balance: application/cbor (SPEC §10)',
        params: z.object({ number }),
        querystring: z.object({
          since: z.coerce.number().int().min(0).default(0).describe('Entries of the account verified before'),
          signatures: z.enum(['all', 'debits']).default('debits').describe('Beside which lines the authority is shown'),
        }),
        response: { ...refusals, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const account = request.params.number
      mayReadAccount(await callerOf(log, request), [account])
      const { since, signatures } = request.query
      const statement = await log.prover.statement(account, { since, allSignatures: signatures === 'all' })
      if (typeof statement === 'string') throw noProof(statement)
      return sendBytes(reply, statement, CBOR, PRIVATE)
    },
  )

  server.get(
    '/v1/receipts/:index',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'Proof that an entry is in the log: c2sp.org/tlog-proof',
        params: z.object({ index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
        response: refusals,
      },
    },
    async (request, reply) => {
      const { index } = request.params
      const caller = await callerOf(log, request)
      if (index >= (log.publisher.published?.size ?? 0)) throw noProof('not-published')
      if (caller.account !== undefined || caller.role === 'owner')
        mayReadAccount(caller, await log.prover.accountsNamedBy(index))
      const receipt = await log.prover.receipt(index)
      if (typeof receipt === 'string') throw noProof(receipt)
      return sendBytes(reply, receipt, TEXT, PRIVATE)
    },
  )
}

function balanceOf({ credited, debited }: AccountState): number {
  return credited - debited
}
