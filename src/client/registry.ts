import { equalBytes } from '../core/bytes.ts'
import { ENTRY_SEAL } from '../core/entry/entry-type.ts'
import { decodeSeal } from '../core/entry/seal.ts'
import { decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { RECORDS_MAX } from '../core/limits.ts'
import type { Receipt } from '../verify/receipt.ts'
import { type RegistryRow, verifyRegistry } from '../verify/registry.ts'
import type { RegistryPage } from './answers.ts'

/** A record of the registry. */
export interface ListedRecord {
  readonly number: number
  readonly transaction: Transaction
  /** Log index of the entry that made it. */
  readonly from: number
  /** Log index of the entry that revoked it, or 0. */
  readonly until: number
}

/** The page of a registry after a record; -1: the first. Untrusted. */
export type PageAfter = (record: number) => Promise<RegistryPage>

/**
 * The rows of a registry, page for page, as a ledger lists them: each page has to bring the next, and there are no more
 * than there can be.
 *
 * @throws VerifyError `record-proof`.
 */
export async function* rowsOf(pageAfter: PageAfter): AsyncGenerator<RegistryRow> {
  for (let next = 0; next < RECORDS_MAX; ) {
    const { records } = await pageAfter(next - 1)
    if (records.length === 0) return
    for (const row of records) {
      check(row.number === next, 'record-proof', `record ${row.number} is listed where record ${next} has to be`)
      next++
      yield row
      if (next === RECORDS_MAX) return
    }
  }
}

/**
 * The records of a registry that is proven: they make the root to which the last of `size` entries commits, a seal.
 *
 * @param receipt - of that entry, verified.
 * @throws VerifyError `seal-proof`, `record-proof`; FormatError.
 */
export async function provenRegistry(
  { entry, index }: Pick<Receipt, 'entry' | 'index'>,
  size: number,
  pageAfter: PageAfter,
): Promise<ListedRecord[]> {
  const isLast = index === size - 1 && entry[0] === ENTRY_SEAL
  check(isLast, 'seal-proof', `the receipt is of entry ${index}, and of no seal that is the last of ${size}`)
  const seal = decodeSeal(entry)
  const rows: RegistryRow[] = []
  for await (const row of rowsOf(pageAfter)) if (rows.push(row) >= seal.records) break
  verifyRegistry(rows, seal)
  return rows.map(listed)
}

/** A row as it is listed. @throws FormatError. */
export function listed({ entry, from, until }: RegistryRow, number: number): ListedRecord {
  return { number, transaction: decodeTransaction(entry), from, until }
}

/** Whether the transaction of a record registers a key. Records 0, 1, … are the root keys of genesis, in order. */
export function isKeyOf(transaction: Transaction, record: number, publicKey: Uint8Array): boolean {
  if (transaction.kind === 'register-key') return equalBytes(transaction.key, publicKey)
  const root = transaction.kind === 'genesis' ? transaction.roots[record] : undefined
  return root !== undefined && equalBytes(root, publicKey)
}
