import type { en } from './head-words-en.ts'

export const zh: typeof en = {
  head: {
    back: '账本给你看的，比它签过名的还少。',
    apart: '账本对两份历史都签了名。',
    unshown: '没有证明说明账本从你上次查看之后只增不改。',
  },
  more: {
    back: (now, before, seen) => `它现在出示 ${now} 条记录。在 ${seen}，它曾对 ${before} 条签名，这台设备保存着。`,
    apart: (now, before, seen) => `它现在出示的 ${now} 条记录，开头并不是它在 ${seen} 签过名的 ${before} 条。`,
    unshown: (now, before, seen) => `它现在出示 ${now} 条记录，却不给出证明，说明开头就是 ${seen} 的 ${before} 条。`,
  },
  promise: '历史只有一份，对所有人都相同，而且只增不改。',
  todo: [
    ['保存证据', '一个文件，里面是账本签过名的两样东西。看到的人不必相信你的话。'],
    ['过一分钟再看', '刚恢复的服务器可能会赶上来。如果一直这样，就不是偶然。'],
    ['给审计方或信任名单里的见证方看', '你以前核对过的内容仍留在这台设备上。'],
  ],
  grown: (before, seen) => `账本从你上次查看之后只增不改：当时 ${before} 条，${seen}`,
  first: '这是这台设备第一次查看：从现在起，账本只能在此基础上增加。',
  same: seen => `从你上次查看之后没有新内容，${seen}`,
  promiseLabel: '被打破的承诺',
  todoHead: '现在怎么做',
  save: size => `保存 · ${size}`,
}
