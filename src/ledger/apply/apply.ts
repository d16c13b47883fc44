import type { Transactions } from '../../core/entry/batch.ts'
import type { Group } from '../../core/entry/group.ts'
import { ACCEPTED, GROUP_UNDONE, NOT_ENTITLED, TIME_AHEAD, TIME_BEHIND } from '../../core/entry/outcome.ts'
import { KIND_GENESIS, TransactionView } from '../../core/entry/transaction.ts'
import type { IdMatches } from '../../lookup/ids/hit.ts'
import type { Postings } from '../../lookup/postings/postings.ts'
import { BatchLinks } from '../accounts/history-links.ts'
import type { Signers } from '../signers.ts'
import type { LedgerState } from '../state.ts'
import type { ApplyContext } from './context.ts'
import { backdateOf, isEntitled } from './entitled.ts'
import { GroupUndo } from './group-undo.ts'
import { judgeAsk, judgeMovement } from './issue-redeem.ts'
import { judgeHolder } from './one-member.ts'
import { judgeSetup } from './registry-change.ts'
import { judgeBetween, judgeConvert } from './two-party.ts'
import { UsedHere } from './used-here.ts'

const view = new TransactionView()
const links = new BatchLinks()

/**
 * Judges the transactions of a batch, applies the accepted ones to the state, and returns all statuses. SPEC §7: total,
 * synchronous, no clock, no random numbers; anyone who has the log gets the same bytes. Allocates nothing for a
 * transaction that moves points without dates.
 *
 * @param batchIndex - log index of the batch entry; transaction `p` is at `batchIndex + 1 + p`.
 * @param time - ledger time of the batch, not earlier than the state's.
 * @param matches - earlier uses of its ids and references; undefined if there are none.
 * @param postings - is told which accepted entry names which account; optional.
 * @param rootBefore - of the log below the batch, where the batch may continue it: see `Ledger.mayContinue`.
 */
export function apply(
  state: LedgerState,
  batchIndex: number,
  transactions: Transactions,
  signers: Signers,
  time: number,
  matches: IdMatches | undefined,
  postings?: Postings,
  rootBefore?: Uint8Array,
): Uint8Array {
  const turns = begin(state, batchIndex, transactions, signers, time, matches, postings, rootBefore)
  const { context, statuses } = turns
  let next = 0
  for (let position = 0; position < transactions.count; ) {
    const group = transactions.groups[next]
    if (group?.first === position) {
      judgeGroup(turns, group)
      position += group.count
      next++
      continue
    }
    if (judgeAt(turns, position, judge) !== ACCEPTED) state.originals.refuse(context.logIndex)
    position++
  }
  links.end(state.accounts)
  return statuses
}

/**
 * The statuses that `apply` would give to a batch without groups, in the present state; the transactions are of kinds
 * that a group may have. The state is the same afterwards. Costs as much as the named accounts hold.
 *
 * @param matches - earlier uses of its ids and references, the caller's own only; undefined if there are none.
 */
export function tryOut(
  state: LedgerState,
  batchIndex: number,
  transactions: Transactions,
  signers: Signers,
  time: number,
  matches: IdMatches | undefined,
): Uint8Array {
  const timeBefore = state.time
  const turns = begin(state, batchIndex, transactions, signers, time, matches)
  const { context, statuses } = turns
  const undo = new GroupUndo(context)
  const tried = (one: ApplyContext) => {
    undo.keep(view)
    return judge(one)
  }
  for (let position = 0; position < transactions.count; position++)
    if (judgeAt(turns, position, tried) !== ACCEPTED) state.originals.refuse(context.logIndex)
  undo.undo()
  state.time = timeBefore
  return statuses
}

/** A batch while its transactions are judged, one after another. */
interface JudgedBatch {
  readonly context: ApplyContext
  readonly transactions: Transactions
  readonly statuses: Uint8Array
  readonly used: UsedHere | undefined
  readonly batchIndex: number
}

/** Begins to judge a batch. */
function begin(
  state: LedgerState,
  batchIndex: number,
  transactions: Transactions,
  signers: Signers,
  time: number,
  matches: IdMatches | undefined,
  postings?: Postings,
  rootBefore?: Uint8Array,
): JudgedBatch {
  const statuses = new Uint8Array(transactions.count)
  state.time = time
  links.begin(transactions, batchIndex, postings)
  const named = { referred: undefined, cited: undefined }
  const context: ApplyContext = {
    state,
    signers,
    time,
    links,
    rootBefore,
    position: 0,
    logIndex: 0,
    timeMs: 0,
    ...named,
  }
  const used = matches === undefined ? undefined : new UsedHere(transactions, batchIndex + 1, statuses, matches, time)
  return { context, transactions, statuses, used, batchIndex }
}

/** Judges the transaction at a position, by `judge` if its id is not used before; returns its status. */
function judgeAt(
  { context, transactions, statuses, used, batchIndex }: JudgedBatch,
  position: number,
  judge: (context: ApplyContext) => number,
): number {
  view.read(transactions.bytes, transactions.starts[position], transactions.ends[position])
  context.position = position
  context.logIndex = batchIndex + 1 + position
  context.timeMs = view.timeMs
  context.referred = used?.referred(position)
  context.cited = used?.cited(position)
  const met = used === undefined ? ACCEPTED : used.met(position)
  const status = met !== ACCEPTED ? met : judge(context)
  statuses[position] = status
  used?.judged(position, status)
  return status
}

/**
 * Judges the transactions of a group until one is refused. Then all their effects are undone. The transactions before
 * the refused one are `group-undone`; of those after it, only ids and signers are judged. SPEC §7.
 */
function judgeGroup(turns: JudgedBatch, { first, count }: Group): void {
  const { context, statuses, batchIndex } = turns
  const end = first + count
  const undo = new GroupUndo(context)
  const tried = (one: ApplyContext) => {
    undo.keep(view)
    return judge(one)
  }
  let refused = first
  while (refused < end && judgeAt(turns, refused, tried) === ACCEPTED) refused++
  if (refused === end) {
    undo.stand()
    return
  }
  undo.undo()
  for (let position = first; position < end; position++) {
    if (position < refused) statuses[position] = GROUP_UNDONE
    if (position > refused) judgeAt(turns, position, isUndone)
    context.state.originals.refuse(batchIndex + 1 + position)
  }
}

/** The status of the transaction in `view` if its group is undone. */
function isUndone(context: ApplyContext): number {
  return isEntitled(context, view) ? GROUP_UNDONE : NOT_ENTITLED
}

/** The status of the transaction in `view`: the least that applies. An accepted one takes effect. SPEC §8. */
function judge(context: ApplyContext): number {
  const { state, time } = context
  if (!isEntitled(context, view)) return NOT_ENTITLED
  if (view.kind !== KIND_GENESIS) {
    if (view.timeMs > time + state.skewMs) return TIME_AHEAD
    const behindMs = time - state.skewMs - view.timeMs
    if (behindMs > 0 && behindMs > backdateOf(context, view)) return TIME_BEHIND
  }
  const { rare } = view
  if (rare === undefined) return judgeMovement(context, view)
  switch (rare.kind) {
    case 'convert':
      return judgeConvert(context, rare)
    case 'ask-settle':
      return judgeAsk(context, rare)
    case 'expire':
    case 'hold':
    case 'capture':
    case 'reverse':
    case 'transfer':
    case 'take':
    case 'claim':
    case 'settle':
    case 'opening-balance':
    case 'reinstate':
    case 'merge':
      return judgeBetween(context, rare)
    case 'genesis':
    case 'register-key':
    case 'revoke':
    case 'define-unit':
    case 'publish-rule':
    case 'publish-rate':
    case 'set-budget':
    case 'continue-log':
    case 'open-account':
      return judgeSetup(context, rare)
    default:
      return judgeHolder(context, rare)
  }
}
