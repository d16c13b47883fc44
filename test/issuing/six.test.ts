import { afterEach, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { idTimeMs } from '../../src/core/entry/id.ts'
import { checkExchange, checkSpend, checkTier, mostSpendable, settlementOf } from '../../src/programmes/index.ts'
import { examples } from '../programmes/page.ts'
import { OPERATOR_KEY, type WorldDraft } from '../world.ts'
import { DAY } from './issuing-world.ts'
import { ProgrammeRun } from './programme-run.ts'

// The six programmes of docs/programmes.md, each from its events over HTTP to a member's statement and an auditor's
// clean replay.

describe('six programmes, from events to a statement and a clean audit', () => {
  let run: ProgrammeRun
  afterEach(() => run?.shop.destroy())
  const rows = (name: string) => examples().get(name)!
  const allRows = async (name: string) => {
    for (const row of rows(name)) await run.row(row)
  }

  test('coins: streaks, caps and returns; then part payment at checkout', async () => {
    run = await ProgrammeRun.open('coins', [])
    await allRows('coins')
    const { shop, programme } = run
    const { world } = shop
    const balance = await shop.balance('one')
    expect(balance).toBe(5 + 6 + 7 + 10 + 500 + 10 + 1 - 250 + 5 + 10 + 30 + 12 + 3 + 50 + 5 + 6)
    world.nowMs += 8 * DAY
    const account = (await shop.account('one'))!
    const { treasury } = shop.places.get('coins')!
    const merchant = await run.merchant(treasury)
    const most = mostSpendable(programme.spend!, 1000, balance)
    const { text, details } = run.commit({ programme: programme.digest, spend: 'o9', total: 1000 })
    expect(checkSpend(programme, text, most)).toMatchObject({ order: 'o9', total: 1000, cents: 300 })
    const hold = (amount: number) => {
      const until = world.nowMs + programme.spend!.holdMs!
      return { kind: 'hold', debit: account, credit: treasury, amount, until, details } as const
    }
    const owner = run.owner('one', account)
    const held = await run.act([owner], hold(most))
    const paid = await run.act([merchant], {
      kind: 'capture',
      debit: account,
      credit: treasury,
      amount: most,
      hold: held,
    })
    expect(await shop.balance('one')).toBe(balance - most)
    const cancelled = await run.act([owner], hold(50))
    await run.act([merchant], { kind: 'release', account, hold: cancelled })
    await run.act([merchant], { kind: 'reverse', debit: treasury, credit: account, amount: most, original: paid })
    expect(await shop.balance('one')).toBe(balance)
    await run.close(['one'])
  })

  test('member points and tiers: growth apart from points, benefits, and what a return takes', async () => {
    run = await ProgrammeRun.open('membership', ['points', 'growth'])
    await allRows('membership')
    const { shop } = run
    const { world } = shop
    const growth = 600 + 500 + 100 + 4000 + 99 - 4000 + 100 + 1 + 200 + 1 + 100 + 100
    expect(await shop.balance('one', 'growth')).toBe(growth)
    const day = (text: string) => Date.parse(`${text}T12:00:00+08:00`)
    expect(shop.service.tierOf('one', day('2027-12-31')).id).toBe('silver')
    expect(shop.service.tierOf('one', day('2028-01-01')).id).toBe('')
    // Each tier stands on the ledger, as the statement of her growth shows it, with what it counts.
    await shop.service.tellTiers()
    const account = (await shop.account('one', 'growth'))!
    await shop.seal()
    const told = (await shop.statement(account)).lines.flatMap(({ transaction }) =>
      transaction.kind === 'set-status' ? [transaction] : [],
    )
    const levels = ['', 'silver', 'gold']
    const until = (text: string) => Date.parse(`${text}T00:00:00+08:00`)
    expect(told.map(({ tier, until: end }) => [levels[tier], end]).slice(0, 3)).toEqual([
      ['silver', until('2028-01-01')],
      ['gold', until('2028-01-01')],
      ['silver', until('2028-01-01')],
    ])
    for (const set of told) {
      const behind = shop.details.get(toHex(set.details!))!.text
      checkTier(run.programme, behind, idTimeMs(set.id), { tier: set.tier, untilMs: set.until })
    }
    // It ends with time, of itself; what is earned since then gives none.
    world.nowMs = day('2028-02-01')
    await shop.service.tellTiers()
    await shop.seal()
    expect((await shop.statement(account)).statuses).toEqual([])
    await run.close(['one'])
  })

  test('farm: drops of daily tasks, watered into growth, and a ripe crop', async () => {
    run = await ProgrammeRun.open('farm', ['drops', 'growth'])
    await allRows('farm')
    const { shop, programme } = run
    const [drops, growth] = [shop.places.get('drops')!, shop.places.get('growth')!]
    const rate = shop.world.log.ledger.state.registry.records.length
    await run.act([shop.world.root], {
      kind: 'publish-rate',
      name: 'water',
      unit: drops.unit,
      budget: growth.budget,
      give: 1,
      get: 1,
    })
    const account = (await shop.account('one', 'drops'))!
    const plants = await shop.openAccount('one', 'growth')
    const owner = run.owner('one', account)
    const water = async (times: number) => {
      const { text, details } = run.commit({ exchange: 'water', programme: programme.digest, times })
      expect(checkExchange(programme, text, 10 * times)).toMatchObject({ id: 'water', times })
      const amount = 10 * times
      await run.act([owner], {
        ...{ kind: 'convert', debit: account, credit: drops.treasury, amount, rate, budget: growth.budget },
        ...{ account: plants, gained: amount, expires: 0, details },
      } as WorldDraft)
    }
    await water(1)
    await water(220)
    expect(await shop.balance('one', 'drops')).toBe(10 + 90 + 200 + 500 + 1500 - 2210)
    expect(await shop.balance('one', 'growth')).toBe(2210)
    // Ripe is what has 3,000: a week of orders later it is claimed for a parcel, by the number on the label.
    const week = Date.parse('2026-12-08T08:00:00+08:00')
    await run.send(
      ...Array.from({ length: 4 }, (_, i) => run.event('one', 'order', week, { order: `w${i}`, paid: 50_000 })),
    )
    await water(80)
    expect(await run.claim('one', 'parcel', 'SF-1000117')).toBe(0)
    expect(await shop.balance('one', 'growth')).toBe(3010 - 3000)
    await run.close(['one', 'other'])
  })

  test('forest: energy ripens, friends take of it within limits, the owner collects the rest', async () => {
    run = await ProgrammeRun.open('forest', ['energy'], {
      take: { each: 10, most: 15, keep: 60, day: 200, open: 1 },
      collect: 0,
    } as Partial<WorldDraft>)
    const { shop } = run
    const { world } = shop
    const start = Date.parse('2026-12-01T08:00:00+08:00')
    const [answer] = await run.send(run.event('one', 'steps', start, { count: 10_000 }))
    const { matures, expires } = answer!.rewards[0]!
    const account = (await shop.account('one', 'energy'))!
    const friends = ['ann', 'bob', 'cat']
    world.nowMs = start + DAY + 60_000
    for (const friend of friends) {
      const credit = await shop.openAccount(friend, 'energy')
      await run.act([run.owner(friend, credit)], { kind: 'take', debit: account, credit, amount: 15, matures, expires })
    }
    await run.act([run.owner('one', account)], { kind: 'collect', account, matures, expires })
    expect(await shop.balance('one', 'energy')).toBe(200 - 45)
    for (const friend of friends) expect(await shop.balance(friend, 'energy')).toBe(15)
    for (const row of rows('forest').slice(2)) await run.row(row)
    // What was collected stays, what nobody collected is gone after 72 hours. 34 more days of all that a day can give
    // make one tree, with a number, a name of its own and a certificate.
    await run.act([world.root], world.registerKey('operator', OPERATOR_KEY))
    world.nowMs += 6 * DAY
    for (let day = 0; day < 34; day++) {
      const at = start + (10 + day) * DAY
      const acts = [
        run.event('one', 'steps', at, { count: 10_000 }),
        ...[1, 2, 3, 4, 5].map(i => run.event('one', 'metro', at, { trip: `t${day}-${i}` })),
        ...[1, 2, 3, 4].map(i => run.event('one', 'no-cutlery', at, { order: `c${day}-${i}` })),
      ]
      const { matures, expires } = (await run.send(...acts))[0]!.rewards[0]!
      world.nowMs = at + DAY
      await run.act([run.owner('one', account)], { kind: 'collect', account, matures, expires })
    }
    // Hers, and what three friends took and did not collect.
    expect(await world.log.operator.endWhatIsDue()).toBe(4)
    const tree = await run.claim('one', 'saxaul', 'saxaul 2027-000001')
    expect(tree).toBe(0)
    expect(await shop.balance('one', 'energy')).toBe(155 + 34 * 524 - 17_900)
    await run.close(['one'])
  })

  test('creators: commission cites its sale, a meter measures, returns take back', async () => {
    run = await ProgrammeRun.open('creators', ['commission', 'exposure'])
    const { shop } = run
    // The sale is an entry of the log: here a purchase that was paid in coins.
    const sale = toHex(await run.act([shop.world.issuer], shop.world.issue(2, 30)))
    for (const row of rows('creators')) await run.row({ ...row, data: row.data.replace(/018d3f6c[0-9a-f]+/, sale) })
    expect(await shop.balance('one', 'commission')).toBe(6499 - 2167 - 4332)
    expect(await shop.balance('one', 'exposure')).toBe(12 + 5 + 488)
    await run.close(['one'])
  })

  test('merchants: a shop fills its budget, issues within it, takes points, and settles', async () => {
    run = await ProgrammeRun.open('merchants', ['stars'])
    await run.shop.fund('stars', 5_000_000)
    await allRows('merchants')
    const { shop, programme } = run
    const { world } = shop
    const stars = shop.places.get('stars')!
    expect(await shop.balance('one', 'stars')).toBe(123 + 999_900 + 200 - 123)
    world.nowMs += 20 * DAY
    const till = await shop.openMerchant('stars')
    const merchant = await run.merchant(till)
    const account = (await shop.account('one', 'stars'))!
    const { text, details } = run.commit({ programme: programme.digest, spend: 'o6', total: 20_000 })
    expect(checkSpend(programme, text, 12_345)).toMatchObject({ cents: 12_345 })
    const taken = { kind: 'redeem', debit: account, credit: till, amount: 12_345, details } as const
    await run.act([run.owner('one', account)], taken)
    // Of what it took it puts 10,000 into a budget of its own, and issues by the same programme from there.
    const terms = { unit: stars.unit, terms: world.terms(stars.unit), nonce: new Uint8Array(32).fill(5) }
    const own = world.log.ledger.state.accounts.count
    await run.act([world.treasurer], { kind: 'open-account', accountKind: 'budget', sponsor: till, ...terms })
    await run.act([merchant], { kind: 'fund', debit: till, credit: own, amount: 10_000 })
    const issuer = await shop.registerIssuer([own])
    const place = { unit: stars.unit, budget: own }
    await shop.open('merchants', { issuer, placeOf: () => place, reversalMs: () => world.nowMs })
    const bought = { order: 'o7', shop: 's1', cents: 40_000 }
    const [answer] = await run.send(run.event('one', 'purchase', world.nowMs, bought))
    expect(answer).toMatchObject({ status: 'earned', earned: 400 })
    expect(world.log.ledger.state.accounts.balance(own)).toBe(10_000 - 400)
    // For the rest it asks at the end of the period: so many cents for so many points.
    expect(settlementOf(programme, 2345)).toBe(2298)
    const asked = await run.act([merchant], { kind: 'ask-settle', account: till, amount: 2345 })
    const settle = { kind: 'settle', debit: till, credit: stars.treasury, amount: 2345, original: asked } as const
    await run.act([world.treasurer], settle)
    expect(world.log.ledger.state.accounts.balance(till)).toBe(0)
    await run.close(['one', 'other'])
  })
})
