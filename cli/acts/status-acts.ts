import { type Act, act, dueMs, hash, n } from './act.ts'

/** Tiers by rule. */
export const STATUS_ACTS: readonly Act[] = [
  act({
    command: 'tier set',
    summary: 'set the tier that a member has by a published rule, until a date; tier 0 ends it',
    kind: 'set-status',
    by: 'issuer',
    options: {
      account: ['account', "the member's account"],
      budget: ['account', "a budget of the issuer's, of the same unit"],
      rule: ['record', 'record of the rule'],
      tier: ['number', '1 and up, as the rule has them; 0 for none'],
      'for?': ['due', 'for how long, such as 365d, or until when; without it until it is set again'],
      'details?': ['hash', 'commitment to what it follows from, hex'],
    },
    fields: (v, nowMs) => ({
      account: n(v['account']),
      budget: n(v['budget']),
      rule: n(v['rule']),
      tier: n(v['tier']),
      until: dueMs(nowMs, v['for']),
      details: v['details'] === undefined ? null : hash(v['details']),
    }),
    examples: [
      'tier set --account 3 --budget 1 --rule 8 --tier 2 --for 365d',
      'tier set --account 3 --budget 1 --rule 8 --tier 0',
    ],
  }),
]
