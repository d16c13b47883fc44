import type { en } from './words-en.ts'

export const zh: typeof en = {
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
  partMissing: '页面的这一部分没能载入。',
  tryAgain: '重试',
  each: entries => `这里一道刻痕代表 ${entries} 条记录`,
}
