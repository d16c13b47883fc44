import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fromBase64 } from '../../src/core/bytes.ts'
import { type Engine, portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import type { Lie } from '../lies/lie.ts'
import { verdictOn } from '../lies/run.ts'

const FOLDER = join(import.meta.dirname, '../lies/statement')
/** Statements that hold: to refuse one costs no more. */
const STATEMENTS = readdirSync(FOLDER)
  .map(name => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Lie)
  .filter(({ verifier, expect }) => verifier === 'statement' && expect === 'holds')

/** Blocks of 64 bytes that are hashed whatever is shown: the account's lots and holds, subtrees of nothing. */
const BLOCKS_ANYHOW = 1000

/** An engine that counts what it is asked for. */
function counting(): { engine: Engine; signatures: () => number; blocks: () => number } {
  let [signatures, blocks] = [0, 0]
  const blocksOf = (bytes: number) => Math.ceil((bytes + 9) / 64)
  const engine: Engine = {
    ...portableEngine,
    name: 'counting',
    sha256(bytes) {
      blocks += blocksOf(bytes.length)
      return portableEngine.sha256(bytes)
    },
    hashPairs(pairs, output) {
      blocks += (2 * pairs.length) / 64
      portableEngine.hashPairs(pairs, output)
    },
    hashMany(prefix, bytes, starts, ends, output) {
      starts.forEach((start, i) => {
        blocks += blocksOf(1 + ends[i]! - start)
      })
      portableEngine.hashMany(prefix, bytes, starts, ends, output)
    },
    verify(publicKey, message, signature) {
      signatures++
      return portableEngine.verify(publicKey, message, signature)
    },
  }
  return { engine, signatures: () => signatures, blocks: () => blocks }
}

describe('the cost of verifying a statement (SPEC §10), by its parts', () => {
  afterEach(() => useEngine(portableEngine))

  test('there are such statements', () => expect(STATEMENTS.length).toBeGreaterThan(5))

  test.each(STATEMENTS.map(lie => [lie.says, lie] as const))('%s', async (_, lie) => {
    const bytes = fromBase64((lie.shown as { bytes: string }).bytes)
    const { batches } = decodeStatement(bytes)
    const shown = batches.reduce((sum, { batch }) => sum + decodeBatch(batch).signatures.length, 0)
    const { engine, signatures, blocks } = counting()
    useEngine(engine)
    expect(await verdictOn(lie)).toMatchObject({ verdict: 'holds' })
    // And the log's own, and those of witnesses, under the checkpoint.
    expect(signatures()).toBeLessThanOrEqual(shown + 3)
    expect(blocks()).toBeLessThanOrEqual(bytes.length / 8 + BLOCKS_ANYHOW)
  })
})
