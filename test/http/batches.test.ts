import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeAnswer } from '../../src/core/answer.ts'
import { transactionsFrom } from '../../src/core/batch.ts'
import { fromBase64, fromHex, toBase64, utf8Encode } from '../../src/core/bytes.ts'
import { encodeCbor } from '../../src/core/cbor.ts'
import { verifyEd25519 } from '../../src/core/ed25519.ts'
import { BATCH_TRANSACTIONS_MAX, SUBMISSION_BYTES_MAX } from '../../src/core/limits.ts'
import { openCheckpoint } from '../../src/core/policy.ts'
import { refusalMessage, verifyPromise } from '../../src/core/promise.ts'
import { encodeSubmission } from '../../src/core/submission.ts'
import { BUDGET, FIRST_MEMBER, ISSUER, keyNumber, type Signer, signed, TREASURY } from '../world.ts'
import { REVOKED, ServedWorld } from './server.ts'

interface Answer {
  readonly batch: number | null
  readonly size: number
  readonly results: { outcome: string; index: number; existed: boolean; account?: number }[]
  readonly promise: {
    ledgerId: string
    size: number
    root: string
    deadline: number
    signature: string
    index: number
    batch: string
    path: string[]
  } | null
  readonly checkpoint: string | null
  readonly code?: string
  readonly detail?: string
  readonly refusal?: { time: number; signature: string }
}

describe('submitting batches (SPEC §11)', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create({ periodMs: 100 })
  })
  afterAll(() => served.destroy())

  const post = (body: Uint8Array | string, type: string, more: { path?: string; accept?: string } = {}) =>
    fetch(`${served.url}/v1/batches${more.path ?? ''}`, {
      method: 'POST',
      headers: { 'content-type': type, ...(more.accept === undefined ? {} : { accept: more.accept }) },
      body: body as string | Uint8Array<ArrayBuffer>,
    })
  const cbor = (signers: readonly Signer[], list: readonly Uint8Array[], path?: string) => {
    const { signatures } = signed(served.world.ledgerId, signers, list)
    return post(encodeSubmission(signatures, list), 'application/cbor', {
      accept: 'application/cbor',
      path: path ?? '',
    })
  }
  const jsonBody = (signers: readonly Signer[], list: readonly Uint8Array[]) => {
    const { signatures } = signed(served.world.ledgerId, signers, list)
    return {
      signatures: signatures.map(({ class: signerClass, number, ed25519 }) => ({
        [signerClass === 0 ? 'record' : 'account']: number,
        signature: toBase64(ed25519),
      })),
      transactions: list.map(toBase64),
    }
  }
  const json = async (value: unknown, path = '') => {
    const response = await post(JSON.stringify(value), 'application/json', { path })
    return { status: response.status, body: (await response.json()) as Answer }
  }

  test('in JSON: outcome and index of each, the account that was opened, and a promise that holds', async () => {
    const { world } = served
    const list = [world.bytes(world.openMember()), world.bytes(world.issue(FIRST_MEMBER, 1))]
    const { status, body } = await json(jsonBody([world.registrar, world.issuer], list))
    expect(status).toBe(200)
    expect(body.results.map(({ outcome, existed }) => [outcome, existed])).toEqual([
      ['accepted', false],
      ['accepted', false],
    ])
    expect(body.results.map(({ index }) => index)).toEqual([body.batch! + 1, body.batch! + 2])
    expect(body.results[0]!.account).toBe(world.log.ledger.state.accounts.count - 1)
    const { ledgerId, root, signature, batch, path, ...rest } = body.promise!
    const promise = {
      ...rest,
      ledgerId: fromHex(ledgerId),
      root: fromBase64(root),
      signature: fromBase64(signature),
      batch: fromBase64(batch),
      path: path.map(fromBase64),
      transactions: list,
    }
    verifyPromise(promise, world.keys.log.publicKey)
    expect(() => verifyPromise({ ...promise, transactions: list.toReversed() }, world.keys.log.publicKey)).toThrow()
  })

  test('in CBOR: the same, and sent again it is not written again', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 3)), world.bytes(world.redeem(FIRST_MEMBER, 10 ** 9))]
    const signers = [world.issuer, world.owner(FIRST_MEMBER)]
    const first = decodeAnswer(new Uint8Array(await (await cbor(signers, list)).arrayBuffer()))
    expect([...first.statuses]).toEqual([0, 24])
    verifyPromise({ ...first.promise!, transactions: list }, world.keys.log.publicKey)
    const again = decodeAnswer(new Uint8Array(await (await cbor(signers, list)).arrayBuffer()))
    expect(again).toMatchObject({
      index: null,
      existed: [
        [0, first.index! + 1],
        [1, first.index! + 2],
      ],
    })
    expect([...again.statuses]).toEqual([0, 24])
    verifyPromise({ ...again.promise!, transactions: list }, world.keys.log.publicKey)
    // With one more, in another order: a batch of its own, in which the two exist.
    const more = [list[1]!, world.bytes(world.issue(FIRST_MEMBER, 4)), list[0]!]
    const mixed = decodeAnswer(new Uint8Array(await (await cbor(signers, more)).arrayBuffer()))
    expect([...mixed.statuses]).toEqual([24, 0, 0])
    expect(mixed.existed.map(([position]) => position)).toEqual([0, 2])
  })

  test('wait=sealed answers with the checkpoint that has it', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 2))]
    const answer = decodeAnswer(new Uint8Array(await (await cbor([world.issuer], list, '?wait=sealed')).arrayBuffer()))
    const checkpoint = openCheckpoint(answer.checkpoint!, world.policy)
    expect(checkpoint.size).toBeGreaterThan(answer.index! + 1)
    const { body } = await json(jsonBody([world.issuer], list), '?wait=sealed')
    expect(openCheckpoint(utf8Encode(body.checkpoint!), world.policy).size).toBeGreaterThanOrEqual(checkpoint.size)
    expect((await json(jsonBody([world.issuer], list), '?wait=long')).body.code).toBe('request-invalid')
  })

  test.each<[string, () => Signer[]]>([
    ['signer-unknown', () => [{ record: 99, key: served.world.keys.issuer }]],
    ['signer-unknown', () => [{ account: 0, key: served.world.keys.issuer }]],
    ['signer-revoked', () => [{ record: REVOKED, key: keyNumber(51) }]],
    ['signature-invalid', () => [{ record: ISSUER, key: served.world.keys.root }]],
  ])('%s: refused whole, with the ledger’s signature under the refusal', async (code, signers) => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 3))]
    const size = world.log.ledger.size
    const { status, body } = await json(jsonBody(signers(), list))
    expect([status, body.code]).toEqual([422, code])
    const { root, count } = transactionsFrom(list)
    const message = refusalMessage(world.ledgerId, count, root, body.refusal!.time, code)
    expect(verifyEd25519(world.keys.log.publicKey, message, fromBase64(body.refusal!.signature))).toBe(true)
    expect(world.log.ledger.size - size).toBeLessThanOrEqual(1)
  })

  test('a second genesis is refused whole', async () => {
    const { world } = served
    const { status, body } = await json(jsonBody([world.root], [world.bytes(world.genesis())]))
    expect([status, body.code]).toEqual([422, 'batch-genesis'])
  })

  test('signatures of another ledger are not good in this one', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 3))]
    const { signatures } = signed(new Uint8Array(32), [world.issuer], list)
    const response = await post(encodeSubmission(signatures, list), 'application/cbor')
    expect([response.status, ((await response.json()) as Answer).code]).toEqual([422, 'signature-invalid'])
  })

  const good = () => jsonBody([served.world.issuer], [served.world.bytes(served.world.issue(FIRST_MEMBER, 1))])

  test.each<[string, string, () => unknown]>([
    ['submission', 'no object', () => [1]],
    ['submission', 'nothing', () => ({})],
    ['submission', 'a field too many', () => ({ ...good(), more: 1 })],
    ['submission', 'no signatures', () => ({ ...good(), signatures: [] })],
    ['submission', 'no transactions', () => ({ ...good(), transactions: [] })],
    [
      'submission',
      'too many transactions',
      () => ({ ...good(), transactions: new Array(BATCH_TRANSACTIONS_MAX + 1).fill('AA==') }),
    ],
    [
      'submission',
      'a signature of 63 bytes',
      () => ({ ...good(), signatures: [{ record: 4, signature: toBase64(new Uint8Array(63)) }] }),
    ],
    [
      'submission',
      'a signer of both kinds',
      () => ({ ...good(), signatures: [{ record: 4, account: 1, signature: 'AA==' }] }),
    ],
    ['submission', 'a fraction of a record', () => ({ ...good(), signatures: [{ record: 4.5, signature: 'AA==' }] })],
    ['base64', 'no base64', () => ({ ...good(), transactions: ['***'] })],
    ['base64', 'base64 without its padding', () => ({ ...good(), transactions: ['AA'] })],
    [
      'batch',
      'signatures out of order',
      () => ({ ...good(), signatures: [...good().signatures, ...good().signatures] }),
    ],
    ['entry-type', 'no transaction', () => ({ ...good(), transactions: [toBase64(Uint8Array.of(3, 0x80))] })],
    [
      'cbor',
      'a transaction cut off',
      () => ({ ...good(), transactions: [toBase64(fromBase64(good().transactions[0]!).slice(0, -1))] }),
    ],
    [
      'transaction',
      'a kind with another number of fields',
      () => ({ ...good(), transactions: [toBase64(Uint8Array.of(2, ...encodeCbor([7, 1])))] }),
    ],
  ])('%s: %s', async (code, _, value) => {
    const { status, body } = await json(value())
    expect([status, body.code]).toEqual([400, code])
  })

  test('other types, no JSON, and what is too large are refused', async () => {
    const problem = async (response: Response) => [response.status, ((await response.json()) as Answer).code]
    expect(await problem(await post('a=1', 'application/x-www-form-urlencoded'))).toEqual([415, 'media-type'])
    expect(await problem(await post('{', 'application/json'))).toEqual([400, 'request-invalid'])
    expect(await problem(await post('', 'application/json'))).toEqual([400, 'request-invalid'])
    const large = new Uint8Array(SUBMISSION_BYTES_MAX + 1)
    expect(await problem(await post(large, 'application/cbor'))).toEqual([413, 'submission-size'])
    expect(await problem(await post(large.subarray(1), 'application/cbor'))).toEqual([400, 'cbor'])
  })

  test('the largest batch is taken', async () => {
    const { world } = served
    const list = Array.from({ length: BATCH_TRANSACTIONS_MAX }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answer = decodeAnswer(new Uint8Array(await (await cbor([world.issuer], list)).arrayBuffer()))
    expect(answer.statuses).toEqual(new Uint8Array(BATCH_TRANSACTIONS_MAX))
  })

  test('random bytes and random changes are answered with a code, and change nothing', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 1)), world.bytes(world.redeem(FIRST_MEMBER, 1))]
    const { signatures } = signed(world.ledgerId, [world.issuer, world.owner(FIRST_MEMBER)], list)
    const honest = encodeSubmission(signatures, list)
    const balances = () =>
      [TREASURY, BUDGET, FIRST_MEMBER].map(account => world.log.ledger.state.accounts.balance(account))
    const before = balances()
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) }).map(({ at, byte }) => {
        const changed = honest.slice()
        changed[at % changed.length]! ^= byte
        return changed
      }),
    )
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('application/cbor', 'application/json'), async (bytes, type) => {
        const response = await post(bytes, type)
        const { code } = (await response.json()) as Answer
        expect([400, 422]).toContain(response.status)
        expect(code).toMatch(/^[a-z0-9-]+$/)
      }),
      { numRuns: 300 },
    )
    expect(balances()).toEqual(before)
  })

  test('random paths and methods are answered without an error of ours', async () => {
    const path = fc.array(
      fc.constantFrom('v1', 'accounts', '2', '..', '%00', 'tile', '0', 'x', '?a=1', '%ff', 'statement', '//'),
      { maxLength: 5 },
    )
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'), async (parts, method) => {
        const response = await fetch(`${served.url}/${parts.join('/')}`, { method })
        await response.arrayBuffer()
        expect(response.status).toBeLessThan(500)
      }),
      { numRuns: 150 },
    )
  })
})
