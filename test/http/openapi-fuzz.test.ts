import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { runs } from '../runs.ts'
import { type FuzzedDocument, fuzz } from '../serving/openapi-fuzz.ts'
import { ServedWorld } from './server.ts'

const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** `npm run try:openapi` asks more. */
const REQUESTS = Number(process.env['TALLY_FUZZ'] ?? runs(250, 100))

let served: ServedWorld
beforeAll(async () => {
  served = await ServedWorld.create()
})
afterAll(() => served.destroy())

test(`${REQUESTS} requests by the document of a ledger: no other answer, and no error of its own (TALLY_SEED=${SEED})`, async () => {
  const document = (await (await served.get('/openapi.json')).json()) as FuzzedDocument
  const found = await fuzz({
    ...{ url: served.url, document, requests: REQUESTS, seed: SEED },
    headers: async () => ({
      authorization: `Bearer ${await makeToken(served.keys.registrar, served.world.ledgerId, 'ledger', served.world.nowMs)}`,
    }),
    words: ['0', '1', '2', '3', '00', 'entries/000.p/4', 'a'.repeat(64), 'x'],
    fixed: { wait: 0 },
    later: ['not-published'],
  })
  expect(found).toEqual([])
})
