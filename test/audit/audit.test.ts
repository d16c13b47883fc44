import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import type { AuditReport } from '../../src/audit/audit-report.ts'
import { readRuns } from '../../src/audit/read/reader-thread.ts'
import { TallyClient } from '../../src/client/index.ts'
import { toBase64, toHex } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { formatNote, signNote } from '../../src/core/note/note.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'

/** What a lying server makes of an answer. */
type Lie = (path: string, bytes: Buffer) => Buffer

describe('the auditor against a server that lies', () => {
  let served: ServedWorld
  let proxy: Server
  let lie: Lie = (_, bytes) => bytes

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    served = await ServedWorld.create()
    const { world } = served
    const list = Array.from({ length: 600 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    await world.submit([world.issuer], ...list)
    await world.log.publisher.publish()
    proxy = createServer(async (request, response) => {
      const authorization = request.headers.authorization
      const answer = await fetch(
        served.url + request.url,
        authorization === undefined ? {} : { headers: { authorization } },
      )
      const bytes = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(answer.ok ? lie(request.url!, bytes) : bytes)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
  })
  afterAll(async () => {
    proxy.close()
    await served.destroy()
    useEngine(portableEngine)
  })

  const audited = (is: Lie, earlier?: Uint8Array, thread = false): Promise<AuditReport> => {
    lie = is
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const client = new TallyClient({ ...served.options, url, caller: served.keys.auditor })
    const { policy } = served.world
    return audit({
      client,
      policy,
      tuning: { thread },
      onProgress: () => {},
      ...(earlier === undefined ? {} : { earlier }),
    })
  }
  const codes = async (is: Lie) => (await audited(is)).faults.map(({ code }) => code)
  const flip = (bytes: Buffer, at: number) => {
    bytes[at]! ^= 1
    return bytes
  }

  test('finds nothing where nothing is', async () => {
    const report = await audited((_, bytes) => bytes)
    expect(report.faults).toEqual([])
    expect(report).toMatchObject({
      origin: served.world.origin,
      totals: { coins: { issued: '180400', owed: '180400' } },
    })
    expect(report.entries).toBe(report.treeSize)
  })

  test('an entry that is not what was signed', async () => {
    const found = await codes((path, bytes) => (path.startsWith('/tile/entries/001') ? flip(bytes, 300) : bytes))
    expect(found).toHaveLength(1)
  })

  test('a tile that is not what the entries make', async () => {
    for (const tile of ['/tile/0/000', '/tile/0/002.p/', '/tile/1/000.p/2'])
      expect(await codes((path, bytes) => (path.startsWith(tile) ? flip(bytes, 40) : bytes))).toEqual(['tile'])
  })

  test('salts that do not open the totals', async () => {
    const salts = [new Uint8Array(32), new Uint8Array(32)]
    const signature = toBase64(await served.world.log.signSalts(0, salts))
    const other = (change: object): Lie => {
      const told = Buffer.from(JSON.stringify({ salts: salts.map(toHex), signature, ...change }))
      return (path, bytes) => (path.startsWith('/v1/salts') ? told : bytes)
    }
    expect(await codes(other({}))).toEqual(['seal-totals'])
    // What the log did not sign, anyone on the way may have made up: no fault of the log.
    for (const change of [{ signature: undefined }, { signature: toBase64(new Uint8Array(64)) }, { salts: [] }])
      await expect(codes(other(change))).rejects.toMatchObject({ name: 'ClientError', code: 'answer' })
  })

  const signedCheckpoint = (size: number, root: Uint8Array) => {
    const { logKey } = served.world.log
    const text = formatCheckpoint({ origin: logKey.name, size, root })
    return Buffer.from(formatNote({ text, signatures: [signNote(text, logKey, served.world.keys.log.seed)] }))
  }

  test('a checkpoint over another history', async () => {
    const { size } = served.world.log
    const other = signedCheckpoint(size, naiveRoot([Uint8Array.of(1)]))
    expect(await codes((path, bytes) => (path === '/checkpoint' ? other : bytes))).toEqual(['log-root'])
  })

  test('a checkpoint that does not end in a seal', async () => {
    const size = served.world.log.size - 1
    const root = await served.world.log.tree.rootAt(size)
    const other = signedCheckpoint(size, root)
    expect(await codes((path, bytes) => (path === '/checkpoint' ? other : bytes))).toEqual(['seal-last'])
  })

  test('a log that did not grow out of what was audited before', async () => {
    const { log } = served.world
    const honest: Lie = (_, bytes) => bytes
    const found = async (size: number, root: Uint8Array) =>
      (await audited(honest, signedCheckpoint(size, root))).faults.map(({ code }) => code)
    for (const size of [1, 17, 256, 300, log.size]) {
      const root = await log.tree.rootAt(size)
      expect([size, await found(size, root)]).toEqual([size, []])
      expect([size, await found(size, root.with(0, root[0]! ^ 1))]).toEqual([size, ['forked']])
    }
    expect(await found(log.size + 1, new Uint8Array(32))).toEqual(['rolled-back'])
  })

  test('a checkpoint that the policy does not accept hides nothing of what the log signed', async () => {
    const { log } = served.world
    const root = await log.tree.rootAt(300)
    const shielded: Lie = (path, bytes) =>
      path === '/checkpoint' ? Buffer.concat([bytes, Buffer.from('no signature\n')]) : bytes
    const found = async (earlier?: Uint8Array) => (await audited(shielded, earlier)).faults.map(({ code }) => code)
    expect(await found()).toEqual(['note'])
    expect(await found(signedCheckpoint(300, root))).toEqual(['note'])
    expect(await found(signedCheckpoint(300, root.with(0, root[0]! ^ 1)))).toEqual(['note', 'forked'])
  })

  test('a thread of its own finds the same, and ends with the same error', async () => {
    const { log } = served.world
    const root = await log.tree.rootAt(300)
    const refused: Lie = (path, bytes) => (path.startsWith('/tile/entries/002') ? bytes.subarray(0, 90) : bytes)
    const lies: readonly [lie: Lie, faults: number, earlier?: Uint8Array][] = [
      [(_, bytes) => bytes, 0],
      [(_, bytes) => bytes, 1, signedCheckpoint(300, root.with(0, root[0]! ^ 1))],
      [(path, bytes) => (path.startsWith('/tile/entries/001') ? flip(bytes, 300) : bytes), 1],
      [(path, bytes) => (/^.tile.[01]/.test(path) ? flip(bytes, 0) : bytes), 4],
      [refused, 1],
    ]
    for (const [is, faults, earlier] of lies) {
      const report = await audited(is, earlier, true)
      expect(report).toEqual(await audited(is, earlier))
      expect(report.faults).toHaveLength(faults)
    }
    const client = new TallyClient({ ...served.options, url: 'http://127.0.0.1:1', retries: 0 })
    const run = { size: 1, from: 0, edge: [], sizes: [] }
    for (const thread of [true, false])
      await expect(readRuns(client, run, thread).next()).rejects.toThrow(
        expect.objectContaining({ name: 'ClientError', code: 'unreachable', status: 0 }),
      )
  })

  test('a checkpoint that the log did not sign is no checkpoint at all', async () => {
    const forged: Lie = (path, bytes) =>
      path === '/checkpoint' ? Buffer.from(bytes.toString().replace(/\n\d+\n/, '\n1\n')) : bytes
    await expect(audited(forged)).rejects.toThrow(expect.objectContaining({ code: 'log-signature' }))
  })
})
