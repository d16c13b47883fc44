import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY_MS, QUARTER_MS } from '../../src/account/dates.ts'
import type { Signer } from '../world.ts'
import { COINS, FIRST_MEMBER, keyNumber, OPERATOR_KEY, World } from '../world.ts'

const HOUR_MS = 3_600_000

describe('due entries', () => {
  let world: World
  const dated = (credit: number) =>
    world.bytes({
      ...world.issue(credit, 10),
      expires: (Math.ceil(world.nowMs / HOUR_MS) + 1) * (HOUR_MS / QUARTER_MS),
    } as never)
  beforeEach(async () => {
    world = await World.create()
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    const expired = { kind: 'open-account', accountKind: 'expired', unit: COINS, nonce: new Uint8Array(32) } as const
    await world.submit([world.treasurer], world.bytes(expired))
    await world.submit([world.issuer], dated(FIRST_MEMBER))
    await world.log.publisher.publish()
  })
  afterEach(() => world.destroy())

  const balance = () => world.log.ledger.state.accounts.sealed(FIRST_MEMBER)!.credit
  const lots = () => world.log.ledger.state.accounts.due.at(world.nowMs, 10_000).length
  const publish = () => world.log.publisher.publish()

  test('is written down before a seal, which does not show it', async () => {
    expect([balance(), lots()]).toEqual([10, 0])
    world.nowMs += 2 * HOUR_MS
    await publish()
    expect([balance(), lots()]).toEqual([0, 0])
    expect(world.log.publisher.published!.seal.time).toBe(world.nowMs)
  })

  test('is written down before the first seal after a start, all of it, however long that was', async () => {
    const keys: Signer[] = [world.registrar]
    const members = Array.from({ length: 2500 }, (_, i) => world.bytes(world.openMember(keyNumber(100 + (i % 100)))))
    const { accounts } = await world.submit(keys, ...members)
    await world.submit([world.issuer], ...accounts.map(([, account]) => dated(account)))
    await publish()
    await world.log.close()
    world.nowMs += 3 * DAY_MS
    await world.open()
    expect(lots()).toBeGreaterThan(2500)
    await publish()
    expect(lots()).toBe(0)
    // While the ledger runs, a seal waits for a thousand of them at most.
    await world.submit([world.issuer], ...accounts.map(([, account]) => dated(account)))
    world.nowMs += HOUR_MS - 1
    await publish()
    world.nowMs += HOUR_MS
    await publish()
    expect(lots()).toBe(accounts.length - 1000)
  })
})
