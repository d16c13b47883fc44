/**
 * What became of a transaction, in order of precedence (SPEC §8): the first that applies is the status. So where
 * several apply, the status is the least of their numbers.
 */
export const OUTCOMES = [
  'accepted',
  'exists',
  'id-taken',
  'not-entitled',
  'group-undone',
  'time-ahead',
  'time-behind',
  'record-unknown',
  'record-not-revocable',
  'record-revoked',
  'unit-unknown',
  'rule-unknown',
  'account-unknown',
  'debit-unknown',
  'credit-unknown',
  'same-account',
  'unit-mismatch',
  'account-kind',
  'debit-kind',
  'credit-kind',
  'scope-unknown',
  'sponsor-mismatch',
  'account-closed',
  'original-unknown',
  'cites-unknown',
  'hold-unknown',
  'grant-unknown',
  'account-frozen',
  'not-frozen',
  'not-closed',
  'recovery-state',
  'no-custody',
  'name-taken',
  'key-stands',
  'treasury-exists',
  'ref-taken',
  'claimed-before',
  'last-root',
  'strands-accounts',
  'registry-full',
  'accounts-full',
  'series-full',
  'rule-early',
  'off-step',
  'off-grain',
  'no-gifts',
  'no-takes',
  'no-collect',
  'rate-mismatch',
  'dates',
  'hold-ended',
  'hold-too-long',
  'not-due',
  'window-over',
  'over-gift-cap',
  'taken-before',
  'over-take-cap',
  'over-original',
  'over-cap',
  'insufficient',
  'budget-closed',
  'over-member-cap',
  'over-budget-cap',
  'over-balance-max',
  'lots-full',
  'holds-full',
  'grants-full',
  'takes-full',
  'statuses-full',
  'not-empty',
  'total-overflow',
  'log-mismatch',
] as const

export type Outcome = (typeof OUTCOMES)[number]

/** Returns the number of `outcome`: its place in SPEC §8. Bundlers leave out those that nobody asks for. */
// @__NO_SIDE_EFFECTS__
function status(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome)
}

/** The status of each outcome, for the guards. */
export const ACCEPTED: number = status('accepted')
export const EXISTS: number = status('exists')
export const ID_TAKEN: number = status('id-taken')
export const NOT_ENTITLED: number = status('not-entitled')
export const GROUP_UNDONE: number = status('group-undone')
export const TIME_AHEAD: number = status('time-ahead')
export const TIME_BEHIND: number = status('time-behind')
export const RECORD_UNKNOWN: number = status('record-unknown')
export const RECORD_NOT_REVOCABLE: number = status('record-not-revocable')
export const RECORD_REVOKED: number = status('record-revoked')
export const UNIT_UNKNOWN: number = status('unit-unknown')
export const RULE_UNKNOWN: number = status('rule-unknown')
export const ACCOUNT_UNKNOWN: number = status('account-unknown')
export const DEBIT_UNKNOWN: number = status('debit-unknown')
export const CREDIT_UNKNOWN: number = status('credit-unknown')
export const SAME_ACCOUNT: number = status('same-account')
export const UNIT_MISMATCH: number = status('unit-mismatch')
export const ACCOUNT_KIND: number = status('account-kind')
export const DEBIT_KIND: number = status('debit-kind')
export const CREDIT_KIND: number = status('credit-kind')
export const SCOPE_UNKNOWN: number = status('scope-unknown')
export const SPONSOR_MISMATCH: number = status('sponsor-mismatch')
export const ACCOUNT_CLOSED: number = status('account-closed')
export const ORIGINAL_UNKNOWN: number = status('original-unknown')
export const CITES_UNKNOWN: number = status('cites-unknown')
export const HOLD_UNKNOWN: number = status('hold-unknown')
export const GRANT_UNKNOWN: number = status('grant-unknown')
export const ACCOUNT_FROZEN: number = status('account-frozen')
export const NOT_FROZEN: number = status('not-frozen')
export const NOT_CLOSED: number = status('not-closed')
export const RECOVERY_STATE: number = status('recovery-state')
export const NO_CUSTODY: number = status('no-custody')
export const NAME_TAKEN: number = status('name-taken')
export const KEY_STANDS: number = status('key-stands')
export const TREASURY_EXISTS: number = status('treasury-exists')
export const REF_TAKEN: number = status('ref-taken')
export const CLAIMED_BEFORE: number = status('claimed-before')
export const LAST_ROOT: number = status('last-root')
export const STRANDS_ACCOUNTS: number = status('strands-accounts')
export const REGISTRY_FULL: number = status('registry-full')
export const ACCOUNTS_FULL: number = status('accounts-full')
export const SERIES_FULL: number = status('series-full')
export const RULE_EARLY: number = status('rule-early')
export const OFF_STEP: number = status('off-step')
export const OFF_GRAIN: number = status('off-grain')
export const NO_GIFTS: number = status('no-gifts')
export const NO_TAKES: number = status('no-takes')
export const NO_COLLECT: number = status('no-collect')
export const RATE_MISMATCH: number = status('rate-mismatch')
export const DATES: number = status('dates')
export const HOLD_ENDED: number = status('hold-ended')
export const HOLD_TOO_LONG: number = status('hold-too-long')
export const NOT_DUE: number = status('not-due')
export const WINDOW_OVER: number = status('window-over')
export const OVER_GIFT_CAP: number = status('over-gift-cap')
export const TAKEN_BEFORE: number = status('taken-before')
export const OVER_TAKE_CAP: number = status('over-take-cap')
export const OVER_ORIGINAL: number = status('over-original')
export const OVER_CAP: number = status('over-cap')
export const INSUFFICIENT: number = status('insufficient')
export const BUDGET_CLOSED: number = status('budget-closed')
export const OVER_MEMBER_CAP: number = status('over-member-cap')
export const OVER_BUDGET_CAP: number = status('over-budget-cap')
export const OVER_BALANCE_MAX: number = status('over-balance-max')
export const LOTS_FULL: number = status('lots-full')
export const HOLDS_FULL: number = status('holds-full')
export const GRANTS_FULL: number = status('grants-full')
export const TAKES_FULL: number = status('takes-full')
export const STATUSES_FULL: number = status('statuses-full')
export const NOT_EMPTY: number = status('not-empty')
export const TOTAL_OVERFLOW: number = status('total-overflow')
export const LOG_MISMATCH: number = status('log-mismatch')

/** Why a batch is not taken at all, in the order of the checks (SPEC §7). The last one is for now, and of no replay. */
export const BATCH_REFUSALS = [
  'batch-genesis',
  'signer-unknown',
  'signer-revoked',
  'signature-invalid',
  'rate',
] as const

export type BatchRefusal = (typeof BATCH_REFUSALS)[number]
