import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNote, parseVerifierKey, verifyNote } from '../../src/core/note/note.ts'
import { alone, environment, Served, tally } from './run.ts'

describe('the first start, and the lines that it prints', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.of()
  })
  afterAll(() => served.destroy())

  test('keys are files that nobody else can read, and no other file holds a seed', () => {
    const keys = join(served.directory, 'data', 'keys')
    const names = readdirSync(keys)
    expect(names).toEqual(expect.arrayContaining(['log.json', 'registrar.json', 'issuer.json']))
    for (const name of names) expect(statSync(join(keys, name)).mode & 0o777, name).toBe(0o600)
    const seeds = names.map(name => (JSON.parse(readFileSync(join(keys, name), 'utf8')) as { seed: string }).seed)
    for (const seed of seeds) expect(served.welcome).not.toContain(seed)
  })

  test('the root key is not in the data directory, and the start says where and why', () => {
    const path = join(served.directory, 'data.root', 'root.json')
    expect(readdirSync(join(served.directory, 'data', 'keys'))).not.toContain('root.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(served.welcome).toContain(`The root key is ${path}, and not in the data directory`)
  })

  test('each of them works as it stands', async () => {
    const what = served.printed.map(line => line.what)
    expect(what).toEqual([
      'open an account',
      'issue to it',
      'spend some',
      'fetch its statement',
      'verify it, offline',
      'audit the ledger',
    ])
    const outputs: string[] = []
    for (const { args } of served.printed) {
      const { status, out, err } = await alone(served.directory, ...args)
      expect([args.join(' '), status, err]).toEqual([args.join(' '), 0, ''])
      outputs.push(out)
    }
    expect(outputs[1]).toMatch(/^Issued 100 to account 3: entry \d+, sealed\.$/m)
    expect(outputs[2]).toMatch(/^Spent 30 of account 3: .* Left, as the ledger says: 70 coins\.$/m)
    expect(outputs[4]).toMatch(/the statement HOLDS/)
    expect(outputs[4]).toMatch(/balance +70 coins/)
    expect(outputs[4]).toMatch(/redeem +-30 +70\b/)
    expect(outputs[5]).toMatch(/everything holds/)
    expect(outputs[5]).toMatch(/coins +100 +0 +30 +0 +0 +0 +70$/m)
  })

  test('the audit for machines has the fields that are promised', async () => {
    const { status, out } = await tally(served.directory, 'audit', served.url, '--json')
    expect(status).toBe(0)
    const report = JSON.parse(out) as Record<string, unknown>
    expect(report).toMatchObject({
      origin: 'tallystick.local',
      accounts: 4,
      totals: { coins: { issued: '100', redeemed: '30', expired: '0', reversed: '0', owed: '70' } },
      faults: [],
    })
    for (const name of ['treeSize', 'entries', 'transactions']) expect(report[name], name).toBeGreaterThan(10)
    expect(report['entries']).toBe(report['treeSize'])
  })

  test('an audit keeps the checkpoint, and the next one continues it', async () => {
    const again = () => tally(served.directory, 'audit', served.url, '--state', 'audits')
    expect((await again()).out).toMatch(/everything holds$/m)
    expect((await again()).out).toMatch(/everything holds, and continues what was audited before$/m)
    expect(readdirSync(join(served.directory, 'audits')).length).toBeGreaterThan(0)
  })

  test('an auditor cosigns what was replayed, with a key for that alone', async () => {
    const sign = (key: string, ...more: string[]) =>
      tally(served.directory, 'audit', served.url, '--state', 'signed', '--sign', key, '--json', ...more)
    const made = await tally(served.directory, 'keygen', '--name', 'auditor.example', '--out', 'cosigning.json')
    expect(made.status).toBe(0)
    const ran = await sign('cosigning.json', '--out', 'audited.checkpoint')
    expect([ran.status, ran.err]).toEqual([0, ''])
    const { faults, cosigned } = JSON.parse(ran.out) as { faults: unknown[]; cosigned: { policyLine: string } }
    expect(faults).toEqual([])
    // The line that a policy takes in has the key under which the cosignature verifies.
    const key = parseVerifierKey(cosigned.policyLine.split(' ')[2]!)
    const note = parseNote(readFileSync(join(served.directory, 'audited.checkpoint')))
    expect(verifyNote(note, [key])).toHaveLength(1)
    // The key by which the ledger knows the auditor signs tokens.
    const own = await sign('data/keys/auditor.json')
    expect([own.status, own.err]).toEqual([2, expect.stringMatching(/^tally: key-file: /)])
  })

  /** Runs the program of the README that names this, with `more` at its end, but for where ledger and package are. */
  async function ofReadme(name: string, more: string): Promise<string> {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const program = [...readme.matchAll(/^```ts\n([^`]*)```$/gm)]
      .map(match => match[1]!)
      .find(one => one.includes(name))!
    const here = program
      .replace(
        /'tallystick\/(\w+)'/,
        (_, room) => `'${pathToFileURL(join(import.meta.dirname, `../../src/${room}/index.ts`)).href}'`,
      )
      .replace('http://127.0.0.1:8080', served.url)
    writeFileSync(join(served.directory, 'readme.mts'), here + more)
    const { stdout } = await promisify(execFile)(process.execPath, ['readme.mts'], {
      cwd: served.directory,
      env: environment(),
    })
    return stdout
  }

  test("the platform's program in the README works as it stands", async () => {
    const again = "await client.submit([entry], [issuer], { wait: 'sealed' })\n"
    const said = await ofReadme('makeEntry', `console.log(statuses[0], promise?.index)\n${again}`)
    expect(said).toMatch(/^0 \d+\n$/)
    expect((await served.run('account', 'show', '3')).out).toMatch(/balance +120 coins$/m)
  })

  test("a member's program in the README verifies her statement, in ten lines at most", async () => {
    // The statement is that of the lines above: a hundred issued, thirty spent.
    expect(await ofReadme('verifyStatement', '')).toBe('open-account 0 0\nissue 100 100\nredeem -30 70\n70 coins\n')
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const program = /```ts\n([^`]*verifyStatement[^`]*)```/.exec(readme)![1]!
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(10)
  })

  test('the public reads are published as a folder', async () => {
    const published = await served.run('publish', 'public', '--policy', 'data/policy')
    expect([published.status, published.out]).toEqual([
      0,
      expect.stringMatching(/^tallystick\.local: \d+ entries, 1 new tiles/),
    ])
    const note = readFileSync(join(served.directory, 'public/checkpoint'), 'utf8')
    expect(note).toBe(await (await fetch(`${served.url}/checkpoint`)).text())
    expect((await served.run('publish', 'public', '--policy', 'data/policy')).out).toContain(', 0 new tiles')
  })

  test('a promise and a receipt are kept, verified and shown', async () => {
    const issued = await served.run('issue', '--to', '3', '--amount', '5', '--promise', '3.promise', '--json')
    const { index } = JSON.parse(issued.out) as { index: number }
    const policy = ['--policy', 'data/policy']
    const promise = await tally(served.directory, 'verify', '3.promise', ...policy)
    expect([promise.status, promise.out]).toEqual([0, expect.stringContaining('the promise HOLDS')])
    expect((await served.run('receipt', String(index), '--out', 'r')).status).toBe(0)
    const receipt = await tally(served.directory, 'verify', 'r', ...policy, '--json')
    expect(JSON.parse(receipt.out)).toMatchObject({ holds: true, what: 'receipt', facts: { index } })
    for (const file of ['3.promise', 'r', 'data/members/3.card.json']) {
      const shown = await tally(served.directory, 'inspect', file)
      expect([file, shown.status]).toEqual([file, 0])
      expect(JSON.parse(shown.out)).toHaveProperty('file')
    }
  })

  test('anyone who is refused gets a proof of it, with the reason', async () => {
    const refused = await served.run('redeem', '--from', '3', '--to', '0', '--amount', '1000000')
    expect([refused.status, refused.out]).toEqual([1, ''])
    const index = /entry (\d+) of the log/.exec(refused.err)![1]!
    expect((await served.run('receipt', index, '--account', '3', '--out', 'no')).status).toBe(0)
    const { status, out } = await tally(served.directory, 'verify', 'no', '--policy', 'data/policy')
    expect([status, out]).toEqual([0, expect.stringMatching(/outcome +refused: insufficient, /)])
    expect(out).toContain('+ so is its batch, which says that the ledger refused it')
    expect(JSON.parse((await tally(served.directory, 'inspect', 'no')).out)).toMatchObject({
      evidence: { position: 0 },
    })
  })

  test('an owner brings a key of her own, and spends with it', async () => {
    expect((await tally(served.directory, 'keygen', '--out', 'my.key.json')).status).toBe(0)
    const opened = await served.run('account', 'open', '--owner', 'my.key.json', '--card', 'my.card.json', '--json')
    const { account } = JSON.parse(opened.out) as { account: number }
    const to = String(account)
    expect((await served.run('issue', '--to', to, '--amount', '9')).status).toBe(0)
    const spent = await served.run(
      'redeem',
      '--from',
      to,
      '--to',
      '0',
      '--amount',
      '4',
      '--key',
      'my.key.json',
      '--json',
    )
    expect(JSON.parse(spent.out)).toMatchObject({ outcome: 'accepted', balance: 5 })
    const beyond = await served.run('redeem', '--from', to, '--to', '0', '--amount', '6', '--key', 'my.key.json')
    expect([beyond.status, beyond.out]).toEqual([1, ''])
    expect(beyond.err).toMatch(/^tally: insufficient: /)
    const shown = await served.run('account', 'show', to, '--json')
    expect(JSON.parse(shown.out)).toMatchObject({ balance: 5, unit: 'coins' })
  })
})

describe('a ledger that is stopped and started', () => {
  test('goes on where it was, after a signal and after being killed', async () => {
    let served = await Served.start()
    try {
      await served.run('account', 'open')
      await served.run('issue', '--to', '3', '--amount', '7')
      for (const signal of ['SIGTERM', 'SIGKILL', 'SIGINT'] as const) {
        expect(await served.end(signal)).toBe(signal === 'SIGKILL' ? null : 0)
        served = await Served.start(served.directory)
        expect(served.welcome).toMatch(/^Opened the ledger/)
        const shown = await served.run('account', 'show', '3', '--json')
        expect(JSON.parse(shown.out)).toMatchObject({ balance: 7 })
      }
      const second = await tally(served.directory, 'serve', '--port', '0')
      expect([second.status, second.err]).toEqual([3, expect.stringMatching(/^tally: store-locked: /)])
      expect((await tally(served.directory, 'audit', served.url)).status).toBe(0)
    } finally {
      await served.destroy()
    }
  })

  test('init makes the same ledger and stops, and says so the second time', async () => {
    const served = await Served.start()
    try {
      await served.end()
      const again = await tally(served.directory, 'init')
      expect([again.status, again.out]).toEqual([0, expect.stringMatching(/^There is already the ledger/)])
      const fresh = await tally(served.directory, 'init', '--data', 'other', '--origin', 'points.example')
      expect([fresh.status, fresh.out]).toEqual([0, expect.stringMatching(/^Made the ledger points\.example in other/)])
    } finally {
      await served.destroy()
    }
  })
})
