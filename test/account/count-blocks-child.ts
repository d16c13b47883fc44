import { randomBytes } from 'node:crypto'
import { Session } from 'node:inspector/promises'
import { DAY_MS, QUARTER_MS } from '../../src/account/dates.ts'
import { AccountHistory } from '../../src/account/history.ts'
import { fromDraft } from '../../src/client/index.ts'
import { useEngine } from '../../src/core/crypto/engine.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { type DefineUnit, encodeTransaction } from '../../src/core/entry/transaction.ts'
import { LOTS_ROOM } from '../../src/core/limits.ts'
import { loadEngine } from '../../src/node/native-engine.ts'

/**
 * Counts how many blocks of code the rules of a member account run for one more line, by the kind of line, in an
 * account that has little and in one that has all that it can: what V8 counts for coverage, which is the same on every
 * machine. Prints JSON.
 */
const UNIT: DefineUnit = {
  kind: 'define-unit',
  id: makeId(1, new Uint8Array(10)),
  name: 'coins',
  cap: 10 ** 15,
  step: 1,
  giftEach: 10 ** 9,
  giftDay: 10 ** 12,
  debtMax: 10 ** 9,
  custody: 0,
  windowMs: 365 * DAY_MS,
  holdMaxMs: 365 * DAY_MS,
  offset: 56,
  grain: 1,
  takeoverMs: 7 * DAY_MS,
  take: null,
  collect: 0,
  balanceMax: 0,
  noticeMs: 0,
  memberRate: 0,
}
const NOW = 1_800_000_000_000
const FIRST = Math.floor(NOW / QUARTER_MS) + 1000
const ACCOUNT = 2
const HOLDS = 15

await useEngine(await loadEngine('native'))

/** A history, and what adds to it. */
class Line {
  readonly history = new AccountHistory(ACCOUNT, UNIT)

  take(draft: object): Uint8Array {
    const id = makeId(NOW, new Uint8Array(randomBytes(10)))
    this.history.take(encodeTransaction(fromDraft(draft as never, id)), NOW)
    return id
  }

  open(): void {
    const owner = new Uint8Array(32).fill(9)
    const opening = { kind: 'open-account', accountKind: 'member', unit: 3, terms: new Uint8Array(32), owner }
    this.take({ ...opening, nonce: new Uint8Array(32) })
  }

  issue(amount: number, date: number): Uint8Array {
    return this.take({ kind: 'issue', debit: 1, credit: ACCOUNT, amount, matures: 0, expires: FIRST + date })
  }

  hold(amount: number): Uint8Array {
    return this.take({ kind: 'hold', debit: ACCOUNT, credit: 0, amount, until: NOW + DAY_MS })
  }

  redeem(amount: number): Uint8Array {
    return this.take({ kind: 'redeem', debit: ACCOUNT, credit: 0, amount })
  }
}

/** An account of so many lots, half of them in holds. */
function accountOf(lots: number): Line {
  const line = new Line()
  line.open()
  const each = Math.floor(lots / 2 / HOLDS)
  for (let n = 0; n < HOLDS && each > 0; n++) {
    for (let i = 0; i < each; i++) line.issue(10, i)
    line.hold(10 * each)
  }
  for (let i = 0; line.history.member.holdings.lots.length < lots - each * HOLDS; i++) line.issue(10, i)
  return line
}

/** The lines that are counted: each leaves the account as it was, or nearly so. */
const LINES: Readonly<Record<string, (line: Line) => void>> = {
  'issue to a lot': line => line.issue(1, 3),
  'redeem of one point': line => line.redeem(1),
  'redeem of all': line => {
    const { lots } = line.history.member.holdings
    line.redeem(lots.reduce((sum, { amount }) => sum + amount, 0))
  },
  'hold of all, and its release': line => {
    const { lots } = line.history.member.holdings
    const hold = line.hold(lots.reduce((sum, { amount }) => sum + amount, 0))
    line.take({ kind: 'release', account: ACCOUNT, hold })
  },
  'hold of all, its capture by one point, and the reversal': line => {
    const { lots } = line.history.member.holdings
    const hold = line.hold(lots.reduce((sum, { amount }) => sum + amount, 0))
    const original = line.take({ kind: 'capture', debit: ACCOUNT, credit: 0, amount: 1, hold })
    line.take({ kind: 'reverse', debit: 0, credit: ACCOUNT, amount: 1, original })
  },
  'redeem of all, and the reversal': line => {
    const { lots } = line.history.member.holdings
    const amount = lots.reduce((sum, one) => sum + one.amount, 0)
    const original = line.redeem(amount)
    line.take({ kind: 'reverse', debit: 0, credit: ACCOUNT, amount, original })
  },
  'clawback of a point': line => {
    const original = line.issue(1, 3)
    line.take({ kind: 'reverse', debit: ACCOUNT, credit: 1, amount: 1, original })
  },
  transfer: line =>
    line.take({ kind: 'transfer', debit: ACCOUNT, credit: 7, amount: 1, matures: 0, expires: FIRST + 3 }),
}

const session = new Session()
session.connect()
await session.post('Profiler.enable')

/** Blocks that run in the rules while something is done. */
async function blocksOf(work: () => void): Promise<number> {
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  work()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  await session.post('Profiler.stopPreciseCoverage')
  const ours = result.filter(({ url }) => /\/src\/(account|core|verify)\//.test(url))
  return ours.reduce(
    (sum, { functions }) =>
      sum + functions.reduce((all, { ranges }) => all + ranges.reduce((one, { count }) => one + count, 0), 0),
    0,
  )
}

const counts: Record<string, Record<number, number>> = {}
for (const [name, add] of Object.entries(LINES)) {
  const of: Record<number, number> = {}
  for (const lots of [2 * HOLDS, Math.floor(LOTS_ROOM / 2), LOTS_ROOM]) {
    const line = accountOf(lots)
    add(line)
    const again = accountOf(lots)
    const before = again.history.entries
    const blocks = await blocksOf(() => add(again))
    of[lots] = Math.round(blocks / (again.history.entries - before))
  }
  counts[name] = of
}
console.log(JSON.stringify(counts))
