/**
 * ONE ACCOUNT. Lots, holds and history of one account, and the rights of those who act on it. The ledger and the
 * member’s verifier call the same functions. The room knows one account at a time, and neither log nor clock. Pure; it
 * runs in a browser.
 *
 * @example
 * const history = new AccountHistory(3, unit)
 * for (const { entry, time } of lines) console.log(history.take(entry, time).balance)
 */
export {
  type AccountState,
  accountRoot,
  firstHead,
  nextHead,
  type RecordState,
  recordRoot,
  totalsRoot,
  type UnitTotals,
} from './account.ts'
export { datesOfIssue } from './arrivals.ts'
export { BookHistory, type BookKind, bookKindOf, type KindSum } from './book.ts'
export { type Counter, counted, judgeGiven, periodsAt } from './caps.ts'
export { DAY_MS, dayOf, expiryOfGain, isOnGrain, QUARTER_MS, type UnitDays } from './dates.ts'
export { dueMinute, isDue, MINUTE_MS } from './due-times.ts'
export { actingAccount, CUSTODY, ENTITLED, hasRight, type Named, type Right, rightsTo } from './entitlement.ts'
export { AccountHistory, type HistoryLine, isOpeningOf, undoes } from './history.ts'
export {
  arrive,
  baseOf,
  clawBack,
  debtOf,
  dueToExpire,
  endHold,
  fits,
  type Grant,
  grantOf,
  type Hold,
  type Holdings,
  hasRoom,
  heldIn,
  holdOf,
  isMature,
  isPast,
  isRecovering,
  type Lot,
  NO_HOLDINGS,
  nextExpiry,
  partsBack,
  type Shares,
  sharesOf,
  spend,
  spendLot,
  splitAt,
  sumOf,
  type TakenLots,
  withoutPast,
} from './holdings.ts'
export { holdingsRoot } from './holdings-root.ts'
export {
  affect,
  type Effect,
  type Member,
  type MemberTerms,
  type Original,
  type UnitTerms,
} from './member.ts'
export { wholeOf } from './merges.ts'
export { CLOSED, FROZEN, isShut, MERGED, OPEN } from './standing.ts'
