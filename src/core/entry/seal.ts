import { CborReader } from '../cbor.ts'
import { encodeEntry } from '../cbor-writer.ts'
import { FormatError } from '../failure.ts'
import { ACCOUNTS_MAX, AMOUNT_MAX, RECORDS_MAX, TIME_MS_MAX } from '../limits.ts'
import { RULES_VERSION } from './batch.ts'
import { ENTRY_SEAL } from './entry-type.ts'

/** A seal entry, decoded: what an epoch ends in (SPEC §4). */
export interface Seal {
  readonly version: number
  readonly epoch: number
  readonly time: number
  readonly accounts: number
  readonly stateRoot: Uint8Array
  readonly records: number
  readonly registryRoot: Uint8Array
  readonly totalsRoot: Uint8Array
}

/** The entry of a seal: `0x03 ‖ CBOR array`. SPEC §4. What this makes, `decodeSeal` reads. */
export function encodeSeal(seal: Seal): Uint8Array {
  return encodeEntry(ENTRY_SEAL, [
    seal.version,
    seal.epoch,
    seal.time,
    seal.accounts,
    seal.stateRoot,
    seal.records,
    seal.registryRoot,
    seal.totalsRoot,
  ])
}

/**
 * The seal that an entry holds. Its byte strings are copies.
 *
 * @param entry - untrusted: type byte and CBOR array.
 * @throws FormatError `seal-version` before anything else, as other rules have other fields; `entry-type`, `seal`, or a
 *   code of `CborReader`. SPEC §4.
 */
export function decodeSeal(entry: Uint8Array): Seal {
  if (entry[0] !== ENTRY_SEAL) throw new FormatError('entry-type', 'expected a seal entry, which begins with byte 0x03')
  const reader = new CborReader().reset(entry, 1, entry.length)
  const fields = reader.array()
  const version = reader.uint(AMOUNT_MAX, 'version')
  if (version !== RULES_VERSION)
    throw new FormatError(
      'seal-version',
      `this verifier knows version ${RULES_VERSION} of the rules, the seal names ${version}`,
    )
  if (fields !== 8) throw new FormatError('seal', `a seal has 8 fields, this one ${fields}`)
  const seal: Seal = {
    version,
    epoch: reader.uint(AMOUNT_MAX, 'epoch'),
    time: reader.uint(TIME_MS_MAX, 'time'),
    accounts: reader.uint(ACCOUNTS_MAX, 'accounts'),
    stateRoot: reader.bytes(32, 'state-root').slice(),
    records: reader.uint(RECORDS_MAX, 'records'),
    registryRoot: reader.bytes(32, 'registry-root').slice(),
    totalsRoot: reader.bytes(32, 'totals-root').slice(),
  }
  reader.end()
  return seal
}
