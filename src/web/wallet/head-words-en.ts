export const en = {
  head: {
    back: 'The ledger shows you less than it had signed before.',
    apart: 'The ledger signed two histories.',
    unshown: 'Nothing shows that the ledger only grew since you last looked.',
  },
  more: {
    back: (now: string, before: string, seen: string) =>
      `It shows ${now} entries now. On ${seen} it had signed ${before}, and this device kept that.`,
    apart: (now: string, before: string, seen: string) =>
      `What it shows now, ${now} entries, does not begin with the ${before} that it had signed on ${seen}.`,
    unshown: (now: string, before: string, seen: string) =>
      `It shows ${now} entries now, and does not serve what proves that they begin with the ${before} of ${seen}.`,
  },
  promise: 'There is one history, it is the same for everyone, and it only ever grows.',
  todo: [
    [
      'Save the proof',
      'One file, with both things that the ledger signed. Anyone who opens it need not take your word.',
    ],
    ['Look again in a minute', 'A server that was just restored may catch up. If it stays so, it is no accident.'],
    ['Show it to an auditor, or to a witness of your policy', 'What you verified before stays on this device.'],
  ] as readonly (readonly [string, string])[],
  grown: (before: string, seen: string) => `The log only grew since you last looked: ${before} entries, ${seen}`,
  first: 'This is the first look of this device: from now on the ledger has to grow from here.',
  same: (seen: string) => `Nothing new since you last looked, ${seen}`,
  promiseLabel: 'The promise that is broken',
  todoHead: 'What to do',
  save: (size: string) => `Save · ${size}`,
}
