import { ACCEPTED, OUTCOMES, type Outcome } from '../core/entry/outcome.ts'
import { CodedError } from '../core/failure.ts'
import type { ShopRole } from '../files/shop-file.ts'

/** Whose key signs an act: one of the shop's, or that of the treasurer of the ledger. */
export type ActRole = ShopRole | 'treasurer'

/** What else an answer says of why something was not done. */
export interface RefusalFacts {
  /** HTTP status. */
  readonly status: number
  /** Whether the same request can succeed later, or again. */
  readonly isRetryable: boolean
  /** Log index of the refused transaction, whose receipt proves the refusal. */
  readonly index?: number
}

/** The gateway does not do what was asked, and says why: `code` is an outcome (SPEC §8) or a word of its own. */
export class GatewayError extends CodedError implements RefusalFacts {
  override readonly name = 'GatewayError'
  readonly status: number
  readonly isRetryable: boolean
  readonly index?: number

  constructor(code: string, message: string, { status, isRetryable, index }: RefusalFacts) {
    super(code, message)
    this.status = status
    this.isRetryable = isRetryable
    if (index !== undefined) this.index = index
  }
}

/** A request that contradicts what was done before. */
export function conflict(code: string, message: string): GatewayError {
  return new GatewayError(code, message, { status: 409, isRetryable: false })
}

/** Something that there is not. */
export function missing(code: string, message: string): GatewayError {
  return new GatewayError(code, message, { status: 404, isRetryable: false })
}

/** A request that cannot be meant. */
export function invalid(message: string): GatewayError {
  return new GatewayError('request-invalid', message, { status: 400, isRetryable: false })
}

/** Whether a refused transaction can be accepted later without another request, and what to do, for people. */
const ADVICE: Readonly<Partial<Record<Outcome, readonly [isRetryable: boolean, what: string]>>> = {
  insufficient: [true, 'There are too few points that can be spent now. Ask for fewer, or again when there are more.'],
  'budget-closed': [true, 'The budget, or one of its pools, gives nothing at this time: see `tally budget list`.'],
  'over-member-cap': [
    true,
    'The member has been given all that the budget, or one of its pools, allows for now: see `tally budget list`.',
  ],
  'over-budget-cap': [
    true,
    'The budget has given all that its terms, or those of one of its pools, allow for now: see `tally budget list`.',
  ],
  'over-cap': [true, 'More points of the unit would be out than its cap allows.'],
  'over-balance-max': [true, 'The member has as many points as the unit lets an account have.'],
  'over-original': [false, 'It is more than is left of what was held, taken or given. Ask for at most that.'],
  'hold-ended': [false, 'The time of the hold is over. Hold the points again, under another order.'],
  'hold-too-long': [false, 'The unit lets no hold stand for so long. Ask for a shorter time.'],
  'hold-unknown': [false, 'The hold stands no more: it was captured, released, or its time is over.'],
  'holds-full': [true, 'The member has as many holds as an account can have. Capture or release one first.'],
  'lots-full': [true, 'The account has points of as many different dates as it can have.'],
  'window-over': [false, 'The time in which the unit lets it be taken back is over.'],
  'account-frozen': [true, 'The account is frozen: nothing is spent from it until it is not.'],
  'account-closed': [true, 'The account is closed: nothing reaches it until `tally account reopen` opens it again.'],
  'off-step': [false, 'The amount is no multiple of the step of the unit.'],
  'off-grain': [false, 'The points have a date that the unit does not have.'],
  dates: [
    false,
    'The points are past their date, or would be: see `tally expire`; or a date is more than two years ahead.',
  ],
  'rule-unknown': [false, 'There is no such rule that stands and that the budget may name: see `tally rule list`.'],
  'rule-early': [true, 'The rule was published too short a time ago: the unit has a notice period.'],
  'time-behind': [true, 'It came too late to the ledger. Send it again: it was not done.'],
  'time-ahead': [true, 'The clock of the gateway is ahead of the ledger. Set it, and send it again.'],
  'not-entitled': [true, 'The key of the gateway may not do this: see the roles in the file of the shop.'],
  'recovery-state': [true, 'The key of the account is being recovered: when that is over, it can be merged.'],
  'not-empty': [true, 'The account changed at this moment, or has points that are held. Ask again.'],
  'taken-before': [false, 'Others took of a lot of the account, as the unit lets friends: it stays as it is.'],
  'ref-taken': [true, 'The member was opened at this moment by somebody else. Send it again.'],
}

const BUDGET_EMPTY = [
  true,
  'The budget has too few points left: see `tally budget list`, and `tally budget fund`.',
] as const

/** What to do about an outcome, and whether the same act can succeed later. */
export function adviceOn(outcome: string, role: ActRole): readonly [isRetryable: boolean, what: string] {
  // Points that are given come out of a budget: it is the one that has too few.
  const isGiven = outcome === 'insufficient' && role === 'issuer'
  return (isGiven ? BUDGET_EMPTY : ADVICE[outcome as Outcome]) ?? [false, 'The ledger refused it (SPEC §8).']
}

/** The error that says of a transaction in the log why it was refused. */
export function refused(status: number, index: number, what: string, role: ActRole): GatewayError {
  const code = OUTCOMES[status]
  if (code === undefined || status === ACCEPTED) throw new RangeError(`status ${status} is no refusal`)
  const [isRetryable, advice] = adviceOn(code, role)
  return new GatewayError(code, `${what} was refused. ${advice}`, { status: 422, isRetryable, index })
}
