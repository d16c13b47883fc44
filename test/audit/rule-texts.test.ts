import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { audit, auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { convictByReplay } from '../../src/audit/evidence/replay-evidence.ts'
import { Bundles } from '../../src/audit/read/bundles.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { ruleTexts } from '../../src/audit/rule-texts.ts'
import { TallyClient } from '../../src/client/index.ts'
import { toHex, utf8Encode } from '../../src/core/bytes.ts'
import { commitmentOf } from '../../src/core/entry/details.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import { checkOne, issueDetails } from '../../src/programmes/index.ts'
import { ServedWorld } from '../http/server.ts'
import { hash } from '../lies/make/shop.ts'
import { Shop, template } from '../programmes/shop.ts'
import { BUDGET, EVERY_BUDGET, FIRST_MEMBER } from '../world.ts'

// A programme is published, its text kept by the ledger, and what is issued under it computed again by an auditor.

/** One of two issues is under the rule: a world begins with one that names none. */
const HALF = 0.5

describe('rewards under a published programme', () => {
  let served: ServedWorld
  let server: Server
  let folder: string
  let client: TallyClient
  let rule: number
  let held: Map<string, string>
  const text = template('coins')

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-rules-'))
    served = await ServedWorld.create()
    const { world } = served
    const rules = new RuleFolder(join(folder, 'ledger'))
    server = await buildServer({ log: world.log, logger: undefined, version: 'test', rules })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    client = new TallyClient({ ...served.options, url, caller: served.keys.auditor })
    rule = world.log.ledger.state.registry.records.length
    const { programme } = new Shop(text)
    await client.as(served.keys.registrar).keepRuleText(utf8Encode(programme.text))
    const digest = hash(programme.text)
    expect(toHex(digest)).toBe(programme.digest)
    await world.submit(
      [world.root],
      world.bytes({ kind: 'publish-rule', name: 'coins-v1', digest, budgets: EVERY_BUDGET }),
    )
    await world.log.publisher.publish()
    held = new Map()
  })
  afterEach(async () => {
    await server.close()
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  const pay = async (details: string, amount: number, dates: { matures: number; expires: number }) => {
    const { world } = served
    const salt = hash(`salt ${held.size}`)
    const commitment = commitmentOf({ salt, text: details })
    held.set(keyOf(commitment), details)
    const issue = { kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount, rule, details: commitment } as const
    await world.submit([world.issuer], world.bytes({ ...issue, ...dates }))
    await world.log.publisher.publish()
  }
  const audited = async (kept?: RuleFolder) => {
    const { texts, missing } = await ruleTexts(client, kept)
    const rewards = new Rewards(held, texts)
    const { policy } = served.world
    const report = await audit({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    return { missing, faults: report.faults.map(({ code }) => code), share: report.rewards!.share.issues }
  }
  const signIn = () => {
    const shop = new Shop(text)
    const taken = shop.taken('2026-12-01T10:00+08:00', 'sign-in')
    const details = issueDetails(shop.programme, taken, taken.issues[0]!)
    const { due, matures, expires } = checkOne(shop.programme, details)
    return { details, due, dates: { matures, expires } }
  }

  test('are found to be what it gives', async () => {
    const { details, due, dates } = signIn()
    await pay(details, due, dates)
    expect(await audited()).toEqual({ missing: [], faults: [], share: HALF })
  })

  test.each([
    ['more than is due', (due: number) => due + 1],
    ['less than is due', (due: number) => due - 1],
  ])('are a fault where they are %s', async (_, amount) => {
    const { details, due, dates } = signIn()
    await pay(details, amount(due), dates)
    expect((await audited()).faults).toEqual(['reward'])
  })

  test('are a fault where details do not give what they say, or dates are others', async () => {
    const { details, due, dates } = signIn()
    await pay(details.replace(`"due":${due}`, `"due":${due + 500}`), due + 500, dates)
    expect((await audited()).faults).toEqual(['reward'])
    held.clear()
    await pay(details, due, { ...dates, expires: dates.expires + 4 })
    expect((await audited()).faults).toEqual(['reward'])
  })

  test('are a fault where one event is rewarded twice', async () => {
    const { details, due, dates } = signIn()
    await pay(details, due, dates)
    await pay(details, due, dates)
    expect((await audited()).faults).toEqual(['reward'])
  })

  test('convict by a file that shows details and rule, and by nothing less', async () => {
    const { details, due, dates } = signIn()
    await pay(details, due + 1, dates)
    const { texts } = await ruleTexts(client, undefined)
    const { policy } = served.world
    const audited = await auditLog({
      ...{ client, policy, rewards: new Rewards(held, texts), tuning: { thread: false, markMs: 0 }, onProgress() {} },
    })
    const shown = { salt: hash('salt 0'), text: details }
    const file = await accuse(audited, policy, {
      url: '',
      time: '2027-01-15T08:00:00Z',
      detailsOf: async () => [shown],
    })
    expect(file).toMatchObject({ code: 'reward', evidence: { rule: expect.any(String) } })
    const copy = { onRead() {}, onReplay() {}, from: 'here', bundles: new Bundles(client, audited.checkpoint) }
    expect(await convictByReplay(file, policy, copy)).toMatchObject({ code: 'reward' })
    const { rule: _, ...evidence } = file.evidence
    await expect(convictByReplay({ ...file, evidence }, policy, copy)).rejects.toMatchObject({ code: 'not-proven' })
    const other = { ...file.evidence, rule: `${file.evidence.rule} ` }
    await expect(convictByReplay({ ...file, evidence: other }, policy, copy)).rejects.toMatchObject({
      code: 'not-proven',
    })
  })

  test('convict who counted from nothing again, by the details of two', async () => {
    const view = (item: string) => {
      const shop = new Shop(text)
      const taken = shop.happens('2026-12-01T10:00+08:00', 'view', { item, seconds: 20 }, 'm', item)
      if (taken.status !== 'taken') throw new Error(taken.status)
      const details = issueDetails(shop.programme, taken, taken.issues[0]!)
      return { details, ...checkOne(shop.programme, details) }
    }
    const texts = ['i1', 'i2'].map(view)
    for (const { details, due, matures, expires } of texts) await pay(details, due, { matures, expires })
    const { texts: rules } = await ruleTexts(client, undefined)
    const { policy } = served.world
    const audited = await auditLog({
      ...{ client, policy, rewards: new Rewards(held, rules), tuning: { thread: false, markMs: 0 }, onProgress() {} },
    })
    const shown = texts.map(({ details }, i) => ({ salt: hash(`salt ${i}`), text: details }))
    const file = await accuse(audited, policy, { url: '', time: '2027-01-15T08:00:00Z', detailsOf: async () => shown })
    expect(file).toMatchObject({ code: 'reward' })
    const copy = { onRead() {}, onReplay() {}, from: 'here', bundles: new Bundles(client, audited.checkpoint) }
    expect(await convictByReplay(file, policy, copy)).toMatchObject({ code: 'reward' })
  })

  test('are not checked where the text cannot be had, which is said; an auditor keeps it', async () => {
    const { details, due, dates } = signIn()
    await pay(details, due, dates)
    const kept = new RuleFolder(join(folder, 'auditor'))
    expect((await audited(kept)).missing).toEqual([])
    await rm(join(folder, 'ledger'), { recursive: true })
    expect((await audited(kept)).share).toBe(HALF)
    const without = await audited()
    expect([without.missing.map(({ name }) => name), without.share, without.faults]).toEqual([['coins-v1'], 0, []])
  })

  test('the ledger keeps what has the digest, of the platform, and no more than there may be', async () => {
    const small = utf8Encode('{"any":"text"}')
    await client.as(served.keys.registrar).keepRuleText(small)
    expect(await client.ruleText(hash('{"any":"text"}'))).toEqual(small)
    expect(await client.ruleText(hash('another'))).toBeUndefined()
    await expect(client.as(served.keys.issuer).keepRuleText(small)).rejects.toMatchObject({ code: 'not-allowed' })
    const large = new Uint8Array(65_537).fill(0x20)
    await expect(client.as(served.keys.registrar).keepRuleText(large)).rejects.toMatchObject({
      code: 'body-size',
    })
    const latin = Uint8Array.of(0xe9)
    await expect(client.as(served.keys.registrar).keepRuleText(latin)).rejects.toMatchObject({ code: 'utf8' })
  })
})
