import type { Both } from './both.ts'

const en = {
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
  each: (entries: number) => `each notch here stands for ${entries} entries`,
}

const zh: typeof en = {
  skip: '跳到正文',
  pages: '页面',
  elsewhere: '其他页面',
  otherLanguage: 'English',
  theme: { light: '浅色', dark: '深色' },
  names: { transparency: '公开账', verify: '核对', rules: '规则', tamper: '作弊实验室' },
  trustStarts: '这一页的信任从哪里来：',
  tones: { fits: '两半相符', breaks: '两半不符', half: '只有一半：仅是对方的说法', away: '离线' },
  states: { ok: '成立：', no: '不成立：', open: '未核对：', away: '没有发现：' },
  path: {
    root: '根',
    rootMore: signers => (signers === 0 ? '由账本签名' : `由账本签名，${signers} 方联署`),
    given: '给出的',
    worked: '在这里算出的',
    more: levels => `中间还有 ${levels} 层`,
    label: levels => `从这一条经 ${levels} 层到签名的根：每层给出一个散列值，其余在这里算出`,
  },
  each: entries => `这里一道刻痕代表 ${entries} 条记录`,
}

export const SHELL: Both<typeof en> = { en, zh }
