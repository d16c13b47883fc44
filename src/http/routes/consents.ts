import { z } from 'zod'
import { equalBytes, fromHex, toHex, utf8Decode } from '../../core/bytes.ts'
import { ID_BYTES, idTimeMs } from '../../core/entry/id.ts'
import { decodeTransaction, type TransactionOf } from '../../core/entry/transaction.ts'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { callerOf, canReadAccount, mayReadAccount } from '../caller.ts'
import { account, accountInPath, hex, uint, withToken } from '../shapes.ts'

/** Characters of the longest receipt. */
const RECEIPT_BYTES_MAX = 512 * 1024

const consentSchema = z.object({
  id: hex(ID_BYTES),
  to: account.describe('Record of whom details may be shown to, or the account that may take points'),
  may: uint().describe('0: see details; 1: take points'),
  until: uint().nullable(),
  terms: hex(32).describe('Commitment to scope and purpose, hex'),
  given: uint().describe('Time of the entry'),
  index: uint().describe('Log index of the entry that gave it: its receipt is the proof'),
  withdrawnAt: uint().nullable().describe('Log index of the entry that withdrew it'),
  isStanding: z.boolean(),
})

const consentsSchema = z.object({ consents: z.array(consentSchema).max(100_000) })

const receipt = z.string().max(RECEIPT_BYTES_MAX).nullable()

const provenConsentSchema = consentSchema.extend({
  receipt: receipt.describe('tlog-proof of the entry; null while it is in no checkpoint'),
  withdrawal: receipt.describe('tlog-proof of the entry that withdrew it, if one did'),
})

/** Consents of an account: one by one, and all that it ever gave. */
export function consentRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/accounts/:number/consents',
    {
      schema: {
        operationId: 'listConsents',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'Every consent that was given, whether it stands, and where the proof of it is',
        params: z.object({ number: accountInPath }),
        response: { 200: consentsSchema, ...problems(404) },
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
        operationId: 'getConsent',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'Whether a consent stands, with the receipts of the entries that gave and withdrew it',
        description: 'For the owner, the platform and auditors, and for the key that the consent is given to.',
        params: z.object({ number: accountInPath, id: z.string().max(32) }),
        response: {
          200: provenConsentSchema,
          ...problems(404),
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
