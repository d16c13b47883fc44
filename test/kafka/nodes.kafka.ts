import { randomBytes, randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { SharedJournal } from '../../src/journal/index.ts'
import { randomFrom } from '../ledger/cut-rows.ts'
import { FIRST_MEMBER, World } from '../world.ts'
import { Brokers } from './brokers.ts'

const { lacking } = Brokers
if (lacking !== undefined) test.skip(`a ledger on three brokers (${lacking})`, () => {})
else
  describe('a ledger of three processes on three brokers', () => {
    let brokers: Brokers
    beforeAll(async () => {
      brokers = await Brokers.up(29_290)
    })
    afterAll(() => brokers?.down())

    const node = (topic: string, empty = true) =>
      World.create({
        empty,
        periodMs: 200,
        journal: next =>
          new SharedJournal({ stream: brokers.stream(topic), next, writer: new Uint8Array(randomBytes(16)) }),
      })

    async function entriesOf({ log }: World): Promise<string[]> {
      const entries = await log.readEntries(Array.from({ length: log.size }, (_, i) => i))
      return entries.map(toHex)
    }

    async function settled(nodes: readonly World[]): Promise<void> {
      const same = () => {
        const sizes = nodes.map(({ log }) => [log.size, log.publisher.published?.size])
        return sizes.every(([size, published]) => size === sizes[0]![0] && published === size)
      }
      await expect.poll(same, { timeout: 90_000, interval: 50 }).toBe(true)
    }

    test.each([
      ['kill', 'start'],
      ['stop', 'cont'],
    ] as const)(
      'has one log, with each id once, over the %s of the leader under load',
      async (end, begin) => {
        const seed = randomInt(2 ** 32)
        console.log(`seed ${seed}`)
        const random = randomFrom(seed)
        const topic = `points-${end}`
        await brokers.topic(topic)
        const nodes = [await node(topic, false), await node(topic), await node(topic)]
        try {
          await settled(nodes)
          const leader = await brokers.leader(topic)
          let acknowledged = 0
          let longestMs = 0
          for (let round = 0; round < 120; round++) {
            if (round === 40) await brokers.do(end, leader)
            const bytes = nodes[0]!.bytes(nodes[0]!.issue(FIRST_MEMBER, 1))
            const begin = performance.now()
            for (;;) {
              const to = nodes[Math.floor(3 * random())]!
              const answer = await to.submit([to.issuer], bytes).catch(() => undefined)
              if (answer === undefined) continue
              expect([...answer.statuses]).toEqual([0])
              acknowledged++
              break
            }
            longestMs = Math.max(longestMs, performance.now() - begin)
          }
          await brokers.do(begin, leader)
          console.log(`longest without an answer: ${Math.round(longestMs)} ms`)
          await settled(nodes)
          const entries = await Promise.all(nodes.map(entriesOf))
          expect(entries[1]).toEqual(entries[0])
          expect(entries[2]).toEqual(entries[0])
          expect(nodes[0]!.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(acknowledged)
          expect(new Set(nodes.map(({ log }) => toHex(log.publisher.published!.checkpoint))).size).toBe(1)
          for (const { failure } of nodes) expect(failure).toBeUndefined()
        } finally {
          await Promise.all(nodes.map(one => one.destroy()))
        }
      },
      300_000,
    )
  })
