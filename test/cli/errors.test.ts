import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { meaning } from '../../src/client/outcome-words.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { fromSources, refused, Served, tally } from './run.ts'

const policy = ['--policy', 'data/policy']

describe('each failure on the command line has a code and an exit status', () => {
  let served: Served
  const file = (name: string) => join(served.directory, name)
  const run = (...args: string[]) => tally(served.directory, ...args)

  beforeAll(async () => {
    served = await Served.start()
    await served.run('account', 'open')
    await served.run('issue', '--to', '3', '--amount', '8')
    await served.run('redeem', '--from', '3', '--to', '0', '--amount', '3')
    await served.run('statement', '3', '--out', 's')
    writeFileSync(file('text'), 'hello\n')
    writeFileSync(file('empty'), '')
    writeFileSync(file('half.key.json'), '{"format":"tallystick/key/v1","seed":"c2VjcmV0"}', { mode: 0o600 })
    copyFileSync(file('data/keys/issuer.json'), file('open.key.json'))
    chmodSync(file('open.key.json'), 0o644)
    writeFileSync(file('bad.csv'), '1,2,3,pv,1511658000\n1,2,3,steal,1511658000\n')
    writeFileSync(file('cut.csv.gz'), Uint8Array.of(31, 139, 8, 0, 0))
    mkdirSync(file('broken'))
    writeFileSync(file('none.policy'), 'quorum none\n')
    writeFileSync(file('broken/ledger.json'), '{"format":"tallystick/ledger/v1","origin":""}')
    mkdirSync(file('halved/store'), { recursive: true })
    await run('keygen', '--out', 'stranger.key.json')
  })
  afterAll(() => served.destroy())

  test.each<[code: string, status: number, args: string[]]>([
    ['file', 2, ['verify', 'missing', ...policy]],
    ['file', 2, ['verify', 's', '--policy', 'missing']],
    ['policy', 2, ['verify', 's', '--policy', 'text']],
    ['file-kind', 2, ['verify', 'text', ...policy]],
    ['file-kind', 2, ['verify', 'empty', ...policy]],
    ['file-kind', 2, ['verify', 'data/members/3.card.json', ...policy]],
    ['card', 2, ['verify', 's', ...policy, '--card', 'text']],
    ['state', 2, ['verify', 's', ...policy, '--state', 'text']],
    ['file-kind', 2, ['inspect', 'empty']],
    ['key-exists', 2, ['keygen', '--out', 'stranger.key.json']],
    ['url', 2, ['issue', '--to', '3', '--amount', '1', '--url', 'ftp://ledger']],
    ['unreachable', 3, ['issue', '--to', '3', '--amount', '1', '--url', 'http://127.0.0.1:1']],
    ['policy-missing', 2, ['issue', '--to', '3', '--amount', '1', '--data', 'nowhere', '--url', 'URL']],
    ['policy-missing', 2, ['audit', 'URL', '--data', 'nowhere']],
    ['policy-missing', 2, ['watch', 'URL', '--once', '--data', 'nowhere']],
    ['policy-missing', 2, ['publish', 'public', '--data', 'nowhere', '--url', 'URL']],
    ['key-missing', 2, ['issue', '--to', '3', '--amount', '1', '--data', 'nowhere', ...policy, '--url', 'URL']],
    ['key-missing', 2, ['redeem', '--from', '77', '--to', '0', '--amount', '1', '--url', 'URL']],
    ['key-mode', 2, ['issue', '--to', '3', '--amount', '1', '--key', 'open.key.json', '--url', 'URL']],
    ['key-file', 2, ['issue', '--to', '3', '--amount', '1', '--key', 'half.key.json', '--url', 'URL']],
    [
      'key-file',
      2,
      ['redeem', '--from', '77', '--to', '0', '--amount', '1', '--key', 'data/members/3.key.json', '--url', 'URL'],
    ],
    ['key-file', 2, ['account', 'show', '0', '--key', 'data/members/3.key.json', '--url', 'URL']],
    ['key-unregistered', 2, ['issue', '--to', '3', '--amount', '1', '--key', 'stranger.key.json', '--url', 'URL']],
    ['not-an-issuer', 2, ['issue', '--to', '3', '--amount', '1', '--key', 'data.root/root.json', '--url', 'URL']],
    ['credit-unknown', 1, ['issue', '--to', '77', '--amount', '1', '--url', 'URL']],
    ['insufficient', 1, ['redeem', '--from', '3', '--to', '0', '--amount', '6', '--url', 'URL']],
    ['account', 2, ['statement', 'two', '--out', 'x', '--url', 'URL']],
    ['no-such-account', 1, ['statement', '77', '--out', 'x', '--url', 'URL']],
    ['no-statement', 1, ['statement', '0', '--out', 'x', '--url', 'URL']],
    ['since-beyond', 1, ['statement', '3', '--since', '99', '--out', 'x', '--url', 'URL']],
    ['not-published', 1, ['receipt', '99999', '--out', 'x', '--url', 'URL']],
    ['not-allowed', 1, ['audit', 'URL', '--key', 'data/keys/issuer.json']],
    ['unreachable', 3, ['audit', 'http://127.0.0.1:1']],
    ['settings', 2, ['serve', '--port', '0', '--data', 'broken']],
    ['settings', 2, ['witness', '--policy', 'none.policy']],
    ['policy', 2, ['witness', '--policy', 'text']],
    ['data', 2, ['serve', '--port', '0', '--data', 'halved']],
    ['listen', 2, ['serve', '--port', 'PORT', '--data', 'another']],
    ['csv-line', 2, ['import', '--format', 'taobao', 'bad.csv', '--url', 'URL']],
    ['file', 2, ['import', '--format', 'taobao', 'missing.csv', '--url', 'URL']],
    ['file', 2, ['import', '--format', 'taobao', 'cut.csv.gz', '--url', 'URL']],
  ])('%s (%i): tally %j', async (code, status, args) => {
    const words = args.map(word => (word === 'URL' ? served.url : word === 'PORT' ? new URL(served.url).port : word))
    // Without a port a ledger closes again what it had opened: as its process ends.
    const ran = await (code === 'listen' ? run(...words) : refused(served.directory, ...words))
    expect([ran.status, ran.out, ran.err]).toEqual([
      status,
      '',
      expect.stringMatching(new RegExp(`^tally: ${code}: `, 'm')),
    ])
    expect(ran.err).not.toMatch(/\n {4}at /)
    expect(ran.err).not.toContain('c2VjcmV0')
  })

  test.each([
    [['nothing']],
    [['verify']],
    [['verify', 's']],
    [['serve', '--port', 'x']],
    [['issue', '--to', '-1']],
    [['serve', '--log-level', 'loud']],
    [['budget', 'open', '--unit', '6', '--kind', 'member']],
    [['key', 'register', '--public', '00'.repeat(32), '--role', 'king']],
    [['key', 'register', '--public', '00'.repeat(32), '--role', 'issuer', '--scope', '1,b']],
  ])('usage: tally %j ends with 2 and says how', async args => {
    const { status, err } = await refused(served.directory, ...args)
    expect(status).toBe(2)
    expect(err).toMatch(/^error: /)
  })

  test.each([
    [0, ['verify', 's', ...policy]],
    [1, ['redeem', '--from', '3', '--to', '0', '--amount', '1000', '--url', 'URL']],
    [2, ['verify', 'missing', ...policy]],
    [2, ['verify']],
    [3, ['issue', '--to', '3', '--amount', '1', '--url', 'http://127.0.0.1:1']],
  ])(
    'a process of its own, of the sources, ends with %i, and says the same as the build: tally %j',
    async (status, words) => {
      const args = words.map(word => (word === 'URL' ? served.url : word))
      const [own, shared] = [await fromSources(served.directory, ...args), await run(...args)]
      const withoutId = (text: string) => text.replace(/\d+/g, 'n')
      expect(own.status).toBe(status)
      expect([shared.status, shared.out, withoutId(shared.err)]).toEqual([status, own.out, withoutId(own.err)])
    },
  )

  test('a folder of tiles is no ledger: an audit of it ends with 3', async () => {
    const server = createServer((_, answer) => answer.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { status, err } = await run('audit', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    expect([status, err]).toEqual([3, expect.stringMatching(/^tally: http: .* answered 404, and not as a ledger does/)])
  })

  test.each([
    ['--policy', 'bad.utf8', 'utf8'],
    ['--card', 'text', 'card'],
  ])('a file of %s that is of no form is named', async (option, name, code) => {
    writeFileSync(file('bad.utf8'), Uint8Array.of(255))
    const { status, err } = await run('verify', 's', ...policy, option, name)
    expect([status, err]).toEqual([2, expect.stringMatching(new RegExp(`^tally: ${code}: ${name}: `))])
  })

  test('a refusal says what it means, and every outcome has words', async () => {
    const { err } = await served.run('redeem', '--from', '3', '--to', '0', '--amount', '6')
    expect(err).toMatch(/^tally: insufficient: .*too little.* \(redeem, entry \d+ of the log, SPEC §8\)$/m)
    for (const outcome of OUTCOMES.slice(1)) expect(meaning(outcome), outcome).toMatch(/^[^.]{10,}$/)
  })

  test('a statement with one byte changed is refused, wherever it is', async () => {
    const whole = readFileSync(file('s'))
    expect((await run('verify', 's', ...policy)).status).toBe(0)
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 16)) {
      const changed = Uint8Array.from(whole)
      changed[at]! ^= 1
      writeFileSync(file('changed'), changed)
      const { status, out, err } = await run('verify', 'changed', ...policy)
      expect([at, [1, 2].includes(status!)]).toEqual([at, true])
      expect(out + err).toMatch(/DOES NOT HOLD|^tally: [a-z0-9-]+: /)
    }
  })

  test('a statement that is older than one accepts is refused', async () => {
    // The seal's age is what is tested: it has to pass the second that is accepted.
    await new Promise(resolve => setTimeout(resolve, 1100))
    const { status, out } = await run('verify', 's', ...policy, '--max-age', '1s')
    expect([status, out]).toEqual([1, expect.stringContaining('(stale, SPEC §10)')])
    expect((await run('verify', 's', ...policy, '--max-age', '1d')).status).toBe(0)
  })

  test("another's card is refused", async () => {
    await served.run('account', 'open')
    const { status, out } = await run('verify', 's', ...policy, '--card', 'data/members/4.card.json')
    expect([status, out]).toEqual([1, expect.stringContaining('(wrong-account, SPEC §10)')])
  })
})
