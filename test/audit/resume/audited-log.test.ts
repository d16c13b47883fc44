import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../../src/audit/audit.ts'
import type { AuditReport } from '../../../src/audit/audit-report.ts'
import { Figures } from '../../../src/audit/figures.ts'
import { KeptLog } from '../../../src/audit/resume/audited-log.ts'
import { toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { type BatchEntry, decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { ENTRY_SEAL } from '../../../src/core/entry/entry-type.ts'
import { ACCEPTED } from '../../../src/core/entry/outcome.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../../src/core/entry/seal.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { AUDITOR, ServedWorld } from '../../http/server.ts'
import { runs } from '../../runs.ts'
import { FIRST_MEMBER } from '../../world.ts'
import type { KeptTask } from './audit-child.ts'

describe('an audit that goes on from what an earlier one kept', () => {
  let honest: ServedWorld
  let forged: ForgedLog
  let truth: Uint8Array[]
  let state: string
  /** Log sizes after each seal. */
  let seals: number[]
  /**
   * Per part between two seals, where its batches stand: issues, redemptions signed one by one, and what repeats or
   * reverses.
   */
  const parts: { issued: number; spent: number; again: number }[] = []

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    honest = await ServedWorld.create()
    const { world } = honest
    const first = [world.bytes(world.issue(FIRST_MEMBER, 500)), world.bytes(world.issue(FIRST_MEMBER, 7))] as const
    const spentFirst = world.id()
    let lastIssue = first[0] as Uint8Array
    for (let part = 0; part < 7; part++) {
      const issues = Array.from({ length: 130 + 20 * part }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
      const issued = (await world.submit([world.issuer], ...(part === 0 ? first : []), ...issues)).index!
      const id = part === 0 ? spentFirst : world.id()
      const spent = (await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 5), id)))
        .index!
      // The same again, the same id with other bytes, the last issue before the seal before, and a part of the first
      // redemption given back.
      const taken = world.bytes(world.issue(FIRST_MEMBER, 8), first[1].slice(4, 20))
      const fresh = world.bytes(world.issue(FIRST_MEMBER, 1))
      const again = (await world.submit([world.issuer], first[0], taken, fresh, lastIssue)).index!
      lastIssue = fresh
      const reverse = {
        kind: 'reverse',
        debit: 0,
        credit: FIRST_MEMBER,
        amount: 1 + (part % 2),
        original: spentFirst,
      } as const
      await world.submit([world.treasurer], world.bytes(reverse))
      parts.push({ issued, spent, again })
      world.nowMs += 3600_000
      await world.log.publisher.publish()
    }
    forged = await ForgedLog.serve(honest)
    truth = await forged.truth()
    seals = truth.flatMap((entry, i) => (entry[0] === ENTRY_SEAL ? [i + 1] : []))
  })
  afterAll(async () => {
    await forged.close()
    await honest.destroy()
    useEngine(portableEngine)
  })
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'tally-kept-'))
  })
  afterEach(() => rm(state, { recursive: true, force: true }))

  const tuning = { thread: false, bundles: 1, markMs: 0, idBits: 8 }

  /** What `tally audit` makes of the entries with what it kept; keeps its checkpoint where there is no fault. */
  const goneOn = async (entries: readonly Uint8Array[], idBits = 8) => {
    forged.show(entries)
    const kept = await KeptLog.open(state, honest.world.origin)
    try {
      const earlier = await kept.checkpoint()
      const figures = new Figures()
      const given = earlier === undefined ? {} : { earlier }
      const options = {
        client: forged.client,
        policy: honest.world.policy,
        tuning: { ...tuning, idBits },
        figures,
        kept,
        onProgress() {},
        ...given,
      }
      const { report } = await auditLog(options)
      if (report.faults.length === 0) await kept.keepCheckpoint(utf8Encode(report.checkpoint))
      return { report, earlier, figures }
    } finally {
      await kept.close()
    }
  }
  const whole = async (entries: readonly Uint8Array[], earlier?: Uint8Array) => {
    forged.show(entries)
    const figures = new Figures()
    const given = earlier === undefined ? {} : { earlier }
    const { policy } = honest.world
    const { report } = await auditLog({ client: forged.client, policy, tuning, figures, onProgress() {}, ...given })
    return { report, figures }
  }
  const found = ({ entriesBefore: _, ...report }: AuditReport) => report
  const prefix = (part: number) => truth.slice(0, seals[part])

  test('finds the same, figures by day and rule included, and reads what is new', async () => {
    for (let part = 0; part < seals.length; part++) {
      const { report, figures } = await goneOn(prefix(part))
      const full = await whole(prefix(part))
      expect(full.report.faults).toEqual([])
      expect([part, found(report)]).toEqual([part, found(full.report)])
      expect(figures.byDay()).toEqual(full.figures.byDay())
      expect(figures.byRule()).toEqual(full.figures.byRule())
      expect(report.entriesBefore).toBe(part === 0 ? 0 : seals[part - 1])
      expect(report.entries).toBe(seals[part])
    }
    forged.asked.length = 0
    const { report } = await goneOn(truth)
    expect([report.entriesBefore, report.faults]).toEqual([truth.length, []])
    expect(forged.asked.filter(path => path.startsWith('/tile'))).toEqual([])
  })

  test('fetches what is new, and single entries whose ids come again', async () => {
    const asked = async (audits: () => Promise<unknown>) => {
      forged.asked.length = 0
      await audits()
      const paths = forged.asked.filter(path => path.startsWith('/tile/entries/'))
      return [...new Set(paths.map(path => Number(path.slice('/tile/entries/'.length).split('.')[0])))].sort(
        (one, other) => one - other,
      )
    }
    const all = Array.from({ length: Math.ceil(truth.length / 256) }, (_, bundle) => bundle)
    const bundleOf = (index: number) => Math.floor(index / 256)
    // After the mark come ids of the first part, and the last one of the part before the mark.
    const again = [parts[0]!.issued, parts[0]!.spent, parts[5]!.again].map(index => bundleOf(index + 4))
    const first = bundleOf(seals[5]!)
    // None of the bundles between is needed by anybody, and all their ids are of one run that is not full.
    expect([...again, first].includes(1) || first >= 1024 / 256).toBe(false)
    expect(await asked(() => whole(truth))).toEqual(all)
    await goneOn(prefix(5), 10)
    const more = await asked(() => goneOn(truth, 10))
    expect(more.filter(bundle => bundle >= first)).toEqual(all.slice(first))
    for (const bundle of more) expect(bundle >= first || again.includes(bundle)).toBe(true)
  })

  test('without anything kept, the ids of a long log are on a disk that is deleted afterwards', async () => {
    forged.show(truth)
    const { policy } = honest.world
    const found: AuditReport[] = []
    const { TMPDIR, TEMP } = process.env
    process.env['TMPDIR'] = process.env['TEMP'] = state
    try {
      for (const scratchEntries of [0, 10 ** 9]) {
        const options = { client: forged.client, policy, tuning: { ...tuning, scratchEntries }, onProgress() {} }
        found.push((await auditLog(options)).report)
      }
    } finally {
      for (const [name, value] of Object.entries({ TMPDIR, TEMP }))
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
    }
    expect(found[0]).toEqual(found[1])
    expect(found[0]!.faults).toEqual([])
    expect(await readdir(state)).toEqual([])
  })

  const withBatch = (index: number, change: (batch: BatchEntry) => Partial<BatchEntry>) => {
    const batch = decodeBatch(truth[index]!)
    return truth.with(index, encodeBatch({ ...batch, ...change(batch) }))
  }
  const withSeal = (index: number, change: (seal: Seal) => Partial<Seal>) => {
    const seal = decodeSeal(truth[index]!)
    return truth.with(index, encodeSeal({ ...seal, ...change(seal) }))
  }
  const withAmount = (index: number, amount: number) =>
    truth.with(index, encodeTransaction({ ...decodeTransaction(truth[index]!), amount } as Transaction))
  const zeros = new Uint8Array(32)

  /** Lies in the part between two seals, of every kind. */
  const LIES: Readonly<Record<string, (part: number) => readonly Uint8Array[]>> = {
    'batch-root': part => withAmount(parts[part]!.issued + 7, 9999),
    'batch-refused': part =>
      withBatch(parts[part]!.spent, ({ signatures: [one] }) => ({
        signatures: [{ ...one!, ed25519: new Uint8Array(64) }],
      })),
    'batch-time': part => withBatch(parts[part]!.issued, ({ time }) => ({ time: time - 10 ** 7 })),
    // An id that was used long ago, used again: what the ids that were kept are for.
    'batch-statuses': part =>
      withBatch(parts[part]!.again, ({ statuses }) => ({ statuses: statuses.with(0, ACCEPTED) })),
    'batch-statuses of an id taken': part =>
      withBatch(parts[part]!.again, ({ statuses }) => ({ statuses: statuses.with(1, ACCEPTED) })),
    'batch-statuses of an id used right before the seal before': part =>
      withBatch(parts[part]!.again, ({ statuses }) => ({ statuses: statuses.with(3, ACCEPTED) })),
    'batch-statuses of a reversal': part =>
      withBatch(parts[part]!.again + 5, ({ statuses }) => ({
        statuses: statuses.map(one => (one === ACCEPTED ? 24 : ACCEPTED)),
      })),
    'entry-order': part => truth.toSpliced(parts[part]!.spent + 2, 0, truth[parts[part]!.spent + 1]!),
    'entry-form': part => truth.with(parts[part]!.spent, truth[parts[part]!.spent]!.slice(0, 9)),
    'seal-state': part => withSeal(seals[part]! - 1, () => ({ stateRoot: zeros })),
    'seal-registry': part => withSeal(seals[part]! - 1, () => ({ registryRoot: zeros })),
    'seal-totals': part => withSeal(seals[part]! - 1, () => ({ totalsRoot: zeros })),
    'seal-epoch': part => withSeal(seals[part]! - 1, ({ epoch }) => ({ epoch: epoch + 1 })),
    'seal-time': part => withSeal(seals[part]! - 1, ({ time }) => ({ time: time - 10 ** 7 })),
    'seal-last': part => truth.slice(0, seals[part]! - 1),
  }

  test.each(Object.keys(LIES))(
    '%s: after the mark and before it, what an audit from the first entry finds',
    async name => {
      const lie = LIES[name]!
      const code = name.split(' ')[0]
      await goneOn(prefix(3))
      const kept = join(state, '..', `kept-${randomBytes(4).toString('hex')}`)
      await cp(state, kept, { recursive: true })
      try {
        // Both in a night, else one of the two that is drawn.
        for (const part of runs(2, 1) === 2 ? [4, 2] : [4 - 2 * randomInt(2)]) {
          await rm(state, { recursive: true })
          await cp(kept, state, { recursive: true })
          const entries = lie(part)
          const { report, earlier } = await goneOn(entries)
          const full = await whole(entries, earlier)
          expect([part, found(report)]).toEqual([part, found(full.report)])
          expect(report.faults.map(one => one.code)).toContain(code)
          expect(report.entriesBefore).toBe(0)
          // What was found is found again, by the one who goes on now.
          if (part === 2) expect(found((await goneOn(entries)).report)).toEqual(found(full.report))
        }
      } finally {
        await rm(kept, { recursive: true, force: true })
      }
    },
  )

  test('tiles that are wrong, and histories that go another way or back', async () => {
    await goneOn(prefix(3))
    const { entries } = forged
    expect(entries.length).toBe(seals[3])
    const other = withAmount(parts[1]!.issued + 7, 9999)
    expect((await goneOn(other)).report.faults.map(({ code }) => code)).toContain('batch-root')
    await goneOn(prefix(3))
    expect((await goneOn(prefix(2))).report.faults.map(({ code }) => code)).toEqual(['rolled-back'])
    // The right log, after all of that.
    expect((await goneOn(truth)).report).toMatchObject({ faults: [], entries: truth.length })
  })

  test('killed at any point, it goes on from its last mark', async () => {
    const seed = randomInt(2 ** 31)
    const full = await whole(truth)
    let random = seed
    const next = () => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0
      return random / 2 ** 32
    }
    for (let kill = 0; kill < runs(4, 2); kill++) {
      forged.show(truth)
      const child = fork(join(import.meta.dirname, 'audit-child.ts'), [JSON.stringify(task())])
      await killedAt(child, Math.floor(next() * truth.length), Math.floor(next() * 3))
    }
    const { report } = await goneOn(truth)
    expect([seed, found(report)]).toEqual([seed, found(full.report)])
    expect([0, ...seals]).toContain(report.entriesBefore)
  })

  /** Kills an audit when it has come to so many entries, or so many milliseconds after. */
  async function killedAt(child: ChildProcess, entries: number, delayMs: number): Promise<void> {
    const ended = once(child, 'exit')
    child.on('message', (replayed: number) => {
      if (replayed >= entries) setTimeout(() => child.kill('SIGKILL'), delayMs)
    })
    await ended
  }
  const task = (): KeptTask => ({
    url: forged.url,
    state,
    origin: honest.world.origin,
    policy: formatPolicy(honest.world.policy),
    record: AUDITOR,
    seed: toHex(honest.keys.auditor.seed),
  })

  test('the verdict is right, though any part of it is damaged', async () => {
    const seed = randomInt(2 ** 31)
    await goneOn(prefix(1))
    await goneOn(prefix(3))
    await goneOn(prefix(4))
    const full = await whole(truth)
    const kept = join(state, '..', `kept-${randomBytes(4).toString('hex')}`)
    await cp(state, kept, { recursive: true })
    const [directory] = (await readdir(kept, { withFileTypes: true })).filter(one => one.isDirectory())
    const files = (await readdir(join(kept, directory!.name))).filter(name => name !== 'LOCK')
    expect(files.length).toBeGreaterThan(2)
    try {
      let [random, usable] = [seed, 0]
      for (const [i, name] of files.entries())
        for (const [j, damage] of (['flip', (i + seed) % 2 === 0 ? 'cut' : 'gone'] as const).entries()) {
          // Both in a night, else one of the two in turn.
          if (runs(0, 1) === 1 && ((i + seed) >> 1) % 2 !== j) continue
          await rm(state, { recursive: true })
          await cp(kept, state, { recursive: true })
          const path = join(state, directory!.name, name)
          const bytes = await readFile(path)
          random = (Math.imul(random, 1103515245) + 12345) >>> 0
          const at = bytes.length === 0 ? 0 : random % bytes.length
          if (damage === 'gone') await rm(path)
          else if (damage === 'cut') await truncate(path, at)
          else {
            if (bytes.length > 0) bytes[at]! ^= 1 << (random % 8)
            await writeFile(path, bytes)
          }
          const { report } = await goneOn(truth)
          expect([seed, name, damage, at, found(report)]).toEqual([seed, name, damage, at, found(full.report)])
          if (report.entriesBefore > 0) usable++
        }
      expect(usable).toBeLessThan(2 * files.length)
    } finally {
      await rm(kept, { recursive: true, force: true })
    }
  })
})
