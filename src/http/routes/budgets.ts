import { z } from 'zod'
import { ACCOUNT_KINDS, type TransactionOf } from '../../core/entry/transaction.ts'
import { POOLS_MAX, RECORDS_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import type { Server } from '../../serving/index.ts'
import { type Caller, callerOf, isOfMerchant, mayReadAll } from '../caller.ts'
import { account, inPath, int, pageLimit, record, uint, withToken, word } from '../shapes.ts'

const budgetSchema = z.object({
  account,
  unit: word,
  left: int,
  sponsor: account.nullable().describe('Merchant account that it was opened for, which may fund it'),
  terms: z
    .object({
      from: uint(),
      until: uint(),
      memberDay: uint(),
      memberWeek: uint(),
      memberMonth: uint(),
      memberTotal: uint(),
      day: uint(),
      week: uint(),
      month: uint(),
      total: uint(),
      pools: z.array(account).max(POOLS_MAX).describe('Other budgets under whose terms it gives, too'),
    })
    .nullable(),
  issuers: z.array(record).max(RECORDS_MAX).describe('Records of the issuers whose scope holds it'),
})

const budgetsSchema = z.object({ budgets: z.array(budgetSchema).max(1000) })

/** The terms of a budget, without those members that are of the transaction that set them. */
function capsOf({ kind: _, id: __, account: ___, pools, ...terms }: TransactionOf<'set-budget'>) {
  return { ...terms, pools: [...pools] }
}

/** `GET /v1/budgets`: budgets, and what is left in them. */
export function budgetRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/budgets',
    {
      schema: {
        operationId: 'listBudgets',
        tags: ['platform'],
        security: withToken,
        summary: 'Budgets, what is left in them, and their terms, a page at a time',
        description:
          'All of them for the platform and auditors; for an issuer those in the scope of its key; for a merchant ' +
          'those of which an account in its scope is the sponsor.',
        querystring: z.object({ after: inPath(Number.MAX_SAFE_INTEGER, -1).default(-1), limit: pageLimit }),
        response: { 200: budgetsSchema },
      },
    },
    async request => {
      const isFor = budgetsOf(log, await callerOf(log, request))
      const { accounts, registry, budgets } = log.ledger.state
      const found = []
      for (let n = request.query.after + 1; n < accounts.count && found.length < request.query.limit; n++) {
        if (accounts.kind(n) !== ACCOUNT_KINDS.budget || !isFor(n)) continue
        const unit = accounts.unit(n)
        const terms = budgets.terms(n)
        found.push({
          account: n,
          unit: registry.unit(unit)!.terms.name,
          left: accounts.balance(n),
          sponsor: accounts.terms(n).sponsor ?? null,
          terms: terms === undefined ? null : capsOf(terms),
          issuers: registry.records.flatMap(({ number }) => {
            const key = registry.standingKey(number)
            return key?.role === 'issuer' && key.scope.includes(n) ? [number] : []
          }),
        })
      }
      await log.durable()
      return { budgets: found }
    },
  )
}

/**
 * Which budgets a caller may read of: an issuer those in its scope, a merchant those that it sponsors, others all.
 * @throws HttpError 403 `not-allowed`.
 */
function budgetsOf(log: ServedLog, { role, account, record }: Caller): (budget: number) => boolean {
  if (role === 'issuer' && account === undefined) {
    const { scope } = log.ledger.state.registry.key(record!)!
    return budget => scope.includes(budget)
  }
  if (role === 'merchant' && account === undefined) return budget => isOfMerchant(log, record!, budget)
  mayReadAll({ role, account })
  return () => true
}
