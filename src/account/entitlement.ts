import type { Kind, RegisterKey, Role, Transaction } from '../core/entry/transaction.ts'

/**
 * Someone who may do something: the owner, the custodian or the recovery keys of the account that acts, or a registered
 * key of a role, whose scope must hold the account that a field names where one is given.
 */
export interface Right {
  readonly by: 'owner' | 'custodian' | 'recovery' | Role
  readonly scope?: 'debit' | 'credit' | 'hold'
}

const OWNER: Right = { by: 'owner' }
const CUSTODIAN: Right = { by: 'custodian' }
const RECOVERY: Right = { by: 'recovery' }
const by = (role: Role): Right => ({ by: role })

/** Who is entitled to each kind: any one of these is enough. SPEC §7. */
export const ENTITLED: Readonly<Record<Kind, readonly Right[]>> = {
  genesis: [],
  'register-key': [by('root')],
  revoke: [by('root')],
  'define-unit': [by('root')],
  'publish-rule': [by('root')],
  'open-account': [by('registrar')],
  fund: [by('treasurer')],
  issue: [{ by: 'issuer', scope: 'debit' }],
  redeem: [OWNER, CUSTODIAN],
  expire: [by('operator')],
  hold: [OWNER, CUSTODIAN],
  capture: [{ by: 'merchant', scope: 'credit' }],
  release: [{ by: 'merchant', scope: 'hold' }, by('operator')],
  reverse: [
    { by: 'issuer', scope: 'credit' },
    { by: 'merchant', scope: 'debit' },
  ],
  transfer: [OWNER],
  settle: [by('treasurer')],
  'publish-rate': [by('root')],
  convert: [OWNER],
  'set-budget': [by('treasurer')],
  freeze: [by('registrar')],
  unfreeze: [by('registrar')],
  close: [OWNER, by('registrar')],
  'rotate-owner': [OWNER],
  recover: [RECOVERY],
  veto: [OWNER],
  'finish-recovery': [RECOVERY, by('registrar')],
  grant: [OWNER],
  withdraw: [OWNER],
  disclose: [by('operator')],
  erase: [by('operator')],
}

/** The account whose owner, custodian or recovery keys act in a transaction. */
export function actingAccount(tx: Transaction): number | undefined {
  if ('debit' in tx) return tx.debit
  return 'account' in tx ? tx.account : undefined
}

/**
 * Whether a statement shows under whose signature a line came into the log even when that was not asked for: all that
 * the holder, or who stands in for her, has to sign. SPEC §10.
 */
export function isHoldersAct(tx: Transaction, account: number): boolean {
  return actingAccount(tx) === account && ENTITLED[tx.kind].some(right => HOLDERS.has(right.by)) && tx.kind !== 'close'
}

const HOLDERS: ReadonlySet<string> = new Set(['owner', 'custodian', 'recovery'])

/** Whether a registered key has the right `right` to `tx`. @param holdCredit - where the hold that is released would go. */
export function hasRight(
  right: Right,
  key: Pick<RegisterKey, 'role' | 'scope'>,
  tx: Transaction,
  holdCredit: number | undefined,
): boolean {
  if (key.role !== right.by) return false
  if (right.scope === undefined) return true
  if (right.scope === 'hold') return holdCredit !== undefined && key.scope.includes(holdCredit)
  return 'debit' in tx && key.scope.includes(tx[right.scope])
}
