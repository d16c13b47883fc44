import type { TallyClient } from '../../client/index.ts'
import { brokenBy, tilesOf } from '../../client/tiles.ts'
import { toHex } from '../../core/bytes.ts'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import { batchMessage, decodeBatch, SIGNER_OWNER, SIGNER_RECORD, type Signature } from '../../core/entry/batch.ts'
import { ACCEPTED, OUTCOMES } from '../../core/entry/outcome.ts'
import { decodeTransaction, type Transaction } from '../../core/entry/transaction.ts'
import { CodedError } from '../../core/failure.ts'
import { logKeysOf, type Policy } from '../../core/note/policy.ts'
import { openSigned } from '../../core/note/signed.ts'
import { convict } from '../../verify/evidence/convict.ts'
import { parseEvidence } from '../../verify/evidence/evidence-file.ts'
import { kindOf } from '../../verify/file-kind.ts'
import { decodePromise, verifyPromiseUnder } from '../../verify/promise.ts'
import { verifyReceipt } from '../../verify/receipt.ts'
import { verifyRefusal } from '../../verify/refusal.ts'
import { GatewayError } from '../failure.ts'

/** Files that a member can hand in. */
export const COMPLAINT_KINDS = ['refusal', 'promise', 'receipt', 'evidence'] as const
type ComplaintKind = (typeof COMPLAINT_KINDS)[number]

/** What a file proves by itself. */
export interface CheckedFile {
  readonly kind: ComplaintKind
  /** In one sentence. */
  readonly says: string
  /** What it is about: two files that prove the same have the same, whatever else is in them. */
  readonly subject: string
  /** To whom something is owed by it: an account, a signer; undefined where it convicts, which is everyone's. */
  readonly party: string | undefined
}

/** By what a file is checked: the policy of the shop, its ledger, and the time. */
export interface DeskView {
  readonly policy: Policy
  readonly client: TallyClient
  readonly nowMs: () => number
}

type Proven = Omit<CheckedFile, 'kind'>

/**
 * Checks that a file convicts the log, or shows what is owed to somebody who signed or is named: nothing else is kept.
 *
 * @param bytes - untrusted.
 * @throws GatewayError `complaint-file` where it is of another kind, `complaint-false` where it does not hold,
 *   `complaint-unowed` where nothing is owed by it; ClientError where the ledger does not answer.
 */
export async function checkFile(bytes: Uint8Array, view: DeskView): Promise<CheckedFile> {
  const kind = COMPLAINT_KINDS.find(one => one === kindOf(bytes))
  if (kind === undefined)
    throw refuse(
      'complaint-file',
      'It is none of these files: a refusal, a promise, the receipt of a transaction, evidence. They come from the shop, ' +
        'from a ledger, or from `tally`.',
    )
  try {
    return { kind, ...(await CHECKS[kind](bytes, view)) }
  } catch (error) {
    if (!(error instanceof CodedError) || error instanceof GatewayError || error.name === 'ClientError') throw error
    throw refuse('complaint-false', `The ${kind} does not hold (${error.code}): ${error.message}`)
  }
}

const CHECKS: Readonly<Record<ComplaintKind, (bytes: Uint8Array, view: DeskView) => Promise<Proven>>> = {
  /** Of a batch that its signers did sign, by the keys that they have now: anyone can have a false one refused. */
  async refusal(bytes, { policy, client }) {
    const { code, time, size, signatures, transactions, ledgerId } = verifyRefusal(bytes, policy)
    const message = batchMessage(ledgerId, signatures, transactions)
    for (const signature of signatures) {
      const key = await keyOf(signature, client)
      if (key === undefined || !verifyEd25519(key, message, signature.ed25519))
        throw unowed(
          'It was not signed by those whom it names, under the keys that they have: nobody is owed anything.',
        )
    }
    const who = signatures.map(one => `${one.class}/${one.number}`)
    return {
      says: `The log refused a batch at ${text(time)}, when it had ${size} entries: ${code}.`,
      subject: `${code} ${toHex(transactions.root)} ${who}`,
      party: `signer ${who[0]}`,
    }
  },
  /** That was not kept, so far as the log has published. */
  async promise(bytes, { policy, client, nowMs }) {
    const promise = decodePromise(bytes)
    verifyPromiseUnder(promise, logKeysOf(policy))
    const { index, size, deadline } = promise
    const tree = openSigned(await client.checkpoint(), policy)
    if (tree.size >= size && (await brokenBy(promise, tree, tilesOf(client))) === undefined)
      throw unowed(`The promise was kept: what it is of stands in the log, from entry ${index} on.`)
    if (tree.size < size && deadline > nowMs())
      throw unowed(`The promise is of ${text(deadline)}: until then nothing is owed.`)
    return {
      says: `The log promised to have a batch at log index ${index} in a checkpoint by ${text(deadline)}, and has not.`,
      subject: `${toHex(promise.ledgerId)} ${size} ${toHex(promise.root)}`,
      party: `batch ${signersOf(promise.batch)}`,
    }
  },
  /** Of a transaction that names an account in which somebody may be owed points. */
  async receipt(bytes, { policy, client }) {
    const { index, status, entry } = verifyReceipt(bytes, policy)
    const account = status === null ? undefined : await holderIn(decodeTransaction(entry), client)
    if (status === null || account === undefined)
      throw unowed('It names no account of a member or a merchant: anyone can have it, and nobody is owed anything.')
    const outcome = status === ACCEPTED ? 'accepted' : `refused, ${OUTCOMES[status]}`
    return {
      says: `The transaction at log index ${index}, which names account ${account}, is in the log: ${outcome}.`,
      subject: String(index),
      party: `account ${account}`,
    }
  },
  async evidence(bytes, { policy }) {
    const { code, origin, facts } = convict(parseEvidence(bytes), policy)
    // Of a promise and of an account there can be several; one fork shows itself in any two notes.
    const of = facts['promised batch at'] ?? facts['account'] ?? ''
    return {
      says: `It convicts the operator of the log by itself: ${code}.`,
      subject: `${code} ${origin} ${of}`,
      party: undefined,
    }
  },
}

/** The key of a signer, as the ledger has it now; undefined where it has none. */
async function keyOf({ class: signerClass, number }: Signature, client: TallyClient): Promise<Uint8Array | undefined> {
  if (signerClass === SIGNER_RECORD) {
    const found = (await client.registry({ isUncosigned: true })).find(one => one.number === number)?.transaction
    if (found?.kind === 'genesis') return found.roots[number]
    return found?.kind === 'register-key' ? found.key : undefined
  }
  const account = await client.account(number).catch(unknownAccount)
  if (signerClass === SIGNER_OWNER) return account?.owner ?? undefined
  return account?.recovery?.keys[signerClass - SIGNER_OWNER - 1]
}

/** The account of a member or a merchant that a transaction names, if it does. */
async function holderIn(transaction: Transaction, client: TallyClient): Promise<number | undefined> {
  for (const field of ['account', 'debit', 'credit'] as const) {
    const number = (transaction as Partial<Record<typeof field, unknown>>)[field]
    if (typeof number !== 'number') continue
    const kind = (await client.account(number).catch(unknownAccount))?.kind
    if (kind === 'member' || kind === 'merchant') return number
  }
  return undefined
}

function unknownAccount(error: unknown): undefined {
  if (error instanceof CodedError && error.code === 'no-such-account') return undefined
  throw error
}

function signersOf(batch: Uint8Array): string {
  return decodeBatch(batch)
    .signatures.map(one => `${one.class}/${one.number}`)
    .join(' ')
}

function unowed(why: string): GatewayError {
  return refuse(
    'complaint-unowed',
    `${why} What convicts the operator is kept, and what is owed to the one who has it.`,
  )
}

function refuse(code: string, message: string): GatewayError {
  return new GatewayError(code, message, { status: 422, isRetryable: false })
}

function text(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
