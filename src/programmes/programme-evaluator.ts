import { FormatError, VerifyError } from '../core/failure.ts'
import type { Programme } from './document/programme.ts'
import { checkOne } from './engine/check-one.ts'
import { claimsOf } from './engine/claims.ts'
import { dayOf } from './engine/dates.ts'
import { checkTier, countingDays, givenTier, tierInWords, unitOfTiers } from './engine/stated-tier.ts'
import type { TierDays } from './engine/tiers.ts'
import type { Due, Evaluator, TierEvaluator } from './evaluator.ts'

/**
 * A programme as a rule that is applied again: of each issue, from its details alone, whether they give what they say
 * (docs/programmes.md §10). What was counted before is believed, but no two issues may have counted from the same
 * (`claimsOf`); that an event is rewarded once by a rule, whichever version says so, is not.
 */
export function programmeEvaluator(programme: Programme): Evaluator {
  return {
    pool: `programme ${programme.name}`,
    due(text, account): Due | undefined {
      try {
        const { kind, event, rule, due, matures, expires, timeMs } = checkOne(programme, text)
        if (kind !== 'issue') return undefined
        const claims = claimsOf(programme, text, account)
        const counts = programme.rules.find(({ id }) => id === rule)!.countsForTier
        const tierDay = counts ? dayOf(programme, timeMs) : null
        const tiers = programme.tiers === undefined ? {} : { tierDay }
        return { event: JSON.stringify([rule, event]), amount: due, claims, matures, expires, ...tiers }
      } catch (error) {
        // They are of the form, and give something else than they say: nothing is due for them.
        if (error instanceof VerifyError) return { event: text, amount: 0 }
        if (error instanceof FormatError) return undefined
        throw error
      }
    },
    tiers: tierEvaluator(programme),
  }
}

function tierEvaluator(programme: Programme): TierEvaluator {
  return {
    unit: unitOfTiers(programme),
    judge({ timeMs, ...stated }, text, standing) {
      const { tiers } = programme
      if (tiers === undefined)
        return stated.tier === 0 ? { isRight: true } : { isRight: false, gives: 'no tiers', isAlone: true }
      let said: TierDays | undefined
      try {
        said = text === undefined ? undefined : checkTier(programme, text, timeMs, stated)
      } catch (error) {
        if (error instanceof VerifyError) return { isRight: false, gives: error.message, isAlone: true }
        // Details can be any text: then what stands on the log has the word.
        if (!(error instanceof FormatError)) throw error
      }
      if (standing === undefined) return { isRight: said === undefined ? undefined : true }
      const given = givenTier(programme, standing, timeMs)
      if (given.tier !== stated.tier || given.untilMs !== stated.untilMs)
        return { isRight: false, gives: `${tierInWords(programme, given)}, by what stands on the log` }
      const days = JSON.stringify(countingDays(tiers, standing, dayOf(programme, timeMs)))
      if (said !== undefined && JSON.stringify(said) !== days)
        return { isRight: false, gives: `the days ${days}, and not ${JSON.stringify(said)}` }
      return { isRight: true }
    },
  }
}
