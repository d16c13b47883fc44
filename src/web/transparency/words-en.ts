/** A name at the beginning of a sentence. */
function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}

export const en = {
  title: 'Transparency',
  test: 'Test ledger: its points are worth nothing',
  waiting: 'Looking at the latest checkpoint …',
  entries: (n: string) => `${n} entries.`,
  sameForAll: 'Every witness sees the same log.',
  sameForEnough: 'Enough witnesses see the same log.',
  tooFew: 'Too few witnesses have seen this.',
  noWitness: 'No witness is asked.',
  signed: (age: string) => `Signed ${age}.`,
  age: (seconds: number) => (seconds < 2 ? 'just now' : `${seconds} seconds ago`),
  ageMinutes: (minutes: number) => (minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`),
  ageAt: (moment: string) => `on ${moment}`,
  stale: (minutes: string) => `Nothing new for ${minutes} minutes.`,
  staleSince: (day: string) => `Nothing new since ${day}.`,
  staleMore:
    'What was signed until then still fits. Whether anything happened since, nobody can see from outside. If you hold ' +
    'a promise whose time has passed, it is evidence.',
  who: 'Who has seen the log',
  ledger: 'The ledger',
  same: (time: string) => `${time} · the same`,
  notYet: 'has not cosigned this one',
  checks: {
    signed: ['The checkpoint is signed by the log of the policy', ''],
    seal: ['The seal is its last entry, and says when', ''],
    cosigned: ['Witnesses cosigned it', ''],
    grew: ['It grew out of the one that this browser saw last', ''],
    totals: ['The figures of each day are signed, and the seal of that day commits to them', ''],
  } as Record<string, readonly [string, string]>,
  cosignedBy: (names: string, quorum: string) => `${names}; the policy asks for ${quorum}`,
  grewFrom: (n: string) => `from ${n} entries`,
  days: (n: string) => (n === '1' ? '1 day' : `${n} days`),
  checkedHead: 'Checked in this browser',
  uncheckedHead: 'Not checked',
  open: {
    witness: [
      'That everyone is shown the same log',
      'The policy of this ledger asks for no witness. Nobody outside has compared.',
    ],
    few: [
      'That the witnesses of the policy have seen it',
      'They may not have been asked yet. A later one will have them.',
    ],
    first: [
      'That it grew out of one that you saw before',
      'It is your first visit with this browser. It remembers this one.',
    ],
    entries: [
      'That the figures are what the entries make',
      'An auditor replays all of them: see below how you do that.',
    ],
    happened: ['That what was rewarded happened', 'That is the word of the operator.'],
    answers: ['That a ledger which does not answer leaves evidence', 'It leaves none.'],
    policy: [
      'That this policy is the right one',
      'The ledger proposes it for itself. Compare it with one of somebody you trust.',
    ],
    names: ['What the units are called', 'Their names are the word of the ledger.'],
  } as Record<string, readonly [string, string]>,
  outstanding: (unit: string) => `${capital(unit)} in the hands of members`,
  outstandingOn: (day: string) =>
    `outstanding on ${day}, as one seal of that day has it. It is opened once a day: what came since is not in it`,
  flow: (unit: string) => `${capital(unit)} in, ${unit} out, by day`,
  series: { issued: 'issued', redeemed: 'redeemed', expired: 'expired', owed: 'outstanding' },
  since: 'Since the beginning',
  sums: {
    issued: 'Issued',
    opened: 'Brought along',
    redeemed: 'Redeemed',
    expired: 'Expired',
    reinstated: 'Reinstated',
    reversed: 'Reversed',
    owed: 'Outstanding',
  },
  table: 'The same as a table',
  columns: ['Day', 'Issued', 'Redeemed', 'Expired', 'Outstanding'],
  chartLabel: (what: string, from: string, to: string) =>
    `${what}, ${from} to ${to}; the table below has the same figures`,
  noTotals: 'The figures come each day',
  noTotalsMore:
    'Once a day, from noon UTC on, the ledger opens what was issued, redeemed, expired and is owed, as of one seal. The ' +
    'first has not been opened yet.',
  moreFiles: 'Older days are not shown.',
  doIt: 'Do it yourself',
  doItMore:
    'The first follows the log for good and needs no key: it tells you when the log forks, goes back or stands still. ' +
    'The second makes you a witness. The third replays every entry, for those who were given the key of an auditor.',
  empty: 'An uncut stick.',
  emptyMore:
    'Nothing has been issued here yet. Open an account and issue to it, and the first notch appears a second later.',
  nothing: 'This ledger has signed nothing yet.',
  noAnswer: 'The ledger does not answer.',
  noAnswerMore: 'Nothing can be seen from here until it does. What you verified before stays as it was.',
  again: 'Look again',
  broken: {
    'rolled-back': (before: string, now: string) => `The log has ${now} entries, and this browser has seen ${before}.`,
    forked: (before: string, now: string) =>
      `The first ${before} of these ${now} entries are not those that this browser has seen.`,
    withheld: (before: string) =>
      `The ledger does not show that its log grew out of the ${before} entries seen before.`,
  } as Record<string, (before: string, now: string) => string>,
  promise: 'The promise that is broken',
  todo: 'What to do',
  advice: [
    ['Look again in a minute', 'A copy of the ledger that is behind looks the same.'],
    ['Keep what shows it', 'tally watch with a state folder keeps both checkpoints, as a file that convicts.'],
    ['Show it to a witness or an auditor', 'They compare it with what they have seen.'],
  ] as readonly (readonly [string, string])[],
  trust: (origin: string) =>
    `the page and the policy come from the ledger ${origin} itself, so it cannot vouch for itself here. All checks were ` +
    'made in this browser. Take a policy from somebody you trust, and use tally watch with it.',
}
