import type { Period } from '../document/calendar.ts'
import type { Rounding } from '../document/forms.ts'
import type { Scope } from '../document/programme.ts'
import type { ProgrammeWords } from './words.ts'

const rounding: Readonly<Record<Rounding, string>> = { down: '向下取整', up: '向上取整', 'half-up': '四舍五入' }
const PERIODS: Readonly<Record<Period, string>> = {
  day: '日',
  week: '周',
  month: '月',
  quarter: '季度',
  year: '年',
  ever: '',
}
const UNITS = { minute: '分钟', hour: '小时', day: '天', month: '个月', year: '年' } as const
const infix = (between: string) => (args: readonly string[]) => args.join(` ${between} `)
const operator = (between: string) => (args: readonly string[]) => `(${args.join(` ${between} `)})`

function scope({ who, period, fields }: Scope): string {
  if (who === 'event') return '每次事件'
  const whose = who === 'member' ? '每位会员' : '全体会员'
  const over = period === 'ever' ? '永久' : `每${PERIODS[period]}`
  return `${whose}${over}${fields.length === 0 ? '' : `、按 ${fields.join('、')} 分别计`}`
}

export const CHINESE: ProgrammeWords = {
  head: (title, name, version, unit) => `${title}：计划 ${name}，第 ${version} 版，积分单位为 ${unit}。`,
  time: (from, until, day, late) =>
    `自 ${from} 起${until === undefined ? '' : `至 ${until} 前`}发生的事件计入。每日以 ${day} 时区的零点为界。迟到的事件，若比该会员最近一次事件早不超过 ` +
    `${late}，仍计入。`,
  span: ({ count, unit }) => `${count} ${UNITS[unit]}`,
  meter: (name, events) => `${events} 事件须有计量方 ${name} 的签名才计入。`,
  rule: (id, on, when, once, amount) =>
    `${id}：每次 ${on}${when === undefined ? '' : `，且 ${when}`}${once === undefined ? '' : `，${once}`}：${amount}`,
  once: one => `${scope(one)}限一次`,
  scope,
  fixed: (points, unit) => `${points} ${unit}`,
  streak: (points, unit) =>
    `连续各日依次得 ${points.join('、')} ${unit}，第 ${points.length} 日以后每日 ${points.at(-1)}`,
  per: (give, per, of, unit) => `${of} 每满 ${per} 得 ${give} ${unit}`,
  rate: (n, d, of, round, unit) => `得 ${of} 的 ${n}/${d}（${unit}），${rounding[round]}`,
  times: (tier, n, d) => `${tier} 等级乘以 ${n}/${d}`,
  most: (points, over) => `${over}最多 ${points}`,
  campaign: (id, from, until, budget) => `仅在活动 ${id} 期间（${from} 至 ${until}），预算 ${budget} 用完为止`,
  cites: field => `附上 ${field} 所指的记录`,
  matures: date => (date === undefined ? '立即可用' : `${date}可用`),
  expires: date => (date === undefined ? '永不过期' : `${date}过期`),
  date: (end, plus) =>
    end === undefined ? `${plus}后` : plus === undefined ? `当${PERIODS[end]}末` : `当${PERIODS[end]}末再过 ${plus}`,
  group: (name, rules, caps) => `${name}（${rules}）合计：${caps}。`,
  allRules: '全部规则',
  tiers: (by, over, grace, levels) => `等级按 ${by} ${over}所得计算：${levels}。不再达到之后，等级保留 ${grace} 天。`,
  rolling: days => `最近 ${days} 天`,
  calendar: one => `本${PERIODS[one]}或上${PERIODS[one]}`,
  level: (id, from) => `${id} 自 ${from} 起`,
  reversal: (on, of, match, part, whole, round, within) =>
    `${on} 按比例收回 ${match} 相同的 ${of} 所得：${part} 占其 ${whole} 的比例，累计${rounding[round]}，${within}内有效。`,
  worth: (points, cents, unit) => `${points} ${unit} 抵 ${cents} 分钱。`,
  spend: (share, least, step, hold) =>
    `最多抵订单金额的 ${share}，最少用 ${least}，以 ${step} 为单位${hold === undefined ? '' : `；冻结 ${hold}`}。`,
  settle: (end, fee) => `商家收到的积分于每${PERIODS[end]}末结算${fee === undefined ? '' : `，扣除 ${fee}`}。`,
  exchangePoints: (id, give, of, points, unit) => `${id}：${give} ${of} 换 ${points} ${unit}。`,
  exchangeItem: (id, give, of, item, isSerial, isOnce) =>
    `${id}：${give} ${of} 换一个 ${item}${isSerial ? '，带编号' : ''}${isOnce ? '，限领一次' : ''}。`,
  friends: (each, most, keep, day) =>
    `好友可收取成熟部分的 ${each}，每份最多 ${most}，每日最多 ${day}；会员自己保留 ${keep}。`,
  list: parts => parts.join('、'),
  parts: '；',
  call: {
    '!': ([a]) => `并非（${a}）`,
    '&&': infix('且'),
    '||': args => `（${args.join(' 或 ')}）`,
    '+': operator('+'),
    '-': operator('-'),
    '*': operator('×'),
    '/': operator('÷'),
    '%': ([a, b]) => `${a} ÷ ${b} 的余数`,
    minus: ([a]) => `-${a}`,
    '<': infix('小于'),
    '<=': infix('不超过'),
    '>': infix('大于'),
    '>=': infix('不少于'),
    '==': infix('为'),
    '!=': infix('不为'),
    in: infix('属于'),
    '?:': ([a, b, c]) => `（若 ${a} 则 ${b}，否则 ${c}）`,
    size: ([a]) => `${a} 的长度`,
    startsWith: ([a, b]) => `${a} 以 ${b} 开头`,
  },
  macro: {
    exists: (range, _, body) => `${range} 中有某项 ${body}`,
    all: (range, _, body) => `${range} 中各项都 ${body}`,
    filter: (range, _, body) => `${range} 中满足 ${body} 的项`,
    map: (range, _, body) => `${range} 各项 ${body} 之和`,
  },
  has: field => `有 ${field}`,
  at: { weekday: '星期', hour: '钟点', date: '日期', month: '月份' },
  weekdays: ['星期一', '星期二', '星期三', '星期四', '星期五', '星期六', '星期日'],
  listOf: items => items.join('、'),
  truth: value => (value ? '总是' : '从不'),
}
