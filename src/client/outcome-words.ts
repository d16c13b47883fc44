import type { Outcome } from '../core/entry/outcome.ts'

/** What an outcome says of a transaction, in a line for people (SPEC §8). The code itself where it is none of those. */
export function meaning(outcome: string): string {
  return MEANINGS[outcome as Exclude<Outcome, 'accepted'>] ?? outcome
}

const MEANINGS: Readonly<Record<Exclude<Outcome, 'accepted'>, string>> = {
  exists: 'the same transaction is in the log already, and counts once',
  'id-taken': 'another transaction has this id: take a fresh one',
  'not-entitled': 'the key that signed may not do this, or not alone: once it may, the same id can be used',
  'group-undone': 'another transaction of its group was refused, so none of them counts: see why that was',
  'time-ahead': 'its time is too far ahead of the ledger: look at the clock of this machine',
  'time-behind': 'its time is too far behind the ledger: look at the clock, or issue with a key that may backdate',
  'record-unknown': 'the registry has no such key or record that stands: see tally key list',
  'record-not-revocable': 'units and the terms of budgets cannot be revoked',
  'record-revoked': 'the record was revoked before',
  'unit-unknown': 'there is no such unit: see tally unit list',
  'rule-unknown':
    'there is no such rule or rate that stands, or the budget may not name the rule: see tally rule list and tally rate list',
  'account-unknown': 'there is no such account: see tally account list',
  'debit-unknown': 'the account that the points are to leave does not exist: see tally account list',
  'credit-unknown': 'the account that the points are to reach does not exist: see tally account list',
  'same-account': 'the points would go back to the account that they come from',
  'unit-mismatch': 'the two accounts are of different units',
  'account-kind': 'the account is not of the kind that this is for, such as a member or a budget',
  'debit-kind': 'the account that the points are to leave is not of the kind that this is for',
  'credit-kind': 'the account that the points are to reach is not of the kind that this is for',
  'scope-unknown': 'the scope names an account that such a key cannot be for',
  'sponsor-mismatch':
    'the budget, or the series, is not of this merchant account: what is of no shop is paid to the treasury',
  'account-closed': 'the account is closed',
  'original-unknown': 'there is no such accepted transaction between these two accounts',
  'cites-unknown': 'it cites no transaction that the ledger accepted before it',
  'hold-unknown': 'no such hold stands in the account, or it is for another one: see tally account show',
  'grant-unknown': 'no such consent stands in the account: see tally consent list',
  'account-frozen': 'the account is frozen',
  'not-frozen': 'the account is not frozen',
  'not-closed': 'the account is not closed',
  'recovery-state':
    "no recovery is under way, or one is already; or there are no terms, or a key of them is the owner's or the custodian's",
  'no-custody': 'the policy of the unit allows no custodian',
  'key-stands': 'this root key is registered already, and stands',
  'name-taken': 'there is a unit, rule or rate of that name already',
  'claimed-before':
    'this of the series is claimed already, or its claim is not wholly reversed, or it was claimed again',
  'ref-taken': 'the sponsor has an account under this reference already: look it up by that',
  'treasury-exists': 'the unit has its treasury already',
  'last-root': 'too few root keys would be left',
  'strands-accounts':
    'accounts would be left without a custodian who can act: register another first, or say --strand 1',
  'registry-full': 'the registry is full',
  'series-full': 'the series has as many claims as it can have: open another',
  'accounts-full': 'the ledger has all the accounts that it can have',
  'rule-early': 'the rule was published too short a time ago: the unit has a notice period',
  'off-step': 'the amount is not a multiple of the step of the unit: see tally unit list',
  'off-grain': 'the points have a date that the unit does not: see tally unit list',
  'no-gifts': 'the policy of the unit allows no gifts',
  'no-takes': 'the policy of the unit lets nobody take of another member',
  'no-collect': 'points of the unit cannot be collected',
  'rate-mismatch': 'the amounts are not what the rate says, or the two accounts are not of one owner or custodian',
  dates: 'the points, or the consent, would be past their date, or a date is more than two years ahead',
  'hold-ended': 'the time of the hold is over',
  'hold-too-long': 'the policy of the unit does not let a hold stand for so long: see tally unit list',
  'not-due': 'it is too early for this, or the amount is not what is due',
  'window-over': 'the time in which the policy of the unit lets it be reversed is over',
  'budget-closed': 'the budget, or one of its pools, does not give at this time: see tally budget list',
  'over-member-cap':
    'the member would be given more than the terms of the budget, or of one of its pools, allow: see tally budget list',
  'over-budget-cap':
    'the budget has given all that its terms, or those of one of its pools, allow for now: see tally budget list',
  'over-gift-cap': 'it is more than the policy of the unit allows as a gift, or on one day',
  'taken-before': 'the account took of this lot before, or others took of a lot that a merge would move',
  'over-take-cap': 'it is more than one may take of the lot, or on a day of the unit: see tally unit list',
  'over-balance-max': 'the member has as many points as the unit lets an account have',
  'over-original': 'it is more than what is left of the hold, or of the original',
  'over-cap': 'more of the unit would be out than its cap allows: see tally unit list',
  insufficient:
    'the account has too little that can be spent now, or the budget too little to give: see tally account show',
  'lots-full':
    'the account has points of as many different dates, pending or in all, and parts of holds, as it can have',
  'holds-full': 'the account has as many holds as it can have',
  'grants-full': 'the account has as many consents as it can have',
  'takes-full': 'as much was taken of the lots of the account as it can note: try again when one is gone',
  'statuses-full': 'the account has as many statuses as it can have: end one of them, or wait for its end',
  'not-empty': 'the account has points or holds that would be left behind',
  'total-overflow': 'the balance would be beyond 2^53 − 1',
  'log-mismatch': 'it does not go on from where the log ends, or its name or key was one of this ledger before',
}
