import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TallyClient } from '../../src/client/index.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { formatNote, formatVerifierKey, signNote } from '../../src/core/note/note.ts'
import { openObjects } from '../../src/files/open-objects.ts'
import { mirror } from '../../src/monitor/mirror.ts'
import { readCheckpoint, readTree } from '../core/note/c2sp-reader.ts'
import { S3Server } from '../files/s3-server.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'

/** A client that gives other bytes for some requests. */
class LyingClient extends TallyClient {
  lie: (what: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes
  override async checkpoint(): Promise<Uint8Array> {
    return this.lie('checkpoint', await super.checkpoint())
  }
  override async tile(address: Parameters<TallyClient['tile']>[0]): Promise<Uint8Array> {
    return this.lie(`${address.level}/${address.index}/${address.width}`, (await super.tile(address)).slice())
  }
}

describe('a folder of checkpoint and tiles', () => {
  let served: ServedWorld
  let client: LyingClient
  let directory: string
  beforeEach(async () => {
    served = await ServedWorld.create()
    client = new LyingClient(served.options)
    directory = await mkdtemp(join(tmpdir(), 'tally-mirror-'))
  })
  afterEach(async () => {
    await served.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  const grow = async (size: number) => {
    const { world } = served
    const list = Array.from({ length: size - world.log.size - 2 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    await world.submit([world.issuer], ...list)
    await world.log.publisher.publish()
  }
  const publish = () => mirror({ source: client, policy: served.world.policy, directory, onProgress: () => {} })
  const files = async () => (await readdir(directory, { recursive: true })).filter(name => /\d$|checkpoint$/.test(name))
  /** What a stranger reads from the folder alone, by the texts of C2SP. */
  const read = async () => {
    const checkpoint = readCheckpoint(
      await readFile(join(directory, 'checkpoint')),
      formatVerifierKey(served.world.log.logKey),
    )
    return (await readTree(checkpoint, path => readFile(join(directory, path)))).length
  }

  test('is read by a stranger at every size it was published at, and only what is new is fetched', async () => {
    for (const size of [100, 256, 300, 512, 1000]) {
      await grow(size)
      expect(await publish()).toMatchObject({ size, origin: served.world.origin })
      expect(await read()).toBe(size)
      expect((await publish()).written).toBe(0)
    }
    await grow(1010)
    // One partial tile of level 0; that of level 1 has not grown.
    expect((await publish()).written).toBe(1)
    await grow(1100)
    await publish()
    // What a whole tile took the place of is gone.
    expect(await files()).not.toContain(join('tile', '0', '003.p', '242'))
    expect(await files()).toContain(join('tile', '0', '004.p', '76'))
    expect(await read()).toBe(1100)
  })

  test('a tile that is not what was signed for is not taken, nor any checkpoint with it', async () => {
    await grow(700)
    for (const tile of ['0/0/256', '0/1/256', '0/2/188', '1/0/2']) {
      client.lie = (what, bytes) => (what === tile ? bytes.with(40, bytes[40]! ^ 1) : bytes)
      await expect(publish()).rejects.toThrow(expect.objectContaining({ code: 'tile' }))
    }
    client.lie = (what, bytes) => (what === '0/1/256' ? bytes.subarray(32) : bytes)
    await expect(publish()).rejects.toThrow(expect.objectContaining({ code: 'tile' }))
    expect(await files()).not.toContain('checkpoint')
    client.lie = (_, bytes) => bytes
    await publish()
    expect(await read()).toBe(700)
  })

  test('cut off, it goes on where it was', async () => {
    await grow(1000)
    client.lie = (what, bytes) => {
      if (what === '0/1/256') throw new Error('cut off')
      return bytes
    }
    await expect(publish()).rejects.toThrow('cut off')
    expect(await files()).toContain(join('tile', '0', '000'))
    expect(await files()).not.toContain('checkpoint')
    client.lie = (_, bytes) => bytes
    expect((await publish()).written).toBe(4)
    expect(await read()).toBe(1000)
  })

  test('a log that was taken back, or has another past, is refused', async () => {
    await grow(300)
    await publish()
    const { logKey, size } = served.world.log
    const { seed } = served.world.keys.log
    const text = formatCheckpoint({ origin: logKey.name, size, root: new Uint8Array(32) })
    const kept = await readFile(join(directory, 'checkpoint'))
    await writeFile(join(directory, 'checkpoint'), formatNote({ text, signatures: [signNote(text, logKey, seed)] }))
    await grow(400)
    await expect(publish()).rejects.toThrow(expect.objectContaining({ code: 'forked' }))
    await writeFile(join(directory, 'checkpoint'), kept)
    await publish()
    client.lie = (what, bytes) => (what === 'checkpoint' ? Uint8Array.from(kept) : bytes)
    await expect(publish()).rejects.toThrow(expect.objectContaining({ code: 'rolled-back' }))
    expect(await read()).toBe(400)
  })

  test('a bucket is as good as a folder, and two that publish there do not disagree', async context => {
    const server = await S3Server.start()
    if (server === undefined) return context.skip('moto_server is not at hand')
    try {
      const place = await server.bucket('points')
      const { policy } = served.world
      const publishTo = () => mirror({ source: client, policy, directory: place, onProgress: () => {} })
      const objects = await openObjects(place)
      const there = async (path: string) => Buffer.from((await objects.read(path))!)
      const readAll = async () => {
        const checkpoint = readCheckpoint(await there('checkpoint'), formatVerifierKey(served.world.log.logKey))
        return (await readTree(checkpoint, there)).length
      }
      for (const size of [100, 300, 600]) {
        await grow(size)
        const [one, other] = await Promise.all([publishTo(), publishTo()])
        expect([one.size, other.size]).toEqual([size, size])
        expect(await readAll()).toBe(size)
      }
      // The parts whose whole tiles are there now are gone.
      expect((await objects.list('tile/0')).sort()).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/002.p/88'])
      const kept = await there('checkpoint')
      const { logKey, size } = served.world.log
      const text = formatCheckpoint({ origin: logKey.name, size, root: new Uint8Array(32) })
      const forked = formatNote({ text, signatures: [signNote(text, logKey, served.world.keys.log.seed)] })
      await objects.write('checkpoint', forked)
      await grow(700)
      await expect(publishTo()).rejects.toThrow(expect.objectContaining({ code: 'forked' }))
      expect(await there('checkpoint')).toEqual(Buffer.from(forked))
      await objects.write('checkpoint', kept)
      expect((await publishTo()).size).toBe(700)
    } finally {
      await server.stop()
    }
  })
})
