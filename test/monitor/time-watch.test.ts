import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { ledgerTimeOf } from '../../src/audit/ledger-time.ts'
import { archivedSince, linesOf, TallyClient } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { ARCHIVE_LINES } from '../../src/core/limits.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { ArchiveFolder } from '../../src/files/archive-folder.ts'
import { mirror } from '../../src/monitor/mirror.ts'
import { type TimeSource, TimeWatch } from '../../src/monitor/time-watch.ts'
import { openSealed, parseSealed } from '../../src/verify/sealed-checkpoint.ts'
import { ServedWorld } from '../http/server.ts'
import { LocalWitness, witnessKey } from '../witness/local-witness.ts'
import { COINS, FIRST_MEMBER, OPERATOR_KEY } from '../world.ts'

const MIN = 60_000
const DAY = 1440 * MIN
const HOUR = 60 * MIN

describe('the time of a ledger whose witness is honest', () => {
  let served: ServedWorld
  let folder: string
  /** What time it is, whatever the clock of the ledger says. */
  let trueMs: number
  let policy: Policy
  let client: TallyClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-time-'))
    const first = await ServedWorld.create({ nowMs: 1_736_928_000_000 })
    trueMs = first.world.nowMs
    const witness = await LocalWitness.of(1, folder, first.world.log.logKey, () => trueMs)
    await first.destroy()
    const archive = await ArchiveFolder.open(join(folder, 'archive'))
    served = await ServedWorld.create({ nowMs: trueMs, archive, witnesses: [witness] })
    const { world } = served
    policy = { ...world.policy, witnesses: [{ name: 'w1', key: witnessKey(1) }], groups: [], quorum: 'w1' }
    client = new TallyClient({ ...served.options, policy, caller: served.keys.auditor })
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    const expired = { kind: 'open-account', accountKind: 'expired', unit: COINS, nonce: new Uint8Array(32) } as const
    await world.submit([world.treasurer], world.bytes(expired))
    const dated = { ...world.issue(FIRST_MEMBER, 50), expires: 4 * (trueMs / HOUR + 30 * 24) } as never
    await world.submit([world.issuer], world.bytes(dated))
  })
  afterEach(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  /** So much time passes, and a seal is made; the clock of the ledger is ahead by as much as is said. */
  const pass = async (ms: number, aheadMs = 0) => {
    trueMs += ms
    served.world.nowMs = trueMs + aheadMs
    await served.world.log.publisher.publish()
  }
  const look = async (time = new TimeWatch(client, policy)) => {
    const troubles = await time.look(trueMs)
    return [...troubles, ...time.remarks].map(({ code }) => code)
  }
  const audited = async () => {
    const audit = await auditLog({ client, policy, onProgress: () => {} })
    expect(audit.report.faults).toEqual([])
    const { troubles, remarks, vouched } = await ledgerTimeOf(audit, client, policy, trueMs)
    return [vouched, ...troubles.map(({ code }) => code), ...remarks.map(({ code }) => code)]
  }
  const archived = async () => {
    const sizes: number[] = []
    for await (const { checkpoint } of archivedSince(client, 0, policy)) sizes.push(checkpoint.size)
    return sizes
  }

  test('is archived each ten minutes, under what its witness signed, and holds', async () => {
    for (let i = 0; i < 30; i++) await pass(2 * MIN)
    expect((await archived()).length).toBe(7)
    expect([await look(), await audited()]).toEqual([[], [7]])
    const sealed = openSealed(parseSealed(linesOf((await client.seal())!)[0]!), policy)
    expect([sealed.seal.time, sealed.checkpoint.size]).toEqual([trueMs, served.world.log.size])
    expect((await fetch(`${served.url}/archive/1`)).status).toBe(404)
    expect((await fetch(`${served.url}/archive/x`)).status).toBe(400)
  })

  test('is read on from any size, without what stands before', async () => {
    for (let i = 0; i < 12; i++) await pass(10 * MIN)
    const all = await archived()
    const lines = linesOf((await client.archive(0))!)
    let asked = new Set<number>()
    const source = {
      async archive(n: number) {
        asked.add(n)
        return lines[n] === undefined ? undefined : utf8Encode(`${lines[n]}\n`)
      },
    }
    for (const [i, size] of [0, ...all].entries()) {
      asked = new Set()
      const found: number[] = []
      for await (const { checkpoint } of archivedSince(source, size, policy)) found.push(checkpoint.size)
      expect(found).toEqual(all.slice(i))
      if (i > 0) expect([...asked].filter(n => n < i - 1).length).toBeLessThanOrEqual(4)
    }
    for await (const one of archivedSince({ archive: async () => undefined }, 7, policy)) expect(one).toBe(undefined)
  })

  test('one that jumps a month ahead is trouble at once, and leaves a trace when the month has come', async () => {
    for (let i = 0; i < 3; i++) await pass(10 * MIN)
    const { accounts } = served.world.log.ledger.state
    expect(accounts.sealed(FIRST_MEMBER)!.credit).toBe(150)
    const watching = new TimeWatch(client, policy)
    expect(await look(watching)).toEqual([])
    // Points good for a month are gone.
    await pass(10 * MIN, 31 * DAY)
    expect(accounts.sealed(FIRST_MEMBER)!.credit).toBe(100)
    expect(await look(watching)).toEqual(['clock-ahead', 'clock-ahead', 'gap'])
    expect(await audited()).toEqual([5, 'clock-ahead', 'clock-ahead', 'gap'])
    for (let i = 0; i < 5; i++) await pass(7 * DAY)
    // All is well now, and was not.
    expect(await look()).toEqual(['clock-ahead', 'unvouched'])
    expect(await audited()).toEqual([expect.any(Number), 'clock-ahead', 'gap', 'unvouched'])
  })

  test('one that jumps without archiving anything meanwhile is not vouched for', async () => {
    await pass(10 * MIN)
    const { world } = served
    const kept = await readFile(join(folder, 'archive/0'), 'utf8')
    await pass(10 * MIN, 31 * DAY)
    for (let i = 0; i < 5; i++) await pass(7 * DAY)
    const lines = (await readFile(join(folder, 'archive/0'), 'utf8')).split('\n').slice(0, -1)
    const late = `${kept}${lines.at(-1)}\n`
    const lying: TimeSource = {
      seal: () => client.seal(),
      archive: async n => (n === 0 ? utf8Encode(late) : undefined),
    }
    expect(await look(new TimeWatch(lying, policy))).toEqual(['unvouched'])
    expect(world.log.ledger.state.time).toBe(trueMs)
  })

  test('one that stands still is behind, for a follower, which names wrong answers', async () => {
    await pass(10 * MIN)
    trueMs += 70 * MIN + 1
    expect(await look()).toEqual(['behind'])
    expect(await audited()).toEqual([2])
    for (const [served, code] of [
      ['nonsense\n', 'sealed-checkpoint'],
      ['{"checkpoint":"a","seal":"","path":[],"more":1}\n', 'sealed-checkpoint'],
      ['{"checkpoint":"a\\n","seal":"","path":[]}\n', 'note'],
      ['', 'sealed-checkpoint'],
    ] as const) {
      const lying: TimeSource = { seal: async () => utf8Encode(served), archive: async () => undefined }
      expect(await look(new TimeWatch(lying, policy))).toEqual([code])
    }
    const silent: TimeSource = { seal: async () => undefined, archive: async () => undefined }
    expect(await look(new TimeWatch(silent, policy))).toEqual([])
  })

  test('is held against the beat of its own genesis, which a published folder shows as well', async () => {
    const { world } = served
    await served.destroy()
    served = await ServedWorld.create({ nowMs: world.nowMs, beatMs: 5 * MIN })
    const directory = join(folder, 'public')
    client = served.client(served.keys.auditor)
    policy = served.world.policy
    trueMs = served.world.nowMs
    await pass(5 * MIN)
    expect(await look(new TimeWatch(client, policy))).toEqual([])
    await mirror({ source: client, policy, directory, onProgress: () => {} })
    const published = new TallyClient({
      url: 'http://folder.example',
      policy,
      carry: async ({ url }) => {
        const bytes = await readFile(join(directory, new URL(url).pathname)).catch(() => undefined)
        return { status: bytes === undefined ? 404 : 200, bytes: bytes ?? new Uint8Array(0) }
      },
    })
    expect((await published.identity()).genesis.beatMs).toBe(5 * MIN)
    trueMs += 15 * MIN
    expect(await look(new TimeWatch(published, policy))).toEqual([])
    trueMs += 1
    expect(await look(new TimeWatch(client, policy))).toEqual(['behind'])
    expect(await look(new TimeWatch(published, policy))).toEqual(['behind'])
    // Where nobody shows the genesis, it is the longest that there is.
    const hidden: TimeSource = { seal: () => client.seal(), archive: async () => undefined }
    expect(await look(new TimeWatch(hidden, policy))).toEqual([])
    await pass(6 * MIN)
    expect(await audited()).toEqual([0, 'gap'])
  })

  test('is mirrored with the tiles, and no line of it is ever replaced', async () => {
    const directory = join(folder, 'public')
    const publish = (source: Parameters<typeof mirror>[0]['source']) =>
      mirror({ source, policy, directory, onProgress: () => {} })
    for (let i = 0; i < 3; i++) await pass(10 * MIN)
    await publish(client)
    const file = () => readFile(join(directory, 'archive/0'), 'utf8')
    const three = await file()
    expect(three).toBe(await readFile(join(folder, 'archive/0'), 'utf8'))
    for (let i = 0; i < 2; i++) await pass(10 * MIN)
    // A source that has forgotten what it showed before.
    const lines = (await readFile(join(folder, 'archive/0'), 'utf8')).split('\n')
    const forgetful = {
      checkpoint: () => client.checkpoint(),
      tile: (address: Parameters<TallyClient['tile']>[0]) => client.tile(address),
      seal: () => client.seal(),
      archive: async (n: number) => (n === 0 ? utf8Encode(`${lines[4]}\n`) : undefined),
    }
    await publish(forgetful)
    expect(await file()).toBe(`${three}${lines[4]}\n`)
    const sealed = openSealed(parseSealed(linesOf(await readFile(join(directory, 'seal')))[0]!), policy)
    expect(sealed.checkpoint.size).toBe(served.world.log.size)
    // What is read from it is what the ledger shows.
    const folderSource: TimeSource = {
      seal: () => readFile(join(directory, 'seal')),
      archive: n => readFile(join(directory, 'archive', String(n))).catch(() => undefined),
    }
    expect(await look(new TimeWatch(folderSource, policy))).toEqual([])
  })
})

describe('an archive of many files', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-archive-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('goes on where it was, a day’s lines a file', async () => {
    let archive = await ArchiveFolder.open(join(folder, 'archive'))
    expect([await archive.last(), await archive.read(0)]).toEqual([undefined, undefined])
    for (let i = 0; i < 2 * ARCHIVE_LINES; i++) await archive.add(`line ${i}\n`)
    archive = await ArchiveFolder.open(join(folder, 'archive'))
    expect(await archive.last()).toBe(`line ${2 * ARCHIVE_LINES - 1}`)
    await archive.add('more\n')
    const counts = await Promise.all([0, 1, 2].map(async n => linesOf((await archive.read(n))!).length))
    expect([counts, await archive.last()]).toEqual([[ARCHIVE_LINES, ARCHIVE_LINES, 1], 'more'])
  })
})
