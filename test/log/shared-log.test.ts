import { randomInt } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { type RecordStream, SharedJournal } from '../../src/journal/index.ts'
import { readRecord, writeRecord } from '../../src/journal/record.ts'
import { MemoryStream } from '../journal/memory-stream.ts'
import { randomFrom } from '../ledger/cut-rows.ts'
import { FIRST_MEMBER, World } from '../world.ts'

/** Several logs that apply one order of commands: what src/log/commit/agreement.ts and the journal promise together. */
describe('a ledger that several processes have', () => {
  const worlds: World[] = []
  /** What was signed: the root of each size, of whichever process. */
  const signed = new Map<number, Set<string>>()
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map(world => world.destroy()))
    signed.clear()
  })

  let names = 0
  interface NodeOptions {
    readonly empty?: boolean
    readonly periodMs?: number
    /** The stream as this process sees it. */
    readonly seen?: (stream: RecordStream) => RecordStream
  }

  async function node(stream: MemoryStream, { empty = true, periodMs = 20, seen = one => one }: NodeOptions = {}) {
    const world = await World.create({
      empty,
      periodMs,
      journal: next =>
        new SharedJournal({ stream: seen(stream.open()), next, writer: new Uint8Array(16).fill(++names % 256) }),
    })
    worlds.push(world)
    return world
  }

  /** Notes what a process has published last. */
  function note({ log }: World): void {
    const { published } = log.publisher
    if (published === undefined) return
    const roots = signed.get(published.size) ?? new Set()
    signed.set(published.size, roots.add(toHex(published.root)))
  }

  async function entriesOf({ log }: World): Promise<string[]> {
    const entries = await log.readEntries(Array.from({ length: log.size }, (_, i) => i))
    return entries.map(toHex)
  }

  /** Resolves when all have published one and the same checkpoint of all there is. */
  async function settled(nodes: readonly World[]): Promise<void> {
    await expect
      .poll(
        () => {
          for (const world of nodes) note(world)
          const sizes = nodes.map(({ log }) => [log.size, log.publisher.published?.size])
          return sizes.every(([size, published]) => size === sizes[0]![0] && published === size)
        },
        { timeout: 60_000, interval: 5 },
      )
      .toBe(true)
  }

  test('has the same log everywhere, with each id once, whatever ends and whatever comes twice', async () => {
    const seed = randomInt(2 ** 32)
    console.log(`seed ${seed}`)
    const random = randomFrom(seed)
    const below = (n: number) => Math.floor(random() * n)
    const stream = new MemoryStream()
    const nodes = [await node(stream, { empty: false }), await node(stream), await node(stream)]
    await settled(nodes)
    stream.fate = () => (['kept', 'kept', 'kept', 'twice', 'unsaid', 'lost'] as const)[below(6)]!
    let acknowledged = 0
    for (let round = 0; round < 60; round++) {
      const world = nodes[below(3)]!
      if (below(15) === 0) {
        await world.reopen()
        continue
      }
      const bytes = world.bytes(world.issue(FIRST_MEMBER, 1))
      // Sent again, to whomever, until it is answered.
      for (;;) {
        const to = nodes[below(3)]!
        const answer = await to.submit([to.issuer], bytes).catch(() => undefined)
        if (answer === undefined) continue
        expect([...answer.statuses]).toEqual([0])
        acknowledged++
        break
      }
      for (const one of nodes) note(one)
    }
    stream.fate = () => 'kept'
    await settled(nodes)
    const entries = await Promise.all(nodes.map(entriesOf))
    expect(entries[1]).toEqual(entries[0])
    expect(entries[2]).toEqual(entries[0])
    expect(nodes[0]!.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(acknowledged)
    for (const [size, roots] of signed) expect(roots.size, `roots of ${size} entries`).toBe(1)
    const notes = nodes.map(({ log }) => toHex(log.publisher.published!.checkpoint))
    expect(new Set(notes).size).toBe(1)
    for (const { failure } of nodes) expect(failure).toBeUndefined()
  })

  test('stops a process that comes to another seal before it signs any of it; the others go on', async () => {
    const stream = new MemoryStream()
    const first = await node(stream, { empty: false })
    await settled([first])
    // It reads one batch a millisecond later than it was ordered.
    let isBent = false
    const bent = (inner: RecordStream): RecordStream => ({
      ...inner,
      read: async from =>
        (await inner.read(from)).map(({ offset, value }) => {
          const { name, command } = readRecord(value)
          if (!isBent || command.kind !== 'batch') return { offset, value }
          return { offset, value: writeRecord({ ...command, time: command.time + 1 }, name!) }
        }),
    })
    // It leaves seals to the other, so that the other's word is the first.
    const other = await node(stream, { periodMs: 10_000, seen: bent })
    await settled([first, other])
    isBent = true
    await first.submit([first.issuer], first.bytes(first.issue(FIRST_MEMBER, 1)))
    await expect.poll(() => other.failure, { timeout: 10_000 }).toMatchObject({ code: 'ledger-mismatch' })
    expect((other.failure as Error).message).toMatch(/^Seal \d+, of \d+ entries, has the root/)
    note(other)
    await settled([first])
    await first.submit([first.issuer], first.bytes(first.issue(FIRST_MEMBER, 1)))
    await settled([first])
    for (const [size, roots] of signed) expect(roots.size, `roots of ${size} entries`).toBe(1)
  })

  test('seals no more often for being several', async () => {
    const stream = new MemoryStream()
    const nodes = [await node(stream, { empty: false }), await node(stream), await node(stream)]
    await settled(nodes)
    const seals = () => stream.records.filter(value => readRecord(value).command.kind === 'seal').length
    const { epoch } = nodes[0]!.log.ledger.state
    const before = seals()
    await nodes[0]!.submit([nodes[0]!.issuer], nodes[0]!.bytes(nodes[0]!.issue(FIRST_MEMBER, 1)))
    await settled(nodes)
    // Nothing came since: nobody seals again what has been sealed.
    expect(nodes[0]!.log.ledger.state.epoch - epoch).toBeLessThanOrEqual(seals() - before)
    expect(seals() - before).toBeLessThanOrEqual(3)
  })
})
