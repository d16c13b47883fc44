import type { Case } from './case.ts'
import { CUSTODY, chainOf, chainOfAccount, chainSigned, custodianMay, signsFor } from './custody.ts'
import { keyOf } from './registry.ts'

/** Whether the signers of the batch may do what the transaction asks for, by the table of SPEC §7. */
export function isEntitled(c: Case): boolean {
  const { state, signers, tx } = c
  const owner = (account: number) => signers.own(state, account)
  const holder = (account: number, bit: number) =>
    owner(account) ||
    (state.accounts[account] !== undefined && custodianMay(state, signers, state.accounts[account], bit))
  switch (tx.kind) {
    case 'genesis':
      return true
    case 'register-key':
    case 'define-unit':
    case 'publish-rule':
    case 'publish-rate':
      return signers.areRoot(state)
    case 'continue-log':
      return tx.seen === null ? signers.areRoot(state) : signers.areAllRoots(state)
    case 'revoke':
      return signers.areRoot(state) || ((c.record?.isTakeover ?? false) && chainSigned(state, signers, tx.record))
    case 'open-account':
      if (tx.accountKind === 'series' && tx.sponsor !== null && !signers.has('merchant', tx.sponsor)) return false
      return signers.has(tx.accountKind === 'member' ? 'registrar' : 'treasurer')
    case 'fund':
      return c.debit?.kind === 'merchant' ? signers.has('merchant', tx.debit) : signers.has('treasurer')
    case 'settle':
      return signers.has('treasurer') && (tx.original !== null || signers.has('merchant', tx.debit))
    case 'opening-balance':
      return signers.has('issuer', tx.debit) && isBySource(c, tx.source)
    case 'ask-settle':
      return signers.has('merchant', tx.account)
    case 'set-budget':
    case 'reinstate':
      return signers.has('treasurer')
    case 'issue':
      return signers.has('issuer', tx.debit)
    case 'set-status':
      return signers.has('issuer', tx.budget)
    case 'claim':
      return holder(tx.debit, CUSTODY.redeem) && (tx.ref === null || signers.has('merchant', tx.credit))
    case 'redeem':
    case 'hold':
      return holder(tx.debit, CUSTODY.redeem)
    case 'transfer':
      return holder(tx.debit, CUSTODY.transfer)
    case 'convert':
      return holder(tx.debit, CUSTODY.convert)
    case 'take':
      return holder(tx.credit, CUSTODY.convert)
    case 'collect':
      return holder(tx.account, CUSTODY.convert)
    case 'capture':
      return signers.has('merchant', tx.credit)
    case 'release':
      return signers.has('operator') || signers.has('merchant', c.hold?.credit)
    case 'merge':
      return mayMerge(c)
    case 'reverse':
      return c.named?.tx.kind === 'merge' ? mayMerge(c) : mayReverse(c)
    case 'expire':
    case 'disclose':
    case 'erase':
      return signers.has('operator')
    case 'freeze':
    case 'unfreeze':
      return signers.has('registrar')
    case 'reopen':
      return signers.has('registrar')
    case 'close':
      return owner(tx.account) || signers.has('registrar')
    case 'veto':
      return owner(tx.account)
    case 'set-custody':
      return maySetCustody(c)
    case 'grant':
    case 'withdraw':
      return holder(tx.account, CUSTODY.grant)
    case 'recover':
      return signers.recover(state, tx.account)
    case 'finish-recovery':
      return signers.recover(state, tx.account) || signers.has('registrar')
  }
}

/** Whether the key of an old system that has this record signed. */
const isBySource = ({ state, signers }: Case, record: number): boolean =>
  signers.hasRecord(record) && keyOf(state, record)?.role === 'source'

/** Those who gave, or took, by the kind of what is reversed; of nothing that is there, all who could be. */
function mayReverse({ state, signers, named, move }: Case): boolean {
  const is = (...kinds: readonly string[]) => named === undefined || kinds.includes(named.tx.kind)
  const isOfShop = named === undefined || (is('fund') && state.accounts[named.tx.debit]!.kind === 'merchant')
  return (
    (is('fund') && signers.has('treasurer')) ||
    (isOfShop && signers.has('merchant', move!.credit)) ||
    (is('issue', 'opening-balance') && signers.has('issuer', move!.credit)) ||
    (is('redeem', 'capture', 'claim') && signers.has('merchant', move!.debit))
  )
}

/** The present owner, or where there is none the custodian; and the custodian to come, where it is of another chain. */
function maySetCustody({ state, signers, tx, one }: Case): boolean {
  if (tx.kind !== 'set-custody' || one === undefined) return false
  const now = chainOfAccount(state, one)
  const next = tx.custodian === null ? undefined : chainOf(state, tx.custodian.record)
  const mayLeave = one.owner === null ? signsFor(state, signers, now, one.unit) : signers.own(state, tx.account)
  const mayCome = next === undefined || next === now || signsFor(state, signers, next, one.unit)
  // Terms that the owner has are replaced with those who keep the keys of them.
  const mayReplace = tx.recovery === null || one.owner === null || one.recovery === null
  return mayLeave && mayCome && (mayReplace || signers.recover(state, tx.account))
}

/** The registrar, and of both accounts the owner, or where there is none the custodian. */
function mayMerge({ state, signers, move }: Case): boolean {
  const holds = (number: number) => {
    const account = state.accounts[number]
    if (account === undefined) return false
    if (account.owner !== null) return signers.own(state, number)
    return account.kind === 'member' && signsFor(state, signers, chainOfAccount(state, account), account.unit)
  }
  return signers.has('registrar') && holds(move!.debit) && holds(move!.credit)
}

/** How much further back an issue, or an opening, may be dated: by the keys that are entitled to it, and no others. */
export function backdateOf({ signers, tx }: Case): number {
  const entitled =
    tx.kind === 'issue' || tx.kind === 'opening-balance'
      ? signers.keys('issuer', tx.debit)
      : tx.kind === 'open-account'
        ? signers.keys(tx.accountKind === 'member' ? 'registrar' : 'treasurer')
        : []
  return Math.max(0, ...entitled.map(({ backdateMs }) => backdateMs))
}
