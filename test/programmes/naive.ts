import { Fails, type NaiveValue, naiveExpression } from './naive-expression.ts'

/**
 * docs/programmes.md, evaluated once more without code of src/programmes: no counters, but the whole history, asked
 * again for each event. Knows documents that are right, and nothing of speed.
 */

// biome-ignore lint/suspicious/noExplicitAny: documents and events as JSON.parse gives them.
export type Doc = any

interface Given {
  readonly rule: Doc
  readonly due: bigint
  /** What was taken back of it. */
  back: bigint
}
interface Past {
  readonly event: Doc
  readonly given: Given[]
  /** Rules that counted, whatever caps left. */
  readonly counted: Set<string>
  /** As the original of a reversal: what it is worth, and how much of that was refunded. */
  whole: bigint
  refunded: bigint
}

export interface NaiveTaken {
  readonly status: 'taken'
  readonly n: number
  readonly issues: { rule: string; due: number; cuts: [string, number][]; matures: number; expires: number }[]
  readonly backs: { rule: string; due: number; original: string }[]
  readonly nothing: [rule: string, why: string][]
  readonly tier: { id: string; until: number } | undefined
}
export type NaiveFound = NaiveTaken | { readonly status: 'duplicate' | 'outside' | 'late' | 'event-value' }

const DAY = 86_400_000
const QUARTER = 900_000
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER)
const ORDER = ['day', 'week', 'month', 'quarter', 'year', 'ever']

const spanOf = (text: string) => Number(text.slice(0, -1)) * { m: 60_000, h: 3_600_000, d: DAY }[text.at(-1) as 'd']
const fits = (value: bigint) => {
  if (value > LARGEST || value < -LARGEST) throw new Fails('beyond 2^53 - 1')
  return value
}
const rounded = (a: bigint, d: bigint, how: string): bigint => {
  const [whole, rest] = [a / d, a % d]
  if (rest === 0n || how === 'down') return whole
  return how === 'up' || rest * 2n >= d ? whole + 1n : whole
}
const lift = (value: unknown): NaiveValue =>
  typeof value === 'number'
    ? BigInt(value)
    : Array.isArray(value)
      ? value.map(lift)
      : typeof value === 'object'
        ? Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, lift(one)]))
        : (value as string | boolean)

export class Naive {
  readonly #doc: Doc
  readonly #offset: number
  readonly #past: Past[] = []

  constructor(doc: Doc) {
    this.#doc = doc
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(doc.day)!
    this.#offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  }

  take(event: Doc): NaiveFound {
    const kept = this.#past.map(past => [past.refunded, past.given.map(({ back }) => back)] as const)
    try {
      return this.#take(event)
    } catch (error) {
      if (!(error instanceof Fails)) throw error
      kept.forEach(([refunded, backs], i) => {
        const past = this.#past[i]!
        past.refunded = refunded
        past.given.forEach((given, j) => {
          given.back = backs[j]!
        })
      })
      return { status: 'event-value' }
    }
  }

  #take(event: Doc): NaiveFound {
    const doc = this.#doc
    if (this.#past.some(past => past.event.id === event.id)) return { status: 'duplicate' }
    if (event.time < Date.parse(doc.from) || (doc.until !== undefined && event.time >= Date.parse(doc.until)))
      return { status: 'outside' }
    const own = this.#past.filter(past => past.event.member === event.member)
    const latest = own.reduce((most, past) => Math.max(most, past.event.time), 0)
    if (event.time < latest - spanOf(doc.late)) return { status: 'late' }
    const tier = this.#tierOn(own, this.#dayOf(event.time))
    const now: Past = { event, given: [], counted: new Set(), whole: 0n, refunded: 0n }
    const nothing: [string, string][] = []
    const issues: NaiveTaken['issues'] = []
    const isOriginal = (doc.reversals ?? []).find((one: Doc) => one.of === event.type)
    const isMatched =
      isOriginal !== undefined && this.#original(own, isOriginal, event.data[isOriginal.match]) !== undefined
    for (const rule of doc.rules.filter((one: Doc) => one.on === event.type)) {
      const why = this.#whyNot(rule, event, tier, isMatched)
      if (why !== undefined) {
        nothing.push([rule.id, why])
        continue
      }
      const base = this.#base(rule, event, tier, own)
      if (base === 0n) {
        nothing.push([rule.id, 'zero'])
        continue
      }
      let due = base
      const cuts: [string, number][] = []
      for (const cap of this.#caps(rule)) {
        const room = cap.most - this.#counted(cap, event, [...this.#past, now], cap.isOwnEvent)
        const left = due < room ? due : room < 0n ? 0n : room
        if (left < due) cuts.push([cap.name, Number(due - left)])
        due = left
      }
      now.counted.add(rule.id)
      if (due === 0n) {
        nothing.push([rule.id, 'cap'])
        continue
      }
      now.given.push({ rule, due, back: 0n })
      for (const cap of this.#caps(rule)) fits(this.#counted(cap, event, [...this.#past, now], cap.isOwnEvent))
      issues.push({
        rule: rule.id,
        due: Number(due),
        cuts,
        matures: this.#date(rule.matures ?? doc.matures, event.time),
        expires: this.#date(rule.expires ?? doc.expires, event.time),
      })
    }
    if (isOriginal !== undefined && !isMatched && now.given.length > 0) {
      const whole = naiveExpression(isOriginal.share[1])({ was: lift(event.data) }) as bigint
      now.whole = fits(whole)
    }
    const undo: (() => void)[] = []
    const backs: NaiveTaken['backs'] = []
    for (const reversal of (doc.reversals ?? []).filter((one: Doc) => one.on === event.type)) {
      const why = this.#reverse(reversal, event, own, backs, undo)
      if (why !== undefined) nothing.push([`back ${reversal.of}`, why])
    }
    this.#past.push(now)
    const after = [...own, now]
    const before = own.map(past => past)
    const last = this.#dayOf(Math.max(latest, event.time))
    const is = this.#tierUntil(after, last)
    for (const step of undo) step()
    const was = this.#tierUntil(before, last)
    for (const step of undo) step()
    const tierChange = is.id === was.id && is.until === was.until ? undefined : is
    return { status: 'taken', n: own.length + 1, issues, backs, nothing, tier: tierChange }
  }

  #dayOf(time: number): number {
    return Math.floor((time + this.#offset) / DAY)
  }

  /** The beginning and the end of a period, as local midnights in ms since 1970. */
  #bounds(period: string, day: number): [number, number] {
    const date = new Date(day * DAY)
    const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    switch (period) {
      case 'day':
        return [Date.UTC(year, month, dayOfMonth), Date.UTC(year, month, dayOfMonth + 1)]
      case 'week': {
        const monday = dayOfMonth - ((date.getUTCDay() + 6) % 7)
        return [Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7)]
      }
      case 'month':
        return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)]
      case 'quarter': {
        const first = month - (month % 3)
        return [Date.UTC(year, first, 1), Date.UTC(year, first + 3, 1)]
      }
      case 'year':
        return [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)]
      default:
        return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    }
  }

  #isSamePeriod(period: string, a: number, b: number): boolean {
    const [from, until] = this.#bounds(period, this.#dayOf(a))
    const at = this.#dayOf(b) * DAY
    return at >= from && at < until
  }

  #names(event: Doc, tier: string) {
    const local = new Date(event.time + this.#offset)
    const numbers = [local.getUTCDay() || 7, local.getUTCHours(), local.getUTCDate(), local.getUTCMonth() + 1]
    const [weekday, hour, date, month] = numbers.map(BigInt) as [bigint, bigint, bigint, bigint]
    return { event: lift(event.data), member: { tier }, at: { weekday, hour, date, month } }
  }

  #whyNot(rule: Doc, event: Doc, tier: string, isMatched: boolean): string | undefined {
    if (rule.campaign !== undefined) {
      const campaign = this.#doc.campaigns.find((one: Doc) => one.id === rule.campaign)
      if (event.time < Date.parse(campaign.from) || event.time >= Date.parse(campaign.until)) return 'campaign'
    }
    if (rule.when !== undefined && !naiveExpression(rule.when)(this.#names(event, tier))) return 'when'
    if (isMatched) return 'once'
    if (rule.once === undefined) return undefined
    const [who, period, fields] = rule.once.split('/') as [string, string, string | undefined]
    const isUsed = this.#past.some(
      past =>
        past.counted.has(rule.id) &&
        (who === 'programme' || past.event.member === event.member) &&
        this.#isSamePeriod(period, past.event.time, event.time) &&
        (fields?.split(',') ?? []).every(field => past.event.data[field] === event.data[field]),
    )
    return isUsed ? 'once' : undefined
  }

  #base(rule: Doc, event: Doc, tier: string, own: readonly Past[]): bigint {
    const { points } = rule
    let base: bigint
    if (typeof points === 'number') base = BigInt(points)
    else if (points.streak !== undefined) {
      let streak: [number, number] | undefined
      const follow = (day: number) => (streak !== undefined && day === streak[0] + 1 ? streak[1] + 1 : 1)
      for (const past of own)
        if (past.counted.has(rule.id)) {
          const day = this.#dayOf(past.event.time)
          if (streak === undefined || day > streak[0]) streak = [day, follow(day)]
        }
      const length = follow(this.#dayOf(event.time))
      base = BigInt(points.streak[Math.min(length, points.streak.length) - 1])
    } else {
      const value = naiveExpression(points.of)(this.#names(event, tier))
      const sum = fits(Array.isArray(value) ? (value as bigint[]).reduce((a, b) => a + b, 0n) : (value as bigint))
      if (sum <= 0n) base = 0n
      else if (points.rate !== undefined)
        base = fits(rounded(sum * BigInt(points.rate[0]), BigInt(points.rate[1]), rule.round ?? 'down'))
      else base = fits((sum / BigInt(points.per)) * BigInt(points.give))
    }
    const times = rule.times?.[tier]
    return times === undefined ? base : fits(rounded(base * BigInt(times[0]), BigInt(times[1]), rule.round ?? 'down'))
  }

  #caps(rule: Doc): { name: string; most: bigint; scope: string; rules: string[]; isOwnEvent: boolean }[] {
    const { caps = {}, rules, campaigns = [] } = this.#doc
    const sorted = (owner: string, listed: Doc, of: Doc[], isRule: boolean) =>
      Object.entries((listed ?? {}) as Record<string, number>)
        .map(([scope, most]) => {
          const name = `${owner} ${scope}`
          const ids = of.map(one => one.id as string)
          return { name, most: BigInt(most), scope, rules: ids, isOwnEvent: isRule && scope === 'event' }
        })
        .sort((a, b) => placeOf(a.scope) - placeOf(b.scope) || (fieldsOf(a.scope) < fieldsOf(b.scope) ? -1 : 1))
    const campaign = campaigns.find((one: Doc) => one.id === rule.campaign)
    return [
      ...sorted(rule.id, rule.cap, [rule], true),
      ...(rule.group === undefined
        ? []
        : sorted(
            rule.group,
            caps[rule.group],
            rules.filter((one: Doc) => one.group === rule.group),
            false,
          )),
      ...(campaign === undefined
        ? []
        : sorted(
            campaign.id,
            { budget: campaign.budget },
            rules.filter((one: Doc) => one.campaign === campaign.id),
            false,
          )),
      ...sorted('all', caps.all, rules, false),
    ]
  }

  #counted(cap: { scope: string; rules: string[] }, event: Doc, pasts: readonly Past[], isOwnEvent: boolean): bigint {
    if (isOwnEvent) return 0n
    const [who, period = 'ever', fields] = (cap.scope === 'budget' ? 'programme/ever' : cap.scope).split('/')
    let sum = 0n
    for (const past of pasts) {
      if (who === 'event' ? past.event !== event : !this.#isSamePeriod(period, past.event.time, event.time)) continue
      if (who === 'member' && past.event.member !== event.member) continue
      if (!(fields?.split(',') ?? []).every(field => past.event.data[field] === event.data[field])) continue
      for (const { rule, due } of past.given) if (cap.rules.includes(rule.id)) sum += due
    }
    return sum
  }

  #original(own: readonly Past[], reversal: Doc, match: string): Past | undefined {
    return own.find(
      past => past.event.type === reversal.of && past.given.length > 0 && past.event.data[reversal.match] === match,
    )
  }

  #reverse(
    reversal: Doc,
    event: Doc,
    own: readonly Past[],
    backs: NaiveTaken['backs'],
    undo: (() => void)[],
  ): string | undefined {
    const was = this.#original(own, reversal, event.data[reversal.match])
    if (was === undefined || was.whole < 1n) return 'original'
    if (event.time > was.event.time + spanOf(reversal.within)) return 'within'
    const more = naiveExpression(reversal.share[0])({ event: lift(event.data) }) as bigint
    const sum = was.refunded + (more < 0n ? 0n : more)
    const refunded = sum > was.whole ? was.whole : sum
    let found = 0
    for (const given of was.given) {
      const taken = fits(rounded(given.due * refunded, was.whole, reversal.round ?? 'up'))
      const due = taken - given.back
      if (due === 0n) continue
      found++
      backs.push({ rule: given.rule.id, due: Number(due), original: was.event.id })
      let other = given.back
      given.back = taken
      // Called twice: to look at the tier as it was, and back.
      undo.push(() => {
        const now = given.back
        given.back = other
        other = now
      })
    }
    was.refunded = refunded
    return found === 0 ? 'zero' : undefined
  }

  #date(rule: Doc, time: number): number {
    if (rule === undefined || rule === 'now' || rule === 'never') return 0
    let at: number
    if (typeof rule === 'string') at = time + spanOf(rule)
    else {
      const [, end] = this.#bounds(rule.end, this.#dayOf(time))
      const plus = /^(\d+)(mo|y)$/.exec(rule.plus ?? '')
      let local = end
      if (plus !== null) {
        const date = new Date(end)
        const months = Number(plus[1]) * (plus[2] === 'y' ? 12 : 1)
        const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate()
        local = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, Math.min(last, date.getUTCDate()))
      } else if (rule.plus !== undefined) local = end + spanOf(rule.plus)
      at = local - this.#offset
    }
    let quarter = Math.ceil(at / QUARTER)
    while ((quarter * QUARTER + this.#offset) % ((this.#doc.grain ?? 1) * QUARTER) !== 0) quarter++
    return quarter
  }

  /** S(E) of docs/programmes.md §7. */
  #sumOn(own: readonly Past[], day: number): bigint {
    const { by, over } = this.#doc.tiers
    const between = (from: number, to: number) => {
      let sum = 0n
      for (const past of own) {
        const at = this.#dayOf(past.event.time)
        if (at < from || at > to) continue
        for (const { rule, due, back } of past.given) if (by.includes(rule.id)) sum += due - back
      }
      return sum
    }
    if (over.rolling !== undefined) return between(day - over.rolling + 1, day)
    const [first] = this.#bounds(over.calendar, day)
    const [before] = this.#bounds(over.calendar, first / DAY - 1)
    const [present, whole] = [between(first / DAY, day), between(before / DAY, first / DAY - 1)]
    return present > whole ? present : whole
  }

  #levelOn(own: readonly Past[], day: number): number {
    const { tiers } = this.#doc
    if (tiers === undefined || !own.some(past => past.given.some(({ rule }) => tiers.by.includes(rule.id)))) return -1
    let level = -1
    for (let at = day - (tiers.grace ?? 0); at <= day; at++) {
      const sum = this.#sumOn(own, at)
      tiers.levels.forEach((one: Doc, i: number) => {
        if (BigInt(one.from) <= sum) level = Math.max(level, i)
      })
    }
    return level
  }

  #tierOn(own: readonly Past[], day: number): string {
    return this.#doc.tiers?.levels[this.#levelOn(own, day)]?.id ?? ''
  }

  #tierUntil(own: readonly Past[], day: number): { id: string; until: number } {
    const level = this.#levelOn(own, day)
    if (level < 0) return { id: '', until: 0 }
    let at = day + 1
    while (this.#levelOn(own, at) >= level) at++
    return { id: this.#doc.tiers.levels[level].id, until: (at * DAY - this.#offset) / QUARTER }
  }
}

function placeOf(scope: string): number {
  const [who, period = 'ever'] = scope.split('/')
  return who === 'event' || who === 'budget' ? 0 : (who === 'member' ? 10 : 20) + ORDER.indexOf(period)
}

function fieldsOf(scope: string): string {
  return scope.split('/')[2] ?? ''
}
