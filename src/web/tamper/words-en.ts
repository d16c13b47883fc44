import type { BookRow } from './book.ts'
import type { Lie, Telling } from './lies.ts'
import type { Party } from './parties.ts'

const rowOf = (rows: readonly BookRow[], { entry }: Telling) => rows[entry - 1]!

export const en = {
  title: 'Tamper room',
  head: 'You keep the books. Cheat.',
  lead: 'This small ledger lives in this page only, and is run by the code of the real one. Take a coin from Mei, and see who notices.',
  choose: 'What do you do?',
  lies: {
    none: 'Nothing',
    change: 'Change an amount',
    drop: 'Drop an entry',
    balance: 'Write a smaller balance',
    spend: 'Spend her coins',
    back: 'Roll back to entry 4',
    fork: 'Show Mei another log',
    issue: 'Issue to a friend, without authority',
    expire: 'Expire her coins early',
    silent: 'Do not answer at all',
  } satisfies Record<Lie, string>,
  which: 'Which entry?',
  amount: 'How many coins is it to have been?',
  again: '… and sign everything again',
  againMore: 'You have the keys of the log and of the issuer, so you may.',
  verdict: (telling: Telling, rows: readonly BookRow[]): string => {
    const { entry, isAgain } = telling
    const { was = 0, coins } = rowOf(rows, telling)
    const texts: Record<Lie, string> = {
      none: 'Both halves fit. Nobody has anything to say.',
      change:
        was === coins && !isAgain
          ? `Entry ${entry} is ${coins}, as it was: that is no lie.`
          : `Entry ${entry} was ${was}, and is ${coins}. The halves do not meet.`,
      drop: `Entry ${entry} is gone. There is a notch on one half only.`,
      balance: 'The balance is 121, and the entries make 221.',
      spend: 'Entry 9 spends 100 of Mei’s coins, and Mei did not sign.',
      back: isAgain ? 'Entries 5 and 6 never were.' : 'Four notches are missing at the end.',
      fork: 'Entry 8 is in the log that all see but Mei.',
      issue: '500 coins for a friend, which no issuer signed.',
      expire: 'Entry 9 takes 200 coins, seven weeks before their date.',
      silent: 'Nobody can prove anything. Silence leaves no evidence.',
    }
    return texts[telling.lie]
  },
  looking: 'They look …',
  trouble: 'The small ledger did not start in this browser.',
  noticed: (count: number, lie: Lie) =>
    lie === 'none'
      ? 'All five have looked.'
      : lie === 'silent'
        ? 'All five are left with what they kept.'
        : count === 0
          ? 'Nobody notices: nothing is other than it was.'
          : `${count} of 5 ${count === 1 ? 'notices' : 'notice'}.`,
  yourHalf: 'Your half: the book as you show it now',
  meiHalf: 'Mei’s half: what her phone kept and works out',
  othersHalf: 'The book as the others see it',
  who: 'Who notices',
  parties: {
    phone: 'Mei’s phone',
    witness: 'A witness',
    auditor: 'An auditor',
    receipt: 'A receipt she kept',
    friend: 'A friend’s phone',
  } satisfies Record<Party, string>,
  fits: {
    phone: 'All entries, from the opening on, make the balance that was signed.',
    witness: 'The log grew out of the one that I cosigned last. I cosign.',
    auditor: 'Every entry follows from the rules, every signature verifies.',
    receipt: 'Its entry is in the log, where it was.',
    friend: 'We were shown the same log.',
  } satisfies Record<Party, string>,
  blind: {
    phone: 'It fits: this is not her account.',
    witness: 'The log grew: that is all that I look at.',
    auditor: 'I was shown the other log, and in that all is well.',
    receipt: 'Its entry is where it was: it says nothing about this.',
    friend: 'We were shown the same log.',
  } satisfies Record<Party, string>,
  special: {
    fork: { witness: 'I cosigned the log that the others see. Mei’s I was never shown.' },
    change: { phone: 'It fits.', auditor: 'It fits.' },
  } as Partial<Record<Lie, Partial<Record<Party, string>>>>,
  silent: {
    phone: 'No answer. What I kept still fits.',
    witness: 'There is nothing new to cosign.',
    auditor: 'I can say that the log stands still, and not why.',
    receipt: 'Still good: it needs no answer of yours.',
    friend: 'No answer here, either.',
  } satisfies Record<Party, string>,
  codes: {
    'batch-root': 'A batch is not the one that was signed.',
    'entry-order': 'A batch lacks one of its entries.',
    'batch-refused': 'The key that had to sign this did not.',
    'batch-statuses': 'The rules refuse this entry, and the log counts it.',
    'seal-state': 'The balances that you sealed are not what the entries make.',
    'rolled-back': 'The log is shorter than the one that I audited.',
    forked: 'Two histories, and you signed both: that is evidence.',
  } as Record<string, string>,
  book: 'The book, as you show it',
  columns: ['Entry', 'What', 'Coins', 'Balance'],
  rows: {
    opening: 'Opening',
    order: 'Order',
    'sign-in': 'Sign-in',
    review: 'Review',
    redeemed: 'Redeemed, order',
    issued: 'Issued to account 4',
    spent: 'Redeemed',
    expired: 'Expired',
  },
  marks: { gone: ' (gone)', changed: ' (changed)', new: ' (new)' },
  away: 'What you can get away with',
  getAway: [
    'Not to answer: silence leaves no evidence.',
    'To invent a purchase: that it happened is your word.',
    'What nobody checks, nobody catches.',
  ],
  trust:
    'nothing here is stored or sent. The same code runs a real ledger, its verifier and its auditor; each of these lies is also a file that any verifier has to turn down (test/lies).',
}
