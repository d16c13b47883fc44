import { equalBytes } from '../../core/bytes.ts'
import { type Signature, type Transactions, transactionsFrom } from '../../core/entry/batch.ts'
import { ACCEPTED, OUTCOMES } from '../../core/entry/outcome.ts'
import { encodeTransaction, type TransactionOf } from '../../core/entry/transaction.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { signaturesHold } from '../../ledger/index.ts'
import { Turns } from '../../node/turns.ts'
import { PieceBuilder } from '../commit/piece-builder.ts'
import { FatalError } from '../failure.ts'
import { type RecoverOptions, recover } from './recover.ts'

export interface ContinueOptions
  extends Pick<RecoverOptions, 'store' | 'logKey' | 'onNotice' | 'onProgress' | 'onFailure'> {
  readonly saltOf: (epoch: number) => Uint8Array
  /** What continues the log, but for where it stands. */
  readonly next: Pick<TransactionOf<'continue-log'>, 'origin' | 'logKey' | 'seen'>
  /** The time of now: ledger time is not before it. */
  readonly nowMs: number
  /** A fresh id of a time. */
  readonly freshId: (timeMs: number) => Uint8Array
  /** The root keys' signatures of a batch. */
  readonly sign: (ledgerId: Uint8Array, transactions: Transactions, records: readonly RootKey[]) => Signature[]
  /** Writes nothing, and finds out what would be. */
  readonly isDryRun?: boolean
}

/** A root key that stands. */
interface RootKey {
  readonly record: number
  readonly key: Uint8Array
}

/** How a log was continued. */
export interface Continued {
  /** Entries that the ledger goes on from. */
  readonly size: number
  readonly root: Uint8Array
  /** What the ledger is called from there on. */
  readonly ledgerId: Uint8Array
  readonly accounts: number
  /** Whether it had been before. */
  readonly isDone: boolean
}

/**
 * Continues the log in a store that nobody else uses: right after its last seal, the batch by which the ledger goes on
 * in another log, and a seal, in one synced write. Signs no checkpoint. What the rules say to it is asked before
 * anything is written. SPEC §3.
 *
 * @throws FatalError `ledger-mismatch`; `log-ended` where it was continued otherwise; and with the outcome where the
 *   rules refuse it.
 */
export async function continueStore(options: ContinueOptions): Promise<Continued> {
  const { store, next, nowMs, sign, freshId, saltOf } = options
  const { ledger, tree, snapshots, unsealed } = await recover({
    ...options,
    turns: new Turns(),
    snapshotEntries: undefined,
    runBits: undefined,
  })
  try {
    const { state } = ledger
    const before = state.registry.logs.at(-1)
    const accounts = state.accounts.count
    if (before?.transaction.kind === 'continue-log' && before.transaction.origin !== options.logKey.name) {
      const { transaction, body } = before
      const isSame = transaction.origin === next.origin && equalBytes(transaction.logKey, next.logKey)
      if (!isSame)
        throw new FatalError('log-ended', `This log has ended: the ledger goes on as "${transaction.origin}".`)
      return { size: transaction.size, root: transaction.root, ledgerId: body, accounts, isDone: true }
    }
    if (unsealed > 0)
      throw new FatalError(
        'ledger-mismatch',
        `${unsealed} entries stand after the last seal: start the ledger, which seals them. Nothing was written.`,
      )
    const { size } = ledger
    const root = await tree.rootAt(size)
    const time = Math.max(nowMs, state.time)
    const entry = encodeTransaction({ kind: 'continue-log', id: freshId(time), ...next, size, root })
    const transactions = transactionsFrom([entry])
    const roots = state.registry.records.flatMap(({ number, until, key }): RootKey[] =>
      until === 0 && key?.role === 'root' ? [{ record: number, key: key.key }] : [],
    )
    const batch = { transactions, signatures: sign(state.ledgerId!, transactions, roots) }
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') throw refused(signers)
    if (!signaturesHold(state, batch, signers)) throw refused('signature-invalid')
    ledger.claim(transactions)
    const committed = ledger.commit(batch, signers, time, undefined, root)
    if (committed.statuses[0] !== ACCEPTED) throw refused(OUTCOMES[committed.statuses[0]!]!)
    const seal = ledger.applySeal(ledger.makeSeal(time, saltOf(state.epoch)))
    const pieces = new PieceBuilder(size)
    for (const one of [committed.entry, entry, seal]) pieces.add(one)
    // With this write the log has ended, or not at all: a crash before it leaves the log as it was.
    if (options.isDryRun !== true) await store.append(pieces.take())
    return { size, root, ledgerId: leafHash(entry), accounts, isDone: false }
  } finally {
    await Promise.all([snapshots.idle(), ledger.idle()])
  }
}

function refused(code: string): FatalError {
  return new FatalError(code, `The log cannot be continued: ${code} (SPEC §8). Nothing was written.`)
}
