import { type Act, act, dueQuarters, id, n } from './act.ts'

/** What comes along from an old system. */
export const MIGRATION_ACTS: readonly Act[] = [
  act({
    command: 'opening-balance',
    summary:
      "give a member what she had in an old system, which signs too; once under each of that system's references",
    kind: 'opening-balance',
    by: 'issuer',
    options: {
      from: ['account', 'the budget'],
      to: ['account', "the member's account"],
      amount: ['points', 'how many'],
      source: ['record', "record of the old system's key, of role source: it signs too (--with)"],
      ref: ['id', '16 bytes, hex, under which the old system hands this balance over'],
      'matures?': ['due', 'when the points can be spent'],
      'expires?': ['due', 'when they expire'],
    },
    fields: (v, nowMs) => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      matures: dueQuarters(nowMs, v['matures']),
      expires: dueQuarters(nowMs, v['expires']),
      source: n(v['source']),
      ref: id(v['ref']),
    }),
    examples: [
      'opening-balance --from 1 --to 3 --amount 500 --source 14 --ref 01a3185c7ee073b591e28b2e72ebf045 --with old.key',
    ],
  }),
]
