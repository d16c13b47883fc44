import type { Kind } from '../../core/entry/transaction-forms.ts'
import { type Both, inBoth } from '../shell/both.ts'

type KindWords = Readonly<Record<Kind, string>>

const en: KindWords = {
  genesis: 'Beginning of the ledger',
  'register-key': 'Key registered',
  revoke: 'Key or record revoked',
  'define-unit': 'Unit defined',
  'publish-rule': 'Rule published',
  'open-account': 'Opening',
  fund: 'Budget funded',
  issue: 'Earned',
  redeem: 'Spent',
  expire: 'Expired',
  hold: 'Held',
  capture: 'Spent from a hold',
  release: 'Hold released',
  reverse: 'Reversed',
  transfer: 'Gift',
  settle: 'Settled',
  'publish-rate': 'Rate published',
  convert: 'Exchanged',
  'set-budget': 'Terms of a budget',
  freeze: 'Frozen',
  unfreeze: 'Freeze ended',
  close: 'Closed',
  'set-custody': 'Keys or custodian changed',
  recover: 'Recovery begun',
  veto: 'Recovery vetoed',
  'finish-recovery': 'Recovery finished',
  grant: 'Consent given',
  withdraw: 'Consent withdrawn',
  disclose: 'Details shown',
  erase: 'Details erased',
  'continue-log': 'Ledger goes on in another log',
  take: 'Taken from a friend',
  collect: 'Collected',
  reopen: 'Opened again',
  'ask-settle': 'Settlement asked for',
  'opening-balance': 'Brought along from an old system',
  claim: 'Claimed',
  'set-status': 'Tier set',
  reinstate: 'Expired points brought back',
  merge: 'Accounts merged',
}

/** What each kind of transaction is called, for people. */
export const KIND_WORDS: Both<KindWords> = inBoth(en, async () => (await import('./kinds-zh.ts')).zh)
