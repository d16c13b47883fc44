import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditLog } from '../../../src/audit/audit.ts'
import { accuse } from '../../../src/audit/evidence/accuse.ts'
import { saltFor } from '../../../src/audit/evidence/prove-evidence.ts'
import { fromBase64, toBase64, utf8Decode } from '../../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { type BatchEntry, decodeBatch, encodeBatch, transactionsFrom } from '../../../src/core/entry/batch.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../../src/core/entry/seal.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { CodedError } from '../../../src/core/failure.ts'
import { Replay } from '../../../src/ledger/index.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { brokenPromise } from '../../../src/verify/evidence/broken-promise.ts'
import { convict } from '../../../src/verify/evidence/convict.ts'
import type { Conviction } from '../../../src/verify/evidence/conviction.ts'
import {
  type EvidenceFile,
  type Exhibits,
  formatEvidence,
  parseEvidence,
} from '../../../src/verify/evidence/evidence-file.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { signedCheckpoint } from '../../cli/two-histories.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import { ServedWorld } from '../../http/server.ts'
import { outsiderConvicts } from '../../verify/evidence/evidence-outsider.ts'
import { FIRST_MEMBER, keyNumber, REGISTRAR, signed } from '../../world.ts'

const CODES = [
  'entry-form',
  'entry-order',
  'batch-root',
  'batch-time',
  'seal-time',
  'seal-epoch',
  'seal-last',
  'log-identity',
  'batch-refused',
  'batch-statuses',
  'seal-state',
  'seal-registry',
  'seal-totals',
]

describe('the evidence that an auditor writes', () => {
  let honest: ServedWorld
  let forged: ForgedLog
  let truth: Uint8Array[]
  /** Where the batches stand that the lies are about, after the first seal; and the last seal. */
  let [issued, spent, seal, last] = [0, 0, 0, 0]

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    honest = await ServedWorld.create()
    const { world } = honest
    seal = world.log.size - 1
    spent = (await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 40)))).index!
    const list = Array.from({ length: 300 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    issued = (await world.submit([world.issuer], ...list)).index!
    await world.log.publisher.publish()
    forged = await ForgedLog.serve(honest)
    truth = await forged.truth()
    last = truth.length - 1
  })
  afterAll(async () => {
    await forged.close()
    await honest.destroy()
    useEngine(portableEngine)
  })

  /** What an audit of these entries, signed by the operator, leaves in a file. */
  const accused = async (entries: readonly Uint8Array[], earlier?: Uint8Array): Promise<EvidenceFile> => {
    forged.show(entries)
    const { policy } = honest.world
    const given = earlier === undefined ? {} : { earlier }
    const audit = await auditLog({ client: forged.client, policy, onProgress() {}, ...given })
    expect(audit.report.faults).not.toEqual([])
    const saltOf = (file: Pick<EvidenceFile, 'code' | 'evidence'>) => saltFor(file, forged.client)
    const found = { url: forged.url, time: '2027-01-15T08:00:00Z', saltOf, ...given }
    return parseEvidence(formatEvidence(await accuse(audit, policy, found)))
  }
  const convicted = (file: EvidenceFile): Conviction => convict(file, honest.world.policy)
  const verdict = (file: EvidenceFile): string => {
    try {
      convicted(file)
      return 'convicts'
    } catch (error) {
      if (error instanceof CodedError) return error.code
      throw error
    }
  }
  const withBatch = (index: number, change: (batch: BatchEntry) => Partial<BatchEntry>) => {
    const batch = decodeBatch(truth[index]!)
    return truth.with(index, encodeBatch({ ...batch, ...change(batch) }))
  }
  const withSeal = (index: number, change: (seal: Seal) => Partial<Seal>) => {
    const one = decodeSeal(truth[index]!)
    return truth.with(index, encodeSeal({ ...one, ...change(one) }))
  }
  const amount = (index: number, amount: number) =>
    truth.with(index, encodeTransaction({ ...decodeTransaction(truth[index]!), amount } as Transaction))
  /** A batch's only transaction changed, root and all, under the signatures that it had. */
  const unsigned = (index: number) => {
    const entries = amount(index + 1, 3)
    const { root } = transactionsFrom([entries[index + 1]!])
    return entries.with(index, encodeBatch({ ...decodeBatch(truth[index]!), root }))
  }

  const PROVEN: readonly [code: string, what: string, lie: () => readonly Uint8Array[]][] = [
    ['batch-root', 'an amount changed after it was signed', () => amount(issued + 7, 9999)],
    ['batch-refused', 'points of a member spent under a signature of something else', () => unsigned(spent)],
    [
      'batch-refused',
      'points issued under a signature of something else',
      () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, ed25519: new Uint8Array(64) }] })),
    ],
    [
      'batch-refused',
      'a batch in the name of one who did not sign it',
      () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, number: REGISTRAR }] })),
    ],
    [
      'batch-refused',
      'a signer that is no key',
      () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, number: 3 }] })),
    ],
    [
      'batch-refused',
      'a key that was revoked',
      () => {
        const list = truth.slice(issued + 1, issued + 301)
        const by = { record: 6, key: keyNumber(51) }
        return withBatch(issued, () => ({ signatures: signed(honest.world.ledgerId, [by], list).signatures }))
      },
    ],
    ['batch-refused', 'genesis twice', () => [...truth.slice(0, last), truth[0]!, truth[1]!, truth[last]!]],
    [
      'batch-refused',
      'a genesis that its own key did not sign',
      () => withBatch(0, ({ signatures: [one] }) => ({ signatures: [{ ...one!, ed25519: new Uint8Array(64) }] })),
    ],
    ['batch-refused', 'a log without a genesis', () => truth.slice(2)],
    ['batch-time', 'a batch written into the past', () => withBatch(issued, ({ time }) => ({ time: time - 1 }))],
    ['seal-time', 'a seal written into the past', () => withSeal(last, ({ time }) => ({ time: time - 1 }))],
    ['seal-epoch', 'an epoch closed twice', () => withSeal(last, ({ epoch }) => ({ epoch: epoch - 1 }))],
    ['seal-epoch', 'an epoch that cannot be', () => withSeal(last, ({ epoch }) => ({ epoch: epoch + 10 ** 6 }))],
    ['seal-last', 'a checkpoint that does not end in a seal', () => truth.slice(0, last)],
    ['seal-last', 'a checkpoint that ends inside a batch', () => truth.slice(0, last - 5)],
    ['entry-order', 'a seal inside a batch', () => truth.toSpliced(issued + 9, 0, truth[seal]!)],
    [
      'entry-order',
      'a transaction that nobody signed, after a seal',
      () => truth.toSpliced(seal + 1, 0, truth[spent + 1]!),
    ],
    ['entry-order', 'a transaction more than its batch has', () => truth.toSpliced(spent + 2, 0, truth[spent + 1]!)],
    ['entry-order', 'a log that begins with a seal', () => truth.slice(seal)],
    ['entry-form', 'a batch that is half of one', () => truth.with(spent, truth[spent]!.slice(0, 9))],
    [
      'entry-form',
      'a transaction of no kind',
      () => {
        const list = [Uint8Array.of(2, 0x82, 24, 99, 0)]
        const batch = decodeBatch(truth[spent]!)
        return truth.with(spent + 1, list[0]!).with(spent, encodeBatch({ ...batch, root: transactionsFrom(list).root }))
      },
    ],
    ['log-identity', 'another log', () => otherLog()],
  ]

  /** The entries of an honest log under another name, signed for as ours. */
  function otherLog(): Uint8Array[] {
    const genesis = encodeTransaction({ ...decodeTransaction(truth[1]!), origin: 'elsewhere.example' } as Transaction)
    const { signatures, transactions } = signed(new Uint8Array(32), [honest.world.root], [genesis])
    const batch = encodeBatch({ ...decodeBatch(truth[0]!), signatures, root: transactions.root })
    return [batch, genesis, ...otherSeal(batch, genesis)]
  }
  function otherSeal(batch: Uint8Array, genesis: Uint8Array): Uint8Array[] {
    const replay = new Replay({
      saltOf: epoch => honest.world.log.salt(epoch)!,
      entryAt: async () => batch,
      verifySignatures: true,
    })
    void replay.feed([batch, genesis])
    return [encodeSeal(replay.ledger.makeSeal(decodeBatch(batch).time, honest.world.log.salt(0)!))]
  }

  test.each(PROVEN)('%s: %s', async (code, _, lie) => {
    const file = await accused(lie())
    expect([file.code, file.needs, verdict(file)]).toEqual([code, 'nothing', 'convicts'])
    const { facts, shown, origin } = convicted(file)
    expect([origin, shown.length, Object.keys(facts).length]).toEqual([honest.world.origin, 3, 3])
    expect(brokenPromise(code)!.promise).toMatch(/\.$/)
    // Nothing that is shown can be anything else, and it is no evidence of anything else.
    for (const spoilt of spoiltFrom(file)) expect(verdict(spoilt)).not.toBe('convicts')
    for (const other of CODES.filter(one => one !== code && !isAlso(code, one)))
      expect([other, verdict({ ...file, code: other })]).not.toEqual([other, 'convicts'])
  })

  /** Codes under which the same entries convict as well. */
  const isAlso = (code: string, other: string) =>
    [code, other].every(one => one === 'batch-time' || one === 'seal-time') ||
    (code === 'seal-last' && other === 'entry-order') ||
    (other === 'batch-refused' && ['entry-order', 'entry-form', 'batch-root'].includes(code)) ||
    (other === 'entry-order' && code === 'batch-refused')

  /** The file with one of the bytes of its exhibits changed, for each of them. */
  function* spoiltFrom(file: EvidenceFile): Generator<EvidenceFile> {
    const spoil = (text: string) => {
      const bytes = fromBase64(text)
      return bytes.length === 0 ? text : toBase64(bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1))
    }
    const { entries = [], records = [], accounts = [], checkpoint } = file.evidence
    const withExhibits = (change: Exhibits): EvidenceFile => ({ ...file, evidence: { ...file.evidence, ...change } })
    yield withExhibits({ checkpoint: checkpoint!.replace(/\n\d+\n/, size => `\n${Number(size) + 1}\n`) })
    yield withExhibits({ checkpoint: utf8Decode(signedCheckpoint(honest.world, last + 1, new Uint8Array(32))) })
    yield withExhibits({ entries: [] })
    for (const [i, one] of [...entries.entries()].slice(0, 40)) {
      yield withExhibits({ entries: entries.with(i, { ...one, entry: spoil(one.entry) }) })
      yield withExhibits({ entries: entries.with(i, { ...one, index: one.index + 1 }) })
      yield withExhibits({ entries: entries.with(i, { ...one, proof: one.proof.with(0, spoil(one.proof[0]!)) }) })
      yield withExhibits({ entries: entries.with(i, { ...one, proof: one.proof.slice(1) }) })
    }
    for (const [i, one] of records.entries())
      for (const change of [
        { entry: spoil(one.entry) },
        { until: one.until + 1 },
        // Of one record alone there is no path.
        ...(one.path.length === 0 ? [] : [{ path: one.path.slice(1) }]),
      ])
        yield withExhibits({ records: records.with(i, { ...one, ...change }) })
    for (const [i, one] of accounts.entries())
      for (const change of [{ owner: spoil(one.owner!) }, { entries: one.entries + 1 }, { number: one.number + 1 }])
        yield withExhibits({ accounts: accounts.with(i, { ...one, ...change }) })
  }

  test('an outsider with other tools comes to the same', async () => {
    const { publicKey } = honest.world.log.logKey
    const json = (file: EvidenceFile) => utf8Decode(formatEvidence(file))
    for (const [code, what, lie] of PROVEN.filter(([code]) =>
      ['batch-root', 'batch-time', 'seal-time', 'seal-last'].includes(code),
    )) {
      const file = await accused(lie())
      expect([code, what, outsiderConvicts(json(file), publicKey)]).toEqual([code, what, true])
      const { entries } = file.evidence
      const spoilt = {
        ...file,
        evidence: { ...file.evidence, entries: entries!.map(one => ({ ...one, entry: entries![0]!.entry })) },
      }
      if (entries!.length > 1) expect([what, outsiderConvicts(json(spoilt), publicKey)]).toEqual([what, false])
    }
    forged.show(truth)
    for (const size of [1, 17, 256, 300, truth.length]) {
      const other = signedCheckpoint(honest.world, size, new Uint8Array(32).fill(size & 255))
      const file = await accused(truth, other)
      expect([size, file.code, file.needs, verdict(file)]).toEqual([size, 'forked', 'nothing', 'convicts'])
      expect([size, outsiderConvicts(json(file), publicKey)]).toEqual([size, true])
    }
  })

  const REPLAYED: readonly [code: string, what: string, lie: () => readonly Uint8Array[]][] = [
    [
      'batch-statuses',
      'a refusal that is none',
      () => withBatch(spent, ({ statuses }) => ({ statuses: statuses.with(0, 24) })),
    ],
    ['seal-state', 'balances that do not follow', () => withSeal(last, () => ({ stateRoot: new Uint8Array(32) }))],
    [
      'seal-registry',
      'keys that nobody registered',
      () => withSeal(last, () => ({ registryRoot: new Uint8Array(32) })),
    ],
    ['seal-totals', 'less owed than there is', () => withSeal(last, () => ({ totalsRoot: new Uint8Array(32) }))],
    [
      'seal-epoch',
      'an epoch that could be, but for the seals between',
      () => withSeal(last, ({ epoch }) => ({ epoch: epoch + 1 })),
    ],
  ]
  test.each(REPLAYED)('%s: %s takes a replay, and the file says so', async (code, _, lie) => {
    const file = await accused(lie())
    expect([file.code, file.needs, verdict(file)]).toEqual([code, 'replay', 'needs-replay'])
    const at = code === 'batch-statuses' ? spent : last
    expect([file.evidence.at, file.evidence.entries!.at(-1)!.index]).toEqual([at, at])
    expect(() => convicted(file)).toThrow(`stop at entry ${at} with ${code}`)
  })

  test('a salt that the log does not sign shows nothing to others', async () => {
    forged.show(withSeal(last, () => ({ totalsRoot: new Uint8Array(32) })))
    const { policy } = honest.world
    const audit = await auditLog({ client: forged.client, policy, onProgress() {} })
    const file = await accuse(audit, policy, {
      url: forged.url,
      time: '2027-01-15T08:00:00Z',
      saltOf: async () => undefined,
    })
    expect([file.code, file.needs, file.evidence.salt]).toEqual(['seal-totals', 'observer', undefined])
  })

  test('an answer that nobody signed convicts nobody', async () => {
    // Entries that are not those of the checkpoint, which is honest.
    forged.show(amount(issued + 7, 9999))
    const audit = async (checkpoint: Uint8Array, earlier?: Uint8Array) => {
      forged.checkpoint = checkpoint
      const { policy } = honest.world
      const given = earlier === undefined ? {} : { earlier }
      const found = await auditLog({ client: forged.client, policy, onProgress() {}, ...given })
      return accuse(found, policy, { url: forged.url, time: '2027-01-15T08:00:00Z', ...given })
    }
    const { checkpoint } = honest.world.log.publisher.published!
    const served = await audit(checkpoint)
    expect([served.code, served.needs, verdict(served)]).toEqual(['batch-root', 'observer', expect.anything()])
    expect(verdict(served)).not.toBe('convicts')
    forged.show(truth)
    const back = await audit(forged.checkpoint, signedCheckpoint(honest.world, last + 2, new Uint8Array(32)))
    expect([back.code, back.needs, verdict(back)]).toEqual(['rolled-back', 'observer', 'needs-observer'])
  })

  test('an honest log is guilty of nothing, whatever of it is shown', async () => {
    const { world } = honest
    const { registry, accounts } = world.log.ledger.state
    world.log.ledger.makeSeal(world.nowMs, new Uint8Array(32))
    const records = registry.records.map(({ number, transaction, from }) => {
      const { state, path } = registry.sealed(number)!
      return {
        number,
        entry: toBase64(encodeTransaction(transaction)),
        from,
        until: state.until,
        next: state.next,
        path: path.map(toBase64),
      }
    })
    const owners = [FIRST_MEMBER].map(number => {
      const { owner, opening, head, more, ...state } = accounts.sealed(number)!
      const path = accounts.path(number).map(toBase64)
      const bytes = { owner: toBase64(owner!), opening: toBase64(opening), head: toBase64(head), more: toBase64(more) }
      return { number, ...state, ...bytes, path }
    })
    forged.show(truth)
    const shown = (indexes: readonly number[]) =>
      indexes.map(index => ({ index, entry: toBase64(truth[index]!), proof: naivePath(index, truth).map(toBase64) }))
    const whole = shown(truth.map((_, index) => index))
    const sets = [
      whole,
      ...[spent, issued, seal].map(at => whole.slice(0, at + 2)),
      ...[0, 1, 2, seal, last].map(at => [whole[at]!]),
    ]
    for (const entries of sets)
      for (const code of CODES) {
        const checkpoint = utf8Decode(forged.checkpoint)
        const evidence = { checkpoint, at: 0, entries, records, accounts: owners }
        const file = { origin: world.origin, code, message: '', needs: 'nothing', evidence } as const
        expect([code, entries.length, verdict(file)]).not.toEqual([code, entries.length, 'convicts'])
        expect(verdict({ ...file, evidence: { ...evidence, records: [], accounts: [] } })).toBe('needs-replay')
      }
  })
})
