import type { MineTrouble } from './mine.ts'

export const en = {
  title: 'Wallet',
  brandMore: (unit: string, account: number) => `${unit} · account ${account}`,
  waiting: 'Checking …',
  toSpend: (unit: string) => `${unit} to spend`,
  debt: (unit: string) => `${unit}: a debt, paid off by what comes next`,
  units: 'Your units',
  fits: 'Both halves fit. You need do nothing.',
  fitsFirst: 'Both halves fit. One notch so far: your opening.',
  old: (moment: string) => `Both halves fit as of ${moment}. Nothing newer was shown.`,
  noCard: 'Both halves fit, but the shop gave no card: nothing says that this account is yours.',
  away: (moment: string) => `No answer now. Both halves fitted as of ${moment}.`,
  checkedHere: (entries: string, at: string) =>
    entries === '1'
      ? `The one entry checked in this browser, ${at}.`
      : `All ${entries} entries checked in this browser, ${at}.`,
  opens: 'Open for every step, and what was not checked.',
  checked: 'Checked',
  unchecked: 'Not checked',
  cardFromShop: [
    'That the card is the one you were given',
    'It came from the shop with this page. Keep the one below, and use it here next time.',
  ],
  refusals: [
    'What was refused',
    'A refusal changes nothing, so no statement has it. Its receipt shows it: ask the shop.',
  ],
  pending: 'Pending',
  pendingFrom: (points: string, moment: string) => `${points} to spend from ${moment}`,
  held: 'Held',
  heldUntil: (points: string, moment: string) => `${points} set aside, until ${moment} at most`,
  overdue: 'Past their date',
  overdueMore: 'Not to be spent any more; the ledger takes them off soon',
  all: 'All together',
  account: 'Account number',
  asOf: 'As of',
  expiring: 'When they expire',
  expiresIn: (days: number) => (days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`),
  expiringNone: 'Nothing that you have expires.',
  expiringRest: (n: string) => `${n} later dates`,
  historyAll: (n: string) => `All ${n} entries are checked; those that you look at are drawn.`,
  expiringMore: 'To spend until that day and time. The soonest to expire are spent first. What is held keeps its date.',
  empty: 'How the first ones come',
  emptyMore: 'The rules say what is given for what.',
  emptyLink: 'All rules, in plain words',
  keep: 'Keep it, or check it elsewhere',
  saveStatement: 'Save your statement',
  saveStatementMore: (size: string) => `${size}, to check anywhere, without a network`,
  saveCard: 'Save your card',
  saveCardMore: 'It says which account is yours. Keep it: then nobody can show you another.',
  elsewhere: 'Check it without this page',
  elsewhereMore: 'Drop statement and card there. Better still: on a page of somebody else.',
  again: 'Look again',
  trouble: {
    noLink: [
      'This page needs the link that your shop gave you.',
      'Open it whole: the part after the # is your key to look. Ask the shop for a new one if you have lost it.',
    ],
    revoked: [
      'This link is not valid any more.',
      'The shop took it back, or it is not whole. Your points are not touched by that. Ask the shop for a new link.',
    ],
    offline: ['No answer from the shop.', 'Your device or the server is offline. Nothing is known to be wrong.'],
    notYet: [
      'Your account is not in the signed log yet.',
      'It is there after the next seal, which takes a minute as a rule, and an hour at most.',
    ],
    noShop: ['No shop answers at this address.', 'The link is of another server, or the shop is not connected to it.'],
    refused: [
      'The shop’s server did not give your statement.',
      'Look again in a minute. If it stays so, tell the shop.',
    ],
  } satisfies Record<MineTrouble, readonly [string, string]> as Record<MineTrouble, readonly [string, string]>,
  unreadable: 'This policy or card cannot be read.',
  noPolicy: 'There is no policy to check it by.',
  trustOperator:
    'this page, the policy and your card came from the shop’s own server. It cannot vouch for itself: bring a policy ' +
    'of somebody you trust, and the card that you kept. All checks were made in this browser. The link is nowhere ' +
    'but in the address behind the #, which your browser keeps in its history: anyone who has it can look, and no more.',
  trustYours:
    'the policy is the one that you brought; this page came from the shop’s own server. All checks were made in this ' +
    'browser. The link is nowhere but in the address behind the #, which your browser keeps in its history: anyone who ' +
    'has it can look, and no more.',
  why: (points: string) => `Why ${points}?`,
  whyLooking: 'Computing …',
  whyUnable: 'It could not be computed here.',
}
