import { type Act, act, dueQuarters, id, n } from './act.ts'

/** What is done for a member when something went wrong. */
export const SERVICE_ACTS: readonly Act[] = [
  act({
    command: 'reinstate',
    summary: 'bring back to a member what expired of her points, in sum no more than that, with a new date of expiry',
    kind: 'reinstate',
    by: 'treasurer',
    options: {
      from: ['account', 'the account for expired points, where they went'],
      to: ['account', "the member's account"],
      amount: ['points', 'how many'],
      original: ['id', 'id of the transaction by which they expired, hex'],
      expires: ['due', 'when they expire now, at most 731 days ahead'],
    },
    fields: (v, nowMs) => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      expires: dueQuarters(nowMs, v['expires']),
      original: id(v['original']),
    }),
    examples: [
      'reinstate --from 4 --to 3 --amount 50 --original 01a3185c7ee073b591e28b2e72ebf045 --expires 2027-12-31T16:00Z',
    ],
  }),
]
