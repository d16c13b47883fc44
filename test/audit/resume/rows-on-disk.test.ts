import { randomInt } from 'node:crypto'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { auditLog } from '../../../src/audit/audit.ts'
import { KeptLog } from '../../../src/audit/resume/audited-log.ts'
import { AuditDisk } from '../../../src/audit/resume/rows-on-disk.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { ACCEPTED, EXISTS } from '../../../src/core/entry/outcome.ts'
import { Ids, openRow, sealRow } from '../../../src/lookup/index.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { ServedWorld } from '../../http/server.ts'
import { FIRST_MEMBER } from '../../world.ts'

const TUNING = { thread: false, bundles: 1, markMs: 0, idBits: 8 }

/**
 * A log whose last part repeats an id of the part before; where the operator lies, it is paid twice, and all else fits.
 */
class Repeated {
  readonly honest: ServedWorld
  readonly forged: ForgedLog
  readonly entries: readonly Uint8Array[]
  /** Entries up to the seal before the repetition, and log index of the batch that has it. */
  readonly before: number
  readonly again: number
  state = ''

  private constructor(honest: ServedWorld, forged: ForgedLog, entries: readonly Uint8Array[], before: number) {
    this.honest = honest
    this.forged = forged
    this.entries = entries
    this.before = before
    this.again = before
  }

  static async make(isLie: boolean): Promise<Repeated> {
    const honest = await ServedWorld.create()
    const { world } = honest
    const issues = Array.from({ length: 290 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    await world.submit([world.issuer], ...issues)
    await world.log.publisher.publish()
    const before = world.log.size
    const forgotten = isLie ? vi.spyOn(Ids.prototype, 'claim').mockReturnValue([]) : undefined
    const fresh = world.bytes(world.issue(FIRST_MEMBER, 1))
    await world.submit([world.issuer], fresh, issues.at(-1)!)
    forgotten?.mockRestore()
    await world.log.publisher.publish()
    const forged = await ForgedLog.serve(honest)
    const made = new Repeated(honest, forged, await forged.truth(), before)
    const { statuses } = decodeBatch(made.entries[before]!)
    expect([...statuses]).toEqual([ACCEPTED, isLie ? ACCEPTED : EXISTS])
    made.state = await mkdtemp(join(tmpdir(), 'tally-kept-ids-'))
    // What stands after the mark has its id in the run that is not full yet, and one run is full.
    expect(Math.floor(before / 256)).toBe(1)
    expect((await made.audit(made.state, made.entries.slice(0, before))).faults).toEqual([])
    return made
  }

  /** What `tally audit --state` makes of these entries. */
  async audit(state: string, entries: readonly Uint8Array[] = this.entries) {
    this.forged.show(entries)
    const { origin, policy } = this.honest.world
    const kept = await KeptLog.open(state, origin)
    try {
      return (await auditLog({ client: this.forged.client, policy, tuning: TUNING, kept, onProgress() {} })).report
    } finally {
      await kept.close()
    }
  }

  async close(): Promise<void> {
    await rm(this.state, { recursive: true, force: true })
    await this.forged.close()
    await this.honest.destroy()
  }
}

describe('ids used before a mark and again after it', () => {
  let truth: Repeated
  let lie: Repeated
  let copy: string | undefined

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    truth = await Repeated.make(false)
    lie = await Repeated.make(true)
  })
  afterAll(async () => {
    await truth.close()
    await lie.close()
    useEngine(portableEngine)
  })
  afterEach(async () => {
    if (copy !== undefined) await rm(copy, { recursive: true, force: true })
  })

  /** The audit of the whole log, of what was kept before and then changed. */
  const auditAfter = async (log: Repeated, change: (directory: string) => Promise<void>) => {
    copy ??= await mkdtemp(join(tmpdir(), 'tally-kept-copy-'))
    await rm(copy, { recursive: true, force: true })
    await cp(log.state, copy, { recursive: true })
    const [directory] = (await readdir(copy, { withFileTypes: true })).filter(one => one.isDirectory())
    await change(join(copy, directory!.name))
    return log.audit(copy)
  }

  test('are known to anyone who goes on from the mark', async () => {
    const { faults, entriesBefore } = await auditAfter(truth, async () => {})
    expect([faults, entriesBefore]).toEqual([[], truth.before])
  })

  test('an id paid twice by an operator in whose log all else fits is found', async () => {
    const { faults } = await auditAfter(lie, async () => {})
    expect(faults.map(({ code }) => code)).toEqual(['batch-statuses'])
    expect(faults[0]!.message).toMatch(new RegExp(`^entry ${lie.again + 2}: .*exists.*accepted`))
  })

  const raw = async <T>(directory: string, act: (db: Level<Uint8Array, Uint8Array>) => Promise<T>): Promise<T> => {
    const db = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
    try {
      return await act(db)
    } finally {
      await db.close()
    }
  }
  const through = async (directory: string, key: Uint8Array, change: (value: Uint8Array) => Uint8Array) => {
    const disk = await AuditDisk.open(directory)
    const value = change((await disk.readRow(key))!)
    await disk.writeRows({ puts: [{ key, value }] }, { sync: true })
    await disk.close()
  }
  const flipped = (value: Uint8Array, at: number) => value.with(at % value.length, value[at % value.length]! ^ 0x10)

  /** Ways in which a row is not what was written: `at` is any number. */
  const DAMAGE: Readonly<Record<string, (directory: string, key: Uint8Array, at: number) => Promise<void>>> = {
    'is gone': (directory, key) => raw(directory, db => db.del(key)),
    'has a bit turned': (directory, key, at) =>
      raw(directory, async db => db.put(key, flipped((await db.get(key))!, at))),
    'has a bit turned, and a checksum of the disk': (directory, key, at) =>
      through(directory, key, value => flipped(value, at)),
    'is shorter, and has both checksums': (directory, key) =>
      through(directory, key, value => sealRow(key, openRow(key, value)!.slice(0, -8)).value),
    'has no last id, and both checksums': (directory, key) =>
      through(directory, key, value => sealRow(key, openRow(key, value)!.slice().fill(0, -16)).value),
  }

  test.each(Object.keys(DAMAGE))('of what is kept of them, a row %s: all is audited again', async how => {
    const seed = randomInt(2 ** 31)
    const [directory] = (await readdir(truth.state, { withFileTypes: true })).filter(one => one.isDirectory())
    const keys = await raw(join(truth.state, directory!.name), db => db.keys().all())
    const keysOf = (letters: string) => keys.filter(key => Buffer.from(key).toString('latin1').startsWith(letters))
    const parts = keysOf('iK')
    // 64 parts a run: four entries each.
    expect(parts.length).toBe(Math.ceil((truth.before - 256) / 4))
    // The row that says how much there is, and the one of the secret: with both checksums they are what was written.
    const others = [...keysOf('iH'), ...keysOf('iS')]
    expect(others.length).toBe(2)
    const single = how.endsWith('both checksums') ? [] : others
    for (const key of [...single, parts[0]!, parts[seed % parts.length]!, parts.at(-1)!]) {
      const damaged = (log: Repeated) => auditAfter(log, into => DAMAGE[how]!(into, key, seed))
      const what = [seed, Buffer.from(key).toString('latin1')]
      const { faults, entriesBefore } = await damaged(truth)
      expect([...what, faults, entriesBefore]).toEqual([...what, [], 0])
      const found = (await damaged(lie)).faults.map(({ code }) => code)
      expect([...what, found]).toEqual([...what, ['batch-statuses']])
    }
  })
})

test.each([
  ['LEVEL_CORRUPTION', 'DamagedState'],
  ['LEVEL_IO_ERROR', 'UsageError'],
])('what LevelDB says of a write, %s, is %s', async (code, name) => {
  const { disk, destroy } = await AuditDisk.scratch()
  const failed = Object.assign(new Error('no'), { code })
  const clear = vi.spyOn(Level.prototype, 'clear').mockRejectedValue(failed)
  try {
    await expect(disk.deleteRows(new Uint8Array(1), new Uint8Array(2))).rejects.toMatchObject({ name })
  } finally {
    clear.mockRestore()
    await destroy()
  }
})
