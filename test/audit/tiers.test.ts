import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { convictByReplay } from '../../src/audit/evidence/replay-evidence.ts'
import { Bundles } from '../../src/audit/read/bundles.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { commitmentOf, type SaltedText } from '../../src/core/entry/details.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { detailsOf, givenTier, type Programme, type TierDays } from '../../src/programmes/index.ts'
import { OTHER_MEMBER, ServedWorld } from '../http/server.ts'
import { hash } from '../lies/make/shop.ts'
import { Chance } from '../programmes/random.ts'
import { programmeOf, Shop } from '../programmes/shop.ts'
import { BUDGET, EVERY_BUDGET, FIRST_MEMBER, WINDOW_MS, type WorldDraft } from '../world.ts'

// Tiers that an issuer sets, and what an auditor makes of them: docs/programmes.md §7, SPEC §11.

const DAY = 86_400_000
/** Of what happens by chance. */
const SEED = 20_270_115
const START = Date.parse('2027-01-15T08:00:00Z')
const TIERS = {
  by: ['grow'],
  over: { rolling: 30 },
  grace: 5,
  levels: [
    { id: 'silver', from: 100 },
    { id: 'gold', from: 500 },
  ],
}
const DRAFT = {
  format: 'tallystick/programme/v1',
  name: 'club',
  version: 1,
  unit: 'coins',
  from: '2026-01-01T00:00Z',
  day: '+00:00',
  late: '10d',
  events: { order: { order: 'text', count: 'int' } },
  rules: [
    { id: 'grow', on: 'order', points: { per: 1, of: 'event.count', give: 1 } },
    { id: 'thanks', on: 'order', points: 7 },
  ],
  tiers: TIERS,
}

describe('tiers that were set', () => {
  let served: ServedWorld
  let shop: Shop
  let rule: number
  let held: Map<string, string>
  let texts: Map<string, string>
  let behind: SaltedText[]

  beforeEach(async () => {
    served = await ServedWorld.create({ nowMs: START })
    shop = new Shop(DRAFT)
    ;[held, texts, behind] = [new Map(), new Map(), []]
    rule = await publish(shop.programme)
  })
  afterEach(() => served.destroy())

  const publish = async ({ name, version, text, digest }: Programme): Promise<number> => {
    const { world } = served
    texts.set(digest, text)
    await act(world.root, {
      kind: 'publish-rule',
      name: `${name}-v${version}`,
      digest: hash(text),
      budgets: EVERY_BUDGET,
    })
    return world.log.ledger.state.registry.records.length - 1
  }
  /** Submits one transaction, which is accepted. Returns its id and log index. */
  const act = async (signer: Parameters<ServedWorld['world']['submit']>[0][0], draft: WorldDraft) => {
    const { world } = served
    const id = world.id()
    const { statuses, index } = await world.submit([signer], world.bytes(draft, id))
    expect([draft.kind, statuses[0]]).toEqual([draft.kind, ACCEPTED])
    return { id, at: index! + 1 }
  }
  const commit = (text: string) => {
    const one = { salt: hash(`salt ${behind.length}`), text }
    behind.push(one)
    const commitment = commitmentOf(one)
    held.set(keyOf(commitment), text)
    return commitment
  }
  /** An order of so much: its issues, by their rules. */
  const order = async (count: number, timeMs = served.world.nowMs, credit = FIRST_MEMBER) => {
    const name = `o${behind.length}`
    const taken = shop.happens(timeMs, 'order', { order: name, count }, String(credit), name)
    if (taken.status !== 'taken') throw new Error(taken.status)
    const made = new Map<string, { id: Uint8Array; amount: number }>()
    for (const [i, text] of detailsOf(shop.programme, taken).entries()) {
      const { rule: of, due } = taken.issues[i]!
      const issue = { kind: 'issue', debit: BUDGET, credit, amount: due, rule, details: commit(text) } as const
      made.set(of.id, { id: (await act(served.world.issuer, issue)).id, amount: due })
    }
    return made
  }
  const takeBack = (original: Uint8Array, amount: number) =>
    act(served.world.issuer, { kind: 'reverse', debit: FIRST_MEMBER, credit: BUDGET, amount, original })
  /** Sets the tier that these days give, or what a liar makes of it. */
  const set = (days: TierDays, change: object = {}, text?: string | null, account = FIRST_MEMBER) => {
    const { tier, untilMs: until, details } = givenTier(shop.programme, days, served.world.nowMs)
    const shown = text === null ? null : commit(text ?? details!)
    const draft = { kind: 'set-status', account, budget: BUDGET, rule, tier, until, details: shown } as const
    return act(served.world.issuer, { ...draft, ...change } as WorldDraft)
  }
  const audited = async (shown: ReadonlyMap<string, string> = held): ReturnType<typeof auditLog> => {
    await served.world.log.publisher.publish()
    const client = served.client(served.keys.auditor)
    const rewards = new Rewards(shown, texts)
    const { policy } = served.world
    return auditLog({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
  }
  const faults = async (shown?: ReadonlyMap<string, string>) => {
    const { report } = await audited(shown)
    return report.faults.map(({ code, at, message }) => [code, at, message])
  }
  const today = () => Math.floor(served.world.nowMs / DAY)

  test('are those that the programme gives, at each time, with details and without', async () => {
    const first = (await order(120)).get('grow')!
    await set([today(), 120])
    served.world.nowMs += 3 * DAY
    await order(400)
    await set([today() - 3, 120, today(), 400], {}, null)
    await takeBack(first.id, 50)
    await set([today() - 3, 70, today(), 400])
    served.world.nowMs += 40 * DAY
    await set([])
    const { report } = await audited()
    expect([report.faults, report.rewards!.tiers]).toEqual([[], { all: 4, evaluated: 4, wrong: 0 }])
    // What was taken back later was right when it was set: the third is judged by what stood then.
  })

  test.each<[string, () => Promise<{ readonly at: number }>, string]>([
    ['of another level than its days', () => set([today(), 120], { tier: 2 }), 'the details give tier 1 (silver)'],
    ['until another time', () => set([today(), 120], { until: START + DAY }), 'the details give tier 1 (silver)'],
    ['for days that are not so', () => set([today(), 500]), 'tier 1 (silver) until 2027-02-19'],
    ['for days that give the same', () => set([today(), 121]), '120], and not '],
    ['for days that count no more', () => set([today(), 120], {}, oldText()), 'counts for nothing any more'],
    ['whose details are of another level', () => set([today(), 120], {}, goldText()), '/tier: the days give tier 1'],
    ['without details, and not so', () => set([today(), 500], {}, null), 'by what stands on the log'],
    ['behind another text, and not so', () => set([today(), 500], {}, 'because'), 'by what stands on the log'],
    ['denied', () => set([]), 'tier 1 (silver) until 2027-02-19'],
    ['of a member who has nothing', () => set([today(), 120], {}, undefined, OTHER_MEMBER), 'gives no tier'],
  ])('%s are a fault, and convict by a file that shows what it takes', async (_, lie, says) => {
    await order(120)
    const { at } = await lie()
    const audit = await audited()
    expect(audit.report.faults.map(fault => [fault.code, fault.at])).toEqual([['tier', at]])
    expect(audit.report.faults[0]!.message).toContain(says)
    const { policy } = served.world
    const client = served.client(served.keys.auditor)
    const file = await accuse(audit, policy, {
      url: '',
      time: '2027-01-15T08:00:00Z',
      detailsOf: async commitments =>
        behind.filter(one => commitments.some(wanted => keyOf(wanted) === keyOf(commitmentOf(one)))),
    })
    expect(file).toMatchObject({ code: 'tier', needs: 'replay', evidence: { at } })
    const copy = { onRead() {}, onReplay() {}, from: 'here', bundles: new Bundles(client, audit.checkpoint) }
    expect(await convictByReplay(file, policy, copy)).toMatchObject({ code: 'tier' })
    // Anyone who shows less shows nothing: of issues that are not shown nothing is assumed.
    const { details = [], ...evidence } = file.evidence
    for (let i = 0; i < details.length; i++) {
      const fewer = { ...file, evidence: { ...evidence, details: details.toSpliced(i, 1) } }
      const code = details.length === 1 ? 'needs-replay' : 'not-proven'
      // What stands on the log says it too, where the text of the lie is the one that is left out.
      const isShownBy = details[i]!.text.includes('"days"') || details[i]!.text === 'because'
      if (isShownBy && details.length > 1) continue
      await expect(convictByReplay(fewer, policy, copy)).rejects.toMatchObject({ code })
    }
  })

  const oldText = () =>
    JSON.stringify({ days: [today() - 36, 9, today(), 120], programme: shop.programme.digest, tier: 'silver' })
  const goldText = () => JSON.stringify({ days: [today(), 120], programme: shop.programme.digest, tier: 'gold' })

  test('of an account that was not shown whole are judged by their details alone', async () => {
    const made = await order(500)
    const lie = await set([today(), 100])
    expect((await faults()).map(([code, at]) => [code, at])).toEqual([['tier', lie.at]])
    const fewer = new Map([...held].filter(([, text]) => !text.includes('"rule":"thanks"')))
    expect(made.size).toBe(2)
    expect(await faults(fewer)).toEqual([])
    expect((await audited(fewer)).report.rewards!.tiers).toEqual({ all: 1, evaluated: 1, wrong: 0 })
    expect((await audited(new Map())).report.rewards!.tiers).toEqual({ all: 1, evaluated: 0, wrong: 0 })
    // Nor is one of an account with points by a rule that nobody knows.
    const other = programmeOf({ ...DRAFT, name: 'other' })
    const unknown = await publish(other)
    texts.delete(other.digest)
    const issue = { kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount: 1, rule: unknown } as const
    await act(served.world.issuer, { ...issue, details: commit('of another') })
    await set([today(), 100])
    expect((await faults()).map(([code, at]) => [code, at])).toEqual([['tier', lie.at]])
  })

  test('by a document without tiers are a fault, and so are those of another unit', async () => {
    const { tiers: _, ...plain } = DRAFT
    const without = await publish(programmeOf({ ...plain, name: 'plain' }))
    await set([], { tier: 0, rule: without }, null)
    const one = await set([], { tier: 1, rule: without }, null)
    const growth = { ...DRAFT, name: 'growth', rules: DRAFT.rules.map(each => ({ ...each, unit: 'growth' })) }
    const elsewhere = await publish(programmeOf(growth))
    const two = await set([], { tier: 1, rule: elsewhere }, null)
    expect(await faults()).toEqual([
      ['tier', one.at, expect.stringContaining('plain-v1 (record 8) gives no tiers; set for account 2: tier 1')],
      ['tier', two.at, expect.stringContaining('gives tiers on accounts of growth')],
    ])
  })

  test('count what all versions gave', async () => {
    await order(300)
    const [before, record] = [shop, rule]
    shop = new Shop({ ...DRAFT, version: 2 })
    rule = await publish(shop.programme)
    await order(200)
    await set([today(), 500])
    expect(await faults()).toEqual([])
    ;[shop, rule] = [before, record]
    const { at } = await set([today(), 300])
    expect((await faults()).map(([code, index]) => [code, index])).toEqual([['tier', at]])
  })

  test('of whatever happened: the auditor finds those that were changed, and no others', async () => {
    const chance = new Chance(SEED)
    const counted = new Map<Uint8Array, { day: number; left: number; untilMs: number }>()
    const wrong: number[] = []
    for (let step = 0; step < 60; step++) {
      served.world.nowMs += chance.int(0, 4 * DAY)
      const timeMs = served.world.nowMs - chance.int(0, 3 * DAY)
      const { id, amount } = (await order(chance.int(1, 400), timeMs)).get('grow')!
      counted.set(id, { day: Math.floor(timeMs / DAY), left: amount, untilMs: served.world.nowMs + WINDOW_MS })
      const [original, one] = chance.of(
        [...counted].filter(([, { left, untilMs }]) => left > 0 && untilMs > served.world.nowMs),
      )
      if (chance.odds(0.3)) {
        const back = chance.int(1, one.left)
        await takeBack(original, back)
        one.left -= back
      }
      const sums = new Map<number, number>()
      for (const { day, left } of counted.values()) sums.set(day, (sums.get(day) ?? 0) + left)
      const days = [...sums]
        .filter(([, sum]) => sum > 0)
        .sort(([a], [b]) => a - b)
        .flat()
      const isLie = chance.odds(0.25)
      // One point more on the last day: what a liar's details say, with what they give.
      const { at } = await set(isLie ? days.with(-1, days.at(-1)! + 1) : days)
      if (isLie) wrong.push(at)
    }
    expect(wrong.length).toBeGreaterThan(5)
    expect(
      (await faults()).map(([code, at]) => [code, at]),
      `seed ${SEED}`,
    ).toEqual(wrong.map(at => ['tier', at]))
  })
})
