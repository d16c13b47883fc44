import { recordRoot } from '../account/account.ts'
import { equalBytes } from '../core/bytes.ts'
import { SIGNER_RECORD } from '../core/entry/batch.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { Seal } from '../core/entry/seal.ts'
import { decodeTransaction, type Genesis, type Transaction } from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import { RECORD_DEPTH } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { verifyListPath } from '../core/tree/ssz.ts'
import type { ShownBatch } from './batch-proof.ts'
import { ledgerIdAt, type NamedLog } from './logs.ts'
import type { Statement } from './statement.ts'

/** A record of the registry, as the entry that it came from, and as the seal has it. */
export interface ProvenRecord {
  readonly number: number
  readonly transaction: Transaction
  /** Leaf hash of the transaction. */
  readonly leaf: Uint8Array
  /** The batch that made it, and the log index of the transaction. */
  readonly batch: ShownBatch
  readonly from: number
  /** Log index of the transaction that revoked it, and number of the record that succeeds it; 0 where there is none. */
  readonly until: number
  readonly next: number
}

export type Records = ReadonlyMap<number, ProvenRecord>

/** What genesis says, and the logs that the ledger is, or was, in: the first is that of genesis. */
export interface Beginning {
  readonly genesis: Genesis
  readonly logs: readonly NamedLog[]
}

/**
 * The records that a statement shows, each proven three times: as a transaction that the log accepted, as one that as
 * many root keys signed as genesis asks for, and as what the seal's registry has under its number. SPEC §10.
 *
 * @param batches - those of the statement, verified.
 * @throws VerifyError `record-proof`, `record-status`, `record-signature`, `record-missing`; FormatError.
 */
export function verifyRecords(
  { records }: Statement,
  batches: readonly ShownBatch[],
  seal: Seal,
  beginning: Beginning,
): Map<number, ProvenRecord> {
  const known = new Map<number, ProvenRecord>()
  const shown = new Set(records.map(({ number }) => number))
  let last = -1
  for (const { number, entry, at, position, batchPath, until, next, path } of records) {
    check(number > last, 'record-proof', 'the records do not increase')
    last = number
    const batch = batches[at]
    check(batch !== undefined, 'record-proof', `the batch of record ${number} is not shown`)
    const leaf = leafHash(entry)
    batch.verifyAt(leaf, position, batchPath, 'record-proof', `record ${number}`)
    const from = batch.index + 1 + position
    verifyListPath(
      recordRoot({ body: leaf, from, until, next }),
      number,
      path,
      { depth: RECORD_DEPTH, length: seal.records, root: seal.registryRoot },
      'record-proof',
      `the seal does not commit to this record ${number}`,
    )
    check(batch.status(position) === ACCEPTED, 'record-status', `record ${number} was refused, and is none`)
    const record = { number, transaction: decodeTransaction(entry), leaf, batch, from, until, next }
    if (number < beginning.genesis.roots.length) {
      const isGenesis = batch.index === 0 && position === 0
      check(isGenesis, 'record-signature', `record ${number} is not the root key that genesis names under this number`)
    } else checkRoot(record, known, shown, beginning)
    known.set(number, record)
  }
  return known
}

/**
 * Checks that as many root keys signed a record as genesis asks for.
 *
 * @param known - records before it. @param shown - numbers of all that are shown.
 * @throws VerifyError `record-signature`, `record-missing`.
 */
function checkRoot(
  { number, batch }: ProvenRecord,
  known: Records,
  shown: ReadonlySet<number>,
  { genesis, logs }: Beginning,
): void {
  const ledgerId = ledgerIdAt(logs, batch.index)
  const signed: Uint8Array[] = []
  let isHidden = false
  for (let i = 0; i < batch.signatures.length; i++) {
    const { class: signerClass, number: signer } = batch.signatures[i]!
    if (signerClass !== SIGNER_RECORD) continue
    if (!shown.has(signer)) isHidden = true
    const root = known.get(signer)
    const key = root === undefined || !isGoodFor(root, batch.index) ? undefined : rootKey(root)
    if (key === undefined) continue
    check(batch.holds(i, key, ledgerId), 'record-signature', `record ${number} is not signed by root key ${signer}`)
    // Two records of one key are one key.
    if (!signed.some(one => equalBytes(one, key))) signed.push(key)
    if (signed.length === genesis.need) return
  }
  if (isHidden) throw new VerifyError('record-missing', `the statement does not show who signed for record ${number}`)
  throw new VerifyError('record-signature', `record ${number} is not signed by ${genesis.need} root keys`)
}

/** The root key that a record holds, if it does. */
export function rootKey({ number, transaction }: ProvenRecord): Uint8Array | undefined {
  if (transaction.kind === 'genesis') return transaction.roots[number]
  return transaction.kind === 'register-key' && transaction.role === 'root' ? transaction.key : undefined
}

/**
 * Whether a record stands for a batch at a log index: after the entry that made it, before the one that revoked it. A
 * key is good for whole batches, so what counts is the batch's place. SPEC §7.
 */
export function isGoodFor({ from, until }: Pick<ProvenRecord, 'from' | 'until'>, index: number): boolean {
  return from < index && (until === 0 || until > index)
}

/** What a reader keeps of a record that it was shown. */
export interface KeptRecord {
  readonly number: number
  readonly leaf: Uint8Array
  readonly until: number
  readonly next: number
  /** Size of the checkpoint under which it was so. */
  readonly size: number
}

/**
 * Checks that records are those that a reader was shown before: of the same body, revoked where they were revoked, not
 * revoked where they stood, and not succeeded by one that came earlier. @throws VerifyError `record-changed`.
 */
export function checkKeptRecords(records: Records, kept: readonly KeptRecord[]): void {
  for (const { number, leaf, until, next, size } of kept) {
    const record = records.get(number)
    if (record === undefined) continue
    const words = `record ${number} is another than the statement before had under this number`
    check(equalBytes(record.leaf, leaf), 'record-changed', words)
    const isSame = record.until === until || (until === 0 && record.until >= size)
    check(isSame, 'record-changed', `record ${number} was revoked elsewhere than the statement before said`)
    check(record.next >= next, 'record-changed', `record ${number} was succeeded by ${next}, and now is not`)
  }
}

/** What is to be kept: what was, and what is shown now under a checkpoint of so many entries. By increasing number. */
export function keptRecords(records: Records, kept: readonly KeptRecord[], size: number): KeptRecord[] {
  const all = new Map(kept.map(one => [one.number, one]))
  for (const { number, leaf, until, next } of records.values()) all.set(number, { number, leaf, until, next, size })
  return [...all.values()].sort((a, b) => a.number - b.number)
}
