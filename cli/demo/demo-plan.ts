import { Chance } from './chance.ts'

/** What a demonstration is to be. */
export interface DemoPlanOptions {
  readonly members: number
  readonly days: number
  readonly seed: number
}

/** Something that happens in a demonstration. */
export type DemoAct =
  | { readonly kind: 'event'; readonly member: string; readonly type: string; readonly data: object }
  | { readonly kind: 'welcome'; readonly member: string; readonly points: number }
  /** An order that is paid with a share of what its member has, and what becomes of it. */
  | {
      readonly kind: 'spend'
      readonly member: string
      readonly order: string
      readonly cents: number
      /** Hundredths of what can be spent; above 100, more than there is. */
      readonly share: number
      readonly end: 'capture' | 'part' | 'release' | 'nothing'
    }
  | { readonly kind: 'refund'; readonly member: string; readonly order: string; readonly share: number }
  | { readonly kind: 'gift'; readonly member: string; readonly to: string; readonly points: number }
  | { readonly kind: 'adjust'; readonly member: string; readonly points: number; readonly reason: string }
  | { readonly kind: 'freeze' | 'unfreeze'; readonly member: string }

/** Acts by their hour: that of the first day begins with 0. */
export type DemoPlan = ReadonlyMap<number, readonly DemoAct[]>

/** Hours in which shops sell. */
const OPENS = 8
const CLOSES = 21
const HOURS = 24

/** Acts of a demonstration, which are always the same of the same options. */
export function demoPlan({ members, days, seed }: DemoPlanOptions): DemoPlan {
  const plan = new PlanMaker(new Chance(seed), days)
  const names = Array.from({ length: members }, (_, i) => `cust_${1001 + i}`)
  for (const [i, name] of names.entries()) plan.member(name, names[(i * 7 + 3) % members]!)
  for (const name of names.slice(5, 8)) plan.trouble(name)
  return plan.made()
}

class PlanMaker {
  readonly #chance: Chance
  readonly #days: number
  readonly #acts = new Map<number, DemoAct[]>()
  #orders = 1000

  constructor(chance: Chance, days: number) {
    this.#chance = chance
    this.#days = days
  }

  made(): DemoPlan {
    return new Map([...this.#acts].sort(([a], [b]) => a - b))
  }

  /** All that a member does, and a friend to whom she gives. */
  member(name: string, friend: string): void {
    const chance = this.#chance
    // Most come early, and a few of them come nearly every day.
    const joins = Math.floor(this.#days * 0.8 * chance.next() ** 2)
    const active = 4 + 70 * chance.next() ** 4
    this.#add(joins, chance.whole(OPENS, CLOSES), { kind: 'welcome', member: name, points: 20 })
    for (let day = joins; day < this.#days; day++) if (day === joins || chance.percent(active)) this.#visit(name, day)
    if (friend !== name && chance.percent(12))
      this.#add(this.#later(joins), chance.whole(OPENS, CLOSES), {
        ...{ kind: 'gift', member: name, to: friend, points: chance.whole(5, 40) },
      })
    if (chance.percent(8))
      this.#add(this.#later(joins), chance.whole(OPENS, CLOSES), {
        ...{ kind: 'adjust', member: name, points: chance.one([10, 25, 50, -5]) },
        reason: chance.one(['late parcel', 'a kind word', 'counted twice at the till', 'lost voucher']),
      })
  }

  /** What goes wrong: more is spent than there is, an account is frozen and asked all the same. */
  trouble(name: string): void {
    const day = this.#later(Math.floor(this.#days / 2))
    const spend = (share: number): DemoAct => {
      const order = `order-${++this.#orders}`
      return { kind: 'spend', member: name, order, cents: 9900, share, end: 'capture' }
    }
    this.#add(day, 10, spend(300))
    this.#add(day, 12, { kind: 'freeze', member: name })
    this.#add(day, 14, spend(50))
    if (name.endsWith('6')) this.#add(day, 18, { kind: 'unfreeze', member: name })
  }

  #visit(member: string, day: number): void {
    const chance = this.#chance
    const hour = chance.whole(OPENS, CLOSES)
    this.#event(day, hour, member, 'sign-in', {})
    if (!chance.percent(38)) return
    const order = `order-${++this.#orders}`
    const cents = 500 + Math.floor(24_000 * chance.next() ** 3)
    this.#event(day, hour, member, 'order', { order, paid: cents })
    if (chance.percent(45)) this.#spend(day, hour, member, order, cents)
    if (chance.percent(20))
      this.#event(day + chance.whole(2, 9), hour, member, 'review', { order, words: chance.whole(5, 60) })
    if (chance.percent(6)) {
      const refunded = chance.percent(50) ? cents : Math.ceil(cents / chance.whole(2, 4))
      this.#event(day + chance.whole(3, 20), hour, member, 'return', { order, refunded })
    }
  }

  #spend(day: number, hour: number, member: string, order: string, cents: number): void {
    const chance = this.#chance
    const luck = chance.whole(1, 100)
    const end = luck > 97 ? 'nothing' : luck > 91 ? 'release' : luck > 84 ? 'part' : 'capture'
    const share = chance.percent(2) ? 140 : chance.whole(30, 100)
    this.#add(day, hour, { kind: 'spend', member, order, cents, share, end })
    if ((end === 'capture' || end === 'part') && chance.percent(7))
      this.#add(day + chance.whole(1, 12), hour, { kind: 'refund', member, order, share: chance.one([100, 50]) })
  }

  #event(day: number, hour: number, member: string, type: string, data: object): void {
    this.#add(day, hour, { kind: 'event', member, type, data })
  }

  #later(day: number): number {
    return this.#chance.whole(Math.min(day + 1, this.#days - 1), this.#days - 1)
  }

  #add(day: number, hour: number, act: DemoAct): void {
    if (day >= this.#days) return
    const at = day * HOURS + hour
    const acts = this.#acts.get(at) ?? []
    acts.push(act)
    this.#acts.set(at, acts)
  }
}
