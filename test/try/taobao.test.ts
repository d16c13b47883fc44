import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, start, tally } from '../cli/run.ts'
import { stub } from '../client/proxy.ts'
import { runs } from '../runs.ts'
import { notAtHand, realInput } from './real-input.ts'
import { pointsByMember, tryTaobao, tryThroughGateway } from './taobao.ts'

const NAME = 'taobao-user-behavior.csv.gz'
const FILE = realInput(NAME)
const LINES = 4000

/**
 * Events as the data set has them, made up: a day of views beyond the cap, two such days that take turns, and repeated
 * lines.
 */
function madeUp(): string {
  const start = Date.UTC(2017, 10, 25, 15, 59, 0) / 1000
  const views = Array.from({ length: 90 }, (_, i) => `7,${i},1,pv,${start + i}`)
  const others = ['8,1,1,buy', '8,1,1,buy', '9,1,1,fav', '9,2,1,cart'].map(line => `${line},${start + 100}`)
  // 45 views on each of two days, as no order of time has them.
  const mixed = Array.from({ length: 90 }, (_, i) => `6,${i},1,pv,${start + 100 + (i % 2 === 0 ? i : i + 86_400)}`)
  return `${[...views, ...others, ...mixed].join('\n')}\n`
}

describe('a behaviour file, from its lines to the sum of all balances', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-try-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('made up: the cap of a day in Beijing, and lines that stand twice', async () => {
    const file = join(folder, 'made-up.csv')
    await writeFile(file, madeUp())
    // 60 views before midnight in Beijing, of which 40 count, and 30 after it.
    expect([...pointsByMember(madeUp()).points]).toEqual([
      ['7', 70],
      ['8', 100],
      ['9', 7],
      ['6', 80],
    ])
    expect(await tryTaobao(file, 4, () => {})).toMatchObject({ events: 184, members: 4, points: 257 })
  })

  test('through a gateway: the same points for each member', async () => {
    expect(await tryThroughGateway(madeUp(), 4)).toBe(257)
  })

  test('events of members whole: an audit by the command line finds what is missing', async () => {
    const file = join(folder, 'whole.csv')
    await writeFile(file, madeUp())
    const served = await Served.start()
    const at = ['--details', 'points.jsonl', '--chains', 'chains.jsonl', '--json']
    try {
      const imported = await tally(served.directory, 'import', '--format', 'taobao', file, '--url', served.url, ...at)
      expect(imported).toMatchObject({ status: 0 })
      const audited = () => tally(served.directory, 'audit', served.url, ...at)
      const whole = await audited()
      expect([whole.status, JSON.parse(whole.out).rewards.chains]).toEqual([
        0,
        { members: 4, numbers: 184, wrong: 0, everyone: 0 },
      ])
      const path = join(served.directory, 'chains.jsonl')
      const chains = readFileSync(path, 'utf8').trimEnd().split('\n')
      // One view beyond the cap earned nothing, and stands in no entry.
      const without = chains.map(line => {
        const { accounts, texts } = JSON.parse(line) as { accounts: number[]; texts: string[] }
        const gone = texts.findIndex(text => text.includes('"nothing"'))
        return JSON.stringify({ accounts, texts: texts.filter((_, i) => i !== gone) })
      })
      await writeFile(path, `${without.join('\n')}\n`)
      const missing = await audited()
      expect(missing.status).toBe(1)
      expect(missing.out).toMatch(/"code": "chain"/)
    } finally {
      await served.destroy()
    }
  })

  test.skipIf(FILE === undefined)(`real: a cut of ${NAME}${FILE ? '' : `: ${notAtHand(NAME)}`}`, async () => {
    const file = join(folder, 'cut.csv')
    const text = gunzipSync(readFileSync(FILE!)).toString('utf8')
    await writeFile(file, text.split('\n').slice(0, LINES).join('\n'))
    const figures = await tryTaobao(file, 20, () => {})
    expect(figures).toMatchObject({ events: LINES })
    expect(figures.treeSize).toBeGreaterThan(LINES + figures.members)
  })

  test('an import that is interrupted goes on where it was, and pays once', async () => {
    const file = join(folder, 'long.csv')
    const lines = Array.from({ length: runs(40_000, 14_000) }, (_, i) => `${i % 50},${i},1,buy,${1_511_658_000 + i}`)
    await writeFile(file, `${lines.join('\n')}\n`)
    const served = await Served.start()
    const held = await heldUp(served, 2)
    try {
      const command = (url: string) => ['import', '--format', 'taobao', file, '--url', url, '--json']
      const first = start(served.directory, command(held.url))
      let out = ''
      first.stdout!.setEncoding('utf8').on('data', (text: string) => {
        out += text
      })
      const ended = once(first, 'close')
      // Interrupted when some of it is in the ledger, in the middle of the next.
      await held.reached
      first.kill('SIGINT')
      held.goOn()
      const [status] = (await ended) as [number]
      const before = JSON.parse(out) as { issued: number; isComplete: boolean }
      expect([status, before.isComplete]).toEqual([130, false])
      expect(before.issued).toBeGreaterThan(0)
      expect(before.issued).toBeLessThan(lines.length)
      const second = await tally(served.directory, ...command(served.url))
      const after = JSON.parse(second.out) as { issued: number; newlyIssued: number; points: number }
      expect([second.status, after.issued, after.points]).toEqual([0, lines.length, 50 * lines.length])
      expect(after.newlyIssued).toBe(lines.length - before.issued)
    } finally {
      await held.close()
      await served.destroy()
    }
  })
})

/**
 * A server before a ledger that lets so many batches through, and keeps those after them back until it is told to go
 * on.
 */
async function heldUp({ url: ledger }: Served, batches: number) {
  let [reach, goOn, left] = [() => {}, () => {}, batches]
  const reached = new Promise<void>(resolve => {
    reach = resolve
  })
  const over = new Promise<void>(resolve => {
    goOn = resolve
  })
  const front = await stub(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    if (request.method === 'POST' && left-- <= 0) {
      reach()
      await over
    }
    const named = ['accept', 'authorization', 'content-type'].flatMap(name => {
      const value = request.headers[name]
      return typeof value === 'string' ? [[name, value] as [string, string]] : []
    })
    const asked = { method: request.method!, headers: named, ...(body.length > 0 ? { body } : {}) }
    const answer = await fetch(ledger + request.url, asked)
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  return { ...front, reached, goOn }
}
