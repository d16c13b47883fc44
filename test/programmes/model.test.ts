import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { CodedError } from '../../src/core/failure.ts'
import {
  backDetails,
  CountersInMemory,
  checkChain,
  checkOne,
  type Evaluation,
  evaluate,
  issueDetails,
  nothingDetails,
  type Programme,
  parseEvent,
  parseProgramme,
  type TakenEvent,
} from '../../src/programmes/index.ts'
import { runs } from '../runs.ts'
import { codeOf } from './codes.ts'
import { type Doc, Naive, type NaiveFound } from './naive.ts'
import { Chance, randomDocument, randomEvents } from './random.ts'

/** Of these pairs each run has others; TALLY_PAIRS=100000 is for a night. */
const PAIRS = Number(process.env['TALLY_PAIRS'] ?? runs(3000, 1000))
const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const ORDERS = 4
const PARTS = 3

function parsed(doc: Doc, pair: number): Programme {
  try {
    return parseProgramme(JSON.stringify(doc))
  } catch (error) {
    throw new Error(`pair ${pair} of TALLY_SEED=${SEED}: ${String(error)}\n${JSON.stringify(doc)}`)
  }
}

/** What an evaluation gave, in the form of the naive one. */
function plain(found: TakenEvent): NaiveFound {
  return {
    status: 'taken',
    n: found.n,
    issues: found.issues.map(({ rule, due, cuts, matures, expires }) => ({
      rule: rule.id,
      due,
      cuts: cuts.map(({ cap, cut }): [string, number] => [cap, cut]),
      matures,
      expires,
    })),
    backs: found.backs.map(({ rule, due, original }) => ({ rule: rule.id, due, original })),
    nothing: found.nothing.map(({ rule, reverses, why }): [string, string] => [rule ?? `back ${reverses}`, why]),
    tier: found.tier && { id: found.tier.id, until: found.tier.until },
  }
}

function evaluated(
  programme: Programme,
  counters: CountersInMemory,
  kept: Map<string, string[]>,
  event: Doc,
): NaiveFound {
  let found: Evaluation
  try {
    found = evaluate(programme, counters.of(event.member), parseEvent(programme, JSON.stringify(event)))
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { status: error.code as 'event-value' }
  }
  if (found.status !== 'taken') return { status: found.status }
  counters.apply(event.member, found.changes)
  kept.set(event.member, [...(kept.get(event.member) ?? []), ...checkedAlone(programme, found)])
  return plain(found)
}

/** The details of an event, each of which gives alone what all of them together gave. */
function checkedAlone(programme: Programme, found: TakenEvent): string[] {
  const all: string[] = []
  for (const issue of found.issues) {
    const text = issueDetails(programme, found, issue)
    const { due, matures, expires, rule } = checkOne(programme, text)
    const isSame = rule === issue.rule.id && due === issue.due && matures === issue.matures && expires === issue.expires
    if (!isSame) throw new Error(`alone, ${rule} gives ${due}, ${matures}, ${expires}: TALLY_SEED=${SEED}`)
    all.push(text)
  }
  for (const back of found.backs) {
    const text = backDetails(programme, found, back)
    if (checkOne(programme, text).due !== back.due) throw new Error(`alone, ${text}: TALLY_SEED=${SEED}`)
    all.push(text)
  }
  return all.length > 0 ? all : [nothingDetails(programme, found)]
}

/** All details of a member: right as they are, and with a number that was erased; not with one that is left out. */
function checkAll(programme: Programme, chance: Chance, texts: readonly string[]): void {
  const numbers = new Set(texts.map(text => (JSON.parse(text) as { n: number }).n))
  expect(checkChain(programme, texts, new Set())).toMatchObject({ numbers: numbers.size, whole: numbers.size })
  const n = chance.int(1, numbers.size)
  const left = texts.filter(text => (JSON.parse(text) as { n: number }).n !== n)
  expect(checkChain(programme, left, new Set([n])).whole).toBe(n - 1)
  if (n < numbers.size) expect(codeOf(() => checkChain(programme, left, new Set()))).toBe('reward')
}

const seen: Record<string, number> = {}

test.each(Array.from({ length: PARTS }, (_, part) => part))(
  `random documents and orders of events, part %i of ${PARTS}: as the naive evaluator has it (TALLY_SEED=${SEED})`,
  part => {
    const count = (what: string) => {
      seen[what] = (seen[what] ?? 0) + 1
    }
    let parsedLast: Programme | undefined
    for (let pair = Math.ceil((PAIRS / PARTS) * part); pair < (PAIRS / PARTS) * (part + 1); pair++) {
      // Several orders for each document: parsing it takes longer than all of its events.
      const doc = randomDocument(new Chance(SEED + Math.floor(pair / ORDERS)))
      const programme = parsedLast === undefined || pair % ORDERS === 0 ? parsed(doc, pair) : parsedLast
      parsedLast = programme
      const chance = new Chance(SEED + 2 ** 31 + pair)
      const naive = new Naive(doc)
      const counters = new CountersInMemory()
      const kept = new Map<string, string[]>()
      const events = randomEvents(chance, doc, chance.int(4, 24))
      events.forEach((event, i) => {
        const wanted = naive.take(event)
        const found = evaluated(programme, counters, kept, event)
        if (!isDeepStrictEqual(found, wanted)) {
          const shown = process.env['TALLY_SEED']
            ? `\n${JSON.stringify(doc)}\n${JSON.stringify(events.slice(0, i + 1))}`
            : ''
          expect(found, `TALLY_SEED=${SEED}, pair ${pair}, event ${i}${shown}`).toEqual(wanted)
        }
        count(found.status)
        if (found.status !== 'taken') return
        if (found.issues.length > 0) count('issue')
        if (found.backs.length > 0) count('back')
        if (found.tier !== undefined) count('tier')
        for (const { cuts } of found.issues) if (cuts.length > 0) count('cut')
        for (const [, why] of found.nothing) count(why)
      })
      // Each document once: a chain is evaluated three times, and what differs between orders is above.
      if (pair % ORDERS === 0) for (const texts of kept.values()) checkAll(programme, chance, texts)
    }
  },
)

test('nothing of the page was left out', () => {
  console.log(`TALLY_SEED=${SEED}: ${PAIRS} pairs, ${JSON.stringify(seen)}`)
  const kinds =
    'taken duplicate outside late event-value issue back tier cut campaign when once zero cap original within'
  if (PAIRS >= 1000) for (const what of kinds.split(' ')) expect(seen[what], what).toBeGreaterThan(PAIRS / 100)
})
