import { expect } from 'vitest'
import { OUTCOMES, type Outcome } from '../../../src/core/entry/outcome.ts'
import type { Draft } from '../../world.ts'
import { BUDGET, COINS, GEM_BUDGET, GEM_TREASURY, GEMS, REGISTRAR, ROOT, TREASURER } from '../commands.ts'
import { HOUR, key, keys, Programme, type Signers, SKEW } from '../programme.ts'

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
export type Ladder = (p: Programme) => readonly Step[]

// What `ladderProgramme` has besides `beginning`.
export const [AUDITOR, STRANGER, OTHER_MERCHANT, REVOKED] = [11, 12, 13, 14]
export const [SPARE, CLOSED, FROZEN, BERTS_GEMS, MORE_GEMS] = [10, 11, 12, 13, 14]
export const NOBODY = 99
export const NO_ID: Uint8Array = new Uint8Array(16)
/** Holders of a key that gives no right to anything but reading. */
export const OUTSIDER: Signers = keys(AUDITOR)
const STEP = 10
export const WINDOW = 5 * HOUR

/** A programme in which every amount of coins is a multiple of 10, with one account of each condition. */
export function ladderProgramme(): Programme {
  const coins = { cap: 1_000_000, step: STEP, giftEach: 200, giftDay: 300, debtMax: 50, windowMs: WINDOW }
  const p = new Programme({ coins })
  const registered = (role: 'auditor' | 'custodian' | 'merchant', scope: number[] = []): Draft => ({
    kind: 'register-key',
    key: key(1),
    role,
    scope,
  })
  p.ok(keys(ROOT), registered('auditor'), registered('custodian'), registered('merchant', [0]), registered('auditor'))
  p.ok(keys(ROOT), { kind: 'revoke', record: REVOKED })
  p.ok(keys(TREASURER), { kind: 'open-account', accountKind: 'budget', unit: COINS, nonce: key(3) })
  p.ok(keys(TREASURER), { kind: 'fund', debit: 0, credit: BUDGET, amount: 10_000 })
  for (const unit of [COINS, COINS, GEMS]) p.member(2, unit)
  p.member(1, GEMS)
  p.ok(keys(REGISTRAR), { kind: 'close', account: CLOSED })
  p.issue(1000, {}, FROZEN)
  p.ok(keys(REGISTRAR), { kind: 'freeze', account: FROZEN })
  return p
}

export function step(outcome: Outcome, draft: Draft, by: Signers = OUTSIDER, offset = 0): Step {
  return { outcome, draft, by, offset }
}

const [FUTURE, PAST] = [SKEW + 1, -SKEW - 1]

/** The steps that every movement between two accounts has in common, up to the units. */
export function moveDoor(move: (debit: number, credit: number) => Draft): Step[] {
  return [
    step('time-ahead', move(NOBODY, NOBODY), OUTSIDER, FUTURE),
    step('time-behind', move(NOBODY, NOBODY), OUTSIDER, PAST),
    step('debit-unknown', move(NOBODY, NOBODY)),
    step('credit-unknown', move(BUDGET, NOBODY)),
    step('same-account', move(BUDGET, BUDGET)),
    step('unit-mismatch', move(BUDGET, GEM_BUDGET)),
    step('unit-mismatch', move(GEM_TREASURY, BUDGET)),
  ]
}

/** As `moveDoor`, and the kinds. @param debit - an account of the right kind. */
export function kindDoor(move: (debit: number, credit: number) => Draft, debit: number): Step[] {
  return [
    ...moveDoor(move),
    step('debit-kind', move(BUDGET, SPARE)),
    step('credit-kind', move(debit, SPARE)),
    step('credit-kind', move(debit, BUDGET)),
  ]
}

/** The steps that every change of one member account has in common, up to its being closed. */
export function memberDoor(change: (account: number) => Draft): Step[] {
  return [
    step('time-ahead', change(NOBODY), OUTSIDER, FUTURE),
    step('time-behind', change(NOBODY), OUTSIDER, PAST),
    step('account-unknown', change(NOBODY)),
    step('account-kind', change(BUDGET)),
    step('account-closed', change(CLOSED)),
  ]
}

/** Climbs a ladder down: each step meets its own rule, and the ranks never decrease until something is accepted. Returns what was met. */
export function climb(p: Programme, steps: readonly Step[]): Outcome[] {
  let last = 0
  for (const { outcome, draft, by, offset, at, before } of steps) {
    if (at !== undefined) p.time = at
    before?.()
    const what = JSON.stringify(draft)
    expect(p.try(by, draft, offset), what).toBe(outcome)
    const rank = outcome === 'accepted' ? OUTCOMES.length : OUTCOMES.indexOf(outcome)
    if (last === OUTCOMES.length) continue
    expect(rank, what).toBeGreaterThanOrEqual(last)
    last = rank
  }
  expect(last, 'a ladder ends on the ground').toBe(OUTCOMES.length)
  return steps.map(({ outcome }) => outcome)
}

/** Fills an account with lots of so many different dates, `amount` points each. */
export function fillLots(p: Programme, account: number, count: number, amount: number, first: number): void {
  for (let i = 0; i < count; i++) p.issue(amount, { expires: first + i }, account)
}
