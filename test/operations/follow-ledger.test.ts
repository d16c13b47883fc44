import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SigningKey } from '../../src/client/index.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import { keyPath, readKey } from '../../src/files/key-files.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import type { FollowingLog } from '../../src/log/index.ts'
import { followLedger, type OpenedLedger, openLedger, promote } from '../../src/operations/index.ts'

describe('a follower that becomes the ledger', () => {
  let root: string
  let data: string
  let follower: string
  let folder: string
  let ledger: OpenedLedger
  let server: Server
  let url: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tally-promote-'))
    data = join(root, 'data')
    follower = join(root, 'follower')
    folder = join(root, 'public')
    ledger = await open(data)
    server = await buildServer({ log: ledger.log, logger: undefined, version: 'test' })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  const open = (where: string) =>
    openLedger({ data: where, origin: 'follow.example', publish: folder, onFailure: () => {} })
  const follow = (where = follower): Promise<FollowingLog> =>
    followLedger({ ...{ data: where, url, policy: ledger.policy, caller: auditor }, onFailure: () => {} })
  const auditor = async (): Promise<SigningKey> => {
    const { seed, publicKey } = await readKey(keyPath(data, 'auditor'))
    const { registry } = ledger.log.ledger.state
    const record = registry.records.findIndex(({ number }) => {
      const key = registry.key(number)?.key
      return key !== undefined && equalBytes(key, publicKey)
    })
    return { holder: { record }, seed }
  }
  const promoted = (keys = join(data, 'keys'), where = follower) => promote({ data: where, keys })

  test('has all that was published, and is no ledger until it is promoted', async () => {
    const log = await follow()
    while (log.publisher.published?.size !== ledger.log.publisher.published!.size) await log.follow()
    await log.close()
    await expect(open(follower)).rejects.toMatchObject({ code: 'follows', message: expect.stringContaining('promote') })
    await expect(follow(data)).rejects.toMatchObject({ code: 'data' })
  })

  test('is not promoted while the ledger answers', async () => {
    await expect(promoted()).rejects.toMatchObject({ code: 'leader-lives', message: expect.stringContaining(url) })
    await expect(promoted(join(data, 'keys'), data)).rejects.toMatchObject({ code: 'follows' })
  })

  test('goes on as the ledger with its keys, once that is gone', async () => {
    await ledger.log.publisher.publish()
    const log = await follow()
    while (log.publisher.published?.size !== ledger.log.publisher.published!.size) await log.follow()
    await log.close()
    const { size, root: before } = ledger.log.publisher.published!
    await server.close()
    await ledger.log.close()
    await expect(promoted(join(root, 'nothing'))).rejects.toMatchObject({ code: 'key-missing' })
    const { size: has } = await promoted()
    expect(has).toBeGreaterThanOrEqual(size)
    const { log: now } = await open(follower)
    await now.begun()
    expect(equalBytes(await now.tree.rootAt(size), before)).toBe(true)
    await now.publisher.publish()
    expect(now.publisher.published!.size).toBeGreaterThan(size)
    await now.close()
  })
})
