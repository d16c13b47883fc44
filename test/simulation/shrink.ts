import { isCall, type Plan, withSteps } from './plan.ts'
import { type Outcome, simulate } from './simulate.ts'

/** How many runs a plan is worth. */
const RUNS_MAX = 400

/**
 * The shortest plan found that breaks the same promise: fewer faults first, then fewer calls, by halves, quarters and
 * so on down to single steps, as long as anything can be left out.
 *
 * @param failed - what a plan came to that breaks a promise.
 */
export async function shrunk(failed: Outcome): Promise<Outcome> {
  let best = failed
  let runs = 0
  const isSame = async (plan: Plan): Promise<boolean> => {
    if (++runs > RUNS_MAX) return false
    const outcome = await simulate(plan)
    if (outcome.violation?.promise !== failed.violation!.promise) return false
    best = outcome
    return true
  }
  for (let before = -1; before !== best.plan.steps.length; ) {
    before = best.plan.steps.length
    for (const isFault of [true, false]) await leaveOut(() => best.plan, isFault, isSame)
  }
  return best
}

/** Leaves out of a plan what can be left out of its faults, or of its calls. */
async function leaveOut(plan: () => Plan, isFault: boolean, isSame: (plan: Plan) => Promise<boolean>): Promise<void> {
  const placesOf = () => plan().places.filter((_, i) => isCall(plan().steps[i]!) !== isFault)
  for (let size = Math.ceil(placesOf().length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < placesOf().length; ) {
      const without = new Set(placesOf().slice(from, from + size))
      const rest = plan().places.filter(place => !without.has(place))
      if (!(await isSame(withSteps(plan(), rest)))) from += size
    }
}
