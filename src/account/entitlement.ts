import type { Kind, RegisterKey, Role, Transaction } from '../core/entry/transaction.ts'

/** What a custodian may do, of a unit's `custody` (SPEC §5). */
export const CUSTODY = { spend: 1, convert: 2, consent: 4, gift: 8 } as const

/** Someone who may do something (SPEC §7). */
export interface Right {
  /** The owner, the custodian or the recovery keys of the account that acts, or a registered key of a role. */
  readonly by: 'owner' | 'custodian' | 'recovery' | Role
  /** The field whose account the scope of the key must hold: of the hold that is released, where it goes. */
  readonly scope?: 'debit' | 'credit' | 'account' | 'hold' | 'budget'
  /** What the unit must allow custodians; nothing where it is left out. */
  readonly custody?: number
  /** Only where the account has no owner. */
  readonly isOwnerless?: true
  /** Kinds of originals that may be reversed by it. */
  readonly of?: readonly Kind[]
  /** Only of originals that took the points from a merchant account. */
  readonly isFromShop?: true
}

const OWNER: Right = { by: 'owner' }
const RECOVERY: Right = { by: 'recovery' }
const by = (role: Role): Right => ({ by: role })
const custodian = (custody: number): Right => ({ by: 'custodian', custody })

/**
 * Who is entitled to each kind: any one of these is enough, but for six: who revokes a custodian's key that root alone
 * registered, who signs besides where an account comes into another custody or under other recovery terms, who where a
 * settlement was not asked for, or where what exists once is claimed, an opening balance, which both sign, and a merge.
 * SPEC §7.
 */
export const ENTITLED: Readonly<Record<Kind, readonly Right[]>> = {
  genesis: [],
  'register-key': [by('root')],
  revoke: [by('root')],
  'define-unit': [by('root')],
  'publish-rule': [by('root')],
  'open-account': [by('registrar')],
  // Of a merchant account the merchant, of any other the treasurer.
  fund: [by('treasurer'), { by: 'merchant', scope: 'debit' }],
  issue: [{ by: 'issuer', scope: 'debit' }],
  redeem: [OWNER, custodian(CUSTODY.spend)],
  expire: [by('operator')],
  hold: [OWNER, custodian(CUSTODY.spend)],
  capture: [{ by: 'merchant', scope: 'credit' }],
  release: [{ by: 'merchant', scope: 'hold' }, by('operator')],
  reverse: [
    { by: 'treasurer', of: ['fund'] },
    { by: 'merchant', scope: 'credit', of: ['fund'], isFromShop: true },
    { by: 'issuer', scope: 'credit', of: ['issue', 'opening-balance'] },
    { by: 'merchant', scope: 'debit', of: ['redeem', 'capture', 'claim'] },
  ],
  transfer: [OWNER, custodian(CUSTODY.gift)],
  // And where it names nothing that the merchant asked for, the merchant besides.
  settle: [by('treasurer')],
  'publish-rate': [by('root')],
  convert: [OWNER, custodian(CUSTODY.convert)],
  'set-budget': [by('treasurer')],
  freeze: [by('registrar')],
  unfreeze: [by('registrar')],
  close: [OWNER, by('registrar')],
  // And besides, as it may be, the custodian to come, and the keys of the terms that are replaced.
  'set-custody': [OWNER, { by: 'custodian', isOwnerless: true }],
  recover: [RECOVERY],
  veto: [OWNER],
  'finish-recovery': [RECOVERY, by('registrar')],
  grant: [OWNER, custodian(CUSTODY.consent)],
  withdraw: [OWNER, custodian(CUSTODY.consent)],
  disclose: [by('operator')],
  erase: [by('operator')],
  'continue-log': [by('root')],
  take: [OWNER, custodian(CUSTODY.convert)],
  collect: [OWNER, custodian(CUSTODY.convert)],
  reopen: [by('registrar')],
  'ask-settle': [{ by: 'merchant', scope: 'account' }],
  // Both: the key of the old system besides, the one that it names.
  'opening-balance': [{ by: 'issuer', scope: 'debit' }, by('source')],
  // And of what exists once the merchant that is paid.
  claim: [OWNER, custodian(CUSTODY.spend)],
  'set-status': [{ by: 'issuer', scope: 'budget' }],
  reinstate: [by('treasurer')],
  // The registrar, and of both accounts the owner, or where there is none the custodian. So is what undoes it.
  merge: [by('registrar'), OWNER, { by: 'custodian', isOwnerless: true }],
}

/** Whether a transaction merges two accounts, or undoes that, as it takes a registrar and the holders of both. */
export function isMerging({ kind }: Pick<Transaction, 'kind'>, originalKind: Kind | undefined): boolean {
  return kind === 'merge' || (kind === 'reverse' && originalKind === 'merge')
}

/** Who opens an account that has no holder: the treasurer. */
const OPENS: readonly Right[] = [by('treasurer')]

/**
 * Who is entitled to a transaction, by its kind, an opening by the kind of its account, and a reversal by the kind of
 * what it undoes. SPEC §7.
 */
export function rightsTo(tx: Transaction, originalKind?: Kind): readonly Right[] {
  if (isMerging(tx, originalKind)) return ENTITLED.merge
  return tx.kind === 'open-account' && tx.accountKind !== 'member' ? OPENS : ENTITLED[tx.kind]
}

/** The account whose owner, custodian or recovery keys act in a transaction. */
export function actingAccount(tx: Transaction): number | undefined {
  if (tx.kind === 'take') return tx.credit
  if ('debit' in tx) return tx.debit
  return 'account' in tx ? tx.account : undefined
}

/** What a right to a transaction depends on beside its fields. */
export interface Named {
  /** Where the hold that is released would go; undefined where there is no such hold. */
  readonly holdCredit?: number | undefined
  /** Kind of the transaction that is reversed; undefined where there is none that can be. */
  readonly originalKind?: Kind | undefined
  /** Whether that took the points from a merchant account. */
  readonly isFromShop?: boolean
}

/** Whether a registered key has the right `right` to `tx`. SPEC §7. */
export function hasRight(
  right: Right,
  key: Pick<RegisterKey, 'role' | 'scope'>,
  tx: Transaction,
  { holdCredit, originalKind, isFromShop = false }: Named,
): boolean {
  if (key.role !== right.by) return false
  if (right.of !== undefined && originalKind !== undefined && !right.of.includes(originalKind)) return false
  if (right.isFromShop && originalKind !== undefined && !isFromShop) return false
  if (right.scope === undefined) return true
  if (right.scope === 'hold') return holdCredit === undefined || key.scope.includes(holdCredit)
  const fields: { readonly [field: string]: unknown } = tx
  return key.scope.includes(fields[right.scope] as number)
}
