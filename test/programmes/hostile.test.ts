import { describe, expect, test } from 'vitest'
import { CodedError } from '../../src/core/failure.ts'
import {
  CountersInMemory,
  checkChain,
  checkOne,
  evaluate,
  explain,
  issueDetails,
  nothingDetails,
  type Programme,
  parseEvent,
  parseProgramme,
  review,
  TEMPLATES,
  worstDay,
} from '../../src/programmes/index.ts'
import { runs } from '../runs.ts'
import { Chance, randomDocument, randomEvents } from './random.ts'

const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = Number(process.env['TALLY_ROUNDS'] ?? runs(6000, 2000))

/** What is put in the place of something else. */
const STRANGE = [
  '0',
  '-1',
  '9007199254740991',
  '9007199254740992',
  '1e400',
  'null',
  'true',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"event.constructor.constructor"',
  '"member/day/__proto__"',
  '[]',
  '{}',
  '[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]',
  '{"__proto__":{"a":1},"toString":1}',
  `"${'x'.repeat(2000)}"`,
  `"${'('.repeat(900)}"`,
  `"${'!'.repeat(1000)}true"`,
  `"${'event.a?'.repeat(100)}1"`,
  `"[${'1,'.repeat(400)}1].all(x, [1,2].all(y, x == y))"`,
]

/** A text with something of it exchanged, cut or repeated: mostly still JSON. */
function harmed(chance: Chance, text: string): string {
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+|true|false|\{\}|\[\]/g)]
  if (values.length === 0) return text
  const one = chance.of(values)
  const end = one.index + one[0].length
  switch (chance.int(0, 5)) {
    case 0:
      return text.slice(0, chance.int(0, text.length))
    case 1: {
      const at = chance.int(0, text.length - 1)
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << chance.int(0, 6))) + text.slice(at + 1)
    }
    case 2:
      return text.slice(0, one.index) + chance.of(values)[0] + text.slice(end)
    case 3:
      return text.slice(0, end) + text.slice(one.index)
    default:
      return text.slice(0, one.index) + chance.of(STRANGE) + text.slice(end)
  }
}

/** What a call gives; undefined where it fails with a code. Any other failure is a fault of ours. */
function coded<T>(call: () => T, what: () => string): T | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw new Error(`TALLY_SEED=${SEED}: ${String(error)}\n${what()}`, { cause: error })
  }
}

describe(`any text gets a code (TALLY_SEED=${SEED})`, () => {
  test('documents', () => {
    const chance = new Chance(SEED)
    const texts = Object.values(TEMPLATES).map(value => JSON.stringify(value))
    let right = 0
    for (let i = 0; i < ROUNDS; i++) {
      let text = chance.odds(0.5) ? chance.of(texts) : JSON.stringify(randomDocument(chance))
      for (let n = chance.int(1, 2); n > 0; n--) text = harmed(chance, text)
      const programme = coded(
        () => parseProgramme(text),
        () => text,
      )
      if (programme === undefined) continue
      right++
      // What is a document can be looked at and evaluated, whatever stands in it.
      review(programme)
      worstDay(programme)
      for (const language of ['en', 'zh'] as const) explain(programme, language)
      expect(parseProgramme(programme.text).digest).toBe(programme.digest)
    }
    expect(right).toBeGreaterThan(ROUNDS / 100)
  })

  test('events, and details', () => {
    const chance = new Chance(SEED + 1)
    const counts = { taken: 0, details: 0 }
    for (let i = 0; i < ROUNDS / 20; i++) {
      const doc = randomDocument(chance)
      const programme = parseProgramme(JSON.stringify(doc))
      const counters = new CountersInMemory()
      for (const event of randomEvents(chance, doc, 20)) {
        const text = chance.odds(0.3) ? JSON.stringify(event) : harmed(chance, JSON.stringify(event))
        const found = coded(
          () => {
            const parsed = parseEvent(programme, text)
            return evaluate(programme, counters.of(parsed.member), parsed)
          },
          () => `${JSON.stringify(doc)}\n${text}`,
        )
        if (found?.status !== 'taken') continue
        counters.apply(found.event.member, found.changes)
        counts.taken++
        const details =
          found.issues.length > 0 ? issueDetails(programme, found, found.issues[0]!) : nothingDetails(programme, found)
        counts.details += harmedDetails(programme, chance, details)
      }
    }
    expect(counts.taken).toBeGreaterThan(ROUNDS / 20)
    expect(counts.details).toBeGreaterThan(0)
  })

  /** Harms details; returns 1 where they were still taken for right. */
  function harmedDetails(programme: Programme, chance: Chance, details: string): number {
    const text = harmed(chance, details)
    const found = coded(
      () => checkOne(programme, text),
      () => text,
    )
    coded(
      () => checkChain(programme, [details, text], new Set([1, 2, 3])),
      () => text,
    )
    return found === undefined ? 0 : 1
  }
})
