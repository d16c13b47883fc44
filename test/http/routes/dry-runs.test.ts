import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SigningKey, tryBatch, type WouldSign } from '../../../src/client/index.ts'
import { FIRST_MEMBER, keyNumber } from '../../world.ts'
import { ServedWorld } from '../server.ts'

let served: ServedWorld
beforeAll(async () => {
  served = await ServedWorld.create()
})
afterAll(() => served.destroy())

test('the platform asks what would become of a batch; it is not in the log, and its ids are free', async () => {
  const { world, keys } = served
  const { size } = world.log.ledger
  const spent = world.bytes(world.redeem(FIRST_MEMBER, 60))
  const batch = [spent, world.bytes(world.redeem(FIRST_MEMBER, 60)), spent]
  const her: WouldSign[] = [{ account: FIRST_MEMBER }]
  const ask = (key: SigningKey, signers = her, entries = batch) => tryBatch(served.client(key), signers, entries)
  const told = { refused: null, outcomes: ['accepted', 'insufficient', 'exists'] }
  expect(await ask(keys.registrar)).toEqual(told)
  expect(await ask(keys.registrar)).toEqual(told)
  expect(await ask(keys.registrar, [{ record: 99 }])).toEqual({
    refused: 'signer-unknown',
    outcomes: [],
  })
  expect(world.log.ledger.size).toBe(size)
  // A holder may not read the account that is paid, an issuer no member's.
  for (const key of [keys.owner, keys.issuer])
    await expect(ask(key)).rejects.toEqual(expect.objectContaining({ code: 'not-allowed', status: 403 }))
  const register = world.bytes(world.registerKey('auditor', keyNumber(66)))
  await expect(ask(keys.registrar, her, [register])).rejects.toEqual(
    expect.objectContaining({ code: 'submission', status: 400 }),
  )
  const { statuses } = await world.submit([world.owner(FIRST_MEMBER)], spent)
  expect([...statuses]).toEqual([0])
})
