import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { linesOf, TallyClient, tilesOf } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { VerifyError } from '../../src/core/failure.ts'
import { OPENED_LINES } from '../../src/core/limits.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { decodeEntryBundle } from '../../src/core/tree/tile.ts'
import { ArchiveFolder } from '../../src/files/archive-folder.ts'
import { buildServer } from '../../src/http/index.ts'
import { mirror } from '../../src/monitor/mirror.ts'
import { TimeWatch } from '../../src/monitor/time-watch.ts'
import { TotalsWatch } from '../../src/monitor/totals-watch.ts'
import { Watcher } from '../../src/monitor/watcher.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { openTotals, parseOpened } from '../../src/verify/opened-totals.ts'
import { ServedWorld } from '../http/server.ts'
import { Books } from '../lies/make/books.ts'
import { openedLine } from '../lies/make/opened.ts'
import { FIRST_MEMBER, keyNumber, World } from '../world.ts'

const MIN = 60_000
const HOUR = 60 * MIN
const DAY = 24 * HOUR
/** A midnight. */
const START = Date.UTC(2027, 0, 15)

describe('totals that are opened each day', () => {
  let served: ServedWorld
  let folder: string
  let policy: Policy
  let client: TallyClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-opened-'))
    served = await ServedWorld.create({ nowMs: START + 10 * HOUR, opened: await folderOf('totals') })
    ;({ policy } = served.world)
    client = served.client(served.keys.auditor)
  })
  afterEach(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  const folderOf = (name: string) => ArchiveFolder.open(join(folder, name), OPENED_LINES)
  /** Some points are issued, time passes, and a seal is made. */
  const pass = async (ms: number, amount = 5) => {
    const { world } = served
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount)))
    world.nowMs += ms
    await world.log.publisher.publish()
  }
  const lines = async () => linesOf((await client.totals(0)) ?? new Uint8Array(0))
  const days = async () =>
    (await lines()).map(line => new Date(openTotals(parseOpened(line), policy).seal.time).toISOString().slice(5, 16))
  const audited = async (from = client) => auditLog({ client: from, policy, onProgress: () => {} })

  test('are of the first seal of a day, verified alone, and those of the public', async () => {
    for (let i = 0; i < 6; i++) await pass(9 * HOUR)
    expect(await days()).toEqual(['01-15T10:00', '01-16T04:00', '01-17T07:00'])
    const [line] = (await lines()).slice(-1)
    const { units, ledgerId, isTrue } = openTotals(parseOpened(line!), policy)
    expect([isTrue, ledgerId]).toEqual([true, served.world.ledgerId])
    const owed = units.reduce((sum, one) => sum + one.owed, 0n)
    expect([owed, units[0]!.issued]).toEqual([125n, 125n])
    expect((await fetch(`${served.url}/totals/1`)).status).toBe(404)
    expect((await fetch(`${served.url}/totals/x`)).status).toBe(400)
  })

  test('go on after a restart, once a day', async () => {
    await pass(9 * HOUR)
    await served.world.reopen()
    await pass(HOUR)
    await pass(6 * HOUR)
    expect(await days()).toEqual(['01-15T10:00', '01-16T02:00'])
  })

  test('wait for a quorum until noon, and then no more', async () => {
    let isQuorum = false
    const opened = await folderOf('waiting')
    const world = await World.create({ nowMs: START + 10 * HOUR, opened, isQuorum: () => isQuorum })
    const seal = async (ms: number) => {
      world.nowMs += ms
      await world.log.publisher.publish()
      return linesOf((await opened.read(0)) ?? new Uint8Array(0)).length
    }
    expect([await seal(0), await seal(HOUR), await seal(HOUR), await seal(HOUR)]).toEqual([0, 0, 1, 1])
    isQuorum = true
    expect(await seal(12 * HOUR)).toBe(2)
    await world.destroy()
  })

  test('are missed by an auditor on a day on which none were opened', async () => {
    for (let i = 0; i < 4; i++) await pass(DAY)
    expect((await audited()).opened).toEqual({ days: 5, unopened: [], remarks: [], faults: [] })
    const kept = await lines()
    const withLines = (all: readonly string[]) =>
      Object.assign(new TallyClient(client.options), {
        totals: async (n: number) => (n === 0 ? utf8Encode(all.map(line => `${line}\n`).join('')) : undefined),
      })
    const { opened, report } = await audited(withLines([kept[0]!, kept[2]!]))
    // The last day is not over yet.
    expect([opened.unopened, report.faults]).toEqual([['2027-01-16', '2027-01-18'], []])
    expect((await audited(withLines(['x']))).opened.remarks).toMatchObject([{ code: 'opened-totals' }])
    const changed = kept[1]!.replace(/"owed":"\d+"/, '"owed":"7"')
    const found = await audited(withLines([kept[0]!, changed]))
    expect([found.report.faults, found.opened.remarks]).toMatchObject([[], [{ code: 'totals-signature' }]])
  })

  test('false ones convict, no matter who reads them', async () => {
    await pass(DAY)
    const { world } = served
    const entries = await Promise.all(Array.from({ length: world.log.size }, (_, i) => entryAt(world, i)))
    const log = { key: world.log.logKey, seed: world.keys.log.seed, saltOf: (epoch: number) => world.log.salt(epoch)! }
    const books = new Books(log, entries.slice(0, -1))
    const closed = books.close({ seal: { time: world.nowMs } })
    expect(closed.sealEntry).toEqual(entries.at(-1))
    const line = openedLine(closed, { units: books.totals.map(one => ({ ...one, owed: 0n })) })
    const lying = Object.assign(new TallyClient(client.options), {
      totals: async (n: number) => (n === 0 ? utf8Encode(`${line}\n`) : undefined),
    })
    const audit = await audited(lying)
    expect(audit.report.faults).toMatchObject([{ code: 'totals-false', opened: line }])
    const file = await accuse(audit, policy, { url: served.url, time: 'now' })
    expect(file).toMatchObject({ code: 'totals-false', needs: 'nothing' })
    expect(convict(file, policy)).toMatchObject({ code: 'totals-false', facts: { 'log size': world.log.size } })
    const { totals, look } = watching(lying)
    const [trouble] = await look()
    expect(trouble).toMatchObject({ code: 'totals-false', evidence: { opened: line } })
    // What is false stays false.
    expect(await look()).toEqual([trouble])
    expect(totals.remarks).toEqual([])
  })

  test('are looked at once by a watch, which says since when there are none', async () => {
    for (let i = 0; i < 3; i++) await pass(DAY)
    client = new TallyClient(client.options)
    const { totals, look, asked } = watching(client)
    expect([await look(), await look(), totals.remarks]).toEqual([[], [], []])
    expect(asked()).toBe(2)
    const last = await client.totals(0)
    client.totals = async n => (n === 0 ? last : undefined)
    for (let i = 0; i < 2; i++) await pass(DAY)
    expect([await look(3 * HOUR), totals.remarks]).toEqual([
      [],
      [{ code: 'totals-unopened', message: 'no totals were opened since 2027-01-18' }],
    ])
  })

  test('are mirrored with the tiles, and no line is ever replaced', async () => {
    const directory = join(folder, 'public')
    const publish = () => mirror({ source: client, policy, directory, onProgress: () => {} })
    for (let i = 0; i < 2; i++) await pass(DAY)
    await publish()
    await pass(DAY)
    await publish()
    const [theirs, ours] = await Promise.all(
      [join(directory, 'totals/0'), join(folder, 'totals/0')].map(one => readFile(one, 'utf8')),
    )
    expect(theirs).toBe(ours)
    expect((await lines()).length).toBe(4)
  })

  test('a ledger that went on serves those of the log before, and a reader of the next alone steps over them', async () => {
    const { world } = served
    for (let i = 0; i < 2; i++) await pass(DAY)
    const old = (await lines()).length
    const [name, key] = ['next.example/points', keyNumber(71)]
    await world.submit([world.root], world.bytes(world.continuing(name, key, null)))
    await world.log.publisher.publish()
    await world.reopenAs(name, key)
    const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    try {
      for (let i = 0; i < 3; i++) await pass(DAY)
      const both: Policy = { ...policy, logs: [...policy.logs, ...world.policy.logs] }
      for (const [trusted, days] of [
        [both, old + 3],
        [world.policy, 3],
      ] as const) {
        const caller = served.keys.auditor
        const next = new TallyClient({ url, policy: trusted, caller, nowMs: () => world.nowMs })
        const { report, opened } = await auditLog({ client: next, policy: trusted, onProgress: () => {} })
        expect([report.faults, opened.remarks, opened.faults, opened.days]).toEqual([[], [], [], days])
        expect(await watching(next, trusted).look()).toEqual([])
        // A folder of it does not show how the ledger came into its log: of times it says all the same what there is.
        const identity = async () => Promise.reject(new VerifyError('log-identity', 'another log'))
        const ofFolder = { seal: () => next.seal(), archive: (n: number) => next.archive(n), identity }
        expect(await new TimeWatch(ofFolder, trusted).look(world.nowMs)).toEqual([])
        const directory = join(folder, `public-${days}`)
        await mirror({ source: next, policy: trusted, directory, onProgress: () => {} })
        expect((await readFile(join(directory, 'totals/0'), 'utf8')).split('\n').length - 1).toBe(days)
      }
    } finally {
      await server.close()
    }
  })

  function watching(source: TallyClient, trusted = policy) {
    let count = 0
    const counted = {
      totals: (n: number) => {
        count++
        return source.totals(n)
      },
    }
    const watcher = new Watcher({ policy: trusted, tileAt: tilesOf(source), maxAgeMs: 1e12, startedMs: 0 })
    const time = new TimeWatch(source, trusted)
    const totals = new TotalsWatch(counted, trusted)
    const look = async (laterMs = 0) => {
      const nowMs = served.world.nowMs + laterMs
      await watcher.look(await source.checkpoint(), nowMs)
      await time.look(nowMs)
      return totals.look(nowMs, time.last, watcher)
    }
    return { totals, look, asked: () => count }
  }
})

async function entryAt({ log }: World, index: number): Promise<Uint8Array> {
  const receipt = await log.entryBundle(
    Math.floor(index / 256),
    Math.min(256, log.size - 256 * Math.floor(index / 256)),
  )
  return decodeEntryBundle(receipt!)[index % 256]!.slice()
}
