import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listEntries, memberRef, TallyClient } from '../../src/client/index.ts'
import { fromBase64 } from '../../src/core/bytes.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { DetailsWriter } from '../../src/files/details-file.ts'
import { type ImportOptions, type ImportReport, importRetail, importTaobao } from '../../src/issuing/index.ts'
import { entryClock } from '../../src/log/index.ts'
import { parseProgramme, TEMPLATES } from '../../src/programmes/index.ts'
import { ServedWorld } from '../http/server.ts'
import { Chance } from '../programmes/random.ts'
import { BUDGET, COINS, type Draft, FIRST_MEMBER, TREASURY } from '../world.ts'

const PURCHASE = parseProgramme(JSON.stringify(TEMPLATES['purchase']))
const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

/** A ledger whose clock is the machine's, and imports into it. */
class Imports {
  readonly served: ServedWorld
  readonly folder: string
  #details: DetailsWriter | undefined

  private constructor(served: ServedWorld, folder: string) {
    this.served = served
    this.folder = folder
  }

  /** @param fromMs - where the time begins of a ledger whose time follows its entries. */
  static async create(fromMs?: number): Promise<Imports> {
    const clock = fromMs === undefined ? { nowMs: Date.now } : entryClock(fromMs)
    const served = await ServedWorld.create({ clock, nowMs: fromMs ?? Date.now(), periodMs: 20 })
    return new Imports(served, await mkdtemp(join(tmpdir(), 'tally-import-')))
  }

  async options(more: Partial<ImportOptions> = {}): Promise<ImportOptions> {
    this.#details ??= await DetailsWriter.open(join(this.folder, 'details.jsonl'))
    const { world, keys, options } = this.served
    return {
      client: new TallyClient({ ...options, nowMs: Date.now }),
      issuer: keys.issuer,
      root: { holder: { record: 0 }, seed: world.keys.root.seed },
      auditor: keys.auditor,
      secret: new Uint8Array(32).fill(3),
      folder: join(this.folder, 'issuing'),
      details: this.#details,
      skipBad: false,
      signal: new AbortController().signal,
      onProgress: () => {},
      ...more,
    }
  }

  async taobao(...lines: readonly string[]): Promise<ImportReport> {
    return importTaobao(linesOf(lines), await this.options())
  }

  async retail(...lines: readonly string[]): Promise<ImportReport> {
    return importRetail(linesOf(lines), PURCHASE, await this.options())
  }

  /** Members, and the sum of what they have. */
  get outcome(): { accounts: number; points: number } {
    const { accounts } = this.served.world.log.ledger.state
    let points = 0
    for (let i = FIRST_MEMBER + 2; i < accounts.count; i++) points += accounts.balance(i)
    return { accounts: accounts.count - FIRST_MEMBER - 2, points }
  }

  /** What the import after this changes of that. */
  async changes(run: () => Promise<unknown>): Promise<{ accounts: number; points: number }> {
    const before = this.outcome
    await run()
    const after = this.outcome
    return { accounts: after.accounts - before.accounts, points: after.points - before.points }
  }

  async loseFolder(): Promise<void> {
    await rm(join(this.folder, 'issuing'), { recursive: true, force: true })
  }

  /** Takes back what the first issue to a member gave; returns what is left. */
  async clawBack(member: number, amount: number): Promise<number> {
    const { world } = this.served
    const { options } = this.served
    const entries = await listEntries(new TallyClient({ ...options, caller: this.served.keys.registrar }), member)
    const { entry } = entries.find(({ kind }) => kind === 'issue')!
    const { id: original } = decodeTransaction(fromBase64(entry))
    world.nowMs = Date.now()
    const back = { kind: 'reverse', debit: member, credit: BUDGET, amount, original } as const
    await world.submit([world.issuer], world.bytes(back))
    return world.log.ledger.state.accounts.balance(member)
  }

  async destroy(): Promise<void> {
    await this.#details?.close()
    await this.served.destroy()
    await rm(this.folder, { recursive: true, force: true })
  }
}

describe(`imports into a ledger that goes on (TALLY_SEED=${SEED})`, () => {
  let imports: Imports
  beforeAll(async () => {
    imports = await Imports.create()
  })
  afterAll(() => imports.destroy())

  const SECOND = 1_511_544_000
  const view = (member: number, item: number) => `${member},${item},901,pv,${SECOND + (item % 5000)}`

  test('a morning, then the whole day with the newest first: what the day earns', async () => {
    const morning = [`101,5999,901,buy,${SECOND - 10}`, ...Array.from({ length: 40 }, (_, i) => view(101, 6000 + i))]
    const rest = Array.from({ length: 40 }, (_, i) => view(101, 7000 + i))
    expect(await imports.changes(() => imports.taobao(...morning))).toEqual({ accounts: 1, points: 90 })
    const whole = [morning[0]!, ...[...morning.slice(1), ...rest].reverse()]
    expect(await imports.changes(() => imports.taobao(...whole))).toEqual({ accounts: 0, points: 0 })
    await imports.loseFolder()
    expect(await imports.changes(() => imports.taobao(...whole))).toEqual({ accounts: 0, points: 0 })
  })

  test('the file of the next day: one account a member, also when the folder is lost between', async () => {
    const day1 = [`201,5001,901,buy,${SECOND}`, `202,5002,902,fav,${SECOND + 10}`]
    const day2 = [`201,5003,901,cart,${SECOND + 96_000}`, `202,5002,902,buy,${SECOND + 96_010}`]
    expect(await imports.changes(() => imports.taobao(...day1))).toEqual({ accounts: 2, points: 52 })
    await imports.loseFolder()
    expect(await imports.changes(() => imports.taobao(...day2))).toEqual({ accounts: 0, points: 55 })
  })

  test('members of a shop: met where its gateway opened them, opened for it where not', async () => {
    const { world } = imports.served
    const secret = new Uint8Array(32).fill(9)
    const merchant = world.log.ledger.state.accounts.count
    const shop = { ...world.openMember(), accountKind: 'merchant', owner: null } as Draft
    await world.submit([world.treasurer], world.bytes(shop))
    const refOf = (name: string) => memberRef(secret, COINS, name)
    const known = { ...world.openMember(), sponsor: merchant, ref: refOf('601') } as Draft
    await world.submit([world.registrar], world.bytes(known))
    const lines = [`601,5001,901,buy,${SECOND}`, `602,5002,902,fav,${SECOND + 10}`]
    const members = { secret, sponsorOf: () => merchant }
    const run = async () => importTaobao(linesOf(lines), await imports.options({ members }))
    expect(await imports.changes(run)).toEqual({ accounts: 1, points: 52 })
    const { refs, accounts } = world.log.ledger.state
    expect(['601', '602'].map(name => refs.find(COINS, merchant, refOf(name)))).toEqual([merchant + 1, merchant + 2])
    expect(accounts.balance(merchant + 1)).toBe(50)
    await imports.loseFolder()
    expect(await imports.changes(run)).toEqual({ accounts: 0, points: 0 })
  })

  test('any order, in parts, again, with other rows between: the same points', async () => {
    const chance = new Chance(SEED)
    const kinds = ['pv', 'pv', 'pv', 'fav', 'cart', 'buy'] as const
    const lines = Array.from(
      { length: 400 },
      (_, i) => `${chance.int(301, 304)},${i},1,${chance.of(kinds)},${SECOND + chance.int(-2, 2) * 86_400 + i}`,
    )
    const wanted = new Map<string, number>()
    for (const line of lines) {
      const [member, , , kind, second] = line.split(',') as [string, string, string, string, string]
      const day = Math.floor((Number(second) + 8 * 3600) / 86_400)
      const key = kind === 'pv' ? `${member} ${day}` : `${member} other`
      const sum = (wanted.get(key) ?? 0) + { pv: 1, fav: 2, cart: 5, buy: 50 }[kind as 'pv']
      wanted.set(key, kind === 'pv' ? Math.min(40, sum) : sum)
    }
    const points = [...wanted.values()].reduce((a, b) => a + b, 0)
    const shuffled = lines.map(line => [chance.int(0, 1_000_000), line] as const).sort((a, b) => a[0] - b[0])
    const parts = [0, 1, 2].map(part => shuffled.map(([, line]) => line).filter((_, i) => i % 3 === part))
    const all = await imports.changes(async () => {
      await imports.taobao(...parts[0]!, ...parts[1]!.slice(0, 50))
      await imports.loseFolder()
      await imports.taobao(...parts[1]!, ...parts[0]!)
      await imports.taobao(...parts[2]!)
      await imports.taobao(...lines)
    })
    expect(all).toEqual({ accounts: 4, points })
  })

  test('an empty budget, which is then filled: the same import pays what is owed', async () => {
    const { world } = imports.served
    const left = world.log.ledger.state.accounts.balance(BUDGET)
    world.nowMs = Date.now()
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, left - 10)))
    const day = [`401,5001,901,buy,${SECOND}`, `402,5002,902,fav,${SECOND + 10}`]
    const first = await imports.taobao(...day)
    expect(first).toMatchObject({ points: 2, refused: { insufficient: 1 } })
    world.nowMs = Date.now()
    const fund = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 100_000 } as const
    await world.submit([world.treasurer], world.bytes(fund))
    expect(await imports.taobao(...day)).toMatchObject({ points: 52, newlyIssued: 1, refused: {} })
    expect(await imports.changes(() => imports.taobao(...day))).toEqual({ accounts: 0, points: 0 })
  })

  test('a member who is frozen is paid; one who has left, when her account is opened again; others at once', async () => {
    const { world } = imports.served
    const buys = (item: number) => ['701', '702', '703'].map(member => `${member},${item},901,buy,${SECOND + item}`)
    expect(await imports.changes(() => imports.taobao(...buys(1)))).toEqual({ accounts: 3, points: 150 })
    const [frozen, closed] = [world.log.ledger.state.accounts.count - 3, world.log.ledger.state.accounts.count - 2]
    const act = async (...drafts: Draft[]) => {
      world.nowMs = Date.now()
      const { statuses } = await world.submit([world.registrar], ...drafts.map(draft => world.bytes(draft)))
      expect(statuses.every(status => status === ACCEPTED)).toBe(true)
    }
    const taken = await imports.clawBack(closed, 50)
    expect(taken).toBe(0)
    await act({ kind: 'freeze', account: frozen, reason: 0 }, { kind: 'close', account: closed })
    expect(await imports.taobao(...buys(2))).toMatchObject({ newlyIssued: 2, refused: { 'account-closed': 1 } })
    // As long as the cause lasts the file is refused again, and nothing else of it.
    const again = await imports.changes(() => imports.taobao(...buys(2), `704,1,901,buy,${SECOND}`))
    expect(again).toEqual({ accounts: 1, points: 50 })
    await act({ kind: 'unfreeze', account: frozen }, { kind: 'reopen', account: closed })
    expect(await imports.taobao(...buys(2))).toMatchObject({ newlyIssued: 1, refused: {} })
    const { accounts } = world.log.ledger.state
    expect([accounts.balance(frozen), accounts.balance(closed)]).toEqual([100, 50])
    expect(await imports.changes(() => imports.taobao(...buys(2)))).toEqual({ accounts: 0, points: 0 })
  })

  test('blank lines are passed over; bad ones end an import, or are counted', async () => {
    const bad = `501,x,901,buy,${SECOND}`
    await expect(imports.taobao('', bad)).rejects.toMatchObject({ code: 'csv-line' })
    const options = await imports.options({ skipBad: true })
    const report = await importTaobao(linesOf(['', bad, `501,1,901,fav,${SECOND}`]), options)
    expect(report).toMatchObject({ lines: 3, badLines: 1, points: 2 })
  })
})

describe('invoices into a ledger whose time follows them', () => {
  let imports: Imports
  beforeAll(async () => {
    imports = await Imports.create(Date.UTC(2010, 10, 30))
  })
  afterAll(() => imports.destroy())

  const row = (
    invoice: string,
    quantity: number | string,
    price: string,
    customer: number,
    date = '2010-12-01 08:26:00',
  ) => `${invoice},A1,ARTICLE,${quantity},${date},${price},${customer}.0,United Kingdom`

  test('rows of an invoice that stand apart earn what those that stand together do', async () => {
    const rows = Array.from({ length: 4 }, () => [row('536365', 1, '0.75', 1), row('536366', 1, '0.75', 2)]).flat()
    expect(await imports.changes(() => imports.retail(...rows))).toEqual({ accounts: 2, points: 6 })
    expect(await imports.changes(() => imports.retail(...rows.sort()))).toEqual({ accounts: 0, points: 0 })
  })

  test('a hundred articles that are cancelled one by one leave nothing, in one file or two', async () => {
    const bought = row('536401', 100, '0.99', 3, '2010-12-01 09:00:00')
    const backs = Array.from({ length: 100 }, (_, i) => {
      const minute = String(10 + Math.floor(i / 10)).padStart(2, '0')
      return row(`C${536_500 + i}`, -1, '0.99', 3, `2010-12-02 08:${minute}:00`)
    })
    const all = await imports.changes(async () => {
      await imports.retail(bought, ...backs.slice(0, 40))
      await imports.loseFolder()
      await imports.retail(...backs.slice(30), bought)
    })
    expect(all).toEqual({ accounts: 1, points: 0 })
  })

  test('the file of the next month: one account a member', async () => {
    const december = [row('537001', 10, '60.00', 4), row('537002', 1, '20.00', 5, '2010-12-02 08:26:00')]
    const january = [
      row('547001', 1, '10.00', 4, '2011-01-05 08:26:00'),
      row('547002', 1, '20', 5, '2011-01-06 08:26:00'),
    ]
    expect(await imports.changes(() => imports.retail(...december))).toEqual({ accounts: 2, points: 620 })
    await imports.loseFolder()
    expect(await imports.changes(() => imports.retail(...january))).toEqual({ accounts: 0, points: 30 })
    // A file that comes late is paid, too.
    const late = row('537003', 1, '5.00', 4, '2010-12-03 08:26:00')
    expect(await imports.changes(() => imports.retail(late))).toEqual({ accounts: 0, points: 5 })
  })

  test('rows that come to an invoice later are said, and nothing is paid for them', async () => {
    const first = row('548001', 1, '10.00', 6, '2011-01-07 08:26:00')
    await imports.retail(first)
    const more = row('548001', 1, '7.00', 6, '2011-01-07 08:26:00')
    expect(await imports.retail(first, more)).toMatchObject({ changed: 1, points: 10, newlyIssued: 0 })
  })

  test('blank lines and rows of commas are passed over; bad ones are counted', async () => {
    const good = row('549001', 10, '6.00', 7, '2011-01-08 08:26:00')
    const bad = row('549002', '1.5', '6.00', 7, '2011-01-08 08:26:00')
    await expect(imports.retail(good, bad)).rejects.toMatchObject({ code: 'csv-line' })
    const options = await imports.options({ skipBad: true })
    const report = await importRetail(linesOf([good, bad, ',,,,,,,', '']), PURCHASE, options)
    expect(report).toMatchObject({ lines: 4, badLines: 1, points: 60 })
  })

  test('under another document, whose fields say what of an invoice they want', async () => {
    const shops = { ...TEMPLATES['merchants'], unit: 'coins', name: 'shops', from: '2010-12-01T00:00Z', grain: 4 }
    const document = JSON.stringify({ ...shops, day: '+00:00', late: '400d' })
    const rows = [
      row('550001', 3, '4.50', 8, '2011-01-09 08:26:00'),
      row('550002', 1, '9000000.00', 8, '2011-01-09 09:26:00'),
      row('C550003', -3, '4.50', 8, '2011-01-09 10:26:00'),
    ]
    world().nowMs = Date.UTC(2011, 0, 9)
    const more = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 2_000_000 } as const
    await world().submit([world().treasurer], world().bytes(more))
    const options = await imports.options()
    const report = await importRetail(linesOf(rows), parseProgramme(document), options)
    // Of each shop a million a month; the return is of the latest purchase of which so much is left.
    expect(report).toMatchObject({ points: 13 + 999_987, reversed: 2, refused: {} })
    const odd = { ...TEMPLATES['coins'], unit: 'coins', name: 'odd', from: '2010-12-01T00:00Z' }
    await expect(
      importRetail(
        linesOf([row('550004', 1, '5', 8, '2011-01-10 08:26:00')]),
        parseProgramme(JSON.stringify(odd)),
        options,
      ),
    ).rejects.toMatchObject({
      code: 'settings',
    })
  })

  const world = () => imports.served.world
})
