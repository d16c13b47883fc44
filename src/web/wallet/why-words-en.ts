export const en = {
  rule: (rule: string, programme: string, version: number) => `Rule ${rule} of ${programme}, version ${version}`,
  published: (entry: string) => `published by entry ${entry} of the log`,
  event: (id: string, at: string) => `For ${id}, ${at}`,
  gives: 'The rule gives',
  cut: (cap: string, most: string | undefined) => `Cut by ${cap}${most === undefined ? '' : `, at most ${most}`}`,
  due: 'So it is',
  before: (cap: string, counted: string) => `Counted to ${cap} before: ${counted}, as the shop says.`,
  computed: 'computed in this browser',
  open: 'Not checked: that it happened, and what was counted before. An auditor who has all details checks the sums.',
  noProgramme: 'It is no reward of a published programme. The shop wrote down:',
  committed: 'the entry commits to these very words',
  unable: 'It could not be computed here.',
  failed: {
    details: 'This is not what the entry commits to.',
    reward: 'The rule does not give this.',
    'rule-unknown': 'The ledger shows no text of the rule.',
  } as Record<string, string>,
}
