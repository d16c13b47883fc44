import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FeedEntry, feedPage, followFeed, makeToken } from '../../../src/client/index.ts'
import { FIRST_MEMBER, type World } from '../../world.ts'
import { codeOf, ServedWorld } from '../server.ts'

let served: ServedWorld
let world: World
beforeAll(async () => {
  served = await ServedWorld.create()
  world = served.world
})
afterAll(() => served.destroy())

const give = async (amount: number) => {
  await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount)))
  await world.log.publisher.publish()
}
const reader = () => served.client(served.keys.auditor)

test('has each transaction and seal of the log once, in pages of any size', async () => {
  await world.submit([world.issuer], world.bytes(world.issue(99, 1)), world.bytes(world.issue(FIRST_MEMBER, 7)))
  await world.log.publisher.publish()
  const { size } = world.log.publisher.published!
  const all = await feedPage(reader(), { limit: 1000 })
  expect(all).toMatchObject({ next: size - 1, published: size })
  for (const limit of [1, 3, 50]) {
    const entries: FeedEntry[] = []
    for (let after = -1; after < size - 1; ) {
      const page = await feedPage(reader(), { after, limit })
      entries.push(...page.entries)
      after = page.next
    }
    expect(entries).toEqual(all.entries)
  }
  const [refused, issued, seal] = all.entries.slice(-3)
  expect(refused).toMatchObject({ kind: 'issue', outcome: 'credit-unknown', batch: size - 4, opened: null })
  expect(issued).toMatchObject({ kind: 'issue', outcome: 'accepted', fields: { credit: FIRST_MEMBER, amount: 7 } })
  expect(seal).toMatchObject({ kind: 'seal', index: size - 1, id: null, batch: null })
  const openings = all.entries.filter(({ kind }) => kind === 'open-account')
  expect(openings.map(({ opened }) => opened)).toEqual(openings.map((_, i) => i))
})

test('tells who waits as soon as there is something, and who waits in vain that there is nothing', async () => {
  const { next } = await feedPage(reader(), { limit: 1000 })
  const waiting = feedPage(reader(), { after: next, waitS: 30 })
  await give(11)
  expect((await waiting).entries[0]).toMatchObject({ kind: 'issue', fields: { amount: 11 } })
  const { published } = await feedPage(reader(), { after: next })
  expect(await feedPage(reader(), { after: published - 1 })).toMatchObject({ entries: [], next: published - 1 })
})

test('a consumer that is cut off and comes again misses nothing and sees nothing twice', async () => {
  const { next } = await feedPage(reader(), { limit: 1000 })
  const amounts = [1, 2, 3, 4, 5, 6]
  const seen: number[] = []
  let after = next
  for (const amount of amounts) {
    await give(amount)
    // It takes some, and is gone in the middle of a page.
    for await (const entry of followFeed(reader(), { after, limit: 2, waitS: 1 })) {
      after = entry.index
      if (entry.kind === 'issue') seen.push(Number(entry.fields['amount']))
      if (seen.length >= amount) break
    }
  }
  expect(seen).toEqual(amounts)
})

test('is a stream of events that resumes where it was, and ends when the server does', async () => {
  const { next } = await feedPage(reader(), { limit: 1000 })
  const token = await makeToken(served.keys.auditor, world.ledgerId, 'ledger')
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  const response = await fetch(`${served.url}/v1/feed`, { headers: { ...headers, 'last-event-id': String(next) } })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const stream = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  // It answers before there is anything to say.
  expect((await stream.read()).value).toBe(': here\n\n')
  await give(21)
  let text = ''
  while (!text.includes('"amount":21')) text += (await stream.read()).value ?? ''
  expect(text.replace(': still here\n\n', '')).toMatch(new RegExp(`^id: ${next + 2}\nevent: entry\ndata: \\{`))
  await stream.cancel()
  const bad = await fetch(`${served.url}/v1/feed`, { headers: { ...headers, 'last-event-id': 'x' } })
  expect(await codeOf(bad)).toEqual([400, 'request-invalid'])
})

test('is not for members, issuers or strangers, and refuses parameters that it does not know', async () => {
  expect((await codeOf(await served.get('/v1/feed')))[0]).toBe(401)
  for (const who of ['issuer', 'other'] as const) {
    const subject = who === 'other' ? `account/${FIRST_MEMBER + 1}` : 'ledger'
    expect((await codeOf(await served.get('/v1/feed', who, subject)))[0]).toBe(403)
  }
  expect((await served.get('/v1/feed', 'registrar')).status).toBe(200)
  expect(await codeOf(await served.get('/v1/feed?before=3', 'auditor'))).toEqual([400, 'request-invalid'])
})
