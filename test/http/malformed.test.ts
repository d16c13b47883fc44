import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../src/client/token.ts'
import { encodeCbor } from '../../src/core/cbor-writer.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { SUBMISSION_BYTES_MAX, UNSIGNED_BODY_BYTES_MAX } from '../../src/core/limits.ts'
import { runs } from '../runs.ts'
import { FIRST_MEMBER, signed } from '../world.ts'
import { codeOf, type JsonSubmission, jsonSubmission, ServedWorld } from './server.ts'

describe('bytes that are no batch are refused with a code, and leave no trace', () => {
  let served: ServedWorld
  let size: number
  let transactions: Uint8Array[]
  let honest: Uint8Array
  let goodJson: JsonSubmission
  beforeAll(async () => {
    served = await ServedWorld.create()
    const { world } = served
    size = world.log.ledger.size
    transactions = [world.bytes(world.issue(FIRST_MEMBER, 1)), world.bytes(world.redeem(FIRST_MEMBER, 1))]
    const signers = [world.issuer, world.owner(FIRST_MEMBER)]
    goodJson = jsonSubmission(world.ledgerId, signers, transactions)
    honest = encodeSubmission(signed(world.ledgerId, signers, transactions).signatures, transactions)
  })
  afterEach(() => {
    expect([served.world.log.ledger.size, served.world.log.size]).toEqual([size, size])
    expect(served.world.log.stopped).toBeUndefined()
  })
  afterAll(() => served.destroy())

  const good = () => goodJson
  const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64')
  const signature = (length: number) => Buffer.alloc(length).toString('base64')
  const one = (text: string) => () => ({ ...good(), transactions: [text] })
  const signer = (value: unknown) => () => ({ ...good(), signatures: [value] })

  test.each<[string, string, () => unknown]>([
    ['submission', 'a list', () => [1]],
    ['submission', 'null', () => null],
    ['submission', 'nothing', () => ({})],
    ['submission', 'a field too many', () => ({ ...good(), more: 1 })],
    ['submission', 'no signatures', () => ({ ...good(), signatures: [] })],
    ['submission', '17 signatures', () => ({ ...good(), signatures: new Array(17).fill(good().signatures[0]) })],
    ['submission', 'no transactions', () => ({ ...good(), transactions: [] })],
    ['submission', '8,193 transactions', () => ({ ...good(), transactions: new Array(8193).fill('AA==') })],
    ['submission', 'a transaction that is a number', () => ({ ...good(), transactions: [1] })],
    ['submission', 'a signature of 63 bytes', signer({ record: 4, signature: signature(63) })],
    ['submission', 'a signature of 65 bytes', signer({ record: 4, signature: signature(65) })],
    ['submission', 'a signature with a field too many', signer({ record: 4, signature: signature(64), more: 1 })],
    ['submission', 'a signer of both kinds', signer({ record: 4, account: 1, signature: signature(64) })],
    ['submission', 'a signer of no kind', signer({ signature: signature(64) })],
    ['submission', 'a fraction of a record', signer({ record: 4.5, signature: signature(64) })],
    ['submission', 'a record below zero', signer({ record: -1, signature: signature(64) })],
    ['submission', 'a record beyond the last', signer({ record: 2 ** 20, signature: signature(64) })],
    ['submission', 'an account beyond the last', signer({ account: 2 ** 32, signature: signature(64) })],
    ['submission', 'a record that is text', signer({ record: '4', signature: signature(64) })],
    ['base64', 'a signature that is no base64', signer({ record: 4, signature: '***' })],
    ['base64', 'no base64', one('***')],
    ['base64', 'base64 without its padding', one('AA')],
    ['base64', 'base64 with bits left over', one('AB==')],
    ['base64', 'base64 of URLs', one('__8=')],
    ['base64', 'base64 with a line break', one('AA==\n')],
    [
      'batch',
      'signatures that stand twice',
      () => ({ ...good(), signatures: good().signatures.concat(good().signatures) }),
    ],
    ['batch', 'signatures out of order', () => ({ ...good(), signatures: good().signatures.toReversed() })],
    ['entry-type', 'a seal', one(base64(3, 0x80))],
    ['cbor', 'a transaction cut off', () => one(Buffer.from(transactions[0]!.subarray(0, -1)).toString('base64'))()],
    ['cbor', 'a byte after a transaction', () => one(base64(...transactions[0]!, 0))()],
    ['transaction', 'a kind with another number of fields', one(base64(2, ...encodeCbor([7, 1])))],
  ])('%s: JSON with %s', async (code, _, value) => {
    expect(await codeOf(await served.post(JSON.stringify(value()), 'application/json'))).toEqual([400, code])
  })

  const bytes = (length: number) => new Uint8Array(length)
  test.each<[string, string, () => Uint8Array]>([
    ['cbor', 'nothing', () => bytes(0)],
    ['cbor', 'a byte after it', () => Buffer.concat([honest, bytes(1)])],
    ['cbor', 'a map', () => Uint8Array.of(0xa0)],
    ['cbor', 'a list without end', () => Uint8Array.of(0x9f, 0xff)],
    ['cbor', 'a head that is longer than it need be', () => Uint8Array.of(0x98, 2)],
    ['submission', 'one field', () => encodeCbor([[]])],
    ['submission', 'two fields', () => encodeCbor([[], []])],
    ['submission', 'four fields', () => encodeCbor([[], [], [], []])],
    ['batch', 'no signatures', () => encodeCbor([[], [], [transactions[0]!]])],
    [
      'batch',
      '17 signatures',
      () => encodeCbor([Array.from({ length: 17 }, (_, i) => [0, i, bytes(64)]), [], [bytes(1)]]),
    ],
    ['batch-count', 'no transactions', () => encodeCbor([[[0, 4, bytes(64)]], [], []])],
    [
      'batch-count',
      '8,193 transactions',
      () => encodeCbor([[[0, 4, bytes(64)]], [], new Array(8193).fill(transactions[0])]),
    ],
    ['entry-type', 'an entry that is a batch', () => encodeCbor([[[0, 4, bytes(64)]], [], [Uint8Array.of(1, 0x80)]])],
  ])('%s: CBOR with %s', async (code, _, body) => {
    expect(await codeOf(await served.post(body(), 'application/cbor'))).toEqual([400, code])
  })

  test('numbers beyond what there is are refused: a class of signers, a record, a kind', async () => {
    const [transaction] = transactions
    for (const body of [
      encodeCbor([[[6, 0, bytes(64)]], [transaction!]]),
      encodeCbor([[[0, 2 ** 20, bytes(64)]], [transaction!]]),
      encodeCbor([[[1, 2 ** 32, bytes(64)]], [transaction!]]),
      encodeCbor([[[0, 4, bytes(64)]], [Uint8Array.of(2, ...encodeCbor([99, new Uint8Array(16)]))]]),
    ])
      expect((await codeOf(await served.post(body, 'application/cbor')))[0]).toBe(400)
  })

  test('a batch in CBOR that is cut off anywhere is refused', async () => {
    for (let length = 0; length < honest.length; length++)
      expect(await codeOf(await served.post(honest.subarray(0, length), 'application/cbor'))).toEqual([400, 'cbor'])
  })

  test('another content type is refused, and what is not of the type that it says', async () => {
    const honestJson = JSON.stringify(good())
    for (const type of ['application/x-www-form-urlencoded', 'application/octet-stream', 'text/json', 'cbor', ''])
      expect(await codeOf(await served.post(honestJson, type))).toEqual([415, 'media-type'])
    for (const text of ['', '{', honestJson.slice(0, -1), `${honestJson},`, '{"__proto__":{}}', 'NaN'])
      expect(await codeOf(await served.post(text, 'application/json'))).toEqual([400, 'request-invalid'])
    expect(await codeOf(await served.post(honestJson, 'application/cbor'))).toEqual([400, 'cbor'])
    expect(await codeOf(await served.post(honest, 'application/json'))).toEqual([400, 'request-invalid'])
  })

  test('a body that is too large is refused unread; one just within the bound is read', async () => {
    const large = new Uint8Array(SUBMISSION_BYTES_MAX + 1).fill(0x20)
    for (const type of ['application/cbor', 'application/json'])
      expect(await codeOf(await served.post(large, type))).toEqual([413, 'submission-size'])
    expect(await codeOf(await served.post(large.subarray(1), 'application/cbor'))).toEqual([400, 'cbor'])
  })

  test('a large body is read of those who show a key, and a small one of everyone', async () => {
    const large = new Uint8Array(UNSIGNED_BODY_BYTES_MAX + 1)
    const unnamed = { token: null }
    expect(await codeOf(await served.post(large, 'application/cbor', unnamed))).toEqual([401, 'token-missing'])
    expect(await codeOf(await served.post(large.subarray(1), 'application/cbor', unnamed))).toEqual([400, 'cbor'])
    const owner = await makeToken(served.keys.owner, served.world.ledgerId, `account/${FIRST_MEMBER}`)
    expect(await codeOf(await served.post(large, 'application/cbor', { token: owner }))).toEqual([400, 'cbor'])
  })

  test('JSON that is deeper, or has more in it, than anything that is read', async () => {
    const post = (text: string) => served.post(text, 'application/json').then(codeOf)
    for (const text of [
      '['.repeat(9) + ']'.repeat(9),
      '['.repeat(30_000) + ']'.repeat(30_000),
      `[${'[],'.repeat(256)}1]`,
      `[${'1,'.repeat(20_000)}1]`,
      `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`,
    ])
      expect(await post(text), text.slice(0, 20)).toEqual([400, 'request-invalid'])
    // Brackets in a text are text.
    expect(await post(JSON.stringify({ ...good(), more: '[{"\\['.repeat(500) }))).toEqual([400, 'submission'])
  })

  test('an error says where, and does not send back all that was sent', async () => {
    const body = JSON.stringify({ ...good(), transactions: new Array(8192).fill(1) })
    const response = await served.post(body, 'application/json')
    expect((await response.text()).length).toBeLessThan(2000)
  })

  test('random bytes, and a batch with any one byte changed, are refused', async () => {
    const changed = fc.record({ at: fc.nat({ max: honest.length - 1 }), by: fc.integer({ min: 1, max: 255 }) })
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      changed.map(({ at, by }) => honest.map((byte, i) => (i === at ? byte ^ by : byte))),
    )
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('application/cbor', 'application/json'), async (bytes, type) => {
        const [status] = await codeOf(await served.post(bytes, type))
        expect([400, 422]).toContain(status)
        expect(served.world.log.ledger.size).toBe(size)
      }),
      { numRuns: runs(300, 60) },
    )
  })

  test('random JSON, alone or in the place of a part of a batch, is refused', async () => {
    const value = fc.jsonValue()
    const body = fc.oneof(
      value,
      fc.record({ key: fc.constantFrom('signatures', 'transactions', 'x'), value }).map(({ key, value }) => ({
        ...good(),
        [key]: value,
      })),
      value.map(value => ({ ...good(), transactions: [value] })),
      fc
        .record({ key: fc.constantFrom('record', 'account', 'signature'), value })
        .map(({ key, value }) => ({ ...good(), signatures: [{ ...good().signatures[0], [key]: value }] })),
    )
    await fc.assert(
      fc.asyncProperty(body, async json => {
        const [status] = await codeOf(await served.post(JSON.stringify(json), 'application/json'))
        expect([400, 422]).toContain(status)
        expect(served.world.log.ledger.size).toBe(size)
      }),
      { numRuns: runs(200, 40) },
    )
  })

  test('random paths and methods are answered without an error of ours', async () => {
    const known = ['v1', 'accounts', 'receipts', 'batches', 'registry', 'salts', 'statement', 'tile', 'entries', 'docs']
    const odd = [
      '0',
      '2',
      '-1',
      '1e9',
      '..',
      '.',
      '%00',
      '%ff',
      '%',
      '%2f',
      '?after=',
      '?since=1&since=2',
      '&x[]=',
      '#',
    ]
    const part = fc.oneof(
      fc.constantFrom(...known, ...odd),
      fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)), maxLength: 20 }),
    )
    const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), method, async (parts, method) => {
        const status = await served.rawStatus(method, `/${parts.join('/')}`)
        expect(status).toBeGreaterThanOrEqual(200)
        expect(status).toBeLessThan(500)
        expect(served.world.log.ledger.size).toBe(size)
      }),
      { numRuns: runs(300, 60) },
    )
    expect((await served.get('/healthz')).status).toBe(200)
  })
})
