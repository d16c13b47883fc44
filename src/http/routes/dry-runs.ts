import { z } from 'zod'
import { fromBase64 } from '../../core/bytes.ts'
import { checkSignatureOrder, SIGNER_OWNER, SIGNER_RECORD, type Signature } from '../../core/entry/batch.ts'
import { standsAlone } from '../../core/entry/group.ts'
import { BATCH_REFUSALS, OUTCOMES } from '../../core/entry/outcome.ts'
import { decodeSubmission, encodeSubmission } from '../../core/entry/submission.ts'
import { decodeTransaction, type Transaction } from '../../core/entry/transaction.ts'
import { FormatError } from '../../core/failure.ts'
import { BATCH_SIGNATURES_MAX, GROUP_TRANSACTIONS_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import { problems, type Server } from '../../serving/index.ts'
import { callerOf, mayReadAccount, mayReadAll } from '../caller.ts'
import { account, record, withToken } from '../shapes.ts'

const dryRunSchema = z.strictObject({
  signers: z
    .array(z.union([z.strictObject({ record }), z.strictObject({ account })]))
    .min(1)
    .max(BATCH_SIGNATURES_MAX)
    .describe('Who would sign: keys by their records, then owners by their accounts. Nobody signs here'),
  transactions: z
    .array(z.string().max(8192))
    .min(1)
    .max(GROUP_TRANSACTIONS_MAX)
    .describe('Transactions, each with its type byte, in base64 (SPEC §5), of kinds that may stand in a group'),
})

const answerSchema = z.object({
  refused: z.enum(BATCH_REFUSALS).nullable().describe('Why the batch would be refused whole'),
  outcomes: z.array(z.enum(OUTCOMES)).max(GROUP_TRANSACTIONS_MAX).describe('One a transaction, unless it is'),
})

const EXAMPLE = { signers: [{ account: 3 }], transactions: ['AocIUAGjGFx+4HO1keKLLnLr8EUDABgy9vY='] }
const UNSIGNED = new Uint8Array(64)

/** `POST /v1/dry-runs`: what the ledger would say of a batch. SPEC §11. */
export function dryRunRoutes(server: Server, log: ServedLog): void {
  server.post(
    '/v1/dry-runs',
    {
      config: { takes: { 'application/json': { schema: dryRunSchema, example: EXAMPLE } } },
      schema: {
        operationId: 'tryBatch',
        tags: ['platform'],
        security: withToken,
        summary: 'What the ledger would say of a batch now: nothing is signed, and nothing of it stays',
        description: 'For anyone who may read all accounts that the transactions name.',
        response: { 200: answerSchema, ...problems(421) },
      },
    },
    async request => {
      const caller = await callerOf(log, request)
      const { signers, transactions } = parsed(request.body)
      for (const tx of transactions.map(one => decodeTransaction(one)))
        for (const one of accountsIn(tx)) {
          if (one === undefined) mayReadAll(caller)
          else mayReadAccount(log, caller, [one])
        }
      const signatures = signers.map((one): Signature => {
        const named = 'record' in one ? ([SIGNER_RECORD, one.record] as const) : ([SIGNER_OWNER, one.account] as const)
        return { class: named[0], number: named[1], ed25519: UNSIGNED }
      })
      checkSignatureOrder(signatures)
      const batch = decodeSubmission(encodeSubmission(signatures, transactions))
      const entryAt = async (index: number) => {
        await log.durable()
        return log.readEntry(index)
      }
      const found = await log.ledger.tryOut(batch, () => log.operator.timeMs, entryAt)
      await log.durable()
      if (typeof found === 'string') return { refused: found, outcomes: [] }
      return { refused: null, outcomes: Array.from(found, status => OUTCOMES[status]!) }
    },
  )
}

/** @param body - untrusted: parsed JSON. @throws FormatError `submission`, `base64`. */
function parsed(body: unknown): { signers: z.infer<typeof dryRunSchema>['signers']; transactions: Uint8Array[] } {
  const read = dryRunSchema.safeParse(body)
  if (!read.success) {
    const where = read.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
    throw new FormatError('submission', where)
  }
  const transactions = read.data.transactions.map(text => fromBase64(text))
  for (const [i, one] of transactions.entries())
    if (standsAlone(decodeTransaction(one).kind))
      throw new FormatError('submission', `transactions.${i}: of a kind that stands in no group, so it is not tried`)
  return { signers: read.data.signers, transactions }
}

/** The accounts that a transaction names in its fields; undefined for one that is to come. */
function accountsIn(tx: Transaction): (number | undefined)[] {
  if (tx.kind === 'open-account') return [undefined]
  const named: number[] = []
  if ('debit' in tx) named.push(tx.debit, tx.credit)
  if ('account' in tx) named.push(tx.account)
  if ('budget' in tx) named.push(tx.budget)
  if (tx.kind === 'grant' && tx.may === 1) named.push(tx.to)
  return named
}
