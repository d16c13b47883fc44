import { expect, test } from 'vitest'
import { FIRST_MEMBER } from '../world.ts'
import { ServedWorld } from './server.ts'

test('no answer says more than what is on disk', async () => {
  let go = () => {}
  let isHeld = false
  const gate = { promise: Promise.resolve() }
  const served = await ServedWorld.create({
    store: {
      aroundWrite: async write => {
        if (isHeld) await gate.promise
        await write()
      },
    },
  })
  try {
    const { world } = served
    const paths = ['/v1/ledger', '/v1/units', '/v1/due', '/v1/budgets', '/v1/accounts', `/v1/accounts/${FIRST_MEMBER}`]
    for (const path of paths) {
      gate.promise = new Promise(resolve => {
        go = resolve
      })
      isHeld = true
      const size = world.log.size
      const submitted = world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
      while (world.log.ledger.size === size) await new Promise(setImmediate)
      let isAnswered = false
      const answer = served.get(path, 'registrar').then(response => {
        isAnswered = true
        return response
      })
      await new Promise(resolve => setTimeout(resolve, 60))
      expect([path, isAnswered, world.log.size]).toEqual([path, false, size])
      isHeld = false
      go()
      const response = await answer
      expect([path, response.status]).toEqual([path, 200])
      if (path === '/v1/ledger') expect(((await response.json()) as { size: number }).size).toBe(world.log.size)
      await submitted
    }
  } finally {
    go()
    await served.destroy()
  }
})
