import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { GuardedClock } from '../../../src/log/index.ts'
import { runs } from '../../runs.ts'
import { FIRST_MEMBER, OPERATOR_KEY, World } from '../../world.ts'

const START = 1_800_000_000_000
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

/** A machine whose wall clock may say anything, and whose steady clock is right. */
class Machine {
  /** What time it is. */
  trueMs: number
  /** How far the wall clock is ahead. */
  offMs = 0
  readonly clock: GuardedClock
  constructor(lastMs: number | undefined, trueMs: number = START, quorum = 1) {
    this.trueMs = trueMs
    this.clock = new GuardedClock({
      wallMs: () => this.trueMs + this.offMs,
      steadyMs: () => this.trueMs - START + 77,
      isQuorum: names => names.length >= quorum,
    })
    if (lastMs !== -1) this.clock.begin(lastMs)
  }
  pass(ms: number): this {
    this.trueMs += ms
    return this
  }
  /** Witnesses cosign; each is honest unless it is so much ahead. */
  cosign(...ahead: number[]): void {
    this.clock.witnessed(ahead.map((ms, i) => ({ name: `w${i}`, seconds: Math.floor((this.trueMs + ms) / 1000) })))
  }
  get kind(): string | undefined {
    return this.clock.doubt?.kind
  }
  /** How far ledger time is ahead of what time it is; undefined while it stands still. */
  get ahead(): number | undefined {
    const now = this.clock.nowMs()
    return now === 0 ? undefined : now - this.trueMs
  }
}

describe('the clock of a ledger', () => {
  test('goes by the steady clock, and follows the wall clock by a thousandth of the time', () => {
    const machine = new Machine(START - 1000)
    expect([machine.kind, machine.ahead]).toEqual([undefined, 0])
    machine.offMs = 4000
    expect(machine.ahead).toBe(0)
    expect(machine.pass(HOUR).ahead).toBe(3600)
    expect(machine.pass(HOUR).ahead).toBe(4000)
    machine.offMs = 0
    expect(machine.pass(1_000_000).ahead).toBe(3000)
  })

  test.each([2 * YEAR, HOUR, 5001, -5001, -HOUR, -2 * YEAR])('a wall clock that is %d ms off is a pause', offMs => {
    const machine = new Machine(START)
    machine.pass(60_000).offMs = offMs
    expect([machine.kind, machine.ahead]).toEqual(['step', undefined])
    expect(machine.clock.doubt?.message).toMatch(/tally clock confirm/)
    expect([machine.pass(4000).kind, machine.clock.bestMs]).toEqual(['step', machine.trueMs])
    machine.offMs = 0
    expect([machine.kind, machine.ahead]).toEqual([undefined, 0])
  })

  test('a clock that was set is believed again when a quorum agrees with it, or a person does', () => {
    const machine = new Machine(START, START, 2)
    // The machine slept: the steady clock did not go on.
    machine.offMs = HOUR
    machine.cosign(0, 0)
    machine.cosign(HOUR)
    machine.cosign(HOUR, 0)
    machine.cosign(HOUR + 8000, HOUR + 8000)
    expect(machine.kind).toBe('step')
    machine.cosign(HOUR, HOUR, 0)
    expect([machine.kind, machine.ahead]).toEqual([undefined, HOUR])
    machine.offMs = 5 * HOUR
    expect(machine.kind).toBe('step')
    machine.clock.confirm()
    expect([machine.kind, machine.ahead]).toEqual([undefined, 5 * HOUR])
    // Who confirms it knows better than the witnesses, until they agree and differ again.
    machine.cosign(0, 0)
    expect(machine.kind).toBe(undefined)
    machine.cosign(5 * HOUR, 5 * HOUR)
    machine.cosign(0, 0)
    expect(machine.kind).toBe('witnesses')
  })

  test('a clock that creeps is in doubt when a quorum is a minute off, and not by one witness alone', () => {
    const machine = new Machine(START, START, 2)
    machine.cosign(0, 0, 0)
    for (machine.offMs = 0; machine.offMs < 59_000; machine.offMs += 1000)
      machine.pass(1_000_000).cosign(0, 0, -2 * HOUR)
    expect([machine.kind, machine.ahead]).toEqual([undefined, 59_000 - 1000])
    for (let i = 0; i < 4; i++) {
      machine.offMs += 1000
      machine.pass(1_000_000).cosign(0, 0, 0)
    }
    expect([machine.kind, machine.ahead]).toEqual(['witnesses', undefined])
    machine.offMs = 0
    machine.cosign(0, 0, 0)
    // Its own last time is a minute ahead: no entry bears one that is more than 5 s ahead.
    expect([machine.kind, machine.ahead]).toEqual([undefined, 0])
  })

  test('at a start it is anchored by a short gap, a quorum, or a person', () => {
    const none = new Machine(undefined)
    expect([none.kind, none.ahead]).toEqual([undefined, 0])
    expect(new Machine(START - HOUR).kind).toBe(undefined)
    const long = new Machine(START - HOUR - 1)
    expect([long.kind, long.ahead]).toEqual(['start', undefined])
    expect(long.clock.doubt?.message).toMatch(/2027-01-15T08:00:00.*06:59:59.*tally clock confirm/)
    long.cosign(0)
    expect([long.kind, long.ahead]).toEqual([undefined, 0])
    const wrong = new Machine(START)
    wrong.offMs = 50 * 60_000
    expect(wrong.kind).toBe('step')
    // A wrong clock at a start, within the gap: the first cosignatures tell.
    const off = new Machine(-1)
    off.offMs = 20_000
    off.clock.begin(START - 1000)
    off.cosign(0)
    expect(off.kind).toBe('witnesses')
    off.clock.confirm()
    expect([off.kind, off.ahead]).toEqual([undefined, 20_000])
  })

  test('it waits where the last entry is ahead, though anyone confirms the clock', () => {
    const machine = new Machine(START + 8000)
    expect([machine.kind, machine.ahead]).toEqual(['ahead', undefined])
    machine.clock.confirm()
    machine.cosign(0)
    expect(machine.kind).toBe('ahead')
    expect(machine.pass(2999).kind).toBe('ahead')
    expect([machine.pass(1).kind, machine.ahead]).toEqual([undefined, 0])
    // As it was at a start, it is while it runs: a clock that is set back with the word of witnesses.
    const running = new Machine(START)
    running.pass(1000)
    running.offMs = -HOUR
    running.cosign(-HOUR)
    expect(running.kind).toBe('ahead')
    expect(running.pass(HOUR).kind).toBe(undefined)
  })

  test('no wall clock moves it more than 5 s ahead, or the slew, where an honest quorum answers', () => {
    const step = fc.record({
      passMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 10 * HOUR })),
      offMs: fc.oneof(
        fc.integer({ min: -6000, max: 6000 }),
        fc.integer({ min: -90_000, max: 90_000 }),
        fc.integer({ min: -2 * YEAR, max: 2 * YEAR }),
      ),
      lateMs: fc.integer({ min: 0, max: 1000 }),
    })
    const start = fc.record({
      gapMs: fc.integer({ min: -HOUR, max: 3 * HOUR }),
      offMs: fc.integer({ min: -HOUR, max: 2 * HOUR }),
    })
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 60 }), ({ gapMs, offMs }, steps) => {
        const machine = new Machine(-1)
        machine.offMs = offMs
        machine.clock.begin(START - gapMs)
        machine.cosign(0)
        // What the ledger has written is no later than its last entry was, or than this.
        let slewMs = 0
        for (const { passMs, offMs, lateMs } of steps) {
          machine.offMs = offMs
          machine.pass(passMs)
          slewMs += passMs / 1000
          const { ahead } = machine
          if (ahead !== undefined) expect(ahead).toBeLessThanOrEqual(5000 + slewMs)
          machine.cosign(-lateMs)
          // Never more than a minute and what witnesses round away, however it creeps.
          const after = machine.ahead
          if (after !== undefined) expect(after).toBeLessThanOrEqual(62_000)
        }
      }),
      { numRuns: runs(20_000, 4000) },
    )
  })
})

describe('a log whose clock is set', () => {
  let world: World
  let machine: Machine
  afterEach(() => world.destroy())
  const create = async () => {
    machine = new Machine(-1)
    world = await World.create({ clock: machine.clock, nowMs: START })
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    await world.submit(
      [world.treasurer],
      world.bytes({ kind: 'open-account', accountKind: 'expired', unit: 3, nonce: new Uint8Array(32) }),
    )
    const expires = 4 * (START / HOUR + 2)
    await world.submit([world.issuer], world.bytes({ ...world.issue(FIRST_MEMBER, 100), expires } as never))
    await world.log.publisher.publish()
  }
  const issue = (ms = machine.trueMs) =>
    world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1), world.id(ms)))
  const balance = () => world.log.ledger.state.accounts.balance(FIRST_MEMBER)
  const sealTime = () => world.log.publisher.published!.seal.time

  test.each([2 * YEAR, 3 * HOUR, -HOUR])(
    'by %d ms takes nothing, expires nothing, and repeats its time',
    async offMs => {
      await create()
      const before = sealTime()
      machine.pass(10_000).offMs = offMs
      await expect(issue()).rejects.toMatchObject({ name: 'HeldError', code: 'clock-suspect' })
      expect(world.log.held?.message).toContain('its clock is in doubt')
      expect(await world.log.operator.endWhatIsDue()).toBe(0)
      await world.log.publisher.publish()
      expect([sealTime(), balance()]).toEqual([before, 100])
      machine.offMs = 0
      expect(world.log.held).toBe(undefined)
      expect((await issue()).statuses).toEqual(Uint8Array.of(0))
      expect(world.log.ledger.state.time).toBe(START + 10_000)
      // When it is time, it is time.
      machine.pass(2 * HOUR)
      expect(await world.log.operator.endWhatIsDue()).toBe(1)
      expect(balance()).toBe(1)
    },
  )

  test('a batch that waits for its turn as the clock is set bears the time of the entry before', async () => {
    await create()
    const { time } = world.log.ledger.state
    machine.pass(10_000)
    const taken = issue()
    machine.offMs = 2 * YEAR
    expect((await taken).statuses).toEqual(Uint8Array.of(0))
    expect(world.log.ledger.state.time).toBe(time)
  })

  test('at a start after a long time does nothing by itself before the clock is confirmed', async () => {
    await create()
    machine.pass(3 * HOUR)
    await world.log.close()
    machine = new Machine(-1, machine.trueMs)
    let isSaid = false
    const world2 = await World.at(world.directory, {
      clock: machine.clock,
      isClockConfirmed: async () => isSaid,
      periodMs: 20,
    })
    world.log = world2.log
    await expect(issue()).rejects.toMatchObject({ code: 'clock-suspect' })
    expect(await world.log.operator.endWhatIsDue()).toBe(0)
    expect(balance()).toBe(100)
    isSaid = true
    while (world.log.held !== undefined) await new Promise(resolve => setTimeout(resolve, 5))
    await world.log.operator.endWhatIsDue()
    expect(balance()).toBe(0)
  })
})
