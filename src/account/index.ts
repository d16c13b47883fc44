/**
 * ONE ACCOUNT. Lots, holds and history of a single account, and who may act on it: what the ledger applies and a
 * member’s verifier recomputes are the same functions. Pure; runs in a browser.
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
export { actingAccount, ENTITLED, hasRight, isHoldersAct, type Right } from './entitlement.ts'
export { AccountHistory, type HistoryLine, isOpeningOf, reverses } from './history.ts'
export {
  arrive,
  baseOf,
  clawBack,
  DAY_MS,
  debtOf,
  dueToExpire,
  endHold,
  type Grant,
  grantOf,
  HOUR_MS,
  type Hold,
  type Holdings,
  hasRoom,
  heldIn,
  holdingsRoot,
  holdOf,
  isPast,
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
  type Taken,
  withoutPast,
} from './holdings.ts'
export {
  affect,
  CLOSED,
  dueMinute,
  type Effect,
  FROZEN,
  isDue,
  type Member,
  type MemberTerms,
  MINUTE_MS,
  OPEN,
  type Original,
} from './member.ts'
