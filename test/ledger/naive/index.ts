export type { Case } from './case.ts'
export { NaiveLedger } from './ledger.ts'
export { RULES, statusOf } from './outcomes.ts'
export { keyOf, leaf, leafOf, RECORD_KINDS } from './registry.ts'

export { type Shares, sharesIn } from './shares.ts'
export type { NaiveSigner } from './state.ts'
export { DAY, QUARTER } from './time.ts'
