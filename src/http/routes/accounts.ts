import { z } from 'zod'
import type { AccountState } from '../../account/account.ts'
import { type Holdings, nextExpiry, sharesOf } from '../../account/holdings.ts'
import type { Member } from '../../account/member.ts'
import { toBase64, toHex } from '../../core/bytes.ts'
import { ID_BYTES, idTimeMs } from '../../core/entry/id.ts'
import { ACCOUNT_KINDS, decodeTransaction } from '../../core/entry/transaction.ts'
import { GRANTS_MAX, HOLDS_MAX, RECOVERY_KEYS_MAX, STATUSES_MAX, TRANSACTION_BYTES_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { problems, type Server } from '../../serving/index.ts'
import { type Caller, callerOf, isInCustody, isOfMerchant, mayReadAccount, mayReadAll } from '../caller.ts'
import { noProof } from '../no-proof.ts'
import {
  account,
  accountInPath,
  base64,
  hex,
  inPath,
  int,
  pageLimit,
  record,
  uint,
  withToken,
  word,
} from '../shapes.ts'

const STATUSES = ['open', 'frozen', 'closed', 'merged'] as const

const accountSchema = z.object({
  number: account,
  kind: word,
  unit: word,
  status: z.enum(STATUSES),
  owner: hex(32).nullable().describe('Public key, hex; null where only a custodian acts'),
  custodian: record.nullable().describe('Record whose chain has the custody'),
  recovery: z
    .object({ keys: z.array(hex(32)).max(RECOVERY_KEYS_MAX), need: uint(), delayMs: uint() })
    .nullable()
    .describe('Keys that can take the account over, hex, and how long its owner can veto'),
  balance: int,
  available: int.describe('To be spent now; below zero it is a debt'),
  pending: uint().describe('Not matured yet'),
  held: uint(),
  overdue: uint().describe('Past its expiry, and about to be expired by an entry'),
  expiringNext: z.object({ amount: uint(), at: uint() }).nullable().describe('The amount that expires next, and when'),
  holds: z.array(z.object({ id: hex(ID_BYTES), amount: uint(), credit: account, until: uint() })).max(HOLDS_MAX),
  consents: z
    .array(z.object({ id: hex(ID_BYTES), to: account, may: uint(), until: uint().nullable() }))
    .max(GRANTS_MAX),
  statuses: z
    .array(z.object({ rule: uint(), tier: uint(), until: uint().nullable() }))
    .max(STATUSES_MAX)
    .describe('Tiers that it has, each by a rule, whether their time is over or not'),
  entries: uint(),
  sealed: z
    .object({ balance: int, entries: uint(), size: uint() })
    .nullable()
    .describe('As the latest checkpoint proves it'),
})

const accountsSchema = z.object({
  accounts: z
    .array(
      z.object({ number: account, kind: word, unit: word, status: z.enum(STATUSES), balance: int, entries: uint() }),
    )
    .max(1000),
  next: int.nullable().describe('`after` of the next page; null where there is none'),
})

const entriesSchema = z.object({
  entries: z
    .array(
      z.object({
        number: uint().describe('Its place among the entries of the account, from 1; `after` for the next page'),
        index: uint().describe('Log index'),
        kind: word,
        time: uint().describe('Its own time, that of its id'),
        ledgerTime: uint().describe('That of its batch: when the ledger took it'),
        entry: base64(TRANSACTION_BYTES_MAX).describe('The transaction, in base64 (SPEC §5)'),
      }),
    )
    .max(1000),
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
    statuses: holdings.statuses.map(one => ({ ...one, until: one.until === 0 ? null : one.until })),
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

/** Which accounts are those of a key that reads its own, by its role. */
const OWN: Readonly<Partial<Record<Caller['role'], (log: ServedLog, record: number, account: number) => boolean>>> = {
  custodian: isInCustody,
  merchant: isOfMerchant,
}
/** Accounts among which those of a custodian are looked for at once. */
const LOOKED_AT = 65_536

/** `GET /v1/accounts…`: accounts, one, and its entries, for its owner, the platform and auditors. */
export function accountRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/accounts/:number',
    {
      schema: {
        operationId: 'getAccount',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'An account now, and as of the latest checkpoint',
        params: z.object({ number: accountInPath }),
        querystring: z.object({
          size: inPath(Number.MAX_SAFE_INTEGER, 1)
            .optional()
            .describe('As of a past checkpoint: how many entries it has'),
        }),
        response: { 200: accountSchema, ...problems(404, 409) },
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
        operationId: 'listEntries',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'The entries of an account of a member or a merchant in order, a page at a time',
        params: z.object({ number: accountInPath }),
        querystring: z.object({ after: inPath().default(0), limit: pageLimit }),
        response: {
          200: entriesSchema,
          ...problems(404, 409),
        },
      },
    },
    async request => {
      const account = request.params.number
      const { after, limit } = request.query
      mayReadAccount(log, await callerOf(log, request), [account])
      if (account >= log.ledger.state.accounts.count) throw noProof('no-such-account')
      if (!log.prover.isListed(account)) throw noProof('no-list')
      const indexes = (await log.prover.entriesOf(account)).slice(after, after + limit)
      const [read, times] = await Promise.all([log.readEntries(indexes), log.prover.timesOf(indexes)])
      const entries = read.map((entry, i) => {
        const transaction = decodeTransaction(entry)
        const [time, ledgerTime] = [idTimeMs(transaction.id), times[i]!]
        const { kind } = transaction
        return { number: after + i + 1, index: indexes[i]!, kind, time, ledgerTime, entry: toBase64(entry) }
      })
      return { entries }
    },
  )

  server.get(
    '/v1/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        tags: ['platform'],
        security: withToken,
        summary: 'Accounts in order of number, a page at a time',
        description:
          'All of them for the platform and auditors; for a custodian those in the custody of its key; for a merchant ' +
          'the accounts in its scope, and the budgets of which they are the sponsor.',
        querystring: z.object({ after: inPath(Number.MAX_SAFE_INTEGER, -1).default(-1), limit: pageLimit }),
        response: {
          200: accountsSchema,
        },
      },
    },
    async request => {
      const { role, record, account } = await callerOf(log, request)
      const own = account === undefined ? OWN[role] : undefined
      if (own === undefined) mayReadAll({ role, account })
      const { accounts, registry } = log.ledger.state
      const { after, limit } = request.query
      const numbers: number[] = []
      let next = after + 1
      // Of a custodian's accounts there may be few among many: a page ends where enough were looked at, too.
      const last = Math.min(accounts.count, own === undefined ? accounts.count : next + LOOKED_AT)
      for (; next < last && numbers.length < limit; next++)
        if (own === undefined || own(log, record!, next)) numbers.push(next)
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
}

function balanceOf({ credit, debit }: AccountState): number {
  return credit - debit
}
