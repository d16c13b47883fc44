import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AnswerError,
  BatchRefusedError,
  type Carry,
  ClientError,
  carryByFetch,
  makeToken,
  TallyClient,
} from '../../src/client/index.ts'
import { signSubmission } from '../../src/client/key.ts'
import { fromBase64, toBase64, toHex, utf8Encode } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { transactionBytes } from '../../src/core/entry/batch.ts'
import { decodeSubmission } from '../../src/core/entry/submission.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { openCheckpoint, parsePolicy } from '../../src/core/note/policy.ts'
import { decodeEntryBundle } from '../../src/core/tree/tile.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import { decodeRefusal, refusalMessage, verifyRefusal } from '../../src/verify/refusal.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'

describe('the client', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create({ periodMs: 100 })
  })
  afterAll(() => served.destroy())

  const refusedWith = async (promise: Promise<unknown>, code: string, status: number) => {
    await expect(promise).rejects.toBeInstanceOf(ClientError)
    await expect(promise).rejects.toThrow(expect.objectContaining({ code, status }))
  }

  test('submits, waits for the checkpoint, and reads what follows from it', async () => {
    const { world, keys } = served
    const [issuer, owner] = [served.client(keys.issuer), served.client(keys.owner)]
    const answer = await issuer.submit([world.bytes(world.issue(FIRST_MEMBER, 5))], [keys.issuer], { wait: 'sealed' })
    expect([...answer.statuses]).toEqual([0])
    expect(openCheckpoint(answer.checkpoint!, world.policy).size).toBeGreaterThan(answer.index! + 1)
    for (const client of [served.client(keys.registrar), owner])
      expect(await client.account(FIRST_MEMBER)).toMatchObject({ balance: 105, sealed: { balance: 105 } })
    const lines = async (options: { since?: number; allSignatures?: boolean }) =>
      verifyStatement(await owner.statement(FIRST_MEMBER, options), { policy: world.policy }).lines
    expect((await lines({ allSignatures: true })).map(line => line.signers.length > 0)).toEqual([true, true, true])
    expect((await lines({})).map(line => line.signers.length > 0)).toEqual([true, false, false])
    await refusedWith(owner.statement(FIRST_MEMBER, { since: 99 }), 'since-beyond', 409)
    const receipt = verifyReceipt(await owner.receipt(answer.index! + 1), world.policy)
    expect(receipt.index).toBe(answer.index! + 1)
    expect(decodeTransaction(receipt.entry)).toMatchObject({ kind: 'issue', credit: FIRST_MEMBER, amount: 5 })
  })

  test('reads what is public without a key, and what is the auditor’s with that', async () => {
    const { world, keys } = served
    const anyone = served.client()
    const auditor = served.client(keys.auditor)
    const policy = parsePolicy(new Uint8Array(await (await served.get('/policy')).arrayBuffer()))
    expect(openCheckpoint(await anyone.checkpoint(), policy).origin).toBe(world.origin)
    expect((await anyone.tile({ level: 0, index: 0, width: 10 })).length).toBe(320)
    expect(await anyone.ledger()).toMatchObject({ origin: world.origin, ledgerId: world.ledgerId, skewMs: 600_000 })
    const bundle = { level: 'entries', index: 0, width: 10 } as const
    expect(decodeEntryBundle(await auditor.tile(bundle), 10)[0]![0]).toBe(1)
    expect(await auditor.salts(0, 1)).toEqual([world.log.salt(0)])
    await refusedWith(anyone.tile(bundle), 'token-missing', 401)
    await refusedWith(served.client(keys.owner).tile(bundle), 'token-invalid', 401)
    await refusedWith(served.client(keys.issuer).tile(bundle), 'not-allowed', 403)
  })

  test('reads the registry to its end, however many pages it has', async () => {
    const { world, keys } = served
    const before = await served.client().registry()
    const rules = Array.from({ length: 2100 }, (_, i) =>
      world.bytes({ kind: 'publish-rule', name: `rule-${i}`, digest: new Uint8Array(32).fill(i), budgets: [1] }),
    )
    const root = { holder: { record: 0 }, seed: world.keys.root.seed }
    const answer = await served.client().submit(rules, [root], { wait: 'sealed' })
    expect(new Set(answer.statuses)).toEqual(new Set([0]))
    const page = (await (await served.get('/v1/registry')).json()) as { records: unknown[] }
    expect(page.records.length).toBeLessThan(2100)
    const records = await served.client(keys.issuer).registry()
    expect(records.slice(0, before.length)).toEqual(before)
    expect(records.map(({ number }) => number)).toEqual(Array.from({ length: before.length + 2100 }, (_, i) => i))
    expect(records.at(-1)).toMatchObject({
      from: answer.index! + 2100,
      until: 0,
      transaction: { kind: 'publish-rule', name: 'rule-2099' },
    })
  })

  test('believes no refusal of a state that the log was not in, and keeps it', async () => {
    const { world, keys } = served
    const ours = served.client()
    await ours.submit([world.bytes(world.issue(FIRST_MEMBER, 1))], [keys.issuer])
    const bytes = world.bytes(world.issue(FIRST_MEMBER, 2))
    const { ledgerId } = world
    const { signatures, transactions } = decodeSubmission(signSubmission([keys.issuer], ledgerId, [bytes], []))
    /** @param less - by how many entries the refusal stays below the promise that the client was just given. */
    const said = async (less: number, time: number, client: (carry: Carry) => TallyClient) => {
      let problem: Uint8Array | undefined
      const carry: Carry = async request =>
        request.method === 'POST' && problem !== undefined ? { status: 422, bytes: problem } : carryByFetch(request)
      const asking = client(carry)
      const { index } = await asking.submit([world.bytes(world.issue(FIRST_MEMBER, 1))], [keys.issuer])
      // The batch, and its one transaction.
      const head = { ledgerId, size: index! + 2 - less, time, code: 'signer-revoked' } as const
      const signature = signEd25519(world.keys.log.seed, refusalMessage(head, signatures, transactions))
      const refusal = { ledgerId: toHex(ledgerId), size: head.size, time, signature: toBase64(signature) }
      problem = utf8Encode(JSON.stringify({ code: head.code, detail: 'words', refusal }))
      return asking.submit([bytes], [keys.issuer]).catch((error: unknown) => error)
    }
    const { nowMs } = world
    const by = (carry: Carry) => new TallyClient({ ...served.options, carry, nowMs: () => nowMs })
    const skewMs = (await ours.ledger()).skewMs
    expect(await said(0, nowMs - skewMs, by)).toBeInstanceOf(BatchRefusedError)
    expect(await said(0, nowMs + skewMs, by)).toBeInstanceOf(BatchRefusedError)
    for (const [less, time] of [
      [1, nowMs],
      [0, nowMs - skewMs - 1],
      [0, nowMs + skewMs + 1],
    ] as const) {
      const error = await said(less, time, by)
      expect(error).toBeInstanceOf(AnswerError)
      expect(error).toMatchObject({ code: 'answer-false', exhibits: { refusal: expect.any(String) } })
      const kept = decodeRefusal(fromBase64((error as AnswerError).exhibits.refusal!))
      expect([kept.code, kept.time]).toEqual(['signer-revoked', time])
    }
  })

  test('passes on what the ledger says is wrong', async () => {
    const { world, keys } = served
    const bytes = world.bytes(world.issue(FIRST_MEMBER, 1))
    await refusedWith(served.client(keys.other).account(FIRST_MEMBER), 'token-invalid', 401)
    await refusedWith(served.client(keys.revoked).account(FIRST_MEMBER), 'token-invalid', 401)
    await refusedWith(served.client(keys.registrar).account(99), 'no-such-account', 404)
    await refusedWith(served.client(keys.registrar).statement(0), 'no-statement', 409)
    await refusedWith(served.client().submit([bytes], [keys.revoked]), 'signer-revoked', 422)
    const refused = await served
      .client()
      .submit([bytes], [keys.revoked])
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(BatchRefusedError)
    const { code, transactions } = verifyRefusal((refused as BatchRefusedError).refusal, world.policy)
    expect([code, transactionBytes(transactions)]).toEqual(['signer-revoked', [bytes]])
    // What a ledger says that signs nothing, or what is no signature, is an error and no refusal to keep.
    const { ledgerId } = world
    const whole = { ledgerId: toHex(ledgerId), size: 5, time: 7, signature: toBase64(new Uint8Array(64)) }
    const kept: unknown[] = []
    for (const refusal of [
      whole,
      undefined,
      null,
      'signed',
      { ...whole, signature: toBase64(new Uint8Array(63)) },
      { ...whole, signature: 7 },
      { ...whole, ledgerId: 'ab' },
      { ...whole, size: -1 },
      { ...whole, time: 0.5 },
    ]) {
      const problem = utf8Encode(JSON.stringify({ code: 'signer-revoked', detail: 'words', refusal }))
      const carry: Carry = async request =>
        request.method === 'POST' ? { status: 422, bytes: problem } : carryByFetch(request)
      const client = new TallyClient({ ...served.options, carry })
      const error = await client.submit([bytes], [keys.revoked]).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'signer-revoked', message: 'words', status: 422 })
      kept.push(error instanceof BatchRefusedError)
    }
    expect(kept).toEqual(kept.map(() => false))
    await refusedWith(served.client().submit([bytes], []), 'batch', 400)
    await refusedWith(served.client().submit([bytes], [keys.issuer, keys.issuer]), 'batch', 400)
    await refusedWith(served.client().submit([Uint8Array.of(3)], [keys.issuer]), 'entry-type', 400)
  })

  test('makes tokens for 300 seconds that say no more than they have to', async () => {
    const { keys, world } = served
    const [header, claims] = (await makeToken(keys.owner, world.ledgerId, 'account/2', 1_000_000_500))
      .split('.')
      .map(part => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(header!)).toEqual({ alg: 'EdDSA', typ: 'tally+jwt' })
    expect(JSON.parse(claims!)).toEqual({
      iss: 'account/2',
      aud: Buffer.from(world.ledgerId).toString('hex'),
      sub: 'account/2',
      iat: 1_000_000,
      exp: 1_000_300,
    })
  })
})
