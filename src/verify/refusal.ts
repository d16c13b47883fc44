import { concatBytes, u32be, u64be, utf8Encode } from '../core/bytes.ts'
import { CborReader } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import { engine } from '../core/crypto/engine.ts'
import type { Signature, Transactions } from '../core/entry/batch.ts'
import { groupFields } from '../core/entry/group.ts'
import { BATCH_REFUSALS, type BatchRefusal } from '../core/entry/outcome.ts'
import { decodeSubmission, signatureFields } from '../core/entry/submission.ts'
import { FormatError, VerifyError } from '../core/failure.ts'
import { AMOUNT_MAX, SUBMISSION_BYTES_MAX, TIME_MS_MAX } from '../core/limits.ts'
import type { VerifierKey } from '../core/note/note.ts'
import { logKeysOf, type Policy } from '../core/note/policy.ts'

/** What the ledger says of a batch that it refuses whole (SPEC §9). */
export interface RefusalHead {
  /** Zeros while the log has no entries. */
  readonly ledgerId: Uint8Array
  /** How many entries the log had: the state after those is what the code is about. */
  readonly size: number
  /** Ledger time, in milliseconds since 1970. */
  readonly time: number
  readonly code: BatchRefusal
}

/** That, with the log's signature: what the answer to the submission carries. */
export interface SignedRefusal extends RefusalHead {
  readonly signature: Uint8Array
}

/** A refusal as its receiver keeps it: with what was handed in. */
export interface RefusalFile extends SignedRefusal {
  /** The submitted batch in CBOR (SPEC §11). */
  readonly submission: Uint8Array
}

/** A refusal file, its submission decoded. */
export interface DecodedRefusal extends RefusalFile {
  readonly signatures: readonly Signature[]
  readonly transactions: Transactions
}

/** A refusal that holds. */
export interface VerifiedRefusal extends DecodedRefusal {
  /** Of the log that signed it. */
  readonly log: VerifierKey
}

/** The first field of a refusal. SPEC §9. */
export const REFUSAL_TAG = 'tallystick/refusal/v1'
const LABEL = utf8Encode(`${REFUSAL_TAG}\0`)

/**
 * The message under a refusal:
 * `label ‖ 0x00 ‖ ledger id ‖ u64be(size) ‖ u64be(time) ‖ u32be(count) ‖ root ‖ H(signed) ‖ code`, where
 * `signed` are signatures and groups as one array in CBOR. SPEC §9.
 */
export function refusalMessage(
  { ledgerId, size, time, code }: RefusalHead,
  signatures: readonly Signature[],
  { groups, count, root }: Pick<Transactions, 'groups' | 'count' | 'root'>,
): Uint8Array {
  const signed = engine().sha256(encodeCbor([signatureFields(signatures), groupFields(groups)]))
  return concatBytes(LABEL, ledgerId, u64be(size), u64be(time), u32be(count), root, signed, utf8Encode(code))
}

/** The refusal file: one CBOR array. SPEC §9. What this makes, `decodeRefusal` reads. */
export function encodeRefusal({ ledgerId, size, time, code, signature, submission }: RefusalFile): Uint8Array {
  return encodeCbor([REFUSAL_TAG, ledgerId, size, time, code, signature, submission])
}

/**
 * The refusal that a file holds, and the batch in it, which is well formed.
 *
 * @param bytes - untrusted; must not change afterwards.
 * @throws FormatError `refusal`, a code of `CborReader`, or one of `decodeSubmission`. SPEC §9.
 */
export function decodeRefusal(bytes: Uint8Array): DecodedRefusal {
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  if (reader.array() !== 7) throw new FormatError('refusal', 'a refusal has 7 fields')
  const tag = reader.text('tag', 64)
  if (tag !== REFUSAL_TAG) throw new FormatError('refusal', `expected "${REFUSAL_TAG}", found "${tag}"`)
  const ledgerId = reader.bytes(32, 'ledger-id').slice()
  const size = reader.uint(AMOUNT_MAX, 'size')
  const time = reader.uint(TIME_MS_MAX, 'time')
  const named = reader.text('code', 64)
  const code = BATCH_REFUSALS.find(one => one === named)
  if (code === undefined) throw new FormatError('refusal', `no batch is refused for "${named}"`)
  const signature = reader.bytes(64, 'signature').slice()
  const submission = reader.bytesUpTo(SUBMISSION_BYTES_MAX, 'submission').slice()
  reader.end()
  return { ledgerId, size, time, code, signature, submission, ...decodeSubmission(submission) }
}

/**
 * Checks that a log of the policy signed that it refused this batch, with these signatures, for this reason. SPEC §9.
 * Whether the reason was true is in the log. A signature's time, and two hashes a transaction.
 *
 * @param bytes - untrusted, as `decodeRefusal` has them.
 * @returns the refusal, and the key of the log that signed it.
 * @throws FormatError of `decodeRefusal`; VerifyError `refusal-signature`.
 *
 * @example
 * const { code, transactions } = verifyRefusal(await readFile('batch.refusal'), policy)
 */
export function verifyRefusal(bytes: Uint8Array, policy: Policy): VerifiedRefusal {
  return verifyRefusalUnder(decodeRefusal(bytes), logKeysOf(policy))
}

/** As `verifyRefusal`, under one of these keys of logs. @throws VerifyError `refusal-signature`. */
export function verifyRefusalUnder(refusal: DecodedRefusal, logs: readonly VerifierKey[]): VerifiedRefusal {
  const message = refusalMessage(refusal, refusal.signatures, refusal.transactions)
  const log = logs.find(key => verifyEd25519(key.publicKey, message, refusal.signature))
  if (log === undefined)
    throw new VerifyError(
      'refusal-signature',
      'no log of your policy signed that it refused this batch, with these signatures, at this time and for this ' +
        'reason',
    )
  return { ...refusal, log }
}
