import fc from 'fast-check'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import type { Kind } from '../../src/core/entry/transaction.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BACKDATE,
  BERT,
  BUDGET,
  COINS,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  GEM_TREASURY,
  GEMS,
  genesisDraft,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  RATE,
  REGISTRAR,
  ROOT,
  RULE,
  SERIES,
  SHOP,
  SKEW,
  SOURCE,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from './beginning.ts'
import { leafOf, type NaiveLedger, type NaiveSigner } from './naive/index.ts'
import { inOrder } from './rehearsal.ts'

const kind: fc.Arbitrary<Kind> = fc.oneof(
  ...(
    [
      ['genesis', 1],
      ['register-key', 20],
      ['revoke', 8],
      ['define-unit', 8],
      ['publish-rule', 6],
      ['open-account', 24],
      ['fund', 30],
      ['issue', 160],
      ['redeem', 60],
      ['expire', 60],
      ['hold', 70],
      ['capture', 50],
      ['release', 30],
      ['reverse', 130],
      ['transfer', 60],
      ['settle', 25],
      ['ask-settle', 15],
      ['opening-balance', 25],
      ['publish-rate', 6],
      ['convert', 40],
      ['set-budget', 10],
      ['freeze', 6],
      ['unfreeze', 12],
      ['close', 6],
      ['reopen', 6],
      ['set-custody', 16],
      ['recover', 24],
      ['veto', 10],
      ['finish-recovery', 24],
      ['grant', 12],
      ['withdraw', 6],
      ['disclose', 8],
      ['erase', 5],
      ['take', 50],
      ['collect', 20],
      ['claim', 25],
      ['set-status', 8],
      ['reinstate', 30],
      ['merge', 40],
    ] as const
  ).map(([value, weight]) => ({ weight, arbitrary: fc.constant<Kind>(value) })),
)

// Small ranges, so that commands meet: few accounts, few records, few ids, small amounts beside a few huge ones.
const account = fc.oneof({ weight: 9, arbitrary: fc.nat(10) }, { weight: 1, arbitrary: fc.nat(14) })
const record = fc.oneof({ weight: 8, arbitrary: fc.nat(16) }, { weight: 1, arbitrary: fc.constantFrom(99, 1_048_575) })
const amount = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 2 ** 52, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER) },
)

/** A command: a kind, and numbers from which `draftOf` makes one that often makes sense. */
export const command: fc.Arbitrary<Command> = fc.record({
  kind,
  isUsual: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  a: account,
  b: account,
  record,
  amount,
  matures: fc.constantFrom(0, 0, 0, 1, 2),
  life: fc.constantFrom(0, 0, 1, 2, 3),
  pick: fc.nat(30),
  n: fc.nat(3),
  // Mostly the batch's time, sometimes just inside or outside of what is allowed.
  offset: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(SKEW, SKEW + 1, -SKEW, -SKEW - 1, -SKEW - BACKDATE, -SKEW - BACKDATE - 1) },
  ),
  // Few enough that some ids are taken twice.
  random: fc.nat(200),
  // Cites an earlier transaction, whatever became of it, or one that is nowhere.
  cites: fc.nat(40),
  // Sends an earlier entry again instead.
  again: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat() }),
})

/** As a command, of amounts that are none, or nearly all there are; what comes of that is at the limits of numbers. */
export const vastCommand: fc.Arbitrary<Command> = fc
  .tuple(command, fc.constantFrom(1, 2 ** 52, 2 ** 53 - 2, Number.MAX_SAFE_INTEGER))
  .map(([one, vast]) => ({ ...one, amount: one.amount % 3 === 0 ? one.amount : vast }))

export interface Command {
  readonly kind: Kind
  readonly isUsual: boolean
  readonly a: number
  readonly b: number
  readonly record: number
  readonly amount: number
  readonly matures: number
  readonly life: number
  readonly pick: number
  readonly n: number
  readonly offset: number
  readonly random: number
  readonly cites: number
  readonly again: number | null
}

/** The usual ends of each kind. */
const ENDS: Readonly<Record<string, (c: Command) => [number, number]>> = {
  fund: ({ n, a }) =>
    n === 0 ? [GEM_TREASURY, GEM_BUDGET] : n === 1 ? [SHOP, a < 6 ? BUDGET : 4 + a] : [TREASURY, BUDGET],
  issue: ({ n, a }) => (n === 0 ? [GEM_BUDGET, ANNAS_GEMS] : [BUDGET, a % 5 === 0 ? WARD : n === 1 ? BERT : ANNA]),
  redeem: ({ n, a }) => [a % 5 === 0 ? WARD : ANNA, n === 0 ? SHOP : TREASURY],
  expire: ({ n }) => [n === 0 ? BERT : ANNA, EXPIRED],
  hold: ({ n, a }) => [a % 5 === 0 ? WARD : ANNA, n === 0 ? SHOP : TREASURY],
  transfer: ({ n }) => (n === 0 ? [BERT, ANNA] : [ANNA, BERT]),
  settle: () => [SHOP, TREASURY],
  'opening-balance': ({ n, a }) => (n === 0 ? [GEM_BUDGET, ANNAS_GEMS] : [BUDGET, a % 5 === 0 ? WARD : ANNA]),
  claim: ({ n, a }) => [a % 5 === 0 ? WARD : ANNA, n === 0 ? SHOP : TREASURY],
  take: ({ n, a }) => (n === 0 ? [BERT, ANNA] : [ANNA, a % 5 === 0 ? WARD : BERT]),
  convert: () => [ANNA, TREASURY],
  merge: ({ n, a }) => (n === 0 ? [WARD, ANNA] : n === 1 ? [BERT, ANNA] : a % 2 === 0 ? [BERT, WARD] : [ANNA, BERT]),
}

/** Gems have their dates on every second quarter hour. */
const evenly = (date: number) => date + (date % 2)

/** The draft of a command, which, if it moves points, sometimes cites a transaction. */
export function draftOf(c: Command, naive: NaiveLedger, time: number): Draft {
  const draft = uncitingDraftOf(c, naive, time)
  if (c.cites > 2 || !('debit' in draft)) return draft
  const cited = [...naive.ids.keys()].at(-1 - c.pick) ?? ''
  return { ...draft, cites: c.cites === 0 ? key(1).slice(0, 16) : fromHex(cited.padStart(32, '0')) }
}

/** The draft of a command, in a ledger as it stands: ids that it names are mostly those of something that is there. */
function uncitingDraftOf(c: Command, naive: NaiveLedger, time: number): Draft {
  const quarter = Math.floor(time / QUARTER)
  const ids = [...naive.ids.entries()]
  const idOf = (...kinds: string[]): Uint8Array => {
    const fitting = ids.filter(([, { tx, status }]) => kinds.includes(tx.kind) && status === 'accepted').slice(-8)
    const [id] = fitting[c.pick % Math.max(1, fitting.length)] ?? ['0'.repeat(32)]
    return new Uint8Array(Buffer.from(id, 'hex'))
  }
  const [debit, credit] = c.isUsual ? (ENDS[c.kind]?.(c) ?? [c.a, c.b]) : [c.a, c.b]
  const dates = {
    matures: c.matures === 0 ? 0 : quarter + c.matures,
    expires: c.life === 0 ? 0 : quarter + c.matures + c.life,
  }
  const member = c.isUsual ? (c.n === 0 ? BERT : c.n === 1 ? WARD : ANNA) : c.a
  const target = naive.accounts[debit]
  /** A custodian of those there are, or another record, or one whose leaf hash is not that. */
  const custodian = () => {
    const known = naive.records.flatMap(({ tx }, n) => (tx.kind === 'register-key' && tx.role === 'custodian' ? n : []))
    const named = c.isUsual ? known[c.pick % known.length]! : c.record
    return { record: named, leaf: c.pick === 30 ? key(1) : leafOf(naive, named) }
  }
  const { amount } = c
  switch (c.kind) {
    case 'genesis':
      return genesisDraft()
    case 'register-key': {
      const role = (['root', 'registrar', 'issuer', 'merchant', 'custodian', 'custodian'] as const)[c.pick % 6]!
      const scoped = role === 'issuer' || role === 'merchant'
      return {
        kind: c.kind,
        key: key(role === 'root' ? 93 + c.n : 1 + c.n),
        role,
        scope: scoped ? [...new Set([c.a, c.b])].sort((a, b) => a - b) : [],
        backdateMs: role === 'registrar' ? BACKDATE : 0,
        succeeds: role === 'custodian' && c.n > 0 ? (c.isUsual ? CUSTODIAN : c.record) : null,
      }
    }
    case 'revoke':
      return { kind: c.kind, record: c.record, reason: c.n, strand: c.n === 0 ? 1 : 0 }
    case 'define-unit':
      return { kind: c.kind, name: ['coins', 'gems', 'energy'][c.n % 3]!, cap: amount, windowMs: HOUR }
    case 'publish-rule':
      return { kind: c.kind, name: ['rule', 'other'][c.n % 2]!, digest: key(1), budgets: [c.isUsual ? BUDGET : c.a] }
    case 'open-account': {
      const accountKind = (
        ['member', 'member', 'treasury', 'budget', 'merchant', 'expired', 'member', 'treasury', 'series'] as const
      )[c.pick % 9]!
      const isMember = accountKind === 'member'
      const unit = c.isUsual ? (c.n === 0 ? GEMS : COINS) : c.record
      return {
        kind: c.kind,
        accountKind,
        unit,
        terms: c.pick === 30 ? key(1) : leafOf(naive, unit),
        owner: isMember && c.n < 3 ? key(1 + c.n) : null,
        custodian: isMember && c.n > 1 ? custodian() : null,
        sponsor:
          (isMember && c.matures > 0) || accountKind === 'budget' || accountKind === 'series'
            ? c.life > 0
              ? SHOP
              : c.a
            : null,
        ref: isMember && c.pick % 4 < 2 ? key(1).subarray(0, 16) : null,
        nonce: key(1),
      }
    }
    case 'fund':
      return { kind: c.kind, debit, credit, amount: c.n === 0 ? 5 * c.n + 5 : amount }
    case 'settle':
      return { kind: c.kind, debit, credit, amount, original: c.n === 0 ? null : idOf('ask-settle', 'redeem') }
    case 'ask-settle':
      return { kind: c.kind, account: c.isUsual ? SHOP : c.a, amount }
    case 'issue':
      return {
        kind: c.kind,
        debit,
        credit,
        amount: c.n === 0 ? 5 : amount,
        ...(c.isUsual
          ? c.n === 0 && c.pick > 3
            ? { matures: evenly(dates.matures), expires: dates.expires && evenly(dates.expires) + 2 }
            : dates
          : { matures: 0, expires: Q + c.life }),
        rule: c.pick === 0 ? c.record : c.pick === 1 ? RULE : 0,
      }
    case 'opening-balance': {
      const ref = key(1 + (c.pick % 12)).subarray(0, 16)
      const expires = dates.expires && evenly(dates.expires) + 2
      const of = { matures: evenly(dates.matures), expires }
      return {
        kind: c.kind,
        debit,
        credit,
        amount: 5 * (1 + c.n),
        ...of,
        source: c.pick === 30 ? c.record : SOURCE,
        ref,
      }
    }
    case 'redeem':
      return { kind: c.kind, debit, credit, amount }
    case 'claim': {
      const ref = c.pick % 4 === 0 ? null : key(1 + (c.pick % 2)).subarray(0, 16)
      const round = ref !== null && c.life > 1 ? 1 : 0
      return { kind: c.kind, debit, credit, amount, series: c.isUsual ? SERIES : c.a, ref, round }
    }
    case 'expire': {
      const past = target?.parcels.filter(({ expires }) => expires > 0 && expires * QUARTER <= time) ?? []
      const due = past.reduce((total, parcel) => total + parcel.amount, 0)
      return { kind: c.kind, debit, credit, amount: c.isUsual && due > 0 ? due : amount }
    }
    case 'hold':
      return { kind: c.kind, debit, credit, amount, until: time + c.life * 2 * HOUR + (c.isUsual ? 1 : 0) }
    case 'capture': {
      const hold = idOf('hold')
      const made = naive.ids.get(toHex(hold))?.tx
      const ends = made?.kind === 'hold' && c.isUsual ? made : { debit, credit }
      return { kind: c.kind, debit: ends.debit, credit: ends.credit, amount, hold }
    }
    case 'release': {
      const hold = idOf('hold')
      const made = naive.ids.get(toHex(hold))?.tx
      return { kind: c.kind, account: made?.kind === 'hold' && c.isUsual ? made.debit : c.a, hold }
    }
    case 'reverse': {
      const original =
        c.n === 0
          ? idOf('redeem', 'capture', 'claim')
          : idOf('issue', 'opening-balance', 'redeem', 'capture', 'fund', 'hold', 'merge', 'merge')
      const made = naive.ids.get(toHex(original))?.tx
      const ends = made !== undefined && 'debit' in made && c.isUsual ? made : { debit: credit, credit: debit }
      const isAll = made?.kind === 'claim' && c.isUsual
      return { kind: c.kind, debit: ends.credit, credit: ends.debit, amount: isAll ? made.amount : amount, original }
    }
    case 'merge': {
      const parts = target?.parcels.map(({ matures, expires, amount: of }) => ({ matures, expires, amount: of })) ?? []
      const sum = parts.reduce((total, part) => total + part.amount, 0)
      // Now and then of something that was not there a moment ago.
      const more = c.isUsual || sum > 1000 ? [] : [{ matures: Q + 9000, expires: 0, amount: Math.min(amount, 40) }]
      return { kind: c.kind, debit, credit, amount: sum + (more[0]?.amount ?? 0), parts: [...parts, ...more] }
    }
    case 'reinstate': {
      const original = c.n === 0 ? idOf('expire', 'redeem') : idOf('expire')
      const made = naive.ids.get(toHex(original))?.tx
      const ends = made !== undefined && 'debit' in made && c.isUsual ? made : { debit: credit, credit: debit }
      return {
        kind: c.kind,
        debit: ends.credit,
        credit: ends.debit,
        amount,
        expires: dates.expires || Q + 400,
        original,
      }
    }
    case 'transfer': {
      const lot = target?.parcels[c.pick % Math.max(1, target.parcels.length)]
      const of = lot !== undefined && c.isUsual ? { matures: lot.matures, expires: lot.expires } : dates
      return { kind: c.kind, debit, credit, amount: amount < 1000 ? (amount % 24) + 1 : amount, ...of }
    }
    case 'take':
    case 'collect': {
      const holder = c.kind === 'take' ? target : naive.accounts[member]
      const lots = holder?.parcels.filter(({ matures, expires }) => matures + expires > 0) ?? []
      const lot = lots[c.pick % Math.max(1, lots.length)] ?? {
        matures: dates.matures,
        expires: dates.expires || (dates.matures === 0 ? Q : 0),
      }
      const of = c.isUsual ? { matures: lot.matures, expires: lot.expires } : { matures: 0, expires: Q + 1 + c.life }
      return c.kind === 'take'
        ? { kind: c.kind, debit, credit, amount: amount < 1000 ? (amount % 8) + 1 : amount, ...of }
        : { kind: c.kind, account: member, ...of, matures: of.matures || Math.min(Q, of.expires - 1) }
    }
    case 'publish-rate':
      return {
        kind: c.kind,
        name: ['rate', 'better'][c.n % 2]!,
        unit: c.record,
        budget: c.a,
        give: 1,
        get: 5,
        life: c.life,
      }
    case 'convert': {
      const pairs = Math.max(1, Math.floor(amount / 4) % 10)
      const expires = evenly(Math.ceil((time + c.offset) / QUARTER) + 2)
      return {
        kind: c.kind,
        debit,
        credit,
        amount: c.isUsual ? 2 * pairs : amount,
        rate: c.pick === 0 ? c.record : RATE,
        budget: c.isUsual ? GEM_BUDGET : c.b,
        account: c.isUsual || c.n > 0 ? ANNAS_GEMS : c.a,
        gained: 5 * pairs,
        expires: c.pick === 1 ? expires + 1 : expires,
      }
    }
    case 'set-budget':
      return {
        kind: c.kind,
        account: c.isUsual ? BUDGET : c.a,
        from: START - (c.n === 0 ? -HOUR : HOUR),
        until: c.n === 1 ? START + 9 * HOUR : 0,
        memberDay: c.n === 2 ? 150 : 0,
        memberTotal: c.n > 1 ? 400 : 0,
        memberWeek: c.matures === 1 ? 300 : 0,
        month: c.matures === 2 ? 900 : 0,
        pools: c.pick % 3 > 0 ? [] : [...new Set([c.b, c.record % 9])].sort((a, b) => a - b),
      }
    case 'freeze':
      return { kind: c.kind, account: member, reason: c.n }
    case 'close':
    case 'reopen':
    case 'unfreeze':
    case 'veto':
    case 'finish-recovery':
      return { kind: c.kind, account: c.kind === 'close' || c.kind === 'reopen' ? c.a : member }
    case 'set-custody': {
      const isOwned = c.n > 0 || c.pick % 3 === 0
      return {
        kind: c.kind,
        account: c.pick % 2 === 0 ? WARD : member,
        owner: isOwned ? key(1 + c.n) : null,
        custodian: !isOwned || c.pick % 3 === 1 ? custodian() : null,
        recovery: c.pick > 20 ? { keys: [key(7), key(8)], need: 1, delayMs: QUARTER } : null,
      }
    }
    case 'recover':
      return { kind: c.kind, account: member, key: key(1 + c.n) }
    case 'grant':
      return {
        kind: c.kind,
        account: member,
        ...(c.pick % 3 === 0 ? { to: c.a, may: 1 } : { to: c.isUsual ? MERCHANT : c.record }),
        until: c.life === 0 ? 0 : time + c.matures * QUARTER,
        terms: key(1),
      }
    case 'set-status':
      return {
        kind: c.kind,
        account: member,
        budget: c.isUsual ? BUDGET : c.b,
        rule: c.isUsual ? RULE : Math.max(1, c.record),
        tier: c.n,
        until: c.n === 0 || c.life === 0 ? 0 : time + c.matures * QUARTER,
        details: null,
      }
    case 'withdraw':
    case 'disclose': {
      const rest = { account: member, grant: idOf('grant') }
      return c.kind === 'withdraw' ? { kind: c.kind, ...rest } : { kind: c.kind, ...rest, details: key(1) }
    }
    case 'erase':
      return { kind: c.kind, account: member, details: key(1 + c.n) }
    case 'continue-log':
      // Not drawn: it has to stand where it says. It has tests of its own.
      return { kind: c.kind, origin: 'other', logKey: key(100), size: naive.size, root: naive.rootOfLog(), seen: null }
  }
}

/** Who signs a batch: mostly most of those who are entitled to something. */
export const signers: fc.Arbitrary<NaiveSigner[]> = fc
  .record({
    few: fc.uniqueArray(
      fc.oneof(
        { weight: 4, arbitrary: fc.nat(13).map((n): NaiveSigner => ({ record: n })) },
        { weight: 2, arbitrary: fc.nat(9).map((n): NaiveSigner => ({ account: n })) },
        { weight: 1, arbitrary: record.map((n): NaiveSigner => ({ record: n })) },
        { weight: 1, arbitrary: account.map((n): NaiveSigner => ({ account: n, recovery: n % 2 })) },
      ),
      { minLength: 1, maxLength: 4, selector: one => JSON.stringify(one) },
    ),
    usual: fc.nat(12),
  })
  .map(({ few, usual }) => inOrder(usual === 0 ? few : USUAL[usual % USUAL.length]!))

const USUAL: NaiveSigner[][] = [
  [ROOT, TREASURER, ISSUER, MERCHANT, OPERATOR].map(n => ({ record: n })),
  [...[ISSUER, MERCHANT, OPERATOR, SOURCE].map(n => ({ record: n })), ...[ANNA, BERT].map(n => ({ account: n }))],
  [{ record: ISSUER }, { record: CUSTODIAN }, { account: ANNA }],
  [{ record: ROOT }, { record: CUSTODIAN }, { record: REGISTRAR }],
  [
    { record: REGISTRAR },
    { record: OPERATOR },
    { account: ANNA },
    { account: ANNA, recovery: 0 },
    { account: ANNA, recovery: 1 },
  ],
  [...[REGISTRAR, CUSTODIAN, MERCHANT].map(n => ({ record: n })), ...[ANNA, BERT].map(n => ({ account: n }))],
]
