/**
 * EARNING. A programme is a document; the points of an event are a pure function of document, counters and event
 * (docs/programmes.md). It knows no ledger and no clock, and imports core only.
 *
 * @example
 * const programme = parseProgramme(await readFile('coins.json'))
 * const result = evaluate(programme, new CountersInMemory(), event)
 */
export { canonicalText, type Json, type JsonObject, parseJson } from './document/json.ts'
export { parseProgramme } from './document/parse.ts'
export type { Programme } from './document/programme.ts'
export { timeText } from './document/time-text.ts'
export { checkChain, type EventChain } from './engine/check-chain.ts'
export { type CheckedDetails, checkOne } from './engine/check-one.ts'
export { type Change, type Counters, CountersInMemory, type CounterValue } from './engine/counters.ts'
export { dayOf as dayOfTier } from './engine/dates.ts'
export { backDetails, detailsOf, issueDetails, nothingDetails } from './engine/details.ts'
export { type Evaluation, evaluate, type TakenEvent, tierAt } from './engine/evaluate.ts'
export { EveryoneCounters } from './engine/everyone.ts'
export { countersFrom, type FoundDetails } from './engine/refind.ts'
export {
  type CheckedExchange,
  type CheckedSpend,
  checkExchange,
  checkSpend,
  mostSpendable,
  settlementOf,
  takeable,
  worthOf,
} from './engine/spend.ts'
export {
  checkTier,
  type GivenTier,
  givenTier,
  type StatedTier,
  unitOfTiers,
  withStanding,
} from './engine/stated-tier.ts'
export type { Tier, TierDays } from './engine/tiers.ts'
export type { Due, Evaluator } from './evaluator.ts'
export { answerMessage, glanceAtEvent, measurementMessage, type ProgrammeEvent, parseEvent } from './events/event.ts'
export { type RewardName, RewardSecret } from './events/reward-id.ts'
export { type ComputedIssue, Grants, inWords, type WrongGrant } from './grants.ts'
export { evaluatorOf, isKnownRule } from './known-rules.ts'
export { type Difference, difference } from './review/diff.ts'
export { explain, type Language } from './review/explain.ts'
export { type ReviewFinding, review } from './review/review.ts'
export {
  type Comparison,
  compareSimulations,
  type RuleFigures,
  type Simulation,
  Simulator,
  type Spread,
  spreadOf,
} from './review/simulate.ts'
export { type WorstDay, worstDay } from './review/worst-day.ts'
export {
  type BehaviourEvent,
  parseBehaviour,
  TAOBAO_RULE,
  TAOBAO_RULE_TEXT,
} from './templates/behaviour.ts'
export {
  lotOf,
  parseRetail,
  RETAIL_HEADER,
  RETAIL_RULE,
  RETAIL_RULE_TEXT,
  type RetailLine,
} from './templates/invoices.ts'
export { templateFrom } from './templates/template-from.ts'
export { TEMPLATES } from './templates/templates.ts'
