import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecord, writeRecord } from '../../src/journal/record.ts'
import { randomFrom } from '../ledger/cut-rows.ts'
import { FIRST_MEMBER, type World } from '../world.ts'
import { Brokers } from './brokers.ts'
import { expectOneLog, load, node, settled } from './nodes.ts'

const PORT = 29_290
/** The broker whose disk is filled. */
const SMALL = 2

const { lacking } = Brokers
if (lacking !== undefined) test.skip(`a ledger on three brokers (${lacking})`, () => {})
else
  describe('a ledger of three nodes on three brokers', () => {
    let brokers: Brokers
    let random: () => number
    beforeAll(async () => {
      const seed = randomInt(2 ** 32)
      console.log(`seed ${seed}`)
      random = randomFrom(seed)
      brokers = await Brokers.up(PORT, { smallDisk: SMALL })
    })
    afterAll(() => brokers?.down())

    /** Three nodes of one ledger under a new topic, the last of them over links that can be cut. */
    async function withNodes(topic: string, use: (nodes: [World, World, World]) => Promise<void>): Promise<void> {
      await brokers.topic(topic)
      const near = () => brokers.stream(topic)
      const nodes: [World, World, World] = [
        await node(near, false),
        await node(near),
        await node(() => brokers.farStream(topic)),
      ]
      try {
        await settled(nodes)
        await use(nodes)
      } finally {
        await Promise.all(nodes.map(one => one.destroy()))
      }
    }

    /** The broker that is neither of these. */
    const otherThan = (...some: readonly number[]) => [1, 2, 3].find(one => !some.includes(one))!

    const VICTIMS: readonly [what: string, find: (leader: number) => Promise<number> | number][] = [
      ['the leader', leader => leader],
      ['a follower', leader => otherThan(leader)],
      ['the controller', () => brokers.controller()],
    ]
    const ENDS = [
      ['kill', 'start'],
      ['stop', 'cont'],
    ] as const
    const troubles = VICTIMS.flatMap(([what, find]) => ENDS.map(([end, begin]) => ({ what, find, end, begin })))

    test.each(troubles)('has one log over the $end of $what under load', async ({ what, find, end, begin }) => {
      const topic = `points-${end}-${what.replaceAll(' ', '-')}`
      await withNodes(topic, async nodes => {
        const victim = await find(await brokers.leader(topic))
        let isBack = false
        try {
          const { acknowledged, longestMs } = await load(nodes, 60, random, async round => {
            if (round === 20) await brokers.do(end, victim)
          })
          console.log(`${end} of ${what}: longest without an answer ${Math.round(longestMs)} ms`)
          await brokers.do(begin, victim)
          isBack = true
          await expectOneLog(nodes, acknowledged)
        } finally {
          if (!isBack) await brokers.do(begin, victim)
          await brokers.inSync(topic)
        }
      })
    })

    test('has one log while the disk of a broker is full, and when it is free again', async context => {
      if (!brokers.hasSmallDisk) context.skip('no disk can be mounted')
      await withNodes('points-full', async nodes => {
        const before = await load(nodes, 20, random)
        brokers.fill(true)
        // Enough that it has to write.
        const during = await load(nodes, 60, random)
        await expect.poll(() => brokers.isRunning(SMALL), { timeout: 60_000 }).toBe(false)
        const after = await load(nodes, 20, random)
        brokers.fill(false)
        await brokers.do('start', SMALL)
        await brokers.inSync('points-full')
        const last = await load(nodes, 20, random)
        await expectOneLog(
          nodes,
          [before, during, after, last].reduce((sum, one) => sum + one.acknowledged, 0),
        )
      })
    })

    test('a node that is cut off answers nothing new, holds up nobody, and catches up', async () => {
      await withNodes('points-cut', async nodes => {
        const [first, second, cut] = nodes
        for (const link of brokers.links) link.cut()
        const sizeOfCut = cut.log.size
        const bytes = cut.bytes(cut.issue(FIRST_MEMBER, 1000))
        const lost = cut.submit([cut.issuer], bytes).catch((error: unknown) => error)
        const { acknowledged } = await load([first, second], 40, random)
        expect(cut.log.size).toBe(sizeOfCut)
        for (const link of brokers.links) link.mend()
        // Whether it arrived or not: it is sent again, and counts once.
        await lost
        const again = await first.submit([first.issuer], bytes)
        expect([...again.statuses]).toEqual([0])
        await expectOneLog(nodes, acknowledged + 1000)
      })
    })

    test('a slow node is behind, and comes to the same log', async () => {
      await withNodes('points-slow', async nodes => {
        for (const link of brokers.links) link.delayMs = 300
        const { acknowledged } = await load(nodes, 40, random)
        await expectOneLog(nodes, acknowledged)
        for (const link of brokers.links) link.delayMs = 0
      })
    })

    test('steps over a poisoned record, and over what a producer sends again', async () => {
      await withNodes('points-poisoned', async nodes => {
        const before = await load(nodes, 10, random)
        const stream = brokers.stream('points-poisoned')
        // A first byte above 1 is a later version, at which a node has to stop: test/journal/shared.test.ts.
        const poisons = Array.from({ length: 20 }, (_, i) =>
          Uint8Array.from({ length: i * i }, (_, at) => Math.floor((at === 0 ? 2 : 256) * random())),
        )
        await stream.append(poisons)
        const sent: Uint8Array[] = []
        const { next } = await stream.range()
        for (let at = 0; at < next - poisons.length; ) {
          const records = await stream.read(at)
          sent.push(...records.map(({ value }) => value))
          at = records.at(-1)!.offset + 1
        }
        // All that was sent until now, by another producer, in another order too.
        await stream.append(sent)
        await stream.append(sent.toReversed())
        const { command } = readRecord(sent.find(value => readRecord(value).command.kind === 'batch')!)
        await stream.append([writeRecord(command as never, { writer: new Uint8Array(16), number: 0 })])
        await stream.close()
        const after = await load(nodes, 10, random)
        await expectOneLog(nodes, before.acknowledged + after.acknowledged)
      })
    })
  })
