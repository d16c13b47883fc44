import { toHex } from '../../../src/core/bytes.ts'
import type { Transaction, TransactionOf } from '../../../src/core/entry/transaction.ts'
import { countGiven } from './budgets.ts'
import type { Case } from './case.ts'
import { chainSigned } from './custody.ts'
import { clawable, copies, draw, isDated, isOf, partsBack, past, put, ripeOf, spend, sum, tidy } from './lots.ts'
import { RECORD_KINDS, unitOf } from './registry.ts'
import type { Counts, NaiveAccount, Parcel, State, Unit, Use } from './state.ts'
import { dayOf, isOver, nextOnGrain, QUARTER } from './time.ts'

/** What an accepted transaction does. `index` is its place in the log; `use` keeps what a reversal will ask for. */
export function take(c: Case, index: number, bytes: Uint8Array, use: Use): void {
  const { state, tx, T } = c
  if (tx.kind === 'genesis') {
    state.skew = tx.skewMs
    state.need = tx.need
  }
  if (tx.kind === 'open-account') open(state, tx, bytes)
  if (tx.kind === 'revoke') state.records[tx.record]!.until = index
  if (RECORD_KINDS.includes(tx.kind)) record(c, index, bytes)
  if (c.move !== undefined) move(c, use)
  if (c.one !== undefined) change(c.one, tx, T, unitOf(state, c.one.unit)!)
  for (const account of state.accounts) {
    const left = [...account.parcels, ...account.holds.flatMap(({ parcels }) => parcels)]
    account.takes = account.takes.filter(one => left.some(lot => isDated(lot) && isOf(lot, one)))
  }
}

/** The accounts that a transaction names, once it is accepted. */
export function namedBy(tx: Transaction, { accounts }: State): number[] {
  switch (tx.kind) {
    case 'open-account':
      return [accounts.length - 1]
    case 'publish-rate':
      return []
    case 'hold':
      return [tx.debit]
    case 'convert':
      return [tx.debit, tx.credit, tx.budget, tx.account]
    case 'claim':
      return [tx.debit, tx.credit, tx.series]
    default:
      if ('debit' in tx) return [tx.debit, tx.credit]
      return 'account' in tx ? [tx.account] : []
  }
}

function open({ accounts }: State, tx: TransactionOf<'open-account'>, opening: Uint8Array): void {
  accounts.push({
    number: accounts.length,
    kind: tx.accountKind,
    unit: tx.unit,
    owner: tx.owner && toHex(tx.owner),
    custodian: tx.custodian?.record ?? null,
    recovery: tx.recovery,
    sponsor: tx.sponsor,
    ref: tx.ref && toHex(tx.ref),
    opening,
    status: 'open',
    entries: 0,
    time: 0,
    balance: 0n,
    history: [],
    parcels: [],
    debt: 0,
    holds: [],
    gift: { day: 0, amount: 0 },
    taken: { day: 0, amount: 0 },
    takes: [],
    pending: undefined,
    grants: [],
    tiers: [],
  })
}

function record({ state, signers, tx, T }: Case, from: number, bytes: Uint8Array): void {
  const { records } = state
  const succeeds = tx.kind === 'register-key' ? tx.succeeds : null
  const isTakeover = succeeds !== null && !chainSigned(state, signers, succeeds)
  if (succeeds !== null) records[succeeds]!.next = records.length
  if ('logKey' in tx) {
    const before = state.logs.at(-1)
    if (before !== undefined) records[before]!.next = records.length
    state.logs.push(records.length)
  }
  // Genesis makes a record of each of its root keys.
  for (let i = tx.kind === 'genesis' ? tx.roots.length : 1; i > 0; i--)
    records.push({ tx, bytes, from, time: T, until: 0, next: 0, isTakeover })
}

function countsOf({ totals }: State, unit: number): Counts {
  const none = { issued: 0n, opened: 0n, redeemed: 0n, expired: 0n, reinstated: 0n, reversed: 0n }
  const counts = totals.get(unit) ?? none
  totals.set(unit, counts)
  return counts
}

function move(c: Case, use: Use): void {
  const { state, tx, T } = c
  const [debit, credit] = [c.debit!, c.credit!]
  const counts = countsOf(state, debit.unit)
  const amount = BigInt(c.amount)
  if (tx.kind !== 'hold') {
    debit.balance -= amount
    credit.balance += amount
  }
  switch (tx.kind) {
    case 'fund':
      return
    case 'settle':
      if (tx.original !== null) state.ids.get(toHex(tx.original))!.reversed += c.amount
      return
    case 'issue':
      put(credit, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }])
      counts.issued += amount
      countGiven(c)
      return
    case 'opening-balance':
      put(credit, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }])
      counts.opened += amount
      return
    case 'redeem':
    case 'claim':
      use.took = spend(debit, tx.amount, T)
      counts.redeemed += amount
      return
    case 'expire':
      draw(past(debit, T), tx.amount)
      tidy(debit)
      counts.expired += amount
      return
    case 'hold': {
      const parcels = spend(debit, tx.amount, T)
      debit.holds.push({ id: c.id, credit: tx.credit, amount: tx.amount, until: tx.until, parcels })
      return
    }
    case 'capture': {
      const parcels = endHold(debit, toHex(tx.hold))
      use.took = draw(parcels, tx.amount)
      put(debit, parcels)
      counts.redeemed += amount
      return
    }
    case 'transfer': {
      draw(ripeOf(debit, tx, T), tx.amount)
      tidy(debit)
      put(credit, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }])
      const day = dayOf(T, c.unit!)
      debit.gift = { day, amount: (debit.gift.day === day ? debit.gift.amount : 0) + tx.amount }
      return
    }
    case 'take': {
      const { matures, expires, amount: some } = tx
      draw(ripeOf(debit, tx, T), some)
      tidy(debit)
      put(credit, [{ matures, expires, amount: some }])
      debit.takes.push({ matures, expires, credit: tx.credit, amount: some })
      const day = dayOf(T, c.unit!)
      credit.taken = { day, amount: (credit.taken.day === day ? credit.taken.amount : 0) + some }
      return
    }
    case 'reverse':
      reverse(c, counts)
      return
    case 'merge':
      use.took = copies(tx.parts)
      debit.parcels = []
      debit.status = 'merged'
      put(credit, tx.parts)
      return
    case 'reinstate':
      put(credit, [{ matures: 0, expires: tx.expires, amount: tx.amount }])
      counts.reinstated += amount
      state.ids.get(toHex(tx.original))!.reversed += c.amount
      return
    case 'convert': {
      use.took = spend(debit, tx.amount, T)
      counts.redeemed += amount
      const gained = BigInt(tx.gained)
      c.paying!.balance -= gained
      c.gaining!.balance += gained
      put(c.gaining!, [{ matures: 0, expires: tx.expires, amount: tx.gained }])
      countsOf(state, c.gaining!.unit).issued += gained
      countGiven(c)
    }
  }
}

/** Ends a hold; its points are in nobody's hands then. */
function endHold(account: NaiveAccount, id: string): Parcel[] {
  const { parcels } = account.holds.find(hold => hold.id === id)!
  account.holds = account.holds.filter(hold => hold.id !== id)
  return copies(parcels)
}

function reverse(c: Case, counts: Counts): void {
  const { state, tx, T, amount } = c
  if (tx.kind !== 'reverse') return
  const [debit, credit, original] = [c.debit!, c.credit!, c.original!]
  if (original.tx.kind === 'issue' || original.tx.kind === 'opening-balance') {
    const taken = draw(clawable(debit, original.tx, T), amount)
    tidy(debit)
    debit.debt += amount - sum(taken)
    counts.reversed += BigInt(amount)
  }
  if (['redeem', 'capture', 'claim'].includes(original.tx.kind)) {
    put(credit, partsBack(original, amount))
    counts.redeemed -= BigInt(amount)
  }
  if (original.tx.kind === 'merge') {
    const parts = partsBack(original, amount)
    for (const part of parts)
      draw(
        debit.parcels.filter(one => isOf(one, part)),
        part.amount,
      )
    tidy(debit)
    put(credit, parts)
    if (credit.status === 'merged') credit.status = 'open'
  }
  state.ids.get(toHex(tx.original))!.reversed += amount
}

/** The tiers of other rules that an account has at a time. */
export function tiersBeside({ tiers }: NaiveAccount, rule: number, time: number): NaiveAccount['tiers'] {
  return tiers.filter(one => one.rule !== rule && !isOver(one.until, time))
}

/** What happens to the one account that a transaction names. */
function change(account: NaiveAccount, tx: Transaction, time: number, unit: Unit): void {
  const hadOwner = account.owner !== null
  switch (tx.kind) {
    case 'release':
      put(account, endHold(account, toHex(tx.hold)))
      return
    case 'freeze':
      account.status = 'frozen'
      return
    case 'unfreeze':
      account.status = 'open'
      return
    case 'reopen':
      account.status = 'open'
      return
    case 'close':
      account.status = 'closed'
      return
    case 'set-custody':
      account.owner = tx.owner && toHex(tx.owner)
      account.custodian = tx.custodian?.record ?? null
      account.recovery = hadOwner ? (tx.recovery ?? account.recovery) : null
      account.pending = undefined
      return
    case 'recover':
      account.pending = { key: toHex(tx.key), due: time + account.recovery!.delayMs }
      return
    case 'veto':
      account.pending = undefined
      return
    case 'finish-recovery':
      account.owner = account.pending!.key
      if (!hadOwner) account.recovery = null
      account.pending = undefined
      return
    case 'grant':
      account.grants.push({ id: toHex(tx.id), to: tx.to, until: tx.until, may: tx.may })
      return
    case 'collect': {
      const lot = account.parcels.find(one => isOf(one, tx))!
      account.parcels = account.parcels.filter(one => one !== lot)
      const life = unit.collect!
      const expires = life === 0 ? 0 : nextOnGrain(Math.ceil(time / QUARTER) + life, unit)
      put(account, [{ matures: 0, expires, amount: lot.amount }])
      return
    }
    case 'set-status':
      account.tiers = tiersBeside(account, tx.rule, time)
      if (tx.tier > 0) account.tiers.push({ rule: tx.rule, tier: tx.tier, until: tx.until })
      return
    case 'withdraw':
      account.grants = account.grants.filter(({ id }) => id !== toHex(tx.grant))
  }
}
