import type { Doc } from './naive.ts'

/** Chance from a seed (mulberry32), so that a run can be repeated. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 ≤ x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  odds(share: number): boolean {
    return this.next() < share
  }
}

const DAY = 86_400_000
const PERIODS = ['day', 'week', 'month', 'quarter', 'year', 'ever']
const OFFSETS = ['+00:00', '+08:00', '+05:30', '-03:30', '+14:00', '-12:00', '+05:45']
/** Around these much of a calendar turns. */
const TURNS = [
  '2028-02-28',
  '2028-02-29',
  '2027-02-28',
  '2026-12-31',
  '2027-03-31',
  '2027-06-30',
  '2026-12-06',
  '2100-02-28',
]

const FIELDS = {
  a: 'int',
  b: 'int',
  t: 'text',
  u: 'text',
  f: 'bool',
  'o?': 'int',
  xs: ['int'],
  ls: [{ k: 'text', v: 'int' }],
}

/** A document that is right, about events of three kinds, one of which may take back another. */
export function randomDocument(chance: Chance): Doc {
  const day = chance.of(OFFSETS)
  const turn = Date.parse(`${chance.of(TURNS)}T00:00:00Z`)
  const hasTiers = chance.odds(0.5)
  const groups = ['g', 'h']
  const campaigns = chance.odds(0.3)
    ? [{ id: 'sale', from: iso(turn - DAY), until: iso(turn + chance.int(1, 3) * DAY), budget: chance.int(1, 300) }]
    : []
  const rules = Array.from({ length: chance.int(1, 6) }, (_, i) =>
    randomRule(chance, `r${i}`, hasTiers, groups, campaigns),
  )
  const caps: Doc = {}
  for (const group of [...groups, 'all']) if (chance.odds(0.4)) caps[group] = randomCaps(chance, false)
  const reversed = chance.odds(0.5)
    ? chance.of(['e', 'f'].filter(type => rules.some(({ on }) => on === type)))
    : undefined
  return {
    format: 'tallystick/programme/v1',
    name: 'random',
    version: 1,
    unit: 'points',
    from: iso(turn - 40 * DAY),
    ...(chance.odds(0.2) ? { until: iso(turn + 40 * DAY) } : {}),
    day,
    ...(chance.odds(0.5) ? { grain: chance.of([1, 2, 4, 32, 96]) } : {}),
    late: chance.of(['30m', '12h', '48h', '9d']),
    events: { e: FIELDS, f: FIELDS, back: FIELDS },
    rules,
    ...(Object.keys(caps).length > 0 ? { caps } : {}),
    ...(campaigns.length > 0 ? { campaigns } : {}),
    ...(chance.odds(0.4) ? { matures: chance.of(['90m', '24h', '7d', { end: 'day' }]) } : {}),
    expires: randomExpiry(chance),
    ...(hasTiers ? { tiers: randomTiers(chance, rules) } : {}),
    ...(reversed === undefined
      ? {}
      : {
          reversals: [
            {
              on: 'back',
              of: reversed,
              match: 't',
              share: [
                chance.of(['event.a', 'event.a - event.b', 'event.a / (event.b - 1)']),
                chance.of(['was.a', 'was.a + was.b', '70']),
              ],
              within: chance.of(['1h', '3d', '90d']),
              ...(chance.odds(0.5) ? { round: chance.of(['down', 'up', 'half-up']) } : {}),
            },
          ],
        }),
  }
}

const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z')

function randomExpiry(chance: Chance): Doc {
  if (chance.odds(0.5)) return chance.of(['30d', '366d', 'never'])
  const plus = chance.of(['1mo', '3mo', '1y', '17mo', '40d'])
  return { end: chance.of(['day', 'month', 'quarter', 'year']), plus }
}

function randomCaps(chance: Chance, hasFields: boolean): Doc {
  const caps: Doc = {}
  for (let i = chance.int(1, 3); i > 0; i--) {
    const fields = hasFields && chance.odds(0.3) ? `/${chance.of(['t', 'u,f', 'a'])}` : ''
    const scope = chance.odds(0.25)
      ? 'event'
      : `${chance.of(['member', 'member', 'programme'])}/${chance.of(PERIODS)}${fields}`
    caps[scope] = chance.int(0, chance.of([5, 90, 900, 900]))
  }
  return caps
}

function randomRule(chance: Chance, id: string, hasTiers: boolean, groups: readonly string[], campaigns: Doc[]): Doc {
  const isStreak = chance.odds(0.25)
  const who = chance.odds(0.8) ? 'member' : 'programme'
  const fields = chance.odds(0.4) ? `/${chance.of(['t', 'u', 't,u', 'f', 'a'])}` : ''
  const once = isStreak ? 'member/day' : chance.odds(0.4) ? `${who}/${chance.of(PERIODS)}${fields}` : undefined
  return {
    id,
    on: chance.of(['e', 'e', 'f', 'back']),
    ...(chance.odds(0.5) ? { group: chance.of(groups) } : {}),
    ...(campaigns.length > 0 && chance.odds(0.5) ? { campaign: 'sale' } : {}),
    ...(chance.odds(0.4) ? { when: randomCondition(chance, hasTiers, 3) } : {}),
    ...(once === undefined ? {} : { once }),
    points: isStreak
      ? { streak: Array.from({ length: chance.int(2, 5) }, () => chance.int(1, 30)) }
      : randomAmount(chance),
    ...(hasTiers && chance.odds(0.5) ? { times: { top: [chance.int(1, 9), chance.int(1, 4)] } } : {}),
    ...(chance.odds(0.3) ? { round: chance.of(['down', 'up', 'half-up']) } : {}),
    ...(chance.odds(0.5) ? { cap: randomCaps(chance, true) } : {}),
    ...(chance.odds(0.2) ? { unit: 'other' } : {}),
    ...(chance.odds(0.2) ? { matures: chance.of(['now', '1h', '20d']) } : {}),
    ...(chance.odds(0.2) ? { expires: chance.of(['never', '61d']) } : {}),
  }
}

function randomAmount(chance: Chance): Doc {
  if (chance.odds(0.4)) return chance.int(0, 40)
  const of = chance.of([
    'event.a',
    'event.xs',
    'event.ls.map(l, l.v)',
    `event.ls.filter(l, l.k != 'x').map(l, l.v * 2)`,
    `event.xs.filter(x, x > ${chance.int(-9, 50)})`,
    `${randomInt(chance, 2)}`,
    'event.a * event.b * 1000000007',
  ])
  if (chance.odds(0.4)) return { rate: [chance.int(1, 30), chance.int(1, 30)], of }
  return { per: chance.int(1, 40), of, give: chance.int(0, 4) }
}

function randomInt(chance: Chance, depth: number): string {
  if (depth === 0 || chance.odds(0.3))
    return chance.of([
      'event.a',
      'event.b',
      `${chance.int(0, 99)}`,
      `-${chance.int(1, 9)}`,
      'size(event.xs)',
      'event.t.size()',
      'event.o',
    ])
  const [a, b] = [randomInt(chance, depth - 1), randomInt(chance, depth - 1)]
  if (chance.odds(0.15)) return `(${randomCondition(chance, false, depth - 1)} ? ${a} : ${b})`
  return `(${a} ${chance.of(['+', '-', '*', '/', '%'])} ${b})`
}

function randomCondition(chance: Chance, hasTiers: boolean, depth: number): string {
  if (depth === 0 || chance.odds(0.3)) {
    if (hasTiers && chance.odds(0.3)) return `member.tier ${chance.of(['==', '!='])} '${chance.of(['low', 'top', ''])}'`
    return chance.of([
      'event.f',
      'has(event.o)',
      `event.t in ['a', 'b']`,
      `event.t == event.u`,
      `event.u.startsWith('b')`,
      `event.a in [1, ${chance.int(0, 60)}, -3]`,
      `event.xs.exists(x, x > ${chance.int(0, 60)})`,
      `event.ls.all(l, l.k == 'x' || l.v / event.b > 2)`,
      'event.o > 3',
      `at.weekday == ${chance.int(1, 7)}`,
      `at.hour >= ${chance.int(0, 23)}`,
      `at.date in [1, 28, 29, 31] || at.month == 12`,
      'true',
    ])
  }
  const condition = () => randomCondition(chance, hasTiers, depth - 1)
  if (chance.odds(0.2)) return `!(${condition()})`
  if (chance.odds(0.5)) return `(${condition()} ${chance.of(['&&', '||'])} ${condition()})`
  return `${randomInt(chance, 1)} ${chance.of(['<', '<=', '>', '>=', '==', '!='])} ${randomInt(chance, 1)}`
}

function randomTiers(chance: Chance, rules: readonly Doc[]): Doc {
  const over = chance.odds(0.6) ? { rolling: chance.int(1, 20) } : { calendar: chance.of(['month', 'quarter', 'year']) }
  const low = chance.int(1, 60)
  return {
    by: [chance.of(rules).id, ...(chance.odds(0.3) ? [rules[0].id] : [])].filter((id, i, all) => all.indexOf(id) === i),
    over,
    ...(chance.odds(0.6) ? { grace: chance.int(0, 12) } : {}),
    levels: [
      { id: 'low', from: low },
      { id: 'top', from: low + chance.int(1, 90) },
    ],
  }
}

/** Events in an order in which they may come: around a turn of the calendar, some late, some twice. */
export function randomEvents(chance: Chance, doc: Doc, count: number): Doc[] {
  const turn = Date.parse(doc.from) + 40 * DAY
  const members = ['m', 'm', 'm', 'm', 'm', 'n']
  let time = turn - chance.int(0, 5) * DAY
  const events: Doc[] = []
  for (let i = 0; i < count; i++) {
    if (events.length > 0 && chance.odds(0.04)) {
      events.push(chance.of(events))
      continue
    }
    time += Math.floor(
      chance.of([0, 1, 60_000, 3_600_000, 8 * 3_600_000, DAY, chance.odds(0.1) ? 30 * DAY : DAY]) * chance.next() * 2,
    )
    // Now and then exactly at a midnight of the offset, or a millisecond before.
    if (chance.odds(0.2)) time += DAY - ((time + offsetOf(doc)) % DAY) - chance.int(0, 1)
    const isLate = chance.odds(0.15)
    const at = isLate ? time - chance.of([1, 60_000, 3_600_000, 30 * 3_600_000, 5 * DAY]) : time
    events.push({
      id: `id${i}`,
      type: chance.of(doc.reversals === undefined ? ['e', 'e', 'f', 'back'] : ['e', 'f', 'back', 'back']),
      time: at,
      member: chance.of(members),
      data: {
        a: chance.odds(0.02) ? chance.int(2 ** 50, 2 ** 53 - 1) : chance.int(-5, 120),
        b: chance.int(-2, 6),
        t: chance.of(doc.reversals === undefined ? ['a', 'b', 'c', '𝒳"'] : ['a', 'a', 'a', 'b', '𝒳"']),
        u: chance.of(['a', 'b']),
        f: chance.odds(0.5),
        ...(chance.odds(0.5) ? { o: chance.int(0, 9) } : {}),
        xs: Array.from({ length: chance.int(0, 4) }, () => chance.int(-20, 90)),
        ls: Array.from({ length: chance.int(0, 3) }, () => ({ k: chance.of(['x', 'y']), v: chance.int(-9, 200) })),
      },
    })
  }
  return events
}

function offsetOf(doc: Doc): number {
  return (doc.day[0] === '-' ? -1 : 1) * (Number(doc.day.slice(1, 3)) * 60 + Number(doc.day.slice(4))) * 60_000
}
