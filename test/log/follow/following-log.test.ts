import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootOf, TallyClient } from '../../../src/client/index.ts'
import { fromBase64, utf8Encode } from '../../../src/core/bytes.ts'
import { openCheckpoint, parsePolicy } from '../../../src/core/note/policy.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { buildServer } from '../../../src/http/index.ts'
import { FollowingLog, type Leader, type TallyLog } from '../../../src/log/index.ts'
import { followLedger } from '../../../src/operations/index.ts'
import { openLevelStore } from '../../../src/store/index.ts'
import { verifyStatement } from '../../../src/verify/index.ts'
import { ServedWorld } from '../../http/server.ts'
import type { Lie, Shown } from '../../lies/lie.ts'
import { FIRST_MEMBER, World } from '../../world.ts'

const folders: string[] = []
const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'tally-follow-'))
  folders.push(made)
  return made
}
afterAll(() => Promise.all(folders.map(path => rm(path, { recursive: true, force: true }))))

/** Follows until everything that was published is here. */
async function caughtUp(log: FollowingLog, leader: TallyLog): Promise<void> {
  while ((log.publisher.published?.size ?? 0) < leader.publisher.published!.size) {
    await log.follow()
    if (log.stopped !== undefined) throw log.stopped
    if (log.following.trouble !== undefined) throw new Error(log.following.trouble)
  }
}

describe('a follower over HTTP', () => {
  let served: ServedWorld
  let data: string
  beforeAll(async () => {
    served = await ServedWorld.create()
    data = await folder()
  })
  afterAll(() => served.destroy())

  const open = (url = served.url, where = data) => {
    const { world, keys } = served
    const caller = async () => keys.auditor
    return followLedger({ ...{ data: where, url, policy: world.policy, caller }, onFailure: () => {} })
  }
  const grow = async (count: number) => {
    const { world } = served
    const entries = Array.from({ length: count }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    await world.submit([world.issuer], ...entries)
    await world.log.publisher.publish()
  }

  test('serves the same checkpoint, statements and entries, and says where batches go', async () => {
    await grow(300)
    const { world } = served
    const log = await open()
    await caughtUp(log, world.log)
    const server = await buildServer({ log, logger: undefined, version: 'test' })
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const { owner, auditor, issuer } = served.keys
    const at = (caller = owner) => new TallyClient({ ...served.options, url, caller, retries: 0 })
    expect(await at().checkpoint()).toEqual(await served.client().checkpoint())
    const theirs = await served.client(owner).statement(FIRST_MEMBER)
    expect(await at().statement(FIRST_MEMBER)).toEqual(theirs)
    expect(verifyStatement(theirs, { policy: world.policy }).lines.length).toBeGreaterThan(300)
    const address = { level: 'entries', index: 0, width: 256 } as const
    expect(await at(auditor).tile(address)).toEqual(await served.client(auditor).tile(address))
    await expect(at(issuer).submit([world.bytes(world.issue(FIRST_MEMBER, 1))], [issuer])).rejects.toMatchObject({
      ...{ code: 'follower', status: 421 },
      message: expect.stringContaining(served.url),
    })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ok' })
    const health = (await (await fetch(`${url}/healthz`)).json()) as object
    expect(health).toMatchObject({ status: 'follower', following: { leader: served.url, behind: 0 } })
    // Another can follow it in turn.
    const second = await open(url, await folder())
    await caughtUp(second, world.log)
    expect(second.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(
      world.log.ledger.state.accounts.balance(FIRST_MEMBER),
    )
    await second.close()
    await server.close()
    await log.close()
  })

  test('goes on after it was stopped, from its snapshot or from its entries', async () => {
    for (const count of [1, 700]) {
      await grow(count)
      const log = await open()
      const before = log.size
      await caughtUp(log, served.world.log)
      expect(log.size).toBeGreaterThan(before)
      await log.close()
    }
  })

  test('shows what it has while the ledger is away, and says so', async () => {
    const log = await open('http://127.0.0.1:9')
    const { size } = served.world.log.publisher.published!
    expect(log.publisher.published!.size).toBe(size)
    await log.follow()
    expect(log.following).toMatchObject({ leader: 'http://127.0.0.1:9', trouble: expect.any(String) })
    expect(log.stopped).toBeUndefined()
    await log.close()
  })
})

describe('a follower of a ledger that lies', () => {
  let world: World
  beforeAll(async () => {
    world = await World.create()
    await world.submit([world.issuer], ...Array.from({ length: 40 }, () => world.bytes(world.issue(FIRST_MEMBER, 1))))
    await world.log.publisher.publish()
  })
  afterAll(() => world.destroy())

  const honest = (): Leader => ({
    name: 'leader',
    async checkpoint() {
      const { checkpoint: note, size, root } = world.log.publisher.published!
      return { note, size, root }
    },
    bundle: async (index, width) => (await world.log.entryBundle(index, width))!,
    rootAt: size => world.log.tree.rootAt(size),
  })
  const follow = async (leader: Leader) => {
    const log = await FollowingLog.open({
      ...{ store: await openLevelStore(join(await folder(), 'store')), leader, logKey: world.log.logKey },
      ...{ periodMs: 3_600_000, nowMs: () => world.nowMs, onFailure: () => {} },
    })
    await log.follow()
    return log
  }

  test('stores nothing that a signed checkpoint has not, whichever byte is changed', async () => {
    for (let at = 3; at < 3000; at += 271) {
      const leader = honest()
      const log = await follow({
        ...leader,
        async bundle(index, width) {
          const bytes = (await leader.bundle(index, width)).slice()
          bytes[at % bytes.length]! ^= 1
          return bytes
        },
      })
      expect(log.size, `byte ${at}`).toBe(0)
      expect(log.stopped?.code ?? log.following.trouble, `byte ${at}`).toBeDefined()
      await log.close()
    }
  })

  test('says that it showed more before, and shows on what it has', async () => {
    const leader = honest()
    let isBack = false
    const log = await follow({
      ...leader,
      checkpoint: async () => (isBack ? { ...(await leader.checkpoint()), size: 1 } : leader.checkpoint()),
    })
    const { size } = log.publisher.published!
    isBack = true
    await log.follow()
    expect(log.following.trouble).toContain('showed more before')
    expect(log.publisher.published!.size).toBe(size)
    await log.close()
  })

  test('stops where a checkpoint of that size has another root', async () => {
    const leader = honest()
    let isForked = false
    const log = await follow({
      ...leader,
      async checkpoint() {
        const real = await leader.checkpoint()
        return isForked ? { ...real, note: real.note.slice(0, -1), root: new Uint8Array(32) } : real
      },
    })
    isForked = true
    await log.follow()
    expect(log.stopped).toMatchObject({ code: 'ledger-mismatch', message: expect.stringContaining('forked') })
    await log.close()
  })
})

describe('a follower of logs of the corpus', () => {
  const directory = join(import.meta.dirname, '../../lies/log')
  // Salts are not asked for, so totals are not compared: those are for auditors.
  const UNSEEN = ['seal-totals', 'overdue']
  const lies = readdirSync(directory).map(name => {
    const lie: Lie = JSON.parse(readFileSync(join(directory, name), 'utf8'))
    return {
      name,
      lie,
      shown: lie.shown as unknown as Shown,
      policy: parsePolicy(utf8Encode(String(lie.trust['policy']))),
    }
  })

  // One of each code: each is a log of its own on the disk.
  const some = [...new Map(lies.map(one => [one.lie.expect === 'holds' ? one.name : one.lie.expect, one])).values()]

  const leaderOf = ({ shown, policy }: (typeof lies)[number]): Leader => {
    const entries = shown.entries.map(fromBase64)
    const note = utf8Encode(shown.checkpoint)
    return {
      name: 'leader',
      async checkpoint() {
        const { size, root } = openCheckpoint(note, policy)
        return { note, size, root }
      },
      bundle: async (index, width) => encodeEntryBundle(entries.slice(256 * index, 256 * index + width)),
      rootAt: async size => rootOf(entries.slice(0, size).map(leafHash)),
    }
  }

  test('shows the honest ones, and of the others nothing that breaks a rule', async () => {
    let [honest, false_] = [0, 0]
    const believed: string[] = []
    for (const one of some) {
      if (UNSEEN.includes(one.lie.expect)) continue
      const log = await FollowingLog.open({
        ...{ store: await openLevelStore(join(await folder(), 'store')), leader: leaderOf(one) },
        ...{ logKey: one.policy.logs[0]!.key, periodMs: 3_600_000, nowMs: () => 0, onFailure: () => {} },
      })
      await log.follow()
      const why = `${one.name}: ${log.stopped?.message ?? log.following.trouble}`
      if (one.lie.expect === 'holds') {
        expect(log.publisher.published?.size, why).toBeGreaterThan(0)
        honest++
      } else {
        if (log.publisher.published !== undefined) believed.push(`${one.name} ${one.lie.expect}`)
        false_++
      }
      await log.close()
    }
    expect(believed).toEqual([])
    expect(honest).toBeGreaterThan(10)
    expect(false_).toBeGreaterThan(10)
  })
})
