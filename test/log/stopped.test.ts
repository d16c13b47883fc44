import { expect, test, vi } from 'vitest'
import { verifyPromise } from '../../src/verify/promise.ts'
import { FIRST_MEMBER, World } from '../world.ts'

/** Holds writes up, and fails or lets them through when told to. */
class Dam {
  isUp = false
  held: { pass: () => void; fail: (error: Error) => void } | undefined
  readonly aroundWrite = async (write: () => Promise<void>): Promise<void> => {
    if (this.isUp)
      await new Promise<void>((pass, fail) => {
        this.held = { pass, fail }
      })
    await write()
  }
}

test('anyone who waits for a checkpoint is told when the log stops, also when nothing is being published', async () => {
  const dam = new Dam()
  const world = await World.create({ periodMs: 600, store: { aroundWrite: dam.aroundWrite } })
  try {
    await world.log.publisher.publish()
    const reached = world.log.publisher.reached(world.log.size + 1000)
    dam.isUp = true
    const lost = world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1))).catch(error => error.code)
    while (dam.held === undefined) await new Promise(resolve => setImmediate(resolve))
    dam.held.fail(new Error('the disk is gone'))
    expect(await lost).toBe('ledger-stopped')
    expect(await reached).toBeUndefined()
    // Anyone who runs it is told as well, and why: only a new start ends this.
    expect(world.failure).toMatchObject({
      code: 'ledger-stopped',
      cause: { message: expect.stringContaining('the disk is gone') },
    })
  } finally {
    await world.destroy()
  }
})

test('a batch that comes while the log is being closed is to come again, and stops nothing', async () => {
  const dam = new Dam()
  const world = await World.create({ store: { aroundWrite: dam.aroundWrite } })
  const issue = () => world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
  dam.isUp = true
  const taken = issue()
  const closed = world.log.close()
  await expect(issue()).rejects.toMatchObject({ code: 'busy' })
  await expect(world.log.submitBytes(new Uint8Array(0))).rejects.toMatchObject({ code: 'busy' })
  while (dam.held === undefined) await new Promise(resolve => setImmediate(resolve))
  dam.isUp = false
  dam.held.pass()
  await closed
  expect([...(await taken).statuses]).toEqual([0])
  expect(world.failure).toBeUndefined()
  await world.open()
  expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1)
  await world.destroy()
})

test('promises of a group hold, however much was applied while it was being written', async () => {
  const dam = new Dam()
  const world = await World.create({ store: { aroundWrite: dam.aroundWrite } })
  const [first, ...others] = [1, 8192, 8192, 8192].map(count =>
    Array.from({ length: count }, () => world.bytes(world.issue(FIRST_MEMBER, 1))),
  ) as [Uint8Array[], ...Uint8Array[][]]
  // The first batch takes long enough to be a group, the last one too, and the others no time at all.
  const begin = world.log.size
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    const applied = world.log.ledger.size - begin
    return applied === 0 ? 0 : applied < 2 + 3 * 8193 ? 10 : 20
  })
  try {
    dam.isUp = true
    const promised = world.submit([world.issuer], ...first)
    const behind = others.map(list => world.submit([world.issuer], ...list))
    while (dam.held === undefined || world.log.tree.size < 3 * 8192) await new Promise(resolve => setImmediate(resolve))
    clock.mockRestore()
    dam.isUp = false
    dam.held!.pass()
    verifyPromise({ ...(await promised).promise!, transactions: first }, world.keys.log.publicKey)
    for (const [i, one] of behind.entries())
      verifyPromise({ ...(await one).promise!, transactions: others[i]! }, world.keys.log.publicKey)
  } finally {
    clock.mockRestore()
    dam.isUp = false
    dam.held?.pass()
    await world.destroy()
  }
})
