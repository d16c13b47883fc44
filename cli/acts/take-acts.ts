import { type Act, act, lotMoved, n } from './act.ts'

/** What members give each other and take of each other's lots, and what they collect of their own. */
export const TAKE_ACTS: readonly Act[] = [
  act({
    command: 'gift',
    summary: 'give points to another member, where the policy of the unit allows it',
    kind: 'transfer',
    by: { ownerOf: 'from' },
    options: {
      from: ['account', 'the giver'],
      to: ['account', 'the receiver'],
      amount: ['points', 'how many'],
      'matures?': ['date', 'when the lot that is given matured; without it, points without a date'],
      'expires?': ['date', 'when it expires; without it, points that never do'],
    },
    fields: lotMoved,
    examples: [
      'gift --from 3 --to 4 --amount 5',
      'gift --from 3 --to 4 --amount 5 --matures 2026-12-01 --expires 2027-03-01T18:00Z',
    ],
  }),
  act({
    command: 'take',
    summary: "take points of another member's ripe lot, where the unit or a consent allows it",
    kind: 'take',
    by: { ownerOf: 'to' },
    options: {
      from: ['account', 'whose lot it is'],
      to: ['account', 'who takes, and signs'],
      amount: ['points', 'how many'],
      'matures?': ['date', 'when the lot matured'],
      'expires?': ['date', 'when it expires'],
    },
    fields: lotMoved,
    examples: ['take --from 3 --to 4 --amount 15 --matures 2026-12-01 --expires 2026-12-04'],
  }),
  act({
    command: 'collect',
    summary: 'collect a lot that has ripened, once: it then expires later or never, as the unit says',
    kind: 'collect',
    by: { ownerOf: 'account' },
    options: {
      account: ['account', "the member's account"],
      matures: ['date', 'when the lot matured: what was collected has no such date'],
      'expires?': ['date', 'when it expires'],
    },
    fields: v => ({ account: n(v['account']), matures: n(v['matures']), expires: n(v['expires']) }),
    examples: ['collect --account 3 --matures 2026-12-01 --expires 2026-12-04'],
  }),
]
