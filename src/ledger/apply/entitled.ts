import { actingAccount, CUSTODY, ENTITLED, hasRight, isMerging, type Right } from '../../account/entitlement.ts'
import { holdOf } from '../../account/holdings.ts'
import {
  ACCOUNT_KINDS,
  KIND_FUND,
  KIND_ISSUE,
  type Transaction,
  type TransactionOf,
  type TransactionView,
} from '../../core/entry/transaction.ts'
import { hasRole, type Signers } from '../signers.ts'
import type { LedgerState } from '../state.ts'
import type { ApplyContext } from './context.ts'

/** Whether a signer is entitled to the transaction in `view`, whatever else is wrong with it. SPEC §7, who may. */
export function isEntitled(context: ApplyContext, view: TransactionView): boolean {
  const { rare } = view
  const { signers } = context
  if (rare !== undefined) return isEntitledTo(context, rare)
  if (view.kind === KIND_ISSUE) return mayIssue(signers, view.debit)
  if (view.kind === KIND_FUND) return mayFund(context, view.debit)
  return signers.owners.includes(view.debit) || hasCustody(context, view.debit, CUSTODY.spend)
}

function isEntitledTo(context: ApplyContext, tx: Transaction): boolean {
  const { state, signers } = context
  if (tx.kind === 'genesis') return true
  if (tx.kind === 'open-account') {
    const isOfShop = tx.accountKind === 'series' && tx.sponsor !== null
    if (isOfShop && !isByMerchant(signers, tx.sponsor)) return false
    return hasRole(signers, tx.accountKind === 'member' ? 'registrar' : 'treasurer')
  }
  if (tx.kind === 'revoke' && mayStopTakeover(context, tx.record)) return true
  if (tx.kind === 'opening-balance') return mayIssue(signers, tx.debit) && isBySource(context, tx.source)
  const account = actingAccount(tx)
  const original = state.originals.find(context.referred)?.transaction
  if (isMerging(tx, original?.kind)) return mayMerge(context, tx as TransactionOf<'merge' | 'reverse'>)
  const named = {
    holdCredit: tx.kind === 'release' ? holdOf(state.accounts.holdings(tx.account), tx.hold)?.credit : undefined,
    originalKind: original?.kind,
    isFromShop: original !== undefined && isShop(context, original.debit),
  }
  const has = (right: Right): boolean => {
    if (right.by === 'root') return isByRoot(state, signers, tx)
    if (right.by === 'owner') return signers.owners.includes(account!)
    if (right.by === 'recovery') return isByRecovery(state, signers, account!)
    if (right.by !== 'custodian') return signers.keys.some(key => hasRight(right, key, tx, named))
    const isOwned = right.isOwnerless === true && !state.accounts.isOwnerless(account!)
    return !isOwned && hasCustody(context, account!, right.custody ?? 0)
  }
  if (!ENTITLED[tx.kind].some(has)) return false
  if (tx.kind === 'settle' && tx.original === null) return isByMerchant(signers, tx.debit)
  if (tx.kind === 'claim' && tx.ref !== null) return isByMerchant(signers, tx.credit)
  if (tx.kind !== 'set-custody') return true
  const comes = tx.custodian === null || comesWith(context, tx.account, tx.custodian.record)
  return comes && (!replacesTerms(state, tx) || isByRecovery(state, signers, tx.account))
}

/** Whether an owner puts other recovery terms in the place of those that there are. */
function replacesTerms({ accounts }: LedgerState, { account, recovery }: TransactionOf<'set-custody'>): boolean {
  return recovery !== null && !accounts.isOwnerless(account) && accounts.terms(account).recovery !== null
}

/** Whether a registrar signed, and of both accounts who holds them: the owner, or where there is none the custodian. */
function mayMerge(context: ApplyContext, { debit, credit }: TransactionOf<'merge' | 'reverse'>): boolean {
  const { accounts } = context.state
  const holds = (account: number) =>
    context.signers.owners.includes(account) ||
    (account < accounts.count && accounts.isOwnerless(account) && hasCustody(context, account, 0))
  return hasRole(context.signers, 'registrar') && holds(debit) && holds(credit)
}

/** Whether a signer is the key of an old system that has this record. */
function isBySource({ state: { registry }, signers }: ApplyContext, record: number): boolean {
  return signers.records.includes(record) && registry.key(record)?.role === 'source'
}

/** Whether a signer is an issuer whose scope holds the budget. */
function mayIssue(signers: Signers, budget: number): boolean {
  for (const key of signers.keys) if (key.role === 'issuer' && key.scope.includes(budget)) return true
  return false
}

/** Whether enough root keys signed: as many as genesis asks for; all that stand, where the log goes back. */
function isByRoot({ need, registry }: LedgerState, { keys }: Signers, tx: Transaction): boolean {
  const isBack = tx.kind === 'continue-log' && tx.seen !== null
  return keys.filter(({ role }) => role === 'root').length >= (isBack ? registry.liveRootCount : need)
}

/** Whether an account is a merchant's. */
function isShop({ state: { accounts } }: ApplyContext, account: number): boolean {
  return account < accounts.count && accounts.kind(account) === ACCOUNT_KINDS.merchant
}

/** Whether a signer may fund a budget from an account: a merchant from its own, the treasurer from any other. */
function mayFund(context: ApplyContext, debit: number): boolean {
  return isShop(context, debit) ? isByMerchant(context.signers, debit) : hasRole(context.signers, 'treasurer')
}

/** Whether a signer is a merchant whose scope holds an account. */
function isByMerchant({ keys }: Signers, account: number): boolean {
  return keys.some(({ role, scope }) => role === 'merchant' && scope.includes(account))
}

function isByRecovery({ accounts }: LedgerState, { recovering }: Signers, account: number): boolean {
  const { recovery } = accounts.terms(account)
  return recovery !== null && recovering.filter(one => one === account).length >= recovery.need
}

/**
 * Whether a signer is of the chain that has the custody of an account, and due, where the unit allows it what it does.
 */
function hasCustody(context: ApplyContext, account: number, custody: number): boolean {
  const { accounts, registry } = context.state
  if (context.signers.records.length === 0 || account >= accounts.count) return false
  const { custodian } = accounts.terms(account)
  if (custodian === null) return false
  const { terms } = registry.unit(accounts.unit(account))!
  return (terms.custody & custody) === custody && isOfChain(context, custodian, terms.takeoverMs)
}

/** Whether a signer is a key of the chain of a custodian's record that is due, where a takeover takes so long. */
function isOfChain(
  { state: { registry }, signers, time }: ApplyContext,
  custodian: number,
  takeoverMs: number,
): boolean {
  const { chains } = registry
  const chain = chains.of(custodian)
  return signers.records.some(record => chains.of(record) === chain && chains.isDue(record, time, takeoverMs))
}

/** Whether a signer is a key of the chain of a custodian's record that is due in every unit. SPEC §6. */
export function isByChain({ state: { registry }, signers, time }: ApplyContext, custodian: number): boolean {
  const chain = registry.chains.of(custodian)
  return (
    chain !== undefined &&
    signers.records.some(record => registry.chains.of(record) === chain && registry.isDueEverywhere(record, time))
  )
}

/** Whether a record is a custodian's that root alone registered, and a signer is of the chain that it would act for. */
function mayStopTakeover(context: ApplyContext, record: number): boolean {
  return context.state.registry.chains.isTakeover(record) && isByChain(context, record)
}

/**
 * Whether a custodian that an account comes to has it already, or signed. One that is none is for another guard to
 * refuse.
 */
function comesWith(context: ApplyContext, account: number, custodian: number): boolean {
  const { accounts, registry } = context.state
  const chain = registry.chains.of(custodian)
  if (chain === undefined || account >= accounts.count) return true
  const before = accounts.terms(account).custodian
  if (before !== null && registry.chains.of(before) === chain) return true
  return isOfChain(context, custodian, registry.unit(accounts.unit(account))!.terms.takeoverMs)
}

/**
 * How much further than the skew a transaction may reach into the past: the greatest backdate of the signers that are
 * entitled to it, for the kinds that imports need. SPEC §7.
 */
export function backdateOf({ signers }: ApplyContext, view: TransactionView): number {
  const { rare, kind, debit } = view
  let backdateMs = 0
  for (const key of signers.keys) {
    const isEntitled =
      rare === undefined
        ? kind === KIND_ISSUE && key.role === 'issuer' && key.scope.includes(debit)
        : rare.kind === 'opening-balance'
          ? key.role === 'issuer' && key.scope.includes(rare.debit)
          : rare.kind === 'open-account' && key.role === (rare.accountKind === 'member' ? 'registrar' : 'treasurer')
    if (isEntitled) backdateMs = Math.max(backdateMs, key.backdateMs)
  }
  return backdateMs
}
