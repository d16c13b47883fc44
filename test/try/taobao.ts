import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type SigningKey, TallyClient } from '../../src/client/index.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import { readKey, signingKey } from '../../src/files/key-files.ts'
import { TEMPLATES } from '../../src/programmes/index.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { Served, tally } from '../cli/run.ts'
import { notAtHand, realInput } from './real-input.ts'
import { type SentEvent, sumIn, throughGateway } from './through-gateway.ts'

const FILE = 'taobao-user-behavior.csv.gz'
const SAMPLE = 200

/**
 * What the rule gives, written from its text and not from the program: points by member, and views that earn nothing.
 */
export function pointsByMember(csv: string): { points: Map<string, number>; unrewarded: number; events: number } {
  const points = new Map<string, number>()
  const views = new Map<string, number>()
  let [unrewarded, events] = [0, 0]
  for (const line of csv.split('\n')) {
    if (line === '') continue
    events++
    const [user, , , behaviour, seconds] = line.split(',') as [string, string, string, string, string]
    let earned = { pv: 1, fav: 2, cart: 5, buy: 50 }[behaviour as 'pv']
    if (behaviour === 'pv') {
      const day = new Date((Number(seconds) + 8 * 3600) * 1000).toISOString().slice(0, 10)
      const seen = (views.get(`${user} ${day}`) ?? 0) + 1
      views.set(`${user} ${day}`, seen)
      if (seen > 40) earned = 0
    }
    if (earned === 0) unrewarded++
    else points.set(user, (points.get(user) ?? 0) + earned)
  }
  return { points, unrewarded, events }
}

/** What a run found. Every figure of the ledger stands beside the one that was counted without it. */
export interface Figures {
  readonly importSeconds: number
  readonly auditSeconds: number
  readonly events: number
  readonly members: number
  readonly points: number
  readonly treeSize: number
  readonly statements: number
  readonly statementBytesMax: number
}

/**
 * Imports a behaviour file into a fresh ledger over HTTP, twice, audits it, verifies the statements of members drawn at
 * random, and sums all balances.
 *
 * @throws Error that names the first figure that is not what it should be.
 */
export async function tryTaobao(file: string, sample: number, say: (text: string) => void): Promise<Figures> {
  const packed = readFileSync(file)
  const expected = pointsByMember((file.endsWith('.gz') ? gunzipSync(packed) : packed).toString('utf8'))
  const total = [...expected.points.values()].reduce((sum, points) => sum + points, 0)
  say(`${expected.events} events, ${expected.points.size} members, ${total} points by the rule`)
  const served = await Served.start()
  try {
    const details = ['--details', 'points.jsonl']
    const imported = await report(
      served,
      'import',
      '--format',
      'taobao',
      file,
      '--url',
      served.url,
      '--json',
      ...details,
    )
    say(`imported in ${imported['seconds']} s: ${JSON.stringify(imported)}`)
    const { size } = await publicClient(served).ledger()
    const sealed = parseCheckpoint(parseNote(await publicClient(served).checkpoint()).text).size
    if (sealed < size) throw new Error(`the import ended when ${sealed} of ${size} entries were in a checkpoint`)
    same('events paid', imported['newlyIssued'], expected.events - expected.unrewarded)
    same('members opened', imported['newMembers'], expected.points.size)
    same('points', imported['points'], total)
    same('views beyond the cap', imported['unrewarded'], expected.unrewarded)
    const again = await report(served, 'import', '--format', 'taobao', file, '--url', served.url, '--json')
    same('events paid by the second run', again['newlyIssued'], 0)
    same('members opened by the second run', again['newMembers'], 0)
    say(`imported a second time in ${again['seconds']} s: nothing was paid twice`)
    const started = performance.now()
    const audit = await report(served, 'audit', served.url, '--json', ...details)
    const auditSeconds = (performance.now() - started) / 1000
    say(`audited in ${auditSeconds.toFixed(1)} s: ${JSON.stringify(audit)}`)
    const totals = (audit['totals'] as Record<string, Record<string, number>>)['coins']!
    const { share, evaluated } = audit['rewards'] as { share: { points: number }; evaluated: { issues: number } }
    same('issues computed again by the audit', evaluated.issues, expected.events - expected.unrewarded)
    same('their share of all points', share.points, 1)
    same('issued by the audit', Number(totals['issued']), total)
    same('owed by the audit', Number(totals['owed']), total)
    same('accounts', audit['accounts'], expected.points.size + 3)
    const key = await signingKey(
      await readKey(join(served.directory, 'data/keys/registrar.json')),
      publicClient(served),
    )
    const statementBytesMax = await verifyStatements(served, key, expected.points.size, sample)
    say(`${sample} statements of members drawn at random verify, the largest of ${statementBytesMax} bytes`)
    const sum = await sumOfBalances(served, key, expected.points.size)
    same('the sum of all balances', sum, total)
    say(`the balances of ${expected.points.size} members sum to ${sum}: what was issued`)
    return {
      importSeconds: Number(imported['seconds']),
      auditSeconds,
      events: expected.events,
      members: expected.points.size,
      points: total,
      treeSize: Number(audit['treeSize']),
      statements: sample,
      statementBytesMax,
    }
  } finally {
    await served.destroy()
  }
}

/**
 * Sends the events of a behaviour file to a shop's gateway, and compares what each member earned.
 *
 * @throws Error that names the first figure that is not what it should be.
 */
export async function tryThroughGateway(csv: string, sample: number): Promise<number> {
  const expected = pointsByMember(csv)
  const document = { ...TEMPLATES['behaviour'], name: 'visits', unit: 'stars' }
  const figures = await throughGateway(document, eventsIn(csv), sample)
  same('events', figures.events, expected.events)
  same('views beyond the cap', figures.unrewarded, expected.unrewarded)
  const own = figures.points.get('stars')!
  same('members', own.size, expected.points.size)
  for (const [member, points] of expected.points) same(`points of ${member}`, own.get(member), points)
  return sumIn(figures, 'stars')
}

function* eventsIn(csv: string): Generator<SentEvent> {
  const repeats = new Map<string, number>()
  for (const line of csv.split('\n')) {
    if (line === '') continue
    const [member, item, category, type, seconds] = line.split(',') as [string, string, string, string, string]
    const repeat = repeats.get(line) ?? 0
    repeats.set(line, repeat + 1)
    yield { id: `${line},${repeat}`, type, time: Number(seconds) * 1000, member, data: { item, category } }
  }
}

function policyOf({ directory }: Served): Policy {
  return parsePolicy(readFileSync(join(directory, 'data/policy')))
}

function publicClient(served: Served): TallyClient {
  return new TallyClient({ url: served.url, policy: policyOf(served) })
}

/** Runs a command and returns the JSON that it printed. */
async function report({ directory }: Served, ...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await tally(directory, ...args)
  if (status !== 0) throw new Error(`tally ${args.join(' ')} ended with ${status}: ${err}${out}`)
  return JSON.parse(out) as Record<string, unknown>
}

function same(what: string, found: unknown, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${String(found)}`)
}

/** Accounts of members begin after the treasury, the budget and the one for expired points. */
const FIRST_MEMBER = 3

/** Fetches and verifies the statements of members drawn at random; returns the bytes of the largest. */
async function verifyStatements(served: Served, caller: SigningKey, members: number, sample: number): Promise<number> {
  const policy = policyOf(served)
  const client = new TallyClient({ url: served.url, policy, caller })
  let largest = 0
  for (let i = 0; i < sample; i++) {
    const account = FIRST_MEMBER + randomInt(members)
    const bytes = await client.statement(account, { allSignatures: true })
    const { balance, lines } = verifyStatement(bytes, { policy })
    if (lines.some(line => line.signers.length === 0)) throw new Error(`account ${account}: a line without authority`)
    same(`balance of account ${account}`, (await client.account(account)).balance, balance)
    largest = Math.max(largest, bytes.length)
  }
  return largest
}

async function sumOfBalances(served: Served, caller: SigningKey, members: number): Promise<number> {
  const client = publicClient(served).as(caller)
  let sum = 0
  const numbers = Array.from({ length: members }, (_, i) => FIRST_MEMBER + i)
  while (numbers.length > 0) {
    const accounts = await Promise.all(numbers.splice(0, 32).map(number => client.account(number)))
    for (const { balance } of accounts) sum += balance
  }
  return sum
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? realInput(FILE)
  if (file === undefined) {
    console.error(notAtHand(FILE))
    process.exit(2)
  }
  const figures = await tryTaobao(file, SAMPLE, text => console.log(text))
  const packed = readFileSync(file)
  const csv = (file.endsWith('.gz') ? gunzipSync(packed) : packed).toString('utf8')
  const points = await tryThroughGateway(csv, SAMPLE)
  same('points through the gateway', points, figures.points)
  console.log(`the same ${points} points through a gateway, as events of the programme`)
  console.table(figures)
}
