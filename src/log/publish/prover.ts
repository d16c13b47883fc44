import { isHoldersAct } from '../../account/entitlement.ts'
import { AccountHistory } from '../../account/history.ts'
import { equalBytes } from '../../core/bytes.ts'
import { decodeBatch, SIGNER_RECORD, type Signature } from '../../core/entry/batch.ts'
import { ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ACCOUNT_KINDS, decodeTransaction, encodeTransaction } from '../../core/entry/transaction.ts'
import { listPath } from '../../core/tree/ssz.ts'
import type { Ledger } from '../../ledger/index.ts'
import type { Positions } from '../../lookup/postings/positions.ts'
import type { Store } from '../../store/index.ts'
import type { Evidence } from '../../verify/batch-proof.ts'
import { formatReceipt } from '../../verify/receipt.ts'
import { encodeStatement, type StatementRecord } from '../../verify/statement.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { batchOf } from '../tree/stored-entries.ts'
import type { Publisher } from './publisher.ts'

export interface ProverParts {
  readonly ledger: Ledger
  readonly store: Store
  readonly tree: LogTree
  readonly positions: Positions
  readonly publisher: Publisher
}

export interface StatementOptions {
  /** How many of the account's entries the reader has verified before. */
  readonly since: number
  /** Evidence for every line, not only for debits by the owner. */
  readonly allSignatures: boolean
}

/** Why there is no statement or receipt to be had. */
export type NoProof = 'not-published' | 'no-such-account' | 'no-statement' | 'since-beyond'

/** An entry of an account with all that does not depend on the checkpoint. */
interface Gathered {
  readonly entry: Uint8Array
  readonly evidence: Omit<Evidence, 'logPath'> | null
  /** Records that the evidence needs. */
  readonly records: readonly number[]
}

/** Builds what members take home: statements and receipts, all of one checkpoint, the latest. */
export class Prover {
  readonly #parts: ProverParts

  constructor(parts: ProverParts) {
    this.#parts = parts
  }

  /** The receipt of the entry at a log index (SPEC §10), of the latest checkpoint that has it. */
  async receipt(index: number): Promise<Uint8Array | NoProof> {
    const { store, publisher } = this.#parts
    const published = publisher.published
    if (published === undefined || index >= published.size) return 'not-published'
    const { head, checkpoint } = published
    const [entry, proof] = await Promise.all([store.readEntry(index), head.path(index)])
    const evidence = entry[0] === ENTRY_TRANSACTION ? await this.#evidence(index) : null
    const shown = evidence && { ...evidence, logPath: await head.path(evidence.index) }
    return formatReceipt({ entry, evidence: shown, index, proof, checkpoint })
  }

  /** The accounts that the transaction at a log index names; none where the entry is not a transaction. */
  async accountsNamedBy(index: number): Promise<number[]> {
    const { store, positions } = this.#parts
    const entry = await store.readEntry(index)
    if (entry[0] !== ENTRY_TRANSACTION) return []
    const transaction = decodeTransaction(entry)
    const named = 'debit' in transaction ? [transaction.debit, transaction.credit] : []
    if ('account' in transaction) named.push(transaction.account)
    const opened = await positions.accountOpenedAt(index)
    return opened === undefined ? named : [...named, opened]
  }

  /** The records whose keys signed the batch of the transaction at a log index, or that batch entry; none for a seal. */
  async recordsBehind(index: number): Promise<number[]> {
    const { store } = this.#parts
    if ((await store.readEntry(index))[0] === ENTRY_SEAL) return []
    const { signatures } = decodeBatch(await store.readEntry(await batchOf(store, index)))
    return recordsIn(signatures)
  }

  /** Log indexes of the durable entries of a member account, in order. */
  async entriesOf(account: number): Promise<number[]> {
    const indexes = await this.#parts.positions.entriesOf(account)
    return indexes.filter(index => index < this.#parts.store.size)
  }

  /** A member account as the first `size` entries of the log make it; undefined while it had none. Costs its history. */
  async asOf(account: number, size: number): Promise<AccountHistory | undefined> {
    const { ledger, store } = this.#parts
    const { accounts, registry } = ledger.state
    const indexes = (await this.entriesOf(account)).filter(index => index < size)
    if (indexes.length === 0) return undefined
    const history = new AccountHistory(account, registry.unit(accounts.unit(account))!.terms)
    for (const entry of await store.readEntries(indexes)) history.take(entry)
    return history
  }

  /** The statement of an account as of the latest checkpoint (SPEC §10). */
  async statement(account: number, options: StatementOptions): Promise<Uint8Array | NoProof> {
    const { ledger, store, publisher, positions } = this.#parts
    const gathered = new Map<number, Gathered>()
    // As far as it was read: what stands behind only grows.
    let all: readonly number[] = []
    for (;;) {
      await publisher.settled()
      // From here to the end of this turn nothing is awaited, so seal, account and records are of one moment.
      const { published } = publisher
      if (published === undefined) return 'not-published'
      const state = ledger.state.accounts.sealed(account)
      if (state === undefined) return 'no-such-account'
      if (state.kind !== ACCOUNT_KINDS.member) return 'no-statement'
      if (options.since > state.entries) return 'since-beyond'
      if (all.length < state.entries) {
        all = await positions.entriesOf(account)
        continue
      }
      const indexes = all.slice(options.since, state.entries)
      const missing = indexes.filter(index => !gathered.has(index))
      if (missing.length > 0) {
        // All at once: one after another they would wait for as many turns of a thread that has other things to do.
        const entries = await store.readEntries(missing)
        const lines = await Promise.all(
          missing.map((index, i) => this.#gather(account, index, entries[i]!, options.allSignatures)),
        )
        missing.forEach((index, i) => {
          gathered.set(index, lines[i]!)
        })
        continue
      }
      const lines = indexes.map(index => gathered.get(index)!)
      const accountPath = ledger.state.accounts.path(account)
      const records = this.#records(new Set([state.unit, ...lines.flatMap(line => line.records)]))
      const { head, genesisPath, sealPath } = published
      const shown = await Promise.all(
        lines.map(async ({ evidence }) => evidence && { ...evidence, logPath: await head.path(evidence.index) }),
      )
      return encodeStatement({
        checkpoint: published.checkpoint,
        genesis: { leaf: ledger.state.ledgerId!, path: genesisPath },
        seal: { entry: published.sealEntry, path: sealPath },
        account: { number: account, ...state },
        accountPath,
        since: options.since,
        lines: lines.map(({ entry }, i) => ({ entry, evidence: shown[i]! })),
        records,
      })
    }
  }

  /** Records as the last seal has them, by increasing number. */
  #records(numbers: ReadonlySet<number>): StatementRecord[] {
    const { registry } = this.#parts.ledger.state
    return [...numbers]
      .sort((a, b) => a - b)
      .flatMap(number => {
        const sealed = registry.sealed(number)
        if (sealed === undefined) return []
        const entry = encodeTransaction(registry.records[number]!.transaction)
        return [{ number, entry, from: sealed.state.from, until: sealed.state.until, path: sealed.path }]
      })
  }

  async #gather(account: number, index: number, entry: Uint8Array, allSignatures: boolean): Promise<Gathered> {
    const transaction = decodeTransaction(entry)
    const isOthers =
      'debit' in transaction && transaction.debit !== account && isHoldersAct(transaction, transaction.debit)
    if (isOthers || !(allSignatures || isHoldersAct(transaction, account)))
      return { entry, evidence: null, records: [] }
    const evidence = await this.#evidence(index)
    const { signatures } = decodeBatch(evidence.batch)
    // What the holder signed herself needs no record; whoever else signed is shown.
    const isByHolder = signatures.some(one => one.class !== SIGNER_RECORD && one.number === account)
    const records = isByHolder ? [] : recordsIn(signatures)
    if (transaction.kind === 'issue' && transaction.rule !== 0) records.push(transaction.rule)
    return { entry, evidence, records }
  }

  /** The batch of the transaction at a log index, and its place there. */
  async #evidence(index: number): Promise<Omit<Evidence, 'logPath'>> {
    const { store, tree } = this.#parts
    const batchIndex = await batchOf(store, index)
    const batch = await store.readEntry(batchIndex)
    const leaves = await tree.leaves(batchIndex + 1, decodeBatch(batch).count)
    const position = index - batchIndex - 1
    return { index: batchIndex, batch, position, batchPath: listPath(leaves, position) }
  }

  /** Whether `key` is the public key of the account's owner. */
  isOwner(account: number, key: Uint8Array): boolean {
    const { accounts } = this.#parts.ledger.state
    const owner = account < accounts.count ? accounts.owner(account) : null
    return owner !== null && equalBytes(owner, key)
  }
}

/** The records whose keys made these signatures. */
function recordsIn(signatures: readonly Signature[]): number[] {
  return signatures.filter(one => one.class === SIGNER_RECORD).map(({ number }) => number)
}
