import { describe, expect, test } from 'vitest'
import { Chance } from '../programmes/random.ts'
import { BehaviourEvents, linesOf, type Purchase, Purchases, throughGateways, underBoth } from './programmes.ts'
import { notAtHand, realInput } from './real-input.ts'
import { pointsByMember } from './taobao.ts'

const BEHAVIOUR_FILE = realInput('taobao-user-behavior.csv.gz')
const INVOICE_FILE = realInput('online-retail.csv.gz')
const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const DAY = 86_400

/** Lines of behaviour around midnights in Beijing, many of a few members, some twice. */
function madeUpBehaviour(chance: Chance): string[] {
  const midnight = Date.UTC(2017, 10, 25, 16) / 1000
  return Array.from({ length: 8000 }, () => {
    const time = midnight + chance.int(-2, 2) * DAY + chance.of([-1, 0, 1, chance.int(-DAY, DAY)])
    return `${chance.int(1, 12)},${chance.int(1, 5)},1,${chance.of(['pv', 'pv', 'pv', 'pv', 'fav', 'cart', 'buy'])},${time}`
  })
}

/** Rows of invoices that stand together, of every price and sign. */
function madeUpInvoices(chance: Chance): string[] {
  return Array.from({ length: 600 }, (_, i) => {
    const time = new Date(Date.UTC(2010, 11, 1) + chance.int(0, 300 * DAY) * 1000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ')
    const isCancelled = chance.odds(0.1)
    const number = `${isCancelled ? 'C' : ''}${536_000 + i}`
    const customer = chance.odds(0.1) ? '' : `${chance.int(12_000, 12_030)}.0`
    return Array.from({ length: chance.int(1, 12) }, () => {
      const price = `${chance.int(0, 30)}.${chance.of(['0', '99', '85', '005', '5'])}`
      const quantity = chance.int(-2, 20) * (isCancelled ? -1 : 1)
      return `${number},85123A,"A ""HOLDER"", WHITE",${quantity},${time},${price},${customer},United Kingdom`
    })
  }).flat()
}

describe(`the rules of the importers as documents (TALLY_SEED=${SEED})`, () => {
  test('behaviour: line by line, of views the first forty of a member and day', () => {
    const lines = madeUpBehaviour(new Chance(SEED))
    const document = new BehaviourEvents()
    const views = new Map<string, number>()
    let capped = 0
    lines.forEach((line, i) => {
      const [member, , , kind, second] = line.split(',') as [string, string, string, string, string]
      const day = `${member} ${Math.floor((Number(second) + 8 * 3600) / DAY)}`
      const seen = (views.get(day) ?? 0) + (kind === 'pv' ? 1 : 0)
      views.set(day, seen)
      const wanted = kind === 'pv' && seen > 40 ? 0 : { pv: 1, fav: 2, cart: 5, buy: 50 }[kind as 'pv']
      if (wanted === 0) capped++
      expect(document.take(line), `line ${i + 1}: ${line}`).toBe(wanted)
    })
    expect(capped).toBeGreaterThan(100)
  })

  test('invoices: points and dates of each', () => {
    const lines = madeUpInvoices(new Chance(SEED))
    const document = new Purchases()
    const sums = new Map<string, { thousandths: number; hour: number }>()
    for (const line of lines) {
      document.add(line)
      const [, number, quantity, date, price, customer] =
        /^(\w+),[^,]+,"[^"]*"""*[^,]*,[^,]*",(-?\d+),([^,]+),([\d.]+),([\d.]*),/.exec(line) ?? []
      if (!customer || number!.startsWith('C')) continue
      const one = sums.get(number!) ?? { thousandths: 0, hour: Math.ceil(Date.parse(`${date}Z`) / 3_600_000) }
      one.thousandths += Number(quantity) * Math.round(Number(price) * 1000)
      sums.set(number!, one)
    }
    const quarters = (hour: number, days: number) => (hour + 24 * days) * 4
    const wanted = [...sums].flatMap(([invoice, { thousandths, hour }]) => {
      const points = Math.floor(thousandths / 1000)
      // 14 and 90 days after the end of the hour.
      return points > 0 ? [{ invoice, points, matures: quarters(hour, 14), expires: quarters(hour, 90) }] : []
    })
    const found = document.rewards().each.filter(({ points }) => points > 0)
    expect(wanted.length).toBeGreaterThan(300)
    expect(found).toEqual(wanted)
  })

  test('rows of an invoice that stand apart are summed before they are rounded', () => {
    const row = (number: number, price: string) => `${number},1,x,1,2010-12-01 08:26:00,${price},17850.0,x`
    const purchases = new Purchases()
    for (const line of [row(536365, '1.5'), row(536366, '1.0'), row(536365, '1.5')]) purchases.add(line)
    expect(purchases.rewards().sum.points).toBe(4)
  })

  test.skipIf(BEHAVIOUR_FILE === undefined)(
    `real behaviour${BEHAVIOUR_FILE ? '' : `: ${notAtHand('it')}`}`,
    async () => {
      const lines: string[] = []
      for await (const line of linesOf(BEHAVIOUR_FILE!)) if (line !== '') lines.push(line)
      const document = new BehaviourEvents()
      for (const line of lines) document.take(line)
      const { points, unrewarded, events } = pointsByMember(lines.join('\n'))
      const sum = [...points.values()].reduce((a, b) => a + b, 0)
      expect(document.sum).toEqual({ events, members: points.size, points: sum, unrewarded })
    },
  )

  test.skipIf(INVOICE_FILE === undefined)(`a real year${INVOICE_FILE ? '' : `: ${notAtHand('it')}`}`, async () => {
    const purchases = new Purchases()
    const thousandths = new Map<string, number>()
    for await (const line of linesOf(INVOICE_FILE!)) {
      purchases.add(line)
      // The sum by invoice once more, by the one who paid: from the end of the row, where nothing is quoted.
      const [, number, quantity, price, customer] =
        /^(\w+),.*,(-?\d+),[^,]+,(-?[\d.]+),([\d.]*),[^,]+$/.exec(line) ?? []
      if (!customer || number!.startsWith('C')) continue
      const key = `${number} ${customer}`
      thousandths.set(key, (thousandths.get(key) ?? 0) + Number(quantity) * Math.round(Number(price) * 1000))
    }
    const sum = [...thousandths.values()].reduce((all, one) => all + Math.max(0, Math.floor(one / 1000)), 0)
    expect(sum).toBe(8_902_670)
    expect(purchases.rewards().sum.points).toBe(sum)
  })

  /** Whole pounds of purchases, by the tier of the day before each: floor, and what gold and silver have more. */
  function memberPoints(all: readonly Purchase[]): { growth: number; points: number } {
    const days = new Map<string, [day: number, growth: number][]>()
    let [growth, points] = [0, 0]
    for (const { customer, timeMs, thousandths } of all) {
      const own = days.get(customer) ?? []
      days.set(customer, own)
      const day = Math.floor(timeMs / (1000 * DAY))
      const sumOn = (on: number) => own.reduce((sum, [at, some]) => sum + (at <= on && at > on - 365 ? some : 0), 0)
      const best = Math.max(...Array.from({ length: 31 }, (_, back) => sumOn(day - back)))
      const pounds = Math.floor(Math.floor(thousandths / 10) / 100)
      const [n, d] = best >= 5000 ? [3, 2] : best >= 1000 ? [11, 10] : [1, 1]
      points += Math.min(20_000, Math.floor((pounds * n) / d))
      growth += pounds
      if (pounds > 0) own.push([day, pounds])
    }
    return { growth, points }
  }

  /** Whole pounds of purchases, of each shop at most a million in a month. */
  function shopPoints(all: readonly Purchase[]): number {
    const months = new Map<string, number>()
    for (const { country, timeMs, thousandths } of all) {
      const key = `${country} ${new Date(timeMs).toISOString().slice(0, 7)}`
      const pounds = Math.floor(Math.floor(thousandths / 10) / 100)
      months.set(key, Math.min(1_000_000, (months.get(key) ?? 0) + pounds))
    }
    return [...months.values()].reduce((a, b) => a + b, 0)
  }

  function holdsUnder(purchases: Purchases): { growth: number; points: number; stars: number } {
    const found = underBoth(purchases) as { growth: number; points: number; stars: number }
    expect(found).toEqual({ ...memberPoints(purchases.all), stars: shopPoints(purchases.all) })
    return found
  }

  test('invoices under member points and tiers, and under shops together', () => {
    const purchases = new Purchases()
    for (const line of madeUpInvoices(new Chance(SEED))) purchases.add(line)
    expect(holdsUnder(purchases).growth).toBeGreaterThan(1000)
  })

  test('invoices under both through a gateway: the same', async () => {
    const purchases = new Purchases()
    for (const line of madeUpInvoices(new Chance(SEED))) purchases.add(line)
    expect(await throughGateways(purchases, 5)).toEqual(holdsUnder(purchases))
  })

  test.skipIf(INVOICE_FILE === undefined)(
    `a real year under member points and tiers, and under shops together${INVOICE_FILE ? '' : `: ${notAtHand('it')}`}`,
    async () => {
      const purchases = new Purchases()
      for await (const line of linesOf(INVOICE_FILE!)) purchases.add(line)
      const { growth, points, stars } = holdsUnder(purchases)
      console.log(`a year: growth ${growth}, points ${points}, stars ${stars}`)
      expect(growth).toBe(8_902_670)
    },
  )
})
