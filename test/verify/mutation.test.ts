import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { FormatError, VerifyError } from '../../src/core/failure.ts'
import { openCheckpoint, type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import type { RefusedError } from '../../src/log/index.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { parseCard } from '../../src/verify/card.ts'
import { decodePromise, encodePromise, verifyPromise } from '../../src/verify/promise.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import { encodeRefusal, verifyRefusal } from '../../src/verify/refusal.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { runs } from '../runs.ts'
import { FIRST_MEMBER, signed, World } from '../world.ts'

/** Evidence, and what verifies it. */
interface Subject {
  readonly bytes: Uint8Array
  readonly verify: (bytes: Uint8Array) => unknown
}

const NAMES = ['statement', 'statement with all signatures', 'receipt', 'promise', 'refusal', 'checkpoint']

describe('one byte changed anywhere, and nothing verifies', () => {
  let world: World
  let policy: Policy
  const subjects = new Map<string, Subject>()

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    world = await World.create()
    policy = world.policy
    await world.submit(
      [world.issuer],
      world.bytes(world.issue(FIRST_MEMBER, 300)),
      world.bytes(world.issue(FIRST_MEMBER, 9)),
    )
    const list = [world.bytes(world.redeem(FIRST_MEMBER, 120)), world.bytes(world.redeem(FIRST_MEMBER, 500))]
    const { promise } = await world.submit([world.owner(FIRST_MEMBER)], ...list)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    await world.log.publisher.publish()
    for (const allSignatures of [false, true]) {
      const bytes = (await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures })) as Uint8Array
      subjects.set(allSignatures ? 'statement with all signatures' : 'statement', {
        bytes,
        verify: changed => verifyStatement(changed, { policy }),
      })
    }
    const receipt = (await world.log.prover.receipt(20)) as Uint8Array
    subjects.set('receipt', { bytes: receipt, verify: changed => verifyReceipt(changed, policy) })
    const key = world.keys.log.publicKey
    subjects.set('promise', {
      bytes: encodePromise({ ...promise!, transactions: list }),
      verify: changed => verifyPromise(decodePromise(changed), key),
    })
    const signers = [{ record: 99, key: world.keys.issuer }]
    const refused = await world.submit(signers, ...list).catch((error: unknown) => error)
    const submission = encodeSubmission(signed(world.ledgerId, signers, list).signatures, list)
    subjects.set('refusal', {
      bytes: encodeRefusal({ ...(refused as RefusedError).refusal, submission }),
      verify: changed => verifyRefusal(changed, policy),
    })
    const { checkpoint } = world.log.publisher.published!
    subjects.set('checkpoint', { bytes: checkpoint, verify: changed => openCheckpoint(changed, policy) })
  })
  afterAll(async () => {
    await world.destroy()
    useEngine(portableEngine)
  })

  const refused = ({ verify }: Subject, bytes: Uint8Array, what: string) => {
    try {
      verify(bytes)
    } catch (error) {
      if (error instanceof FormatError || error instanceof VerifyError) return
      throw new Error(`${what}: ${String(error)}`, { cause: error })
    }
    throw new Error(`${what}: verifies`)
  }

  test.each(NAMES)('%s', name => {
    const subject = subjects.get(name)!
    const { bytes, verify } = subject
    verify(bytes)
    // Of three changes of each byte, and of three places to cut, one in turn, or in a night all.
    const turns = runs(1, 3)
    for (let at = 0, turn = randomInt(turns); at < bytes.length; at++)
      for (const change of [1, 0x80, 1 + (at % 255)]) {
        if (turn++ % turns > 0) continue
        const changed = bytes.slice()
        changed[at]! ^= change
        refused(subject, changed, `byte ${at} of ${bytes.length} xor ${change}`)
      }
    for (let length = randomInt(turns); length < bytes.length; length += turns)
      refused(subject, bytes.subarray(0, length), `cut at ${length}`)
    for (const more of [0, 10, 32, 0x41]) refused(subject, Uint8Array.of(...bytes, more), `${more} after it`)
  })

  test('neither do random edits, or random bytes', () => {
    const edit = fc.record({
      name: fc.constantFrom(...NAMES),
      at: fc.nat(),
      remove: fc.nat(40),
      insert: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(edit, ({ name, at, remove, insert }) => {
        const subject = subjects.get(name)!
        const { bytes } = subject
        const start = at % bytes.length
        const changed = Uint8Array.of(...bytes.subarray(0, start), ...insert, ...bytes.subarray(start + remove))
        if (Buffer.compare(changed, bytes) !== 0) refused(subject, changed, `${name} at ${start}`)
      }),
      { numRuns: runs(1500, 300) },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        for (const [name, subject] of subjects) refused(subject, bytes, name)
        for (const read of [parsePolicy, parseCard]) expect(() => read(bytes)).toThrow(FormatError)
      }),
      { numRuns: runs(300, 60) },
    )
  })
})
