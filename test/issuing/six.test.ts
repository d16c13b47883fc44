import { createPrivateKey, sign } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { ruleTexts } from '../../src/audit/rule-texts.ts'
import { fromHex, toBase64, toHex } from '../../src/core/bytes.ts'
import { commitmentOf } from '../../src/core/entry/details.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { Derivation } from '../../src/issuing/index.ts'
import {
  CountersInMemory,
  canonicalText,
  checkChain,
  checkExchange,
  checkSpend,
  evaluate,
  type JsonObject,
  measurementMessage,
  mostSpendable,
  type Programme,
  parseEvent,
  parseProgramme,
  settlementOf,
} from '../../src/programmes/index.ts'
import { examples, type Row } from '../programmes/page.ts'
import { template } from '../programmes/shop.ts'
import { keyNumber, type Signer, type WorldDraft } from '../world.ts'
import { DAY, IssuingWorld, SECRET } from './issuing-world.ts'

// The six programmes of docs/programmes.md, each from its events over HTTP to a member's statement and an auditor's
// clean replay. Claims of items and settlements that a shop asks for are not part of it yet.

/** The secret of RFC 8032 §7.1, test 1, in the frame that Node reads. */
const METER = createPrivateKey({
  key: Buffer.from(
    fromHex('302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  ),
  format: 'der',
  type: 'pkcs8',
})

const MERCHANT = keyNumber(72)

/** A programme at work. */
class Run {
  readonly shop: IssuingWorld
  readonly programme: Programme
  readonly #counters = new CountersInMemory()
  #made = 0

  private constructor(shop: IssuingWorld, programme: Programme) {
    this.shop = shop
    this.programme = programme
  }

  static async open(name: string, units: readonly string[], more: Partial<WorldDraft> = {}): Promise<Run> {
    const from = Date.parse('2026-11-30T08:00:00Z')
    const policy = { offset: 88, grain: 1, ...more }
    const shop = await IssuingWorld.create([template(name)], units, { nowMs: from, policy })
    await shop.open(name, { reversalMs: () => shop.world.nowMs })
    return new Run(shop, parseProgramme(JSON.stringify(template(name))))
  }

  /** Sends the events of a row of the page, and holds the answers to what the function gives. */
  async row({ time, count, member, type, data }: Row): Promise<void> {
    const timeMs = Date.parse(`${time.replace(' ', 'T')}:00+08:00`)
    const events = Array.from({ length: count }, (_, i) => {
      const fields = JSON.parse(data.replaceAll('#', String(i + 1))) as JsonObject
      return this.event(member, type, timeMs, fields)
    })
    await this.send(...events)
  }

  event(member: string, type: string, time: number, data: JsonObject) {
    const id = `e${this.#made++}`
    const event = { id, type, time, member, data }
    if (this.programme.events.get(type)?.meter === undefined) return event
    const message = measurementMessage(this.programme.name, type, id, time, data)
    return { ...event, signature: toBase64(sign(null, message, METER)) }
  }

  async send(...events: readonly { readonly member: string; readonly time: number }[]) {
    const { shop, programme } = this
    // The ledger's time never goes back: late events are of the past.
    shop.world.nowMs = Math.max(shop.world.nowMs, ...events.map(({ time }) => time))
    const answers = await shop.take(...events)
    answers.forEach((answer, i) => {
      const event = parseEvent(programme, JSON.stringify(events[i]))
      const found = evaluate(programme, this.#counters.of(event.member), event)
      if (found.status !== 'taken') {
        expect(answer.status).toBe(found.status)
        return
      }
      this.#counters.apply(event.member, found.changes)
      const given = [
        ...found.issues.map(({ rule, due }) => [rule.id, due]),
        ...found.backs.map(({ rule, due }) => [rule.id, -due]),
      ]
      expect(
        answer.rewards.map(({ rule, amount, outcome }) => [rule, outcome === 'accepted' ? amount : outcome]),
        JSON.stringify(event.id),
      ).toEqual(given)
    })
    return answers
  }

  /** The details of what is signed for a member besides. */
  commit(value: JsonObject): { readonly text: string; readonly details: Uint8Array } {
    const text = canonicalText(value)
    const behind = { salt: new Uint8Array(32).fill(this.#made++), text }
    const details = commitmentOf(behind)
    this.shop.details.set(toHex(details), behind)
    return { text, details }
  }

  owner(member: string, account: number): Signer {
    const { seed, owner } = new Derivation(SECRET).member(member)
    return { account, key: { seed, publicKey: owner } }
  }

  /** Submits a transaction, which has to be accepted. */
  async act(signers: readonly Signer[], draft: WorldDraft): Promise<Uint8Array> {
    const { world } = this.shop
    const id = world.id()
    const { statuses } = await world.submit(signers, world.bytes(draft, id))
    expect(statuses[0], draft.kind).toBe(ACCEPTED)
    return id
  }

  /** The key of a shop's tills, for an account. */
  async merchant(account: number): Promise<Signer> {
    const { world } = this.shop
    const record = world.log.ledger.state.registry.records.length
    await this.act([world.root], world.registerKey('merchant', MERCHANT, [account]))
    return { record, key: MERCHANT }
  }

  /** All statements verify, all rewards are computed again, and each member's chain is whole. */
  async close(members: readonly string[]): Promise<void> {
    const { shop, programme } = this
    await shop.seal()
    const client = shop.served.client(shop.served.keys.auditor)
    const held = new Map([...shop.details].map(([commitment, { text }]) => [keyOf(fromHex(commitment)), text]))
    const { texts, missing } = await ruleTexts(client, undefined)
    const rewards = new Rewards(held, texts)
    const { policy } = shop.world
    const report = await audit({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    expect([missing, report.faults]).toEqual([[], []])
    const rule = report.rewards!.rules.find(one => one.name === `${programme.name}-v1`)!
    expect(rule.evaluated).toEqual(rule.all)
    expect(rule.all.issues).toBeGreaterThan(0)
    for (const member of members) {
      const own = shop.service.detailsOf(member)
      const found: string[] = []
      for await (const text of own) found.push(text)
      const { whole, numbers } = checkChain(programme, found, new Set())
      expect([member, whole]).toEqual([member, numbers])
    }
  }
}

describe('six programmes, from events to a statement and a clean audit', () => {
  let run: Run
  afterEach(() => run?.shop.destroy())
  const rows = (name: string) => examples().get(name)!
  const allRows = async (name: string) => {
    for (const row of rows(name)) await run.row(row)
  }

  test('coins: streaks, caps and returns; then part payment at checkout', async () => {
    run = await Run.open('coins', [])
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
    run = await Run.open('membership', ['points', 'growth'])
    await allRows('membership')
    const { shop } = run
    const growth = 600 + 500 + 100 + 4000 + 99 - 4000 + 100 + 1 + 200 + 1 + 100 + 100
    expect(await shop.balance('one', 'growth')).toBe(growth)
    const day = (text: string) => Date.parse(`${text}T12:00:00+08:00`)
    expect(shop.service.tierOf('one', day('2027-12-31')).id).toBe('silver')
    expect(shop.service.tierOf('one', day('2028-01-01')).id).toBe('')
    await run.close(['one'])
  })

  test('farm: drops of daily tasks, watered into growth, and a ripe crop', async () => {
    run = await Run.open('farm', ['drops', 'growth'])
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
    await run.close(['one', 'other'])
  })

  test('forest: energy ripens, friends take of it within limits, the owner collects the rest', async () => {
    run = await Run.open('forest', ['energy'], {
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
    // What was collected stays, what nobody collected is gone after 72 hours.
    world.nowMs += 6 * DAY
    await run.close(['one'])
  })

  test('creators: commission cites its sale, a meter measures, returns take back', async () => {
    run = await Run.open('creators', ['commission', 'exposure'])
    const { shop } = run
    // The sale is an entry of the log: here a purchase that was paid in coins.
    const sale = toHex(await run.act([shop.world.issuer], shop.world.issue(2, 30)))
    for (const row of rows('creators')) await run.row({ ...row, data: row.data.replace(/018d3f6c[0-9a-f]+/, sale) })
    expect(await shop.balance('one', 'commission')).toBe(6499 - 2167 - 4332)
    expect(await shop.balance('one', 'exposure')).toBe(12 + 5 + 488)
    await run.close(['one'])
  })

  test('merchants: a shop fills its budget, issues within it, takes points, and settles', async () => {
    run = await Run.open('merchants', ['stars'])
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
