import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditLog } from '../../../src/audit/audit.ts'
import { accuse } from '../../../src/audit/evidence/accuse.ts'
import { carryLog } from '../../../src/audit/evidence/carry-log.ts'
import { keepEvidence } from '../../../src/audit/evidence/keep-evidence.ts'
import { decodeSeal, encodeSeal } from '../../../src/core/entry/seal.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { ServedWorld } from '../../http/server.ts'
import { FIRST_MEMBER } from '../../world.ts'

describe('evidence that carries the log', () => {
  let honest: ServedWorld
  let forged: ForgedLog
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-limit-'))
    honest = await ServedWorld.create()
    const { world } = honest
    for (let batch = 0; batch < 3; batch++) {
      const list = Array.from({ length: 300 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
      await world.submit([world.issuer], ...list)
      await world.log.publisher.publish()
    }
    forged = await ForgedLog.serve(honest)
    const truth = await forged.truth()
    const seal = decodeSeal(truth.at(-1)!)
    forged.show(truth.with(-1, encodeSeal({ ...seal, stateRoot: new Uint8Array(32) })))
  })
  afterAll(async () => {
    await forged.close()
    await honest.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  test('is known from what was audited where it may not be so long: nothing is read again, and nothing written', async () => {
    const { policy } = honest.world
    const tuning = { bundles: 1, thread: false }
    const audit = await auditLog({ client: forged.client, policy, onProgress: () => {}, tuning })
    expect(audit.report.faults).toMatchObject([{ code: 'seal-state', at: forged.entries.length - 1 }])
    // The bundles before the one with the fault, to the byte.
    const whole = Math.floor((forged.entries.length - 1) / 256)
    const before = Array.from({ length: whole }, (_, i) =>
      encodeEntryBundle(forged.entries.slice(256 * i, 256 * i + 256)),
    )
    expect(whole).toBe(3)
    expect(audit.faultlessBytes).toBe(before.reduce((sum, { length }) => sum + length, 0))

    const file = await accuse(audit, policy, { url: forged.url, time: new Date(0).toISOString() })
    const path = join(folder, 'out', 'evidence.jsonl')
    const carry = async (limitBytes: number) => {
      const asked = forged.asked.length
      const { signal } = new AbortController()
      const options = { limitBytes, leastBytes: audit.faultlessBytes, signal }
      const carried = await carryLog(path, file, audit.bundles, policy, options)
      return { carried, asked: forged.asked.length - asked }
    }
    expect(await carry(audit.faultlessBytes - 1)).toMatchObject({ carried: { leftOut: 'too large' }, asked: 0 })
    expect(existsSync(join(folder, 'out'))).toBe(false)
    // Whether the rest has room is seen when it is written.
    const close = await carry(audit.faultlessBytes)
    expect(close).toMatchObject({ carried: { leftOut: 'too large' } })
    expect(close.asked).toBeGreaterThanOrEqual(whole)
    expect(await readdir(join(folder, 'out'))).toEqual([])
    expect((await carry(2 ** 30)).carried).toMatchObject({ entries: forged.entries.length })
    expect(await readdir(join(folder, 'out'))).toEqual(['evidence.jsonl'])
  })

  test.each([
    ['once, and the entry at fault before', false, 1],
    ['twice, where its hash tiles prove nothing', true, 2],
  ])('is read %s', async (_, hasWrongTiles, times) => {
    const { policy } = honest.world
    const { client, url } = forged
    const audit = await auditLog({ client, policy, onProgress: () => {}, tuning: { bundles: 1, thread: false } })
    if (hasWrongTiles) forged.spoilsHashes = true
    forged.asked.splice(0)
    const place = { state: join(folder, `read-${times}`), evidenceLimit: 2 ** 30 }
    const { signal } = new AbortController()
    const { file, carried } = await keepEvidence(audit, policy, client, { url, time: '2027-01-15T08:00:00Z' }, place, {
      signal,
    })
    forged.spoilsHashes = false
    expect([file.code, file.needs]).toEqual(['seal-state', 'nothing'])
    expect(carried).toMatchObject({ entries: forged.entries.length })
    const whole = Math.floor(forged.entries.length / 256)
    const asked = (bundle: number) => forged.asked.filter(path => path === `/tile/entries/00${bundle}`).length
    expect(Array.from({ length: whole }, (_, i) => asked(i))).toEqual(Array(whole).fill(times))
  })
})
