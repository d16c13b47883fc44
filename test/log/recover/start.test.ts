import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import { formatNote, signNote } from '../../../src/core/note/note.ts'
import { HeldError, type Lease, type Place } from '../../../src/log/index.ts'
import { LocalWitness } from '../../witness/local-witness.ts'
import { FIRST_MEMBER, World, type WorldOptions } from '../../world.ts'

const NOW = 1_800_000_000_000

describe('a log that starts', () => {
  let folder: string
  const worlds: World[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-start-'))
  })
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  const create = async (options: WorldOptions = {}) => {
    const world = await World.create(options)
    worlds.push(world)
    return world
  }
  const publish = async (world: World, amount = 1) => {
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount)))
    await world.log.publisher.publish()
    return world.log.publisher.published!
  }
  /** A copy of a world's folder as it is now, closed meanwhile. */
  const copyOf = async (world: World): Promise<string> => {
    await world.log.close()
    const copy = join(folder, `copy-${worlds.length}`)
    await cp(world.directory, copy, { recursive: true })
    await world.open()
    return copy
  }
  const startAt = async (directory: string, options: WorldOptions): Promise<World> => {
    const world = await World.at(directory, options)
    worlds.push(world)
    return world
  }
  const place = (checkpoint: Place['checkpoint'], isNeeded = true): Place => ({ name: 'public', isNeeded, checkpoint })
  /** A checkpoint of the world's key that is of no log. */
  const madeUp = (world: World, size: number) => {
    const text = formatCheckpoint({ origin: world.origin, size, root: new Uint8Array(32).fill(size) })
    return formatNote({ text, signatures: [signNote(text, world.log.logKey, world.keys.log.seed)] })
  }

  test('goes on where what others have is the beginning of it', async () => {
    const world = await create()
    const early = (await publish(world)).checkpoint
    await publish(world)
    const copy = await copyOf(world)
    for (const checkpoint of [early, world.log.publisher.published!.checkpoint, undefined]) {
      const again = await startAt(copy, { places: [place(async () => checkpoint)] })
      expect([again.log.isBegun, again.log.held]).toEqual([true, undefined])
      await again.log.close()
      worlds.pop()
    }
  })

  test.each(['the folder', 'a follower'])(
    'signs and takes nothing where %s has seen more, and serves what it has',
    async who => {
      const world = await create()
      const kept = await publish(world)
      const copy = await copyOf(world)
      const seen = (await publish(world, 2)).checkpoint
      const held: (string | undefined)[] = []
      const again = await startAt(copy, {
        places: [place(async () => seen, who === 'the folder')],
        onHeld: why => held.push(why?.code),
      })
      const missing = world.log.publisher.published!.size - kept.size
      expect(again.log.held).toMatchObject({
        code: 'copy-behind',
        message: expect.stringContaining(`${missing} are missing`),
      })
      expect(held).toEqual(['copy-behind'])
      await expect(publish(again)).rejects.toMatchObject({ name: 'HeldError', code: 'copy-behind' })
      await expect(again.log.publisher.publish()).rejects.toMatchObject({ code: 'copy-behind' })
      expect(again.log.publisher.published?.checkpoint).toEqual(kept.checkpoint)
      const statement = await again.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })
      expect(statement).toBeInstanceOf(Uint8Array)
      const { size } = again.log
      await again.reopen()
      expect([again.log.size, again.log.held?.code]).toEqual([size, 'copy-behind'])
    },
  )

  test('does not start where others have another history of it, however long', async () => {
    const world = await create()
    await publish(world)
    const copy = await copyOf(world)
    await publish(world, 2)
    const fork = await startAt(copy, {})
    const other = (await publish(fork, 3)).checkpoint
    const { size } = fork.log
    await fork.log.close()
    worlds.pop()
    const seen = world.log.publisher.published!.checkpoint
    expect(world.log.size).toBe(size)
    await expect(World.at(copy, { places: [place(async () => seen)] })).rejects.toMatchObject({
      code: 'ledger-mismatch',
      message: expect.stringMatching(/public has a checkpoint.*two histories.*Nothing was signed/),
    })
    // It can be opened again: nothing was left locked.
    await expect(World.at(copy, { places: [place(async () => madeUp(world, 3))] })).rejects.toMatchObject({
      code: 'ledger-mismatch',
    })
    const alone = await startAt(copy, { places: [place(async () => other)] })
    expect(alone.log.isBegun).toBe(true)
  })

  test('is never founded a second time under one key', async () => {
    const world = await create()
    const seen = (await publish(world)).checkpoint
    const again = await create({ empty: true, places: [place(async () => seen)] })
    await expect(again.setUp()).rejects.toMatchObject({ code: 'copy-behind' })
    expect(again.log.size).toBe(0)
  })

  test('waits for those who have to answer, and goes on when they do', async () => {
    const world = await create()
    const { checkpoint } = await publish(world)
    const copy = await copyOf(world)
    let answer: () => Promise<Uint8Array | undefined> = () => Promise.reject(new Error('permission denied'))
    const again = await startAt(copy, { places: [place(() => answer())] })
    expect(again.log.held).toMatchObject({
      code: 'start-unconfirmed',
      message: expect.stringContaining('public (permission denied)'),
    })
    expect(again.log.publisher.published?.checkpoint).toEqual(checkpoint)
    // What is not of this log is no answer, and neither is what is no note.
    answer = async () => utf8Encode('nonsense')
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(again.log.isBegun).toBe(false)
    answer = async () => undefined
    await again.log.begun()
    expect((await publish(again)).size).toBe(again.log.size)
  })

  test('one of several followers is enough; any that has seen more is believed', async () => {
    const world = await create()
    await publish(world)
    const copy = await copyOf(world)
    const silent = place(() => Promise.reject(new Error('down')), false)
    const idle = place(async () => undefined, false)
    const more = place(async () => madeUp(world, 10_000), false)
    for (const [places, code] of [
      [[silent, silent], 'start-unconfirmed'],
      [[silent, idle], undefined],
      [[silent, idle, more], 'copy-behind'],
    ] as const) {
      const again = await startAt(copy, { places })
      expect(again.log.held?.code).toBe(code)
      await again.log.close()
      worlds.pop()
    }
  })

  describe('with witnesses', () => {
    let world: World
    let [one, two]: LocalWitness[] = []
    const two2 = (names: readonly string[]) => names.length >= 2
    const setUp = async (isOld = false) => {
      world = await create()
      one = await LocalWitness.of(1, folder, world.log.logKey, () => NOW)
      two = await LocalWitness.of(2, folder, world.log.logKey, () => NOW)
      one.showsNothing = isOld
      two.showsNothing = isOld
      await world.log.close()
      worlds.pop()
      world = await startAt(world.directory, { witnesses: [one, two], isQuorum: two2 })
      await publish(world)
    }
    /** The copy, and the world that goes on. */
    const copied = async () => {
      await world.log.close()
      const copy = join(folder, 'copy')
      await cp(world.directory, copy, { recursive: true })
      await world.open()
      return copy
    }

    test.each([false, true])(
      'as many as make a quorum have to answer (witnesses that show nothing: %s)',
      async isOld => {
        await setUp(isOld)
        const copy = await copied()
        two!.isDown = true
        const again = await startAt(copy, { witnesses: [one!, two!], isQuorum: two2 })
        expect(again.log.held).toMatchObject({ code: 'start-unconfirmed', message: expect.stringContaining('w2') })
        two!.isDown = false
        await again.log.begun()
        await publish(again)
      },
    )

    test.each([false, true])(
      'one that cosigned more keeps an older copy from signing (that show nothing: %s)',
      async isOld => {
        await setUp(isOld)
        const copy = await copied()
        await publish(world)
        await world.log.close()
        const again = await startAt(copy, { witnesses: [one!, two!], isQuorum: two2 })
        const { held } = again.log
        expect(held?.code).toBe(isOld ? 'start-unconfirmed' : 'copy-behind')
        expect(held?.message).toMatch(isOld ? /w\d \(it says it cosigned/ : /w\d has seen/)
        await expect(publish(again)).rejects.toBeInstanceOf(HeldError)
      },
    )

    test('of two copies that run, the second to publish stops before anyone sees its checkpoint', async () => {
      await setUp()
      const copy = await copied()
      const again = await startAt(copy, { witnesses: [one!, two!], isQuorum: two2 })
      const shown = again.log.publisher.published!.checkpoint
      await again.submit([again.issuer], again.bytes(again.issue(FIRST_MEMBER, 2)))
      await publish(world, 3)
      await expect(again.log.publisher.publish()).rejects.toMatchObject({ code: 'ledger-mismatch' })
      expect(again.log.publisher.published!.checkpoint).toEqual(shown)
      expect(again.log.stopped).toMatchObject({ code: 'ledger-mismatch' })
      await expect(publish(again)).rejects.toMatchObject({ code: 'ledger-mismatch' })
      // The other goes on.
      await publish(world)
    })
  })

  test('a batch that was written when the lease went is not promised, and gets its first outcome later', async () => {
    let held: HeldError | undefined
    const said: (string | undefined)[] = []
    const lease: Lease = {
      get held() {
        return held
      },
      take: async () => {},
      release: async () => {},
    }
    const world = await create({ lease, onHeld: why => said.push(why?.code), periodMs: 10 })
    await publish(world)
    const bytes = world.bytes(world.issue(FIRST_MEMBER, 5))
    const { size } = world.log
    const submitted = world.submit([world.issuer], bytes)
    held = new HeldError('lease-held', 'not renewed')
    await expect(submitted).rejects.toMatchObject({ code: 'lease-held' })
    await expect(world.log.publisher.publish()).rejects.toMatchObject({ code: 'lease-held' })
    while (said.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
    expect([world.log.size, said]).toEqual([size + 2, ['lease-held']])
    held = undefined
    const answer = await world.submit([world.issuer], bytes)
    expect([answer.index, [...answer.statuses], answer.existed]).toEqual([null, [0], [[0, size + 1]]])
    expect(answer.promise?.size).toBeGreaterThanOrEqual(size + 2)
    while ((world.log.publisher.published?.size ?? 0) < world.log.size) await new Promise(r => setTimeout(r, 5))
    expect(world.failure).toBe(undefined)
  })
})
