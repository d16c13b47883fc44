import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  readAccount,
  readAccounts,
  readBudgets,
  readConsent,
  readConsents,
  readDetails,
  readDue,
  readEntries,
  readHealth,
  readIndex,
  readKeptDetails,
  readLedger,
  readRef,
  readRefusal,
  readRegistryPage,
  readSalts,
  readUnits,
} from '../../src/client/answers.ts'
import { readDryRun } from '../../src/client/dry-run.ts'
import { errorFrom } from '../../src/client/failure.ts'
import { readFeedPage } from '../../src/client/feed.ts'
import type { JsonReader } from '../../src/client/read-json.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { FormatError } from '../../src/core/failure.ts'
import { ServedWorld } from '../http/server.ts'
import { runs } from '../runs.ts'

// What the OpenAPI document of a ledger allows as an answer, the readers of a client accept; what it does not allow,
// they refuse. So server, document and client have one shape, and the client carries no schema library.

const SEED = 5

const READERS: Readonly<Record<string, JsonReader<unknown>>> = {
  getAccount: readAccount,
  listAccounts: readAccounts,
  listEntries: readEntries,
  listUnits: readUnits,
  listBudgets: readBudgets,
  listDue: readDue,
  readFeed: readFeedPage,
  listConsents: readConsents,
  getConsent: readConsent,
  getDetails: readDetails,
  keepDetails: readKeptDetails,
  eraseDetails: readIndex,
  getHealth: readHealth,
  getLedger: readLedger,
  listRegistry: readRegistryPage,
  getRef: readRef,
  listSalts: readSalts,
  tryBatch: readDryRun,
}

/** Operations that answer in JSON, of which a client reads nothing, and why. */
const UNREAD: Readonly<Record<string, string>> = {
  submitBatch: 'a client asks for the answer in CBOR',
  getReadiness: 'for what spreads load',
  keepRule: 'the digest is that of the text that was sent',
  getRule: 'the text of a rule: bytes, held to their digest',
}

interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly maxItems?: number
  readonly pattern?: string
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** Values that a schema allows. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const { type, anyOf, enum: words, properties = {}, required = [], items, pattern } = schema
  if ('const' in schema) return fc.constant(schema.const)
  if (words !== undefined) return fc.constantFrom(...words)
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(valuesOf))
  if (type === 'object')
    return fc.record(Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one)])), {
      requiredKeys: [...required],
    })
  if (type === 'array') return fc.array(valuesOf(items!), { maxLength: Math.min(3, schema.maxItems!) })
  if (type === 'string') return pattern === undefined ? fc.string() : fc.stringMatching(new RegExp(pattern))
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  const { minimum: min = Number.MIN_SAFE_INTEGER, maximum: max = Number.MAX_SAFE_INTEGER } = schema
  if (type === 'integer') return fc.bigInt({ min: BigInt(min), max: BigInt(max) }).map(Number)
  expect(type, JSON.stringify(schema)).toBe('number')
  return fc.double({ min, max, noNaN: true })
}

/** Every value within a value, by its path. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path
  if (typeof value !== 'object' || value === null) return
  for (const [name, one] of Object.entries(value)) yield* pathsOf(one, [...path, name])
}

/** The value with another in one place; `undefined`: without the member that is there. */
function changed(value: unknown, [name, ...rest]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  if (rest.length === 0 && other === undefined) delete copy[name]
  else copy[name] = changed(copy[name], rest, other)
  return Array.isArray(value) ? Object.values(copy) : copy
}

/** What stands in the place of a value: each type of JSON, numbers that are none of ours, and nothing. */
const OTHERS = [null, true, -1, 0.5, 2 ** 53, 'Ä', '', [], {}, [null], undefined]

function isRead(read: JsonReader<unknown>, value: unknown): boolean {
  try {
    read(value, 'the answer')
    return true
  } catch (error) {
    if (error instanceof FormatError && error.code === 'answer') return false
    throw error
  }
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>
}

describe('the readers of a client, held to the document of the server', () => {
  let served: ServedWorld
  /** Of each operation that answers in JSON, the schema of that. */
  const schemas = new Map<string, Schema>()
  let problem: Schema
  let refused: Schema
  beforeAll(async () => {
    served = await ServedWorld.create()
    const { paths, components } = (await (await served.get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>
      components: { schemas: { Problem: Schema } }
    }
    for (const { operationId, responses } of Object.values(paths).flatMap(path => Object.values(path))) {
      const schema = (responses['200'] ?? responses['201'])?.content?.['application/json']?.schema
      if (schema !== undefined) schemas.set(operationId, schema)
      if (operationId === 'submitBatch') refused = responses['422']!.content!['application/problem+json']!.schema
    }
    problem = components.schemas.Problem
  })
  afterAll(() => served.destroy())

  const hold = (read: JsonReader<unknown>, schema: Schema) => {
    const allows = z.fromJSONSchema(schema as never)
    fc.assert(
      fc.property(valuesOf(schema), value => {
        expect(isRead(read, value), JSON.stringify(value)).toBe(true)
        for (const path of pathsOf(value))
          for (const other of OTHERS) {
            const lie = changed(value, path, other)
            expect(isRead(read, lie), `${path.join('/')}: ${JSON.stringify(other)}`).toBe(allows.safeParse(lie).success)
          }
      }),
      { seed: SEED, numRuns: runs(20, 6) },
    )
  }

  test('each answer in JSON has a reader, or a reason why none is needed', () => {
    expect([...schemas.keys()].sort()).toEqual([...Object.keys(READERS), ...Object.keys(UNREAD)].sort())
  })

  test.each(Object.entries(READERS))('%s: accepts what the document allows, and nothing else', (name, read) => {
    hold(read, schemas.get(name)!)
  })

  test('the refusal in a problem: likewise', () => {
    hold(readRefusal, refused.properties!['refusal']!)
  })

  test('every problem becomes an error with its code and its words', () => {
    fc.assert(
      fc.property(valuesOf(problem), value => {
        const said = { ...(value as object), code: 'not-found', detail: 'There is none.' }
        const error = errorFrom('http://x', 404, utf8Encode(JSON.stringify(said)))
        expect([error.code, error.message]).toEqual(['not-found', 'There is none.'])
      }),
      { seed: SEED, numRuns: runs(20, 6) },
    )
  })
})
