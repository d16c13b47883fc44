import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, start, tally } from '../cli/run.ts'
import { notAtHand, realInput } from './real-input.ts'
import { pointsByMember, tryTaobao } from './taobao.ts'

const NAME = 'taobao-user-behavior.csv.gz'
const FILE = realInput(NAME)
const LINES = 4000

/** Events as the data set has them, made up: a day of views beyond the cap, two such days that take turns, and repeated lines. */
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
    const lines = Array.from({ length: 40_000 }, (_, i) => `${i % 50},${i},1,buy,${1_511_658_000 + i}`)
    await writeFile(file, `${lines.join('\n')}\n`)
    const served = await Served.start()
    try {
      const command = ['import', '--format', 'taobao', file, '--url', served.url, '--json']
      const first = start(served.directory, command)
      let out = ''
      first.stdout!.setEncoding('utf8').on('data', (text: string) => {
        out += text
      })
      // Interrupted once some of it is in the ledger.
      for (let size = 0; size < 3000; )
        size = ((await (await fetch(`${served.url}/healthz`)).json()) as { size: number }).size
      first.kill('SIGINT')
      const [status] = (await once(first, 'close')) as [number]
      const before = JSON.parse(out) as { issued: number; isComplete: boolean }
      expect([status, before.isComplete]).toEqual([130, false])
      expect(before.issued).toBeLessThan(lines.length)
      const second = await tally(served.directory, ...command)
      const after = JSON.parse(second.out) as { issued: number; newlyIssued: number; points: number }
      expect([second.status, after.issued, after.points]).toEqual([0, lines.length, 50 * lines.length])
      expect(after.newlyIssued).toBe(lines.length - before.issued)
    } finally {
      await served.destroy()
    }
  })
})
