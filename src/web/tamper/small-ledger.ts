import { type Draft, fromDraft, type SigningKey, signBatch } from '../../client/index.ts'
import { decodeBatch, NO_LEDGER_ID, SIGNER_RECORD, transactionsFrom } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { makeId } from '../../core/entry/id.ts'
import { decodeTransaction, encodeTransaction } from '../../core/entry/transaction.ts'
import { assert } from '../../core/failure.ts'
import { formatCheckpoint } from '../../core/note/checkpoint.ts'
import { formatNote, type NoteSignature, signNote } from '../../core/note/note.ts'
import { listPath } from '../../core/tree/ssz.ts'
import { Ledger } from '../../ledger/index.ts'
import { needsPlace } from '../../verify/line-kinds.ts'
import { formatReceipt } from '../../verify/receipt.ts'
import { encodeStatement, type StatementRecord, type TransactionPlace } from '../../verify/statement.ts'
import { KEYS } from './keys.ts'
import { treePath, treeRoot } from './small-tree.ts'

/** Under which all totals are sealed here: no secret, for all of it is the visitor's. */
export const SALT: Uint8Array = new Uint8Array(32)

/** What a ledger publishes at a seal: its entries so far, and the checkpoint over them. */
export interface Edition {
  readonly entries: readonly Uint8Array[]
  readonly checkpoint: Uint8Array
}

/**
 * A ledger of some dozens of entries in memory, run by the rules of the real one: what it commits, seals and proves is
 * what a server would. Who runs it has its memory and the key of its log, and so can do what an operator can.
 */
export class SmallLedger {
  readonly ledger: Ledger = new Ledger()
  readonly entries: Uint8Array[] = []
  #made = 0

  get ledgerId(): Uint8Array {
    return this.ledger.state.ledgerId ?? NO_LEDGER_ID
  }

  /**
   * Commits a batch at a time, and returns its log index. Whether the signatures verify nobody asks here: that is the
   * one thing that this operator leaves out.
   */
  commit(timeMs: number, signers: readonly SigningKey[], drafts: readonly Draft[]): number {
    const random = () => new Uint8Array(10).fill(++this.#made)
    const list = drafts.map(draft => encodeTransaction(fromDraft(draft, makeId(timeMs, random()))))
    const transactions = transactionsFrom(list)
    const batch = { signatures: signBatch(signers, this.ledgerId, transactions), transactions }
    const known = this.ledger.signers(batch)
    assert(typeof known !== 'string', 'the batch is one that the ledger takes')
    const hits = this.ledger.claim(transactions)
    assert(
      hits.every(({ candidates }) => candidates.length === 0),
      'no id is used twice',
    )
    const { entry, index } = this.ledger.commit(batch, known, timeMs, undefined)
    this.entries.push(entry, ...list.map(one => one.slice()))
    return index
  }

  /** Closes an epoch, and signs for all entries. */
  seal(timeMs: number): Edition {
    this.entries.push(this.ledger.applySeal(this.ledger.makeSeal(timeMs, SALT)))
    return this.sign(this.entries)
  }

  /** A checkpoint over entries, signed by the log, with whatever else is to stand under it. */
  sign(entries: readonly Uint8Array[], more: (text: string) => NoteSignature[] = () => []): Edition {
    const text = formatCheckpoint({ origin: KEYS.logKey.name, size: entries.length, root: treeRoot(entries) })
    const signatures = [signNote(text, KEYS.logKey, KEYS.log), ...more(text)]
    return { entries: [...entries], checkpoint: formatNote({ text, signatures }) }
  }

  /**
   * The statement of a member's account at the last seal.
   *
   * @param change - what is shown in place of her entries.
   */
  statement(
    account: number,
    { entries, checkpoint }: Edition,
    change: (lines: readonly Uint8Array[]) => readonly Uint8Array[] = lines => lines,
  ): Uint8Array {
    const { accounts, registry } = this.ledger.state
    const lines = linesOf(entries, account)
    const state = accounts.sealed(account)!
    const placed = lines.flatMap((index, i) =>
      needsPlace(decodeTransaction(entries[index]!), account) ? [{ line: i + 1, index }] : [],
    )
    const needed = new Set([0, state.unit, ...placed.flatMap(({ index }) => recordsAt(entries, index))])
    for (const number of needed)
      if (registry.records[number]!.transaction.kind !== 'genesis')
        for (const signer of recordsAt(entries, registry.records[number]!.from)) needed.add(signer)
    const records = [...needed].sort((a, b) => a - b)
    const batches = [
      ...new Set([
        0,
        ...placed.map(({ index }) => batchOf(entries, index)),
        ...records.map(number => batchOf(entries, registry.records[number]!.from)),
      ]),
    ].sort((a, b) => a - b)
    const placeAt = (index: number): TransactionPlace => {
      const { batch, position, batchPath } = placeOf(entries, index)
      return { at: batches.indexOf(batch), position, batchPath }
    }
    return encodeStatement({
      checkpoint,
      seal: { entry: entries.at(-1)!, path: treePath(entries.length - 1, entries) },
      account: { number: account, ...state },
      accountPath: accounts.path(account),
      since: 0,
      lines: change(lines.map(index => entries[index]!)),
      links: [],
      batches: batches.map(index => ({ index, batch: entries[index]!, path: treePath(index, entries) })),
      places: placed.map(({ line, index }) => ({ line, ...placeAt(index) })),
      records: records.map((number): StatementRecord => {
        const { transaction, from } = registry.records[number]!
        const { state: record, path } = registry.sealed(number)!
        const { until, next } = record
        return { number, entry: encodeTransaction(transaction), ...placeAt(from), until, next, path }
      }),
      series: [],
    })
  }
}

/** The receipt of a transaction in an edition. */
export function receiptOf({ entries, checkpoint }: Edition, index: number): Uint8Array {
  const { batch, position, batchPath } = placeOf(entries, index)
  const evidence = { index: batch, batch: entries[batch]!, logPath: treePath(batch, entries), position, batchPath }
  return formatReceipt({ entry: entries[index]!, evidence, index, proof: treePath(index, entries), checkpoint })
}

/** Where the accepted entries that name an account stand: its opening first. */
export function linesOf(entries: readonly Uint8Array[], account: number): number[] {
  let opened = -1
  return entries.flatMap((entry, index) => {
    if (entry[0] !== ENTRY_TRANSACTION) return []
    const tx = decodeTransaction(entry)
    const { batch, position } = placeOf(entries, index)
    if (decodeBatch(entries[batch]!).statuses[position] !== 0) return []
    if (tx.kind === 'open-account') return ++opened === account ? [index] : []
    return 'debit' in tx && (tx.debit === account || tx.credit === account) ? [index] : []
  })
}

function batchOf(entries: readonly Uint8Array[], index: number): number {
  let at = index
  while (entries[at]![0] !== ENTRY_BATCH) at--
  return at
}

function placeOf(entries: readonly Uint8Array[], index: number) {
  const batch = batchOf(entries, index)
  const { count } = decodeBatch(entries[batch]!)
  const { leaves } = transactionsFrom(entries.slice(batch + 1, batch + 1 + count))
  const position = index - batch - 1
  return { batch, position, batchPath: listPath(leaves, position) }
}

/** The records whose keys signed for a transaction. */
function recordsAt(entries: readonly Uint8Array[], index: number): number[] {
  const { signatures } = decodeBatch(entries[batchOf(entries, index)]!)
  return signatures.filter(one => one.class === SIGNER_RECORD).map(({ number }) => number)
}
