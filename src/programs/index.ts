export {
  type BehaviourEvent,
  parseBehaviour,
  type Reward,
  TAOBAO_RULE,
  TAOBAO_RULE_TEXT,
  TaobaoProgram,
} from './taobao.ts'
