import { utf8Encode } from '../../core/bytes.ts'
import { VerifyError } from '../../core/failure.ts'
import { DETAILS_BYTES_MAX } from '../../core/limits.ts'
import { QUARTER_MS } from '../document/calendar.ts'
import type { Programme, Tiers } from '../document/programme.ts'
import { timeText } from '../document/time-text.ts'
import { dayOf } from './dates.ts'
import { detailsAt } from './read-details.ts'
import { reachOf, type TierDays, tierUntil } from './tiers.ts'

/** A tier as a `set-status` says it: docs/programmes.md §7. */
export interface StatedTier {
  /** The place of the level, from 1; 0 for none. */
  readonly tier: number
  /** Milliseconds since 1970; 0 for none. */
  readonly untilMs: number
}

/** A tier that a programme gives, and what a `set-status` of it commits to. */
export interface GivenTier extends StatedTier {
  /** Of the level; empty for none. */
  readonly id: string
  /** Canonical text; undefined where it would not fit. */
  readonly details: string | undefined
}

/**
 * The unit whose account of a member shows her tier: that of all rules that count for it; undefined where these give
 * several, or the programme has no tiers.
 */
export function unitOfTiers({ tiers, rules }: Programme): string | undefined {
  if (tiers === undefined) return undefined
  const units = new Set(rules.filter(({ countsForTier }) => countsForTier).map(({ unit }) => unit))
  return units.size === 1 ? [...units][0] : undefined
}

/** Of the days that have something those that can count for the tier on a day. */
export function countingDays(tiers: Tiers, days: TierDays, day: number): TierDays {
  const oldest = day - tiers.grace - reachOf(tiers)
  return days.filter((_, i) => days[i - (i % 2)]! >= oldest)
}

/** What a programme gives at a time for what stands on a log, by its days. */
export function givenTier(programme: Programme, standing: TierDays, timeMs: number): GivenTier {
  const { tiers, digest } = programme
  if (tiers === undefined) return { tier: 0, untilMs: 0, id: '', details: undefined }
  const day = dayOf(programme, timeMs)
  const days = countingDays(tiers, standing, day)
  const { id, until } = tierUntil(programme, tiers, days, day)
  const details = JSON.stringify({ days, programme: digest, tier: id })
  return {
    tier: placeOf(tiers, id),
    untilMs: until * QUARTER_MS,
    id,
    details: utf8Encode(details).length > DETAILS_BYTES_MAX ? undefined : details,
  }
}

/**
 * Computes a tier again from its details alone.
 *
 * @param text - untrusted: what the `set-status` commits to. @param timeMs - of its id.
 * @returns the days that it counts. @throws PointerError `reward-details` where they are not of the form, or of another
 * programme; VerifyError `tier` where they do not give what it says.
 *
 * @example
 * const days = checkTier(programme, details, idTimeMs(transaction.id), { tier: 2, untilMs })
 */
export function checkTier(
  programme: Programme,
  text: Uint8Array | string,
  timeMs: number,
  { tier, untilMs }: StatedTier,
): TierDays {
  const at = detailsAt(programme, text)
  const members = at.object(['days', 'programme', 'tier'])
  const { tiers } = programme
  if (tiers === undefined) throw at.wrong('the programme has no tiers')
  const days = members.at('days').list(0, DETAILS_BYTES_MAX)
  if (days.length % 2 !== 0) throw at.wrong('days come with their points')
  const found = days.map((one, i) =>
    one.integer(i % 2 === 1 ? 1 : i === 0 ? Number.MIN_SAFE_INTEGER : (days[i - 2]!.value as number) + 1),
  )
  const id = members.at('tier').text()
  const given = givenTier(programme, found, timeMs)
  if (countingDays(tiers, found, dayOf(programme, timeMs)).length < found.length)
    throw new VerifyError('tier', '/days: the first of them counts for nothing any more')
  if (id !== given.id) throw new VerifyError('tier', `/tier: the days give ${tierInWords(programme, given)}`)
  if (tier !== given.tier || untilMs !== given.untilMs)
    throw new VerifyError(
      'tier',
      `the details give ${tierInWords(programme, given)}, and the ledger shows tier ${tier}`,
    )
  return found
}

/** The place of a level, from 1; 0 for none. */
function placeOf({ levels }: Tiers, id: string): number {
  return levels.findIndex(level => level.id === id) + 1
}

/** A tier, and until when it lasts, as people read it. */
export function tierInWords({ offsetMs }: Programme, { id, tier, untilMs }: GivenTier): string {
  return tier === 0 ? 'no tier' : `tier ${tier} (${id}) until ${timeText(untilMs, offsetMs)}`
}

/** Days with more, or less, on one of them. */
export function withStanding(days: TierDays, day: number, points: number): TierDays {
  const sums = new Map<number, number>()
  for (let i = 0; i < days.length; i += 2) sums.set(days[i]!, days[i + 1]!)
  sums.set(day, (sums.get(day) ?? 0) + points)
  return [...sums]
    .filter(([one, sum]) => sum > 0 && one > day - STANDING_DAYS)
    .sort(([a], [b]) => a - b)
    .flat()
}

/** Days that are kept: more than any tier counts, of events that are late. */
const STANDING_DAYS = 4 * 732
