import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { TallyClient } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { ED25519_KEY, formatNote, signNote, verifierKey } from '../../src/core/note/note.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { buildServer } from '../../src/http/index.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { evidenceOf } from '../../src/verify/evidence/make-evidence.ts'
import { decodeStatement, encodeStatement, type Statement } from '../../src/verify/statement.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { BUDGET, FIRST_MEMBER, keyNumber, type TestKey, World } from '../world.ts'

const [SECOND, THIRD] = ['next.example/points', 'third.example/points']
const [SECOND_KEY, THIRD_KEY] = [keyNumber(71), keyNumber(72)]
const AUDITOR_KEY = keyNumber(73)

describe('a log from which the ledger goes on to another', () => {
  let world: World
  beforeEach(async () => {
    world = await World.create()
  })
  afterEach(() => world.destroy())

  const pay = (amount: number) => world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount)))
  const statement = async (since = 0): Promise<Uint8Array> => {
    const made = await world.log.prover.statement(FIRST_MEMBER, { since, allSignatures: false })
    expect(made).toBeInstanceOf(Uint8Array)
    return made as Uint8Array
  }
  const policyOf = (...logs: [string, TestKey][]): Policy => ({
    logs: logs.map(([origin, { publicKey }]) => ({ key: verifierKey(origin, ED25519_KEY, publicKey) })),
    witnesses: [],
    groups: [],
    quorum: 'none',
  })
  const goOn = async (origin: string, key: TestKey, seen: number | null = null) => {
    await world.log.publisher.publish()
    const draft = world.bytes(world.continuing(origin, key, seen))
    expect([...(await world.submit([world.root], draft)).statuses]).toEqual([0])
  }
  const signedBy = (key: TestKey, origin: string, size: number, root: Uint8Array) => {
    const text = formatCheckpoint({ origin, size, root })
    return formatNote({ text, signatures: [signNote(text, verifierKey(origin, ED25519_KEY, key.publicKey), key.seed)] })
  }

  test('takes nothing more, seals once, and is served on; the next one goes on where it ended', async () => {
    await pay(100)
    await world.log.publisher.publish()
    const first = world.policy
    const [oldKey, origin, before] = [world.keys.log, world.origin, world.ledgerId]
    const was = verifyStatement(await statement(), { policy: first })
    await goOn(SECOND, SECOND_KEY)
    const { size } = world.log.ledger
    expect(world.log.held).toMatchObject({ code: 'log-ended', message: expect.stringContaining(SECOND) })
    await expect(pay(1)).rejects.toMatchObject({ name: 'HeldError', code: 'log-ended' })
    for (let i = 0; i < 3; i++) await world.log.publisher.publish()
    expect(world.log.publisher.published!.size).toBe(size + 1)
    expect(toHex(world.log.ledgerId!)).toBe(toHex(before))
    const last = verifyStatement(await statement(), { policy: first, kept: was.kept })
    expect(last.balance).toBe(100)
    expect(last.logs.map(log => log.origin)).toEqual([origin, SECOND])
    const final = world.log.publisher.published!

    // Started again, it has ended all the same.
    await world.reopen()
    await world.log.publisher.publish()
    expect(world.log.publisher.published!.size).toBe(final.size)
    expect(toHex(world.log.ledgerId!)).toBe(toHex(before))
    await expect(pay(1)).rejects.toMatchObject({ code: 'log-ended' })

    await world.reopenAs(SECOND, SECOND_KEY)
    expect(world.log.held).toBeUndefined()
    await pay(11)
    await world.log.publisher.publish()
    const second = world.policy
    const growth = await world.log.tree.proveConsistency(final.size, world.log.publisher.published!.size)
    const seen = [{ origin, size: final.size, root: final.root }]
    const opening = world.log.ledger.state.accounts.get(FIRST_MEMBER)
    const nonce = (was.lines[0]!.transaction as { nonce: Uint8Array }).nonce
    const card = {
      origin,
      ledgerId: before,
      account: FIRST_MEMBER,
      opening: opening.opening,
      nonce,
      owners: [world.keys.member.publicKey],
    }
    for (const kept of [undefined, was.kept, last.kept]) {
      const now = verifyStatement(await statement(), { policy: second, card, seen, ...(kept && { kept }) }, growth)
      expect([now.balance, now.dropped]).toEqual([111, []])
      expect(now.logs.map(log => log.origin)).toEqual([origin, SECOND])
      expect(toHex(now.ledgerId)).toBe(toHex(world.ledgerId))
    }
    const since = await statement(was.lines.length)
    expect(verifyStatement(since, { policy: second, kept: was.kept, seen }, growth).balance).toBe(111)
    const shown = (trust: object, proof = growth) =>
      statement().then(bytes => verifyStatement(bytes, { policy: second, ...trust }, proof))
    await expect(shown({ policy: first })).rejects.toMatchObject({ code: 'unknown-log' })
    await expect(shown({ seen }, [])).rejects.toMatchObject({ code: 'consistency-proof' })
    await expect(shown({ seen: [{ ...seen[0]!, size: final.size + 5 }] })).rejects.toMatchObject({
      code: 'continued-dropped',
    })
    await expect(shown({ card: { ...card, ledgerId: new Uint8Array(32) } })).rejects.toMatchObject({
      code: 'wrong-ledger',
    })
    // The old key is no key of what stands there now.
    await expect(world.reopenAs(origin, oldKey)).rejects.toMatchObject({ code: 'ledger-mismatch' })
    await world.reopenAs(SECOND, SECOND_KEY)
    // And on to a third, with a restart from a snapshot between.
    await goOn(THIRD, THIRD_KEY)
    await world.reopenAs(THIRD, THIRD_KEY)
    await pay(1000)
    await world.log.publisher.publish()
    const third = verifyStatement(await statement(), { policy: world.policy, card, kept: was.kept })
    expect([third.balance, third.logs.length]).toEqual([1111, 3])
  })

  test('a statement shows all the logs that the ledger was in', async () => {
    await pay(100)
    await goOn(SECOND, SECOND_KEY)
    await world.reopenAs(SECOND, SECOND_KEY)
    await pay(1)
    await world.log.publisher.publish()
    const bytes = await statement()
    const shown = decodeStatement(bytes)
    const lie = (change: Partial<Statement>) => () =>
      verifyStatement(encodeStatement({ ...shown, ...change }), { policy: world.policy })
    const next = shown.records.find(({ number }) => number === shown.records[0]!.next)!
    const others = shown.records.filter(one => one !== next)
    expect(lie({ records: others })).toThrow(expect.objectContaining({ code: 'log-identity' }))
    const isNone = shown.records.map((one, i) => (i === 0 ? { ...one, next: 0 } : one))
    expect(lie({ records: isNone })).toThrow(expect.objectContaining({ code: 'record-proof' }))
    // A log that shows what it had signed after its end, under the key that it had.
    const { size, root } = world.log.publisher.published!
    const after = signedBy(keyNumber(1), 'ledger.example/points', size, root)
    const first = policyOf(['ledger.example/points', keyNumber(1)])
    expect(() => verifyStatement(encodeStatement({ ...shown, checkpoint: after }), { policy: first })).toThrow(
      expect.objectContaining({ code: 'after-end' }),
    )
  })

  test('clients, audits and evidence: what honest logs sign convicts nobody, and what comes after an end does', async () => {
    await world.submit([world.root], world.bytes(world.registerKey('auditor', AUDITOR_KEY)))
    const auditor = world.log.ledger.state.registry.records.length - 1
    await pay(100)
    const first = world.policy
    const before = world.ledgerId
    await goOn(SECOND, SECOND_KEY)
    await world.log.publisher.publish()
    const served = async (policy: Policy, checkpoint?: Uint8Array) => {
      const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
      const url = await server.listen({ host: '127.0.0.1', port: 0 })
      const caller = { holder: { record: auditor }, seed: AUDITOR_KEY.seed }
      const client = new TallyClient({ url, policy, caller, nowMs: () => world.nowMs, pauseMs: 5 })
      const show = checkpoint
      if (show !== undefined) client.checkpoint = async () => show
      return { client, close: () => server.close() }
    }
    const audited = async (policy: Policy, checkpoint?: Uint8Array, trusted = policy) => {
      const { client, close } = await served(trusted, checkpoint)
      try {
        const audit = await auditLog({ client, policy, onProgress() {} })
        const { faults } = audit.report
        const file =
          faults.length === 0 ? undefined : await accuse(audit, policy, { url: 'here', time: '2027-01-15T08:00:00Z' })
        return { faults: faults.map(({ code }) => code), file, audit }
      } finally {
        await close()
      }
    }
    expect((await audited(first)).faults).toEqual([])
    await world.reopenAs(SECOND, SECOND_KEY)
    const list = Array.from({ length: 70 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    for (const one of list) await world.submit([world.issuer], one)
    await world.log.publisher.publish()
    const both: Policy = { ...first, logs: [...first.logs, ...world.policy.logs] }
    for (const policy of [world.policy, both]) expect((await audited(policy)).faults).toEqual([])

    const { client, close } = await served(world.policy)
    const identity = await client.identity()
    expect(identity.ledgerIds.map(toHex)).toEqual([toHex(before), toHex(world.ledgerId)])
    expect((await client.account(FIRST_MEMBER)).number).toBe(FIRST_MEMBER)
    const { checkpoint: honest, size, root, seal } = world.log.publisher.published!
    await close()

    // The key of the first log signs what is the second's.
    const after = signedBy(keyNumber(1), 'ledger.example/points', size, root)
    const found = await audited(first, after, both)
    expect(found.faults).toEqual(['after-end'])
    expect(found.file).toMatchObject({ code: 'after-end', needs: 'nothing' })
    expect(convict(found.file!, first).code).toBe('after-end')
    // The same entries under the key of the second are no fault of it, and nor are others of its.
    const accused = (code: string, change: object) =>
      evidenceOf({ origin: SECOND, code, message: '', evidence: { ...found.file!.evidence, ...change } }, both).needs
    const note = Buffer.from(honest).toString()
    expect(accused('after-end', { checkpoint: note })).not.toBe('nothing')
    const { records } = await identityExhibits(found.audit)
    expect(accused('log-identity', { checkpoint: note, records })).not.toBe('nothing')
    expect(seal.records).toBeGreaterThan(0)
  })

  test('from before what was seen: all root keys sign, and a wallet names what it lost', async () => {
    await pay(100)
    await world.log.publisher.publish()
    const early = verifyStatement(await statement(), { policy: world.policy })
    // As it was in a copy: what comes next is lost with the machine, and a wallet had seen it.
    const copy = await world.log.readEntries([...Array(world.log.size).keys()])
    await world.log.close()
    const kept = { ...early.kept, size: copy.length + 40, entries: [...early.kept.entries, early.kept.entries[1]!] }
    await world.open()
    await goOn(SECOND, SECOND_KEY, copy.length + 50)
    await world.reopenAs(SECOND, SECOND_KEY)
    await pay(11)
    await world.log.publisher.publish()
    const bytes = await statement()
    const trust = { policy: world.policy, kept: { ...kept, times: [...early.kept.times, null] } }
    expect(() => verifyStatement(bytes, trust)).toThrow(expect.objectContaining({ code: 'continued-dropped' }))
    const now = verifyStatement(bytes, { ...trust, mayDrop: true })
    expect([now.balance, now.dropped.length, now.logs[1]!.seen]).toEqual([111, 1, copy.length + 50])
    expect(now.dropped[0]).toMatchObject({ kind: 'issue', debit: BUDGET })
  })
})

/** The records that name the logs, as an audit shows them. */
async function identityExhibits(audit: Awaited<ReturnType<typeof auditLog>>) {
  const faulty = { ...audit, report: { ...audit.report, faults: [{ code: 'log-identity', message: '', at: 1 }] } }
  const file = await accuse(faulty, policyOf0(audit.checkpoint.logs), { url: 'here', time: '2027-01-15T08:00:00Z' })
  return { records: file.evidence.records ?? [] }
}

function policyOf0(logs: readonly { readonly name: string; readonly publicKey: Uint8Array }[]): Policy {
  const keys = logs.map(({ name, publicKey }) => ({ key: verifierKey(name, ED25519_KEY, publicKey) }))
  return { logs: keys, witnesses: [], groups: [], quorum: 'none' }
}
