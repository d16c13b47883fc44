export type { Due, Evaluator } from './evaluator.ts'
export { type Grant, Grants, inWords, type WrongGrant } from './grants.ts'
export { evaluatorOf } from './known-rules.ts'
export {
  type BehaviourEvent,
  parseBehaviour,
  type Reward,
  TAOBAO_RULE,
  TAOBAO_RULE_TEXT,
  TaobaoProgram,
} from './templates/behaviour.ts'
export {
  type Invoice,
  lotOf,
  parseRetail,
  RETAIL_HEADER,
  RETAIL_RULE,
  RETAIL_RULE_TEXT,
  type RetailLine,
  RetailProgram,
} from './templates/invoices.ts'
