import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FIRST_MEMBER } from '../world.ts'
import { jsonSubmission, problemOf, ServedWorld } from './server.ts'

describe('a disk that is nearly full', () => {
  let free = 2e9
  let asked = 0
  let served: ServedWorld
  beforeEach(async () => {
    free = 2e9
    served = await ServedWorld.create({
      disk: {
        freeBytes: async () => {
          asked++
          return free < 0 ? Promise.reject(new Error('EIO')) : free
        },
        reserveBytes: 1e9,
      },
    })
  })
  afterEach(() => served.destroy())

  const issue = () => {
    const { world } = served
    return JSON.stringify(jsonSubmission(world.ledgerId, [world.issuer], [world.bytes(world.issue(FIRST_MEMBER, 1))]))
  }
  const until = async (status: number) => {
    for (;;) {
      const response = await served.post(issue(), 'application/json')
      if (response.status === status) return response
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  test('takes nothing more, says so, serves what it has, and goes on by itself when there is room', async () => {
    const before = await served.world.log.details.put({ account: FIRST_MEMBER, salt: new Uint8Array(32), text: 'x' })
    expect(before).toBeInstanceOf(Uint8Array)
    free = 5e8
    const response = await until(507)
    expect(response.headers.get('retry-after')).toBe('10')
    expect(await problemOf(response)).toMatchObject({ code: 'disk-full', detail: expect.stringContaining('476 MiB') })
    expect(await (await served.get('/healthz')).json()).toMatchObject({ status: 'disk-full' })
    for (const path of ['/checkpoint', '/v1/ledger', '/tile/0/000.p/5'])
      expect((await served.get(path)).status).toBe(200)
    expect(
      (await served.get(`/v1/accounts/${FIRST_MEMBER}/statement`, 'owner', `account/${FIRST_MEMBER}`)).status,
    ).toBe(200)
    await expect(
      served.world.log.details.put({ account: FIRST_MEMBER, salt: new Uint8Array(32), text: 'y' }),
    ).rejects.toMatchObject({ code: 'disk-full' })
    // What was taken before is sealed all the same.
    await served.world.log.publisher.publish()
    free = 2e9
    expect((await until(200)).status).toBe(200)
    expect(await (await served.get('/healthz')).json()).toMatchObject({ status: 'ok' })
  })

  test('a file system that does not say how much is free has room', async () => {
    free = -1
    const before = asked
    while (asked === before) await new Promise(resolve => setTimeout(resolve, 50))
    expect((await served.post(issue(), 'application/json')).status).toBe(200)
  })
})
