import { randomUUID } from 'node:crypto'
import { expiryOfGain } from '../account/index.ts'
import { fromDraft } from '../client/index.ts'
import { canonicalText, type JsonObject } from '../programmes/index.ts'
import type { Attempts, DoneAct } from './attempts.ts'
import type { ShopDerivation } from './derivation.ts'
import type { GatewayDetails } from './details.ts'
import { conflict } from './failure.ts'
import type { MemberAccount, Members } from './members.ts'
import type { MemoryRow } from './memory.ts'
import type { Rulebook } from './rulebook.ts'

/** Quarter hours of a day. */
const DAY_QUARTERS = 96

/** Points that a member is given. */
export interface Earning {
  readonly member: string
  readonly points: number
  readonly unit?: string | undefined
  /** The name under which it counts once; by default one that nobody else has. */
  readonly key?: string | undefined
  readonly order?: string | undefined
  readonly reason?: string | undefined
  /** Name of a published rule. */
  readonly rule?: string | undefined
}

/** What was done with points of a member. */
export interface PointsDone extends MemberAccount, DoneAct {
  readonly key: string
  readonly points: number
}

export interface PointsOptions {
  readonly attempts: Attempts
  readonly members: Members
  readonly details: GatewayDetails
  readonly derivation: ShopDerivation
  readonly rulebook: Rulebook
}

/** Gives points, and corrects what was given. */
export class Points {
  readonly #options: PointsOptions

  constructor(options: PointsOptions) {
    this.#options = options
  }

  /**
   * Gives a member points, and opens her account where she has none.
   *
   * @throws GatewayError with the outcome where the ledger refuses it; others of `Attempts.perform`.
   */
  async earn({
    member,
    points,
    unit: unitName,
    key = randomUUID(),
    order,
    reason,
    rule,
  }: Earning): Promise<PointsDone> {
    const { members, rulebook } = this.#options
    const unit = members.unit(unitName)
    const ruleRecord = rule === undefined ? 0 : await rulebook.rule(rule)
    // Nobody is opened for a key that was somebody else's.
    const isNew = (await members.known(member, unit)) === undefined
    if (isNew && (await this.#options.attempts.standing('earn', key)) !== undefined)
      if ((await members.find(member, unit)) === undefined)
        throw conflict('key-reused', `The key was used for another member than "${member}". Take another.`)
    const opened = await members.open(member, unit)
    return this.#issue(opened, { scope: 'earn', key, points, details: { order, reason }, rule: ruleRecord })
  }

  /**
   * Gives points, or takes them, for a reason that is kept in the details of the entry: what is taken is spent by the
   * custodian, so never more than can be spent.
   */
  async adjust(
    member: string,
    {
      points,
      reason,
      unit: unitName,
      key = randomUUID(),
    }: Pick<Earning, 'points' | 'unit' | 'key'> & { reason: string },
  ): Promise<PointsDone> {
    const { members, attempts } = this.#options
    const unit = members.unit(unitName)
    const at = points > 0 ? await members.open(member, unit) : await members.get(member, unit)
    const details = { adjust: reason }
    if (points > 0) return this.#issue(at, { scope: 'adjust', key, points, details, rule: 0 })
    const { commitment, rows } = this.commit('adjust', key, at.account, details)
    const done = await attempts.perform({
      ...{ scope: 'adjust', name: key, role: 'custodian', rows },
      what: `Taking ${-points} ${unit.name} of "${member}"`,
      make: id =>
        fromDraft(
          { kind: 'redeem', debit: at.account, credit: unit.treasury, amount: -points, details: commitment },
          id,
        ),
    })
    this.bring()
    return { ...at, ...done, key, points }
  }

  /** The commitment to the details of an entry, and the rows that keep them; none if there are no details. */
  commit(
    scope: string,
    name: string,
    account: number,
    facts: Readonly<Record<string, string | number | undefined>>,
  ): { readonly commitment: Uint8Array | null; readonly rows: MemoryRow[] } {
    const known = Object.entries(facts).filter(([, value]) => value !== undefined)
    if (known.length === 0) return { commitment: null, rows: [] }
    const { derivation, details } = this.#options
    const text = canonicalText(Object.fromEntries(known) as JsonObject)
    return details.commit(account, text, derivation.salt(scope, name))
  }

  /** Has the ledger keep the details of the entries. */
  bring(): void {
    this.#options.details.bring()
  }

  async #issue(
    at: MemberAccount,
    {
      scope,
      key,
      points,
      details,
      rule,
    }: {
      readonly scope: string
      readonly key: string
      readonly points: number
      readonly details: Readonly<Record<string, string | undefined>>
      readonly rule: number
    },
  ): Promise<PointsDone> {
    const { attempts, rulebook } = this.#options
    const { unit, account, member } = at
    const policy = rulebook.unit(unit.record)
    const { commitment, rows } = this.commit(scope, key, account, details)
    const done = await attempts.perform({
      ...{ scope, name: key, role: 'issuer', rows, settings: ['debit', 'matures', 'expires'] },
      what: `Giving ${points} ${unit.name} to "${member}"`,
      make: (id, timeMs) =>
        fromDraft(
          {
            kind: 'issue',
            ...{ debit: unit.budget, credit: account, amount: points, rule, details: commitment },
            ...{ matures: 0, expires: expiryOfGain(timeMs, unit.expiresDays * DAY_QUARTERS, policy) },
          },
          id,
        ),
    })
    if (rows.length > 0) this.bring()
    return { ...at, ...done, key, points }
  }
}
