import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Packs the package, installs it in an empty folder, uses each of its exports once and runs its command:
 * `npm run pack:try`. It needs a registry for the dependencies.
 */
const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'tally-pack-'))
const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' })
try {
  npm(ROOT, 'pack', '--pack-destination', folder)
  const [tarball] = readdirSync(folder).filter(name => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  npm(folder, 'install', '--no-audit', '--no-fund', `./${tarball}`)
  cpSync(join(import.meta.dirname, 'use.mjs'), join(folder, 'use.mjs'))
  console.log(execFileSync(process.execPath, ['use.mjs'], { cwd: folder, encoding: 'utf8' }).trim())
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const tally = join(folder, 'node_modules/tallystick/cli/tally.js')
  const said = execFileSync(process.execPath, [tally, '--version'], { encoding: 'utf8' }).trim()
  if (said !== version) throw new Error(`tally --version says ${said}, and package.json ${version}`)
  console.log(`tally ${said} runs from the installed package`)
  const pages = readdirSync(join(folder, 'node_modules/tallystick/dist/web'))
  if (!pages.includes('pages.json')) throw new Error('the installed package has no pages')
  console.log('it has the pages, too')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
