import { FormatError, VerifyError } from '../core/failure.ts'
import type { Programme } from './document/programme.ts'
import { checkOne } from './engine/check-one.ts'
import { claimsOf } from './engine/claims.ts'
import type { Due, Evaluator } from './evaluator.ts'

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
        const { kind, event, rule, due, matures, expires } = checkOne(programme, text)
        if (kind !== 'issue') return undefined
        const claims = claimsOf(programme, text, account)
        return { event: JSON.stringify([rule, event]), amount: due, claims, matures, expires }
      } catch (error) {
        // They are of the form, and give something else than they say: nothing is due for them.
        if (error instanceof VerifyError) return { event: text, amount: 0 }
        if (error instanceof FormatError) return undefined
        throw error
      }
    },
  }
}
