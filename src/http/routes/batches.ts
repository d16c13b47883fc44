import { z } from 'zod'
import { fromBase64, toBase64, toHex, utf8Decode } from '../../core/bytes.ts'
import {
  checkSignatureOrder,
  SIGNER_OWNER,
  SIGNER_RECORD,
  SIGNER_RECOVERY,
  type Signature,
} from '../../core/entry/batch.ts'
import type { Group } from '../../core/entry/group.ts'
import { OUTCOMES } from '../../core/entry/outcome.ts'
import { encodeSubmission } from '../../core/entry/submission.ts'
import { FormatError } from '../../core/failure.ts'
import {
  BATCH_SIGNATURES_MAX,
  BATCH_TRANSACTIONS_MAX,
  GROUP_TRANSACTIONS_MAX,
  GROUPS_MAX,
  RECOVERY_KEYS_MAX,
  SUBMISSION_BYTES_MAX,
  TRANSACTION_BYTES_MAX,
  UNSIGNED_BODY_BYTES_MAX,
} from '../../core/limits.ts'
import { BUSY, RefusedError, type ServedLog } from '../../log/index.ts'
import {
  addressOf,
  announcedBytes,
  CBOR,
  HttpError,
  PRIVATE,
  problemSchema,
  problems,
  Rates,
  type Server,
  sendBytes,
  type TurnAway,
} from '../../serving/index.ts'
import { type BatchAnswer, encodeAnswer, logIndexesOf } from '../../verify/batch-answer.ts'
import { callerOf } from '../caller.ts'
import type { Observer } from '../observer.ts'
import { account, base64Of32, base64Of64, hex, perhapsWithToken, record, uint } from '../shapes.ts'

const signatureSchema = z.union([
  z.strictObject({
    record,
    signature: z.string().max(88),
  }),
  z.strictObject({
    account,
    recovery: uint(RECOVERY_KEYS_MAX - 1)
      .optional()
      .describe("Place of the recovery key that signs in the owner's stead"),
    signature: z.string().max(88),
  }),
])

const submissionSchema = z.strictObject({
  signatures: z.array(signatureSchema).min(1).max(BATCH_SIGNATURES_MAX),
  groups: z
    .array(z.tuple([uint(BATCH_TRANSACTIONS_MAX - 1), z.number().int().min(2).max(GROUP_TRANSACTIONS_MAX)]))
    .max(GROUPS_MAX)
    .default([])
    .describe('Which transactions are all accepted or none: the position of the first, and how many'),
  transactions: z
    .array(z.string().max(8192))
    .min(1)
    .max(BATCH_TRANSACTIONS_MAX)
    .describe('Transactions, each with its type byte, in base64 (SPEC §5)'),
})

/** Batches of one address that are refused for what is signed under them, before no more are looked at. */
const FAILED = { rate: 200, burst: 400 }

/** A batch that spends 50 points of account 3, signed by its owner: the form is right, the signature of nobody. */
const EXAMPLE = {
  signatures: [{ account: 3, signature: `${'A'.repeat(86)}==` }],
  transactions: ['AocIUAGjGFx+4HO1keKLLnLr8EUDABgy9vY='],
}

/** The problem of a batch that was refused whole. */
const refusalSchema = problemSchema.extend({
  refusal: z
    .object({ ledgerId: hex(32), size: uint(), time: uint(), signature: base64Of64 })
    .describe(
      'The signed word of the ledger that it did not take the batch, with the signatures under it, and why (SPEC §9).',
    ),
})

const answerSchema = z.object({
  batch: uint().nullable().describe('Log index of the batch; null when every transaction existed'),
  size: uint(),
  results: z
    .array(
      z.object({
        outcome: z.enum(OUTCOMES),
        index: uint().describe('Log index of the transaction'),
        existed: z.boolean().describe('Whether it was in the log before: the outcome is that of the first time'),
        account: account.optional().describe('Number of the account it opened'),
      }),
    )
    .max(BATCH_TRANSACTIONS_MAX),
  promise: z
    .object({
      ledgerId: hex(32),
      size: uint(),
      root: base64Of32,
      deadline: uint(),
      signature: base64Of64,
      index: uint(),
      batch: z.string(),
      path: z.array(base64Of32),
    })
    .nullable()
    .describe('The signed word of the ledger that the batch will be in a checkpoint (SPEC §9)'),
  checkpoint: z.string().nullable().describe('With wait=sealed: the checkpoint that has it all'),
})

/** Bytes of a body that has a few transactions and no more. */
const SMALL_BYTES = 2048

/** Turns callers away at the door whose small batches find no room: each costs next to nothing then. */
export function turnAwayFrom(log: ServedLog): TurnAway | undefined {
  if (log.isFull === undefined) return undefined
  const problem = { status: 503, code: 'busy', detail: BUSY, headers: { 'retry-after': '1' } }
  return { method: 'POST', path: '/v1/batches', bytes: SMALL_BYTES, problem, isFull: address => log.isFull!(address) }
}

/**
 * `POST /v1/batches`: where the log grows. The batch's own signatures are its authority; a token only says who sends a
 * large one.
 */
export function batchRoutes(server: Server, log: ServedLog, observer: Observer | undefined): void {
  const failed = new Rates(FAILED)
  server.post(
    '/v1/batches',
    {
      // A large body is read of those only who show a key: what it says and whether it is signed costs much to see.
      onRequest: async request => {
        const isLarge = announcedBytes(request, SUBMISSION_BYTES_MAX) > UNSIGNED_BODY_BYTES_MAX
        const seconds = failed.wait(addressOf(request), performance.now())
        if (isLarge || (seconds > 0 && request.headers.authorization !== undefined)) await callerOf(log, request)
        else if (seconds > 0) throw tooMany(seconds)
      },
      config: { takes: { 'application/json': { schema: submissionSchema, example: EXAMPLE }, [CBOR]: {} } },
      schema: {
        operationId: 'submitBatch',
        tags: ['platform', 'member'],
        security: perhapsWithToken,
        summary: 'Submit a signed batch',
        description:
          'application/json as below, or application/cbor (SPEC §11). Answers in the type that Accept asks for.',
        querystring: z.object({ wait: z.enum(['sealed']).optional() }),
        response: {
          200: answerSchema,
          ...problems(421, 507),
          422: refusalSchema,
          429: refusalSchema.partial({ refusal: true }),
        },
      },
    },
    async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : fromJson(request.body)
      const address = addressOf(request)
      const acknowledged = await log.submitBytes(body, address).catch(error => {
        if (error instanceof RefusedError) failed.charge(address, performance.now(), 1)
        throw error
      })
      observer?.judged(acknowledged.statuses)
      const answer =
        request.query.wait === 'sealed'
          ? { ...acknowledged, checkpoint: await sealedCheckpoint(log, acknowledged.size) }
          : acknowledged
      if (request.headers.accept === 'application/cbor')
        return sendBytes(reply, encodeAnswer(answer), CBOR, PRIVATE) as never
      return toJson(answer)
    },
  )
}

function tooMany(seconds: number): HttpError {
  return new HttpError(
    429,
    'rate',
    'From this address came too many batches that had to be refused. Wait, or send a token of your key (SPEC §11).',
    { 'retry-after': String(seconds) },
  )
}

/** The submission that a JSON body is, in CBOR. @param body - untrusted: parsed JSON. @throws FormatError. */
function fromJson(body: unknown): Uint8Array {
  const parsed = submissionSchema.safeParse(body)
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
    throw new FormatError('submission', where)
  }
  const signatures = parsed.data.signatures.map((one, i): Signature => {
    const ed25519 = named(`signatures.${i}`, () => fromBase64(one.signature))
    if (ed25519.length !== 64) throw new FormatError('submission', `signatures.${i}: a signature has 64 bytes`)
    if ('record' in one) return { class: SIGNER_RECORD, number: one.record, ed25519 }
    const signerClass = one.recovery === undefined ? SIGNER_OWNER : SIGNER_RECOVERY + one.recovery
    return { class: signerClass, number: one.account, ed25519 }
  })
  checkSignatureOrder(signatures)
  const list = parsed.data.transactions.map((text, i) =>
    named(`transactions.${i}`, () => {
      const bytes = fromBase64(text)
      if (bytes.length <= TRANSACTION_BYTES_MAX) return bytes
      throw new FormatError('transaction-size', `a transaction has at most ${TRANSACTION_BYTES_MAX} bytes`)
    }),
  )
  const groups = parsed.data.groups.map(([first, count]): Group => ({ first, count }))
  return encodeSubmission(signatures, list, groups)
}

function named<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(error.code, `${where}: ${error.message}`, { cause: error })
    throw error
  }
}

async function sealedCheckpoint(log: ServedLog, size: number): Promise<Uint8Array> {
  const published = await log.publisher.reached(size)
  if (published === undefined)
    throw new HttpError(503, 'ledger-stopped', 'The ledger stopped before it could seal the batch, which is durable.')
  return published.checkpoint
}

function toJson(answer: BatchAnswer) {
  const { index, size, statuses, existed, accounts, promise, checkpoint } = answer
  const indexes = logIndexesOf(answer)
  const before = new Set(existed.map(([position]) => position))
  const opened = new Map(accounts)
  return {
    batch: index,
    size,
    results: Array.from(statuses, (status, position) => ({
      outcome: OUTCOMES[status]!,
      index: indexes[position]!,
      existed: before.has(position),
      account: opened.get(position),
    })),
    promise:
      promise === null
        ? null
        : {
            ledgerId: toHex(promise.ledgerId),
            size: promise.size,
            root: toBase64(promise.root),
            deadline: promise.deadline,
            signature: toBase64(promise.signature),
            index: promise.index,
            batch: toBase64(promise.batch),
            path: promise.path.map(toBase64),
          },
    checkpoint: checkpoint === null ? null : utf8Decode(checkpoint),
  }
}
