import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDetails } from '../../src/client/answers.ts'
import { TallyClient } from '../../src/client/index.ts'
import { fromBase64, toHex } from '../../src/core/bytes.ts'
import { verifyEd25519 } from '../../src/core/crypto/ed25519.ts'
import { answerMessage, checkChain, checkOne, parseProgramme } from '../../src/programmes/index.ts'
import { type Draft, small } from '../programmes/shop.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of from) found.push(one)
  return found
}

describe('events of a programme over the gateway', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let made = 0
  beforeAll(async () => {
    shop = await ServedShop.create()
    await publish(small(VISITS))
    gateway = await shop.gateway('events')
  })
  afterAll(() => shop.destroy())

  const RULES = [{ id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': 100 } }]
  const REVERSALS = [{ on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }]

  const VISITS = { unit: 'stars', name: 'visits', expires: '30d', grain: 4, rules: RULES, reversals: REVERSALS }
  const programme = parseProgramme(JSON.stringify(small(VISITS)))

  const publish = (document: Draft) => shop.publish(parseProgramme(JSON.stringify(document)))

  const act = (member: string, count: number, more: Draft = {}) => ({
    id: `e${made++}`,
    type: 'act',
    time: Date.now(),
    member,
    data: { item: `i${made}`, count },
    ...more,
  })
  const balance = async (member: string) => (await gateway.get(`/v1/members/${member}`)).body.units.stars.balance

  test('one event opens an account and earns; again it is a duplicate', async () => {
    const event = act('cust_1', 60)
    const { status, body } = await gateway.post('/v1/events', event)
    expect([status, body]).toMatchObject([
      200,
      { id: event.id, status: 'earned', earned: 60, rule: 'act', version: 1, cuts: [], retryable: false, n: 1 },
    ])
    expect(body.entry).toBeGreaterThan(0)
    const again = await gateway.post('/v1/events?programme=visits', event)
    expect(again.body).toMatchObject({ status: 'duplicate', was: 'earned', earned: 60, entry: body.entry })
    expect(await balance('cust_1')).toBe(60)
    const { movements } = (await gateway.get('/v1/members/cust_1/movements')).body
    expect(movements[0]).toMatchObject({ kind: 'earn', points: 60, rule: 'visits-v1' })
  })

  test('a list is answered in its order: capped, reversed, nothing, late, invalid', async () => {
    const first = act('cust_2', 80)
    const undo = { ...act('cust_2', 0), type: 'undo', data: { item: first.data.item, count: 40 } }
    const late = act('cust_2', 1, { time: Date.now() - 86_400_000 })
    const { body } = await gateway.post('/v1/events', [
      first,
      act('cust_2', 80),
      undo,
      act('cust_2', 5),
      late,
      { id: 'x' },
    ])
    expect(body.map((one: { status: string; earned: number }) => [one.status, one.earned])).toEqual([
      ['earned', 80],
      ['capped', 20],
      ['reversed', -40],
      ['capped', 0],
      ['late', 0],
      ['invalid', 0],
    ])
    expect(body[1].cuts).toEqual([{ cap: 'act member/day', cut: 60 }])
    expect(body[3].answer.signature).toHaveLength(88)
    expect(body[5]).toMatchObject({ code: 'event', retryable: false })
    expect(await balance('cust_2')).toBe(60)
  })

  test('lines are answered in lines', async () => {
    const lines = [act('cust_3', 1), act('cust_3', 2)].map(event => JSON.stringify(event)).join('\n\n')
    const response = await fetch(`${gateway.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/x-ndjson' },
      body: `${lines}\nnot JSON\n`,
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jsonl'])
    const answers = (await response.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(answers.map(({ status }) => status)).toEqual(['earned', 'earned', 'invalid'])
  })

  test('a gateway that lost its memory goes on where the ledger is', async () => {
    const event = act('cust_4', 70)
    await gateway.post('/v1/events', event)
    await gateway.close()
    await rm(join(shop.folder, 'events'), { recursive: true })
    gateway = await shop.gateway('events')
    const { body } = await gateway.post('/v1/events', [event, act('cust_4', 70)])
    expect(body).toMatchObject([{ status: 'duplicate' }, { status: 'capped', earned: 30, n: 2 }])
    expect(await balance('cust_4')).toBe(100)
  })

  test('an event that earns nothing has an answer that the issuer signed, and that gives what it says', async () => {
    const { text: document } = programme
    await gateway.post('/v1/events', act('cust_6', 100))
    const { body } = await gateway.post('/v1/events', act('cust_6', 7))
    expect(body).toMatchObject({ status: 'capped', earned: 0, entry: null, rewards: [] })
    const { text, record, signature } = body.answer
    const client = new TallyClient({ url: shop.url, policy: shop.world.policy })
    const { transaction } = (await client.registry())[record]!
    const { ledgerId } = await client.identity()
    const isSigned = (member: string, said: string) =>
      transaction.kind === 'register-key' &&
      verifyEd25519(transaction.key, answerMessage(ledgerId, member, said), fromBase64(signature))
    expect(transaction).toMatchObject({ kind: 'register-key', role: 'issuer' })
    expect([isSigned('cust_6', text), isSigned('cust_7', text), isSigned('cust_6', text.replace('7', '8'))]).toEqual([
      ...[true, false, false],
    ])
    expect(checkOne(parseProgramme(document), text)).toMatchObject({ kind: 'nothing', n: 2, due: 0 })
  })

  test('with several programmes, an event names one', async () => {
    await publish(small({ unit: 'stars', name: 'others' }))
    const answer = await gateway.post('/v1/events', act('cust_5', 1))
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'programme-unknown' }])
    expect((await gateway.post('/v1/events?programme=none', act('cust_5', 1))).body.code).toBe('programme-unknown')
    expect((await gateway.post('/v1/events?programme=visits', act('cust_5', 1))).body.status).toBe('earned')
  })

  test('programmes of a shop stand beside each other; one that came later is named too', async () => {
    await publish(small({ unit: 'stars', name: 'more', expires: '30d', grain: 4, rules: RULES }))
    const event = act('cust_8', 5)
    for (const name of ['visits', 'more', 'visits'])
      expect((await gateway.post(`/v1/events?programme=${name}`, event)).body).toMatchObject({ earned: 5 })
    const { movements } = (await gateway.get('/v1/members/cust_8/movements')).body
    expect(movements.map(({ rule }: { rule: string }) => rule)).toEqual(['more-v1', 'visits-v1', null])
    expect(await balance('cust_8')).toBe(10)
    await publish(small({ unit: 'coins', name: 'strange', expires: '30d', grain: 4, rules: RULES }))
    const { status, body } = await gateway.post('/v1/events?programme=strange', event)
    expect([status, body.code]).toEqual([400, 'request-invalid'])
  })

  test('a version that is published while it runs pays no event twice', async () => {
    const [nowMs, text] = [Date.now(), (timeMs: number) => `${new Date(timeMs).toISOString().slice(0, 19)}Z`]
    const visits = { ...VISITS, name: 'versioned' }
    const send = (event: object) => gateway.post('/v1/events?programme=versioned', event)
    await publish(small(visits))
    const before = act('cust_9', 10, { time: nowMs - 120_000 })
    expect((await send(before)).body).toMatchObject({ status: 'earned', earned: 10, version: 1 })
    const rules = [{ ...RULES[0], points: { per: 1, of: 'event.count', give: 3 } }]
    const next = { ...visits, version: 2, from: text(nowMs - 60_000), rules }
    await publish(small(next))
    shop.aheadMs += 61_000
    const again = (await send(before)).body
    expect(again).toMatchObject({ status: 'duplicate', was: 'earned', earned: 10, version: 1 })
    // Its id is taken, also where its time is one of the next version.
    expect((await send({ ...before, time: nowMs })).body).toMatchObject({ status: 'duplicate' })
    const after = (await send(act('cust_9', 10, { time: nowMs }))).body
    expect(after).toMatchObject({ status: 'earned', earned: 30, version: 2, n: 2 })
    // One day, one cap: what the version before gave counts.
    const capped = (await send(act('cust_9', 90, { time: nowMs }))).body
    expect(capped).toMatchObject({ status: 'capped', earned: 60, cuts: [{ cap: 'act member/day', cut: 210 }] })
    expect(await balance('cust_9')).toBe(100)
  })

  test('an auditor gets all events of all members, and the salted details that their issues commit to', async () => {
    const name = 'audited'
    const document = small({ ...VISITS, name })
    await publish(document)
    const own = parseProgramme(JSON.stringify(document))
    const send = (event: object) => gateway.post(`/v1/events?programme=${name}`, event)
    // The second of her three earns nothing.
    for (const [member, count] of [['cust_10', 100] as const, ['cust_10', 5] as const, ['cust_11', 7] as const])
      expect((await send(act(member, count))).status).toBe(200)
    const chains = await all(await gateway.gateway.programmes.chains(name))
    expect(chains.map(({ texts }) => texts.length).sort()).toEqual([1, 2])
    for (const { texts } of chains) expect(checkChain(own, texts, new Set()).whole).toBe(texts.length)
    const details = await all(await gateway.gateway.programmes.details(name))
    const client = new TallyClient({ url: shop.url, policy: shop.world.policy, caller: shop.shop.keys.registrar })
    await expect
      .poll(async () => {
        const kept = details.map(({ commitment }) =>
          client.read(`/v1/details/${toHex(commitment)}`, readDetails).catch(() => undefined),
        )
        return (await Promise.all(kept)).map(one => one?.text)
      })
      .toEqual(details.map(({ text }) => text))
    expect(details).toHaveLength(2)
  })
})
