import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { environment, TALLY } from './cli/run.ts'
import { runs } from './runs.ts'

/** The verifier in Go that was written from SPEC alone (test/outsider), over both corpora. */
const home = join(import.meta.dirname, 'outsider')
const local = { GOTOOLCHAIN: 'local', GOPROXY: 'off', GOFLAGS: '-mod=readonly' }
const reason =
  spawnSync('go', ['version'], { env: { ...process.env, ...local } }).status === 0 ? '' : 'no go on the path'
if (reason !== '') console.warn(`test/outsider is skipped: ${reason}`)

describe.skipIf(reason !== '')(`the verifier written from SPEC alone${reason && ` (skipped: ${reason})`}`, () => {
  const built = mkdtempSync(join(tmpdir(), 'outsider-'))
  const program = join(built, 'outsider')
  afterAll(() => rmSync(built, { recursive: true }))

  function run(command: string, args: string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: home,
      env: { ...process.env, ...local },
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    expect(status, `${stdout}\n${stderr}`).toBe(0)
    return stdout
  }

  it('builds without the network', { timeout: 300_000 }, () => {
    run('go', ['build', '-o', program, '.'])
    // In a night: it takes longer than all else here, and looks for nothing that the corpora would miss.
    if (runs(1, 0) === 1) run('go', ['vet', '.'])
  })

  it('agrees with every file of both corpora', { timeout: 300_000 }, () => {
    expect(run(program, ['corpus'])).toMatch(/^[0-9]+ files: [0-9]+ agree, 0 disagree/m)
  })

  it('agrees with the vectors of SPEC §15', () => {
    expect(run(program, ['vectors'])).toMatch(/0 of 7 fail/)
  })

  it('writes evidence of each false log of the corpus, and is convinced by it', () => {
    run(program, ['accuse', join(built, 'accused')])
  })

  it('finds in logs that it writes itself what everyone else finds in them', { timeout: 300_000 }, () => {
    const folder = join(built, 'forged')
    for (const seed of [11, 12, 13, 14]) {
      const [, name, found] =
        /^(\S+): [0-9]+ entries, (.*)$/m.exec(run(program, ['forge', `${seed}`, '60', folder])) ?? []
      const file = join(folder, `${name}.jsonl`)
      const args = [TALLY.file, 'verify', file, '--policy', join(folder, `${name}.policy`)]
      const env = { ...environment(), ...TALLY.env }
      const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
      const [code, entry] = (found ?? '').split(' at entry ')
      if (entry === undefined) expect(stdout, `seed ${seed}`).toMatch(/finds no fault/)
      else expect(stdout, `seed ${seed}: ${found}`).toMatch(new RegExp(`at entry +${entry}\n +code +${code}\n`))
    }
  })

  it('disagrees once a rule is broken', () => {
    const { status } = spawnSync(program, ['-break', 'window-inclusive', 'corpus'], { cwd: home, encoding: 'utf8' })
    expect(status).toBe(1)
  })
})
