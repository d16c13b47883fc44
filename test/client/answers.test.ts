import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  AnswerError,
  type Carried,
  type Carry,
  type ClientOptions,
  carryByFetch,
  type Request,
  TallyClient,
} from '../../src/client/index.ts'
import { rowsOf } from '../../src/client/registry.ts'
import { fromBase64, toBase64, utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { decodeBatch, encodeBatch } from '../../src/core/entry/batch.ts'
import { INSUFFICIENT } from '../../src/core/entry/outcome.ts'
import { RECORDS_MAX } from '../../src/core/limits.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatNote,
  parseNote,
  signNote,
  verifierKey,
} from '../../src/core/note/note.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { type BatchAnswer, decodeAnswer, encodeAnswer } from '../../src/verify/batch-answer.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { evidenceOf } from '../../src/verify/evidence/make-evidence.ts'
import { type BatchPromise, decodePromise, promiseMessage } from '../../src/verify/promise.ts'
import { formatReceipt, parseReceipt } from '../../src/verify/receipt.ts'
import { naivePath, naiveRoot } from '../core/tree/naive-tree.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER, keyNumber } from '../world.ts'

/** What a server on the way makes of an answer. */
type Lie = (carried: Carried, request: Request) => Carried | undefined

describe('a client that is lied to', () => {
  let served: ServedWorld
  let asked: Request[]
  beforeAll(async () => {
    served = await ServedWorld.create({ periodMs: 50 })
  })
  afterAll(() => served.destroy())
  beforeEach(() => {
    asked = []
  })

  /** Brings requests to the ledger, and lies about the answers to some. */
  const lying =
    (lie: Lie): Carry =>
    async request => {
      asked.push(request)
      const carried = await carryByFetch(request)
      return lie(carried, request) ?? carried
    }
  const client = (lie: Lie, more: Partial<ClientOptions> = {}) =>
    new TallyClient({ ...served.options, retries: 0, timeoutMs: 3000, carry: lying(lie), ...more })
  const at =
    (path: string, change: (bytes: Uint8Array) => Uint8Array): Lie =>
    (carried, { url }) =>
      new URL(url).pathname === path ? { ...carried, bytes: change(carried.bytes) } : undefined
  const json = (change: (value: never) => unknown) => (bytes: Uint8Array) =>
    utf8Encode(JSON.stringify(change(JSON.parse(utf8Decode(bytes)) as never)))

  /** Whether anything was asked that only a key could ask. */
  const wasSigned = () => asked.some(({ method, headers }) => method === 'POST' || 'authorization' in headers)

  describe('about which ledger it is, signs nothing and makes no token', () => {
    const B = { key: keyNumber(70), origin: 'b.example/points' }
    const log = verifierKey(B.origin, ED25519_KEY, B.key.publicKey)
    const policy: Policy = { logs: [{ key: log }], witnesses: [], groups: [], quorum: 'none' }
    /** The receipt of an entry in a tree that another operator made and signed. */
    const receiptIn = (entries: Uint8Array[], index: number, batch: number) => {
      const text = formatCheckpoint({ origin: B.origin, size: entries.length, root: naiveRoot(entries) })
      return (bytes: Uint8Array) => {
        const { evidence } = parseReceipt(bytes)
        return formatReceipt({
          entry: entries[index]!,
          evidence: { ...evidence!, index: batch, batch: entries[batch]!, logPath: naivePath(batch, entries) },
          index,
          proof: naivePath(index, entries),
          checkpoint: formatNote({ text, signatures: [signNote(text, log, B.key.seed)] }),
        })
      }
    }
    /** The first entries of the ledger, and where among them the first transaction after the genesis stands. */
    const begun = () => served.world.log.readEntries([0, 1, 2, 3, 4, 5, 6, 7])
    const another = async () => (await begun()).findIndex((entry, index) => index > 1 && entry[0] === 2)

    test.each<[lie: string, code: string, change: () => Promise<(bytes: Uint8Array) => Uint8Array>, policy?: Policy]>([
      [
        'shows the receipt of the ledger that it passes itself off as',
        'unknown-log',
        async () => bytes => bytes,
        policy,
      ],
      [
        'lets its own tree begin with the entries of that ledger',
        'log-identity',
        async () => receiptIn(await begun(), 1, 0),
        policy,
      ],
      [
        'puts another entry after the first batch of that ledger',
        'evidence-proof',
        async () => {
          const entries = await begun()
          return receiptIn([entries[0]!, entries[await another()]!], 1, 0)
        },
        policy,
      ],
      [
        'shows an entry that is no genesis, with its batch',
        'genesis-proof',
        async () => {
          const { log } = served.world
          const bytes = await log.prover.receipt(await another())
          return () => bytes as Uint8Array
        },
      ],
      [
        'shows a receipt that nobody signed',
        'log-signature',
        async () => bytes => {
          const receipt = parseReceipt(bytes)
          const { text, signatures } = parseNote(receipt.checkpoint)
          const spoilt = signatures.map(one => ({ ...one, bytes: one.bytes.with(5, one.bytes[5]! ^ 1) }))
          return formatReceipt({ ...receipt, checkpoint: formatNote({ text, signatures: spoilt }) })
        },
      ],
    ])('told that %s: %s', async (_, code, make, trusted = served.world.policy) => {
      const lie = at('/v1/receipts/1', await make())
      const { keys, world } = served
      const asking = client(lie, { policy: trusted, caller: keys.owner })
      const bytes = world.bytes(world.redeem(FIRST_MEMBER, 1))
      for (const ask of [
        () => asking.submit([bytes], [keys.owner]),
        () => asking.account(FIRST_MEMBER),
        () => asking.tile({ level: 'entries', index: 0, width: 1 }),
        () => asking.receipt(2),
        () => asking.statement(FIRST_MEMBER),
        () => asking.eraseDetails('00'),
      ])
        await expect(ask()).rejects.toMatchObject({ code })
      expect(wasSigned()).toBe(false)
    })

    test('and is another one than a file says', async () => {
      const { keys } = served
      const other = client(() => undefined, { caller: keys.owner, ledgerId: new Uint8Array(32) })
      await expect(other.account(FIRST_MEMBER)).rejects.toMatchObject({ code: 'wrong-ledger' })
      expect(wasSigned()).toBe(false)
      const same = client(() => undefined, { caller: keys.owner, ledgerId: served.world.ledgerId })
      expect((await same.account(FIRST_MEMBER)).number).toBe(FIRST_MEMBER)
    })

    test('a genesis that names another key is told, and takes a look at the log: it may have gone on to this one', async () => {
      const entries = await begun()
      const asking = client(at('/v1/receipts/1', receiptIn(entries, 1, 0)), { policy })
      const error = (await asking.identity().catch((error: unknown) => error)) as AnswerError
      expect(error).toBeInstanceOf(AnswerError)
      const { code, message, exhibits } = error
      const file = evidenceOf({ origin: B.origin, code, message, evidence: exhibits }, policy)
      expect([file.needs, file.code]).toEqual(['replay', 'log-identity'])
    })

    test('it is asked once, by all clients that were made of one', async () => {
      const first = client(() => undefined)
      const [a, b] = [first.as(served.keys.owner), first.as(served.keys.registrar)]
      await Promise.all([a.account(FIRST_MEMBER), b.account(FIRST_MEMBER), first.identity()])
      expect(asked.filter(({ url }) => url.endsWith('/v1/receipts/1'))).toHaveLength(1)
    })
  })

  describe('about a batch, does not believe', () => {
    const changed = (change: (answer: BatchAnswer) => Partial<BatchAnswer>): Lie =>
      at('/v1/batches', bytes => {
        const answer = decodeAnswer(bytes)
        return encodeAnswer({ ...answer, ...change(answer) })
      })
    const promised = (change: (promise: BatchPromise) => Partial<BatchPromise>) =>
      changed(({ promise }) => ({ promise: { ...promise!, ...change(promise!) } }))
    /** The same, signed again: by an operator who lies. */
    const signed = (change: (promise: BatchPromise) => Partial<BatchPromise>) =>
      promised(promise => {
        const head = { ...promise, ...change(promise) }
        return { ...head, signature: signEd25519(served.world.keys.log.seed, promiseMessage(head)) }
      })
    const zero = new Uint8Array(32)

    /** A batch that issues, and one that cannot be spent. */
    const submitted = async (lie: Lie, wait?: 'sealed') => {
      const { world, keys } = served
      const list = [world.bytes(world.issue(FIRST_MEMBER, 1)), world.bytes(world.redeem(FIRST_MEMBER, 1_000_000))]
      const asking = client(lie)
      return asking.submit(list, [keys.issuer, keys.owner], wait === undefined ? {} : { wait })
    }

    test('nothing but what is so: the truth is returned', async () => {
      const answer = await submitted(() => undefined, 'sealed')
      expect([[...answer.statuses], answer.unproven, answer.kept!.transactions.length]).toEqual([
        [0, INSUFFICIENT],
        [],
        2,
      ])
    })

    test.each<[what: string, code: string, lie: Lie]>([
      ['a promise that nobody signed', 'promise-signature', promised(() => ({ signature: new Uint8Array(64) }))],
      ['a promise of another tree', 'promise-signature', promised(() => ({ root: zero }))],
      ['a promise of more time', 'promise-signature', promised(({ deadline }) => ({ deadline: deadline + 1 }))],
      ['a promise of another ledger, well signed', 'wrong-ledger', signed(() => ({ ledgerId: zero }))],
      ['a promise for the next century, well signed', 'answer-false', signed(() => ({ deadline: 4e12 }))],
      ['a promise of a tree without the batch, well signed', 'inclusion-proof', signed(() => ({ root: zero }))],
      [
        'a promise of an earlier batch of others',
        'promise-transactions',
        changed(() => ({ index: earlier.index, promise: earlier.promise, size: earlier.size })),
      ],
      [
        'a batch with another status, which the tree does not have',
        'inclusion-proof',
        promised(({ batch }) => ({
          batch: encodeBatch({ ...decodeBatch(batch), statuses: Uint8Array.of(0, 0) }),
        })),
      ],
      ['no promise', 'answer-false', changed(() => ({ promise: null }))],
      ['that a refused one was accepted', 'answer-false', changed(() => ({ statuses: Uint8Array.of(0, 0) }))],
      ['that an accepted one was refused', 'answer-false', changed(() => ({ statuses: Uint8Array.of(45, 45) }))],
      ['a status that there is not', 'answer-false', changed(() => ({ statuses: Uint8Array.of(0, 250) }))],
      ['fewer outcomes than transactions', 'answer-false', changed(() => ({ statuses: Uint8Array.of(0) }))],
      ['more outcomes than transactions', 'answer-false', changed(() => ({ statuses: Uint8Array.of(0, 45, 0) }))],
      ['that one was there before', 'answer-false', changed(() => ({ existed: [[0, 3]] }))],
      [
        'that all were there before, without a promise',
        'answer-false',
        changed(() => ({ existed: BOTH, promise: null })),
      ],
      [
        'positions out of order',
        'answer-false',
        changed(() => ({
          existed: [
            [1, 4],
            [0, 3],
          ],
        })),
      ],
      ['a position that there is not', 'answer-false', changed(() => ({ existed: [[7, 3]] }))],
      ['an account that nothing opened', 'answer-false', changed(() => ({ accounts: [[0, 9]] }))],
      ['another place in the log', 'answer-false', changed(({ index }) => ({ index: index! + 1 }))],
      ['that nothing was written', 'answer-false', changed(() => ({ index: null }))],
      ['another size than was promised', 'answer-false', changed(({ size }) => ({ size: size - 1 }))],
    ])('%s: %s', async (_, code, lie) => {
      const error = await submitted(lie).catch((error: unknown) => error)
      expect(error).toMatchObject({ code })
      expect(error).toBeInstanceOf(AnswerError)
    })

    const BOTH = [
      [0, 3],
      [1, 4],
    ] as const
    let earlier: BatchAnswer
    beforeAll(async () => {
      earlier = await submitted(() => undefined)
    })

    const noted = (change: (text: string) => string, key = () => served.world.keys.log) =>
      changed(({ checkpoint }) => {
        const text = change(parseNote(checkpoint!).text)
        const { logKey } = served.world.log
        return { checkpoint: formatNote({ text, signatures: [signNote(text, logKey, key().seed)] }) }
      })
    const withRoot = (text: string) => text.replace(/\n[^\n]+\n$/, `\n${toBase64(zero)}\n`)

    test.each<[what: string, code: string, lie: Lie]>([
      ['no checkpoint', 'answer-false', changed(() => ({ checkpoint: null }))],
      ['what is no note', 'note', changed(() => ({ checkpoint: Uint8Array.of(10) }))],
      [
        'a checkpoint that somebody else signed',
        'log-signature',
        noted(
          text => text,
          () => keyNumber(70),
        ),
      ],
      ['a checkpoint that is too small', 'answer-false', noted(text => text.replace(/\n\d+\n/, '\n3\n'))],
      ['a checkpoint of another root', 'tile', noted(withRoot)],
      ['a checkpoint without its tiles', 'withheld', noted(text => text.replace(/\n\d+\n/, '\n5000\n'))],
    ])('its seal, told by %s: %s', async (_, code, lie) => {
      await expect(submitted(lie, 'sealed')).rejects.toMatchObject({ code })
    })

    test('a promise and a seal of one size and two roots convict', async () => {
      // The checkpoint has just what was promised, and the promise was of something else.
      const lie: Lie = (carried, request) => {
        if (new URL(request.url).pathname !== '/v1/batches') return undefined
        const answer = decodeAnswer(carried.bytes)
        const { promise } = answer
        const text = formatCheckpoint({ origin: served.world.origin, size: promise!.size, root: zero })
        const { logKey } = served.world.log
        const checkpoint = formatNote({ text, signatures: [signNote(text, logKey, served.world.keys.log.seed)] })
        return { ...carried, bytes: encodeAnswer({ ...answer, checkpoint }) }
      }
      const error = (await submitted(lie, 'sealed').catch((error: unknown) => error)) as AnswerError
      expect(error).toMatchObject({ code: 'promise-broken' })
      const { code, message, exhibits } = error
      const { policy } = served.world
      const file = evidenceOf({ origin: served.world.origin, code, message, evidence: exhibits }, policy)
      expect([file.needs, convict(file, policy).code]).toEqual(['nothing', 'promise-broken'])
    })

    test('of what it sent in part before, what no promise shows: that is told apart, and proven by its receipt', async () => {
      const { world, keys } = served
      const before = world.bytes(world.issue(FIRST_MEMBER, 3))
      const refused = world.bytes(world.redeem(FIRST_MEMBER, 2_000_000))
      const asking = client(() => undefined).as(keys.issuer)
      const first = await asking.submit([before, refused], [keys.issuer, keys.owner], { wait: 'sealed' })
      const fresh = world.bytes(world.issue(FIRST_MEMBER, 4))
      const again = await asking.submit([fresh, before, refused], [keys.issuer, keys.owner], { wait: 'sealed' })
      expect([[...again.statuses], again.unproven]).toEqual([
        [0, 0, INSUFFICIENT],
        [1, 2],
      ])
      const [at] = again.existed.map(([, index]) => index)
      expect([at, await asking.outcomeAt(at!, before)]).toEqual([first.index! + 1, 0])
      await expect(asking.outcomeAt(at!, refused)).rejects.toMatchObject({ code: 'answer-false' })
      // The very batch of before is shown by its own promise, and so is one that has a transaction twice.
      const same = await asking.submit([before, refused], [keys.issuer, keys.owner])
      expect([same.index, same.unproven]).toEqual([null, []])
      const twice = world.bytes(world.issue(FIRST_MEMBER, 5))
      expect((await asking.submit([twice, twice], [keys.issuer])).unproven).toEqual([])
      // All of it known, in no batch of before: then there is no promise.
      const mixed = await asking.submit([before, fresh], [keys.issuer])
      expect([mixed.kept, mixed.unproven]).toEqual([null, [0, 1]])
    })
  })

  test('a checkpoint that too few have cosigned is waited for, and the wait has an end', async () => {
    const witness = keyNumber(71)
    const key = verifierKey('w1.example', COSIGNATURE_KEY, witness.publicKey)
    const policy: Policy = { ...served.world.policy, witnesses: [{ name: 'w1', key }], quorum: 'w1' }
    const { world, keys } = served
    let after = 2
    const cosigning: Lie = at('/checkpoint', bytes => {
      const { text, signatures } = parseNote(bytes)
      if (after-- > 0) return bytes
      return formatNote({ text, signatures: [...signatures, cosignNote(text, key, witness.seed, 1_800_000_000)] })
    })
    const submit = (lie: Lie, timeoutMs: number) =>
      client(lie, { policy, timeoutMs }).submit([world.bytes(world.issue(FIRST_MEMBER, 1))], [keys.issuer], {
        wait: 'sealed',
      })
    const { checkpoint } = await submit(cosigning, 10_000)
    expect(parseNote(checkpoint!).signatures).toHaveLength(2)
    await expect(submit(() => undefined, 500)).rejects.toMatchObject({ code: 'quorum' })
  })

  describe('about the registry, does not believe', () => {
    interface Page {
      size: number
      records: { number: number; entry: string; from: number; until: number }[]
    }
    const page = (change: (page: Page) => Page) => at('/v1/registry', json(change))

    test.each<[what: string, code: string, lie: Lie]>([
      ['a record less', 'record-proof', page(({ size, records }) => ({ size, records: records.slice(0, -1) }))],
      ['a record left out', 'record-proof', page(({ size, records }) => ({ size, records: records.toSpliced(2, 1) }))],
      [
        'a record left out, and the others counted again',
        'record-proof',
        page(({ size, records }) => ({
          size,
          records: records.toSpliced(2, 1).map((one, number) => ({ ...one, number })),
        })),
      ],
      [
        'another entry',
        'record-proof',
        page(({ size, records }) => ({ size, records: records.with(2, { ...records[2]!, entry: records[4]!.entry }) })),
      ],
      [
        'that a key stands which was revoked',
        'record-proof',
        page(({ size, records }) => ({ size, records: records.map(one => ({ ...one, until: 0 })) })),
      ],
      [
        'that it ends elsewhere than in a seal',
        'token-missing',
        page(({ records, size }) => ({ records, size: size + 1 })),
      ],
      [
        'a seal of another size',
        'seal-proof',
        (carried, { url }) => (/receipts\/(?!1$)/.test(url) ? { ...carried, bytes: sealed } : undefined),
      ],
      [
        'numbers that are none',
        'answer',
        page(({ size, records }) => ({ size, records: [{ ...records[0]!, number: -1 }] })),
      ],
      ['no records', 'answer', page(({ size }) => ({ size }) as Page)],
    ])('%s: %s', async (_, code, lie) => {
      const error = await client(lie)
        .registry()
        .catch((error: unknown) => error)
      expect(error).toMatchObject({ code })
    })

    let sealed: Uint8Array
    beforeAll(async () => {
      const { log } = served.world
      const { size } = log.publisher.published!
      await client(() => undefined).submit(
        [served.world.bytes(served.world.issue(FIRST_MEMBER, 1))],
        [served.keys.issuer],
        { wait: 'sealed' },
      )
      sealed = (await log.prover.receipt(size - 1)) as Uint8Array
    })

    test('pages without end', async () => {
      let pages = 0
      const { bytes: full } = await carryByFetch({
        url: `${served.url}/v1/registry`,
        method: 'GET',
        headers: {},
        timeoutMs: 1000,
        maxBytes: 1e6,
      })
      const telling =
        (change: (page: Page, after: number) => Page): Lie =>
        (carried, { url }) => {
          if (!url.includes('/v1/registry')) return undefined
          pages++
          const after = Number(new URL(url).searchParams.get('after'))
          return { ...carried, bytes: json((page: Page) => change(page, after))(full) }
        }
      // The same page for ever.
      const same = client(telling(page => page)).recordOf(new Uint8Array(32))
      await expect(same).rejects.toMatchObject({ code: 'record-proof' })
      expect(pages).toBe(2)
      // As many records as there can be, and more: no more are taken than the seal counts, or than there can be.
      const more = (after: number) => Array.from({ length: 4000 }, (_, i) => ({ number: after + 1 + i }))
      const growing = telling((page, after) => ({
        ...page,
        records: more(after).map(one => ({ ...page.records[1]!, ...one })),
      }))
      pages = 0
      await expect(client(growing).registry()).rejects.toMatchObject({ code: 'record-proof' })
      expect(pages).toBe(1)
      let rows = 0
      const row = { entry: new Uint8Array(1), from: 1, until: 0 }
      const pageAfter = async (after: number) => ({ size: 9, records: more(after).map(one => ({ ...row, ...one })) })
      for await (const _ of rowsOf(pageAfter)) rows++
      expect(rows).toBe(RECORDS_MAX)
    })

    test('nothing but what is so', async () => {
      const records = await client(() => undefined).registry()
      expect(records.map(({ number }) => number)).toEqual(records.map((_, i) => i))
      expect(records.find(({ until }) => until > 0)).toBeDefined()
      const { size } = served.world.log.publisher.published!
      expect(await client(() => undefined).registry({ size })).toEqual(records)
    })
  })

  test.each<[what: string, path: string, change: (value: Record<string, unknown>) => unknown]>([
    ['a list', `/v1/accounts/${FIRST_MEMBER}`, () => []],
    ['nothing', `/v1/accounts/${FIRST_MEMBER}`, () => null],
    ['a balance as text', `/v1/accounts/${FIRST_MEMBER}`, value => ({ ...value, balance: '100' })],
    ['a balance beyond what is exact', `/v1/accounts/${FIRST_MEMBER}`, value => ({ ...value, balance: 2 ** 53 })],
    ['a status that there is not', `/v1/accounts/${FIRST_MEMBER}`, value => ({ ...value, status: 'golden' })],
    ['no unit', `/v1/accounts/${FIRST_MEMBER}`, ({ unit: _, ...value }) => value],
    ['a unit of a megabyte', `/v1/accounts/${FIRST_MEMBER}`, value => ({ ...value, unit: 'x'.repeat(1e6) })],
    ['holds without end', `/v1/accounts/${FIRST_MEMBER}`, value => ({ ...value, holds: Array(1000).fill({}) })],
  ])('an answer in JSON that has %s is none', async (_, path, change) => {
    const lie = at(path, json(change as never))
    const error = await client(lie, { caller: served.keys.owner })
      .account(FIRST_MEMBER)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'answer' })
    // What is more than a client knows, it steps over.
    const more = at(
      path,
      json((value: object) => ({ ...value, more: [1] })),
    )
    expect(await client(more, { caller: served.keys.owner }).account(FIRST_MEMBER)).not.toHaveProperty('more')
  })

  test('evidence of what was answered has it as it came', async () => {
    const { world, keys } = served
    const lie = at('/v1/batches', bytes => {
      const answer = decodeAnswer(bytes)
      return encodeAnswer({ ...answer, statuses: Uint8Array.of(45) })
    })
    const bytes = world.bytes(world.issue(FIRST_MEMBER, 1))
    const error = (await client(lie)
      .submit([bytes], [keys.issuer])
      .catch((error: unknown) => error)) as AnswerError
    const { exhibits } = error
    expect(Object.keys(exhibits)).toEqual(['promise'])
    expect(decodePromise(fromBase64(exhibits.promise!)).transactions).toEqual([bytes])
  })
})
