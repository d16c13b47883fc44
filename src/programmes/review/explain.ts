import { DAY_MS } from '../document/calendar.ts'
import type { Ratio } from '../document/forms.ts'
import type { Cap, DateRule, Programme, Rule } from '../document/programme.ts'
import { timeText } from '../document/time-text.ts'
import type { Tree } from '../expression/tree.ts'
import type { ProgrammeWords, Span } from './words.ts'
import { ENGLISH } from './words-en.ts'
import { CHINESE } from './words-zh.ts'

const LANGUAGES: Readonly<Record<'en' | 'zh', ProgrammeWords>> = { en: ENGLISH, zh: CHINESE }
export type Language = keyof typeof LANGUAGES

/** A programme in plain words: a paragraph each of what it is, its rules, and what is done with points. */
export function explain(programme: Programme, language: Language): string[][] {
  const words = LANGUAGES[language]
  const { title, name, version, unit, rules } = programme
  const said = new Saying(programme, words)
  const head = [words.head(title[language] ?? title['en'] ?? name, name, version, unit), said.times(), ...said.meters()]
  const paragraphs = [
    head,
    rules.map(rule => said.rule(rule)),
    said.groups(),
    [...said.tiers(), ...said.reversals()],
    said.spending(),
  ]
  return paragraphs.filter(({ length }) => length > 0)
}

class Saying {
  readonly #programme: Programme
  readonly #words: ProgrammeWords

  constructor(programme: Programme, words: ProgrammeWords) {
    this.#programme = programme
    this.#words = words
  }

  times(): string {
    const { fromMs, untilMs, offsetMs, lateMs } = this.#programme
    const until = untilMs === undefined ? undefined : timeText(untilMs, offsetMs)
    return this.#words.time(timeText(fromMs, offsetMs), until, timeText(fromMs, offsetMs).slice(16), this.#span(lateMs))
  }

  meters(): string[] {
    const events = new Map<string, string[]>()
    for (const { name, meter } of this.#programme.events.values())
      if (meter !== undefined) events.set(meter.name, [...(events.get(meter.name) ?? []), name])
    return [...events].map(([meter, names]) => this.#words.meter(meter, this.#words.list(names)))
  }

  rule(rule: Rule): string {
    const words = this.#words
    const { offsetMs } = this.#programme
    const { campaign, once, when } = rule
    const own = rule.caps.filter(({ name, scope }) => name === `${rule.id} ${scope.text}`)
    const parts = [
      this.#amount(rule),
      ...[...(rule.times ?? [])].map(([tier, [n, d]]) => words.times(tier, n, d)),
      ...own.map(cap => this.#cap(cap)),
      ...(campaign === undefined
        ? []
        : [
            words.campaign(
              campaign.id,
              timeText(campaign.fromMs, offsetMs),
              timeText(campaign.untilMs, offsetMs),
              campaign.budget.most,
            ),
          ]),
      words.matures(this.#date(rule.matures)),
      words.expires(this.#date(rule.expires)),
      ...(rule.cites === undefined ? [] : [words.cites(rule.cites)]),
    ]
    return words.rule(
      rule.id,
      rule.on,
      when && inWords(when.tree, words),
      once && words.once(once),
      parts.join(words.parts),
    )
  }

  groups(): string[] {
    const { groups, rules } = this.#programme
    return [...groups].map(([name, caps]) => {
      const ids =
        name === 'all'
          ? this.#words.allRules
          : this.#words.list(rules.filter(({ group }) => group === name).map(({ id }) => id))
      return this.#words.group(name, ids, this.#words.list(caps.map(cap => this.#cap(cap))))
    })
  }

  tiers(): string[] {
    const { tiers, rules } = this.#programme
    if (tiers === undefined) return []
    const words = this.#words
    const over = tiers.rolling === undefined ? words.calendar(tiers.calendar!) : words.rolling(tiers.rolling)
    const by = words.list(rules.filter(({ countsForTier }) => countsForTier).map(({ id }) => id))
    return [words.tiers(by, over, tiers.grace, words.list(tiers.levels.map(({ id, from }) => words.level(id, from))))]
  }

  reversals(): string[] {
    return this.#programme.reversals.map(({ on, of, match, refunded, whole, round, withinMs }) => {
      const [part, all] = [inWords(refunded.tree, this.#words), inWords(whole.tree, this.#words)]
      return this.#words.reversal(on, of, match, part, all, round, this.#span(withinMs))
    })
  }

  spending(): string[] {
    const { spend, settle, exchanges, friends, unit } = this.#programme
    const words = this.#words
    const hold = spend?.holdMs === undefined ? undefined : this.#span(spend.holdMs)
    return [
      ...(spend === undefined
        ? []
        : [
            words.worth(spend.points, spend.cents, unit),
            words.spend(percent(spend.share), spend.least, spend.step, hold),
          ]),
      ...(settle === undefined ? [] : [words.settle(settle.end, settle.fee && percent(settle.fee))]),
      ...exchanges.map(({ id, give, of, get }) =>
        'unit' in get
          ? words.exchangePoints(id, give, of, get.points, get.unit)
          : words.exchangeItem(id, give, of, get.item, get.isSerial, get.isClaimedOnce),
      ),
      ...(friends === undefined
        ? []
        : [words.friends(percent(friends.each), friends.most, percent(friends.keep), friends.memberDay)]),
    ]
  }

  #amount({ amount, unit, round }: Rule): string {
    const words = this.#words
    switch (amount.kind) {
      case 'fixed':
        return words.fixed(amount.points, unit)
      case 'streak':
        return words.streak(amount.points, unit)
      case 'per':
        return words.per(amount.give, amount.per, inWords(amount.of.tree, words), unit)
      case 'rate':
        return words.rate(...amount.rate, inWords(amount.of.tree, words), round, unit)
    }
  }

  #cap({ most, scope }: Cap): string {
    return this.#words.most(most, this.#words.scope(scope))
  }

  #date(date: DateRule | undefined): string | undefined {
    if (date === undefined) return undefined
    const { end, plusMs, plusMonths } = date
    const months: Span =
      plusMonths % 12 === 0 ? { count: plusMonths / 12, unit: 'year' } : { count: plusMonths, unit: 'month' }
    const plus = plusMonths > 0 ? this.#words.span(months) : plusMs > 0 ? this.#span(plusMs) : undefined
    return this.#words.date(end, plus)
  }

  #span(ms: number): string {
    const minutes = ms / 60_000
    if (ms % DAY_MS === 0) return this.#words.span({ count: ms / DAY_MS, unit: 'day' })
    return this.#words.span(
      minutes % 60 === 0 ? { count: minutes / 60, unit: 'hour' } : { count: minutes, unit: 'minute' },
    )
  }
}

/** An expression in words: fields by their names, without what they are fields of. */
function inWords(tree: Tree, words: ProgrammeWords): string {
  switch (tree.kind) {
    case 'literal':
      return typeof tree.value === 'boolean'
        ? words.truth(tree.value)
        : typeof tree.value === 'string'
          ? `"${tree.value}"`
          : String(tree.value)
    case 'list':
      return words.listOf(tree.items.map(item => inWords(item, words)))
    case 'name':
      return tree.name
    case 'field':
      if (isTime(tree)) return words.at[tree.field as keyof ProgrammeWords['at']]
      return tree.of.kind === 'name' ? tree.field : `${inWords(tree.of, words)}.${tree.field}`
    case 'has':
      return words.has(tree.field)
    case 'call':
      return words.call[tree.name](tree.args.map(arg => inWords(dayNamed(arg, tree.args, words), words)))
    case 'macro':
      return words.macro[tree.name](inWords(tree.range, words), tree.variable, inWords(tree.body, words))
  }
}

function isTime(tree: Tree): boolean {
  return tree.kind === 'field' && tree.of.kind === 'name' && tree.of.name === 'at'
}

/** A number that a weekday is compared with, under the name of that day; all else as it is. */
function dayNamed(tree: Tree, beside: readonly Tree[], words: ProgrammeWords): Tree {
  if (!beside.some(one => isTime(one) && (one as Tree & { kind: 'field' }).field === 'weekday')) return tree
  if (tree.kind === 'list') return { kind: 'list', items: tree.items.map(item => dayNamed(item, beside, words)) }
  const name = tree.kind === 'literal' ? words.weekdays[Number(tree.value) - 1] : undefined
  return name === undefined ? tree : { kind: 'name', name }
}

function percent([n, d]: Ratio): string {
  const millionths = (n * 1_000_000) / d
  return `${Math.floor(millionths / 10_000)}${
    millionths % 10_000 === 0
      ? ''
      : `.${String(millionths % 10_000)
          .padStart(4, '0')
          .replace(/0+$/, '')}`
  } %`
}
