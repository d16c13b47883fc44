import { totalsRoot, type UnitTotals, unitTotalsRoot } from '../account/account.ts'
import { DAY_MS } from '../account/dates.ts'
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Encode } from '../core/bytes.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import { check, FormatError, VerifyError } from '../core/failure.ts'
import { OPENED_BYTES_MAX, RECORDS_MAX, UNITS_MAX } from '../core/limits.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint, verifyEntry } from '../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../core/note/signed.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { clockAhead } from './ledger-time.ts'
import { objectOf, type SealedCheckpoint, sealedFields, sealedFrom } from './sealed-checkpoint.ts'

const LABEL = utf8Encode('tallystick/totals/v1\0')
/** One more than the greatest sum. */
const TOTAL_END = 2n ** 128n

/** What a log says of the totals that a seal of its own commits to (SPEC §11, "Opened totals"). */
export interface OpenedTotals extends SealedCheckpoint {
  /** By the log's word: what it signs here is of this ledger. */
  readonly ledgerId: Uint8Array
  readonly salt: Uint8Array
  /** One for each unit, in the order of their records. */
  readonly units: readonly UnitTotals[]
  /** The log's. */
  readonly signature: Uint8Array
}

/**
 * The message under opened totals: `label ‖ 0x00 ‖ ledger id ‖ leaf hash of the seal ‖ salt ‖ List[UnitTotals, 2^8]`.
 * SPEC §11.
 */
export function totalsMessage({
  ledgerId,
  seal,
  salt,
  units,
}: Pick<OpenedTotals, 'ledgerId' | 'seal' | 'salt' | 'units'>): Uint8Array {
  return concatBytes(LABEL, ledgerId, leafHash(seal), salt, unitTotalsRoot(units))
}

/** A line of JSON, its newline included. What this makes, `parseOpened` reads. */
export function formatOpened({ ledgerId, salt, units, signature, ...sealed }: OpenedTotals): string {
  const totals = units.map(({ unit, issued, opened, redeemed, expired, reinstated, reversed, owed }) => ({
    unit,
    issued: String(issued),
    opened: String(opened),
    redeemed: String(redeemed),
    expired: String(expired),
    reinstated: String(reinstated),
    reversed: String(reversed),
    owed: String(owed),
  }))
  const opened = { ledger: toHex(ledgerId), salt: toBase64(salt), totals, signature: toBase64(signature) }
  return `${JSON.stringify({ ...sealedFields(sealed), ...opened })}\n`
}

/**
 * What a line says.
 *
 * @param line - untrusted; without its newline.
 * @throws FormatError `opened-totals`, `sealed-checkpoint`, `base64`, `hex`.
 */
export function parseOpened(line: string): OpenedTotals {
  if (line.length > OPENED_BYTES_MAX)
    throw new FormatError('opened-totals', `a line has at most ${OPENED_BYTES_MAX} bytes`)
  const { ledger, salt, totals, signature, ...sealed } = objectOf(line, 'opened-totals')
  if (typeof ledger !== 'string' || typeof salt !== 'string' || typeof signature !== 'string')
    throw new FormatError('opened-totals', 'a line has a ledger, a salt, totals and a signature')
  if (!Array.isArray(totals) || totals.length > UNITS_MAX)
    throw new FormatError('opened-totals', `totals are a list of at most ${UNITS_MAX} units`)
  const units = totals.map(unitFrom)
  if (units.some(({ unit }, i) => i > 0 && unit <= units[i - 1]!.unit))
    throw new FormatError('opened-totals', 'the units stand by increasing record')
  return {
    ...sealedFrom(sealed),
    ledgerId: fromHex(ledger, 32),
    salt: ofLength(fromBase64(salt), 32, 'salt'),
    units,
    signature: ofLength(fromBase64(signature), 64, 'signature'),
  }
}

function unitFrom(value: unknown): UnitTotals {
  if (typeof value !== 'object' || value === null)
    throw new FormatError('opened-totals', 'the totals of a unit are an object')
  const sums = value as Record<string, unknown>
  const { unit, issued, opened, redeemed, expired, reinstated, reversed, owed, ...more } = sums
  const isRecord = Number.isSafeInteger(unit) && (unit as number) >= 0 && (unit as number) < RECORDS_MAX
  if (!isRecord || Object.keys(more).length > 0)
    throw new FormatError('opened-totals', 'totals of a unit are its record and seven sums')
  return {
    unit: unit as number,
    issued: sumFrom(issued),
    opened: sumFrom(opened),
    redeemed: sumFrom(redeemed),
    expired: sumFrom(expired),
    reinstated: sumFrom(reinstated),
    reversed: sumFrom(reversed),
    owed: sumFrom(owed),
  }
}

function sumFrom(value: unknown): bigint {
  if (typeof value === 'string' && /^(?:0|[1-9][0-9]{0,38})$/.test(value)) {
    const sum = BigInt(value)
    if (sum < TOTAL_END) return sum
  }
  throw new FormatError('opened-totals', 'a sum is a decimal number below 2^128, as a text')
}

function ofLength(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw new FormatError('opened-totals', `a ${what} has ${length} bytes`)
  return bytes
}

/** The day of a seal, in days since 1970-01-01: UTC, by ledger time. Of each that has a seal one is opened. */
export function sealedDay({ time }: Pick<Seal, 'time'>): number {
  return Math.floor(time / DAY_MS)
}

/** Totals that a log signed for a seal of its own. */
export interface SignedTotals {
  readonly checkpoint: SignedCheckpoint
  readonly seal: Seal
  readonly units: readonly UnitTotals[]
  readonly ledgerId: Uint8Array
  /** Whether the seal commits to them: if not, the log is convicted by its two signatures. */
  readonly isTrue: boolean
}

/**
 * What a log signed of the totals of a seal, under its key alone, and whether it is true.
 *
 * @param opened - untrusted.
 * @throws VerifyError `unknown-log`, `log-signature`, `seal-proof`, `totals-signature`; FormatError.
 */
export function signedTotals(opened: OpenedTotals, policy: Policy): SignedTotals {
  return totalsUnder(opened, openSigned(opened.checkpoint, policy))
}

/**
 * The totals that a line opens, if everything of it holds: the log signed checkpoint and totals, and the seal, which is
 * the last entry of the checkpoint, commits to these.
 *
 * @param opened - untrusted.
 * @param nowMs - the time, where a clock is at hand: under `quorum none` it decides whether the seal's is to come.
 * @throws VerifyError `unknown-log`, `log-signature`, `quorum`, `seal-proof`, `totals-signature`, `totals-false`,
 * `clock-ahead`; FormatError.
 */
export function openTotals(
  opened: OpenedTotals,
  policy: Policy,
  nowMs?: number,
): SignedTotals & { readonly checkpoint: TrustedCheckpoint } {
  const checkpoint = openCheckpoint(opened.checkpoint, policy)
  const totals = totalsUnder(opened, checkpoint)
  check(totals.isTrue, 'totals-false', 'the log signed these totals and this salt, and its own seal commits to others')
  const ahead = clockAhead(totals.seal.time, checkpoint, policy, policy.quorum === 'none' ? nowMs : undefined)
  if (ahead !== undefined) throw new VerifyError('clock-ahead', ahead.message)
  return { ...totals, checkpoint }
}

function totalsUnder(opened: OpenedTotals, checkpoint: SignedCheckpoint): SignedTotals {
  const { seal: entry, path, salt, units, ledgerId, signature } = opened
  const leaf = leafHash(entry)
  verifyEntry(checkpoint, checkpoint.size - 1, leaf, path, 'seal-proof', 'the seal is not the last entry')
  const seal = decodeSeal(entry)
  const message = totalsMessage(opened)
  if (!checkpoint.logs.some(({ publicKey }) => verifyEd25519(publicKey, message, signature)))
    throw new VerifyError('totals-signature', `the log did not sign these totals as those of seal ${seal.epoch}`)
  return { checkpoint, seal, units, ledgerId, isTrue: equalBytes(totalsRoot(salt, units), seal.totalsRoot) }
}
