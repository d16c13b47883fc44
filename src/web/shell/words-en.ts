export const en = {
  skip: 'Skip to content',
  pages: 'Pages',
  elsewhere: 'Elsewhere',
  otherLanguage: '中文',
  theme: { light: 'Light theme', dark: 'Dark theme' },
  names: { transparency: 'Transparency', verify: 'Verify', rules: 'Rules', tamper: 'Tamper room' },
  trustStarts: 'Where trust starts on this page:',
  tones: {
    fits: 'both halves fit',
    breaks: 'the halves do not meet',
    half: 'half a stick: only their word',
    away: 'offline',
  },
  states: { ok: 'Held: ', no: 'Failed: ', open: 'Not checked: ', away: 'Nothing seen: ' },
  path: {
    root: 'the root',
    rootMore: (signers: number) => (signers === 0 ? 'signed' : `signed, and cosigned by ${signers}`),
    given: 'given',
    worked: 'worked out here',
    more: (levels: number) => `${levels} more levels`,
    label: (levels: number) =>
      `The path up through ${levels} levels to the signed root: one hash is given at each, the rest is worked out here`,
  },
  partMissing: 'This part of the page could not be loaded.',
  tryAgain: 'Try again',
  each: (entries: number) => `each notch here stands for ${entries} entries`,
}
