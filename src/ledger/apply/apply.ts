import { equalBytes } from '../../core/bytes.ts'
import type { Transactions } from '../../core/entry/batch.ts'
import { ACCEPTED, EXISTS, ID_TAKEN, NOT_ENTITLED, TIME_AHEAD, TIME_BEHIND } from '../../core/entry/outcome.ts'
import { decodeTransaction, KIND_GENESIS, TransactionView } from '../../core/entry/transaction.ts'
import type { Referred, Seen } from '../../lookup/ids/hit.ts'
import type { Postings } from '../../lookup/postings/postings.ts'
import { BatchLinks } from '../accounts/history-links.ts'
import { bytesAt } from '../seen.ts'
import type { Signers } from '../signers.ts'
import type { LedgerState } from '../state.ts'
import type { Scene } from './context.ts'
import { backdateOf, isEntitled } from './entitled.ts'
import { judgeMovement } from './issue-redeem.ts'
import { judgeHolder } from './one-member.ts'
import { judgeSetup } from './registry-change.ts'
import { judgeBetween, judgeConvert } from './two-party.ts'

const view = new TransactionView()
const links = new BatchLinks()

/**
 * The statuses of a batch's transactions, after having let those that are accepted take effect. SPEC §7: total,
 * synchronous, no clock, no randomness; whoever has the log comes to the same bytes. Allocates nothing for a
 * transaction that moves points without dates.
 *
 * @param batchIndex - log index of the batch entry; transaction `p` stands at `batchIndex + 1 + p`.
 * @param time - ledger time of the batch, not earlier than the state's.
 * @param seen - what its ids and references have met before, undefined when nothing.
 * @param postings - told which accepted entry names which account, where someone wants to know.
 */
export function apply(
  state: LedgerState,
  batchIndex: number,
  transactions: Transactions,
  signers: Signers,
  time: number,
  seen: Seen | undefined,
  postings?: Postings,
): Uint8Array {
  const statuses = new Uint8Array(transactions.count)
  state.time = time
  links.begin(transactions, batchIndex, postings)
  const scene: Scene = { state, signers, time, links, position: 0, logIndex: 0, timeMs: 0, referred: undefined }
  const used = seen === undefined ? undefined : new UsedHere(transactions, batchIndex + 1, statuses, seen, time)
  for (let position = 0; position < transactions.count; position++) {
    view.read(transactions.bytes, transactions.starts[position], transactions.ends[position])
    scene.position = position
    scene.logIndex = batchIndex + 1 + position
    scene.timeMs = view.timeMs
    scene.referred = used?.referred(position)
    const met = used === undefined ? ACCEPTED : used.met(position)
    const status = met !== ACCEPTED ? met : judge(scene)
    statuses[position] = status
    used?.judged(position, status)
    if (status !== ACCEPTED) state.originals.refuse(scene.logIndex)
  }
  links.end(state.accounts)
  return statuses
}

/**
 * Which ids are used as the transactions of a batch are judged, one after another: an id that stands in it more than once is
 * used by the first of them to which somebody was entitled. SPEC §7, ids.
 */
class UsedHere {
  readonly #transactions: Transactions
  readonly #first: number
  readonly #statuses: Uint8Array
  readonly #seen: Seen
  readonly #time: number
  /** By the first position that has an id, the position that used it, where that is another. */
  readonly #by = new Map<number, number>()

  constructor(transactions: Transactions, first: number, statuses: Uint8Array, seen: Seen, time: number) {
    this.#transactions = transactions
    this.#first = first
    this.#statuses = statuses
    this.#seen = seen
    this.#time = time
  }

  /** `EXISTS` or `ID_TAKEN` where the id of a position is used, else `ACCEPTED`. Those before it are judged. */
  met(position: number): number {
    const { status, index, same } = this.#seen
    const leader = same.get(position)
    if (leader === undefined) return status[position]!
    const user = this.#user(leader)
    if (user === undefined) return ACCEPTED
    const isSame = equalBytes(bytesAt(this.#transactions, user), bytesAt(this.#transactions, position))
    status[position] = isSame ? EXISTS : ID_TAKEN
    index[position] = this.#first + user
    return status[position]
  }

  /** The transaction that a position names by its id. */
  referred(position: number): Referred | undefined {
    const { named, referred } = this.#seen
    const leader = named.get(position)
    if (leader === undefined) return referred.get(position)
    const user = this.#user(leader)
    if (user === undefined) return undefined
    const transaction = decodeTransaction(bytesAt(this.#transactions, user))
    return { index: this.#first + user, transaction, time: this.#time }
  }

  /** Notes the status of a position, whose turn came behind all before it. */
  judged(position: number, status: number): void {
    const leader = this.#seen.same.get(position)
    if (leader === undefined || status === NOT_ENTITLED || this.#user(leader) !== undefined) return
    this.#by.set(leader, position)
  }

  /** The position that used the id which `leader` is the first to have; undefined while none did. */
  #user(leader: number): number | undefined {
    return this.#statuses[leader] === NOT_ENTITLED ? this.#by.get(leader) : leader
  }
}

/** The status of the transaction in `view`, which takes effect if it is accepted: the least that applies. SPEC §8. */
function judge(scene: Scene): number {
  const { state, time } = scene
  if (!isEntitled(scene, view)) return NOT_ENTITLED
  if (view.kind !== KIND_GENESIS) {
    if (view.timeMs > time + state.skewMs) return TIME_AHEAD
    const behindMs = time - state.skewMs - view.timeMs
    if (behindMs > 0 && behindMs > backdateOf(scene, view)) return TIME_BEHIND
  }
  const { rare } = view
  if (rare === undefined) return judgeMovement(scene, view)
  switch (rare.kind) {
    case 'convert':
      return judgeConvert(scene, rare)
    case 'expire':
    case 'hold':
    case 'capture':
    case 'reverse':
    case 'transfer':
    case 'settle':
      return judgeBetween(scene, rare)
    case 'genesis':
    case 'register-key':
    case 'revoke':
    case 'define-unit':
    case 'publish-rule':
    case 'publish-rate':
    case 'set-budget':
    case 'open-account':
      return judgeSetup(scene, rare)
    default:
      return judgeHolder(scene, rare)
  }
}
