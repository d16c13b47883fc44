import type { Draft } from '../../client/index.ts'
import { publicKeyFromSeed } from '../../core/crypto/ed25519.ts'
import { ACCOUNT, KEYS, RECORD, SIGNS } from './keys.ts'
import { type Edition, SmallLedger } from './small-ledger.ts'

/** What happened to Mei, one entry after another. */
export interface Happening {
  readonly name: 'opening' | 'order' | 'sign-in' | 'review' | 'redeemed'
  /** Of an order. */
  readonly order?: string
  /** What it changed her balance by. */
  readonly coins: number
}

const at = (day: number, hour: number, minute = 0) => Date.UTC(2026, 11, day, hour, minute)
const MINUTE_MS = 60_000
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000

/** Points of orders can be spent until the end of January. */
const EXPIRES_MS: number = Date.UTC(2027, 1, 1)

/** Her entries, in order: the first is her opening. */
export const STORY: readonly (Happening & { readonly timeMs: number })[] = [
  { name: 'opening', coins: 0, timeMs: at(1, 8) },
  { name: 'order', order: 'o-20101', coins: 88, timeMs: at(3, 9, 12) },
  { name: 'sign-in', coins: 5, timeMs: at(4, 8, 20) },
  { name: 'review', coins: 10, timeMs: at(5, 19, 2) },
  { name: 'order', order: 'o-20133', coins: 140, timeMs: at(8, 20, 11) },
  { name: 'redeemed', order: 'o-20160', coins: -60, timeMs: at(9, 16, 20) },
  { name: 'sign-in', coins: 6, timeMs: at(10, 8, 5) },
  { name: 'order', order: 'o-20188', coins: 32, timeMs: at(12, 13, 40) },
]

/** Behind which of her entries the ledger was sealed: at the second of these everyone looked for the last time. */
const SEALS = [4, 6] as const

/** The time in the room. */
export const NOW_MS: number = at(12, 14)

/** A ledger in which this happened, as it was published then, and as everyone saw it last. */
export interface Told {
  readonly ledger: SmallLedger
  readonly early: Edition
  readonly seen: Edition
}

/**
 * Runs a ledger in which this happened to Mei, up to her last entry, and seals it as often as the honest one was.
 *
 * @param happenings - the story, or another one: of the same opening.
 */
export function tell(happenings: readonly (Happening & { readonly timeMs: number })[]): Told {
  const ledger = new SmallLedger()
  begin(ledger)
  const seals: Edition[] = []
  for (const [i, happening] of happenings.entries()) {
    if (i > 0) happen(ledger, happening)
    if (i + 1 === Math.min(SEALS[seals.length] ?? Number.NaN, happenings.length))
      seals.push(ledger.seal(happening.timeMs + MINUTE_MS))
  }
  return { ledger, early: seals[0]!, seen: seals[1] ?? seals[0]! }
}

/** Genesis, keys, a unit, a funded budget, and the accounts of Mei and of another member. */
function begin(ledger: SmallLedger): void {
  const hour = (n: number) => at(1, n)
  const keyOf = publicKeyFromSeed
  const register = (role: 'registrar' | 'treasurer' | 'issuer' | 'operator', seed: Uint8Array, scope: number[] = []) =>
    ({ kind: 'register-key', key: keyOf(seed), role, scope }) satisfies Draft
  ledger.commit(
    hour(1),
    [SIGNS.root],
    [
      {
        kind: 'genesis',
        origin: KEYS.logKey.name,
        logKey: keyOf(KEYS.log),
        roots: [keyOf(KEYS.root)],
        skewMs: 600_000,
        promiseMs: 10_000,
      },
    ],
  )
  ledger.commit(
    hour(2),
    [SIGNS.root],
    [
      register('registrar', KEYS.registrar),
      register('treasurer', KEYS.treasurer),
      { kind: 'define-unit', name: 'coins', cap: 1_000_000, windowMs: 7 * DAY_MS },
    ],
  )
  const terms = ledger.ledger.state.registry.records[RECORD.coins]!.body
  const plain = { kind: 'open-account', unit: RECORD.coins, terms, nonce: new Uint8Array(32) } as const
  ledger.commit(
    hour(3),
    [SIGNS.treasurer],
    [
      { ...plain, accountKind: 'treasury' },
      { ...plain, accountKind: 'budget' },
      { ...plain, accountKind: 'expired' },
      { kind: 'fund', debit: ACCOUNT.treasury, credit: ACCOUNT.budget, amount: 10_000 },
    ],
  )
  ledger.commit(
    hour(4),
    [SIGNS.root],
    [register('issuer', KEYS.issuer, [ACCOUNT.budget]), register('operator', KEYS.operator)],
  )
  ledger.commit(
    hour(8),
    [SIGNS.registrar],
    [
      { ...plain, accountKind: 'member', owner: keyOf(KEYS.mei), nonce: new Uint8Array(32).fill(1) },
      { ...plain, accountKind: 'member', owner: keyOf(KEYS.stranger), nonce: new Uint8Array(32).fill(2) },
    ],
  )
}

function happen(ledger: SmallLedger, { name, coins, timeMs }: Happening & { readonly timeMs: number }): void {
  if (coins < 0) {
    const amount = -coins
    ledger.commit(timeMs, [SIGNS.mei], [{ kind: 'redeem', debit: ACCOUNT.mei, credit: ACCOUNT.treasury, amount }])
    return
  }
  const expires = name === 'order' ? EXPIRES_MS / QUARTER_MS : 0
  ledger.commit(
    timeMs,
    [SIGNS.issuer],
    [{ kind: 'issue', debit: ACCOUNT.budget, credit: ACCOUNT.mei, amount: coins, expires }],
  )
}
