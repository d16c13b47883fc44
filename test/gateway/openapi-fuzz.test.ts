import { afterAll, beforeAll, expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { type FuzzedDocument, fuzz } from '../serving/openapi-fuzz.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** `npm run try:openapi` asks more. */
const REQUESTS = Number(process.env['TALLY_FUZZ'] ?? runs(250, 100))

let shop: ServedShop
let gateway: ServedGateway
beforeAll(async () => {
  shop = await ServedShop.create()
  gateway = await shop.gateway()
})
afterAll(() => shop.destroy())

test(`${REQUESTS} requests by the document of a gateway: no other answer, and no error of its own (TALLY_SEED=${SEED})`, async () => {
  await gateway.post('/v1/earn', { member: 'cust_1', points: 500 })
  const document = (await gateway.get('/openapi.json')).body as FuzzedDocument
  const found = await fuzz({
    ...{ url: gateway.url, document, requests: REQUESTS, seed: SEED },
    headers: async () => ({ authorization: `Bearer ${gateway.key}` }),
    words: ['cust_1', 'cust_2', 'o-1', 'o-2', 'stars', '30m', '7d', '2026-12-01', 'x'],
    // Nobody is called, and nobody waits.
    fixed: { url: 'http://127.0.0.1:9/', wait: 0 },
    later: ['not-published'],
  })
  expect(found).toEqual([])
})
