import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { ED25519_KEY, verifierKey } from '../../../src/core/note/note.ts'
import { formatPolicy, openCheckpoint } from '../../../src/core/note/policy.ts'
import { mirror } from '../../../src/monitor/mirror.ts'
import { formatMetrics } from '../../../src/operations/metrics.ts'
import { encodePromise } from '../../../src/verify/promise.ts'
import { type Listening, stub } from '../../client/proxy.ts'
import { FIRST_MEMBER, keyNumber } from '../../world.ts'
import { type Ran, Served, start, tally } from '../run.ts'
import { grow, TwoHistories } from '../two-histories.ts'

/** A `tally watch` that goes on, as a process of its own. */
class Watching {
  readonly child: ChildProcess
  text = ''
  readonly #closed: Promise<unknown[]>

  constructor(directory: string, ...args: readonly string[]) {
    this.child = start(directory, ['watch', ...args])
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.text += text
      })
    this.#closed = once(this.child, 'close')
  }

  /** Resolves when it has said something. */
  async said(what: string | RegExp): Promise<void> {
    await until(() => (typeof what === 'string' ? this.text.includes(what) : what.test(this.text)))
  }

  /** Resolves with its exit status when it has ended by itself. */
  async ended(): Promise<number | null> {
    return (await this.#closed)[0] as number | null
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended()
  }
}

/** Resolves when something is so; a test that waits in vain ends with its own time limit. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 20))
}

describe('tally watch', () => {
  let two: TwoHistories
  let folder: string
  const watchers: Watching[] = []
  beforeEach(async () => {
    // As far ahead of those who watch as they take it: what it promises now is not due while a test runs.
    two = await TwoHistories.create({ nowMs: Date.now() + 8 * 60_000 })
    folder = await mkdtemp(join(tmpdir(), 'tally-watch-'))
    await writeFile(join(folder, 'policy'), formatPolicy(two.honest.world.policy))
  })
  afterEach(async () => {
    // Gone before their folder is: they write to it.
    await Promise.all(watchers.splice(0).map(watching => watching.end('SIGKILL')))
    await two.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  const look = (...args: string[]): Promise<Ran> =>
    tally(folder, 'watch', two.url, '--policy', 'policy', '--once', ...args)
  const follow = (...args: string[]): Watching => {
    const watching = new Watching(folder, two.url, '--policy', 'policy', '--every', '1s', ...args)
    watchers.push(watching)
    return watching
  }
  /** The size of the checkpoint that is kept, which is a signed note. */
  const keptSize = async () => {
    const [name] = (await readdir(join(folder, 'kept'))).filter(name => /^[0-9a-f]{64}\.watched$/.test(name))
    if (name === undefined) return undefined
    return openCheckpoint(await readFile(join(folder, 'kept', name)), two.honest.world.policy).size
  }
  const evidenceFiles = async (code: string) =>
    (await readdir(join(folder, 'kept'))).filter(name => name.includes(`.${code}.`) && name.endsWith('.json'))

  test('one look at an honest log, and another that continues it', async () => {
    await grow(two.honest, 100)
    const first = await look('--state', 'kept')
    expect([first.status, first.err]).toEqual([0, ''])
    expect(first.out).toMatch(/the log HOLDS[\s\S]*log size {2}100[\s\S]*Checked:[\s\S]*Not checked:[\s\S]*split views/)
    expect(first.out).toContain('(give --state)')
    expect(first.out).toContain('how old it is')
    expect(await keptSize()).toBe(100)
    await grow(two.honest, 700)
    const second = await look('--state', 'kept')
    expect(second.out).toContain('it continues the checkpoint of 100 entries seen before')
    expect(second.out).not.toContain('give --state')
    expect(await keptSize()).toBe(700)
    const { status, out } = await look('--json')
    expect([status, JSON.parse(out)]).toMatchObject([0, { holds: true, size: 700, troubles: [], witnesses: [] }])
  })

  test('it notices a fork, a rollback and an absence that came while it was away', async () => {
    await grow(two.honest, 300)
    expect((await look('--state', 'kept')).status).toBe(0)
    await grow(two.other, 400)
    two.shown = 'other'
    const forked = await look('--state', 'kept')
    expect([forked.status, forked.out]).toEqual([1, expect.stringMatching(/TROUBLE\n\n {2}forked: .*300/)])
    expect(await keptSize()).toBe(300)
    const [file] = await evidenceFiles('forked')
    const report = JSON.parse(await readFile(join(folder, 'kept', file!), 'utf8'))
    expect(report).toMatchObject({ format: 'tallystick/evidence/v1', needs: 'nothing', code: 'forked' })
    const { policy } = two.honest.world
    expect(openCheckpoint(utf8Encode(report.evidence.checkpoint), policy).size).toBe(400)
    expect(openCheckpoint(utf8Encode(report.evidence.earlier), policy).size).toBe(300)
    // Seen again it is the same evidence.
    await look('--state', 'kept')
    expect(await evidenceFiles('forked')).toHaveLength(1)

    two.repent()
    const { checkpoint: old } = two.honest.world.log.publisher.published!
    await grow(two.honest, 500)
    expect((await look('--state', 'kept')).status).toBe(0)
    two.showCheckpoint(old)
    const back = await look('--state', 'kept', '--json')
    expect([back.status, JSON.parse(back.out).troubles[0].code]).toEqual([1, 'rolled-back'])
    two.shown = 'nothing'
    const away = await look('--state', 'kept')
    expect([away.status, away.out, away.err]).toEqual([3, '', expect.stringMatching(/^tally: unreachable: /)])
    expect(await keptSize()).toBe(500)
  })

  test('it follows until the log forks, and ends with 1', async () => {
    const watching = follow('--state', 'kept')
    await watching.said('Stop with Ctrl-C')
    await until(async () => (await readdir(folder)).includes('kept'))
    await grow(two.honest, 200)
    await until(async () => (await keptSize()) === 200)
    await grow(two.other, 300)
    two.shown = 'other'
    expect(await watching.ended()).toBe(1)
    expect(watching.text).toMatch(/forked: the log has two histories/)
    expect(watching.text).toMatch(/evidence: kept\//)
    expect(await keptSize()).toBe(200)
  })

  test('a log that stands still is trouble after the greatest age, and so is one that does not answer', async () => {
    const still = follow('--max-age', '1s')
    expect(await still.ended()).toBe(1)
    expect(still.text).toMatch(/stale: the checkpoint of \d+ entries is \d+ s old/)
    two.shown = 'nothing'
    const silent = follow('--max-age', '2s')
    expect(await silent.ended()).toBe(1)
    expect(silent.text).toMatch(/No answer: .*does not answer[\s\S]*stale: there was no checkpoint for \d+ s/)
  })

  test('it ends with 130 on Ctrl-C, also while the log keeps it waiting, and killed it goes on where it was', async () => {
    await grow(two.honest, 100)
    const killed = follow('--state', 'kept')
    await until(async () => (await readdir(folder)).includes('kept') && (await keptSize()) === 100)
    await killed.end('SIGKILL')
    await grow(two.other, 200)
    two.shown = 'other'
    const again = follow('--state', 'kept')
    expect(await again.ended()).toBe(1)
    expect(again.text).toContain('forked')

    two.repent()
    const quiet = follow('--state', 'kept')
    await quiet.said('Stop with Ctrl-C')
    expect(await quiet.end('SIGINT')).toBe(130)
    const slow = await stub(() => {})
    try {
      const waiting = new Watching(folder, slow.url, '--policy', 'policy')
      watchers.push(waiting)
      await waiting.said('Stop with Ctrl-C')
      expect(await waiting.end('SIGINT')).toBe(130)
    } finally {
      await slow.close()
    }
    const stopped = follow()
    await stopped.said('Stop with Ctrl-C')
    expect(await stopped.end('SIGTERM')).toBe(0)
  })

  describe('with a webhook and metrics', () => {
    const told: { code: string; origin: string; evidence: Record<string, unknown> }[] = []
    let refusals: number
    let webhook: Listening
    beforeEach(async () => {
      told.length = 0
      refusals = 1
      webhook = await stub(async (request, response) => {
        let body = ''
        for await (const part of request) body += part
        const isTaken = refusals-- <= 0
        if (isTaken) told.push(JSON.parse(body))
        expect([request.method, request.headers['content-type']]).toEqual(['POST', 'application/json'])
        response.writeHead(isTaken ? 204 : 500).end()
      })
    })
    afterEach(() => webhook.close())

    test('each trouble is told once, and it goes on', async () => {
      await grow(two.honest, 100)
      const watching = follow('--webhook', webhook.url, '--metrics', '0')
      await watching.said(/Metrics: http\S+/)
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(watching.text)!
      const metric = async (name: string) => {
        const text = await (await fetch(url)).text()
        const found = new RegExp(`^tally_watch_${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)
        return found === null ? undefined : Number(found[1])
      }
      const { origin } = two.honest.world
      const log = `{origin="${origin}"}`
      await until(async () => (await metric(`holds${log}`)) === 1)
      expect(await metric(`up${log}`)).toBe(1)
      expect(await metric(`log_size${log}`)).toBe(100)
      expect(await metric(`checkpoint_age_seconds${log}`)).toBeLessThan(60)

      await grow(two.other, 200)
      two.shown = 'other'
      await until(() => told.length > 0)
      expect(told[0]).toMatchObject({ code: 'forked', origin, evidence: { checkpoint: expect.any(String) } })
      expect(watching.text).toContain('The webhook was not told and will be again')
      expect(await metric(`holds${log}`)).toBe(0)
      expect(await metric(`trouble{origin="${origin}",code="forked"}`)).toBe(1)
      // A fork that grows, and a pause without an answer, are no news.
      const looks = async () => (await metric(`looks_total{origin="${origin}",result="trouble"}`)) ?? 0
      await grow(two.other, 300)
      const seen = await looks()
      await until(async () => (await looks()) > seen)
      two.shown = 'nothing'
      await until(async () => (await metric(`up${log}`)) === 0)
      two.shown = 'other'
      await watching.said('It answers again')
      await until(async () => (await looks()) > seen + 1)
      expect(told).toHaveLength(1)

      two.repent()
      await watching.said('no more forked')
      two.showCheckpoint(utf8Encode('<html>\n'))
      await until(() => told.length === 2)
      expect(told[1]!.code).toBe('note')
      expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404)
      expect(await watching.end('SIGINT')).toBe(130)
    })
  })

  test('one look tells the webhook too; and what goes on can be read line by line', async () => {
    const told: string[] = []
    const webhook = await stub(async (request, response) => {
      for await (const part of request) told.push(String(part))
      response.end()
    })
    try {
      await grow(two.honest, 100)
      const lines = follow('--json', '--max-age', '2s')
      expect(await lines.ended()).toBe(1)
      const looks = lines.text.split('\n').filter(line => line.startsWith('{'))
      expect(looks.map(line => JSON.parse(line).holds)).toEqual([...looks.slice(1).map(() => true), false])
      expect(JSON.parse(looks.at(-1)!)).toMatchObject({ size: 100, troubles: [{ code: 'stale' }] })
      two.showCheckpoint(utf8Encode('<html>\n'))
      const { status, out } = await look('--webhook', webhook.url)
      expect([status, out]).toEqual([1, expect.stringContaining('  note: ')])
      expect(told.map(body => JSON.parse(body))).toMatchObject([{ code: 'note', evidence: { checkpoint: '<html>\n' } }])
    } finally {
      await webhook.close()
    }
  })

  test('promises: kept, not due yet, and not of this log', async () => {
    const { world } = two.honest
    const transaction = world.bytes(world.issue(FIRST_MEMBER, 7))
    const { promise } = await world.submit([world.issuer], transaction)
    const file = { ...promise!, transactions: [transaction] }
    await writeFile(join(folder, '7.promise'), encodePromise(file))
    const waiting = await look('--promise', '7.promise')
    expect([waiting.status, waiting.out]).toEqual([
      0,
      expect.stringMatching(/- what 7\.promise promises: there is time/),
    ])
    await world.log.publisher.publish()
    const kept = await look('--promise', '7.promise')
    expect([kept.status, kept.out]).toEqual([0, expect.stringContaining('+ what 7.promise promises is in the log')])
    await grow(two.other, 300)
    two.shown = 'other'
    const broken = await look('--promise', '7.promise', '--state', 'kept')
    expect([broken.status, broken.out]).toEqual([1, expect.stringContaining('promise-broken: 7.promise')])
    expect(await evidenceFiles('promise-broken')).toHaveLength(1)
    await writeFile(join(folder, '8.promise'), encodePromise({ ...file, deadline: file.deadline + 1 }))
    const forged = await look('--promise', '7.promise', '8.promise')
    expect([forged.status, forged.err]).toEqual([1, expect.stringMatching(/^tally: promise-signature: /)])
  })

  test('a static folder that mirrors the log is as good as the log', async () => {
    const { policy } = two.honest.world
    const directory = join(folder, 'public')
    const publish = () => mirror({ source: two.client, policy, directory, onProgress: () => {} })
    const files = await stub(async (request, response) => {
      const bytes = await readFile(join(directory, request.url!)).catch(() => undefined)
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
    })
    try {
      for (const size of [100, 300, 700]) {
        await grow(two.honest, size)
        await publish()
        const args = ['--policy', 'policy', '--once', '--state', 'kept']
        const { status, out } = await tally(folder, 'watch', files.url, ...args)
        expect([status, out]).toEqual([0, expect.stringContaining(`log size  ${size}`)])
      }
    } finally {
      await files.close()
    }
  })

  test('it names options that it cannot work with before it begins', async () => {
    const another = verifierKey('another.example', ED25519_KEY, keyNumber(77).publicKey)
    const yetAnother = verifierKey('yet.another.example', ED25519_KEY, keyNumber(78).publicKey)
    const { logs } = two.honest.world.policy
    const several = { ...two.honest.world.policy, logs: [...logs, { key: another }] }
    await writeFile(join(folder, 'several'), formatPolicy(several))
    const ran = async (...args: string[]) => {
      const { status, err } = await tally(folder, 'watch', two.url, '--once', ...args)
      return [status, /^tally: ([a-z-]+): /m.exec(err)?.[1]]
    }
    // Of several logs, the one that is served.
    expect(await ran('--policy', 'several')).toEqual([0, undefined])
    await writeFile(
      join(folder, 'others'),
      formatPolicy({ ...several, logs: [another, yetAnother].map(key => ({ key })) }),
    )
    expect(await ran('--policy', 'others')).toEqual([2, 'settings'])
    expect(await ran('--policy', 'several', '--origin', two.honest.world.origin)).toEqual([0, undefined])
    expect(await ran('--policy', 'several', '--origin', 'another.example')).toEqual([1, undefined])
    expect(await ran('--policy', 'several', '--origin', 'nowhere')).toEqual([2, 'settings'])
    expect(await ran('--policy', 'policy', '--webhook', 'mailto:me')).toEqual([2, 'url'])
    expect(await ran('--policy', 'policy', '--promise', 'missing')).toEqual([2, 'file'])
    await look('--state', 'kept')
    const [name] = await readdir(join(folder, 'kept'))
    await writeFile(join(folder, 'kept', name!), 'hello\n')
    expect(await ran('--policy', 'policy', '--state', 'kept')).toEqual([2, 'state'])
    const { port } = new URL(two.url)
    expect((await tally(folder, 'watch', two.url, '--policy', 'policy', '--metrics', port)).err).toMatch(
      /^tally: listen: /,
    )
  })

  test('against `tally serve`, and the promises that its commands keep', async () => {
    const served = await Served.start()
    try {
      await served.run('account', 'open')
      await served.run('issue', '--to', '3', '--amount', '5', '--promise', '5.promise')
      const { status, out, err } = await tally(
        served.directory,
        'watch',
        served.url,
        '--once',
        '--promise',
        '5.promise',
      )
      expect([status, out]).toEqual([0, expect.stringContaining('+ what 5.promise promises is in the log')])
      expect(err).toBe('')
    } finally {
      await served.destroy()
    }
  })
})

test('metrics are spelled as Prometheus reads them', async () => {
  const samples = [
    { labels: { origin: 'a"b\\c\nd', code: 'x' }, value: 1.5 },
    { labels: {}, value: 2 },
  ]
  expect(await formatMetrics([{ name: 'm', type: 'gauge', help: 'What it is.', samples }])).toBe(
    '# HELP m What it is.\n# TYPE m gauge\nm{origin="a\\"b\\\\c\\nd",code="x"} 1.5\nm 2\n',
  )
})
