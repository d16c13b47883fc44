import { fromDraft } from '../client/index.ts'
import { toHex } from '../core/bytes.ts'
import type { TransactionOf } from '../core/entry/transaction.ts'
import type { ShopSpend } from '../files/shop-file.ts'
import { mostSpendable, worthOf } from '../programmes/index.ts'
import type { Attempts, DoneAct } from './attempts.ts'
import { conflict, GatewayError, invalid, missing } from './failure.ts'
import type { Histories } from './histories.ts'
import type { MemberAccount, Members } from './members.ts'
import { type Memory, ordered } from './memory.ts'
import type { Merges } from './merges.ts'
import type { StoredMovement } from './movement.ts'
import type { Points } from './points.ts'
import type { Rulebook } from './rulebook.ts'

/** What points can be spent on an order. */
export interface Quote extends MemberAccount {
  readonly available: number
  /** The most that may be spent on it. */
  readonly points: number
  /** What that is worth, where the shop has said so. */
  readonly cents: number | undefined
}

type OrderState = 'held' | 'captured' | 'released' | 'ended'

/** What became of the points of an order. */
export interface OrderView extends MemberAccount {
  readonly order: string
  readonly state: OrderState
  readonly held: number
  readonly captured: number
  readonly refunded: number
  readonly untilMs: number
}

/** That something was done for an order. */
export interface OrderDone extends MemberAccount, DoneAct {
  readonly order: string
  readonly points: number
}

export interface OrdersOptions {
  readonly attempts: Attempts
  readonly members: Members
  readonly merges: Merges
  readonly histories: Histories
  readonly points: Points
  readonly rulebook: Rulebook
  readonly memory: Memory
  readonly slotMs: number
  readonly nowMs: () => number
}

/** Points as a payment: an order holds them, captures them when it is paid, or releases them, and refunds. */
export class Orders {
  readonly #options: OrdersOptions

  constructor(options: OrdersOptions) {
    this.#options = options
  }

  /** What a member can spend on an order of so many cents. @throws GatewayError `member-unknown`. */
  async quote(member: string, total: number | undefined, unitName?: string): Promise<Quote> {
    const { members, histories } = this.#options
    const unit = members.unit(unitName)
    const at = await members.get(member, unit)
    const { shares } = await histories.now(at.account, unit.record)
    const available = Math.max(0, shares.available)
    const { spend } = unit
    if (spend === undefined) return { ...at, available, points: available, cents: undefined }
    if (total === undefined)
      throw invalid('body/total: the total of the order is needed, in cents: the shop caps its share.')
    const points = mostSpendable({ ...spend, holdMs: undefined }, total, available)
    return { ...at, available, points, cents: worthOf({ ...spend, holdMs: undefined }, points) }
  }

  /**
   * Sets points aside for an order. The order is the key: it is done once.
   *
   * @throws GatewayError `over-share` where the shop lets so much not be spent on it; `order-released` and `hold-ended`
   * where it was done, and the points went back since: nobody is to take money for points that are not there; with the
   * outcome where the ledger
   * refuses it, as `insufficient`.
   */
  async hold(
    order: string,
    asked: {
      readonly member: string
      readonly points: number
      readonly total?: number | undefined
      readonly unit?: string | undefined
      readonly forMs?: number | undefined
    },
  ): Promise<OrderDone & { readonly untilMs: number }> {
    const { members, attempts, rulebook, slotMs, points } = this.#options
    const unit = members.unit(asked.unit)
    const at = await members.get(asked.member, unit)
    this.#mustFit(unit.spend, asked)
    const forMs = asked.forMs ?? unit.holdMs
    const { holdMaxMs } = rulebook.unit(unit.record)
    if ((asked.forMs ?? 0) > holdMaxMs) {
      const most = Math.floor(holdMaxMs / 60_000)
      throw new GatewayError('hold-too-long', `for: ${unit.name} are held for ${most} minutes at most.`, {
        ...{ status: 422, isRetryable: false },
      })
    }
    const { commitment, rows } = points.commit('hold', order, at.account, { order, total: asked.total })
    const done = await attempts.perform({
      ...{ scope: 'hold', name: order, role: 'custodian', rows, settings: ['credit', 'until'] },
      what: `Holding ${asked.points} ${unit.name} of "${asked.member}" for order "${order}"`,
      make: (id, timeMs) =>
        fromDraft(
          {
            kind: 'hold',
            ...{ debit: at.account, credit: unit.treasury, amount: asked.points, details: commitment },
            // Its own time may be a slot before now: it stands no shorter than was asked for.
            until: timeMs + Math.min(forMs + slotMs, Math.max(holdMaxMs, 1)),
          },
          id,
        ),
    })
    points.bring()
    if (done.isRepeated) await this.#mustStand(order)
    const untilMs = (done.transaction as TransactionOf<'hold'>).until
    return { ...at, ...done, order, points: asked.points, untilMs }
  }

  /** Takes what is held, all of it or a part; the rest goes back. @throws GatewayError. */
  async capture(order: string, asked?: number): Promise<OrderDone> {
    const { attempts } = this.#options
    const hold = await this.#holdOf(order)
    if ((await attempts.done('capture', order)) === undefined) await this.#mustNotBeReleased(order)
    const { id, debit, credit, amount: held } = hold.transaction
    const done = await attempts.perform({
      ...{ scope: 'capture', name: order, role: 'merchant' },
      what: `Capturing ${asked ?? held} points of order "${order}"`,
      make: newId => fromDraft({ kind: 'capture', debit, credit, amount: asked ?? held, hold: id }, newId),
      fits: before => before.kind === 'capture' && (asked === undefined || before.amount === asked),
    })
    const { amount } = done.transaction as TransactionOf<'capture'>
    return { ...hold.at, ...done, order, points: amount }
  }

  /** Gives back what is held. @throws GatewayError `order-captured`. */
  async release(order: string): Promise<OrderDone> {
    const { attempts } = this.#options
    const hold = await this.#holdOf(order)
    if ((await attempts.done('capture', order)) !== undefined)
      throw conflict('order-captured', `The points of order "${order}" were captured. Refund them instead.`)
    const { id, debit, amount } = hold.transaction
    const done = await attempts.perform({
      ...{ scope: 'release', name: order, role: 'merchant' },
      what: `Releasing the points of order "${order}"`,
      make: newId => fromDraft({ kind: 'release', account: debit, hold: id }, newId),
    })
    return { ...hold.at, ...done, order, points: amount }
  }

  /**
   * Gives back what was captured, all that is left of it or a part, to the lots that it came from.
   *
   * @param key - which refund of the order it is: under one key it is done once.
   * @throws GatewayError `order-not-captured`, `over-original`, `window-over`.
   */
  async refund(
    order: string,
    {
      points: asked,
      key = '',
      reason,
    }: { points?: number | undefined; key?: string | undefined; reason?: string | undefined },
  ): Promise<OrderDone> {
    const { attempts, points, merges } = this.#options
    const hold = await this.#holdOf(order)
    const capture = await attempts.done('capture', order)
    if (capture?.transaction.kind !== 'capture')
      throw conflict('order-not-captured', `Nothing of order "${order}" was captured, so there is nothing to refund.`)
    const name = `${order}\u0000${key}`
    const { debit: account, credit, amount: captured, id } = capture.transaction
    const before = await attempts.standing('refund', name)
    const left = async () => captured - (await this.#movementsOf(hold)).refunded
    const amount = asked ?? (before?.kind === 'reverse' ? before.amount : await left())
    if (amount === 0)
      throw conflict('order-refunded', `All ${captured} points of order "${order}" were refunded already.`)
    const { commitment, rows } = points.commit('refund', name, account, { order, reason })
    const done = await attempts.perform({
      ...{ scope: 'refund', name, role: 'merchant', rows },
      what: `Refunding ${amount} of the ${captured} points of order "${order}"`,
      make: newId =>
        fromDraft(
          { kind: 'reverse', debit: credit, credit: account, amount, original: id, details: commitment },
          newId,
        ),
    })
    points.bring()
    // What comes back to an account that was merged since goes where the rest went.
    await merges.follow(account, hold.at.unit)
    return { ...hold.at, ...done, order, points: amount }
  }

  /** What became of an order. @throws GatewayError `order-unknown`. */
  async view(order: string): Promise<OrderView> {
    const hold = await this.#holdOf(order)
    const { state, captured, refunded } = await this.#movementsOf(hold)
    const { amount: held, until: untilMs } = hold.transaction
    return { ...hold.at, order, state, held, captured, refunded, untilMs }
  }

  #mustFit(spend: ShopSpend | undefined, { points, total }: { points: number; total?: number | undefined }): void {
    if (spend === undefined) return
    if (total === undefined)
      throw invalid('body/total: the total of the order is needed, in cents: the shop caps its share.')
    const most = mostSpendable({ ...spend, holdMs: undefined }, total, points)
    if (most === points) return
    const what = `Of an order of ${total} cents at most ${most} of these points may be spent, in steps of ${spend.step}.`
    throw new GatewayError('over-share', what, { status: 422, isRetryable: false })
  }

  /** The hold of an order, by the memory. @throws GatewayError `order-unknown`. */
  async #holdOf(order: string) {
    const { attempts, members } = this.#options
    const done = await attempts.done('hold', order)
    const transaction = done?.transaction
    const owner = transaction?.kind === 'hold' ? await members.owner(transaction.debit) : undefined
    if (done === undefined || transaction?.kind !== 'hold' || owner === undefined)
      throw missing('order-unknown', `No points are held for order "${order}". Hold some first: POST …/hold.`)
    const unit = members.unitOf(owner.unit)
    const at: MemberAccount = { member: owner.member, unit, account: transaction.debit }
    return { done, transaction, at }
  }

  /** That the points of an order that was held once are held yet, or taken. @throws GatewayError. */
  async #mustStand(order: string): Promise<void> {
    if ((await this.#options.attempts.done('capture', order)) !== undefined) return
    await this.#mustNotBeReleased(order)
    if ((await this.view(order)).state !== 'ended') return
    throw conflict('hold-ended', `The time of order "${order}" is over. Hold the points again, under another order.`)
  }

  async #mustNotBeReleased(order: string): Promise<void> {
    if ((await this.#options.attempts.done('release', order)) === undefined) return
    throw conflict(
      'order-released',
      `The points of order "${order}" were released. Hold them again, under another order.`,
    )
  }

  /** What became of a hold, by the entries of its account, which are read up to now. */
  async #movementsOf({ transaction, at }: { transaction: TransactionOf<'hold'>; at: MemberAccount }) {
    const { histories, memory, nowMs } = this.#options
    const { history } = await histories.now(at.account, at.unit.record)
    const key = ordered(at.account)
    const rows = await memory.list<StoredMovement>('movements', { after: key, before: `${key}~` })
    const hold = toHex(transaction.id)
    const capture = rows.find(([, { kind, of }]) => kind === 'capture' && of === hold)?.[1]
    const stands = history.member.holdings.holds.some(({ id }) => toHex(id) === hold)
    const wasReleased = rows.some(
      ([, { kind, of, at: timeMs }]) => kind === 'release' && of === hold && timeMs < transaction.until,
    )
    const refunded = rows
      .filter(([, { kind, of }]) => kind === 'refund' && of === capture?.id)
      .reduce((sum, [, { p }]) => sum + p, 0)
    // From then on it cannot be captured, though it stands until the ledger clears it away.
    const isOver = transaction.until <= nowMs()
    const state: OrderState =
      capture !== undefined ? 'captured' : stands && !isOver ? 'held' : wasReleased ? 'released' : 'ended'
    return { state, captured: capture === undefined ? 0 : -capture.p, refunded }
  }
}
