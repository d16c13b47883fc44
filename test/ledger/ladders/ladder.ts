import assert from 'node:assert/strict'
import { OUTCOMES, type Outcome } from '../../../src/core/entry/outcome.ts'
import type { Draft } from '../../world.ts'
import {
  type Beginning,
  BUDGET,
  COINS,
  EXPIRED,
  GEM_BUDGET,
  GEMS,
  ISSUER,
  key,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  Q,
  REGISTRAR,
  ROOT,
  SHOP,
  SKEW,
  TREASURER,
} from '../beginning.ts'
import { keys, type Rehearsal, type Signers } from '../rehearsal.ts'

/** A step of a ladder: the transaction, with one more thing put right than in the step above. */
export interface Step {
  readonly outcome: Outcome
  readonly draft: Draft
  readonly by: Signers
  /** Milliseconds from ledger time. */
  readonly offset: number
  /** Ledger time from this step on. */
  readonly at?: number
  /** What happens before. */
  readonly before?: () => void
}

/** From the first guard to the last; what has to be there first is made in the programme. */
export type Ladder = (p: Rehearsal) => readonly Step[]

// What `ladderProgramme` has besides `beginning`.
export const [AUDITOR, STRANGER, OTHER_MERCHANT, REVOKED] = [0, 1, 2, 3].map(n => NEXT_RECORD + n) as [
  number,
  number,
  number,
  number,
]
export const [SPARE, CLOSED, FROZEN, BERTS_GEMS, MORE_GEMS] = [0, 1, 2, 3, 4].map(n => NEXT_ACCOUNT + n) as [
  number,
  number,
  number,
  number,
  number,
]
export const NOBODY = 99
export const NO_ID: Uint8Array = new Uint8Array(16)
/** As a movement, of what cites a transaction that is not there. */
export const citing = (draft: Draft, cites: Uint8Array = NO_ID): Draft => ({ ...draft, cites }) as Draft
/** Holders of a key that gives no right to anything but reading. */
const OUTSIDER: Signers = keys(AUDITOR)
const STEP = 10
const TAKING = { take: { each: 50, most: 100, keep: 30, day: 1000, open: 0 }, collect: 0 }
/** Past all hours that a ladder passes through. */
export const LATER = 1000

/** The date that stands so many hours after the start: where coins of a ladder have their dates. */
export const hour = (n: number): number => Q + 4 * n

/**
 * A programme in which amounts of coins are multiples of 10 and dates full hours, with one account of each condition.
 */
export function onLadder<P extends Rehearsal>(begin: (wanted: Beginning) => P): P {
  const coins = { cap: 1_000_000, step: STEP, giftEach: 200, giftDay: 300, debtMax: 50, grain: 4, ...TAKING }
  const p = begin({ coins })
  const registered = (n: number, role: 'auditor' | 'custodian' | 'merchant', scope: number[] = []): Draft => ({
    kind: 'register-key',
    key: key(n),
    role,
    scope,
  })
  p.ok(
    keys(ROOT),
    registered(41, 'auditor'),
    registered(42, 'custodian'),
    registered(43, 'merchant', [0]),
    registered(44, 'auditor'),
  )
  p.ok(keys(ROOT), { kind: 'revoke', record: REVOKED })
  p.ok(keys(TREASURER), { ...p.opening(0), accountKind: 'budget', owner: null })
  p.ok(keys(TREASURER), { kind: 'fund', debit: 0, credit: BUDGET, amount: 20_000 })
  for (const unit of [COINS, COINS, GEMS]) p.member(2, unit)
  p.member(1, GEMS)
  p.ok(keys(REGISTRAR), { kind: 'close', account: CLOSED })
  p.issue(1000, {}, FROZEN)
  p.ok(keys(REGISTRAR), { kind: 'freeze', account: FROZEN })
  return p
}

/** What refuses a movement next before that it cites nothing: on these steps it does, too. */
const BEFORE_CITES: readonly Outcome[] = ['credit-kind', 'account-closed', 'original-unknown']

export function step(outcome: Outcome, draft: Draft, by: Signers = OUTSIDER, offset = 0): Step {
  const isCiting = 'debit' in draft && BEFORE_CITES.includes(outcome)
  return { outcome, draft: isCiting ? citing(draft) : draft, by, offset }
}

const FUTURE = SKEW + 1
export const PAST: number = -SKEW - 1

/** Anyone who may do nothing is told so first; then times. `by`: who may. */
export function timeDoor(draft: Draft, by: Signers, past = PAST): Step[] {
  return [
    step('not-entitled', draft, OUTSIDER, FUTURE),
    step('not-entitled', draft, OUTSIDER, past),
    step('time-ahead', draft, by, FUTURE),
    step('time-behind', draft, by, past),
  ]
}

interface Door {
  /** Who may. */
  readonly by: Signers
  /** Ends of the right kind. */
  readonly right: readonly [debit: number, credit: number]
  /** Of another kind than both. */
  readonly wrong?: number
  /** The end that those who may have to name, as it gives them their right: it cannot be another. */
  readonly fixed?: 'debit' | 'credit'
  /** How far back is too far. */
  readonly past?: number
}

/** The steps that every movement between two accounts has in common, up to the kinds of its ends. */
export function moveDoor(move: (debit: number, credit: number) => Draft, door: Door): Step[] {
  const { by, right, wrong = EXPIRED, fixed, past = PAST } = door
  const draft = (debit: number, credit: number) =>
    move(fixed === 'debit' ? right[0] : debit, fixed === 'credit' ? right[1] : credit)
  const same = fixed === 'debit' ? right[0] : fixed === 'credit' ? right[1] : wrong
  const debitSteps = [
    step('debit-unknown', draft(NOBODY, NOBODY), by),
    step('unit-mismatch', draft(GEM_BUDGET, wrong), by),
    step('debit-kind', draft(wrong, SHOP), by),
  ]
  const creditSteps = [
    step('credit-unknown', draft(wrong, NOBODY), by),
    step('unit-mismatch', draft(wrong, GEM_BUDGET), by),
    step('credit-kind', draft(right[0], wrong), by),
  ]
  const steps = [
    ...(fixed === 'debit' ? [] : debitSteps),
    step('same-account', draft(same, same), by),
    ...(fixed === 'credit' ? [] : creditSteps),
  ]
  const rank = ({ outcome }: Step) => OUTCOMES.indexOf(outcome)
  return [...timeDoor(draft(NOBODY, NOBODY), by, past), ...steps.sort((a, b) => rank(a) - rank(b))]
}

/** The steps that every change of one member account has in common, up to its being closed. */
export function memberDoor(change: (account: number) => Draft, by: Signers): Step[] {
  return [
    ...timeDoor(change(NOBODY), by),
    step('account-unknown', change(NOBODY), by),
    step('account-kind', change(BUDGET), by),
    step('account-closed', change(CLOSED), by),
  ]
}

/**
 * Climbs a ladder down: each step meets its own rule, and the ranks never decrease until something is accepted. Returns
 * what was met.
 */
export function climb(p: Rehearsal, steps: readonly Step[]): Outcome[] {
  let last = 0
  for (const { outcome, draft, by, offset, at, before } of steps) {
    if (at !== undefined) p.time = at
    before?.()
    const what = JSON.stringify(draft)
    assert.equal(p.try(by, draft, offset), outcome, what)
    const rank = outcome === 'accepted' ? OUTCOMES.length : OUTCOMES.indexOf(outcome)
    if (last === OUTCOMES.length) continue
    assert(rank >= last, what)
    last = rank
  }
  assert.equal(last, OUTCOMES.length, 'a ladder ends on the ground')
  return steps.map(({ outcome }) => outcome)
}

/** Fills an account with lots of so many different dates, an hour apart, `amount` points each. */
export function fillLots(p: Rehearsal, account: number, count: number, amount: number, first: number): void {
  const drafts = Array.from(
    { length: count },
    (_, i): Draft => ({ kind: 'issue', debit: BUDGET, credit: account, amount, expires: hour(first + i) }),
  )
  p.ok(keys(ISSUER), ...drafts)
}
