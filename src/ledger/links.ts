import type { Transactions } from '../core/batch.ts'
import { BATCH_DEPTH, BATCH_TRANSACTIONS_MAX } from '../core/limits.ts'
import { listRootOfHashes } from '../core/ssz.ts'
import { ACCOUNT_KINDS } from '../core/transaction.ts'
import type { Accounts } from './accounts.ts'

/** Who wants to know where things stand in the log. Called in log order. */
export interface Postings {
  /** The next account, `account`, was opened by the entry at `logIndex`. */
  open(account: number, logIndex: number): void
  /** The accepted entry at `logIndex` names the member account `account`. */
  post(account: number, logIndex: number): void
}

/** Where the chain of an account in this batch ends. */
const END = -1

/**
 * The links that one batch adds to the chains of the accounts it names (SPEC §6): at once for a member account, whose
 * link is the transaction's leaf; at the end of the batch, over all that name it, for any other kind.
 */
export class BatchLinks {
  #transactions: Transactions | undefined
  #batchIndex = 0
  #postings: Postings | undefined
  /** Accounts of other kinds than member that the batch names, and per account its first and last naming. */
  readonly #named: number[] = []
  readonly #firsts: number[] = []
  readonly #lasts: number[] = []
  /** A naming is `2 position` or `2 position + 1`, one for each of the two accounts; this is the account's next one. */
  readonly #next = new Int32Array(2 * BATCH_TRANSACTIONS_MAX)
  #namingCount = 0
  readonly #position = new Int32Array(2 * BATCH_TRANSACTIONS_MAX)
  readonly #gathered = new Uint8Array(32 * BATCH_TRANSACTIONS_MAX)

  /** Begins a batch: its transactions, and where its entry stands in the log. */
  begin(transactions: Transactions, batchIndex: number, postings: Postings | undefined): void {
    this.#transactions = transactions
    this.#batchIndex = batchIndex
    this.#postings = postings
    this.#named.length = this.#firsts.length = this.#lasts.length = 0
    this.#namingCount = 0
  }

  /** The leaf hash of the transaction at `position`, a copy. */
  leaf(position: number): Uint8Array {
    return this.#transactions!.leaves.slice(32 * position, 32 * position + 32)
  }

  /** Notes that the transaction at `position` opened `account`. */
  open(account: number, position: number): void {
    this.#postings?.open(account, this.#batchIndex + 1 + position)
  }

  /** Notes that the accepted transaction at `position`, of time `timeMs`, names `account`. */
  name(accounts: Accounts, account: number, position: number, timeMs: number): void {
    accounts.countEntry(account, timeMs)
    if (accounts.kind(account) === ACCOUNT_KINDS.member) {
      accounts.link(account, this.#transactions!.leaves, 32 * position)
      this.#postings?.post(account, this.#batchIndex + 1 + position)
      return
    }
    const naming = this.#namingCount++
    this.#position[naming] = position
    this.#next[naming] = END
    const at = this.#named.lastIndexOf(account)
    if (at < 0) {
      this.#named.push(account)
      this.#firsts.push(naming)
      this.#lasts.push(naming)
    } else {
      this.#next[this.#lasts[at]!] = naming
      this.#lasts[at] = naming
    }
  }

  /** Ends the batch: one link for each account of another kind than member. */
  end(accounts: Accounts): void {
    const { leaves, root, count } = this.#transactions!
    this.#named.forEach((account, i) => {
      let gathered = 0
      for (let naming = this.#firsts[i]!; naming !== END; naming = this.#next[naming]!) {
        const from = 32 * this.#position[naming]!
        this.#gathered.set(leaves.subarray(from, from + 32), 32 * gathered++)
      }
      const link = gathered === count ? root : listRootOfHashes(this.#gathered.subarray(0, 32 * gathered), BATCH_DEPTH)
      accounts.link(account, link, 0)
    })
    this.#transactions = undefined
  }
}
