import { type Act, act, id, n } from './act.ts'

/** How a shop gets the money for the points that it took. */
export const SHOP_ACTS: readonly Act[] = [
  act({
    command: 'settle',
    summary: 'settle with a merchant: the points go back to the treasury, the money goes another way',
    kind: 'settle',
    by: 'treasurer',
    options: {
      from: ['account', "the merchant's account"],
      to: ['account', 'the treasury'],
      amount: ['points', 'how many'],
      'ask?': ['id', 'id of what the merchant asked for, hex; without it the merchant signs too (--with)'],
    },
    fields: v => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      original: v['ask'] === undefined ? null : id(v['ask']),
    }),
    examples: [
      'settle --from 5 --to 0 --amount 1200 --ask 01a3185c7ee073b591e28b2e72ebf045',
      'settle --from 5 --to 0 --amount 1200 --with shop.key',
    ],
  }),
  act({
    command: 'ask-settle',
    summary: 'ask, as a merchant, to be settled with: nobody takes more of the points than was asked for',
    kind: 'ask-settle',
    by: 'merchant',
    options: { account: ['account', "the merchant's account"], amount: ['points', 'how many'] },
    fields: v => ({ account: n(v['account']), amount: n(v['amount']) }),
    examples: ['ask-settle --account 5 --amount 1200 --key shop.key'],
  }),
]
