/**
 * What became of a transaction, in order of precedence (SPEC §8): the first that applies is the status.
 * The guards in `apply.ts` stand in this order, and so do the rows of the table test.
 */
export const OUTCOMES = [
  'accepted',
  'exists',
  'id-taken',
  'time-ahead',
  'time-behind',
  'record-unknown',
  'record-not-a-key',
  'record-revoked',
  'unit-unknown',
  'rule-unknown',
  'debit-unknown',
  'credit-unknown',
  'same-account',
  'unit-mismatch',
  'debit-kind',
  'credit-kind',
  'scope-unknown',
  'not-entitled',
  'name-taken',
  'treasury-exists',
  'last-root',
  'registry-full',
  'accounts-full',
  'over-cap',
  'insufficient',
  'total-overflow',
] as const

export type Outcome = (typeof OUTCOMES)[number]

/** Returns the number of `outcome`: its place in SPEC §8. */
const status = (outcome: Outcome): number => OUTCOMES.indexOf(outcome)

/** The status of each outcome, for the guards. */
export const ACCEPTED = status('accepted')
export const EXISTS = status('exists')
export const ID_TAKEN = status('id-taken')
export const TIME_AHEAD = status('time-ahead')
export const TIME_BEHIND = status('time-behind')
export const RECORD_UNKNOWN = status('record-unknown')
export const RECORD_NOT_A_KEY = status('record-not-a-key')
export const RECORD_REVOKED = status('record-revoked')
export const UNIT_UNKNOWN = status('unit-unknown')
export const RULE_UNKNOWN = status('rule-unknown')
export const DEBIT_UNKNOWN = status('debit-unknown')
export const CREDIT_UNKNOWN = status('credit-unknown')
export const SAME_ACCOUNT = status('same-account')
export const UNIT_MISMATCH = status('unit-mismatch')
export const DEBIT_KIND = status('debit-kind')
export const CREDIT_KIND = status('credit-kind')
export const SCOPE_UNKNOWN = status('scope-unknown')
export const NOT_ENTITLED = status('not-entitled')
export const NAME_TAKEN = status('name-taken')
export const TREASURY_EXISTS = status('treasury-exists')
export const LAST_ROOT = status('last-root')
export const REGISTRY_FULL = status('registry-full')
export const ACCOUNTS_FULL = status('accounts-full')
export const OVER_CAP = status('over-cap')
export const INSUFFICIENT = status('insufficient')
export const TOTAL_OVERFLOW = status('total-overflow')

/** Why a batch is not taken at all, in the order of the checks (SPEC §7). */
export type BatchRefusal = 'batch-genesis' | 'signer-unknown' | 'signer-revoked' | 'signature-invalid'
