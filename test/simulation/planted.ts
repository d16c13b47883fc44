import { spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { PLANTED, type Planted } from './planted-bugs.ts'

/** `npm run simulate:planted`: plants each bug in a copy of the sources, and counts the seeds until it is found. */
const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const ROOT = join(import.meta.dirname, '../..')
/** Beside the packages that a simulation loads. */
const BUNDLES = join(ROOT, 'node_modules/.planted')

function planting({ changes }: Planted): Plugin {
  return {
    name: 'planted',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const here = changes.filter(([file]) => path === join(ROOT, 'src', file))
        if (here.length === 0) return undefined
        let contents = await readFile(path, 'utf8')
        for (const [file, before, after] of here) {
          if (contents.split(before).length !== 2) throw new Error(`${file} does not have once: ${before}`)
          contents = contents.replace(before, () => after)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** Simulates with a bug: what is said of the first seed that finds it, and how many it took. */
async function found(bug: Planted, n: number): Promise<{ readonly said: string; readonly seeds: number | undefined }> {
  const outfile = join(BUNDLES, `${n}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, 'run.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    plugins: [planting(bug)],
  })
  const from = Number(values.from)
  const child = spawn(process.execPath, [outfile, '--from', `${from}`, '--seeds', values.seeds, '--first'], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const data of child.stdout) said += data
  const seed = /seed (\d+) broke a promise: (.*)/.exec(said)
  if (seed === null) return { said: said.trim().split('\n').at(-1) ?? '', seeds: undefined }
  const steps = /shrunk to (\d+)/.exec(said)?.[1]
  return { said: `${seed[2]!.slice(0, 110)} (shrunk to ${steps} steps)`, seeds: Number(seed[1]) - from + 1 }
}

await mkdir(BUNDLES, { recursive: true })
const picked = PLANTED.filter(({ wrong }) => positionals.length === 0 || positionals.some(word => wrong.includes(word)))
let missed = 0
for (const [n, bug] of picked.entries()) {
  const { said, seeds } = await found(bug, n)
  if (seeds === undefined) missed++
  console.log(`${seeds === undefined ? 'MISSED' : `found by seed ${seeds}`}: ${bug.wrong}\n    ${said}`)
}
await rm(BUNDLES, { recursive: true })
console.log(`\n${picked.length - missed} of ${picked.length} planted bugs were found.`)
process.exitCode = missed === 0 ? 0 : 1
