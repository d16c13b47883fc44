import type { en } from './why-words-en.ts'

export const zh: typeof en = {
  rule: (rule, programme, version) => `${programme} 第 ${version} 版的规则 ${rule}`,
  published: entry => `由账本第 ${entry} 条公布`,
  event: (id, at) => `对应 ${id}，${at}`,
  gives: '规则给出',
  cut: (cap, most) => `被上限 ${cap} 减去${most === undefined ? '' : `，最多 ${most}`}`,
  due: '所以是',
  before: (cap, counted) => `此前已计入 ${cap}：${counted}，这是店铺的说法。`,
  computed: '在这个浏览器里算出',
  open: '未核对：事情是否发生，此前计入多少。持有全部明细的审计方会核对总和。',
  noProgramme: '它不是已公布方案的奖励。店铺写下的是：',
  committed: '记录所确定的正是这些文字',
  unable: '在这里没能算出。',
  failed: {
    details: '这不是记录所确定的内容。',
    reward: '规则给出的不是这个数。',
    'rule-unknown': '账本没有出示规则的文本。',
  },
}
