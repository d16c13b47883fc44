import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AccountState } from '../../account/account.ts'
import { type Holdings, nextExpiry, sharesOf } from '../../account/holdings.ts'
import type { Member } from '../../account/member.ts'
import { toBase64, toHex } from '../../core/bytes.ts'
import { ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { idTimeMs } from '../../core/entry/id.ts'
import { ACCOUNT_KINDS, decodeTransaction } from '../../core/entry/transaction.ts'
import { ACCOUNTS_MAX } from '../../core/limits.ts'
import type { NoProof, ServedLog } from '../../log/index.ts'
import { CBOR, HttpError, PRIVATE, problems, type Server, sendBytes, TEXT } from '../../serving/index.ts'
import { isForIdentity } from '../../verify/identity.ts'
import { callerOf, isInCustody, mayReadAccount, mayReadAll, mayReadReceipt } from '../caller.ts'

const NO_PROOF: Readonly<Record<NoProof, readonly [status: number, what: string]>> = {
  'not-published': [404, 'It is not in a checkpoint yet. Ask again after the next seal.'],
  'no-such-account': [404, 'There is no such account in the latest checkpoint.'],
  'no-statement': [409, 'There are statements of member accounts only. Treasuries and budgets are shown by an audit.'],
  'since-beyond': [409, 'The account has fewer entries than `since` in the latest checkpoint.'],
  'statement-size': [409, 'It is longer than a verifier reads. Ask for what came `since` what you verified.'],
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
const limit = z.coerce.number().int().min(1).max(1000).default(100)

const STATUSES = ['open', 'frozen', 'closed'] as const

const accountSchema = z.object({
  number: z.number(),
  kind: z.string(),
  unit: z.string(),
  status: z.enum(STATUSES),
  owner: z.string().nullable().describe('Public key, hex; null where only a custodian acts'),
  custodian: z.number().nullable().describe('Record whose chain has the custody'),
  recovery: z
    .object({ keys: z.array(z.string()), need: z.number(), delayMs: z.number() })
    .nullable()
    .describe('Keys that can take the account over, hex, and how long its owner can veto'),
  balance: z.number(),
  available: z.number().describe('To be spent now; below zero it is a debt'),
  pending: z.number().describe('Not matured yet'),
  held: z.number(),
  overdue: z.number().describe('Past its expiry, and about to be expired by an entry'),
  expiringNext: z.object({ amount: z.number(), at: z.number() }).nullable().describe('What expires next, and when'),
  holds: z.array(z.object({ id: z.string(), amount: z.number(), credit: z.number(), until: z.number() })),
  consents: z.array(z.object({ id: z.string(), to: z.number(), may: z.number(), until: z.number().nullable() })),
  entries: z.number(),
  sealed: z
    .object({ balance: z.number(), entries: z.number(), size: z.number() })
    .nullable()
    .describe('As the latest checkpoint proves it'),
})

/** What an account has, by what can be done with it. */
function sharesShown(holdings: Holdings, balance: number, atMs: number) {
  const next = nextExpiry(holdings, atMs)
  return {
    balance,
    ...sharesOf(holdings, balance, atMs),
    expiringNext: next === undefined ? null : { amount: next.amount, at: next.atMs },
    holds: holdings.holds.map(({ id, amount, credit, until }) => ({ id: toHex(id), amount, credit, until })),
    consents: holdings.grants.map(({ id, to, may, until }) => ({
      id: toHex(id),
      to,
      may,
      until: until === 0 ? null : until,
    })),
  }
}

/** Who may act for an account. */
function holdersShown({ owner, custodian, recovery }: Pick<Member, 'owner' | 'custodian' | 'recovery'>) {
  return {
    owner: owner && toHex(owner),
    custodian,
    recovery: recovery && { ...recovery, keys: recovery.keys.map(toHex) },
  }
}

function kindOf(kind: number): string {
  return Object.entries(ACCOUNT_KINDS).find(([, number]) => number === kind)![0]
}

/** An account as of the first `size` entries of the log, made from its own entries. */
async function asOf(log: ServedLog, account: number, size: number): Promise<z.infer<typeof accountSchema>> {
  if (size > (log.publisher.published?.size ?? 0)) throw noProof('not-published')
  const { accounts, registry } = log.ledger.state
  if (accounts.kind(account) !== ACCOUNT_KINDS.member) throw noProof('no-statement')
  const history = await log.prover.asOf(account, size)
  if (history === undefined) throw noProof('no-such-account')
  const { balance, holdings, status, time } = history.member
  return {
    number: account,
    kind: 'member',
    unit: registry.unit(accounts.unit(account))!.terms.name,
    status: STATUSES[status]!,
    ...holdersShown(history.member),
    ...sharesShown(holdings, balance, time),
    entries: history.entries,
    sealed: null,
  }
}

/** Accounts among which those of a custodian are looked for at once. */
const LOOKED_AT = 65_536

const security = [{ key: [] }]
const refusals = problems(401, 403, 404)

/** What an account's owner, the platform and auditors may read: accounts, statements, receipts. */
export function accountRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/accounts/:number',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'An account now, and as of the latest checkpoint',
        params: z.object({ number }),
        querystring: z.object({
          size: z.coerce
            .number()
            .int()
            .min(1)
            .optional()
            .describe('As of the first so many entries of the log: those of a past checkpoint'),
        }),
        response: { 200: accountSchema, ...refusals, ...problems(409) },
      },
    },
    async request => {
      const account = request.params.number
      mayReadAccount(log, await callerOf(log, request), [account])
      await log.publisher.settled()
      const { accounts, registry } = log.ledger.state
      if (account >= accounts.count) throw noProof('no-such-account')
      const { published } = log.publisher
      const { size } = request.query
      if (size !== undefined) return asOf(log, account, size)
      const now = accounts.get(account)
      const sealed = accounts.sealed(account)
      const balance = balanceOf(now)
      const answer = {
        number: account,
        kind: kindOf(now.kind),
        unit: registry.unit(now.unit)!.terms.name,
        status: STATUSES[now.status]!,
        ...holdersShown({ owner: now.owner, ...accounts.terms(account) }),
        ...sharesShown(accounts.holdings(account), balance, Math.max(log.operator.timeMs, now.time)),
        entries: now.entries,
        sealed:
          sealed === undefined || published === undefined
            ? null
            : { balance: balanceOf(sealed), entries: sealed.entries, size: published.size },
      }
      await log.durable()
      return answer
    },
  )

  server.get(
    '/v1/accounts/:number/entries',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'The entries of a member account in order, a page at a time',
        params: z.object({ number }),
        querystring: z.object({ after: z.coerce.number().int().min(0).default(0), limit }),
        response: {
          200: z.object({
            entries: z.array(
              z.object({
                number: z
                  .number()
                  .describe('Its place among the entries of the account, from 1; `after` for the next page'),
                index: z.number().describe('Log index'),
                kind: z.string(),
                time: z.number(),
                entry: z.string().describe('The transaction, in base64 (SPEC §5)'),
              }),
            ),
          }),
          ...refusals,
          ...problems(409),
        },
      },
    },
    async request => {
      const account = request.params.number
      const { after, limit } = request.query
      mayReadAccount(log, await callerOf(log, request), [account])
      if (account >= log.ledger.state.accounts.count) throw noProof('no-such-account')
      const indexes = (await log.prover.entriesOf(account)).slice(after, after + limit)
      const read = await log.readEntries(indexes)
      const entries = read.map((entry, i) => {
        const transaction = decodeTransaction(entry)
        const time = idTimeMs(transaction.id)
        return { number: after + i + 1, index: indexes[i]!, kind: transaction.kind, time, entry: toBase64(entry) }
      })
      return { entries }
    },
  )

  server.get(
    '/v1/accounts',
    {
      schema: {
        tags: ['platform'],
        security,
        summary: 'Accounts in order of number, a page at a time',
        description: 'All of them for the platform and auditors; for a custodian those in the custody of its key.',
        querystring: z.object({ after: z.coerce.number().int().min(-1).default(-1), limit }),
        response: {
          200: z.object({
            accounts: z.array(
              z.object({
                number: z.number(),
                kind: z.string(),
                unit: z.string(),
                status: z.enum(STATUSES),
                balance: z.number(),
                entries: z.number(),
              }),
            ),
            next: z.number().nullable().describe('`after` of the next page; null where there is none'),
          }),
          ...problems(401, 403),
        },
      },
    },
    async request => {
      const { role, record, account } = await callerOf(log, request)
      const isCustodian = role === 'custodian' && account === undefined
      if (!isCustodian) mayReadAll({ role, account })
      const { accounts, registry } = log.ledger.state
      const { after, limit } = request.query
      const numbers: number[] = []
      let next = after + 1
      // Of a custodian's accounts there may be few among many: a page ends where enough were looked at, too.
      const last = Math.min(accounts.count, isCustodian ? next + LOOKED_AT : accounts.count)
      for (; next < last && numbers.length < limit; next++)
        if (!isCustodian || isInCustody(log, record!, next)) numbers.push(next)
      const answer = {
        accounts: numbers.map(number => {
          const { kind, unit, status, entries, credit, debit } = accounts.get(number)
          return {
            number,
            kind: kindOf(kind),
            unit: registry.unit(unit)!.terms.name,
            status: STATUSES[status]!,
            balance: credit - debit,
            entries,
          }
        }),
        next: next < accounts.count ? next - 1 : null,
      }
      await log.durable()
      return answer
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
        response: { ...refusals, ...problems(409) },
      },
    },
    async (request, reply) => {
      const account = request.params.number
      mayReadAccount(log, await callerOf(log, request), [account])
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

  server.get(
    '/v1/receipts/:index',
    {
      schema: {
        tags: ['member', 'platform'],
        security,
        summary: 'Proof that an entry is in the log: c2sp.org/tlog-proof',
        description:
          'Of the genesis, of root keys, of what continued the log and of seals for all: by these a client knows ' +
          'which ledger it is, and what is in its registry.',
        params: z.object({ index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
        response: refusals,
      },
    },
    async (request, reply) => {
      const { index } = request.params
      const isThere = index < (log.publisher.published?.size ?? 0)
      if (!isThere || !(await isForAll(log, index))) await mayRead(log, request, index, isThere)
      const receipt = await log.prover.receipt(index)
      if (typeof receipt === 'string') throw noProof(receipt)
      return sendBytes(reply, receipt, TEXT, PRIVATE)
    },
  )
}

function balanceOf({ credit, debit }: AccountState): number {
  return credit - debit
}

/**
 * Whether a receipt is for all: of the genesis, of root keys, of what continued the log, or of a seal. None names a
 * member.
 */
async function isForAll(log: ServedLog, index: number): Promise<boolean> {
  if (index === GENESIS_INDEX) return true
  const entry = await log.readEntry(index)
  return entry[0] === ENTRY_SEAL || (entry[0] === ENTRY_TRANSACTION && isForIdentity(decodeTransaction(entry)))
}

/** Refuses a caller who may not read the receipt of an entry. @throws HttpError 401, 403, 404. */
async function mayRead(log: ServedLog, request: FastifyRequest, index: number, isThere: boolean): Promise<void> {
  const caller = await callerOf(log, request)
  if (!isThere) throw noProof('not-published')
  const named = () => log.prover.accountsNamedBy(index)
  if (caller.account !== undefined) mayReadAccount(log, caller, await named())
  else await mayReadReceipt(log, caller, named, () => log.prover.recordsBehind(index))
}

/** Where the genesis stands, behind its batch. */
const GENESIS_INDEX = 1
