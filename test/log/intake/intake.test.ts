import { afterEach, describe, expect, test } from 'vitest'
import { BATCH_TRANSACTIONS_MAX, SUBMISSION_BYTES_MAX } from '../../../src/core/limits.ts'
import {
  type BatchSource,
  entryClock,
  type PendingSubmission,
  type Preparer,
  prepareOne,
} from '../../../src/log/index.ts'
import { verifyPromise } from '../../../src/verify/promise.ts'
import { FIRST_MEMBER, ISSUER, keyNumber, World } from '../../world.ts'

/** Prepares at once, under the keys of that moment, and keeps what came of it back until it is told to say so. */
class HeldPreparer implements Preparer {
  jobs: (readonly [PendingSubmission, BatchSource | Error])[] = []
  prepare(job: PendingSubmission): void {
    this.jobs.push([job, prepareOne(job)])
  }
  release(): void {
    for (const [job, prepared] of this.jobs.splice(0)) job.done(prepared, 0)
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

describe('between the bytes of a submission and its turn', () => {
  let world: World
  const preparer = new HeldPreparer()
  const create = async () => {
    world = await World.create({ preparer })
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 100)))
  }
  afterEach(() => world.destroy())
  const balance = () => world.log.ledger.state.accounts.balance(FIRST_MEMBER)
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    )
  const newKey = keyNumber(70)
  const rotate = () => world.bytes({ kind: 'set-custody', account: FIRST_MEMBER, owner: newKey.publicKey })

  test('a verification under a key that was rotated meanwhile does not count', async () => {
    await create()
    const spend = world.submission([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 60)))
    const early = code(world.log.submitBytes(spend))
    await world.submit([world.owner(FIRST_MEMBER)], rotate())
    preparer.release()
    expect([await early, balance()]).toEqual(['signature-invalid', 100])
  })

  test('a signature that failed under a key that was rotated meanwhile is verified again', async () => {
    await create()
    const spend = world.submission([world.owner(FIRST_MEMBER, newKey)], world.bytes(world.redeem(FIRST_MEMBER, 60)))
    const early = code(world.log.submitBytes(spend))
    await world.submit([world.owner(FIRST_MEMBER)], rotate())
    preparer.release()
    expect([await early, balance()]).toEqual(['taken', 40])
  })

  test('a key that is revoked, or an account that is opened, between check and turn', async () => {
    await create()
    const issue = code(
      world.log.submitBytes(world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))),
    )
    const next = FIRST_MEMBER + 1
    const spend = world.log.submitBytes(world.submission([world.owner(next)], world.bytes(world.redeem(next, 1))))
    await world.submit([world.root], world.bytes({ kind: 'revoke', record: ISSUER, reason: 1 }))
    await world.submit([world.registrar], world.bytes(world.openMember()))
    preparer.release()
    expect(await issue).toBe('signer-revoked')
    expect((await spend).statuses[0]).not.toBe(0)
  })

  test('submissions that are being prepared count as waiting: the ledger is busy before it is full, and has room after', async () => {
    await create()
    // A submission that says it has 8,192 transactions, and after that has bytes for so many, which are none.
    const only = world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    const full = new Uint8Array(20 * BATCH_TRANSACTIONS_MAX)
    full.set([...only.subarray(0, 7 + 64), 0x80, 0x99, BATCH_TRANSACTIONS_MAX >> 8, 0x00])
    const answers = Array.from({ length: 40 }, () => code(world.log.submitBytes(full)))
    const kept = preparer.jobs.length
    expect(kept).toBeGreaterThan(30)
    expect(kept).toBeLessThan(35)
    preparer.release()
    const codes = await Promise.all(answers)
    expect(codes).toEqual([...Array(kept).fill('cbor'), ...Array(40 - kept).fill('busy')])
    const again = world.log.submitBytes(only)
    preparer.release()
    expect((await again).statuses[0]).toBe(0)
  })

  test('a submission that is being prepared counts by its bytes too, not by what it says of itself', async () => {
    await create()
    const only = world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    // One transaction, it says, and after it four megabytes of nothing.
    const long = new Uint8Array(SUBMISSION_BYTES_MAX)
    long.set(only)
    const answers = Array.from({ length: 20 }, () => code(world.log.submitBytes(long)))
    expect(preparer.jobs.length * SUBMISSION_BYTES_MAX).toBeLessThan(80 * 2 ** 20)
    const kept = preparer.jobs.length
    preparer.release()
    expect(await Promise.all(answers)).toEqual([...Array(kept).fill('cbor'), ...Array(20 - kept).fill('busy')])
    const again = world.log.submitBytes(only)
    preparer.release()
    expect((await again).statuses[0]).toBe(0)
  })

  test('closing waits for what is being prepared, and all of it is in the log', async () => {
    await create()
    const list = Array.from({ length: 5 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
    const answers = list.map(bytes => world.log.submitBytes(world.submission([world.issuer], bytes)))
    const closed = world.log.close()
    setImmediate(() => preparer.release())
    await closed
    for (const [i, { promise, statuses }] of (await Promise.all(answers)).entries()) {
      expect(statuses[0]).toBe(0)
      verifyPromise({ ...promise!, transactions: [list[i]!] }, world.keys.log.publicKey)
    }
    await world.open()
    expect(balance()).toBe(105)
  })
})

describe('a batch that is refused for what is not durable yet', () => {
  const code = (error: { code?: string }) => error.code

  test.each([
    ['is told so when it is', undefined, 'signer-revoked'],
    ['is told that nobody knows, when that fails', new Error('the disk is gone'), 'ledger-stopped'],
  ])('%s', async (_, failure, expected) => {
    let release: (() => void) | undefined
    let isHeld = false
    const world = await World.create({
      store: {
        aroundWrite: async write => {
          if (isHeld) await new Promise<void>(resolve => (release = resolve))
          if (isHeld && failure !== undefined) throw failure
          await write()
        },
      },
    })
    try {
      isHeld = true
      const revoked = world
        .submit([world.root], world.bytes({ kind: 'revoke', record: ISSUER, reason: 1 }))
        .then(() => 'taken', code)
      let answer: string | undefined
      const refused = world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1))).catch(error => {
        answer = code(error)
      })
      // Refused after the one that revokes its key, in the same group, which is being written.
      while (release === undefined) await new Promise(resolve => setImmediate(resolve))
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
      expect(answer).toBeUndefined()
      release()
      await refused
      expect([await revoked, answer]).toEqual([failure === undefined ? 'taken' : 'ledger-stopped', expected])
    } finally {
      isHeld = false
      release?.()
      await world.destroy()
    }
  })
})

test('batches whose signatures hold tell a ledger of the past its time, and no others do', async () => {
  const world = await World.create({ clock: entryClock(1_800_000_000_000) })
  try {
    const ahead = world.bytes(world.issue(FIRST_MEMBER, 1), world.id(world.nowMs + 86_400_000))
    const stranger = { record: ISSUER, key: keyNumber(99) }
    await expect(world.submit([stranger], ahead)).rejects.toThrow(
      expect.objectContaining({ code: 'signature-invalid', refusal: expect.objectContaining({ time: world.nowMs }) }),
    )
    await world.log.publisher.publish()
    expect(world.log.ledger.state.time).toBe(world.nowMs)
    await world.submit([world.issuer], ahead)
    expect(world.log.ledger.state.time).toBe(world.nowMs + 86_400_000)
  } finally {
    await world.destroy()
  }
})
