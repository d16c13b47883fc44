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

interface Bought {
  readonly number: string
  readonly at: number
  readonly whole: number
  readonly given: number
  /** End of the 90 days. */
  readonly ends: number
  refunded: number
  /** Points that were taken back, or would have been. */
  taken: number
  left: number
}

/** The invoices of members, summed over their rows wherever these stand, in the order of their times. */
function invoicesOf(csv: string) {
  const found = new Map<string, { customer: string; at: number; number: string; thousandths: number }>()
  for (const line of csv.split('\n').slice(1)) {
    if (line === '') continue
    const [number, , , quantity, date, price, customer] = cells(line.replace(/\r$/, '')) as string[]
    if (customer === '') continue
    const at = Date.parse(`${date!.replace(' ', 'T')}Z`)
    const one = found.get(`${number} ${customer}`) ?? { customer: customer!, at, number: number!, thousandths: 0 }
    one.thousandths += Number(quantity) * Math.round(Number(price) * 1000)
    found.set(`${number} ${customer}`, { ...one, at: Math.min(one.at, at) })
  }
  return [...found.values()].sort((a, b) => a.at - b.at || (a.number < b.number ? -1 : 1))
}

/**
 * The totals by the programme `purchase` alone, without a line of the ledger: one point a whole pound of an invoice, to
 * be spent from 14 days on (of the next whole hour) and until 90 days. A cancelled invoice takes back of the member's
 * latest purchase before it of which so much is left, else of that of which most is left: its share of the points that
 * were given, in sum and rounded up; and nothing where they are past.
 */
export function retailTotals(csv: string): RetailTotals {
  const members = new Map<string, Bought[]>()
  const opened = new Set<string>()
  let [issued, reversed, expired, outstanding, end] = [0, 0, 0, 0, 0]
  for (const { customer, at, number, thousandths } of invoicesOf(csv)) {
    const bought = members.get(customer) ?? []
    members.set(customer, bought)
    const isCancelled = number.startsWith('C')
    if (isCancelled ? thousandths >= 0 : thousandths <= 0) continue
    if (!isCancelled) {
      const given = Math.floor(thousandths / 1000)
      const ends = Math.ceil(at / HOUR) * HOUR + 90 * 24 * HOUR
      bought.push({ number, at, whole: thousandths, given, ends, refunded: 0, taken: 0, left: given })
      issued += given
      if (given > 0) [end] = [at, opened.add(customer)]
      continue
    }
    const rest = (one: Bought) => one.whole - one.refunded
    const open = bought.filter(one => one.at <= at && rest(one) > 0).reverse()
    const most = open.toSorted((a, b) => rest(b) - rest(a))[0]
    const original = open.find(one => rest(one) >= -thousandths) ?? most
    if (original === undefined) continue
    original.refunded = Math.min(original.whole, original.refunded - thousandths)
    const taken = Math.ceil((original.given * original.refunded) / original.whole)
    const points = taken - original.taken
    original.taken = taken
    if (points === 0) continue
    end = at
    if (original.ends <= at) continue
    reversed += points
    original.left -= points
  }
  for (const bought of members.values())
    for (const { ends, left } of bought) {
      if (ends <= end) expired += left
      else outstanding += left
    }
  return { members: opened.size, issued, expired, reversed, outstanding }
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
    say(`imported in ${Number(imported['seconds']).toFixed(1)} s: ${JSON.stringify(imported)}`)
    same('issued', imported['points'], expected.issued)
    same('reversed', imported['reversed'], expected.reversed)
    same('members', imported['newMembers'], expected.members)
    const policy = parsePolicy(readFileSync(join(served.directory, 'data/policy')))
    const anyone = new TallyClient({ url: served.url, policy })
    const { size } = await anyone.ledger()
    const sealed = parseCheckpoint(parseNote(await anyone.checkpoint()).text).size
    if (sealed < size) throw new Error(`the import ended when ${sealed} of ${size} entries were in a checkpoint`)
    const audit = await report(served, 'audit', served.url, '--json', '--details', 'points.jsonl')
    const { coins } = audit['totals'] as { coins: Record<string, number> }
    for (const name of ['issued', 'expired', 'reversed'] as const)
      same(`${name}, by the audit`, Number(coins![name]), expected[name])
    same('outstanding, by the audit', Number(coins!['owed']), expected.outstanding)
    same('the share of points computed again', (audit['rewards'] as { share: { points: number } }).share.points, 1)
    same('faults', (audit['faults'] as unknown[]).length, 0)
    say(`the audit finds the same: ${JSON.stringify(coins)}`)
    const again = await report(served, ...command)
    same('events of a second import', again['newEvents'], 0)
    same('rewards of a second import', again['newlyIssued'], 0)
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

/** Accounts of members begin after the treasury, the budget and the one for expired points. */
const FIRST_MEMBER = 3

/** Runs a command and returns the JSON that it printed. */
async function report({ directory }: Served, ...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await tally(directory, ...args)
  // What was taken back too late is refused, and said.
  if (status !== 0 && args[0] !== 'import')
    throw new Error(`tally ${args.join(' ')} ended with ${status}: ${err}${out}`)
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
