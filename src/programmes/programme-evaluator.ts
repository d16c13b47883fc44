import { FormatError, VerifyError } from '../core/failure.ts'
import type { Programme } from './document/programme.ts'
import { checkOne } from './engine/check-one.ts'
import type { Due, Evaluator } from './evaluator.ts'

/**
 * A programme as a rule that is applied again: of each issue, from its details alone, whether they give what they say
 * (docs/programmes.md §10). What was counted before is believed; that an event is rewarded once by a rule, whichever
 * version says so, is not.
 */
export function programmeEvaluator(programme: Programme): Evaluator {
  return {
    pool: `programme ${programme.name}`,
    due(text): Due | undefined {
      try {
        const { kind, event, rule, due, matures, expires } = checkOne(programme, text)
        return kind === 'issue' ? { event: JSON.stringify([rule, event]), amount: due, matures, expires } : undefined
      } catch (error) {
        // They are of the form, and give something else than they say: nothing is due for them.
        if (error instanceof VerifyError) return { event: text, amount: 0 }
        if (error instanceof FormatError) return undefined
        throw error
      }
    },
  }
}
