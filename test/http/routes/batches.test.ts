import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromBase64, fromHex, utf8Encode } from '../../../src/core/bytes.ts'
import { INSUFFICIENT, OUTCOMES } from '../../../src/core/entry/outcome.ts'
import { encodeSubmission } from '../../../src/core/entry/submission.ts'
import { BATCH_TRANSACTIONS_MAX } from '../../../src/core/limits.ts'
import { openCheckpoint } from '../../../src/core/note/policy.ts'
import { decodeAnswer } from '../../../src/verify/batch-answer.ts'
import { verifyPromise } from '../../../src/verify/promise.ts'
import { FIRST_MEMBER, type Signer, signed } from '../../world.ts'
import { codeOf, jsonSubmission, ServedWorld } from '../server.ts'

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
}

describe('submitting batches (SPEC §11)', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create({ periodMs: 100 })
  })
  afterAll(() => served.destroy())

  const cbor = (signers: readonly Signer[], list: readonly Uint8Array[], query = '') => {
    const { signatures } = signed(served.world.ledgerId, signers, list)
    return served.post(encodeSubmission(signatures, list), 'application/cbor', { accept: 'application/cbor', query })
  }
  const answerOf = async (response: Response) => {
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/cbor'])
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    return decodeAnswer(new Uint8Array(await response.arrayBuffer()))
  }
  const jsonBody = (signers: readonly Signer[], list: readonly Uint8Array[]) =>
    JSON.stringify(jsonSubmission(served.world.ledgerId, signers, list))
  const json = async (body: string, query = '') => {
    const response = await served.post(body, 'application/json', { query })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    return (await response.json()) as Answer
  }

  test('in JSON: outcome and index of each, the account that was opened, and a promise that holds', async () => {
    const { world } = served
    const list = [world.bytes(world.openMember()), world.bytes(world.issue(FIRST_MEMBER, 1))]
    const body = await json(jsonBody([world.registrar, world.issuer], list))
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

  test('in both forms: a group is all accepted, or none of it, and a client takes no other group than it signed', async () => {
    const { world } = served
    const signers = [world.issuer, world.owner(FIRST_MEMBER)]
    const group = { first: 1, count: 2 }
    const list = (spent: number) => [
      world.bytes(world.issue(FIRST_MEMBER, 1)),
      world.bytes(world.issue(FIRST_MEMBER, 5)),
      world.bytes(world.redeem(FIRST_MEMBER, spent)),
    ]
    const refused = list(1_000_000)
    const { signatures } = jsonSubmission(world.ledgerId, signers, refused, [group])
    const transactions = refused.map(one => Buffer.from(one).toString('base64'))
    const body = await json(JSON.stringify({ signatures, groups: [[1, 2]], transactions }))
    expect(body.results.map(({ outcome }) => outcome)).toEqual(['accepted', 'group-undone', 'insufficient'])
    const accepted = list(5)
    const bytes = world.groupedSubmission(signers, [group], ...accepted)
    const answer = await answerOf(await served.post(bytes, 'application/cbor', { accept: 'application/cbor' }))
    expect([...answer.statuses]).toEqual([0, 0, 0])
    const client = served.client()
    const options = { groups: [{ first: 0, count: 2 }] }
    const sent = await client.submit(list(1).slice(0, 2), [served.keys.issuer], options)
    expect([...sent.statuses]).toEqual([0, 0])
    for (const groups of [
      [[1, 3]],
      [
        [0, 2],
        [1, 2],
      ],
    ]) {
      const wrong = JSON.stringify({ signatures, groups, transactions })
      expect(await codeOf(await served.post(wrong, 'application/json'))).toEqual([400, 'batch'])
    }
  })

  test('in CBOR: the same, and sent again it is not written again', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 3)), world.bytes(world.redeem(FIRST_MEMBER, 10 ** 9))]
    const signers = [world.issuer, world.owner(FIRST_MEMBER)]
    const first = await answerOf(await cbor(signers, list))
    expect([...first.statuses]).toEqual([0, INSUFFICIENT])
    verifyPromise({ ...first.promise!, transactions: list }, world.keys.log.publicKey)
    const again = await answerOf(await cbor(signers, list))
    expect(again).toMatchObject({
      index: null,
      existed: [
        [0, first.index! + 1],
        [1, first.index! + 2],
      ],
    })
    expect([...again.statuses]).toEqual([0, INSUFFICIENT])
    verifyPromise({ ...again.promise!, transactions: list }, world.keys.log.publicKey)
    // With one more, in another order: a batch of its own, in which the two exist.
    const more = [list[1]!, world.bytes(world.issue(FIRST_MEMBER, 4)), list[0]!]
    const mixed = await answerOf(await cbor(signers, more))
    expect([...mixed.statuses]).toEqual([INSUFFICIENT, 0, 0])
    expect(mixed.existed.map(([position]) => position)).toEqual([0, 2])
  })

  test('an answer says of ids that were used which outcome they have, in both forms', async () => {
    const { world } = served
    const [id, twice] = [world.id(), world.id()]
    const first = world.bytes(world.issue(FIRST_MEMBER, 5), id)
    const { index } = await answerOf(await cbor([world.issuer], [first]))
    const before = world.log.ledger.state.accounts.balance(FIRST_MEMBER)
    const list = [
      world.bytes(world.issue(FIRST_MEMBER, 6), id),
      first,
      world.bytes(world.issue(FIRST_MEMBER, 7), twice),
      world.bytes(world.issue(FIRST_MEMBER, 8), twice),
    ]
    const outcomes = ['id-taken', 'accepted', 'accepted', 'id-taken']
    const answer = await answerOf(await cbor([world.issuer], list))
    expect([...answer.statuses].map(status => OUTCOMES[status])).toEqual(outcomes)
    expect(answer.existed).toEqual([[1, index! + 1]])
    const again = await json(jsonBody([world.issuer], list))
    expect(again.results.map(({ outcome }) => outcome)).toEqual(outcomes)
    expect(again.results[1]).toMatchObject({ existed: true, index: index! + 1 })
    expect(again.results[2]).toMatchObject({ existed: true, index: answer.index! + 3 })
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER) - before).toBe(7)
  })

  test('wait=sealed answers with the checkpoint that has it', async () => {
    const { world } = served
    const list = [world.bytes(world.issue(FIRST_MEMBER, 2))]
    const answer = await answerOf(await cbor([world.issuer], list, '?wait=sealed'))
    const checkpoint = openCheckpoint(answer.checkpoint!, world.policy)
    expect(checkpoint.size).toBeGreaterThan(answer.index! + 1)
    const body = await json(jsonBody([world.issuer], list), '?wait=sealed')
    expect(openCheckpoint(utf8Encode(body.checkpoint!), world.policy).size).toBeGreaterThanOrEqual(checkpoint.size)
    const long = await served.post(jsonBody([world.issuer], list), 'application/json', { query: '?wait=long' })
    expect(await codeOf(long)).toEqual([400, 'request-invalid'])
  })

  test('the largest batch is taken', async () => {
    const { world } = served
    const list = Array.from({ length: BATCH_TRANSACTIONS_MAX }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answer = await answerOf(await cbor([world.issuer], list))
    expect(answer.statuses).toEqual(new Uint8Array(BATCH_TRANSACTIONS_MAX))
  })
})
