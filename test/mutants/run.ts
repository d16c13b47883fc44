import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What a judge needs beside `src`. */
const JUDGE = [
  'test/lies/lie.ts',
  'test/lies/run.ts',
  'test/truths/read.ts',
  'test/truths/truth.ts',
  'test/mutants/judge.ts',
]
/** A mistake that takes longer goes round in circles. */
const PATIENCE_MS = 120_000
const WORKERS = Number(process.env['MUTANT_WORKERS'] ?? 2)

/** A copy of the sources, of which files can be changed. */
class Copy {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(): Promise<Copy> {
    const folder = await mkdtemp(join(tmpdir(), 'tally-mutant-'))
    await cp(join(ROOT, 'src'), join(folder, 'src'), { recursive: true })
    for (const path of [...JUDGE, 'package.json']) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await cp(join(ROOT, path), join(folder, path))
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    return new Copy(folder)
  }

  /** What the judge of the copy says. */
  judge(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const child = spawn(process.execPath, [join(this.folder, 'test/mutants/judge.ts'), join(ROOT, 'test')], {
      env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' },
      timeout: PATIENCE_MS,
    })
    let said = ''
    let trouble = ''
    child.stdout.on('data', data => {
      said += data
    })
    child.stderr.on('data', data => {
      trouble += data
    })
    return new Promise(resolve => {
      child.on('close', code =>
        resolve(code === 0 ? said.trim() : `it does not run: ${trouble.trim().split('\n').at(-1) ?? code}`),
      )
    })
  }

  async with<T>({ file, before, after }: Mutant, what: () => Promise<T>): Promise<T> {
    const path = join(this.folder, 'src', file)
    const text = await readFile(path, 'utf8')
    await writeFile(
      path,
      text.replace(before, () => after),
    )
    try {
      return await what()
    } finally {
      await writeFile(path, text)
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

/** Those mistakes of the list that words on the command line pick, or all. */
function picked(): readonly Mutant[] {
  const words = process.argv.slice(2)
  if (words.length === 0) return MUTANTS
  return MUTANTS.filter(({ file, wrong }) => words.some(word => `${file} ${wrong}`.includes(word)))
}

const queue = [...picked()]
const survivors: Mutant[] = []
const first = await Copy.make()
const aside = await first.judge({ JUDGE_ALL: '1' })
if (aside !== '[]') console.log(`The code as it is finds otherwise of these, which are left out: ${aside}`)
await Promise.all(
  Array.from({ length: WORKERS }, async (_, n) => {
    const copy = n === 0 ? first : await Copy.make()
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const said = await copy.with(mutant, () => copy.judge({ JUDGE_ASIDE: aside }))
      if (said === 'as told') survivors.push(mutant)
      console.log(
        `${said === 'as told' ? 'SURVIVES' : 'caught  '} ${mutant.file}: ${mutant.wrong}${said === 'as told' ? '' : `\n           ${said.slice(0, 150)}`}`,
      )
    }
    await copy.remove()
  }),
)
console.log(`\n${survivors.length} of ${picked().length} mistakes survive.`)
for (const { file, wrong } of survivors) console.log(`  ${file}: ${wrong}`)
process.exitCode = survivors.length === 0 && aside === '[]' ? 0 : 1
