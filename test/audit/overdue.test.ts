import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS, QUARTER_MS } from '../../src/account/dates.ts'
import { Attempt } from '../../src/audit/attempt.ts'
import type { LogSource } from '../../src/audit/read/log-source.ts'
import { KeptLog } from '../../src/audit/resume/audited-log.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { BEAT_MS_MAX, HOLDS_MAX, OVERDUE_MS } from '../../src/core/limits.ts'
import { openCheckpoint } from '../../src/core/note/policy.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { signedCheckpoint } from '../cli/two-histories.ts'
import { runs } from '../runs.ts'
import {
  BUDGET,
  COINS,
  FIRST_MEMBER,
  keyNumber,
  OPERATOR_KEY,
  type Signer,
  TREASURY,
  WINDOW_MS,
  World,
  type WorldDraft,
  type WorldOptions,
} from '../world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Quarter hours of an hour. */
const HOUR = HOUR_MS / QUARTER_MS

/** A shop whose points expire, and its operator, who sweeps or does not. */
class Points {
  readonly world: World
  readonly seals: number[] = []
  /** Entries that the last audit did not replay. */
  entriesBefore = 0
  merchant!: Signer
  importer!: Signer
  /** Accounts that nothing was put into yet. */
  readonly newcomers: number[] = []

  private constructor(world: World) {
    this.world = world
  }

  static async open(options: WorldOptions = {}): Promise<Points> {
    const points = new Points(await World.create({ snapshotEntries: 2 ** 20, ...options }))
    const { world } = points
    const [merchant, importer] = [keyNumber(70), keyNumber(71)]
    const record = () => world.log.ledger.state.registry.records.length - 1
    await points.submit([world.root], world.registerKey('operator', OPERATOR_KEY))
    await points.submit([world.treasurer], {
      kind: 'open-account',
      accountKind: 'expired',
      unit: COINS,
      nonce: new Uint8Array(32),
    })
    await points.submit([world.root], world.registerKey('merchant', merchant, [TREASURY]))
    points.merchant = { record: record(), key: merchant }
    const forImports = { ...world.registerKey('issuer', importer, [BUDGET]), backdateMs: 30 * DAY_MS } as WorldDraft
    await points.submit([world.root], forImports)
    points.importer = { record: record(), key: importer }
    const first = world.log.ledger.state.accounts.count
    const openings = Array.from({ length: 40 }, () => world.bytes(world.openMember()))
    const { statuses } = await world.submit([world.registrar], ...openings)
    expect(new Set(statuses)).toEqual(new Set([ACCEPTED]))
    points.newcomers.push(...openings.map((_, i) => first + i))
    return points
  }

  /** Submits what has to be accepted; returns its id. */
  async submit(signers: readonly Signer[], draft: WorldDraft, timeMs = this.world.nowMs): Promise<Uint8Array> {
    const id = this.world.id(timeMs)
    const { statuses } = await this.world.submit(signers, this.world.bytes(draft, id))
    expect([draft.kind, ...statuses]).toEqual([draft.kind, ACCEPTED])
    return id
  }

  get hour(): number {
    return Math.floor(this.world.nowMs / HOUR_MS)
  }

  issue(hours: number, amount = 30): Promise<Uint8Array> {
    const draft: WorldDraft = {
      kind: 'issue',
      debit: BUDGET,
      credit: FIRST_MEMBER,
      amount,
      expires: HOUR * (this.hour + hours),
    }
    return this.submit([this.world.issuer], draft)
  }

  /** An import of points that expired hours ago, into an account of which nothing is known since. */
  import(hoursAgo: number): Promise<Uint8Array> {
    const expires = HOUR * (this.hour - hoursAgo)
    const draft: WorldDraft = { kind: 'issue', debit: BUDGET, credit: this.newcomers.shift()!, amount: 7, expires }
    return this.submit([this.importer], draft, expires * QUARTER_MS - HOUR_MS)
  }

  redeem(amount = 30): Promise<Uint8Array> {
    return this.submit([this.world.owner(FIRST_MEMBER)], this.world.redeem(FIRST_MEMBER, amount))
  }

  refund(original: Uint8Array, amount = 30): Promise<Uint8Array> {
    return this.submit([this.merchant], { kind: 'reverse', debit: TREASURY, credit: FIRST_MEMBER, amount, original })
  }

  hold(forMs: number, amount = 30): Promise<Uint8Array> {
    const { world } = this
    const until = world.nowMs + forMs
    return this.submit([world.owner(FIRST_MEMBER)], {
      kind: 'hold',
      debit: FIRST_MEMBER,
      credit: TREASURY,
      amount,
      until,
    })
  }

  release(hold: Uint8Array): Promise<Uint8Array> {
    return this.submit([this.merchant], { kind: 'release', account: FIRST_MEMBER, hold })
  }

  async seal(): Promise<void> {
    const { operator, publisher } = this.world.log
    // An honest ledger writes down what is due before a seal.
    operator.sweep = () => Promise.resolve(0)
    await publisher.publish()
    this.seals.push(this.world.log.size)
  }

  sweep(): Promise<number> {
    return this.world.log.operator.endWhatIsDue()
  }

  /** Lets time pass with a seal every so often. */
  async pass(ms: number, everyMs: number): Promise<void> {
    for (const end = this.world.nowMs + ms; this.world.nowMs < end; ) {
      this.world.nowMs = Math.min(end, this.world.nowMs + everyMs)
      await this.seal()
    }
  }

  /** What an audit of the log finds when it has a size: code and log index of each fault. */
  async audit(size = this.world.log.size, kept?: KeptLog): Promise<(string | number | undefined)[][]> {
    const { log, policy } = this.world
    const note = signedCheckpoint(this.world, size, await log.tree.rootAt(size))
    const source: LogSource = {
      tile: async ({ level, index, width }) =>
        (await (level === 'entries' ? log.entryBundle(index, width) : log.tile(level, index, width)))!.slice(),
      salts: async (from, count) => Array.from({ length: count }, (_, i) => log.salt(from + i) ?? null),
    }
    const target = { note, checkpoint: openCheckpoint(note, policy), refused: undefined, earlier: undefined }
    const options = { source, onProgress() {}, tuning: { thread: false, markMs: 0 }, ...(kept && { kept }) }
    const { report } = await new Attempt(options, target).run()
    this.entriesBefore = report.entriesBefore
    return report.faults.map(({ code, at }) => [code, at])
  }
}

/** All seals in a night, else one of four, the last among them: an audit finds what was wrong at earlier ones too. */
function someOf(seals: readonly number[]): number[] {
  const [step, from] = [runs(1, 4), randomInt(4)]
  return seals.filter((_, i) => (i + from) % step === 0 || i === seals.length - 1)
}

beforeAll(async () => useEngine(await loadEngine('native')))
afterAll(() => useEngine(portableEngine))

describe('an operator that leaves standing what has come to its end', () => {
  let points: Points
  const open = async (options: WorldOptions = {}) => {
    points = await Points.open(options)
    await points.seal()
    return points
  }
  afterEach(() => points.world.destroy())

  test('is overdue a running day after points expired, and not a minute before', async () => {
    const { world } = await open()
    await points.issue(1)
    world.nowMs = (points.hour + 1) * HOUR_MS
    await points.seal()
    const begin = world.nowMs
    await points.pass(OVERDUE_MS - MINUTE_MS, 10 * MINUTE_MS)
    expect(await points.audit()).toEqual([])
    await points.pass(2 * MINUTE_MS, MINUTE_MS)
    expect(await points.audit()).toEqual([['overdue', world.log.size - 1]])
    expect(world.nowMs - begin).toBeLessThanOrEqual(OVERDUE_MS + MINUTE_MS)
    // At the seals before nothing was.
    for (const size of someOf(points.seals.slice(0, -3))) expect([size, await points.audit(size)]).toEqual([size, []])
  })

  test('and is so of holds whose time is over', async () => {
    const { world } = await open()
    await points.issue(1000)
    const hold = await points.hold(HOUR_MS)
    await points.pass(HOUR_MS + OVERDUE_MS - MINUTE_MS, 30 * MINUTE_MS)
    expect(await points.audit()).toEqual([])
    await points.pass(30 * MINUTE_MS, 30 * MINUTE_MS)
    expect(await points.audit()).toEqual([['overdue', world.log.size - 1]])
    // Anyone who releases it then, the seal before had it.
    const last = world.log.size - 1
    await points.release(hold)
    await points.seal()
    expect(await points.audit()).toEqual([['overdue', last]])
  })

  test('and is helped by no tidying up, nor by points that come in to those that stand', async () => {
    const { world } = await open()
    await points.issue(2)
    const first = await points.redeem(10)
    await points.pass(3 * HOUR_MS, HOUR_MS)
    for (let day = 0; day < 2; day++) {
      await points.refund(first, 5)
      await points.pass(DAY_MS / 2 + HOUR_MS, HOUR_MS)
    }
    expect(await points.audit()).toEqual([['overdue', world.log.size - 1]])
    const last = world.log.size - 1
    expect(await points.sweep()).toBe(1)
    await points.pass(3 * HOUR_MS, HOUR_MS)
    expect(await points.audit()).toEqual([['overdue', last]])
    // Evidence is of the seal that had them: with it the log is replayed, and no further.
    expect(await points.audit(last + 1)).toEqual([['overdue', last]])
  })

  test('and does not hide after few seals: what is beyond a beat of each counts for nothing, the beat does', async () => {
    await open()
    await points.issue(1)
    await points.pass(24 * 3 * BEAT_MS_MAX, 3 * BEAT_MS_MAX)
    expect(await points.audit()).toEqual([])
    await points.pass(6 * BEAT_MS_MAX, 3 * BEAT_MS_MAX)
    expect(await points.audit()).toEqual([['overdue', points.world.log.size - 1]])
  })

  test('and the beat is that of its own genesis: one that seals less often than that was down', async () => {
    await open({ beatMs: 10 * MINUTE_MS })
    await points.issue(1)
    await points.pass(25 * HOUR_MS, 30 * MINUTE_MS)
    // Ten minutes of every half hour.
    expect(await points.audit()).toEqual([])
    await points.pass(OVERDUE_MS, 10 * HOUR_MS)
    expect(await points.audit()).toEqual([])
    await points.pass(25 * HOUR_MS, 10 * MINUTE_MS)
    expect(await points.audit()).toEqual([['overdue', points.world.log.size - 1]])
  })

  test('is not late for what came back, or came in, past a moment ago, nor for a day in which it was down', async () => {
    const { world } = await open()
    await points.issue(1)
    const paid = await points.redeem()
    await points.issue(3)
    const held = await points.hold(72 * HOUR_MS)
    await points.pass(3 * DAY_MS, HOUR_MS)
    expect(await points.audit()).toEqual([])
    for (const late of [() => points.release(held), () => points.refund(paid), () => points.import(60)]) {
      await late()
      await points.pass(OVERDUE_MS - HOUR_MS, HOUR_MS)
      expect(await points.audit()).toEqual([])
      expect(await points.sweep()).toBe(1)
      await points.seal()
      expect(await points.audit()).toEqual([])
    }
    await points.issue(1)
    world.nowMs += 5 * DAY_MS
    await world.reopen()
    await points.seal()
    expect(await points.audit()).toEqual([])
    await points.pass(HOUR_MS, 10 * MINUTE_MS)
    expect(await points.audit()).toEqual([])
  })
})

test('an audit every few hours finds the same, from the seals and the late arrivals that were kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-overdue-'))
  const points = await Points.open()
  const kept = await KeptLog.open(folder, points.world.origin)
  try {
    await points.seal()
    await points.issue(1)
    const paid = await points.redeem()
    await points.pass(2 * DAY_MS, HOUR_MS)
    await points.refund(paid)
    const begin = points.world.log.size
    for (let hours = 4; hours < 24; hours += 4) {
      await points.pass(4 * HOUR_MS, HOUR_MS)
      expect([hours, await points.audit(undefined, kept)]).toEqual([hours, []])
    }
    expect(points.entriesBefore).toBeGreaterThan(begin)
    await points.pass(4 * HOUR_MS, 4 * HOUR_MS)
    expect(await points.audit(undefined, kept)).toEqual([])
    await points.pass(3 * HOUR_MS, HOUR_MS)
    const last = points.world.log.size - 1
    expect(await points.audit(undefined, kept)).toEqual([['overdue', last]])
    await points.sweep()
    await points.seal()
    expect(await points.audit(undefined, kept)).toEqual([['overdue', last]])
    expect(points.entriesBefore).toBeGreaterThan(begin)
    expect(await points.audit()).toEqual([['overdue', last]])
  } finally {
    await kept.close()
    await points.world.destroy()
    await rm(folder, { recursive: true, force: true })
  }
})

const ACTS = ['buy', 'buy', 'hold', 'refund', 'release', 'import', 'wait'] as const

test.each([
  ['that runs all the time', 0],
  ['that goes down now and then, between seal and sweep', 4],
])('an audit is wrong in no second of honest days, at no seal of a ledger %s', async (_, cutOffs) => {
  const step = fc.record({
    act: fc.constantFrom(...ACTS),
    ms: fc.integer({ min: HOUR_MS / 2, max: 2 * HOUR_MS }),
    n: fc.nat(5),
    isCutOff: fc.nat(cutOffs).map(one => cutOffs > 0 && one === 0),
  })
  let seals = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 60 }), async steps => {
      const points = await Points.open()
      const { world } = points
      const startMs = world.nowMs
      const paid: { readonly id: Uint8Array; readonly timeMs: number }[] = []
      const held: Uint8Array[] = []
      try {
        for (const { act, ms, n, isCutOff } of steps) {
          if (act === 'buy') {
            await points.issue(1 + n, 10)
            paid.push({ id: await points.redeem(5), timeMs: world.nowMs })
          } else if (act === 'hold' && holdsOf(world).length < HOLDS_MAX) {
            await points.issue(1 + n, 10)
            held.push(await points.hold((1 + n) * DAY_MS, 5))
          } else if (act === 'refund') {
            // What comes back has expired long ago, often.
            const at = paid.findIndex(({ timeMs }) => timeMs + 40 * HOUR_MS < world.nowMs)
            const [one] = at < 0 ? [] : paid.splice(at, 1)
            if (one !== undefined && world.nowMs < one.timeMs + WINDOW_MS) await points.refund(one.id, 5)
          } else if (act === 'release') {
            const id = held.find(one => holdsOf(world).some(hold => equalBytes(hold.id, one)))
            if (id !== undefined) await points.release(id)
          } else if (act === 'import' && world.nowMs - startMs > 110 * HOUR_MS) await points.import(1 + 20 * n)
          // A seal may come before the sweep, and the ledger go down between them, for days, and more than once.
          await points.seal()
          if (isCutOff) world.nowMs += 2 * DAY_MS
          else {
            await points.sweep()
            await points.seal()
            world.nowMs += ms
          }
        }
        for (const size of someOf(points.seals)) expect([size, await points.audit(size)]).toEqual([size, []])
        seals += points.seals.length
      } finally {
        await world.destroy()
      }
    }),
    { numRuns: 1, endOnFailure: true },
  )
  expect(seals).toBeGreaterThan(90)
})

function holdsOf({ log }: World) {
  return log.ledger.state.accounts.holdings(FIRST_MEMBER).holds
}
