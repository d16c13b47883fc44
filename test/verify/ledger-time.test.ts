import { describe, expect, test } from 'vitest'
import type { Policy, TrustedCheckpoint } from '../../src/core/note/policy.ts'
import { clockAhead, SealGaps, standsBehind, VouchedTime } from '../../src/verify/ledger-time.ts'
import type { TimedCheckpoint } from '../../src/verify/sealed-checkpoint.ts'

const T = 1_800_000_000_000
const MIN = 60_000
const policyOf = (quorum: string): Policy => ({
  logs: [],
  witnesses: [],
  groups: [
    { name: 'both', threshold: 2, members: ['w1', 'w2'] },
    { name: 'any', threshold: 1, members: ['w1', 'w2'] },
  ],
  quorum,
})
const witnessed = (...behindMs: (number | undefined)[]) => ({
  witnesses: behindMs.flatMap((ms, i) => (ms === undefined ? [] : [{ name: `w${i + 1}`, timestamp: (T + ms) / 1000 }])),
})

describe('ledger time from outside', () => {
  test.each([
    // Who cosigned how long behind the seal, under which quorum, and how far the clock here is: what is wrong.
    [[0, 0], 'both', 0, undefined],
    [[-10 * MIN, 365 * 1440 * MIN], 'both', undefined, undefined],
    [[-10 * MIN - 1000, 0], 'both', 0, 'clock-ahead'],
    [[-10 * MIN - 1000, 0], 'any', 0, undefined],
    [[-31 * 1440 * MIN, -31 * 1440 * MIN], 'any', undefined, 'clock-ahead'],
    // Dated ahead of now, by decades: it counts for nobody.
    [[0, 50 * 365 * 1440 * MIN], 'both', 5 * MIN, 'clock-ahead'],
    [[0, 50 * 365 * 1440 * MIN], 'any', 5 * MIN, undefined],
    [[0, 50 * 365 * 1440 * MIN], 'both', undefined, undefined],
    // The seal is ahead of now, and its witnesses with it.
    [[0, 0], 'both', -10 * MIN, undefined],
    [[0, 0], 'both', -10 * MIN - 1, 'clock-ahead'],
    // Who is no quorum cannot tell.
    [[-1440 * MIN, undefined], 'both', undefined, undefined],
    [[], 'none', undefined, undefined],
    [[], 'none', -10 * MIN, undefined],
    [[], 'none', -10 * MIN - 1, 'clock-ahead'],
    [[-1440 * MIN], 'none', 0, undefined],
  ] as const)('cosigned %j ms behind the seal, quorum %s, now %s: %s', (behind, quorum, now, code) => {
    const nowMs = now === undefined ? undefined : T + now
    const found = clockAhead(T, witnessed(...behind), policyOf(quorum), nowMs)
    expect(found?.code).toBe(code)
    if (found !== undefined) expect(found.message).toMatch(/ahead/)
  })

  test('is `behind` when the last seal is older than a beat and ten minutes', () => {
    expect(standsBehind(T, T + 70 * MIN, 60 * MIN)).toBe(undefined)
    expect(standsBehind(T, T - 1440 * MIN, MIN)).toBe(undefined)
    expect(standsBehind(T, T + 11 * MIN, MIN)).toBe(undefined)
    expect(standsBehind(T, T + 11 * MIN + 1, MIN)).toMatchObject({ code: 'behind' })
    expect(standsBehind(T, T + 70 * MIN + 1, 60 * MIN)).toMatchObject({
      code: 'behind',
      message: expect.stringContaining('70 min'),
    })
  })

  test('has a gap where seals stand further apart than a beat, shown one by one or not', () => {
    const gapAt = (beatMin: number, ...seals: [epoch: number, minutes: number][]) => {
      const gaps = new SealGaps()
      for (const [epoch, minutes] of seals) gaps.add({ epoch, time: T + minutes * MIN }, beatMin * MIN)
      return gaps.trouble?.message
    }
    const gapOf = (...seals: [epoch: number, minutes: number][]) => gapAt(60, ...seals)
    expect(gapAt(1, [0, 0], [1, 1], [3, 3])).toBe(undefined)
    expect(gapAt(1, [0, 0], [1, 1], [3, 4])).toContain('once for 3 min, after seal 1')
    expect(gapOf([0, 0], [1, 60], [2, 60], [5, 240], [5, 240])).toBe(undefined)
    expect(gapOf([0, 0], [1, 61])).toContain('once for 61 min, after seal 0')
    expect(gapOf([0, 0], [1, 61], [2, 61], [4, 361], [5, 1000])).toContain(
      '3 times, the longest for 11 h, after seal 4',
    )
    expect(gapOf([3, 0], [9, 361])).toContain('after seal 3')
  })

  test('is vouched for by checkpoints of an archive, and a jump that is outlived leaves its trace', () => {
    const vouchedBy = (...all: [size: number, sealMin: number, cosignedMin: number][]) => {
      const vouched = new VouchedTime(policyOf('both'))
      for (const [size, sealMin, cosignedMin] of all) {
        const witnesses = ['w1', 'w2'].map(name => ({ name, timestamp: (T + cosignedMin * MIN) / 1000 }))
        const checkpoint = { size, witnesses } as unknown as TrustedCheckpoint
        vouched.add({ checkpoint, seal: { time: T + sealMin * MIN } } as TimedCheckpoint, 60 * MIN)
      }
      return [vouched.count, ...vouched.troubles.map(({ code, message }) => `${code}: ${message}`)]
    }
    const days = 1440
    expect(vouchedBy([10, 0, 0], [20, 10, 10], [20, 10, 15], [30, 90, 90])).toEqual([3])
    // Ahead for an hour of the month that it jumped, and right again when that had come.
    const ahead = vouchedBy([10, 0, 0], [20, 31 * days, 60], [30, 31 * days, 31 * days], [40, 32 * days, 32 * days])
    expect(ahead).toEqual([
      4,
      expect.stringMatching(/^clock-ahead: at 20 entries/),
      expect.stringMatching(/^unvouched: for 31 d, from 20/),
    ])
    // And where nothing was archived in that month.
    expect(vouchedBy([10, 0, 0], [30, 31 * days, 31 * days])).toEqual([
      2,
      expect.stringMatching(/^unvouched: for 31 d, from 10 entries to 30/),
    ])
    // Nobody's, by the policy of who looks.
    const alone = new VouchedTime(policyOf('none'))
    alone.add({ checkpoint: { size: 5, witnesses: [] } as never, seal: { time: T } } as never, 60 * MIN)
    expect([alone.count, alone.troubles]).toEqual([0, []])
  })
})
