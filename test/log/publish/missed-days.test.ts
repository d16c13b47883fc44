import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { utf8Decode } from '../../../src/core/bytes.ts'
import { OPENED_LINES } from '../../../src/core/limits.ts'
import { parseCheckpoint } from '../../../src/core/note/checkpoint.ts'
import { ED25519_KEY, parseNote, verifierKey } from '../../../src/core/note/note.ts'
import { ArchiveFolder } from '../../../src/files/archive-folder.ts'
import type { OpenedFiles } from '../../../src/log/publish/opened-days.ts'
import { openTotals, parseOpened } from '../../../src/verify/opened-totals.ts'
import { formatSealed } from '../../../src/verify/sealed-checkpoint.ts'
import { FIRST_MEMBER, keyNumber, World, type WorldOptions } from '../../world.ts'

const HOUR = 3_600_000
const FIRST = 'ledger.example/points'
/** A midnight. */
const START = Date.UTC(2027, 0, 15)

describe('days whose totals were not opened', () => {
  let folder: string
  let world: World
  let notices: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-missed-'))
    notices = []
  })
  afterEach(async () => {
    await world.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  /** Files of lines; a write may fail, as one that is cut off does. */
  let isCutOff = false
  const filesIn = async (name: string): Promise<OpenedFiles> => {
    const open = () => ArchiveFolder.open(join(folder, name), OPENED_LINES)
    return {
      async add(line) {
        if (isCutOff) throw new Error('it was cut off')
        await (await open()).add(line)
      },
      read: async n => (await open()).read(n),
      last: async () => (await open()).last(),
    }
  }
  const begin = async (options: WorldOptions = {}) => {
    isCutOff = false
    const opened = await filesIn('totals')
    world = await World.create({ nowMs: START + 10 * HOUR, opened, onNotice: what => notices.push(what), ...options })
    await world.log.publisher.publish()
  }
  const pass = async (ms: number) => {
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 5)))
    world.nowMs += ms
    await world.log.publisher.publish()
  }
  const lines = async () => utf8Decode((await world.log.publisher.openedTotals(0)) ?? new Uint8Array(0)).split('\n')
  /** What was opened: when its seal was made, and what had been issued then. Each line is verified alone. */
  const opened = async () =>
    (await lines()).slice(0, -1).map(line => {
      const { seal, units, isTrue } = openTotals(parseOpened(line), policyOfAll())
      return [new Date(seal.time).toISOString().slice(5, 13), Number(units[0]?.issued ?? 0n), isTrue] as const
    })
  /** Of the log, and of the one before. */
  const policyOfAll = () => ({
    ...world.policy,
    logs: [{ key: world.log.logKey }, { key: verifierKey(FIRST, ED25519_KEY, keyNumber(1).publicKey) }],
  })
  const days = async () => (await opened()).map(([time]) => time.slice(0, 5))
  /** Holds after some more seals. */
  const eventually = (check: () => Promise<void>) =>
    vi.waitFor(
      async () => {
        await world.log.publisher.publish()
        await check()
      },
      { timeout: 5000, interval: 10 },
    )

  test('are opened later: a crash between a seal and its line, and midnight before the next start', async () => {
    await begin()
    for (let i = 0; i < 3; i++) await pass(7 * HOUR)
    const whole = await opened()
    isCutOff = true
    // Each seal of two days is durable, and none of their lines.
    for (let i = 0; i < 6; i++) await pass(8 * HOUR)
    expect(await opened()).toEqual(whole)
    expect(notices.join()).toContain('The totals of a day were not opened: it was cut off')
    await world.log.close()
    isCutOff = false
    world.nowMs += 24 * HOUR
    await world.open()
    await eventually(async () => expect(await days()).toEqual(['01-15', '01-16', '01-17', '01-18', '01-19']))
    expect(await opened()).toEqual([...whole, ['01-17T07', 30, true], ['01-18T07', 45, true], ['01-19T07', 45, true]])
    const sizes = (await lines()).slice(0, -1).map(line => {
      return parseCheckpoint(parseNote(parseOpened(line).checkpoint).text).size
    })
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b))
  })

  test('are opened by the daily job, where the log runs and could not write for days', async () => {
    await begin()
    isCutOff = true
    for (let i = 0; i < 4; i++) await pass(24 * HOUR)
    isCutOff = false
    await pass(24 * HOUR)
    await eventually(async () => expect(await days()).toEqual(['01-15', '01-16', '01-17', '01-18', '01-19', '01-20']))
  })

  test('of a copy that was restored without them: all of them, but those in which it was down', async () => {
    await begin()
    for (let i = 0; i < 3; i++) await pass(24 * HOUR)
    world.nowMs += 72 * HOUR
    await pass(24 * HOUR)
    const before = await opened()
    await world.log.close()
    await rm(join(folder, 'totals'), { recursive: true })
    world.nowMs += 24 * HOUR
    await world.open()
    await eventually(async () => expect((await opened()).slice(0, -1)).toEqual(before))
    expect(await days()).toEqual(['01-15', '01-16', '01-17', '01-18', '01-22', '01-23'])
  })

  test('under the first checkpoint of the day that is archived, where there is one', async () => {
    const archive = await ArchiveFolder.open(join(folder, 'archive'))
    await begin({ archive })
    isCutOff = true
    for (let i = 0; i < 4; i++) {
      await pass(9 * HOUR)
      // Later than the first of its day.
      if (i === 2) await archive.add(formatSealed(world.log.publisher.sealed!))
    }
    isCutOff = false
    await pass(12 * HOUR)
    await eventually(async () => expect(await days()).toEqual(['01-15', '01-16', '01-17']))
    expect((await opened()).map(([time]) => time)).toEqual(['01-15T10', '01-16T13', '01-17T10'])
  })

  test('and not those of a log before, which was for that to sign', async () => {
    await begin()
    isCutOff = true
    for (let i = 0; i < 2; i++) await pass(24 * HOUR)
    await world.submit([world.root], world.bytes(world.continuing('next.example/points', keyNumber(81))))
    await world.log.publisher.publish()
    await world.log.close()
    isCutOff = false
    await world.reopenAs('next.example/points', keyNumber(81))
    for (let i = 0; i < 2; i++) await pass(24 * HOUR)
    await eventually(async () => expect(await days()).toEqual(['01-15', '01-17', '01-18', '01-19']))
    // That of the 17th stands after what continued the log.
    const [own, ...others] = (await lines()).slice(0, -1).map(line => JSON.parse(line).checkpoint.split('\n')[0])
    expect([own, ...new Set(others)]).toEqual([FIRST, 'next.example/points'])
  })
})
