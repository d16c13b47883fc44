import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { verifyEd25519 } from '../../src/core/crypto/ed25519.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { buildServer } from '../../src/http/index.ts'
import {
  decodeRefusal,
  encodeRefusal,
  refusalMessage,
  type SignedRefusal,
  verifyRefusal,
} from '../../src/verify/refusal.ts'
import { COINS, FIRST_MEMBER, ISSUER, keyNumber, type Signer, signed, World } from '../world.ts'
import { codeOf, jsonSubmission, type Problem, problemOf, REVOKED, ServedWorld } from './server.ts'

/** The refusal that a problem document has. */
function signedRefusal(code: string, refusal: Problem['refusal']): SignedRefusal {
  const { ledgerId, signature, ...rest } = refusal!
  return {
    ...rest,
    code: code as SignedRefusal['code'],
    ledgerId: fromHex(ledgerId),
    signature: Buffer.from(signature, 'base64'),
  }
}

describe('batches that are refused whole (SPEC §7, §9)', () => {
  let served: ServedWorld
  let size: number
  beforeAll(async () => {
    served = await ServedWorld.create()
    size = served.world.log.ledger.size
  })
  afterEach(() => {
    expect(served.world.log.ledger.size).toBe(size)
  })
  afterAll(() => served.destroy())

  const issue = () => served.world.bytes(served.world.issue(FIRST_MEMBER, 3))

  test.each<[code: string, why: string, signers: () => Signer[], list?: () => Uint8Array[]]>([
    [
      'batch-genesis',
      'a second genesis',
      () => [served.world.root],
      () => [served.world.bytes(served.world.genesis())],
    ],
    [
      'batch-genesis',
      'a genesis beside another, by signers who are unknown',
      () => [{ record: 99, key: keyNumber(99) }],
      () => [issue(), served.world.bytes(served.world.genesis())],
    ],
    ['signer-unknown', 'no such record', () => [{ record: 99, key: served.world.keys.issuer }]],
    ['signer-unknown', 'a record that is a unit', () => [{ record: COINS, key: served.world.keys.root }]],
    ['signer-unknown', 'an account without owner', () => [{ account: 0, key: served.world.keys.issuer }]],
    ['signer-unknown', 'no such account', () => [{ account: 99, key: served.world.keys.member }]],
    ['signer-unknown', 'one signer of two', () => [served.world.issuer, { account: 99, key: keyNumber(9) }]],
    ['signer-revoked', 'a revoked record', () => [{ record: REVOKED, key: keyNumber(51) }]],
    ['signer-revoked', 'a revoked record, by another key', () => [{ record: REVOKED, key: keyNumber(9) }]],
    ['signature-invalid', 'the key of another record', () => [{ record: ISSUER, key: served.world.keys.root }]],
    ['signature-invalid', 'the key of another owner', () => [{ account: FIRST_MEMBER, key: keyNumber(52) }]],
    ['signature-invalid', 'the second of two', () => [served.world.issuer, served.world.owner(2, keyNumber(52))]],
  ])('%s: %s, with the ledger’s signature under the refusal', async (code, _, signers, list = () => [issue()]) => {
    const { world } = served
    const transactions = list()
    const body = jsonSubmission(world.ledgerId, signers(), transactions)
    const {
      status,
      code: answered,
      refusal,
    } = await problemOf(await served.post(JSON.stringify(body), 'application/json'))
    expect([status, answered]).toEqual([422, code])
    expect(refusal).toMatchObject({ size, time: world.nowMs, ledgerId: toHex(world.ledgerId) })
    const submission = encodeSubmission(signed(world.ledgerId, signers(), transactions).signatures, transactions)
    const file = encodeRefusal({ ...signedRefusal(code, refusal!), submission })
    expect(encodeRefusal(decodeRefusal(file))).toEqual(file)
    expect(verifyRefusal(file, world.policy)).toMatchObject({ code, size, log: { name: world.origin } })
  })

  test('signatures of another ledger, or over other transactions, are not good in this one', async () => {
    const { world } = served
    const list = [issue(), issue()]
    const ofAnother = signed(createHash('sha256').digest(), [world.issuer], list).signatures
    const overFewer = signed(world.ledgerId, [world.issuer], list.slice(1)).signatures
    const overReversed = signed(world.ledgerId, [world.issuer], list.toReversed()).signatures
    for (const signatures of [ofAnother, overFewer, overReversed])
      expect(await codeOf(await served.post(encodeSubmission(signatures, list), 'application/cbor'))).toEqual([
        422,
        'signature-invalid',
      ])
  })
})

test('a ledger that was silent for longer than its beat seals before it signs a refusal: its state is of its time', async () => {
  const world = await World.create()
  const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
  try {
    const payload = jsonSubmission(
      world.ledgerId,
      [{ record: 99, key: keyNumber(99) }],
      [world.bytes(world.issue(FIRST_MEMBER, 3))],
    )
    const submit = async () => {
      const answer = await server.inject({ method: 'POST', url: '/v1/batches', payload })
      return [answer.statusCode, answer.json().code, answer.json().refusal?.time]
    }
    const { time, beatMs } = world.log.ledger.state
    world.nowMs = time + beatMs
    expect(await submit()).toEqual([422, 'signer-unknown', world.nowMs])
    world.nowMs += 1
    expect(await submit()).toEqual([503, 'busy', undefined])
    await world.log.publisher.publish()
    expect(await submit()).toEqual([422, 'signer-unknown', world.nowMs])
  } finally {
    await server.close()
    await world.destroy()
  }
})

test('a ledger without a genesis takes nothing else first, and says that nothing is published', async () => {
  const world = await World.create({ empty: true })
  const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
  try {
    const submit = (list: Uint8Array[]) =>
      server.inject({
        method: 'POST',
        url: '/v1/batches',
        payload: jsonSubmission(world.ledgerId, [world.root], list),
      })
    const key = world.bytes(world.registerKey('registrar', world.keys.registrar))
    const refused = await submit([key])
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'batch-genesis'])
    const { signatures, transactions } = signed(world.ledgerId, [world.root], [key])
    const refusal = signedRefusal('batch-genesis', refused.json().refusal as Problem['refusal'])
    expect(refusal).toMatchObject({ ledgerId: new Uint8Array(32), size: 0 })
    const message = refusalMessage(refusal, signatures, transactions)
    expect(verifyEd25519(world.keys.log.publicKey, message, refusal.signature)).toBe(true)
    for (const path of ['/checkpoint', '/tile/0/000.p/1']) {
      const response = await server.inject(path)
      expect([response.statusCode, response.json().code]).toEqual([404, 'not-published'])
    }
    expect(world.log.ledger.size).toBe(0)
    const taken = await submit([world.bytes(world.genesis())])
    expect([taken.statusCode, taken.json().results[0].outcome]).toEqual([200, 'accepted'])
  } finally {
    await server.close()
    await world.destroy()
  }
})

test('of a member no more is taken in a minute than her unit says: 429, signed, and for her alone', async () => {
  const world = await World.create({ memberRate: 3 })
  const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
  const post = (signers: readonly Signer[], list: readonly Uint8Array[]) =>
    server.inject({ method: 'POST', url: '/v1/batches', payload: jsonSubmission(world.ledgerId, signers, list) })
  const redeem = () => world.bytes(world.redeem(FIRST_MEMBER, 1))
  const owner = [world.owner(FIRST_MEMBER)]
  try {
    await world.submit([world.issuer], ...Array.from({ length: 9 }, () => world.bytes(world.issue(FIRST_MEMBER, 10))))
    const [first, second, other] = [redeem(), redeem(), redeem()]
    expect((await post(owner, [first])).statusCode).toBe(200)
    world.nowMs += 20_000
    expect((await post(owner, [second, redeem()])).statusCode).toBe(200)
    const { size } = world.log.ledger
    world.nowMs += 10_500
    const refused = await post(owner, [other])
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([429, 'rate', '30'])
    const { signatures, transactions } = signed(world.ledgerId, owner, [other])
    const refusal = signedRefusal('rate', refused.json().refusal as Problem['refusal'])
    expect(refusal).toMatchObject({ size, time: world.nowMs })
    const message = refusalMessage(refusal, signatures, transactions)
    expect(verifyEd25519(world.keys.log.publicKey, message, refusal.signature)).toBe(true)
    expect(world.log.ledger.size).toBe(size)
    // What was taken is answered again; what nobody counts is taken.
    expect((await post(owner, [first])).json().results[0]).toMatchObject({ outcome: 'accepted', existed: true })
    expect((await post([world.issuer], [world.bytes(world.issue(FIRST_MEMBER, 1))])).statusCode).toBe(200)
    expect((await post([...owner, world.issuer].reverse(), [other])).json().code).toBe('rate')
    world.nowMs += 29_500
    expect((await post(owner, [other])).json().results[0]).toMatchObject({ outcome: 'accepted', existed: false })
    const many = await post(owner, [redeem(), redeem(), redeem(), redeem()])
    expect([many.json().code, many.headers['retry-after']]).toEqual(['rate', '60'])
    // A forger drains nobody's minute.
    for (let i = 0; i < 9; i++)
      expect((await post([world.owner(FIRST_MEMBER, world.keys.issuer)], [redeem()])).json().code).toBe(
        'signature-invalid',
      )
    world.nowMs += 60_000
    expect((await post(owner, [redeem(), redeem(), redeem()])).statusCode).toBe(200)
  } finally {
    await server.close()
    await world.destroy()
  }
})

test('an address that sends forgeries is told to wait before it is read; others, and who shows a key, are not', async () => {
  const world = await World.create()
  const server = await buildServer({
    ...{ log: world.log, logger: undefined, version: 'test' },
    front: { proxies: ['127.0.0.1'] },
  })
  const post = (signer: Signer, from: string, headers: Record<string, string> = {}) =>
    server.inject({
      ...{ method: 'POST', url: '/v1/batches', headers: { ...headers, 'x-forwarded-for': from } },
      payload: jsonSubmission(world.ledgerId, [signer], [world.bytes(world.redeem(FIRST_MEMBER, 1))]),
    })
  const owner = world.owner(FIRST_MEMBER)
  const forger = world.owner(FIRST_MEMBER, world.keys.issuer)
  // What is used up comes back with time: here it stands still, so that a slow machine uses up as much.
  const still = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => still)
  try {
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 10)))
    let sent = 0
    let answer = await post(forger, '2001:db8::1')
    for (; answer.statusCode === 422 && sent < 5000; sent++) answer = await post(forger, `2001:db8::${sent % 9}`)
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([429, 'rate', '1'])
    expect(sent).toBeGreaterThan(300)
    expect((await post(owner, '2001:db8:0:1::1')).statusCode).toBe(200)
    const caller = { holder: { account: FIRST_MEMBER }, seed: world.keys.member.seed }
    const token = await makeToken(caller, world.ledgerId, `account/${FIRST_MEMBER}`)
    const tries = async (headers: Record<string, string>) => {
      // What came back meanwhile is used up first.
      while ((await post(forger, '2001:db8::1')).statusCode === 422) sent++
      return (await post(owner, '2001:db8::1', headers)).statusCode
    }
    expect(await tries({ authorization: `Bearer ${token}` })).toBe(200)
    expect(await tries({ authorization: 'Bearer nonsense' })).toBe(401)
  } finally {
    clock.mockRestore()
    await server.close()
    await world.destroy()
  }
})
