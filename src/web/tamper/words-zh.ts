import type { BookRow } from './book.ts'
import type { Lie, Telling } from './lies.ts'
import type { en } from './words-en.ts'

const rowOf = (rows: readonly BookRow[], { entry }: Telling) => rows[entry - 1]!

export const zh: typeof en = {
  title: '作弊实验室',
  head: '账本在你手里。来作弊吧。',
  lead: '这个小账本只存在于本页面，用的是真账本的代码。拿走小梅的金币，看看谁会发现。',
  choose: '你要做什么？',
  lies: {
    none: '什么都不做',
    change: '改一笔数额',
    drop: '删掉一条记录',
    balance: '把余额写小',
    spend: '花掉她的金币',
    back: '退回到第 4 条',
    fork: '给小梅看另一份账本',
    issue: '未经授权，发给朋友',
    expire: '让她的金币提前过期',
    silent: '完全不答复',
  },
  which: '哪一条记录？',
  amount: '改成多少金币？',
  again: '……并把一切重新签名',
  againMore: '账本的密钥和发放方的密钥都在你手里，所以你做得到。',
  verdict: (telling, rows) => {
    const { entry, isAgain } = telling
    const { was = 0, coins } = rowOf(rows, telling)
    const texts: Record<Lie, string> = {
      none: '两半相符。谁都无话可说。',
      change:
        was === coins && !isAgain
          ? `第 ${entry} 条是 ${coins}，和原来一样：这不算谎。`
          : `第 ${entry} 条原是 ${was}，现在是 ${coins}。两半不符。`,
      drop: `第 ${entry} 条不见了。只有一半上有这道刻痕。`,
      balance: '余额写着 121，而记录算出 221。',
      spend: '第 9 条花掉小梅 100 金币，小梅没有签名。',
      back: isAgain ? '第 5、6 条仿佛从未有过。' : '末尾少了四道刻痕。',
      fork: '第 8 条在别人看到的账本里，唯独小梅的没有。',
      issue: '发给朋友 500 金币，没有发放方签名。',
      expire: '第 9 条拿走 200 金币，比到期日早七个星期。',
      silent: '谁都证明不了什么。沉默不留证据。',
    }
    return texts[telling.lie]
  },
  looking: '他们正在看……',
  trouble: '小账本在这个浏览器里没有启动。',
  noticed: (count, lie) =>
    lie === 'none'
      ? '五方都看过了。'
      : lie === 'silent'
        ? '五方手里只有先前留下的。'
        : count === 0
          ? '没有人发现：一切和原来一样。'
          : `五方中有 ${count} 方发现了。`,
  yourHalf: '你的一半：你现在出示的账本',
  meiHalf: '小梅的一半：她的手机留下并算出的',
  othersHalf: '别人看到的账本',
  who: '谁发现了',
  parties: {
    phone: '小梅的手机',
    witness: '一个见证方',
    auditor: '一个审计方',
    receipt: '她留下的回执',
    friend: '朋友的手机',
  },
  fits: {
    phone: '从开户起的全部记录，算出的正是所签的余额。',
    witness: '账本由我上次联署的那份增长而来。我联署。',
    auditor: '每条记录都符合规则，每个签名都成立。',
    receipt: '它的记录在账本里，位置未变。',
    friend: '我们看到的是同一份账本。',
  },
  blind: {
    phone: '相符：这不是她的账户。',
    witness: '账本只是增长了：我只看这一点。',
    auditor: '给我看的是另一份，那一份没有问题。',
    receipt: '它的记录还在原处：对此事它说明不了什么。',
    friend: '我们看到的是同一份账本。',
  },
  special: {
    fork: { witness: '我联署的是别人看到的那份。小梅那份从没给我看过。' },
    change: { phone: '相符。', auditor: '相符。' },
  },
  silent: {
    phone: '没有答复。我留下的仍然相符。',
    witness: '没有新的可以联署。',
    auditor: '我能说账本停住了，说不出原因。',
    receipt: '仍然有效：它不需要你的答复。',
    friend: '这里也没有答复。',
  },
  codes: {
    'batch-root': '有一个批次不是签署的那个。',
    'entry-order': '有一个批次缺了记录。',
    'batch-refused': '必须签名的密钥没有签名。',
    'batch-statuses': '规则应拒绝的记录，账本却算入了。',
    'seal-state': '你封存的余额，不是记录算出的。',
    'rolled-back': '账本比我审计过的短。',
    forked: '两份历史，你都签了名：这就是证据。',
  },
  book: '你出示的账本',
  columns: ['记录', '内容', '金币', '余额'],
  rows: {
    opening: '开户',
    order: '订单',
    'sign-in': '签到',
    review: '评价',
    redeemed: '兑换，订单',
    issued: '发给账户 4',
    spent: '兑换',
    expired: '过期',
  },
  marks: { gone: '（已删）', changed: '（已改）', new: '（新增）' },
  away: '你做了也没有人抓得到的',
  getAway: ['不答复：沉默不留证据。', '编造购买：事情是否发生，只有你的说法。', '没有人核对的，就没有人发现。'],
  trust:
    '这里不保存、也不发送任何东西。真账本、核对程序和审计程序用的都是同样的代码；这里的每个谎也各是一个文件，任何核对程序都必须拒绝它（test/lies）。',
}
