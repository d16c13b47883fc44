import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCommands } from '../../../cli/commands/index.ts'
import { SpokenCommand } from '../../../cli/input/command.ts'
import { readSettings, VARIABLES } from '../../../cli/input/settings.ts'
import { Served, tally } from '../run.ts'

/** Every command that has an action, with the words that it is called by. */
async function commands(): Promise<{ words: string[]; command: Command }[]> {
  const program = new SpokenCommand('tally')
  await addCommands(program, undefined)
  readSettings(program, [])
  const found: { words: string[]; command: Command }[] = []
  const walk = (command: Command, words: string[]) => {
    for (const one of command.commands) walk(one, [...words, one.name()])
    if (command.commands.length === 0) found.push({ words, command })
  }
  walk(program, [])
  return found
}

const namesOf = (command: Command) => command.options.map(({ long }) => long!)

describe('all commands', () => {
  test('those that send transactions have the same options', async () => {
    const acts = (await commands()).filter(({ command }) =>
      command.options.some(({ flags }) => flags === '--at <time>'),
    )
    expect(acts.length).toBeGreaterThan(30)
    for (const { words, command } of acts)
      for (const name of ['--once', '--id', '--dry-run', '--json'])
        expect(namesOf(command), words.join(' ')).toContain(name)
    const names = acts.map(({ words }) => words.join(' '))
    for (const name of ['issue', 'redeem', 'hold', 'gift', 'account open', 'account merge', 'account recover'])
      expect(names).toContain(name)
    for (const name of ['key rotate', 'account custody', 'account rotate', 'programme publish', 'opening-balance'])
      expect(names).toContain(name)
  })

  test('each says in JSON, in one form, what is wrong with its words, and names an unknown option first', async () => {
    const said: string[] = []
    for (const { words, command } of await commands()) {
      // `config` takes the options of any command.
      if (!namesOf(command).includes('--json') || words[0] === 'config') continue
      const { status, out, err } = await tally('.', ...words, '--nonsense', '3', '--json')
      expect([status, JSON.parse(out)], words.join(' ')).toEqual([
        2,
        { error: { code: 'usage', message: expect.stringContaining("unknown option '--nonsense'"), exit: 2 } },
      ])
      expect(err).toContain("error: unknown option '--nonsense'")
      said.push(words.join(' '))
    }
    expect(said.length).toBeGreaterThan(60)
  })

  test('a time is a span or a date, in the help of each option that takes one', async () => {
    for (const { words, command } of await commands())
      for (const { long, parseArg, flags } of command.options) {
        if (parseArg === undefined || !/<(?:time|date|day|month)>/.test(flags)) continue
        const read = () => parseArg('2026-02-30', undefined as never)
        expect(read, `${words.join(' ')} ${long}`).toThrow(/Expected a/)
      }
  })

  test('help names each variable of the environment, and tally config shows it', async () => {
    const { out: help } = await tally('.', '--help')
    const { out: config } = await tally('.', 'config')
    for (const { name } of VARIABLES) {
      expect(help).toContain(name)
      expect(config).toContain(name)
    }
    for (const { words, command } of await commands())
      for (const { envVar, long } of command.options)
        if (envVar !== undefined) expect(command.helpInformation(), `${words.join(' ')} ${long}`).toContain(envVar)
    const read = /process\.env\[?'?\.?(TALLY_\w+)/g
    const root = join(import.meta.dirname, '../../..')
    const sources = ['cli', 'src'].flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(path => path.endsWith('.ts'))
        .map(path => readFileSync(join(root, folder, path), 'utf8')),
    )
    const used = new Set(sources.flatMap(text => [...text.matchAll(read)].map(([, name]) => name!)))
    const options = (await commands()).flatMap(({ command }) => command.options.map(({ envVar }) => envVar))
    const known = new Set([...VARIABLES.map(({ name }) => name), ...options])
    expect([...used].filter(name => !known.has(name))).toEqual([])
  })
})

describe('an act', () => {
  let served: Served
  const file = (name: string) => join(served.directory, name)
  const json = async (...args: string[]) => {
    const ran = await served.run(...args, '--json')
    return { status: ran.status, ...JSON.parse(ran.out) }
  }
  const balance = async (account = 3) => (await json('account', 'show', String(account))).balance
  beforeAll(async () => {
    served = await Served.start()
    expect((await served.run('account', 'open')).status).toBe(0)
  })
  afterAll(() => served.destroy())

  test.each([
    ['issue', ['issue', '--to', '3', '--amount', '100', '--expires', '90d']],
    ['redeem', ['redeem', '--from', '3', '--to', '0', '--amount', '30']],
    ['hold', ['hold', '--from', '3', '--to', '0', '--amount', '10', '--for', '2h']],
    ['account open', ['account', 'open']],
    ['budget fund', ['budget', 'fund', '--from', '0', '--to', '1', '--amount', '5']],
  ])(
    '%s --once counts once, whatever is run between, and another act under the name is refused',
    async (name, args) => {
      const named = [...args, '--once', `name of ${name}`]
      const first = await json(...named)
      expect(first.status).toBe(0)
      expect(first.repeated).toBeUndefined()
      const before = await balance()
      const second = await json(...named)
      expect(second).toMatchObject({ status: 0, repeated: true, index: first.index })
      expect(await balance()).toBe(before)
      const other = await json('issue', '--to', '3', '--amount', '77', '--once', `name of ${name}`)
      expect(other).toMatchObject({ status: 2, error: { code: 'once', retryable: false } })
      expect(other.error.message).toContain(`another \`tally ${name}\``)
    },
  )

  test('refused under a name is tried again under it, and the error has outcome and log index', async () => {
    const spend = ['redeem', '--from', '3', '--to', '0', '--amount', '5000', '--once', 'a big order']
    const { status, error } = await json(...spend)
    expect([status, error]).toEqual([
      1,
      expect.objectContaining({ code: 'insufficient', outcome: 'insufficient', index: expect.any(Number), exit: 1 }),
    ])
    await served.run('issue', '--to', '3', '--amount', '6000')
    expect((await json(...spend)).status).toBe(0)
    expect(await json(...spend)).toMatchObject({ status: 0, repeated: true })
  })

  test('dry runs say what would be, and leave no trace', async () => {
    const before = await balance()
    const { size } = await json('status').then(({ size }) => ({ size }))
    for (const args of [
      ['issue', '--to', '3', '--amount', '5'],
      ['redeem', '--from', '3', '--to', '0', '--amount', '5', '--once', 'only tried'],
      ['account', 'open'],
      ['hold', '--from', '3', '--to', '0', '--amount', '5', '--for', '30m'],
    ])
      expect(await json(...args, '--dry-run'), args.join(' ')).toMatchObject({ status: 0, outcome: 'accepted' })
    expect(await json('redeem', '--from', '3', '--to', '0', '--amount', '999999', '--dry-run')).toMatchObject({
      ...{ status: 0, outcome: 'insufficient' },
    })
    expect(await balance()).toBe(before)
    expect((await json('status')).size).toBe(size)
  })

  test('--at is the time of the transaction; dates and spans are taken alike, and one that is not there is refused', async () => {
    const past = await json('issue', '--to', '3', '--amount', '1', '--at', '2m')
    expect(past.status).toBe(0)
    const madeMs = Number.parseInt(past.id.slice(0, 12), 16)
    expect(Math.abs(Date.now() - 120_000 - madeMs)).toBeLessThan(60_000)
    expect(await json('issue', '--to', '3', '--amount', '1', '--at', '2d')).toMatchObject({
      ...{ status: 1, error: { code: 'time-behind' } },
    })
    const year = new Date().getUTCFullYear() + 1
    for (const time of ['90d', `${year}-12-31`, `${year}-12-31T18:00+08:00`])
      expect((await json('issue', '--to', '3', '--amount', '1', '--expires', time)).status, time).toBe(0)
    for (const time of [`${year}-02-30`, `${year}-12-31T24:61Z`, '31.12.2026', 'tomorrow'])
      expect(await json('issue', '--to', '3', '--amount', '1', '--expires', time), time).toMatchObject({
        ...{ status: 2, error: { code: 'usage' } },
      })
    expect(await json('issue', '--to', '3', '--amount', '1', '--expires', `${year}-12-31T18:31Z`)).toMatchObject({
      ...{ status: 2, error: { code: 'settings' } },
    })
  })

  test('policy, card and keys work as an editor saves them, and from standard input', async () => {
    const windows = (path: string) =>
      Buffer.concat([
        Buffer.of(0xef, 0xbb, 0xbf),
        Buffer.from(readFileSync(file(path), 'utf8').replaceAll('\n', '\r\n')),
      ])
    writeFileSync(file('bom.policy'), windows('data/policy'))
    writeFileSync(file('bom.card'), windows('data/members/3.card.json'))
    writeFileSync(file('bom.key'), windows('data/keys/issuer.json'), { mode: 0o600 })
    const issued = await served.run('issue', '--to', '3', '--amount', '1', '--policy', 'bom.policy', '--key', 'bom.key')
    expect([issued.status, issued.err]).toEqual([0, ''])
    await served.run('statement', '3', '--out', 's')
    const verify = ['verify', 's', '--policy', 'bom.policy', '--card', 'bom.card']
    expect((await tally(served.directory, ...verify)).status).toBe(0)
    writeFileSync(file('utf16.policy'), Buffer.from(`\ufeff${readFileSync(file('data/policy'), 'utf8')}`, 'utf16le'))
    const { status, err } = await tally(served.directory, 'verify', 's', '--policy', 'utf16.policy')
    expect([status, err]).toEqual([2, expect.stringMatching(/^tally: utf8: utf16.policy: it is saved as UTF-16/)])
  })
})
