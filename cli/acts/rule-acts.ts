import { type Act, act, hash, n } from './act.ts'

/** What root publishes: by what points are given and tiers are set, and at what rates units are exchanged. */
export const RULE_ACTS: readonly Act[] = [
  act({
    command: 'rule publish',
    summary: 'publish a rule by which points are earned, by the SHA-256 of its text',
    kind: 'publish-rule',
    by: 'root',
    options: {
      name: ['name', 'small letters, digits and -'],
      digest: ['hash', 'SHA-256 of the text, hex'],
      budgets: ['scope', 'the budgets that may give points and set tiers by it, such as 1,7'],
    },
    fields: v => ({
      name: String(v['name']),
      digest: hash(v['digest']),
      budgets: v['budgets'] as unknown as readonly number[],
    }),
    examples: ['rule publish --name welcome --digest 960cafea…37 --budgets 1'],
  }),
  act({
    command: 'rate publish',
    summary: 'publish a rate at which points of one unit become points of another',
    kind: 'publish-rate',
    by: 'root',
    options: {
      name: ['name', 'small letters, digits and -'],
      unit: ['record', 'the unit that is given'],
      budget: ['account', 'the budget of the other unit that pays'],
      give: ['points', 'so many become …'],
      get: ['points', '… so many'],
      'life?': ['number', 'quarter hours after which they expire; 0 for never'],
    },
    fields: v => ({
      name: String(v['name']),
      unit: n(v['unit']),
      budget: n(v['budget']),
      give: n(v['give']),
      get: n(v['get']),
      life: n(v['life']),
    }),
    examples: ['rate publish --name tree --unit 6 --budget 7 --give 100 --get 1'],
  }),
]
