import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import type { Lie } from '../lies/lie.ts'
import { verdictOn } from '../lies/run.ts'
import { replayed } from '../truths/read.ts'
import type { Truth } from '../truths/truth.ts'
import { vectorsIn } from './vectors.ts'

/**
 * Asks the code beside it what it makes of the corpora of a repository and of the vectors of its SPEC, and prints the
 * first file that it finds something else of; `as told` where there is none. Files that stand in `JUDGE_ASIDE` are left
 * out.
 */
const [tests] = process.argv.slice(2)
const aside = new Set(JSON.parse(process.env['JUDGE_ASIDE'] ?? '[]') as string[])
const all = process.env['JUDGE_ALL'] === '1'
/** A part of a path: only files with that are asked. For a quick look at rules that a few files are of. */
const only = process.env['JUDGE_ONLY'] ?? ''
/** Files that are asked before all others: where those found the last mistakes, they may find the next. */
const first = JSON.parse(process.env['JUDGE_FIRST'] ?? '[]') as string[]
const native = await loadEngine('native')
useEngine(native)

async function* files(folder: string): AsyncIterable<[name: string, file: unknown]> {
  for (const path of (await readdir(join(tests!, folder), { recursive: true })).sort())
    if (path.endsWith('.json') && path.includes(only) && !aside.has(`${folder}/${path}`))
      yield [`${folder}/${path}`, JSON.parse(await readFile(join(tests!, folder, path), 'utf8'))]
}

/** What is found of a file that is not what it says; undefined where it is. */
async function found(name: string, file: unknown): Promise<string | undefined> {
  try {
    if (name.startsWith('truths/')) return await replayed(file as Truth)
    // What one engine refuses of itself, another does not.
    if (name.startsWith('lies/signature/')) useEngine(portableEngine)
    const lie = file as Lie
    const { verdict, facts } = await verdictOn(lie)
    if (verdict !== lie.expect) return `${verdict}, not ${lie.expect}`
    const wrong = Object.entries(lie.facts ?? {}).find(
      ([key, fact]) => JSON.stringify(facts![key]) !== JSON.stringify(fact),
    )
    return wrong && `${wrong[0]} is ${JSON.stringify(facts![wrong[0]])}`
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  } finally {
    useEngine(native)
  }
}

async function* allFiles(): AsyncIterable<[name: string, file: unknown]> {
  for (const name of first) if (!aside.has(name)) yield [name, JSON.parse(await readFile(join(tests!, name), 'utf8'))]
  for (const [name, lie] of vectorsIn(await readFile(join(tests!, '../SPEC.md'), 'utf8')))
    if (!aside.has(`vectors/${name}`)) yield [`vectors/${name}`, lie]
  // What asks for bytes alone is quick.
  const [quick, slow] = [
    ['lies/transaction', 'lies/batch', 'lies/seal'],
    ['truths', 'lies'],
  ]
  for (const folder of [...quick, ...slow]) yield* files(folder)
}

const others: string[] = []
for await (const [name, file] of allFiles()) {
  const what = await found(name, file)
  if (what === undefined) continue
  others.push(name)
  if (all) continue
  console.log(`${name}: ${what.split('\n')[0]}`)
  process.exit(0)
}
console.log(all ? JSON.stringify(others) : 'as told')
