import { toHex } from '../../../src/core/bytes.ts'
import type {
  Custodian,
  RecoveryTerms as Recovery,
  Transaction,
  TransactionOf,
} from '../../../src/core/entry/transaction.ts'
import { isClosed, isOverBudgetCap, isOverMemberCap } from './budgets.ts'
import type { Case } from './case.ts'
import { chainOfAccount, custodianKey, strands } from './custody.ts'
import { tiersBeside } from './effects.ts'
import { backdateOf, isEntitled } from './entitled.ts'
import {
  clawable,
  isDated,
  isFull,
  isFullOfPending,
  isOf,
  isSplitTooOften,
  partsBack,
  past,
  ripe,
  ripeOf,
  sum,
} from './lots.ts'
import {
  countOf,
  hadLog,
  isNameTaken,
  isRecord,
  RECORD_KINDS,
  standing,
  standingRole,
  standingRoots,
  unitOf,
} from './registry.ts'
import type { NaiveAccount, Parcel, State } from './state.ts'
import { dayOf, FINISH, isFarAhead, isOnGrain, isOver, isPast, isRipe, nextOnGrain, QUARTER } from './time.ts'

const MAX = 2n ** 53n - 1n
const RECORDS_MAX = 2 ** 20
const UNITS_MAX = 256
const ACCOUNTS_MAX = 2 ** 32
const SERIES_MAX = 2 ** 32
const HOLDS_MAX = 16
const GRANTS_MAX = 32
const TAKES_MAX = 64
const STATUSES_MAX = 8

/** Of which kind the debit and the credit account are. */
const ENDS: Readonly<Record<string, readonly [from: string, ...to: string[]]>> = {
  issue: ['budget', 'member'],
  redeem: ['member', 'treasury', 'merchant'],
  expire: ['member', 'expired'],
  hold: ['member', 'treasury', 'merchant'],
  capture: ['member', 'treasury', 'merchant'],
  transfer: ['member', 'member'],
  take: ['member', 'member'],
  settle: ['merchant', 'treasury'],
  'opening-balance': ['budget', 'member'],
  claim: ['member', 'treasury', 'merchant'],
  reinstate: ['expired', 'member'],
  merge: ['member', 'member'],
  convert: ['member', 'treasury'],
}

type Rule = (c: Case) => boolean

/** The outcomes of SPEC §8 in their order, and when each applies. */
export const RULES: readonly (readonly [outcome: string, applies: Rule])[] = [
  ['exists', ({ state, id, bytes }) => state.ids.get(id)?.bytes === bytes],
  ['id-taken', ({ state, id }) => state.ids.has(id)],
  ['not-entitled', c => !isEntitled(c)],
  ['group-undone', ({ isUndone }) => isUndone],
  ['time-ahead', ({ state, tx, t, T }) => tx.kind !== 'genesis' && t > T + state.skew],
  ['time-behind', c => c.tx.kind !== 'genesis' && c.t < c.T - c.state.skew - backdateOf(c)],
  ['record-unknown', c => namesUnknownRecord(c)],
  [
    'record-not-revocable',
    ({ record }) => ['define-unit', 'set-budget', 'continue-log'].includes(record?.tx.kind ?? ''),
  ],
  ['record-revoked', ({ record }) => record !== undefined && record.until !== 0],
  ['unit-unknown', c => namesUnknownUnit(c)],
  ['rule-unknown', c => namesUnknownRule(c)],
  [
    'account-unknown',
    ({
      sponsorNumber,
      sponsor,
      oneNumber,
      one,
      convert,
      gaining,
      paying,
      takerNumber,
      taker,
      seriesNumber,
      series,
      ofNumber,
      of,
      pools,
    }) =>
      pools.includes(undefined) ||
      (ofNumber !== undefined && of === undefined) ||
      (seriesNumber !== undefined && series === undefined) ||
      (sponsorNumber !== undefined && sponsor === undefined) ||
      (oneNumber !== undefined && one === undefined) ||
      (takerNumber !== undefined && taker === undefined) ||
      (convert !== undefined && (gaining === undefined || paying === undefined)),
  ],
  ['debit-unknown', ({ move, debit }) => move !== undefined && debit === undefined],
  ['credit-unknown', ({ move, credit }) => move !== undefined && credit === undefined],
  [
    'same-account',
    ({ move, convert, oneNumber, takerNumber, poolNumbers }) =>
      poolNumbers.some(number => number === oneNumber) ||
      (move !== undefined && move.debit === move.credit) ||
      (takerNumber !== undefined && takerNumber === oneNumber) ||
      (convert !== undefined && (convert.account === convert.budget || convert.account === convert.debit)),
  ],
  [
    'unit-mismatch',
    ({ tx, sponsor, debit, credit, gaining, paying, one, taker, series, of, pools }) =>
      pools.some(pool => pool!.unit !== one!.unit) ||
      (of !== undefined && of.unit !== one!.unit) ||
      (series !== undefined && series.unit !== debit!.unit) ||
      debit?.unit !== credit?.unit ||
      gaining?.unit !== paying?.unit ||
      (taker !== undefined && taker.unit !== one!.unit) ||
      (tx.kind === 'open-account' && sponsor !== undefined && sponsor.unit !== tx.unit),
  ],
  ['account-kind', c => isOtherKind(c)],
  [
    'debit-kind',
    ({ tx, debit }) =>
      (tx.kind in ENDS && debit!.kind !== ENDS[tx.kind]![0]) ||
      (tx.kind === 'fund' && debit!.kind !== 'treasury' && debit!.kind !== 'merchant'),
  ],
  [
    'credit-kind',
    ({ tx, credit }) =>
      (tx.kind in ENDS && !ENDS[tx.kind]!.slice(1).includes(credit!.kind)) ||
      (tx.kind === 'fund' && credit!.kind !== 'budget'),
  ],
  ['scope-unknown', c => hasUnknownScope(c)],
  [
    'sponsor-mismatch',
    ({ tx, debit, credit, series }) =>
      (tx.kind === 'fund' && debit!.kind === 'merchant' && credit!.sponsor !== debit!.number) ||
      (series !== undefined &&
        (series.sponsor === null ? credit!.kind !== 'treasury' : series.sponsor !== credit!.number)),
  ],
  [
    'account-closed',
    c =>
      named(c).some(({ number, status }) => {
        if (status === 'closed') return c.tx.kind !== 'reopen'
        const leaves = c.tx.kind === 'merge' && c.tx.debit === number
        return status === 'merged' && !['expire', 'reinstate', 'reverse'].includes(c.tx.kind) && !leaves
      }),
  ],
  [
    'original-unknown',
    ({ tx, original, asked }) =>
      ((tx.kind === 'reverse' || tx.kind === 'reinstate') && original === undefined) ||
      (tx.kind === 'settle' && tx.original !== null && asked?.tx.account !== tx.debit),
  ],
  ['cites-unknown', ({ state, cites }) => cites !== undefined && state.ids.get(cites)?.status !== 'accepted'],
  [
    'hold-unknown',
    ({ tx, hold }) =>
      (tx.kind === 'capture' && hold?.credit !== tx.credit) || (tx.kind === 'release' && hold === undefined),
  ],
  [
    'grant-unknown',
    c =>
      (c.tx.kind === 'withdraw' && c.grant === undefined) ||
      (c.tx.kind === 'disclose' && (c.grant === undefined || c.grant.may !== 0 || isOver(c.grant.until, c.T))) ||
      lacksConsent(c),
  ],
  [
    'account-frozen',
    ({ tx, debit, credit, one }) =>
      (['redeem', 'claim', 'hold', 'transfer', 'convert', 'take', 'merge'].includes(tx.kind) &&
        debit!.status === 'frozen') ||
      (tx.kind === 'take' && credit!.status === 'frozen') ||
      (tx.kind === 'freeze' && one!.status === 'frozen'),
  ],
  ['not-frozen', ({ tx, one }) => tx.kind === 'unfreeze' && one!.status !== 'frozen'],
  ['not-closed', ({ tx, one }) => tx.kind === 'reopen' && one!.status !== 'closed'],
  ['recovery-state', c => hasOtherRecoveryState(c)],
  [
    'no-custody',
    ({ state, tx, one }) =>
      (tx.kind === 'open-account' && tx.custodian !== null && unitOf(state, tx.unit)!.custody === 0) ||
      (tx.kind === 'set-custody' && tx.custodian !== null && unitOf(state, one!.unit)!.custody === 0),
  ],
  ['name-taken', ({ state, tx }) => 'name' in tx && isNameTaken(state, tx.kind, tx.name)],
  [
    'key-stands',
    ({ state, tx }) => tx.kind === 'register-key' && tx.role === 'root' && standingRoots(state).includes(toHex(tx.key)),
  ],
  [
    'treasury-exists',
    ({ state, tx }) =>
      tx.kind === 'open-account' &&
      tx.accountKind === 'treasury' &&
      state.accounts.some(({ kind, unit }) => kind === 'treasury' && unit === tx.unit),
  ],
  [
    'ref-taken',
    ({ state, tx }) =>
      (tx.kind === 'open-account' && hasRef(state, tx)) || (tx.kind === 'opening-balance' && isHandedOver(state, tx)),
  ],
  ['claimed-before', c => isClaimed(c)],
  [
    'last-root',
    ({ state, tx }) =>
      tx.kind === 'revoke' && standingRole(state, tx.record) === 'root' && standingRoots(state).length - 1 < state.need,
  ],
  ['strands-accounts', ({ state, tx }) => tx.kind === 'revoke' && tx.strand === 0 && strands(state, tx.record)],
  [
    'registry-full',
    ({ state, tx }) =>
      (RECORD_KINDS.includes(tx.kind) && state.records.length >= RECORDS_MAX) ||
      (tx.kind === 'define-unit' && countOf(state, 'define-unit') >= UNITS_MAX),
  ],
  ['accounts-full', ({ state, tx }) => tx.kind === 'open-account' && state.accounts.length >= ACCOUNTS_MAX],
  ['series-full', ({ series }) => series !== undefined && series.entries - 1 >= SERIES_MAX],
  [
    'rule-early',
    ({ state, tx, unit, one, T }) =>
      (tx.kind === 'set-status' && T < state.records[tx.rule]!.time + unitOf(state, one!.unit)!.noticeMs) ||
      (tx.kind === 'issue' && tx.rule !== 0 && T < state.records[tx.rule]!.time + unit!.noticeMs),
  ],
  [
    'off-step',
    ({ state, tx, unit, one, amount, convert, gaining }) =>
      (unit !== undefined && amount % unit.step !== 0) ||
      (tx.kind === 'ask-settle' && tx.amount % unitOf(state, one!.unit)!.step !== 0) ||
      (convert !== undefined && convert.gained % unitOf(state, gaining!.unit)!.step !== 0),
  ],
  [
    'off-grain',
    ({ tx, unit }) =>
      ((tx.kind === 'issue' || tx.kind === 'opening-balance') &&
        !(isOnGrain(tx.matures, unit!) && isOnGrain(tx.expires, unit!))) ||
      (tx.kind === 'reinstate' && !isOnGrain(tx.expires, unit!)),
  ],
  ['no-gifts', ({ tx, unit }) => tx.kind === 'transfer' && (unit!.giftEach === 0 || unit!.giftDay === 0)],
  ['no-takes', ({ tx, unit }) => tx.kind === 'take' && unit!.take === null],
  ['no-collect', ({ state, tx, one }) => tx.kind === 'collect' && unitOf(state, one!.unit)!.collect === null],
  ['rate-mismatch', c => isOffRate(c)],
  [
    'dates',
    c => {
      const { tx, original, t, T } = c
      return (
        ((tx.kind === 'issue' || tx.kind === 'opening-balance') && (isPast(tx, t) || isFarAhead(tx.matures, t))) ||
        (tx.kind === 'reinstate' && isFarAhead(tx.expires, t)) ||
        (['transfer', 'take', 'collect'].includes(tx.kind) && 'expires' in tx && isPast(tx, T)) ||
        ((tx.kind === 'convert' || tx.kind === 'reinstate') && isPast(tx, T)) ||
        (tx.kind === 'reverse' && isGiven(original!.tx) && isPast(original!.tx, T)) ||
        (tx.kind === 'merge' && tx.parts.some(part => isPast(part, T))) ||
        undoneOf(c).some(part => isPast(part, T)) ||
        (['grant', 'set-status'].includes(tx.kind) && 'until' in tx && isOver(tx.until, T))
      )
    },
  ],
  [
    'hold-ended',
    ({ tx, hold, T }) => (tx.kind === 'hold' && tx.until <= T) || (tx.kind === 'capture' && hold!.until <= T),
  ],
  ['hold-too-long', ({ tx, unit, T }) => tx.kind === 'hold' && tx.until > T + unit!.holdMaxMs],
  ['not-due', c => isNotDue(c)],
  ['window-over', ({ tx, original, unit, T }) => tx.kind === 'reverse' && T > original!.time + unit!.windowMs],
  ['over-gift-cap', c => isOverGiftCap(c)],
  [
    'taken-before',
    c =>
      (c.tx.kind === 'take' && c.debit!.takes.some(one => isOf(one, c.tx as never) && one.credit === c.move!.credit)) ||
      (c.tx.kind === 'merge' && c.debit!.takes.length > 0) ||
      undoneOf(c).some(part => c.debit!.takes.some(one => isOf(one, part))),
  ],
  ['over-take-cap', c => isOverTakeCap(c)],
  [
    'over-original',
    ({ tx, amount, hold, original, asked }) =>
      (tx.kind === 'capture' && amount > hold!.amount) ||
      (asked !== undefined && asked.reversed + amount > asked.tx.amount) ||
      (original !== undefined && original.reversed + amount > original.tx.amount),
  ],
  [
    'over-cap',
    ({ debit, unit, amount }) => debit?.kind === 'treasury' && debit.balance - BigInt(amount) < -BigInt(unit!.cap),
  ],
  ['insufficient', c => hasTooLittle(c)],
  ['budget-closed', c => isClosed(c)],
  ['over-member-cap', c => isOverMemberCap(c)],
  ['over-budget-cap', c => isOverBudgetCap(c)],
  ['over-balance-max', c => isOverMax(c)],
  [
    'lots-full',
    c =>
      arrivals(c).some(([account, parcels]) => isFull(account, parcels)) ||
      (isGiven(c.tx) && isFullOfPending(c.credit!, c.tx, c.t)) ||
      (c.tx.kind === 'hold' && isSplitTooOften(c.debit!, c.amount, c.T)),
  ],
  ['holds-full', ({ tx, debit }) => tx.kind === 'hold' && debit!.holds.length >= HOLDS_MAX],
  ['grants-full', ({ tx, one }) => tx.kind === 'grant' && one!.grants.length >= GRANTS_MAX],
  ['takes-full', ({ tx, debit }) => tx.kind === 'take' && debit!.takes.length >= TAKES_MAX],
  [
    'statuses-full',
    ({ tx, one, T }) => tx.kind === 'set-status' && tx.tier > 0 && tiersBeside(one!, tx.rule, T).length >= STATUSES_MAX,
  ],
  [
    'not-empty',
    ({ tx, one, debit }) =>
      (tx.kind === 'close' && (one!.balance !== 0n || one!.parcels.length > 0 || one!.holds.length > 0)) ||
      (tx.kind === 'merge' && (debit!.holds.length > 0 || !isWhole(debit!, tx.parts))),
  ],
  [
    'total-overflow',
    ({ tx, credit, amount, convert, gaining }) =>
      (tx.kind !== 'hold' && isAbove(credit, amount)) || (convert !== undefined && isAbove(gaining, convert.gained)),
  ],
  [
    'log-mismatch',
    ({ state, tx, isAlone }) =>
      tx.kind === 'continue-log' &&
      (!isAlone ||
        state.size !== state.sealed ||
        tx.size !== state.size ||
        toHex(tx.root) !== toHex(state.rootOfLog()) ||
        hadLog(state, tx.origin, tx.logKey)),
  ],
]

/** The number of an outcome: 0 for `accepted`, which none of the others is. */
export const statusOf = (outcome: string): number => RULES.findIndex(([name]) => name === outcome) + 1

/** The first outcome that applies. */
export const outcomeOf = (c: Case): string => RULES.find(([, applies]) => applies(c))?.[0] ?? 'accepted'

const isAbove = (account: NaiveAccount | undefined, amount: number) =>
  account !== undefined && account.balance + BigInt(amount) > MAX

/** The accounts in a transaction's fields. */
const named = ({ debit, credit, gaining, paying, one }: Case): NaiveAccount[] =>
  [debit, credit, gaining, paying, one].filter(account => account !== undefined)

const namesUnknownRecord: Rule = ({ state, tx, record }) => {
  const isCustodian = ({ record: n, leaf }: { readonly record: number; readonly leaf: Uint8Array }) =>
    standingRole(state, n) === 'custodian' && isRecord(state, n, leaf)
  if (tx.kind === 'revoke') return record === undefined
  if (tx.kind === 'grant') return tx.may === 0 && standingRole(state, tx.to) === undefined
  if (tx.kind === 'register-key') return tx.succeeds !== null && custodianKey(state, tx.succeeds) === undefined
  if (tx.kind === 'open-account' || tx.kind === 'set-custody')
    return tx.custodian !== null && !isCustodian(tx.custodian)
  return false
}

const namesUnknownUnit: Rule = ({ state, tx }) => {
  if (tx.kind === 'publish-rate') return unitOf(state, tx.unit) === undefined
  return tx.kind === 'open-account' && (unitOf(state, tx.unit) === undefined || !isRecord(state, tx.unit, tx.terms))
}

const namesUnknownRule: Rule = ({ state, tx }) => {
  if (tx.kind === 'convert') return standing(state, tx.rate, 'publish-rate') === undefined
  if (tx.kind !== 'set-status' && tx.kind !== 'issue') return false
  const budget = tx.kind === 'issue' ? tx.debit : tx.budget
  const rule = standing(state, tx.rule, 'publish-rule')
  return tx.rule !== 0 && (rule === undefined || !rule.budgets.includes(budget))
}

const isOtherKind: Rule = ({ tx, one, sponsor, taker, series, of, convert, gaining, paying, pools }) => {
  if (pools.some(pool => pool!.kind !== 'budget')) return true
  if (of !== undefined) return one!.kind !== 'member' || of.kind !== 'budget'
  if (series !== undefined) return series.kind !== 'series'
  if (sponsor !== undefined) return sponsor.kind !== 'merchant'
  const ofBudget = tx.kind === 'set-budget' || tx.kind === 'publish-rate'
  const wanted = ofBudget ? 'budget' : tx.kind === 'ask-settle' ? 'merchant' : 'member'
  if (one !== undefined) return one.kind !== wanted || (taker !== undefined && taker.kind !== 'member')
  return convert !== undefined && (gaining!.kind !== 'member' || paying!.kind !== 'budget')
}

/** Whether the sponsor, or the platform, has an account under this reference in the unit. */
const hasRef = ({ accounts }: State, tx: TransactionOf<'open-account'>): boolean =>
  tx.ref !== null &&
  accounts.some(({ ref, unit, sponsor }) => ref === toHex(tx.ref!) && unit === tx.unit && sponsor === tx.sponsor)

/** Whether the old system handed over a balance under this reference before, in the unit. */
const isHandedOver = ({ ids, accounts }: State, { source, ref, debit }: TransactionOf<'opening-balance'>): boolean =>
  [...ids.values()].some(
    ({ tx, status }) =>
      status === 'accepted' &&
      tx.kind === 'opening-balance' &&
      tx.source === source &&
      toHex(tx.ref) === toHex(ref) &&
      accounts[tx.debit]!.unit === accounts[debit]!.unit,
  )

const isGiven = (tx: Transaction): tx is TransactionOf<'issue' | 'opening-balance'> =>
  tx.kind === 'issue' || tx.kind === 'opening-balance'

/** Whether what is claimed is not there to be claimed in this round: once, and once more when that was all reversed. */
const isClaimed: Rule = ({ state, tx }) => {
  if (tx.kind !== 'claim' || tx.ref === null) return false
  const claims = (round: number) =>
    [...state.ids.values()].filter(
      ({ tx: other, status }) =>
        status === 'accepted' &&
        other.kind === 'claim' &&
        other.series === tx.series &&
        other.round === round &&
        other.ref !== null &&
        toHex(other.ref) === toHex(tx.ref!),
    )
  const isGivenBack = claims(0).some(use => use.tx.kind === 'claim' && use.reversed === use.tx.amount)
  return claims(tx.round).length > 0 || (tx.round === 1 && !isGivenBack)
}

/** Whether somebody takes without being let: neither by the unit nor by a consent. */
const lacksConsent: Rule = ({ tx, debit, unit, T }) =>
  tx.kind === 'take' &&
  unit!.take?.open === 0 &&
  !debit!.grants.some(({ may, to, until }) => may === 1 && to === tx.credit && !isOver(until, T))

/** Whether a take is more than one may have of a lot, or of all lots on a day. */
const isOverTakeCap: Rule = ({ tx, unit, debit, credit, T }) => {
  if (tx.kind !== 'take' || !unit!.take) return false
  const { each, most, keep, day } = unit!.take
  const lot = sum(debit!.parcels.filter(one => isDated(one) && isOf(one, tx)))
  const whole = lot + sum(debit!.takes.filter(one => isOf(one, tx)))
  const today = credit!.taken.day === dayOf(T, unit!) ? credit!.taken.amount : 0
  const [amount, percent] = [BigInt(tx.amount), (n: number) => BigInt(n) * BigInt(whole)]
  const isOfLot = tx.amount > most || 100n * amount > percent(each) || 100n * (BigInt(lot) - amount) < percent(keep)
  return isOfLot || today + tx.amount > day
}

const hasUnknownScope: Rule = ({ state, tx }) => {
  if (tx.kind !== 'register-key') return false
  const kinds = tx.role === 'issuer' ? ['budget'] : ['treasury', 'merchant']
  return tx.scope.some(n => !kinds.includes(state.accounts[n]?.kind ?? ''))
}

const hasOtherRecoveryState: Rule = ({ state, tx, one, debit, T }) => {
  const isOf = (terms: Recovery | null, key: Uint8Array | null) =>
    key !== null && (terms?.keys ?? []).some(each => toHex(each) === toHex(key))
  const ofCustodian = (named: Custodian | null) => (named === null ? null : custodianKey(state, named.record)!.key)
  if (tx.kind === 'open-account') return isOf(tx.recovery, ofCustodian(tx.custodian))
  if (tx.kind === 'merge') return debit!.pending !== undefined && T <= debit!.pending.due + FINISH
  const isUnderWay = one?.pending !== undefined && T <= one.pending.due + FINISH
  if (tx.kind === 'recover') return isUnderWay || one!.recovery === null || isOf(one!.recovery, tx.key)
  if (tx.kind === 'veto' || tx.kind === 'finish-recovery') return !isUnderWay
  if (tx.kind !== 'set-custody') return false
  if (one!.owner === null) return tx.recovery !== null
  const terms = tx.recovery ?? one!.recovery
  return isOf(terms, tx.owner) || isOf(terms, ofCustodian(tx.custodian))
}

const isOffRate: Rule = ({ state, convert, debit, gaining, amount, t }) => {
  if (convert === undefined) return false
  const rate = standing(state, convert.rate, 'publish-rate')!
  const unit = unitOf(state, gaining!.unit)!
  const expires = rate.life === 0 ? 0 : nextOnGrain(Math.ceil(t / QUARTER) + rate.life, unit)
  return (
    rate.unit !== debit!.unit ||
    rate.budget !== convert.budget ||
    BigInt(amount) * BigInt(rate.get) !== BigInt(convert.gained) * BigInt(rate.give) ||
    convert.expires !== expires ||
    debit!.owner !== gaining!.owner ||
    (debit!.owner === null && chainOfAccount(state, debit!) !== chainOfAccount(state, gaining!))
  )
}

const isNotDue: Rule = ({ tx, signers, debit, hold, one, amount, T }) => {
  if (tx.kind === 'expire') return sum(past(debit!, T)) !== amount
  if (tx.kind === 'release') return !signers.has('merchant', hold!.credit) && T < hold!.until
  if (tx.kind === 'collect') return !one!.parcels.some(lot => isDated(lot) && isOf(lot, tx) && isRipe(lot, T))
  return tx.kind === 'finish-recovery' && T < one!.pending!.due
}

/** Whether points that are given, and do not come back, take an account above the most that one may have. */
const isOverMax: Rule = ({ state, tx, credit, gaining, amount, convert }) => {
  const [to, much] = convert === undefined ? [credit, amount] : [gaining, convert.gained]
  if (!['issue', 'transfer', 'take', 'convert'].includes(tx.kind)) return false
  const max = unitOf(state, to!.unit)!.balanceMax
  return max !== 0 && to!.balance + BigInt(much) > BigInt(max)
}

const isOverGiftCap: Rule = ({ tx, unit, debit, amount, T }) => {
  if (tx.kind !== 'transfer') return false
  const today = debit!.gift.day === dayOf(T, unit!) ? debit!.gift.amount : 0
  return amount > unit!.giftEach || today + amount > unit!.giftDay
}

/** Whether parts are all that an account has, in the order of spending. */
const isWhole = ({ parcels }: NaiveAccount, parts: readonly Parcel[]): boolean =>
  parcels.length === parts.length && parcels.every((one, i) => isOf(one, parts[i]!) && one.amount === parts[i]!.amount)

/** What goes back of a merge that is undone: at most what is left of it. */
const undoneOf = ({ tx, original, amount }: Case): readonly Parcel[] =>
  tx.kind === 'reverse' && original?.tx.kind === 'merge' ? partsBack(original, amount) : []

const hasTooLittle: Rule = ({ tx, debit, original, unit, amount, convert, paying, T }) => {
  if (convert !== undefined && paying!.balance < BigInt(convert.gained)) return true
  switch (tx.kind) {
    case 'redeem':
    case 'claim':
    case 'hold':
    case 'convert':
      return sum(ripe(debit!, T)) < amount
    case 'transfer':
    case 'take':
      return sum(ripeOf(debit!, tx, T)) < amount
    case 'merge':
      return debit!.debt > 0
    case 'issue':
    case 'opening-balance':
    case 'settle':
      return debit!.balance < BigInt(amount)
    case 'fund':
      return debit!.kind === 'merchant' && debit!.balance < BigInt(amount)
    case 'reverse': {
      if (debit!.kind === 'treasury') return false
      if (original!.tx.kind === 'merge')
        return partsBack(original!, amount).some(
          part => sum(debit!.parcels.filter(one => isOf(one, part))) < part.amount,
        )
      if (!isGiven(original!.tx)) return debit!.balance < BigInt(amount)
      const short = amount - sum(clawable(debit!, original!.tx, T))
      return short > 0 && debit!.debt + short > unit!.debtMax
    }
    default:
      // A capture is bounded by its hold, an expiry is all that is past.
      return false
  }
}

/** The member accounts that points of given dates would reach. */
function arrivals({ tx, credit, gaining, original, amount }: Case): [NaiveAccount, Parameters<typeof isFull>[1]][] {
  switch (tx.kind) {
    case 'issue':
    case 'opening-balance':
    case 'transfer':
    case 'take':
      return [[credit!, [{ matures: tx.matures, expires: tx.expires, amount }]]]
    case 'merge':
      return [[credit!, tx.parts]]
    case 'reinstate':
      return [[credit!, [{ matures: 0, expires: tx.expires, amount }]]]
    case 'convert':
      return [[gaining!, [{ matures: 0, expires: tx.expires, amount: tx.gained }]]]
    case 'reverse':
      return credit!.kind === 'member' ? [[credit!, partsBack(original!, amount)]] : []
    default:
      return []
  }
}
