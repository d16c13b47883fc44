import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine, nodeEngine } from '../../src/node/native-engine.ts'
import { runs } from '../runs.ts'
import type { Lie } from './lie.ts'
import { fileOf, filesThere } from './make/make.ts'
import { verdictOn } from './run.ts'

/** Every byte string that a verifier was handed, and a copy of it. */
const handed = vi.hoisted(() => {
  // What `test/setup.ts` imported is imported again, with what stands here in its place.
  vi.resetModules()
  return [] as { bytes: Buffer; copy: Buffer }[]
})

// `Buffer.slice` shares memory where `Uint8Array.slice` copies: so all that is decoded from a file becomes a Buffer.
vi.mock(import('../../src/core/bytes.ts'), async original => {
  const real = await original()
  const buffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    const one = Buffer.from(bytes)
    handed.push({ bytes: one, copy: Buffer.from(bytes) })
    return one
  }
  return {
    ...real,
    fromBase64: (text: string) => buffer(real.fromBase64(text)),
    fromHex: (text: string, length?: number) => buffer(real.fromHex(text, length)),
    utf8Encode: (text: string) => buffer(real.utf8Encode(text)),
  }
})

const native = await loadEngine('native')
const paths = await filesThere()
/** Of each verifier and each verdict the first file, and so many that hold: `lies.test.ts` asks the others. */
const HOLDING = runs(1000, 4)
const someOfEach = new Set<string>()
const asked = new Map<string, number>()
for (const path of paths) {
  const { verifier, expect: verdict } = await read(path)
  const kind = `${verifier} ${verdict}`
  const before = asked.get(kind) ?? 0
  if (before < (verdict === 'holds' ? HOLDING : 1)) someOfEach.add(path)
  asked.set(kind, before + 1)
}
beforeEach(() => handed.splice(0))
afterAll(() => useEngine(portableEngine))

async function read(path: string): Promise<Lie> {
  return JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie
}

/** Of each folder some, from one that is drawn on: engines that are slow take all of them in a night only. */
function drawn(mine: readonly string[]): string[] {
  const most = runs(1000, 3)
  const folders = new Map<string, number>()
  const from = randomInt(mine.length)
  return [...mine.slice(from), ...mine.slice(0, from)].filter(path => {
    const folder = path.split('/')[0]!
    folders.set(folder, (folders.get(folder) ?? 0) + 1)
    return folders.get(folder)! <= most
  })
}

describe('a verifier takes a Buffer as it takes a Uint8Array, and changes neither', () => {
  test.each([
    ['native', native, (path: string) => someOfEach.has(path)],
    [
      'node:crypto',
      nodeEngine,
      (path: string) => /^(statement|receipt|promise|refusal|evidence)\/honest|^signature\//.test(path),
    ],
    ['portable', portableEngine, (path: string) => /^(statement|receipt|promise|refusal|signature)\/honest/.test(path)],
  ])('%s', async (_, engine, isAsked) => {
    useEngine(engine)
    const mine = engine === native ? paths.filter(isAsked) : drawn(paths.filter(isAsked))
    expect(mine.length).toBeGreaterThan(10)
    let count = 0
    for (const path of mine) {
      const file = await read(path)
      // Twice: with a verifier that spoils its caller's bytes it holds once and fails the second time.
      for (let i = 0; i < (file.expect === 'holds' ? 2 : 1); i++)
        expect([path, (await verdictOn(file)).verdict]).toEqual([path, file.expect])
      count += handed.length
      for (const { bytes, copy } of handed.splice(0)) expect(bytes.equals(copy), path).toBe(true)
    }
    expect(count, 'what was decoded was handed as a Buffer').toBeGreaterThan(2 * mine.length)
  })
})
