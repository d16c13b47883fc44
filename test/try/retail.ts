import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { TallyClient } from '../../src/client/index.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { parsePolicy } from '../../src/core/note/policy.ts'
import { readKey, signingKey } from '../../src/files/key-files.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { Served, tally } from '../cli/run.ts'
import { notAtHand, realInput } from './real-input.ts'

const FILE = 'online-retail.csv.gz'
const SAMPLE = 100
const HOUR = 3600_000

/** What a year of invoices comes to. */
export interface RetailTotals {
  readonly members: number
  readonly issued: number
  readonly redeemed: number
  readonly expired: number
  readonly reversed: number
  readonly outstanding: number
}

/** The cells of a line of CSV, character by character. */
function cells(line: string): string[] {
  const found: string[] = []
  let [cell, quoted] = ['', false]
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (c === '"' && quoted && line[i + 1] === '"') {
      cell += c
      i++
    } else if (c === '"') quoted = !quoted
    else if (c === ',' && !quoted) {
      found.push(cell)
      cell = ''
    } else cell += c
  }
  return [...found, cell]
}

interface Earned {
  readonly ripe: number
  readonly ends: number
  /** Of these points, not spent, expired or taken back. */
  left: number
  /** Not taken back by a cancellation yet. */
  standing: number
}

/**
 * The totals by the rules alone, without a line of the ledger: one point a whole pound of an invoice, to be spent from
 * 14 days on (of the next whole hour) and until 90 days; spent at the next purchase at which at least 500 are there;
 * cancelled invoices take back from the latest purchases first, what is left of them and of the balance.
 */
export function retailTotals(csv: string): RetailTotals {
  const invoices: { customer: string; at: number; cancels: boolean; thousandths: number; number: string }[] = []
  for (const line of csv.split('\n').slice(1)) {
    if (line === '') continue
    const [number, , , quantity, date, price, customer] = cells(line.replace(/\r$/, '')) as string[]
    const last = invoices.at(-1)
    const thousandths = Number(quantity) * Math.round(Number(price) * 1000)
    if (last !== undefined && last.number === number && last.customer === customer) last.thousandths += thousandths
    else {
      const at = Date.parse(`${date!.replace(' ', 'T')}Z`)
      invoices.push({ customer: customer!, at, cancels: number!.startsWith('C'), thousandths, number: number! })
    }
  }
  const members = new Map<string, Earned[]>()
  for (const { customer, cancels, thousandths } of invoices)
    if (customer !== '' && !cancels && thousandths >= 1000) members.set(customer, [])
  let [issued, redeemed, reversed, expired, outstanding, end] = [0, 0, 0, 0, 0, 0]
  for (const { customer, at, cancels, thousandths } of invoices) {
    const earned = members.get(customer)
    let pounds = Math.floor(Math.abs(thousandths) / 1000)
    if (earned === undefined || pounds === 0 || cancels !== thousandths < 0) continue
    const alive = earned.filter(({ ends }) => ends > at)
    if (!cancels) {
      const there = alive.filter(({ ripe }) => ripe <= at)
      const sum = there.reduce((total, { left }) => total + left, 0)
      if (sum >= 500) {
        redeemed += sum
        for (const one of there) one.left = 0
      }
      const hour = Math.ceil(at / HOUR) * HOUR
      earned.push({ ripe: hour + 14 * 24 * HOUR, ends: hour + 90 * 24 * HOUR, left: pounds, standing: pounds })
      issued += pounds
      end = at
      continue
    }
    for (const one of alive.toReversed()) {
      const there = alive.reduce((total, { left }) => total + left, 0)
      const amount = Math.min(pounds, one.standing, there)
      if (amount === 0) continue
      one.standing -= amount
      pounds -= amount
      reversed += amount
      end = at
      // From points that end in the same hour as this purchase's, then from those that end soonest.
      let taking = amount
      for (const from of [...alive.filter(({ ends }) => ends === one.ends), ...alive]) {
        const some = Math.min(taking, from.left)
        from.left -= some
        taking -= some
      }
    }
  }
  for (const earned of members.values())
    for (const { ends, left } of earned) {
      if (ends <= end) expired += left
      else outstanding += left
    }
  return { members: members.size, issued, redeemed, expired, reversed, outstanding }
}

/** A ledger whose time follows its entries, from the day before the data on. */
export async function servedWithItsOwnTime(): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'tally-retail-'))
  const { status, err } = await tally(directory, 'init', '--data', 'data', '--clock', '2010-12-01')
  if (status !== 0) throw new Error(`tally init ended with ${status}: ${err}`)
  return Served.start(directory)
}

/**
 * Imports a file of invoices into a fresh ledger over HTTP, twice, audits it, and verifies the statements of members
 * drawn at random.
 *
 * @throws Error that names the first figure that is not what it should be.
 */
export async function tryRetail(file: string, sample: number, say: (text: string) => void): Promise<RetailTotals> {
  const packed = readFileSync(file)
  const expected = retailTotals((file.endsWith('.gz') ? gunzipSync(packed) : packed).toString('utf8'))
  say(`by the rules: ${JSON.stringify(expected)}`)
  const served = await servedWithItsOwnTime()
  try {
    const command = [
      'import',
      '--format',
      'online-retail',
      file,
      '--url',
      served.url,
      '--json',
      '--details',
      'points.jsonl',
    ]
    const imported = await report(served, ...command)
    say(`imported in ${Number(imported['seconds']).toFixed(1)} s: ${imported['newTransactions']} transactions`)
    for (const name of ['issued', 'redeemed', 'reversed'] as const) same(name, imported[name], expected[name])
    const policy = parsePolicy(readFileSync(join(served.directory, 'data/policy')))
    const anyone = new TallyClient({ url: served.url, policy })
    const { size } = await anyone.ledger()
    const sealed = parseCheckpoint(parseNote(await anyone.checkpoint()).text).size
    if (sealed < size) throw new Error(`the import ended when ${sealed} of ${size} entries were in a checkpoint`)
    const audit = await report(served, 'audit', served.url, '--json', '--details', 'points.jsonl')
    const { coins } = audit['totals'] as { coins: Record<string, number> }
    for (const name of ['issued', 'redeemed', 'expired', 'reversed'] as const)
      same(`${name}, by the audit`, Number(coins![name]), expected[name])
    same('outstanding, by the audit', Number(coins!['owed']), expected.outstanding)
    same('the share of points computed again', (audit['rewards'] as { share: { points: number } }).share.points, 1)
    same('faults', (audit['faults'] as unknown[]).length, 0)
    say(`the audit finds the same: ${JSON.stringify(coins)}`)
    const again = await report(served, ...command)
    same('transactions of a second import', again['newTransactions'], 0)
    const key = await signingKey(await readKey(join(served.directory, 'data/keys/registrar.json')), anyone)
    const client = anyone.as(key)
    for (let i = 0; i < sample; i++) {
      const account = FIRST_MEMBER + randomInt(expected.members)
      const { balance, shares } = verifyStatement(await client.statement(account), { policy })
      const shown = await client.account(account)
      same(`balance of account ${account}`, shown.balance, balance)
      same(`available in account ${account}`, shown.available, shares.available)
      same(`what account ${account} has`, shown.available + shown.pending + shown.held + shown.overdue, balance)
    }
    say(`${sample} statements drawn at random verify`)
    return expected
  } finally {
    await served.destroy()
  }
}

/** Accounts of members begin behind the treasury, the budget and the one for expired points. */
const FIRST_MEMBER = 3

/** Runs a command and returns the JSON that it printed. */
async function report({ directory }: Served, ...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await tally(directory, ...args)
  if (status !== 0) throw new Error(`tally ${args.join(' ')} ended with ${status}: ${err}${out}`)
  return JSON.parse(out) as Record<string, unknown>
}

function same(what: string, found: unknown, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${String(found)}`)
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? realInput(FILE)
  if (file === undefined) {
    console.error(notAtHand(FILE))
    process.exitCode = 2
  } else await tryRetail(file, SAMPLE, text => console.log(text))
}
