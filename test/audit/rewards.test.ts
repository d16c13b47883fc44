import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import type { AuditReport } from '../../src/audit/audit-report.ts'
import { KeptLog } from '../../src/audit/resume/audited-log.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { toBase64 } from '../../src/core/bytes.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { decodeTransaction, type TransactionOf } from '../../src/core/entry/transaction.ts'
import { readDetails } from '../../src/files/details-file.ts'
import { evaluatorOf, RETAIL_RULE_TEXT, TAOBAO_RULE_TEXT } from '../../src/programmes/index.ts'
import { type Ran, Served, tally } from '../cli/run.ts'
import { OTHER_MEMBER, ServedWorld } from '../http/server.ts'
import { hash } from '../lies/make/shop.ts'
import { BUDGET, EVERY_BUDGET, FIRST_MEMBER, FUNDED, OPERATOR_KEY } from '../world.ts'

/** A minute before a day begins in Beijing. */
const SECOND = 1_511_625_540
const HOUR = 500_000

/** Views of one member: `count` of them, from a second on. */
const views = (count: number, from = SECOND) => Array.from({ length: count }, (_, i) => `7,${i},1,pv,${from + i},0`)
const invoice = (lines: readonly (readonly number[])[], more: object = {}) =>
  JSON.stringify({ invoice: '536001', part: 1, customer: '1', timeMs: HOUR * 3_600_000, lines, ...more })

/** What is issued for a text: an amount, perhaps with dates, perhaps with another salt. */
interface Paid {
  readonly text: string
  readonly amount: number
  readonly credit?: number
  readonly matures?: number
  readonly expires?: number
  readonly salt?: string
}

describe('an auditor with details computes rewards again', () => {
  let served: ServedWorld
  let folder: string
  let rules: { readonly taobao: number; readonly retail: number; readonly other: number }
  let lines: string[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-rewards-'))
    served = await ServedWorld.create()
    lines = []
    const { world } = served
    const first = world.log.ledger.state.registry.records.length
    const texts = {
      'behaviour-v1': TAOBAO_RULE_TEXT,
      'purchase-v1': RETAIL_RULE_TEXT,
      other: '{"name":"behaviour-v1"}',
    }
    await world.submit(
      [world.root],
      ...Object.entries(texts).map(([name, text]) =>
        world.bytes({ kind: 'publish-rule', name, digest: hash(text), budgets: EVERY_BUDGET }),
      ),
    )
    rules = { taobao: first, retail: first + 1, other: first + 2 }
  })
  afterEach(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  /** Issues, notes the details under the commitments, and returns the log index of the first. */
  const pay = async (rule: number, ...list: readonly Paid[]): Promise<number> => {
    const { world } = served
    const { index, statuses } = await world.submit(
      [world.issuer],
      ...list.map(({ text, amount, credit = FIRST_MEMBER, matures = 0, expires = 0, salt = text }) => {
        lines.push(JSON.stringify({ salt: toBase64(hash(`salt ${salt}`)), text }))
        const details = hash2(hash(`salt ${salt}`), text)
        return world.bytes({ kind: 'issue', debit: BUDGET, credit, amount, matures, expires, rule, details })
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([ACCEPTED]))
    await world.log.publisher.publish()
    return index! + 1
  }

  /** What an audit with those lines of a details file reports. */
  const audited = async (held: readonly string[] = lines, kept?: KeptLog): Promise<AuditReport> => {
    const file = join(folder, 'held.jsonl')
    await writeFile(file, held.map(line => `${line}\n`).join(''))
    const rewards = new Rewards(await readDetails([file]))
    const { policy } = served.world
    const client = served.client(served.keys.auditor)
    const options = { client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} }
    return audit({ ...options, ...(kept === undefined ? {} : { kept }) })
  }

  /** Codes and messages of an audit, of which a wrong reward is to be the only fault. */
  const wrong = async (): Promise<string[]> => {
    const { faults, entries, treeSize } = await audited()
    expect([entries, ...new Set(faults.map(({ code }) => code))]).toEqual([treeSize, 'reward'])
    return faults.map(({ message }) => message)
  }

  test('and finds nothing where each is what its rule gives', async () => {
    await pay(rules.taobao, ...views(40).map(text => ({ text, amount: 1 })))
    // The day of the rule ends at 16:00 UTC; the cap is that of one account.
    await pay(rules.taobao, ...views(40, SECOND + 60).map(text => ({ text, amount: 1 })))
    await pay(rules.taobao, ...views(1).map(text => ({ text: `1${text}`, amount: 1, credit: OTHER_MEMBER })))
    await pay(
      rules.taobao,
      { text: `7,1,1,buy,${SECOND},0`, amount: 50 },
      { text: `7,1,1,buy,${SECOND},1`, amount: 50 },
    )
    const lot = { matures: 4 * (HOUR + 14 * 24), expires: 4 * (HOUR + 90 * 24) }
    await pay(rules.retail, {
      text: invoice([
        [3, 1005],
        [1, 990],
        [-1, 5],
      ]),
      amount: 4,
      ...lot,
    })
    const { faults, rewards } = await audited()
    expect(faults).toEqual([])
    // Beside them the served world issued 100 points under no rule.
    expect(rewards).toMatchObject({
      fromEntry: 0,
      all: { issues: 85, points: 285 },
      evaluated: { issues: 84, points: 185 },
      share: { issues: 84 / 85, points: 185 / 285 },
    })
    expect(rewards!.rules.map(({ rule, all, evaluated }) => [rule, all, evaluated])).toEqual([
      [0, { issues: 1, points: 100 }, { issues: 0, points: 0 }],
      [rules.taobao, { issues: 83, points: 181 }, { issues: 83, points: 181 }],
      [rules.retail, { issues: 1, points: 4 }, { issues: 1, points: 4 }],
    ])
  })

  test('and finds one who is paid double', async () => {
    const at = await pay(
      rules.taobao,
      { text: `8,1,1,cart,${SECOND},0`, amount: 5 },
      { text: `7,1,1,buy,${SECOND},0`, amount: 100 },
    )
    expect(await wrong()).toEqual([
      `entry ${at + 1}: rule behaviour-v1 (record ${rules.taobao}) gives 50; issued to account ${FIRST_MEMBER}: 100`,
    ])
  })

  test('and one who is paid less', async () => {
    await pay(rules.taobao, { text: `7,1,1,buy,${SECOND},0`, amount: 49 })
    expect(await wrong()).toEqual([expect.stringMatching(/gives 50; issued to account [0-9]+: 49$/)])
  })

  test('and views beyond the cap of a day, in whatever order they come', async () => {
    const at = await pay(rules.taobao, ...views(41).map(text => ({ text, amount: 1 })))
    expect(await wrong()).toEqual([
      expect.stringMatching(
        `^entry ${at + 40}: .* gives no more than 40 in all for what counts .* entry ${at}; issued .*: 1$`,
      ),
    ])
    // Issues of another day between them change nothing.
    await pay(rules.taobao, { text: `7,1,1,pv,${SECOND + 86_400},0`, amount: 1 })
    await pay(rules.taobao, { text: `7,99,1,pv,${SECOND},0`, amount: 1 })
    expect(await wrong()).toHaveLength(2)
  })

  test('and one event that is rewarded twice, with the same salt or another', async () => {
    const text = `7,1,1,buy,${SECOND},0`
    const at = await pay(rules.taobao, { text, amount: 50 }, { text, amount: 50 }, { text, amount: 50, salt: 'new' })
    expect(await wrong()).toEqual(
      [1, 2].map(i =>
        expect.stringMatching(`^entry ${at + i}: .* gives no more than 50 in all for what entry ${at} was issued for`),
      ),
    )
  })

  /** Takes an issue back, whole or in part. */
  const takeBack = async (at: number, amount: number): Promise<void> => {
    const { world } = served
    const original = decodeTransaction(await world.log.readEntry(at)) as TransactionOf<'issue'>
    const reversal = { kind: 'reverse', debit: original.credit, credit: BUDGET, amount, original: original.id } as const
    expect((await world.submit([world.issuer], world.bytes(reversal))).statuses).toEqual(Uint8Array.of(ACCEPTED))
    await world.log.publisher.publish()
  }

  test('and a reward that is put right is no second one, nor under a cap', async () => {
    const text = `7,1,1,buy,${SECOND},0`
    const at = await pay(rules.taobao, { text, amount: 50, credit: OTHER_MEMBER })
    await takeBack(at, 50)
    const again = await pay(rules.taobao, { text, amount: 50, salt: 'again' })
    // Part of it is taken back by mistake, and given once more.
    await takeBack(again, 20)
    await pay(rules.taobao, { text, amount: 20, salt: 'the rest' })
    expect((await audited()).faults).toEqual([])
    // A view of another's is given to a member who has all that a day gives.
    const stray = await pay(rules.taobao, { text: `8,1,1,pv,${SECOND},0`, amount: 1 })
    await takeBack(stray, 1)
    await pay(rules.taobao, { text: `8,1,1,pv,${SECOND},0`, amount: 1, credit: OTHER_MEMBER, salt: 'right' })
    await pay(rules.taobao, ...views(40).map(one => ({ text: one, amount: 1 })))
    expect((await audited()).faults).toEqual([])
    // Who gives it once more without taking it back, or more than was taken back, gives twice.
    await takeBack(again, 10)
    const most = await pay(rules.taobao, { text, amount: 11, salt: 'too much' })
    expect(await wrong()).toEqual([expect.stringMatching(`^entry ${most}: .* gives no more than 50 in all for`)])
  })

  test('and one text is one rule, under however many names it is published', async () => {
    const { world } = served
    const digest = hash(TAOBAO_RULE_TEXT)
    const other = world.log.ledger.state.registry.records.length
    await world.submit(
      [world.root],
      world.bytes({ kind: 'publish-rule', name: 'once-more', digest, budgets: EVERY_BUDGET }),
    )
    const text = `7,1,1,buy,${SECOND},0`
    const at = await pay(rules.taobao, { text, amount: 50 }, ...views(20).map(one => ({ text: one, amount: 1 })))
    await pay(other, { text, amount: 50 }, ...views(21, SECOND + 30).map(one => ({ text: one, amount: 1 })))
    expect(await wrong()).toEqual([
      expect.stringMatching(`: rule once-more .* gives no more than 50 in all for what entry ${at} was issued for;`),
      expect.stringMatching(': rule once-more .* gives no more than 40 in all for what counts together with entry '),
    ])
  })

  test('and points of a purchase that mature or expire otherwise, or that a cancelled one earns', async () => {
    const [matures, expires] = [4 * (HOUR + 14 * 24), 4 * (HOUR + 90 * 24)]
    const lines = [[2, 1500]]
    await pay(
      rules.retail,
      { text: invoice(lines, { part: 1 }), amount: 3, matures, expires: expires - 96 },
      { text: invoice(lines, { part: 2 }), amount: 3, matures: 0, expires },
      { text: invoice(lines, { part: 3 }), amount: 3, matures, expires: 0 },
      { text: invoice(lines, { part: 4 }), amount: 4, matures, expires },
      { text: invoice(lines, { invoice: 'C53600' }), amount: 3, matures, expires },
      { text: invoice(lines, { invoice: 'C536001' }), amount: 3, matures, expires },
      { text: invoice(lines, { part: 5 }), amount: 3, matures, expires },
    )
    const found = await wrong()
    expect(found.map(text => /gives (.*); issued to account \d+: (.*)$/.exec(text)?.slice(1))).toEqual([
      [
        `3, matures ${matures}, expires ${expires} (quarter hours)`,
        `3, matures ${matures}, expires ${expires - 96} (quarter hours)`,
      ],
      [`3, matures ${matures}, expires ${expires} (quarter hours)`, `3, matures 0, expires ${expires} (quarter hours)`],
      [`3, matures ${matures}, expires ${expires} (quarter hours)`, `3, matures ${matures}, expires 0 (quarter hours)`],
      [
        `3, matures ${matures}, expires ${expires} (quarter hours)`,
        `4, matures ${matures}, expires ${expires} (quarter hours)`,
      ],
      ['nothing', `3, matures ${matures}, expires ${expires} (quarter hours)`],
    ])
  })

  test('and accuses nobody of what it cannot compute, but says how much that is, and why', async () => {
    const { world } = served
    await pay(
      rules.taobao,
      { text: `7,1,1,buy,${SECOND},0`, amount: 50 },
      { text: `7,1,1,fav,${SECOND},0`, amount: 200 },
      { text: 'a present', amount: 300 },
    )
    await pay(rules.other, { text: `7,1,1,buy,${SECOND},0`, amount: 400 })
    await pay(rules.taobao, { text: `7,2,1,buy,${SECOND},0`, amount: 500 })
    // Of two whose text is not at hand, one was erased.
    const erased = hash2(hash(`salt 7,2,1,buy,${SECOND},0`), `7,2,1,buy,${SECOND},0`)
    await served.world.log.details.put({
      account: FIRST_MEMBER,
      salt: hash(`salt 7,2,1,buy,${SECOND},0`),
      text: `7,2,1,buy,${SECOND},0`,
    })
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    expect(await served.world.log.details.erase(FIRST_MEMBER, erased)).toBeTypeOf('number')
    await world.submit(
      [world.issuer],
      world.bytes({ kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount: 600, rule: rules.taobao }),
    )
    await world.log.publisher.publish()
    const { faults, rewards } = await audited([lines[0]!, lines[2]!, lines[3]!])
    expect(faults).toEqual([])
    const [none, taobao, other] = rewards!.rules
    expect(none!.notEvaluated.noRule).toEqual({ issues: 1, points: 100 })
    expect(other!.notEvaluated.unknownRule).toEqual({ issues: 1, points: 400 })
    expect(taobao).toMatchObject({
      all: { issues: 5, points: 1650 },
      evaluated: { issues: 1, points: 50 },
      wrong: { issues: 0, points: 0 },
      notEvaluated: {
        notHeld: { issues: 1, points: 200 },
        unreadable: { issues: 1, points: 300 },
        erased: { issues: 1, points: 500 },
        noDetails: { issues: 1, points: 600 },
        unknownRule: { issues: 0, points: 0 },
      },
    })
    expect(rewards!.share).toEqual({ issues: 1 / 7, points: 50 / 2150 })
  })

  test('and counts nothing that was refused', async () => {
    const { world } = served
    const text = `7,1,1,buy,${SECOND},0`
    const details = hash2(hash(`salt ${text}`), text)
    const double = { kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, rule: rules.taobao, details } as const
    const { statuses } = await world.submit([world.issuer], world.bytes({ ...double, amount: 2 * FUNDED }))
    expect(statuses[0]).not.toBe(ACCEPTED)
    await pay(rules.taobao, { text, amount: 50 })
    const { faults, rewards } = await audited()
    expect([faults, rewards!.rules[1]!.all]).toEqual([[], { issues: 1, points: 50 }])
  })

  test('and a file with other salts, or other texts, proves nothing', async () => {
    await pay(rules.taobao, { text: `7,1,1,buy,${SECOND},0`, amount: 50 })
    const [line] = lines
    for (const other of [
      JSON.stringify({ salt: toBase64(hash('another')), text: `7,1,1,fav,${SECOND},0` }),
      JSON.stringify({ salt: toBase64(hash('another')), text: `7,1,1,buy,${SECOND},0` }),
      line!.replace('buy', 'fav'),
    ]) {
      const { faults, rewards } = await audited([other])
      expect(faults).toEqual([])
      expect(rewards!.rules[1]).toMatchObject({ evaluated: { issues: 0 }, notEvaluated: { notHeld: { issues: 1 } } })
    }
    expect((await audited([line!, line!])).rewards!.rules[1]).toMatchObject({ evaluated: { issues: 1 } })
  })

  test('a hundred wrong ones are told one by one, the others are counted', async () => {
    await pay(rules.taobao, ...Array.from({ length: 130 }, (_, i) => ({ text: `7,${i},1,fav,${SECOND},0`, amount: 3 })))
    const { faults, rewards } = await audited()
    expect(faults).toHaveLength(100)
    expect(faults.at(-1)!.message).toMatch(/only counted$/)
    expect(rewards!.rules[1]!.wrong).toEqual({ issues: 130, points: 390 })
  })

  test('with what earlier audits kept, it is of the entries since; and no mark goes past a wrong one', async () => {
    const state = join(folder, 'audits')
    await pay(rules.taobao, ...views(3).map(text => ({ text, amount: 1 })))
    const withState = async (held = lines) => {
      const kept = await KeptLog.open(state, served.world.origin)
      try {
        return await audited(held, kept)
      } finally {
        await kept.close()
      }
    }
    const first = await withState()
    expect([first.faults, first.rewards!.evaluated.issues]).toEqual([[], 3])
    await pay(rules.taobao, { text: `7,1,1,fav,${SECOND},0`, amount: 2 })
    const second = await withState()
    expect(second.rewards).toMatchObject({ fromEntry: first.treeSize, evaluated: { issues: 1 }, share: { issues: 1 } })
    await pay(rules.taobao, { text: `7,2,1,fav,${SECOND},0`, amount: 4 })
    // Found, and then found again from the first entry on; and as often as it is looked for.
    for (let i = 0; i < 2; i++) {
      const { faults, rewards } = await withState()
      expect(faults.map(({ code }) => code)).toEqual(['reward'])
      expect(rewards).toMatchObject({ fromEntry: 0, evaluated: { issues: 5 } })
    }
  })

  test('a file that is none is refused, with the line', async () => {
    const [salt, text] = [toBase64(hash('salt')), 'x']
    const good = JSON.stringify({ salt, text })
    const bad = [
      '',
      'salt',
      '[]',
      'null',
      '{"salt":1,"text":"x"}',
      JSON.stringify({ salt, text, more: 1 }),
      JSON.stringify({ salt: salt.slice(4), text }),
      JSON.stringify({ salt: `${salt}=`, text }),
      JSON.stringify({ salt, text: '' }),
      JSON.stringify({ salt, text: 'x'.repeat(16_385) }),
      good.slice(0, -1),
    ]
    for (const line of bad) {
      const file = join(folder, 'bad.jsonl')
      await writeFile(file, `${good}\n${line}\n`)
      await expect(readDetails([file]), line.slice(0, 80)).rejects.toMatchObject({
        code: 'details-line',
        message: expect.stringMatching(/bad\.jsonl: line 2: /),
      })
    }
    await writeFile(join(folder, 'long.jsonl'), 'x'.repeat(200_000))
    await expect(readDetails([join(folder, 'long.jsonl')])).rejects.toMatchObject({ code: 'file' })
    await expect(readDetails([join(folder, 'missing.jsonl')])).rejects.toMatchObject({ code: 'file' })
    await rm(join(folder, 'bad.jsonl'))
    await rm(join(folder, 'long.jsonl'))
    await expect(readDetails([folder])).rejects.toMatchObject({ code: 'file' })
    await writeFile(join(folder, 'good.jsonl.gz'), gzipSync(good))
    await writeFile(join(folder, 'readme.txt'), 'not of them')
    expect([...(await readDetails([folder])).values()]).toEqual(['x'])
  })
})

test('a rule makes nothing of texts that are not of its form', () => {
  const [taobao, retail] = [TAOBAO_RULE_TEXT, RETAIL_RULE_TEXT].map(text => evaluatorOf(hash(text))!)
  expect(evaluatorOf(hash(`${TAOBAO_RULE_TEXT} `))).toBeUndefined()
  const view = `7,1,1,pv,${SECOND},0`
  expect([taobao!.due(view, 3)?.amount, retail!.due(invoice([[2, 500]]), 3)?.amount]).toEqual([1, 1])
  for (const text of ['', view.slice(0, -2), `${view}\n`, view.replace('pv', 'pvs'), `-${view}`, invoice([[2, 500]])])
    expect(taobao!.due(text, 3), text).toBeUndefined()
  const half = { lines: [[1, 0.5]] }
  const texts = ['', 'null', '[]', '{}', view, invoice([[1]]), invoice([[1, 2, 3]]), invoice([], half)]
  for (const more of [
    { invoice: 536001 },
    { part: -1 },
    { timeMs: '0' },
    { timeMs: 2 ** 60 },
    { lines: {} },
    { customer: 1 },
  ])
    texts.push(invoice([[2, 500]], more))
  for (const text of texts) expect(retail!.due(text, 3), text).toBeUndefined()
})

/** `H(salt ‖ text)`, SPEC §5. */
function hash2(salt: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(salt).update(text).digest())
}

describe('a platform that imports hands over what its issues commit to', () => {
  let served: Served
  let before: string[]
  const run = (...args: string[]): Promise<Ran> => tally(served.directory, ...args)
  const imports = (...more: string[]) =>
    run('import', '--format', 'taobao', 'events.csv', '--url', served.url, '--json', ...more)
  const file = () => join(served.directory, 'points.jsonl')
  const linesNow = async () => (await readFile(file(), 'utf8')).split('\n')

  beforeAll(async () => {
    served = await Served.start()
    const events = [...views(50), ...['8,1,1,buy', '8,1,1,buy', '9,1,1,fav'].map(line => `${line},${SECOND + 100},0`)]
    await writeFile(join(served.directory, 'events.csv'), `${events.map(line => line.slice(0, -2)).join('\n')}\n`)
    expect(await imports('--details', 'points.jsonl')).toMatchObject({ status: 0 })
    before = await linesNow()
  })
  afterAll(() => served.destroy())

  test('in a file of its own, each once, however often it runs', async () => {
    expect(before).toHaveLength(40 + 3 + 1)
    expect(new Set(before).size).toBe(before.length)
    if (process.platform !== 'win32') expect((await stat(file())).mode & 0o777).toBe(0o600)
    const again = await imports('--details', 'points.jsonl')
    expect([again.status, JSON.parse(again.out)]).toMatchObject([0, { newlyIssued: 0, refused: {} }])
    expect(await linesNow()).toEqual(before)
    // Without, and into another file, it is the same import.
    expect(await imports('--details', 'other.jsonl')).toMatchObject({ status: 0 })
    const other = (await readFile(join(served.directory, 'other.jsonl'), 'utf8')).split('\n')
    expect(other.sort()).toEqual([...before].sort())
  })

  test('also where a run was cut off in the middle of a line', async () => {
    await truncate(file(), before.slice(0, 20).join('\n').length - 10)
    expect(await imports('--details', 'points.jsonl')).toMatchObject({ status: 0 })
    expect((await linesNow()).sort()).toEqual([...before].sort())
    await writeFile(join(served.directory, 'mine.txt'), 'something else')
    expect(await imports('--details', 'mine.txt')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/details-line: mine\.txt: line 1: /),
    })
    expect(await readFile(join(served.directory, 'mine.txt'), 'utf8')).toBe('something else')
  })

  test('with which the auditor computes all of it again, and says so on paper and page', async () => {
    const { status, out } = await run('audit', served.url, '--details', 'points.jsonl', '--html', 'audit.html')
    expect([status, out]).toEqual([
      0,
      expect.stringMatching(
        /computed again by the published rules: 100\.0 % of 43 issues, 100\.0 % of 142 points\n[\s\S]*behaviour-v1 \(record \d+\) +43 +43 +100\.0 % +100\.0 % +0/,
      ),
    ])
    const page = await readFile(join(served.directory, 'audit.html'), 'utf8')
    expect(page).toMatch(/<table id="rewards">[\s\S]*behaviour-v1[\s\S]*<td class="n">43<\/td>/)
    expect(page).toContain('43 issues must be was computed again')
    const half = before.slice(0, 21).join('\n')
    await writeFile(join(served.directory, 'half.jsonl'), `${half}\n`)
    const partly = await run('audit', served.url, '--details', 'half.jsonl', '--json')
    expect([partly.status, JSON.parse(partly.out).rewards.share.issues]).toEqual([0, 21 / 43])
    await appendFile(join(served.directory, 'half.jsonl'), '{"salt":')
    expect(await run('audit', served.url, '--details', 'half.jsonl')).toMatchObject({
      status: 2,
      err: expect.stringContaining('details-line: half.jsonl: line 22: '),
    })
    expect((await readdir(served.directory)).filter(name => name.startsWith('evidence'))).toEqual([])
  })
})
