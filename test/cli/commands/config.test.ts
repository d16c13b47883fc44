import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ended, type Ran, refused, start, TALLY, tally } from '../run.ts'

interface Setting {
  readonly option: string
  readonly value: unknown
  readonly from: string
}

describe('settings come from flags, environment and file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-config-'))
  const file = (text: string) => writeFile(join(folder, 'tally.json'), text)
  const withEnvironment = (env: Record<string, string>, ...args: string[]): Promise<Ran> =>
    ended(start(folder, args, { file: TALLY.file, env: { ...TALLY.env, ...env } }))
  const settings = ({ status, out, err }: Ran) => {
    expect([status, err]).toEqual([0, ''])
    return new Map((JSON.parse(out) as Setting[]).map(({ option, value, from }) => [option, [value, from]]))
  }

  test('the command line goes before the environment, that before the file, and that before the default', async () => {
    await file(JSON.stringify({ serve: { port: 1, host: '1.1.1.1', threads: 3, follower: ['http://a', 'http://b'] } }))
    const found = settings(
      await withEnvironment(
        { TALLY_CONFIG: 'tally.json', TALLY_PORT: '2', TALLY_HOST: '2.2.2.2' },
        ...['config', '--json', 'serve', '--host', '3.3.3.3'],
      ),
    )
    expect(Object.fromEntries(found)).toMatchObject({
      host: ['3.3.3.3', '--host'],
      port: [2, 'TALLY_PORT'],
      threads: [3, 'tally.json'],
      follower: [['http://a', 'http://b'], 'tally.json'],
      origin: ['tallystick.local', 'default'],
      publish: [null, 'not set'],
    })
  })

  test('a command runs with what it is shown with: what is wrong is refused by its place', async () => {
    const cases: [text: string, message: string][] = [
      ['{"serve": {"port": "high"}}', 'settings: tally.json, /serve/port: Expected a whole number.'],
      ['{"serve": {"prot": 1}}', 'settings: tally.json, /serve/prot: no such option'],
      ['{"serve": {"port": true}}', 'settings: tally.json, /serve/port: Expected text or a number.'],
      ['{"sevre": {}}', 'settings: tally.json is no file of settings: /sevre: no command has that name'],
      ['{"serve": []}', 'settings: tally.json is no file of settings: /serve: expected an object'],
      ['[]', 'settings: tally.json is no file of settings: expected an object'],
      ['{', 'settings: tally.json is no file of settings: not JSON in UTF-8'],
      // As some editors save it.
      ['\ufeff{"serve":\r\n{"prot": 1}}', 'settings: tally.json, /serve/prot: no such option'],
    ]
    for (const [text, message] of cases) {
      await file(text)
      const ran = await refused(folder, 'serve', '--config', 'tally.json')
      expect([ran.status, ran.err.slice(0, `tally: ${message}`.length)]).toEqual([2, `tally: ${message}`])
    }
    const ran = await withEnvironment({ TALLY_THREADS: 'many' }, 'serve')
    expect([ran.status, ran.err]).toEqual([2, 'tally: environment: TALLY_THREADS: Expected a whole number.\n'])
  })

  test('a command that has others below it is shown, and so is each of those', async () => {
    const shown = (...words: string[]) =>
      withEnvironment({ TALLY_STATE: '/state', TALLY_DATA: '/data' }, 'config', '--json', ...words)
    expect(settings(await shown('gateway')).get('state')).toEqual(['/state', 'TALLY_STATE'])
    expect(settings(await shown('account', 'open')).get('data')).toEqual(['/data', 'TALLY_DATA'])
    expect(settings(await shown('gateway', 'key', 'add')).get('rate')).toEqual([10_000, 'default'])
    for (const words of [['account'], ['gateway', 'key'], ['nothing']])
      expect(await shown(...words)).toMatchObject({ status: 2, err: expect.stringContaining('settings: There is no') })
  })

  test('a variable of the gateway holds for the commands below it, and the command line goes before', async () => {
    const kept = { TALLY_STATE: join(folder, 'kept') }
    expect((await withEnvironment(kept, 'gateway', 'key', 'add', 'till')).status).toBe(0)
    expect((await withEnvironment(kept, 'gateway', 'key', 'list')).out).toMatch(/^till /m)
    expect((await withEnvironment(kept, 'gateway', 'key', 'list', '--state', 'other')).out).not.toMatch(/till/)
  })

  test('help names the variables, and of a command that acts only those of places', async () => {
    const serve = await tally(folder, 'serve', '--help')
    for (const name of ['DATA', 'HOST', 'PORT', 'ORIGIN', 'PUBLISH', 'DISK_RESERVE', 'LOG_LEVEL', 'THREADS'])
      expect(serve.out.replaceAll(/\s+/g, ' ')).toContain(`env: TALLY_${name}`)
    const issue = await tally(folder, 'issue', '--help')
    expect([...issue.out.matchAll(/TALLY_\w+/g)].map(String).sort()).toEqual(
      ['DATA', 'KEY', 'POLICY', 'URL'].map(name => `TALLY_${name}`),
    )
  })
})
