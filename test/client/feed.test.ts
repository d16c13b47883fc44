import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type FeedEntry, feedPage } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { formatPolicy } from '../../src/core/note/policy.ts'
import { AUDITOR, ServedWorld } from '../http/server.ts'
import { Chance } from '../programmes/random.ts'
import { FIRST_MEMBER } from '../world.ts'

const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const KILLS = 5

let served: ServedWorld
let folder: string
beforeAll(async () => {
  served = await ServedWorld.create({ periodMs: 30 })
  folder = await mkdtemp(join(tmpdir(), 'tally-feed-'))
})
afterAll(async () => {
  await served.destroy()
  await rm(folder, { recursive: true, force: true })
})

test(`a consumer of the feed that is killed again and again misses nothing, and sees nothing twice (TALLY_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED)
  const { world } = served
  const path = join(folder, 'feed.jsonl')
  const linesIn = async () => (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1)
  const told = {
    ...{ url: served.url, policy: formatPolicy(world.policy), record: AUDITOR, path, nowMs: world.nowMs },
    seed: toHex(served.keys.auditor.seed),
  }
  const issue = (points: number) => world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, points)))
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  const writing = (async () => {
    for (let i = 1; !isOver; i++) await issue((i % 9) + 1)
  })()
  for (let kill = 0; kill <= KILLS; kill++) {
    const child = fork(join(import.meta.dirname, 'feed-child.ts'), { silent: true })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.send(told)
    const wanted = (await linesIn()).length + chance.int(1, 40)
    while ((await linesIn()).length < wanted && child.exitCode === null)
      await new Promise(resolve => setTimeout(resolve, 5))
    expect([child.exitCode, said]).toEqual([null, ''])
    const closed = once(child, 'close')
    if (kill < KILLS) {
      child.kill('SIGKILL')
      await closed
      continue
    }
    // The last one reads to the end of what there is.
    isOver = true
    await writing
    await world.log.publisher.publish()
    const { size } = world.log
    while (lastOf(await linesIn()) < size - 1) await new Promise(resolve => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await closed
  }
  const whole: FeedEntry[] = []
  for (let after = -1; ; ) {
    const page = await feedPage(served.client(served.keys.auditor), { after, limit: 1000 })
    whole.push(...page.entries)
    if (page.entries.length === 0) break
    after = page.next
  }
  const seen = (await linesIn()).map(line => JSON.parse(line) as FeedEntry)
  expect(seen.map(({ index }) => index)).toEqual(whole.slice(0, seen.length).map(({ index }) => index))
  expect(seen).toEqual(whole.slice(0, seen.length))
  expect(seen.length).toBeGreaterThan(KILLS)
})

function lastOf(lines: readonly string[]): number {
  return lines.length === 0 ? -1 : (JSON.parse(lines.at(-1)!) as FeedEntry).index
}
