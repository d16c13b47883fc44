import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { ruleTexts } from '../../src/audit/rule-texts.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { checkOne } from '../../src/programmes/index.ts'
import { IssuingWorld } from '../issuing/issuing-world.ts'
import { programmeOf, small } from '../programmes/shop.ts'
import { OPERATOR_KEY } from '../world.ts'

// The events of members, handed over whole, are chains without a gap: SPEC §11.

const START = Date.parse('2027-01-15T08:00:00Z')
const CAPPED = { id: 'act', on: 'act', points: 3, cap: { 'member/day': 8 }, when: 'event.count > 0' }
const MORE = { id: 'more', on: 'act', points: 1, once: 'member/day/item', when: 'event.count > 0' }
const DRAFT = small({
  ...{
    unit: 'coins',
    rules: [CAPPED, { ...MORE, cap: { 'programme/day': 6 } }],
  },
  reversals: [{ on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }],
})

describe('counters of everyone', () => {
  const CAP = 40
  const draft = small({
    ...{ unit: 'coins', rules: [{ id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 } }] },
    caps: { all: { 'programme/day': CAP } },
  })
  let shop: IssuingWorld
  beforeAll(async () => {
    shop = await IssuingWorld.create([draft], [], { nowMs: START })
    await shop.open('small')
  })
  afterAll(() => shop.destroy())

  test('of the issuing service, the auditor and a member agree, also when the service begins again', async () => {
    let made = 0
    const act = (member: string) => {
      return { id: `e${made++}`, type: 'act', time: START, member, data: { item: 'i', count: 7 } }
    }
    const given: number[] = []
    const round = async (...members: string[]) => {
      for (const { earned } of await shop.take(...members.map(act))) given.push(earned)
      await shop.seal()
    }
    await round('ann', 'bob', 'cyd')
    // With its folder, and without it: then it finds on the ledger what was counted.
    await shop.open('small')
    await round('bob', 'dan')
    await shop.close()
    await rm(shop.folder, { recursive: true })
    await shop.open('small')
    await round('ann', 'eve', 'bob', 'cyd', 'dan')
    expect(given).toEqual([7, 7, 7, 7, 7, 5, 0, 0, 0, 0])
    const members = ['ann', 'bob', 'cyd', 'dan', 'eve']
    const balances = await Promise.all(members.map(member => shop.balance(member)))
    expect(balances).toEqual([12, 14, 7, 7, 0])
    expect(balances.reduce((sum, one) => sum + one, 0)).toBe(CAP)
    // A member, alone with one reward: what it says was counted before makes of 7 points 5.
    const programme = programmeOf(draft)
    const texts = [...shop.details.values()].map(({ text }) => text)
    expect(texts.map(text => checkOne(programme, text).due).sort((a, b) => a - b)).toEqual([5, 7, 7, 7, 7, 7])
    const cut = texts.find(text => text.includes('"cuts"'))!
    expect(() => checkOne(programme, cut.replace('"all programme/day":35', '"all programme/day":34'))).toThrow()
    // The auditor, with all of them: the parts of the cap stand beside each other, up to its end.
    async function* source() {
      yield* shop.service.chains()
    }
    const client = shop.served.client(shop.served.keys.auditor)
    const { texts: rules } = await ruleTexts(client, undefined)
    const held = new Map([...shop.details].map(([commitment, { text }]) => [keyOf(fromHex(commitment)), text]))
    const rewards = new Rewards(held, rules, source())
    const { policy } = shop.world
    const report = await audit({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    expect(report.faults).toEqual([])
    expect(report.rewards!.chains).toMatchObject({ wrong: 0, everyone: 1 })
  })
})

describe('chains of members', () => {
  let shop: IssuingWorld
  let whole: { accounts: number[]; texts: string[] }[]

  beforeAll(async () => {
    shop = await IssuingWorld.create([DRAFT], [], { nowMs: START })
    await shop.open('small')
    let made = 0
    const event = (member: string, item: string, count: number, type = 'act') => {
      return { id: `e${made++}`, type, time: START, member, data: { item, count } }
    }
    for (const member of ['ann', 'bob'])
      await shop.take(
        ...[event(member, 'a', 1), event(member, 'b', 0), event(member, 'c', 2), event(member, 'd', 1)],
        ...[event(member, 'c', 1, 'undo'), event(member, 'e', 1)],
      )
    whole = []
    for await (const one of shop.service.chains()) whole.push(one)
    whole.sort((a, b) => a.accounts[0]! - b.accounts[0]!)
  })
  afterAll(() => shop.destroy())

  const audited = async (chains: typeof whole, without = '') => {
    await shop.seal()
    const client = shop.served.client(shop.served.keys.auditor)
    const { texts } = await ruleTexts(client, undefined)
    const held = new Map([...shop.details].map(([commitment, { text }]) => [keyOf(fromHex(commitment)), text]))
    for (const [key, text] of held) if (text === without) held.delete(key)
    async function* source() {
      yield* chains
    }
    const rewards = new Rewards(held, texts, source())
    const { policy } = shop.world
    const report = await audit({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    return { faults: report.faults.map(({ code, message }) => `${code}: ${message}`), ...report.rewards!.chains! }
  }
  const nOf = (text: string) => (JSON.parse(text) as { n: number }).n
  const changed = (change: (texts: string[]) => string[]) => [
    { ...whole[0]!, texts: change(whole[0]!.texts) },
    whole[1]!,
  ]

  test('of honest members are whole, in any order, and where the log alone has the rewards', async () => {
    expect(whole.map(({ accounts, texts }) => [accounts.length, new Set(texts.map(nOf)).size])).toEqual([
      [1, 6],
      [1, 6],
    ])
    const found = { faults: [], members: 2, numbers: 12, wrong: 0, everyone: 1 }
    expect(await audited(whole)).toEqual(found)
    expect(await audited(changed(texts => texts.toReversed()))).toEqual(found)
    // What is an entry of the log need not be handed over again.
    expect(await audited(changed(texts => texts.filter(text => text.includes('"nothing"'))))).toEqual(found)
    expect(await audited([])).toEqual({ faults: [], members: 0, numbers: 0, wrong: 0, everyone: 0 })
  })

  test('counters of everyone are what all rewards make, where all members are handed over', async () => {
    // Alone, and among her own, nobody sees that a cap had counted less.
    const lied = whole.map(({ accounts, texts }) => {
      return { accounts, texts: texts.map(text => text.replace('"more programme/day":6', '"more programme/day":7')) }
    })
    expect(lied).not.toEqual(whole)
    const { faults, wrong } = await audited(lied)
    expect([faults, wrong]).toEqual([[expect.stringContaining('chain: the events of all members under small: ')], 1])
    expect(faults[0]).toMatch(/counts 7 before it under more programme\/day, and what all were given never made that/)
    // Of some members nobody can say it.
    const some = lied.filter(({ texts }) => texts.some(text => text.includes('"more programme/day":7')))
    expect(await audited(some)).toMatchObject({ faults: [], everyone: 0 })
  })

  test.each<[string, (texts: string[]) => string[], RegExp]>([
    ['an event that earned nothing is left out', texts => texts.filter(text => nOf(text) !== 2), /number 2 is missing/],
    ['a text is of another event', texts => texts.map(text => text.replace('"item":"b"', '"item":"z"')), /$/],
    [
      'an event is there twice',
      texts => [...texts, texts.find(text => nOf(text) === 2)!.replace('"n":2', '"n":7')],
      /7/,
    ],
    ['one is made up', texts => [...texts, texts.find(text => nOf(text) === 2)!.replace('"n":2', '"n":9')], /missing/],
    ['a reason is another', texts => texts.map(text => text.replace('"why":"when"', '"why":"once"')), /number 2/],
  ])('%s', async (what, change, says) => {
    const { faults, wrong } = await audited(changed(change))
    if (what === 'a text is of another event') {
      // What earned nothing, whatever it was, changes no counter: only its signature says what it was.
      expect(faults).toEqual([])
      return
    }
    expect([faults, wrong]).toEqual([[expect.stringMatching(/^chain: accounts \d+: their events under small: /)], 1])
    expect(faults[0]).toMatch(says)
  })

  test('erased details may be missing, and no others', async () => {
    const { world } = shop
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    const [commitment, { text }] = [...shop.details].find(([, one]) => one.text.includes('"item":"a"'))!
    const account = whole[0]!.accounts[0]!
    const isOf = (one: string) => nOf(one) === nOf(text) && one.includes(`"id":"${JSON.parse(text).event.id}"`)
    const chains = changed(texts => texts.filter(one => one !== text))
    // Nobody has it, and no entry says that it was erased.
    expect((await audited(chains, text)).faults).toEqual([expect.stringContaining('an issue is missing')])
    const erase = { kind: 'erase', account, details: fromHex(commitment) } as const
    const record = world.log.ledger.state.registry.records.length - 1
    const { statuses } = await world.submit([{ record, key: OPERATOR_KEY }], world.bytes(erase))
    expect(statuses[0]).toBe(ACCEPTED)
    expect((await audited(chains, text)).faults).toEqual([])
    const all = changed(texts => texts.filter(one => !isOf(one) && nOf(one) !== 2))
    expect((await audited(all, text)).faults).toEqual([expect.stringContaining('number 2 is missing')])
  })
})
