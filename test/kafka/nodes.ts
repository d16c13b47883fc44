import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { type RecordStream, SharedJournal } from '../../src/journal/index.ts'
import { FIRST_MEMBER, World } from '../world.ts'

/** A log that reads its commands from a stream, in this process; `empty` where another makes the ledger. */
export function node(stream: () => RecordStream, empty = true): Promise<World> {
  const writer = new Uint8Array(randomBytes(16))
  const journal = (next: number) => new SharedJournal({ stream: stream(), next, writer })
  return World.create({ empty, periodMs: 200, journal })
}

/** What batches that were sent again and again until a node answered came to. */
export interface Load {
  readonly acknowledged: number
  readonly longestMs: number
}

/**
 * Gives a member a point in each round, by a node that is drawn; where it does not answer, by another one.
 *
 * @param at - is told of each round before its batch is sent.
 */
export async function load(
  nodes: readonly World[],
  rounds: number,
  random: () => number,
  at: (round: number) => void | Promise<void> = () => {},
): Promise<Load> {
  let longestMs = 0
  for (let round = 0; round < rounds; round++) {
    await at(round)
    const bytes = nodes[0]!.bytes(nodes[0]!.issue(FIRST_MEMBER, 1))
    const begin = performance.now()
    for (;;) {
      const to = nodes[Math.floor(nodes.length * random())]!
      const answer = await to.submit([to.issuer], bytes).catch(() => undefined)
      if (answer === undefined) continue
      expect([...answer.statuses]).toEqual([0])
      break
    }
    longestMs = Math.max(longestMs, performance.now() - begin)
  }
  return { acknowledged: rounds, longestMs }
}

/** Waits until all nodes have published the same size, and all of their log. */
export async function settled(nodes: readonly World[]): Promise<void> {
  const same = () => {
    const sizes = nodes.map(({ log }) => [log.size, log.publisher.published?.size])
    return sizes.every(([size, published]) => size === sizes[0]![0] && published === size)
  }
  await expect.poll(same, { timeout: 90_000, interval: 50 }).toBe(true)
}

/** Holds that all nodes have one log, each id once and no point lost, and sign one checkpoint. */
export async function expectOneLog(nodes: readonly World[], balance: number): Promise<void> {
  await settled(nodes)
  const [first, ...others] = await Promise.all(nodes.map(entriesOf))
  for (const entries of others) expect(entries).toEqual(first)
  expect(nodes[0]!.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(balance)
  expect(new Set(nodes.map(({ log }) => toHex(log.publisher.published!.checkpoint))).size).toBe(1)
  for (const { failure } of nodes) expect(failure).toBeUndefined()
}

async function entriesOf({ log }: World): Promise<string[]> {
  const entries = await log.readEntries(Array.from({ length: log.size }, (_, i) => i))
  return entries.map(toHex)
}
