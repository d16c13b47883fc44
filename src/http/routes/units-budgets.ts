import { z } from 'zod'
import { equalBytes, fromHex, toHex, utf8Decode } from '../../core/bytes.ts'
import { ID_BYTES, idTimeMs } from '../../core/entry/id.ts'
import { ACCOUNT_KINDS, decodeTransaction, type TransactionOf } from '../../core/entry/transaction.ts'
import { ACCOUNTS_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { type Caller, callerOf, canReadAccount, mayReadAccount, mayReadAll } from '../caller.ts'

const security = [{ key: [] }]
const limit = z.coerce.number().int().min(1).max(1000).default(100)
const account = z.coerce
  .number()
  .int()
  .min(0)
  .max(ACCOUNTS_MAX - 1)

/** The terms of a budget, without what is of the transaction that set them. */
function capsOf({ kind: _, id: __, account: ___, ...terms }: TransactionOf<'set-budget'>) {
  return terms
}

/** What a programme is run by: its units, its budgets, what is due, and its members' consents. */
export function programmeRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/units',
    {
      schema: {
        tags: ['public'],
        summary: 'The units, their policies, and their treasuries',
        response: {
          200: z.object({
            units: z.array(
              z.object({
                record: z.number(),
                name: z.string(),
                cap: z.number(),
                step: z.number(),
                giftEach: z.number(),
                giftDay: z.number(),
                debtMax: z.number(),
                custody: z.number(),
                windowMs: z.number(),
                holdMaxMs: z.number(),
                offset: z.number(),
                grain: z.number(),
                take: z
                  .object({ each: z.number(), most: z.number(), keep: z.number(), day: z.number(), open: z.number() })
                  .nullable(),
                collect: z.number().nullable(),
                takeoverMs: z.number(),
                balanceMax: z.number(),
                noticeMs: z.number(),
                terms: z.string().describe('Leaf hash of what defines it, hex: openings name it'),
                treasury: z.number().nullable(),
                expiredAccount: z.number().nullable(),
              }),
            ),
          }),
        },
      },
    },
    async () => {
      const units = log.ledger.state.registry.units.map(({ record, terms, treasury, expiredAccount }) => {
        const { kind: _, id: __, ...policy } = terms
        const numbered = (one: number) => (one < 0 ? null : one)
        const leaf = toHex(log.ledger.state.registry.records[record]!.body)
        return {
          record,
          ...policy,
          terms: leaf,
          treasury: numbered(treasury),
          expiredAccount: numbered(expiredAccount),
        }
      })
      await log.durable()
      return { units }
    },
  )

  server.get(
    '/v1/budgets',
    {
      schema: {
        tags: ['platform'],
        security,
        summary: 'Budgets, what is left in them, and their terms, a page at a time',
        description: 'All of them for the platform and auditors; for an issuer those in the scope of its key.',
        querystring: z.object({ after: z.coerce.number().int().min(-1).default(-1), limit }),
        response: {
          200: z.object({
            budgets: z.array(
              z.object({
                account: z.number(),
                unit: z.string(),
                left: z.number(),
                terms: z
                  .object({
                    from: z.number(),
                    until: z.number(),
                    memberDay: z.number(),
                    memberWeek: z.number(),
                    memberMonth: z.number(),
                    memberTotal: z.number(),
                    day: z.number(),
                    week: z.number(),
                    month: z.number(),
                    total: z.number(),
                  })
                  .nullable(),
                issuers: z.array(z.number()).describe('Records of the issuers whose scope holds it'),
              }),
            ),
          }),
          ...problems(401, 403),
        },
      },
    },
    async request => {
      const scope = scopeOf(log, await callerOf(log, request))
      const { accounts, registry, budgets } = log.ledger.state
      const found = []
      for (let n = request.query.after + 1; n < accounts.count && found.length < request.query.limit; n++) {
        if (accounts.kind(n) !== ACCOUNT_KINDS.budget || scope?.includes(n) === false) continue
        const unit = accounts.unit(n)
        const terms = budgets.terms(n)
        found.push({
          account: n,
          unit: registry.unit(unit)!.terms.name,
          left: accounts.balance(n),
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

  server.get(
    '/v1/due',
    {
      schema: {
        tags: ['platform'],
        security,
        summary: 'Accounts with points past their expiry, or holds whose time is over, that no entry says yet',
        querystring: z.object({ limit }),
        response: {
          200: z.object({ time: z.number(), accounts: z.array(z.number()) }),
          ...problems(401, 403),
        },
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

  server.get(
    '/v1/accounts/:number/consents',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'Every consent that was given, whether it stands, and where the proof of it is',
        params: z.object({ number: account }),
        response: { 200: z.object({ consents: z.array(consentSchema) }), ...problems(401, 403) },
      },
    },
    async request => {
      const { number } = request.params
      mayReadAccount(log, await callerOf(log, request), [number])
      return { consents: await consentsOf(log, number) }
    },
  )

  server.get(
    '/v1/accounts/:number/consents/:id',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'Whether a consent stands, with the receipts of the entries that gave and withdrew it',
        description: 'For the owner, the platform and auditors, and for the key that the consent is given to.',
        params: z.object({ number: account, id: z.string().max(32) }),
        response: {
          200: consentSchema.extend({
            receipt: z.string().nullable().describe('tlog-proof of the entry; null while it is in no checkpoint'),
            withdrawal: z.string().nullable().describe('tlog-proof of the entry that withdrew it, if one did'),
          }),
          ...problems(401, 403, 404),
        },
      },
    },
    async request => {
      const { number, id } = request.params
      const caller = await callerOf(log, request)
      // An owner can be given no consent: only a key of the registry, of which there are few, is worth looking for.
      const isReader = caller.record === undefined || canReadAccount(log, caller, [number])
      if (caller.record === undefined || (caller.account ?? number) !== number) mayReadAccount(log, caller, [number])
      const wanted = fromHex(id, ID_BYTES)
      const all = number < log.ledger.state.accounts.count || isReader ? await consentsOf(log, number) : []
      const consent = all.find(one => equalBytes(fromHex(one.id, ID_BYTES), wanted))
      if (!isReader && (consent === undefined || consent.may !== 0 || consent.to !== caller.record))
        mayReadAccount(log, caller, [number])
      if (consent === undefined) throw new HttpError(404, 'not-found', `Account ${number} has given no consent ${id}.`)
      const proof = async (index: number | null) => {
        const receipt = index === null ? 'not-published' : await log.prover.receipt(index)
        return typeof receipt === 'string' ? null : utf8Decode(receipt)
      }
      return { ...consent, receipt: await proof(consent.index), withdrawal: await proof(consent.withdrawnAt) }
    },
  )
}

/**
 * The budgets that an issuer may read of, those in its scope; undefined for anyone who may read of all. @throws
 * HttpError.
 */
function scopeOf(log: ServedLog, { role, account, record }: Caller): readonly number[] | undefined {
  if (role === 'issuer' && account === undefined) return log.ledger.state.registry.key(record!)!.scope
  mayReadAll({ role, account })
  return undefined
}

const consentSchema = z.object({
  id: z.string(),
  to: z.number().describe('Record of whom details may be shown to, or the account that may take points'),
  may: z.number().describe('0: see details; 1: take points'),
  until: z.number().nullable(),
  terms: z.string().describe('Commitment to scope and purpose, hex'),
  given: z.number().describe('Time of the entry'),
  index: z.number().describe('Log index of the entry that gave it: its receipt is the proof'),
  withdrawnAt: z.number().nullable().describe('Log index of the entry that withdrew it'),
  isStanding: z.boolean(),
})

/** Every consent that a member account ever gave, from its entries. */
async function consentsOf(log: ServedLog, account: number): Promise<z.infer<typeof consentSchema>[]> {
  const { accounts } = log.ledger.state
  if (account >= accounts.count) throw new HttpError(404, 'no-such-account', 'There is no such account.')
  const given = new Map<string, z.infer<typeof consentSchema>>()
  for await (const { index, entry } of log.prover.readEntriesOf(account)) {
    const transaction = decodeTransaction(entry)
    if (transaction.kind === 'grant')
      given.set(toHex(transaction.id), consentFrom(transaction, index, log.operator.timeMs))
    if (transaction.kind !== 'withdraw') continue
    const consent = given.get(toHex(transaction.grant))
    if (consent !== undefined) Object.assign(consent, { withdrawnAt: index, isStanding: false })
  }
  return [...given.values()]
}

function consentFrom({ id, to, may, until, terms }: TransactionOf<'grant'>, index: number, nowMs: number) {
  return {
    id: toHex(id),
    to,
    may,
    until: until === 0 ? null : until,
    terms: toHex(terms),
    given: idTimeMs(id),
    index,
    withdrawnAt: null,
    isStanding: until === 0 || nowMs < until,
  }
}
