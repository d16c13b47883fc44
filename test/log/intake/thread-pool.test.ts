import { afterEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/core/bytes.ts'
import type { CodedError } from '../../../src/core/failure.ts'
import type { PendingSubmission, Preparer } from '../../../src/log/index.ts'
import { ThreadPool } from '../../../src/log/intake/thread-pool.ts'
import { verifyPromise } from '../../../src/verify/promise.ts'
import { BUDGET, FIRST_MEMBER, FUNDED, keyNumber, World } from '../../world.ts'

const trouble: string[] = []
const pool = async (threads: number, file?: URL) => {
  const made = new ThreadPool(threads, what => trouble.push(what), file)
  await made.started()
  return made
}

describe('batches prepared in threads', () => {
  const worlds: World[] = []
  const create = async (preparer?: Preparer, empty = false) => {
    const world = await World.create({ empty, ...(preparer === undefined ? {} : { preparer }) })
    worlds.push(world)
    return world
  }
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.destroy()
    trouble.length = 0
  })

  const outcome = async (world: World, bytes: Uint8Array) => {
    try {
      return await world.log.submitBytes(bytes)
    } catch (error) {
      const { name, code, message } = error as CodedError
      return { name, code, message }
    }
  }

  test('come out as in one thread, answer by answer and byte by byte, well formed or not', async () => {
    const [here, alone, there] = [
      await create(undefined, true),
      await create(await pool(2), true),
      await create(await pool(2), true),
    ]
    // What comes alone is prepared beside the threads if it is little: there it has company, of which nothing is taken.
    const company: Uint8Array[] = []
    const both = async (bytes: Uint8Array) => {
      const [a, b] = [await outcome(here, bytes), await outcome(alone, bytes)]
      const [c] = await Promise.all([bytes, ...company].map(one => outcome(there, one)))
      expect([b, c]).toEqual([a, a])
      return a
    }
    // The world signs and submits for the one; the other gets the same bytes.
    here.submit = (signers, ...list) => both(here.submission(signers, ...list)) as ReturnType<World['submit']>
    await here.setUp()
    const { issuer } = here
    const issues = (count: number) => Array.from({ length: count }, () => here.bytes(here.issue(FIRST_MEMBER, 2)))
    const owner = here.owner(FIRST_MEMBER)
    const many = here.submission([issuer], ...issues(1000))
    const one = here.submission([owner], here.bytes(here.redeem(FIRST_MEMBER, 5)))
    const mixed = here.submission([here.registrar, issuer], here.bytes(here.openMember()), ...issues(3), issues(1)[0]!)
    const forged = here.submission([here.owner(FIRST_MEMBER, keyNumber(71))], here.bytes(here.redeem(FIRST_MEMBER, 5)))
    const unknown = here.submission([here.owner(99)], here.bytes(here.redeem(FIRST_MEMBER, 5)))
    const refused = here.submission([owner], here.bytes(here.redeem(FIRST_MEMBER, 1_000_000)))
    const flipped = one.slice()
    flipped[flipped.length - 1]! ^= 0xff
    company.push(forged, forged, forged)
    const codes: (string | undefined)[] = []
    for (const bytes of [
      many,
      one,
      one,
      mixed,
      forged,
      unknown,
      refused,
      flipped,
      many.slice(0, -1),
      one.slice(0, 90),
    ]) {
      const answer = await both(bytes)
      codes.push('code' in answer ? answer.code : undefined)
    }
    for (const bytes of [
      Uint8Array.of(),
      Uint8Array.of(0x83, 0x80, 0x80, 0x80),
      new Uint8Array(100),
      Uint8Array.of(...one, 0),
    ])
      codes.push(((await both(bytes)) as CodedError).code)
    const [none, bad] = [undefined, 'signature-invalid']
    expect(codes.slice(0, 7)).toEqual([none, none, none, none, bad, 'signer-unknown', none])
    expect(codes.slice(8)).toEqual(['cbor', 'cbor', 'cbor', 'batch', 'cbor', 'cbor'])
    for (const world of [here, alone, there]) await world.log.publisher.publish()
    for (const world of [alone, there]) expect(world.log.publisher.published).toEqual(here.log.publisher.published)
    expect(trouble).toEqual([])
  })

  test('many at once are each taken once, and what they make is a log that replays', async () => {
    const world = await create(await pool(2))
    const list = Array.from({ length: 120 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const big = Array.from({ length: 300 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answers = await Promise.all([
      world.log.submitBytes(world.submission([world.issuer], ...big)),
      ...list.map(bytes => world.log.submitBytes(world.submission([world.issuer], bytes))),
    ])
    const spent = await world.log.submitBytes(
      world.submission([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 420))),
    )
    expect(spent.statuses[0]).toBe(0)
    for (const [i, { promise }] of answers.entries())
      if (i % 12 === 0)
        verifyPromise({ ...promise!, transactions: i === 0 ? big : [list[i - 1]!] }, world.keys.log.publicKey)
    expect(new Set(answers.map(({ index }) => index)).size).toBe(121)
    await world.log.publisher.publish()
    const root = toHex(world.log.publisher.published!.root)
    await world.reopen()
    expect(toHex(world.log.publisher.published!.root)).toBe(root)
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(0)
    expect(world.log.ledger.state.accounts.balance(BUDGET)).toBe(FUNDED - 420)
  })

  test('a thread that dies loses nothing: its work is done here, and another takes its place, again and again', async () => {
    const dying = await pool(1, new URL('./dying-thread.ts', import.meta.url))
    const world = await create(dying)
    const issue = () => world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    for (let round = 0; round < 5; round++) {
      while (dying.running === 0) await new Promise(resolve => setTimeout(resolve, 5))
      await dying.started()
      const answers = await Promise.all([issue(), issue(), issue()].map(bytes => world.log.submitBytes(bytes)))
      expect(answers.map(({ statuses }) => statuses[0])).toEqual([0, 0, 0])
      expect(await outcome(world, issue().slice(0, -1))).toMatchObject({ code: 'cbor' })
    }
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(15)
    expect(trouble.length).toBe(5)
    for (const what of trouble) expect(what).toMatch(/out of memory.*Nothing is lost\.$/)
  })

  test.each(['silent', 'looping'])('a %s thread is given up: its work is done here, and closing ends', async how => {
    const file = new URL(`./${how}-thread.ts`, import.meta.url)
    const stuck = new ThreadPool(1, what => trouble.push(what), file, 30)
    await stuck.started()
    const world = await create(stuck)
    const list = Array.from({ length: 1000 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const { statuses } = await world.log.submitBytes(world.submission([world.issuer], ...list))
    expect(new Set(statuses)).toEqual(new Set([0]))
    expect(trouble[0]).toMatch(/did not answer any more\. Nothing is lost\.$/)
    await stuck.started()
    const again = Array.from({ length: 1000 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answer = world.log.submitBytes(world.submission([world.issuer], ...again))
    await world.log.close()
    expect((await answer).statuses.length).toBe(1000)
    await world.open()
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(2000)
  })

  test('one or two that come alone wait for no thread; more at once do, and then what comes until they are back', async () => {
    const full = await pool(1, new URL('./silent-thread.ts', import.meta.url))
    let answered: string[] = []
    const job = (name: string, count: number): PendingSubmission => ({
      bytes: new Uint8Array(40),
      count,
      signatureCount: 1,
      ledgerId: undefined,
      putKeys: () => 0,
      done: () => answered.push(name),
    })
    const come = async (...jobs: PendingSubmission[]) => {
      answered = []
      for (const one of jobs) full.prepare(one)
      for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
      return answered
    }
    expect(await come(job('batch', 1000))).toEqual([])
    expect(await come(job('single', 1))).toEqual(['single'])
    expect(await come(job('batch', 1000), job('one', 1), job('two', 1))).toEqual(['one', 'two'])
    expect(await come(job('one', 1), job('two', 1), job('three', 1))).toEqual([])
    expect(await come(job('single', 1))).toEqual([])
    await full.close()
  })

  test('until a thread has started, and where none can, this one prepares', async () => {
    const world = await create(new ThreadPool(1, what => trouble.push(what), new URL('./missing.ts', import.meta.url)))
    const issue = world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    expect((await world.log.submitBytes(issue)).statuses[0]).toBe(0)
    while (trouble.length < 5) await new Promise(resolve => setTimeout(resolve, 5))
    expect(trouble[4]).toMatch(/died: .*Nothing is lost\.$/)
    expect((await world.log.submitBytes(issue)).existed.length).toBe(1)
  })

  test('closing waits for what is in the threads', async () => {
    const world = await create(await pool(2))
    const list = Array.from({ length: 40 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answers = list.map(bytes => world.log.submitBytes(world.submission([world.issuer], bytes)))
    await world.log.close()
    expect((await Promise.all(answers)).every(({ statuses }) => statuses[0] === 0)).toBe(true)
    await world.open()
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(40)
  })
})
