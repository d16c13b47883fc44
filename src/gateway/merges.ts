import { wholeOf } from '../account/index.ts'
import { fromDraft } from '../client/index.ts'
import { fromBase64, toHex } from '../core/bytes.ts'
import { decodeTransaction, type TransactionOf } from '../core/entry/transaction.ts'
import type { ShopUnit } from '../files/shop-file.ts'
import type { Attempts, DoneAct } from './attempts.ts'
import { conflict, missing } from './failure.ts'
import type { AccountNow, Histories } from './histories.ts'
import type { Members } from './members.ts'
import { type Memory, ordered } from './memory.ts'
import type { StoredMovement } from './movement.ts'

/** What was merged in a unit, or came back. */
export interface UnitMerge {
  readonly unit: ShopUnit
  /** The account that was merged, and that into which. */
  readonly from: number
  readonly into: number
  readonly points: number
  /** What did not come back, as it was spent; of a merge, 0. */
  readonly short: number
  /** Log index of the entry, and when the ledger took it; undefined where nothing was left to do. */
  readonly done: Pick<DoneAct, 'index' | 'timeMs'> | undefined
}

/** Two ids of one person, in each unit in which the first had an account. */
export interface MemberMerge {
  readonly member: string
  readonly into: string
  readonly units: readonly UnitMerge[]
}

export interface MergesOptions {
  readonly memory: Memory
  readonly attempts: Attempts
  readonly members: Members
  readonly histories: Histories
  readonly units: readonly ShopUnit[]
  readonly nowMs: () => number
}

/** An account of a member that is to be merged. */
interface Leaving {
  readonly unit: ShopUnit
  readonly account: number
  readonly now: AccountNow
}

/**
 * Two members who are one person: all points of one account move to the other, with their dates, and the old id finds
 * them there. SPEC §6, "Merging".
 */
export class Merges {
  readonly #options: MergesOptions

  constructor(options: MergesOptions) {
    this.#options = options
  }

  /**
   * Merges all accounts of a member into those of another, who gets one where she has none. What is done is found done
   * when it is asked for again, and what came to the old account since, as by a refund, follows.
   *
   * @throws GatewayError `member-unknown`, `member-merged`, `member-same`, `member-holds`; with the outcome where the
   * ledger refuses one: then asking again goes on with those that are left.
   */
  async merge(member: string, into: string): Promise<MemberMerge> {
    const { members } = this.#options
    const [person, heir] = [await members.person(member), await members.person(into)]
    if (member === into || heir === member)
      throw conflict('member-same', `"${member}" and "${into}" are one member already.`)
    if (person !== member && person !== heir)
      throw conflict(
        'member-merged',
        `"${member}" was merged into "${person}". Merge that one, or undo it: DELETE /v1/members/{id}/merge.`,
      )
    const leaving = await this.#leaving(member)
    for (const { unit, now } of leaving)
      if (now.shares.held > 0) {
        const held = `${now.shares.held} ${unit.name} of "${member}" are held for an order`
        throw conflict('member-holds', `${held}. Capture or release them first: GET /v1/members/{id} names the order.`)
      }
    const units: UnitMerge[] = []
    for (const one of leaving) units.push(await this.#mergeIn(one, heir))
    return { member, into: heir, units }
  }

  /**
   * Makes them two again: of each unit the last merge is undone as far as its points are still there.
   *
   * @throws GatewayError `member-unknown`, `member-alone` where none was merged; `merge-spent` where nothing can come
   * back; with the outcome where the ledger refuses it, as `window-over`.
   */
  async undo(member: string): Promise<MemberMerge> {
    const { members } = this.#options
    const into = await members.person(member)
    const leaving = await this.#leaving(member)
    const merged: (Leaving & { into: number })[] = []
    for (const one of leaving) {
      const heir = await this.#heirOf(one.account)
      if (heir !== undefined) merged.push({ ...one, into: heir })
    }
    if (merged.length === 0) throw conflict('member-alone', `No account of "${member}" is merged into another.`)
    const units: UnitMerge[] = []
    for (const one of merged) units.push(await this.#undoIn(one, member))
    if (units.every(({ done }) => done === undefined))
      throw conflict(
        'merge-spent',
        `Nothing of what "${member}" had is left with "${into}", or the time is over in which the unit lets it go ` +
          'back: they stay one.',
      )
    return { member, into, units }
  }

  /** Brings to the member what came to an account that was merged, as by a refund. @throws as `merge`. */
  async follow(account: number, unit: ShopUnit): Promise<void> {
    const into = await this.#heirOf(account)
    if (into === undefined) return
    const now = await this.#options.histories.now(account, unit.record)
    if (now.balance > 0) await this.#move({ unit, account, now }, into)
  }

  #heirOf(account: number): Promise<number | undefined> {
    return this.#options.memory.get<number>('merged', ordered(account))
  }

  /** The accounts that were opened for an id. @throws GatewayError `member-unknown`. */
  async #leaving(member: string): Promise<Leaving[]> {
    const { members, histories, units } = this.#options
    const found: Leaving[] = []
    for (const unit of units) {
      const account = await members.own(member, unit)
      if (account !== undefined) found.push({ unit, account, now: await histories.now(account, unit.record) })
    }
    if (found.length === 0) throw missing('member-unknown', `There is no member "${member}".`)
    return found
  }

  async #mergeIn(one: Leaving, heir: string): Promise<UnitMerge> {
    const { unit, account, now } = one
    const merged = await this.#heirOf(account)
    const into = merged ?? (await this.#options.members.open(heir, unit)).account
    if (merged !== undefined && now.balance === 0)
      return { unit, from: account, into, points: 0, short: 0, done: undefined }
    return this.#move(one, into)
  }

  async #move({ unit, account, now }: Leaving, into: number): Promise<UnitMerge> {
    const { attempts, histories } = this.#options
    const { entries, member } = now.history
    const parts = wholeOf(member.holdings, member.balance)
    const amount = parts.reduce((sum, part) => sum + part.amount, 0)
    const done = await attempts.perform({
      // At one entry of the account there is one merge, however often it is asked for.
      ...{ scope: 'merge', name: `${account} ${entries} ${into}`, role: 'registrar', besides: ['custodian'] },
      what: `Merging account ${account} into account ${into}`,
      make: id => fromDraft({ kind: 'merge', debit: account, credit: into, amount, parts }, id),
    })
    await Promise.all([account, into].map(one => histories.now(one, unit.record)))
    return { unit, from: account, into, points: amount, short: 0, done }
  }

  async #undoIn({ unit, account, into, now }: Leaving & { into: number }, member: string): Promise<UnitMerge> {
    const { attempts, histories, nowMs } = this.#options
    const merge = await this.#lastMerge(account)
    const heir = await histories.now(into, unit.record)
    const points = heir.history.mostUnmerged(merge.id, Math.max(nowMs(), heir.history.member.time))
    const short = merge.amount - points
    if (points === 0) return { unit, from: account, into, points, short, done: undefined }
    const done = await attempts.perform({
      ...{ scope: 'unmerge', name: `${account} ${now.history.entries} ${into}`, role: 'registrar' },
      besides: ['custodian'],
      what: `Undoing the merge of "${member}"`,
      make: id => fromDraft({ kind: 'reverse', debit: into, credit: account, amount: points, original: merge.id }, id),
      // It may have been sent before points were spent: then it says so, and the next is another.
      fits: before => before.kind === 'reverse' && toHex(before.original) === toHex(merge.id),
    })
    await Promise.all([account, into].map(one => histories.now(one, unit.record)))
    const { amount } = done.transaction as TransactionOf<'reverse'>
    return { unit, from: account, into, points: amount, short: merge.amount - amount, done }
  }

  async #lastMerge(account: number): Promise<TransactionOf<'merge'>> {
    const key = ordered(account)
    const rows = await this.#options.memory.list<StoredMovement>('movements', {
      ...{ after: key, before: `${key}~`, reverse: true },
    })
    for (const [, { kind, e }] of rows) {
      const transaction = kind === 'merge' ? decodeTransaction(fromBase64(e)) : undefined
      if (transaction?.kind === 'merge' && transaction.debit === account) return transaction
    }
    throw new RangeError(`account ${account} is merged by none of its entries`)
  }
}
