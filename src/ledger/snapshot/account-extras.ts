import type { Grant, Hold, Holdings, Lot, Take } from '../../account/holdings.ts'
import type { Status } from '../../account/statuses.ts'
import type { RecoveryTerms } from '../../core/entry/transaction.ts'
import type { Packer, Unpacker } from '../packer.ts'

/** Who may act for an account beside its owner, as it is now; and which shop a budget is for. */
export interface Terms {
  /** Record whose chain has the custody. */
  readonly custodian: number | null
  readonly recovery: RecoveryTerms | null
  /** Of a budget or a series: the merchant account that it was opened for, if there is one. */
  readonly sponsor?: number
}

/**
 * What a budget gave to a member, or in sum (SPEC §7): in which day, week and month last, in those, and altogether.
 */
export interface GiftRecord {
  readonly budget: number
  readonly day: number
  readonly today: number
  readonly week: number
  readonly thisWeek: number
  readonly month: number
  readonly thisMonth: number
  readonly total: number
}

/** What only some accounts have besides their records. */
export interface AccountExtras {
  /** Whether it is a member's account without an owner key. */
  readonly isOwnerless: boolean
  readonly terms: Terms | undefined
  readonly holdings: Holdings | undefined
  readonly given: readonly GiftRecord[]
}

const OWNERLESS = 1
const CUSTODIAN = 2
const RECOVERY = 4
const HOLDINGS = 8
const RECOVERING = 16
const SPONSORED = 32

/** Packs what an account has besides its records, for a snapshot. */
export function packExtras(to: Packer, { isOwnerless, terms, holdings, given }: AccountExtras): void {
  const { custodian = null, recovery = null, sponsor } = terms ?? {}
  to.u8(
    (isOwnerless ? OWNERLESS : 0) |
      (custodian === null ? 0 : CUSTODIAN) |
      (recovery === null ? 0 : RECOVERY) |
      (holdings === undefined ? 0 : HOLDINGS) |
      (holdings === undefined || holdings.recoveryKey === null ? 0 : RECOVERING) |
      (sponsor === undefined ? 0 : SPONSORED),
  )
  if (custodian !== null) to.u32(custodian)
  if (recovery !== null) {
    to.u8(recovery.keys.length)
    for (const key of recovery.keys) to.bytes(key)
    to.u8(recovery.need).number(recovery.delayMs)
  }
  if (sponsor !== undefined) to.u32(sponsor)
  if (holdings !== undefined) packHoldings(to, holdings)
  to.u16(given.length)
  for (const { budget, day, today, week, thisWeek, month, thisMonth, total } of given) {
    to.u32(budget).u32(day).number(today).u32(week).number(thisWeek).u32(month).number(thisMonth)
    to.number(total)
  }
}

/** Reads what `packExtras` made. */
export function unpackExtras(from: Unpacker): AccountExtras {
  const flags = from.u8()
  const custodian = (flags & CUSTODIAN) === 0 ? null : from.u32()
  const recovery =
    (flags & RECOVERY) === 0
      ? null
      : { keys: listOf(from.u8(), () => from.bytes(32)), need: from.u8(), delayMs: from.number() }
  const sponsored = (flags & SPONSORED) === 0 ? {} : { sponsor: from.u32() }
  const holdings = (flags & HOLDINGS) === 0 ? undefined : unpackHoldings(from, (flags & RECOVERING) !== 0)
  const given = listOf(from.u16(), () => ({
    budget: from.u32(),
    day: from.u32(),
    today: from.number(),
    week: from.u32(),
    thisWeek: from.number(),
    month: from.u32(),
    thisMonth: from.number(),
    total: from.number(),
  }))
  const hasTerms = (flags & (CUSTODIAN | RECOVERY | SPONSORED)) !== 0
  const terms = hasTerms ? { custodian, recovery, ...sponsored } : undefined
  return { isOwnerless: (flags & OWNERLESS) !== 0, terms, holdings, given }
}

/** Packs lots, in order. */
export function packLots(to: Packer, lots: readonly Lot[]): void {
  to.u16(lots.length)
  for (const { matures, expires, amount } of lots) to.u32(matures).u32(expires).number(amount)
}

/** Reads what `packLots` made. */
export function unpackLots(from: Unpacker): Lot[] {
  return listOf(from.u16(), () => ({ matures: from.u32(), expires: from.u32(), amount: from.number() }))
}

function packHoldings(to: Packer, holdings: Holdings): void {
  const { lots, holds, giftDay, given, recoveryKey, recoveryDue, grants, takenDay, taken, takes, statuses } = holdings
  packLots(to, lots)
  to.u16(holds.length)
  for (const { id, credit, amount, until, parts } of holds) {
    to.bytes(id).u32(credit).number(amount).number(until)
    packLots(to, parts)
  }
  to.u32(giftDay).number(given)
  if (recoveryKey !== null) to.bytes(recoveryKey).number(recoveryDue)
  to.u16(grants.length)
  for (const { id, to: whom, until, may } of grants) to.bytes(id).u32(whom).number(until).u8(may)
  to.u32(takenDay).number(taken).u8(takes.length)
  for (const { matures, expires, credit, amount } of takes) to.u32(matures).u32(expires).u32(credit).number(amount)
  to.u8(statuses.length)
  for (const { rule, tier, until } of statuses) to.u32(rule).u8(tier).number(until)
}

function unpackHoldings(from: Unpacker, isRecovering: boolean): Holdings {
  const lots = unpackLots(from)
  const holds = listOf(
    from.u16(),
    (): Hold => ({
      id: from.bytes(16),
      credit: from.u32(),
      amount: from.number(),
      until: from.number(),
      parts: unpackLots(from),
    }),
  )
  const [giftDay, given] = [from.u32(), from.number()]
  const recoveryKey = isRecovering ? from.bytes(32) : null
  const recoveryDue = isRecovering ? from.number() : 0
  const grants = listOf(
    from.u16(),
    (): Grant => ({
      id: from.bytes(16),
      to: from.u32(),
      until: from.number(),
      may: from.u8(),
    }),
  )
  const [takenDay, taken] = [from.u32(), from.number()]
  const takes = listOf(
    from.u8(),
    (): Take => ({ matures: from.u32(), expires: from.u32(), credit: from.u32(), amount: from.number() }),
  )
  const statuses = listOf(from.u8(), (): Status => ({ rule: from.u32(), tier: from.u8(), until: from.number() }))
  return { lots, holds, giftDay, given, recoveryKey, recoveryDue, grants, takenDay, taken, takes, statuses }
}

function listOf<T>(count: number, read: () => T): T[] {
  return Array.from({ length: count }, read)
}
