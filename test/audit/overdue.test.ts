import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/account/dates.ts'
import { audit } from '../../src/audit/audit.ts'
import { ServedWorld } from '../http/server.ts'
import { COINS, FIRST_MEMBER, OPERATOR_KEY } from '../world.ts'

const HOUR_MS = 3_600_000

describe('an operator that leaves expired points standing', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(() => served.destroy())

  const codes = async () => {
    const { world } = served
    await world.log.publisher.publish()
    const report = await audit({
      client: served.client(served.keys.auditor),
      policy: world.policy,
      onProgress: () => {},
    })
    return report.faults.map(({ code }) => code)
  }

  test('is overdue a day after their expiry, and no longer when it has written it down', async () => {
    const { world } = served
    const hour = Math.ceil(world.nowMs / HOUR_MS)
    const dated = { kind: 'issue', debit: 1, credit: FIRST_MEMBER, amount: 30, expires: 4 * (hour + 1) } as const
    await world.submit([world.issuer], world.bytes(dated))
    world.nowMs = (hour + 1) * HOUR_MS + DAY_MS - 1
    expect(await codes()).toEqual([])
    world.nowMs += 1
    expect(await codes()).toEqual(['overdue'])
    // Nobody can spend them meanwhile, and the operator's key catches up.
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    const expired = { kind: 'open-account', accountKind: 'expired', unit: COINS, nonce: new Uint8Array(32) } as const
    await world.submit([world.treasurer], world.bytes(expired))
    expect(await world.log.operator.endWhatIsDue()).toBe(1)
    expect(await codes()).toEqual([])
  })
})
