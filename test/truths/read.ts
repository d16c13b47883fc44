import { AccountHistory } from '../../src/account/history.ts'
import { holdingsRoot } from '../../src/account/holdings-root.ts'
import { equalBytes, fromBase64, toHex } from '../../src/core/bytes.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeSubmission } from '../../src/core/entry/submission.ts'
import { ACCOUNT_KINDS, decodeTransaction } from '../../src/core/entry/transaction.ts'
import { leafHash } from '../../src/core/tree/merkle.ts'
import { type LedgerState, Replay, signaturesHold } from '../../src/ledger/index.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { verdictOn } from '../lies/run.ts'
import type { Truth, TruthBatch, TruthRefusal } from './truth.ts'

/** What does not hold of a truth, in words; undefined where all of it does. Errors without a code are thrown. */
export async function faultOf(truth: Truth): Promise<string | undefined> {
  const { verdict, words, facts } = await verdictOn(truth)
  if (verdict !== truth.expect) return `${verdict}: ${words}`
  for (const [name, fact] of Object.entries(truth.facts ?? {}))
    if (facts![name] !== fact) return `${name} is ${facts![name]}, not ${fact}`
  return replayed(truth)
}

/** Replays a log batch by batch, and compares what the file says beside it; what does not hold, in words. */
export async function replayed({ shown, batches, refused }: Truth): Promise<string | undefined> {
  const entries = shown.entries.map(fromBase64)
  let said: readonly string[] = []
  const replay = new Replay({
    saltOf: epoch => fromBase64(shown.salts[epoch]!),
    entryAt: async index => entries[index]!,
    rootAt: async size => naiveRoot(entries.slice(0, size)),
    verifySignatures: true,
    onApplied: (_, statuses) => {
      said = Array.from(statuses, status => OUTCOMES[status]!)
    },
  })
  const histories = new Map<number, AccountHistory>()
  for (const [n, batch] of batches.entries()) {
    const taken = refusedAt(replay, refused, batch.index)
    if (taken !== undefined) return taken
    const run = entries.slice(batch.index, batches[n + 1]?.index)
    await replay.feed(run)
    const fault = behind(replay.ledger.state, batch, said)
    if (fault !== undefined) return `batch at ${batch.index}: ${fault}`
    run.slice(1, -1).forEach((entry, position) => {
      if (batch.outcomes[position] === 'accepted') takeInto(histories, replay.ledger.state, entry, batch.time)
    })
  }
  return refusedAt(replay, refused, entries.length) ?? historyFault(histories, replay.ledger.state)
}

/** What of the batches that are refused at a size is not so. */
function refusedAt(replay: Replay, refused: readonly TruthRefusal[], at: number): string | undefined {
  for (const { size, submission, code } of refused) {
    const found = size === at ? refusalOf(replay, submission) : code
    if (found !== code) return `a batch at ${at} is refused: ${found}, not ${code}`
  }
  return undefined
}

/** Takes an entry into the histories of the member accounts that it names. */
function takeInto(histories: Map<number, AccountHistory>, state: LedgerState, entry: Uint8Array, time: number): void {
  const { accounts, registry } = state
  const tx = decodeTransaction(entry)
  const fields = tx as { readonly [field in 'debit' | 'credit' | 'account' | 'budget']?: number }
  const opened = tx.kind === 'open-account' ? openedAt(accounts, leafHash(entry)) : fields.account
  const named = new Set([fields.debit, tx.kind === 'hold' ? undefined : fields.credit, opened])
  for (const account of named) {
    if (account === undefined || accounts.kind(account) !== ACCOUNT_KINDS.member) continue
    const terms = registry.unit(accounts.unit(account))!.terms
    if (!histories.has(account)) histories.set(account, new AccountHistory(account, terms))
    histories.get(account)!.take(entry, time)
  }
}

/** The account that an opening made. */
function openedAt(accounts: LedgerState['accounts'], opening: Uint8Array): number {
  for (let n = accounts.count - 1; n >= 0; n--) if (equalBytes(accounts.get(n).opening, opening)) return n
  throw new Error('an account that was opened is not there')
}

/** Whether every member account made from its own entries alone is the ledger's. */
function historyFault(histories: ReadonlyMap<number, AccountHistory>, { accounts }: LedgerState): string | undefined {
  for (const [account, { member, head, entries }] of histories) {
    const now = accounts.get(account)
    const isSame =
      member.balance === accounts.balance(account) &&
      entries === now.entries &&
      equalBytes(head, now.head) &&
      equalBytes(holdingsRoot(member.holdings), now.more)
    if (!isSame) return `account ${account} is not what its own entries make of it`
  }
  return undefined
}

function behind(state: LedgerState, batch: TruthBatch, said: readonly string[]): string | undefined {
  const sealed = state.seal(batch.time, new Uint8Array(32))
  const ours: Readonly<Record<string, string>> = {
    outcomes: said.join(),
    stateRoot: toHex(sealed.stateRoot),
    registryRoot: toHex(sealed.registryRoot),
    totalsRoot: toHex(sealed.totalsRoot),
  }
  const theirs: Readonly<Record<string, unknown>> = { ...batch, outcomes: batch.outcomes.join() }
  for (const [name, value] of Object.entries(ours))
    if (theirs[name] !== value) return `${name} is ${value}, not ${theirs[name]}`
  return undefined
}

/** Why the ledger does not take a batch that is handed in; `taken` where it would. */
function refusalOf({ ledger }: Replay, submission: string): string {
  const batch = decodeSubmission(fromBase64(submission))
  const signers = ledger.signers(batch)
  if (typeof signers === 'string') return signers
  return signaturesHold(ledger.state, batch, signers, undefined) ? 'taken' : 'signature-invalid'
}
