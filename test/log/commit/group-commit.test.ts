import { afterEach, describe, expect, test, vi } from 'vitest'
import { FatalError, type PendingSubmission, type Preparer, prepareOne } from '../../../src/log/index.ts'
import { verifyPromise } from '../../../src/verify/promise.ts'
import { FIRST_MEMBER, World } from '../../world.ts'

/** Stands around the writes of a store: holds them up when it is told to, and then lets them through or not. */
class Gate {
  readonly store = { aroundWrite: (write: () => Promise<void>) => this.#around(write) }
  #held: { readonly go: (isOpen: boolean) => void }[] | undefined
  #arrived = () => {}

  /** Holds up what comes from here on; resolves with the first of it. */
  shut(): Promise<void> {
    this.#held = []
    return new Promise(resolve => {
      this.#arrived = resolve
    })
  }

  /** Lets what is held through, or fails it; nothing is held any more. */
  open(isOpen = true): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const { go } of held) go(isOpen)
  }

  async #around(write: () => Promise<void>): Promise<void> {
    if (this.#held !== undefined) {
      const isOpen = await new Promise<boolean>(go => {
        this.#held!.push({ go })
        this.#arrived()
      })
      if (!isOpen) throw new Error('the disk is gone')
    }
    await write()
  }
}

describe('while a group is being written', () => {
  const gate = new Gate()
  let world: World
  afterEach(async () => {
    gate.open()
    await world.destroy()
  })
  const balance = () => world.log.ledger.state.accounts.balance(FIRST_MEMBER)
  const turns = async (count: number) => {
    for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
  }

  test('the next is applied, and answered only when it is durable too; what stands in neither is read from where it is', async () => {
    world = await World.create({ store: gate.store })
    const [one, two] = [world.bytes(world.issue(FIRST_MEMBER, 7)), world.bytes(world.issue(FIRST_MEMBER, 8))]
    const shut = gate.shut()
    const first = world.submit([world.issuer], one)
    await shut
    let isAnswered = false
    // One batch may be all that a group has time for.
    const second = world.submit([world.issuer], one, two)
    const again = world.submit([world.issuer], one)
    const third = world.submit([world.issuer], two)
    for (const answer of [first, again, second, third])
      answer.then(() => {
        isAnswered = true
      })
    while (balance() < 15) await turns(1)
    expect([balance(), isAnswered, world.log.size < world.log.ledger.size]).toEqual([15, false, true])
    gate.open()
    const answers = await Promise.all([first, again, second, third])
    const [a, b, c, d] = answers as [(typeof answers)[0], (typeof answers)[0], (typeof answers)[0], (typeof answers)[0]]
    expect([a.existed, b.existed]).toEqual([[], [[0, a.index! + 1]]])
    expect([c.existed, d.existed]).toEqual([[[0, a.index! + 1]], [[0, c.index! + 2]]])
    expect(answers.map(({ statuses }) => [...statuses])).toEqual([[0], [0], [0, 0], [0]])
    expect(b.promise?.index).toBe(a.index)
    verifyPromise({ ...a.promise!, transactions: [one] }, world.keys.log.publicKey)
    verifyPromise({ ...b.promise!, transactions: [one] }, world.keys.log.publicKey)
    verifyPromise({ ...c.promise!, transactions: [one, two] }, world.keys.log.publicKey)
    expect(d.promise).toBeNull()
    await world.reopen()
    expect(balance()).toBe(15)
  })

  test('and the write fails: the next batch, which follows it, is not answered either, and nothing of it is written', async () => {
    world = await World.create({ store: gate.store })
    const [one, two] = [world.bytes(world.issue(FIRST_MEMBER, 7)), world.bytes(world.issue(FIRST_MEMBER, 8))]
    const shut = gate.shut()
    const answers = [world.submit([world.issuer], one)]
    await shut
    answers.push(world.submit([world.issuer], two))
    while (balance() < 15) await turns(1)
    gate.open(false)
    for (const { reason } of (await Promise.allSettled(answers)) as PromiseRejectedResult[])
      expect(reason).toBeInstanceOf(FatalError)
    await world.reopen()
    expect(balance()).toBe(0)
    await world.submit([world.issuer], two)
    expect(balance()).toBe(8)
  })

  test('a seal after it is published when both are durable', async () => {
    world = await World.create({ store: gate.store })
    const before = world.log.publisher.published?.size ?? 0
    const shut = gate.shut()
    const first = world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
    await shut
    const published = world.log.publisher.publish()
    await turns(20)
    expect(world.log.publisher.published?.size ?? 0).toBe(before)
    gate.open()
    await Promise.all([first, published])
    expect(world.log.publisher.published!.size).toBe(world.log.size)
    const statement = await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })
    expect(statement).toBeInstanceOf(Uint8Array)
  })
})

test('a payment at a counter goes before batches that came earlier, in a group that none of them makes longer', async () => {
  // No group is closed because it took long.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const world = await World.create()
  try {
    const batch = () =>
      world.submission([world.issuer], ...Array.from({ length: 300 }, () => world.bytes(world.issue(FIRST_MEMBER, 1))))
    const single = () => world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    const [batches, singles] = [Array.from({ length: 6 }, batch), [single(), single()]]
    const answers = await Promise.all([...batches, ...singles].map(bytes => world.log.submitBytes(bytes)))
    const [one, two, ...others] = [...answers.slice(6), ...answers.slice(0, 6)].map(({ index }) => index!)
    expect([two, Math.min(...others)]).toEqual([one! + 2, one! + 4])
    expect(answers.slice(6).map(({ size }) => size)).toEqual([one! + 4, one! + 4])
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1802)
  } finally {
    clock.mockRestore()
    await world.destroy()
  }
})

test('a flood that does not come keeps nobody waiting: who is there is answered, and seals are made', async () => {
  const waiting: PendingSubmission[] = []
  const world = await World.create({
    preparer: { prepare: job => void waiting.push(job), close: () => Promise.resolve() },
  })
  try {
    const answers = Array.from({ length: 300 }, () =>
      world.log.submitBytes(world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))),
    )
    const first = waiting.shift()!
    first.done(prepareOne(first), 0)
    await answers[0]
    await world.log.publisher.publish()
    expect(world.log.publisher.published!.size).toBe(world.log.size)
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1)
    for (const job of waiting) job.done(prepareOne(job), 0)
    await Promise.all(answers)
  } finally {
    await world.destroy()
  }
})

test('in a flood a group is as large as what comes in three packs, and one that ends keeps nobody waiting', async () => {
  const waiting: PendingSubmission[] = []
  const preparer: Preparer = {
    prepare(job) {
      waiting.push(job)
    },
    close: () => Promise.resolve(),
  }
  const answer = (count: number) => {
    for (const job of waiting.splice(0, count)) job.done(prepareOne(job), 0)
  }
  // No group is closed because it took long.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const world = await World.create({ preparer })
  try {
    const before = world.log.size
    const durable = () => (world.log.size - before) / 2
    const applied = () => world.log.ledger.state.accounts.balance(FIRST_MEMBER)
    const turns = async () => {
      for (let i = 0; i < 100; i++) await new Promise(resolve => setImmediate(resolve))
    }
    const answers = Array.from({ length: 1000 }, () =>
      world.log.submitBytes(world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))),
    )
    // 900 are on their way: those that came have company.
    answer(100)
    await turns()
    expect([applied(), durable()]).toEqual([100, 0])
    // One that could not be prepared changes nothing for them, and is answered.
    const torn = expect(answers[100]).rejects.toThrow('torn')
    waiting.shift()!.done(new Error('torn'), 0)
    await torn
    await turns()
    expect(durable()).toBe(0)
    // With 301 there are as many as make a group.
    answer(301)
    await answers[0]
    expect([applied(), durable()]).toEqual([401, 401])
    // 598 are on their way, then 498, then 348, which is no flood.
    answer(100)
    await turns()
    expect([applied(), durable()]).toEqual([501, 401])
    answer(150)
    await answers[402]
    expect(durable()).toBe(651)
    answer(1)
    await answers[652]
    expect(durable()).toBe(652)
  } finally {
    answer(waiting.length)
    clock.mockRestore()
    await world.destroy()
  }
})
