import { spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Beside the packages that a judge loads. */
const BUNDLES = join(ROOT, 'node_modules/.mutants')
/** A mistake that takes longer goes round in circles. */
const PATIENCE_MS = 120_000
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
  const options = { env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' }, timeout: PATIENCE_MS }
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

/** Those mistakes of the list that words on the command line pick, or all. */
function picked(): readonly Mutant[] {
  const words = process.argv.slice(2)
  if (words.length === 0) return MUTANTS
  return MUTANTS.filter(({ file, wrong }) => words.some(word => `${file} ${wrong}`.includes(word)))
}

await mkdir(BUNDLES, { recursive: true })
const queue = [...picked()]
const survivors: Mutant[] = []
const aside = await judged('right', { JUDGE_ALL: '1' })
if (aside !== '[]') console.log(`The code as it is finds otherwise of these, which are left out: ${aside}`)
await Promise.all(
  Array.from({ length: WORKERS }, async (_, n) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const what = await judged(`wrong-${n}`, { JUDGE_ASIDE: aside }, mutant).catch(
        error => `no code: ${error.message}`,
      )
      const isAlive = what === 'as told'
      if (isAlive) survivors.push(mutant)
      console.log(`${isAlive ? 'SURVIVES' : 'caught  '} ${mutant.file}: ${mutant.wrong}`)
      if (!isAlive) console.log(`         ${what.replaceAll(/\s+/g, ' ').slice(0, 140)}`)
    }
  }),
)
await rm(BUNDLES, { recursive: true })
console.log(`\n${survivors.length} of ${picked().length} mistakes survive.`)
for (const { file, wrong } of survivors) console.log(`  ${file}: ${wrong}`)
process.exitCode = survivors.length === 0 && aside === '[]' ? 0 : 1
