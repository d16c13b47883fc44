import { utf8Decode } from '../../core/bytes.ts'
import { parsePolicy } from '../../core/note/policy.ts'
import { openTotals, parseOpened } from '../../verify/opened-totals.ts'

/** The sums of a unit up to the seal of a day, as texts: they can be larger than a number. */
export interface UnitSums {
  readonly unit: number
  readonly issued: string
  readonly opened: string
  readonly redeemed: string
  readonly expired: string
  readonly reinstated: string
  readonly reversed: string
  readonly owed: string
}

/** What was opened of a day, and holds. */
export interface VerifiedDay {
  readonly timeMs: number
  readonly units: readonly UnitSums[]
}

/**
 * The days of a file of opened totals, each checked: the log signed them, and the seal of that day commits to them.
 *
 * @param file - untrusted.
 * @param policy - a policy as bytes. Who cosigned an old checkpoint is no matter here.
 * @throws CodedError of `openTotals`.
 */
export function openedDays(file: Uint8Array, policy: Uint8Array, nowMs: number): VerifiedDay[] {
  const trusted = { ...parsePolicy(policy), quorum: 'none' }
  return utf8Decode(file)
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const { seal, units } = openTotals(parseOpened(line), trusted, nowMs)
      return {
        timeMs: seal.time,
        units: units.map(one => ({
          unit: one.unit,
          issued: String(one.issued),
          opened: String(one.opened),
          redeemed: String(one.redeemed),
          expired: String(one.expired),
          reinstated: String(one.reinstated),
          reversed: String(one.reversed),
          owed: String(one.owed),
        })),
      }
    })
}

/** What one unit did on each day: differences of its sums, and what stands at the end of the day. */
export interface DayFigures {
  readonly timeMs: number
  readonly issued: number
  readonly redeemed: number
  readonly expired: number
  readonly owed: number
}

/** The figures of a unit by day. Numbers, as they are drawn: beyond 2^53 they are near enough. */
export function figuresOf(days: readonly VerifiedDay[], unit: number): DayFigures[] {
  let before = { issued: 0n, redeemed: 0n, expired: 0n }
  return days.flatMap(({ timeMs, units }) => {
    const sums = units.find(one => one.unit === unit)
    if (sums === undefined) return []
    const now = { issued: BigInt(sums.issued), redeemed: BigInt(sums.redeemed), expired: BigInt(sums.expired) }
    const day = {
      timeMs,
      issued: Number(now.issued - before.issued),
      redeemed: Number(now.redeemed - before.redeemed),
      expired: Number(now.expired - before.expired),
      owed: Number(sums.owed),
    }
    before = now
    return [day]
  })
}
