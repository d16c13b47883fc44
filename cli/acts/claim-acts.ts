import { claimRef } from '../../src/client/index.ts'
import { type Act, act, n } from './act.ts'

/** What exists once is bought. */
export const CLAIM_ACTS: readonly Act[] = [
  act({
    command: 'claim',
    summary: 'spend points of a member on a thing of a series, which is claimed once and has a number there',
    kind: 'claim',
    by: { ownerOf: 'from' },
    options: {
      from: ['account', "the member's account"],
      to: ['account', 'who is paid: the sponsor of the series, or the treasury where it has none'],
      amount: ['points', 'how many'],
      series: ['account', 'account of the series'],
      'thing?': [
        'name',
        'its name in the series, always spelled the same, such as a parcel: the shop signs, too; without it, any one',
      ],
      'round?': ['number', '1 to claim it once more, when the first claim was refunded as a whole; 0 by default'],
    },
    fields: v => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      series: n(v['series']),
      ref: v['thing'] === undefined ? null : claimRef(n(v['series']), String(v['thing'])),
      round: n(v['round']),
    }),
    examples: [
      'claim --from 3 --to 0 --amount 17900 --series 6',
      'claim --from 3 --to 5 --amount 900 --series 6 --thing parcel-2026-000117 --with shop.key',
    ],
  }),
]
