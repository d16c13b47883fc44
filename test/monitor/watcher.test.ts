import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tilesOf } from '../../src/client/index.ts'
import { fromBase64, utf8Encode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { formatVerifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import { verifyConsistency } from '../../src/core/tree/merkle.ts'
import { type Trouble, Watcher, type WatcherOptions } from '../../src/monitor/watcher.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { evidenceOf } from '../../src/verify/evidence/make-evidence.ts'
import { decodePromise, encodePromise, type PromiseFile, verifyPromise } from '../../src/verify/promise.ts'
import { cosigned, grow, signedCheckpoint, TwoHistories, witnessNumber } from '../cli/two-histories.ts'
import type { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'

const MAX_AGE = 60_000
const START = 1_000_000_000

describe('a watch over a log', () => {
  let two: TwoHistories
  let nowMs: number
  let watcher: Watcher
  beforeAll(async () => useEngine(await loadEngine('native')))
  afterAll(() => useEngine(portableEngine))
  beforeEach(async () => {
    two = await TwoHistories.create()
    nowMs = START
    watcher = watching()
  })
  afterEach(() => two.destroy())

  const watching = (options: Partial<WatcherOptions> = {}) =>
    new Watcher({
      policy: two.honest.world.policy,
      tileAt: tilesOf(two.client),
      maxAgeMs: MAX_AGE,
      startedMs: START,
      ...options,
    })
  const look = async () => watcher.look(await two.client.checkpoint(), nowMs)
  const codes = (troubles: readonly Trouble[]) => troubles.map(({ code }) => code)
  const looked = async () => codes(await look())
  const size = () => watcher.last?.checkpoint.size

  /** Submits a transaction to a world and keeps the promise that answers it. */
  const promised = async ({ world }: ServedWorld): Promise<PromiseFile> => {
    const transaction = world.bytes(world.issue(FIRST_MEMBER, 7))
    const { promise } = await world.submit([world.issuer], transaction)
    return { ...promise!, transactions: [transaction] }
  }

  /**
   * What a stranger makes of the evidence: two signed checkpoints, of which the larger provably does not begin with the
   * smaller.
   */
  const convicts = ({ evidence }: Trouble): boolean => {
    const { policy } = two.honest.world
    const notes = [evidence!.earlier!, evidence!.checkpoint!].map(note => openCheckpoint(utf8Encode(note), policy))
    const [smaller, larger] = notes.sort((a, b) => a.size - b.size)
    const root = fromBase64(evidence!.root!)
    verifyConsistency(smaller!.size, root, larger!.size, larger!.root, evidence!.proof!.map(fromBase64))
    return Buffer.compare(root, smaller!.root) !== 0
  }

  test('an honest log is followed from size to size, by a handful of tiles', async () => {
    for (const next of [30, 128, 253, 256, 259, 300, 512, 700, 1024, 2000]) {
      await grow(two.honest, next)
      two.asked.length = 0
      expect([next, await looked(), size()]).toEqual([next, [], next])
      expect(two.asked.length).toBeLessThan(8)
      expect(await looked()).toEqual([])
    }
  })

  test('every size continues every smaller one, from the tiles of the larger', async () => {
    const { log } = two.honest.world
    await grow(two.honest, 600)
    const sizes = [1, 2, 3, 7, 20, 127, 128, 129, 255, 256, 257, 384, 511, 512, 513, 599, 600]
    for (const first of sizes) {
      watcher = watching()
      for (const next of sizes.filter(one => one >= first)) {
        two.showCheckpoint(signedCheckpoint(two.honest.world, next, await log.tree.rootAt(next)))
        expect([first, next, await looked(), size()]).toEqual([first, next, [], next])
      }
    }
  })

  test('two histories are two, whichever is larger, and the evidence convicts by itself', async () => {
    await grow(two.honest, 300)
    expect(await looked()).toEqual([])
    for (const next of [300, 303, 512, 700]) {
      await grow(two.other, next)
      two.shown = 'other'
      const [trouble] = await look()
      expect([next, trouble!.code, size()]).toEqual([next, 'forked', 300])
      expect(convicts(trouble!)).toBe(true)
    }
    // A smaller one of the other history, while the tiles of the first are still to be had.
    two.repent()
    two.showCheckpoint(signedCheckpoint(two.honest.world, 256, await two.other.world.log.tree.rootAt(256)))
    const [trouble] = await look()
    expect(trouble!.code).toBe('forked')
    expect(convicts(trouble!)).toBe(true)
    // What was accepted stays accepted.
    two.repent()
    await grow(two.honest, 400)
    expect([await looked(), size()]).toEqual([[], 400])
  })

  test('a log that goes back is seen, with its tiles or without', async () => {
    const old = await grow(two.honest, 300)
    await grow(two.honest, 600)
    expect(await looked()).toEqual([])
    two.showCheckpoint(old)
    expect([await looked(), size()]).toEqual([['rolled-back'], 600])
    two.lie = (path, bytes) => (path === '/checkpoint' ? Buffer.from(old) : bytes.subarray(32))
    expect(await looked()).toEqual(['rolled-back'])
  })

  test('tiles that are not the log’s are no evidence of a fork', async () => {
    await grow(two.honest, 300)
    await looked()
    await grow(two.honest, 700)
    for (const spoil of [(bytes: Buffer) => bytes.fill(1), (bytes: Buffer) => bytes.subarray(32)]) {
      two.lie = (path, bytes) => (path.startsWith('/tile/') ? spoil(bytes) : bytes)
      expect([await looked(), size()]).toEqual([['tile'], 300])
    }
    two.repent()
    expect([await looked(), size()]).toEqual([[], 700])
  })

  test('a partial tile that is gone is taken from the whole one that replaced it', async () => {
    const { world } = two.honest
    await grow(two.honest, 300)
    expect(await looked()).toEqual([])
    await grow(two.honest, 600)
    two.showCheckpoint(signedCheckpoint(world, 400, await world.log.tree.rootAt(400)))
    two.isGone = path => path.startsWith('/tile/0/001.p/')
    two.asked.length = 0
    expect([await looked(), size()]).toEqual([[], 400])
    expect(two.asked).toContain('/tile/0/001')
    // Where neither is to be had, nothing is accepted.
    two.isGone = path => path.startsWith('/tile/0/00')
    two.repent()
    expect([await looked(), size()]).toEqual([['withheld'], 400])
  })

  test('a signed checkpoint whose tiles are withheld is trouble at once, and is compared when that can be', async () => {
    await grow(two.honest, 300)
    expect(await looked()).toEqual([])
    const fork = await grow(two.other, 400)
    two.shown = 'other'
    two.isGone = path => path.startsWith('/tile/')
    const [trouble] = await look()
    expect(trouble).toMatchObject({ code: 'withheld', subject: '' })
    expect(Buffer.from(trouble!.evidence!.checkpoint!)).toEqual(Buffer.from(fork))
    expect(openCheckpoint(utf8Encode(trouble!.evidence!.earlier!), two.honest.world.policy).size).toBe(300)
    // What it shows next is all right, and does not make the other note go away.
    two.repent()
    two.isGone = () => false
    await grow(two.honest, 350)
    expect([await looked(), size()]).toEqual([['withheld'], 350])
    await grow(two.honest, 500)
    const [forked] = await look()
    expect([forked!.code, size(), convicts(forked!)]).toEqual(['forked', 500, true])
    expect(await looked()).toEqual(['forked'])
    // A watch that starts again with the note finds the same.
    watcher = watching({ uncompared: [fork, utf8Encode('no note')], kept: watcher.last! })
    expect(await looked()).toEqual(['forked'])
  })

  test('tiles that come late are no trouble any more', async () => {
    await grow(two.honest, 300)
    two.isGone = path => path.startsWith('/tile/')
    // Also where there is nothing to compare it with.
    expect([await looked(), size()]).toEqual([['withheld'], undefined])
    two.isGone = () => false
    expect([await looked(), size()]).toEqual([[], 300])
    await grow(two.honest, 600)
    two.isGone = path => path.startsWith('/tile/')
    expect([await looked(), size()]).toEqual([['withheld'], 300])
    two.isGone = () => false
    await grow(two.honest, 700)
    expect([await looked(), size()]).toEqual([[], 700])
    expect(await looked()).toEqual([])
  })

  test('bytes that are no checkpoint of this log', async () => {
    await looked()
    const before = size()
    const { checkpoint } = two.honest.world.log.publisher.published!
    const notes: [string, Uint8Array][] = [
      ['note', utf8Encode('<html>Welcome</html>\n')],
      [
        'log-signature',
        Buffer.from(
          Buffer.from(checkpoint)
            .toString()
            .replace(/\n\d+\n/, '\n9\n'),
        ),
      ],
    ]
    for (const [code, note] of notes) {
      two.showCheckpoint(note)
      expect([await looked(), size()]).toEqual([[code], before])
    }
    const another = watching({ policy: { ...two.honest.world.policy, logs: [{ key: witnessNumber(1).key }] } })
    two.repent()
    expect(codes(await another.look(await two.client.checkpoint(), nowMs))).toEqual(['unknown-log'])
  })

  test('without witnesses the age counts from when a size was first seen, also over a restart', async () => {
    await grow(two.honest, 100)
    expect(await looked()).toEqual([])
    nowMs += MAX_AGE
    expect(await looked()).toEqual([])
    nowMs += 1
    expect(await looked()).toEqual(['stale'])
    watcher = watching({ kept: watcher.last!, startedMs: nowMs })
    expect(await looked()).toEqual(['stale'])
    await grow(two.honest, 110)
    expect(await looked()).toEqual([])
  })

  test('a log that does not answer is waited for as long as it may be old', async () => {
    two.shown = 'nothing'
    await expect(look()).rejects.toThrow(expect.objectContaining({ code: 'unreachable' }))
    expect(codes(watcher.silent(START + MAX_AGE, 'why'))).toEqual([])
    expect(codes(watcher.silent(START + MAX_AGE + 1, 'why'))).toEqual(['stale'])
    two.repent()
    nowMs = START + 2 * MAX_AGE
    expect(await looked()).toEqual([])
    expect(codes(watcher.silent(nowMs + MAX_AGE, 'why'))).toEqual([])
    expect(watcher.silent(nowMs + MAX_AGE + 1, 'it is away')[0]!.message).toContain('it is away')
    // What was kept long before this start says nothing of how long it has been silent.
    watcher = watching({ kept: watcher.last!, startedMs: nowMs + 10 * MAX_AGE })
    expect(watcher.silent(nowMs + 10 * MAX_AGE + 1, 'why')).toEqual([])
  })

  describe('with witnesses', () => {
    const second = START / 1000
    let policy: Policy
    beforeEach(() => {
      const lines = [1, 2, 3].map(n => `witness w${n} ${formatVerifierKey(witnessNumber(n).key)}\n`).join('')
      const log = `log ${formatVerifierKey(two.honest.world.log.logKey)}\n`
      policy = parsePolicy(utf8Encode(`${log}${lines}group g 2 w1 w2 w3\nquorum g\n`))
      watcher = watching({ policy })
    })

    test('a checkpoint counts with a quorum under it, and is as old as the quorum', async () => {
      const note = await grow(two.honest, 100)
      const show = async (times: Record<number, number>) => {
        two.showCheckpoint(cosigned(note, times))
        return looked()
      }
      expect(await show({})).toEqual(['quorum'])
      expect(await show({ 1: second })).toEqual(['quorum'])
      expect(size()).toBeUndefined()
      // One that is new and two that are old make a quorum, and an old one.
      expect(await show({ 1: second, 2: second - 90, 3: second - 80 })).toEqual(['stale'])
      expect(await show({ 1: second, 2: second - 90, 3: second - 50 })).toEqual([])
      expect(watcher.ageMs(START)).toBe(50_000)
      nowMs += 11_000
      expect(await show({ 1: second, 2: second - 90, 3: second - 50 })).toEqual(['stale'])
      // Cosigned again it is new again, though it has not grown; and older cosignatures do not make it old.
      expect(await show({ 1: second, 2: second + 11 })).toEqual([])
      expect(watcher.ageMs(nowMs)).toBe(11_000)
      expect(await show({ 2: second - 500, 3: second - 500 })).toEqual([])
    })

    test('a cosignature of a time to come counts for nobody: a log that stands still is not fresh for ever', async () => {
      const note = await grow(two.honest, 100)
      two.showCheckpoint(cosigned(note, { 1: second, 2: second + 50 * 31_536_000 }))
      expect(await looked()).toEqual(['clock-ahead'])
      nowMs += MAX_AGE + 1000
      expect(await looked()).toEqual(['clock-ahead', 'stale'])
      nowMs += 49 * 31_536_000_000
      expect(await looked()).toEqual(['clock-ahead', 'stale'])
      // Ten minutes are within what clocks differ by; and where others are enough, it is not looked at.
      two.showCheckpoint(cosigned(note, { 1: nowMs / 1000 + 600, 2: nowMs / 1000, 3: 2 * second }))
      expect(await looked()).toEqual([])
      expect(watcher.ageMs(nowMs)).toBe(0)
    })

    test('a fork that no witness cosigned is a fork', async () => {
      two.showCheckpoint(cosigned(await grow(two.honest, 100), { 1: second, 2: second }))
      expect(await looked()).toEqual([])
      await grow(two.other, 120)
      two.repent()
      two.shown = 'other'
      expect(await looked()).toEqual(['forked'])
    })

    test('a fork is one whatever stands under it, and its evidence convicts', async () => {
      two.showCheckpoint(cosigned(await grow(two.honest, 100), { 1: second, 2: second }))
      expect(await looked()).toEqual([])
      const fork = await grow(two.other, 120)
      const text = Buffer.from(fork).toString()
      const spoiled = Buffer.from(cosigned(fork, { 1: second, 2: second }))
        .toString()
        .replace(/.{8}=*\n$/, 'AAAAAAAA\n')
      for (const shown of [spoiled, `${text}no signature\n`, `${text}${text.split('\n\n')[1]}`, `${text}\u0000\n`]) {
        two.lie = (path, bytes) => (path === '/checkpoint' ? Buffer.from(shown) : bytes)
        two.shown = 'other'
        const [trouble, ...more] = await look()
        expect([trouble!.code, more, size()]).toEqual(['forked', [], 100])
        const { message, evidence } = trouble!
        const file = evidenceOf(
          { origin: two.honest.world.origin, code: 'forked', message, evidence: evidence! },
          policy,
        )
        expect(file.needs).toBe('nothing')
      }
      // What is spoiled and no fork is what it was.
      const next = await grow(two.honest, 140)
      two.repent()
      two.showCheckpoint(Buffer.from(`${Buffer.from(next).toString()}no signature\n`))
      expect([await looked(), size()]).toEqual([['note'], 100])
    })

    test('a promise is broken by what the log signed, also where nobody accepts it', async () => {
      two.showCheckpoint(cosigned(await grow(two.honest, 100), { 1: second, 2: second }))
      await grow(two.other, 110)
      const transaction = two.other.world.bytes(two.other.world.issue(FIRST_MEMBER, 7))
      const { promise } = await two.other.world.submit([two.other.world.issuer], transaction)
      const promises = [{ name: 'a.promise', promise: { ...promise!, transactions: [transaction] } }]
      watcher = watching({ policy, promises })
      expect(await looked()).toEqual([])
      two.showCheckpoint(await grow(two.honest, 120))
      expect([await looked(), watcher.promises[0]!.state]).toEqual([['quorum', 'promise-broken'], 'broken'])
    })
  })

  describe('promises', () => {
    const given = (promise: PromiseFile) => {
      watcher = watching({ promises: [{ name: 'a.promise', promise }] })
      return () => watcher.promises[0]!.state
    }

    test('one is kept when a checkpoint begins with its tree', async () => {
      const state = given(await promised(two.honest))
      nowMs = two.honest.world.nowMs
      expect([await looked(), state()]).toEqual([[], 'waiting'])
      await grow(two.honest, 300)
      expect([await looked(), state()]).toEqual([[], 'kept'])
      expect([await looked(), state()]).toEqual([[], 'kept'])
    })

    test('one whose deadline passed is evidence, until it is kept after all', async () => {
      const promise = await promised(two.honest)
      const state = given(promise)
      nowMs = promise.deadline
      expect([await looked(), state()]).toEqual([[], 'waiting'])
      nowMs = promise.deadline + 1
      const [trouble] = await look()
      expect([trouble!.code, state()]).toEqual(['promise-overdue', 'overdue'])
      const shown = decodePromise(fromBase64(trouble!.evidence!.promise!))
      verifyPromise(shown, two.honest.world.log.logKey.publicKey)
      const { size } = openCheckpoint(utf8Encode(trouble!.evidence!.checkpoint!), two.honest.world.policy)
      expect(size).toBeLessThan(shown.size)
      await grow(two.honest, 300)
      expect([await looked(), state()]).toEqual([[], 'kept'])
    })

    test('one of entries that are not in the log is broken for good', async () => {
      const promise = await promised(two.honest)
      const state = given(promise)
      await grow(two.other, 300)
      two.shown = 'other'
      const [trouble] = await look()
      expect([trouble!.code, state()]).toEqual(['promise-broken', 'broken'])
      const { evidence } = trouble!
      expect(decodePromise(fromBase64(evidence!.promise!))).toEqual(decodePromise(encodePromise(promise)))
      const checkpoint = openCheckpoint(utf8Encode(evidence!.checkpoint!), two.honest.world.policy)
      const root = fromBase64(evidence!.root!)
      const proof = evidence!.proof!.map(fromBase64)
      verifyConsistency(promise.size, root, checkpoint.size, checkpoint.root, proof)
      expect(root).not.toEqual(promise.root)
      // What is shown is shown: no tile has to be fetched for it again, or be there.
      two.isGone = path => path.startsWith('/tile/')
      expect(await look()).toEqual([trouble])
    })

    test('tiles that are not the log’s break no promise', async () => {
      const state = given(await promised(two.honest))
      await grow(two.honest, 300)
      two.lie = (path, bytes) => (path.startsWith('/tile/') ? bytes.fill(1) : bytes)
      expect([await looked(), state()]).toEqual([['tile'], 'waiting'])
      two.repent()
      two.isGone = path => path.startsWith('/tile/')
      expect([await looked(), state()]).toEqual([['withheld'], 'waiting'])
      two.isGone = () => false
      two.repent()
      expect([await looked(), state()]).toEqual([[], 'kept'])
    })

    test('tiles that are withheld are trouble of the promise at once, which then still waits', async () => {
      const promise = await promised(two.honest)
      const note = await grow(two.honest, 300)
      const kept = { note, checkpoint: openCheckpoint(note, two.honest.world.policy), seenMs: nowMs }
      watcher = watching({ promises: [{ name: 'a.promise', promise }], kept })
      const state = () => watcher.promises[0]!.state
      two.isGone = path => path.startsWith('/tile/')
      expect([await look(), state()]).toEqual([
        [expect.objectContaining({ code: 'withheld', subject: 'a.promise' })],
        'waiting',
      ])
      two.isGone = () => false
      expect([await looked(), state()]).toEqual([[], 'kept'])
    })
  })
})
