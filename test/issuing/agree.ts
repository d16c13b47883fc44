import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ProvenAnswer, SigningKey, TallyClient } from '../../src/client/index.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { CodedError } from '../../src/core/failure.ts'
import { type EventAnswer, IssuingService, type MemberAccounts } from '../../src/issuing/index.ts'
import {
  CountersInMemory,
  checkChain,
  checkOne,
  countersFrom,
  evaluate,
  evaluatorOf,
  Grants,
  type Programme,
  parseEvent,
  parseProgramme,
} from '../../src/programmes/index.ts'
import { type Doc, Naive, type NaiveFound } from '../programmes/naive.ts'
import { Chance, randomDocument, randomEvents } from '../programmes/random.ts'

const ISSUER: SigningKey = { holder: { record: 4 }, seed: new Uint8Array(32).fill(5) }

/** A ledger that takes everything: what is handed over to it, by account. */
class Taker implements MemberAccounts {
  readonly #numbers = new Map<string, number>()
  /** Details of each account of the unit, in the order of their issues. */
  readonly texts = new Map<string, string[]>()
  /** Points that were given, less those that came back. */
  points = 0n
  #size = 0

  get client(): TallyClient {
    const submit = async (entries: readonly Uint8Array[]): Promise<ProvenAnswer> => {
      for (const entry of entries) {
        const transaction = decodeTransaction(entry)
        if (transaction.kind === 'issue') this.points += BigInt(transaction.amount)
        else if (transaction.kind === 'reverse') this.points -= BigInt(transaction.amount)
      }
      const index = this.#size
      this.#size += entries.length + 1
      const statuses = new Uint8Array(entries.length)
      return {
        index,
        size: this.#size,
        statuses,
        existed: [],
        accounts: [],
        promise: null,
        checkpoint: null,
        kept: null,
        unproven: [],
      }
    }
    const identity = async () => ({ ledgerId: new Uint8Array(32) })
    return { submit, identity } as unknown as TallyClient
  }

  async find(names: readonly string[]) {
    return new Map(names.flatMap(name => (this.#numbers.has(name) ? [[name, this.#numbers.get(name)!] as const] : [])))
  }

  async open(times: ReadonlyMap<string, number>, unit: number) {
    for (const name of times.keys()) {
      const key = `${unit} ${name}`
      if (!this.#numbers.has(key)) this.#numbers.set(key, 10 + this.#numbers.size)
    }
    return new Map([...times.keys()].map(name => [name, this.#numbers.get(`${unit} ${name}`)!]))
  }
}

/** An answer of the service in the form of the naive evaluator. */
function plain({ status, code, rewards, n, tier, was }: EventAnswer): unknown {
  if (status === 'invalid') return { status: code }
  if (status === 'duplicate' || status === 'late' || status === 'outside') return { status }
  return {
    status: 'taken',
    n,
    given: rewards.map(({ rule, amount, matures, expires, cuts }) => [
      rule,
      amount,
      amount > 0 ? [matures, expires] : [],
      cuts.map(({ cap, cut }) => [cap, cut]),
    ]),
    tier,
    was,
  }
}

function plainNaive(found: NaiveFound): unknown {
  if (found.status !== 'taken') return { status: found.status }
  const { n, issues, backs, tier } = found
  const given = [
    ...issues.map(({ rule, due, matures, expires, cuts }) => [rule, due, [matures, expires], cuts]),
    ...backs.map(({ rule, due }) => [rule, -due, [], []]),
  ]
  return { status: 'taken', n, given, tier, was: undefined }
}

/** What agreed, counted. */
export interface Agreed {
  pairs: number
  events: number
  issues: number
  reversals: number
  nothing: number
  members: number
}

/**
 * Random documents and orders of events, each given to an issuing service, to the auditor's functions (each reward
 * alone, and the chain of each member), and to the naive evaluator.
 *
 * @throws Error that names the seed, the pair and the event at which they differ.
 */
export async function agree(seed: number, from: number, to: number): Promise<Agreed> {
  const folder = await mkdtemp(join(tmpdir(), 'tally-agree-'))
  const agreed: Agreed = { pairs: 0, events: 0, issues: 0, reversals: 0, nothing: 0, members: 0 }
  try {
    for (let pair = from; pair < to; pair++) await agreeOn(seed, pair, folder, agreed)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return agreed
}

async function agreeOn(seed: number, pair: number, folder: string, agreed: Agreed): Promise<void> {
  const doc: Doc = { ...randomDocument(new Chance(seed + Math.floor(pair / 4))), name: `r${pair}` }
  const programme = parseProgramme(JSON.stringify(doc))
  const chance = new Chance(seed + 2 ** 31 + pair)
  const events = randomEvents(chance, doc, chance.int(4, 24))
  const naive = new Naive(doc)
  const taker = new Taker()
  const byMember = new Map<string, string[]>()
  const service = await IssuingService.open({
    folder,
    client: taker.client,
    versions: [{ programme, record: 9, isRevoked: false }],
    secret: new Uint8Array(32).fill(1),
    issuer: ISSUER,
    accounts: taker,
    placeOf: () => ({ unit: 3, budget: 1 }),
    history: undefined,
  })
  let sum = 0n
  const where = (what: string) => `TALLY_SEED=${seed}, pair ${pair}, ${what}`
  try {
    for (let at = 0; at < events.length; ) {
      const next = at + chance.int(1, 6)
      const part = events.slice(at, next)
      const answers = await service.take(part.map((event: Doc) => JSON.stringify(event)))
      part.forEach((event: Doc, i: number) => {
        const [found, wanted] = [plain(answers[i]!), plainNaive(naive.take(event))]
        if (!isDeepStrictEqual({ ...(found as object), was: undefined }, { ...(wanted as object), was: undefined }))
          throw new Error(where(`event ${at + i}: ${JSON.stringify(found)} for ${JSON.stringify(wanted)}`))
        const { status, rewards } = answers[i]!
        if ((wanted as { status: string }).status === 'taken')
          sum += rewards.reduce((points, { amount }) => points + BigInt(amount), 0n)
        if (status === 'nothing' || status === 'capped') agreed.nothing++
        agreed.events++
      })
      at = next
    }
    for (const text of await textsOf(service, programme, events, byMember)) checkOne(programme, text)
  } finally {
    await service.close()
  }
  if (taker.points !== sum) throw new Error(where(`the ledger was given ${taker.points}, and not ${sum}`))
  const counters = countersBy(programme, events)
  for (const [member, texts] of byMember) {
    const { whole, numbers, issues, reversals } = checkChain(programme, texts, new Set())
    if (whole !== numbers) throw new Error(where(`the chain of ${member} is whole to ${whole} of ${numbers}`))
    agreed.issues += issues
    agreed.reversals += reversals
    agreed.members++
    const of = counters.of(member)
    for (const { who, key, value } of countersFrom(shuffled(chance, texts).map(text => ({ programme, text }))))
      if (who === 'member' && !isDeepStrictEqual(of.member(key), value))
        throw new Error(
          where(
            `${member}: ${key} is found again as ${JSON.stringify(value)}, and was ${JSON.stringify(of.member(key))}`,
          ),
        )
  }
  checkClaims(
    programme,
    shuffled(
      chance,
      [...byMember].flatMap(([member, texts]) => texts.map(text => JSON.stringify([member, text]))),
    ),
    where,
  )
  agreed.pairs++
}

/** What issues have of counters, in any order: no two the same. */
function checkClaims(programme: Programme, pieces: readonly string[], where: (what: string) => string): void {
  const evaluator = evaluatorOf(fromHex(programme.digest), programme.text)!
  const grants = new Grants()
  pieces.forEach((piece, at) => {
    const [member, text] = JSON.parse(piece) as [string, string]
    const due = evaluator.due(text, member.charCodeAt(0))
    if (due === undefined) return
    const { amount, matures = 0, expires = 0 } = due
    const wrong = grants.take(evaluator.pool!, due, { at, amount, reversed: 0, matures, expires })
    if (wrong !== undefined) throw new Error(where(`an auditor finds ${text} wrong: ${wrong.gives()}`))
  })
}

/** All details that a service has, also of events that earned nothing, and whose they are. */
async function textsOf(
  service: IssuingService,
  programme: Programme,
  events: readonly Doc[],
  byMember: Map<string, string[]>,
) {
  const texts: string[] = []
  const seen = new Set<string>()
  for (const { id } of events) {
    if (seen.has(id)) continue
    seen.add(id)
    const record = service.recordOf(id)
    if (record === undefined) continue
    const found = record.nothing === undefined ? record.rewards.map(({ text }) => text) : [record.nothing]
    byMember.set(record.member, [...(byMember.get(record.member) ?? []), ...found])
    texts.push(...found)
  }
  if (texts.length > 0 && programme.rules.length === 0) throw new Error('a programme without rules')
  return texts
}

const shuffled = (chance: Chance, texts: readonly string[]) =>
  texts
    .map(text => [chance.next(), text] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, text]) => text)

/** The counters after some events, in memory. */
function countersBy(programme: Programme, events: readonly Doc[]): CountersInMemory {
  const counters = new CountersInMemory()
  for (const event of events) {
    try {
      const found = evaluate(programme, counters.of(event.member), parseEvent(programme, JSON.stringify(event)))
      if (found.status === 'taken') counters.apply(event.member, found.changes)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  return counters
}

if (process.argv[1] === import.meta.filename) {
  const seed = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  const pairs = Number(process.env['TALLY_PAIRS'] ?? 10_000)
  console.log(`TALLY_SEED=${seed}: ${JSON.stringify(await agree(seed, 0, pairs))}`)
}
