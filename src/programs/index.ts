export type { Due, Evaluator } from './evaluator.ts'
export { evaluatorOf } from './evaluators.ts'
export {
  type Invoice,
  lotOf,
  parseRetail,
  RETAIL_HEADER,
  RETAIL_RULE,
  RETAIL_RULE_TEXT,
  type RetailLine,
  RetailProgram,
} from './retail.ts'
export {
  type BehaviourEvent,
  parseBehaviour,
  type Reward,
  TAOBAO_RULE,
  TAOBAO_RULE_TEXT,
  TaobaoProgram,
} from './taobao.ts'
