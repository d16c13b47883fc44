import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { COINS, FIRST_MEMBER, keyNumber, TREASURY, World } from '../world.ts'

const SERIES = FIRST_MEMBER + 1
const thing = (n: number) => new Uint8Array(16).fill(n)

let world: World
let merchant: number
beforeAll(async () => {
  world = await World.create()
  const plain = { unit: COINS, terms: world.terms(COINS), nonce: new Uint8Array(32) }
  await world.submit([world.treasurer], world.bytes({ kind: 'open-account', accountKind: 'series', ...plain }))
  merchant = world.log.ledger.state.registry.records.length
  await world.submit([world.root], world.bytes(world.registerKey('merchant', keyNumber(7), [TREASURY])))
  await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1000)))
})
afterAll(() => world.destroy())

const claim = (n: number | null) =>
  world.bytes({
    kind: 'claim',
    debit: FIRST_MEMBER,
    credit: TREASURY,
    amount: 1,
    series: SERIES,
    ref: n === null ? null : thing(n),
  })
const claimed = (...things: (number | null)[]) =>
  world.submit([{ record: merchant, key: keyNumber(7) }, world.owner(FIRST_MEMBER)], ...things.map(claim))
const serials = async (since = 0) => {
  const made = await world.log.prover.statement(FIRST_MEMBER, { since, allSignatures: false })
  if (typeof made === 'string') throw new Error(made)
  const { lines } = verifyStatement(made, { policy: world.policy })
  return lines.flatMap(({ transaction, serial }) => (transaction.kind === 'claim' ? [serial] : []))
}

test('a statement has the numbers of claims as the seal has them, whatever came since (SPEC §10)', async () => {
  await claimed(1, null, 2)
  await world.log.publisher.publish()
  expect(await serials()).toEqual([0, 1, 2])
  // Refused ones have no number; what comes after the seal is in no statement, and changes none.
  await claimed(...Array.from({ length: 40 }, (_, i) => (i === 7 ? 1 : null)))
  expect(await serials()).toEqual([0, 1, 2])
  await world.log.publisher.publish()
  expect(await serials()).toEqual(Array.from({ length: 42 }, (_, n) => n))
  await world.reopen()
  await world.log.publisher.publish()
  await claimed(9)
  await world.log.publisher.publish()
  expect(await serials()).toEqual(Array.from({ length: 43 }, (_, n) => n))
})
