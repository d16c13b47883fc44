import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { BATCH_TRANSACTIONS_MAX } from '../../src/core/limits.ts'
import { FIRST_MEMBER, signed } from '../world.ts'
import { codeOf, ServedWorld } from './server.ts'

/** A seam in the store's writes: holds the next one up, and fails it when told to. */
class Dam {
  #isUp = false
  #reach!: () => void
  #fail!: (error: Error) => void
  readonly #reached = new Promise<void>(resolve => {
    this.#reach = resolve
  })
  readonly #broken = new Promise<never>((_, reject) => {
    this.#fail = reject
  })

  readonly store = { aroundWrite: (write: () => Promise<void>) => (this.#isUp ? this.#hold() : write()) }

  #hold(): Promise<void> {
    this.#reach()
    return this.#broken
  }

  /** Holds the next write up; resolves when there is one. */
  up(): Promise<void> {
    this.#isUp = true
    return this.#reached
  }

  break(): void {
    this.#fail(new Error('the disk is gone'))
  }
}

describe('a ledger whose disk is slow, and then fails', () => {
  const dam = new Dam()
  let served: ServedWorld
  let batch: Uint8Array
  beforeAll(async () => {
    served = await ServedWorld.create({ store: dam.store })
    const { world } = served
    const list = Array.from({ length: BATCH_TRANSACTIONS_MAX }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    batch = encodeSubmission(signed(world.ledgerId, [world.issuer], list).signatures, list)
  })
  afterAll(() => served.destroy())

  test('says that it is busy when too much waits, and that it has stopped when it does not know what is durable', async () => {
    const submit = () => served.post(batch, 'application/cbor')
    const reached = dam.up()
    const first = submit()
    await reached
    // SPEC §12 does not say how much waits; that the ledger bounds it does. Some of these are told so, the others wait.
    const waiting = Array.from({ length: 33 }, submit)
    const busy = await Promise.race(waiting)
    expect(busy.headers.get('retry-after')).toBe('1')
    expect(await codeOf(busy)).toEqual([503, 'busy'])
    expect((await served.get('/healthz')).status).toBe(200)
    const early = served.get(`/v1/accounts/${FIRST_MEMBER}`, 'auditor')
    dam.break()
    const answers = await Promise.all([first, ...waiting])
    const codes = await Promise.all(answers.filter(answer => answer !== busy).map(codeOf))
    const stopped = codes.filter(([, code]) => code === 'ledger-stopped')
    // One address has half of the room.
    expect(stopped.length).toBeGreaterThanOrEqual(16)
    expect(codes).toEqual(expect.arrayContaining([[503, 'ledger-stopped']]))
    expect(codes.every(([status, code]) => status === 503 && ['busy', 'ledger-stopped'].includes(String(code)))).toBe(
      true,
    )
    for (const answer of answers)
      if (answer.headers.has('retry-after')) expect(answer.headers.get('retry-after')).toBe('1')
    expect(await codeOf(await submit())).toEqual([503, 'ledger-stopped'])
    expect(await codeOf(await served.get('/healthz'))).toEqual([503, 'ledger-stopped'])
    // What was applied and may be lost is not told, neither to anyone who asked in time nor afterwards.
    const asOfNow = `/v1/accounts/${FIRST_MEMBER}`
    expect(served.world.log.ledger.size).toBeGreaterThan(served.world.log.size)
    expect(await codeOf(await early)).toEqual([503, 'ledger-stopped'])
    for (const path of [asOfNow, '/v1/accounts', '/v1/budgets'])
      expect(await codeOf(await served.get(path, 'auditor'))).toEqual([503, 'ledger-stopped'])
    // What was published before can still be read.
    expect((await served.get('/checkpoint')).status).toBe(200)
    const own = await served.get(`/v1/accounts/${FIRST_MEMBER}/statement`, 'owner', `account/${FIRST_MEMBER}`)
    expect(own.status).toBe(200)
  })
})
