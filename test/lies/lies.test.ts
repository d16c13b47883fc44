import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex, utf8Decode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine, nodeEngine } from '../../src/node/native-engine.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import type { Lie } from './lie.ts'
import { formatLie } from './make/corpus.ts'
import { corpusOf, fileOf, filesThere } from './make/make.ts'
import { openShop } from './make/shop.ts'
import { stated } from './make/statements.ts'
import { VERIFIERS, verdictOn } from './run.ts'

const native = await loadEngine('native')
beforeAll(() => useEngine(native))
afterAll(() => useEngine(portableEngine))

const paths = await filesThere()
const files = new Map<string, Lie>()
for (const path of paths) files.set(path, JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie)
const areaOf = (path: string) => path.split('/')[0]!

describe('the corpus of lies', () => {
  test.each([...files])('%s', async (_, file) => {
    const { verdict, facts } = await verdictOn(file)
    expect(verdict).toBe(file.expect)
    if (verdict === 'holds') expect(facts).toMatchObject(file.facts ?? {})
  })

  test('stands beside the truth: in every area something holds, and something does not', () => {
    const areas = new Map<string, Set<boolean>>()
    for (const [path, { expect }] of files)
      areas.set(areaOf(path), (areas.get(areaOf(path)) ?? new Set()).add(expect === 'holds'))
    expect(areas.size).toBeGreaterThan(15)
    for (const [area, answers] of areas) expect([area, answers.size]).toEqual([area, 2])
    expect([...files.values()].filter(({ expect }) => expect !== 'holds').length).toBeGreaterThan(500)
  })

  test('asks every verifier, and is what README.md says a file is', () => {
    const asked = new Set([...files.values()].map(({ verifier }) => verifier))
    expect([...asked].sort()).toEqual(Object.keys(VERIFIERS).sort())
    for (const [path, file] of files) {
      const { format, says, facts, ...rest } = file
      expect(path).toMatch(/^[a-z-]+\/[a-z0-9-]+$/)
      expect(path.split('/')[1]!.startsWith('honest')).toBe(file.expect === 'holds')
      expect([path, format, says.endsWith('.')]).toEqual([path, 'tallystick/lie/v1', true])
      expect(Object.keys(rest).sort()).toEqual(['expect', 'shown', 'trust', 'verifier'])
      if (facts !== undefined) expect([path, file.expect]).toEqual([path, 'holds'])
    }
    expect(
      new Set([...files.values()].map(({ verifier, shown, trust }) => JSON.stringify([verifier, shown, trust]))).size,
    ).toBe(files.size)
  })

  test('has a lie for every code that a statement, a replay or evidence can end in', async () => {
    const spec = await readFile(join(import.meta.dirname, '../../SPEC.md'), 'utf8')
    const section = (n: number) => spec.split(`\n## ${n}. `)[1]!.split('\n## ')[0]!
    const firstCells = (text: string) => [...text.matchAll(/^\| (`[^|]+`) +\|/gm)].map(match => match[1]!)
    const codes = (cells: readonly string[]) =>
      cells.flatMap(cell => [...cell.matchAll(/`([a-z-]+)`/g)].map(m => m[1]!))
    const holdNot = section(12).split('_Evidence that does not hold')[1]!.split('_The caller')[0]!
    const wanted = new Set([...codes(firstCells(section(10))), ...codes(firstCells(holdNot))])
    // What a watcher or an auditor sees over time, on the wire or in details, and no file can show: the lying server
    // has those.
    const seen = [
      'tile',
      'withheld',
      'overdue',
      'rolled-back',
      'forked',
      'promise-overdue',
      'promise-broken',
      'reward',
      'tier',
      'chain',
      'continued-twice',
      'refusal-false',
      'claim-twice',
    ]
    for (const code of ['format', ...seen]) wanted.delete(code)
    const told = new Set([...files.values()].map(({ expect }) => expect))
    expect([...wanted].filter(code => !told.has(code))).toEqual([])
    expect(wanted.size).toBeGreaterThan(40)
  })

  test('of signatures is told apart by every engine', async () => {
    for (const engine of [portableEngine, nodeEngine, native]) {
      useEngine(engine)
      for (const [path, file] of files)
        if (areaOf(path) === 'signature') expect([path, (await verdictOn(file)).verdict]).toEqual([path, file.expect])
    }
    useEngine(native)
  })

  test('is read by two pages of code', async () => {
    const lines = (await readFile(join(import.meta.dirname, 'run.ts'), 'utf8')).split('\n')
    expect(lines.length - 1).toBeLessThanOrEqual(135)
    expect(lines.filter(line => line.startsWith('import ')).map(line => /from '(.+)'/.exec(line)![1])).toEqual([
      '../../src/core/index.ts',
      '../../src/verify/index.ts',
      './audited.ts',
      './convicted.ts',
      './lie.ts',
    ])
  })
})

describe('the forger of the corpus', () => {
  test('makes what is in the files: `npm run lies`', async () => {
    const made = corpusOf(await openShop()).files
    expect(paths).toEqual([...made.keys()].sort())
    for (const path of paths)
      expect([path, await readFile(fileOf(path), 'utf8')]).toEqual([path, formatLie(made.get(path)!)])
  })

  test('can be believed: what its books make of the truth is what the ledger made, to the byte', async () => {
    const shop = await openShop()
    const closed = shop.books.close()
    expect(toHex(closed.sealEntry)).toBe(toHex(shop.entries.at(-1)!))
    expect(utf8Decode(closed.checkpoint)).toBe(utf8Decode(shop.checkpoint))
    for (const [number, { plain, signatures }] of Object.entries(shop.statements)) {
      expect(decodeStatement(stated(closed, Number(number)))).toEqual(decodeStatement(plain))
      expect(toHex(stated(closed, Number(number)))).toBe(toHex(plain))
      expect(toHex(stated(closed, Number(number), { all: true }))).toBe(toHex(signatures))
    }
  })
})
