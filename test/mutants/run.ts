import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Beside the packages that a judge loads. */
const BUNDLES = join(ROOT, 'node_modules/.mutants')
/** A mistake that takes longer goes round in circles, unless all of the machine is slow: then so is the right code. */
const PATIENCE_MS = 120_000
const PATIENCE_TIMES = 4
const WORKERS = Number(process.env['MUTANT_WORKERS'] ?? 2)

/** Makes a judge of the sources with a mistake, or as they are, and returns what it says. */
async function judged(name: string, env: Readonly<Record<string, string>>, mutant?: Mutant): Promise<string> {
  const outfile = join(BUNDLES, `${name}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, 'judge.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    plugins: mutant === undefined ? [] : [mistaken(mutant)],
  })
  return said(outfile, env)
}

/** Changes the text of one file on its way into a bundle. */
function mistaken({ file, before, after }: Mutant): import('esbuild').Plugin {
  return {
    name: 'mistake',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== join(ROOT, 'src', file)) return undefined
        const text = await readFile(path, 'utf8')
        return { contents: text.replace(before, () => after), loader: 'ts' }
      })
    },
  }
}

function said(judge: string, env: Readonly<Record<string, string>>): Promise<string> {
  const options = { env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' }, timeout: patienceMs }
  const child = spawn(process.execPath, [judge, join(ROOT, 'test')], options)
  let [words, trouble] = ['', '']
  child.stdout.on('data', data => {
    words += data
  })
  child.stderr.on('data', data => {
    trouble += data
  })
  return new Promise(resolve => {
    child.on('close', code =>
      resolve(code === 0 ? words.trim() : `it does not run: ${trouble.match(/^\w*Error.*$/m)?.[0] ?? `exit ${code}`}`),
    )
  })
}

const words = process.argv.slice(2)
const at = words.indexOf('--results')
/** Where it stands which mistakes were caught, a line each: those are not tried again. */
const results = at < 0 ? undefined : words.splice(at, 2)[1]

/** Those mistakes of the list that words on the command line pick, or all. */
function picked(): readonly Mutant[] {
  if (words.length === 0) return MUTANTS
  return MUTANTS.filter(({ file, wrong }) => words.some(word => `${file} ${wrong}`.includes(word)))
}

/** Names a mistake, and the text that it is made in: in another text it is another one. */
async function nameOf({ file, before, after }: Mutant): Promise<string> {
  const text = await readFile(join(ROOT, 'src', file), 'utf8')
  return createHash('sha256')
    .update(JSON.stringify([file, text, before, after]))
    .digest('hex')
    .slice(0, 32)
}

async function caughtBefore(): Promise<ReadonlySet<string>> {
  if (results === undefined || !existsSync(results)) return new Set()
  const lines = (await readFile(results, 'utf8')).split('\n').filter(Boolean)
  return new Set(lines.map(line => line.split(' ')[0]!))
}

await mkdir(BUNDLES, { recursive: true })
const all = picked()
const before = await caughtBefore()
const names = new Map(await Promise.all(all.map(async one => [one, await nameOf(one)] as const)))
const queue = all.filter(one => !before.has(names.get(one)!))
if (queue.length < all.length) console.log(`${all.length - queue.length} of ${all.length} were caught before.`)
let patienceMs = 10 * PATIENCE_MS
const begun = performance.now()
const aside = await judged('right', { JUDGE_ALL: '1' })
patienceMs = Math.ceil(Math.max(PATIENCE_MS, PATIENCE_TIMES * (performance.now() - begun)))
if (aside !== '[]') console.log(`The code as it is finds otherwise of these, which are left out: ${aside}`)
const survivors: Mutant[] = []
/** Files of the corpora that found a mistake, the last one first, and of which file of the sources it was. */
const finders = new Map<string, string>()
const firstFor = (file: string): string[] => {
  const all = [...finders].reverse()
  return [...all.filter(([, of]) => of === file), ...all.filter(([, of]) => of !== file)].map(([name]) => name)
}
let done = all.length - queue.length
await Promise.all(
  Array.from({ length: WORKERS }, async (_, n) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const env = { JUDGE_ASIDE: aside, JUDGE_FIRST: JSON.stringify(firstFor(mutant.file)) }
      const what = await judged(`wrong-${n}`, env, mutant).catch(error => `no code: ${error.message}`)
      const isAlive = what === 'as told'
      if (isAlive) survivors.push(mutant)
      const place = `${String(++done).padStart(4)}/${all.length}`
      console.log(`${place} ${isAlive ? 'SURVIVES' : 'caught  '} ${mutant.file}: ${mutant.wrong}`)
      if (isAlive) continue
      const [, finder] = /^((?:lies|truths)\/\S+\.json): /.exec(what) ?? []
      if (finder !== undefined) {
        finders.delete(finder)
        finders.set(finder, mutant.file)
      }
      console.log(`                   ${what.replaceAll(/\s+/g, ' ').slice(0, 140)}`)
      if (results !== undefined) await appendFile(results, `${names.get(mutant)} ${mutant.file}: ${mutant.wrong}\n`)
    }
  }),
)
await rm(BUNDLES, { recursive: true })
console.log(`\n${survivors.length} of ${all.length} mistakes survive.`)
for (const { file, wrong } of survivors) console.log(`  ${file}: ${wrong}`)
process.exitCode = survivors.length === 0 && aside === '[]' ? 0 : 1
