import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { buildCommand } from '../../build/command.ts'

const ROOT = join(import.meta.dirname, '../..')
const CACHE = join(ROOT, 'node_modules/.cache/tallystick-built')
const KEPT_MS = 3_600_000

/**
 * Before all tests: makes `tally` in few files, other packages among them, once for sources and packages that stay as
 * they are, and names its folder to `run.ts`. Most of the time of a command is its start, and such a start takes a
 * third of one from the sources. `package.test.ts` starts `tally` as the package has it.
 */
export default async function setup(): Promise<void> {
  const seen = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const room of ['build', 'cli', 'src'])
    for (const name of readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).sort()) {
      const { mtimeMs, size } = statSync(join(ROOT, room, name))
      seen.update(`${room}/${name} ${mtimeMs} ${size}\n`)
    }
  const folder = join(CACHE, seen.digest('hex').slice(0, 16))
  process.env['BUILT_TALLY'] = folder
  if (existsSync(folder)) return
  const making = `${folder}.${process.pid}`
  for (const part of ['cli', 'dist']) mkdirSync(join(making, part), { recursive: true })
  copyFileSync(join(ROOT, 'package.json'), join(making, 'package.json'))
  copyFileSync(join(ROOT, 'cli/tally.js'), join(making, 'cli/tally.js'))
  symlinkSync(join(ROOT, 'dist/web'), join(making, 'dist/web'), 'junction')
  await buildCommand(join(making, 'dist/cli'), true)
  try {
    renameSync(making, folder)
  } catch {
    // Another run of the tests was first.
    rmSync(making, { recursive: true })
  }
  for (const name of readdirSync(CACHE))
    if (statSync(join(CACHE, name)).mtimeMs < Date.now() - KEPT_MS) rmSync(join(CACHE, name), { recursive: true })
}
