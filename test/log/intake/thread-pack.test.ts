import { afterAll, beforeAll, expect, test } from 'vitest'
import { SubmissionView } from '../../../src/core/entry/submission.ts'
import type { FormatError } from '../../../src/core/failure.ts'
import { keysNow, putKeysNow } from '../../../src/ledger/index.ts'
import {
  answerPack,
  type BatchSource,
  type PendingSubmission,
  packOf,
  prepareOne,
  preparePack,
} from '../../../src/log/index.ts'
import { FIRST_MEMBER, keyNumber, World } from '../../world.ts'

let world: World
beforeAll(async () => {
  world = await World.create()
})
afterAll(() => world.destroy())

/** A submission on its way, which keeps what it is answered; its head is read as far as it can be. */
class Kept implements PendingSubmission {
  readonly bytes: Uint8Array
  readonly count: number
  readonly signatureCount: number
  readonly ledgerId = world.log.ledger.state.ledgerId
  answer: readonly [BatchSource | Error, number] | undefined

  constructor(bytes: Uint8Array) {
    const { count, signatureCount } = new SubmissionView().open(bytes)
    this.bytes = bytes
    this.count = count
    this.signatureCount = signatureCount
  }

  putKeys(keys: Uint8Array, at: number): number {
    return putKeysNow(world.log.ledger.state, new SubmissionView().open(this.bytes), keys, at)
  }

  done(prepared: BatchSource | Error, place: number): void {
    expect(this.answer, 'answered once').toBeUndefined()
    this.answer = [prepared, place]
  }
}

/** What of an answer can be compared, byte by byte: transactions of their own, wherever they stand. */
function told([prepared, place]: readonly [BatchSource | Error, number]) {
  if (prepared instanceof Error) return { code: (prepared as FormatError).code, message: prepared.message }
  const { signatures, transactions } = prepared.batch(place)
  const { bytes, starts, ends, count, leaves, root, groups } = transactions
  const list = Array.from(starts, (start, i) => bytes.slice(start, ends[i]))
  const keys = keysNow(world.log.ledger.state, signatures) ?? []
  const others = keys.map((key, i) => (i < keys.length - 1 ? key : Uint8Array.from(key, byte => byte ^ 1)))
  return {
    signatures: signatures.map(one => ({ ...one, ed25519: one.ed25519.slice() })),
    transactions: { count, list, leaves: leaves.slice(), root: root.slice(), groups },
    holds: [keys, others, keys.slice(1)].map(some => prepared.holds(place, some)),
  }
}

test('a pack makes of each submission what is made of it alone, faults and their places too', () => {
  const { issuer, registrar } = world
  const issue = () => world.bytes(world.issue(FIRST_MEMBER, 2))
  const redeem = () => world.bytes(world.redeem(FIRST_MEMBER, 1))
  const owner = world.owner(FIRST_MEMBER)
  const good = world.submission([owner], redeem())
  const broken = world.submission([owner], redeem())
  // The kind of the transaction, which is after signature, lengths and type byte: one that does not exist.
  broken[broken.length - redeem().length + 2] = 0x17
  const jobs = [
    good,
    world.submission([owner], redeem()).slice(0, -3),
    world.submission([registrar, issuer], issue(), world.bytes(world.openMember()), issue()),
    world.submission([world.owner(FIRST_MEMBER, keyNumber(71))], redeem()),
    broken,
    world.submission([world.owner(99)], redeem()),
    Uint8Array.of(...world.submission([owner], redeem()), 0),
    world.submission([issuer], ...Array.from({ length: 300 }, issue)),
    world.submission([owner], redeem()),
    world.groupedSubmission([issuer, owner], [{ first: 1, count: 2 }], issue(), issue(), redeem()),
    world.submission([issuer, owner], issue(), redeem()),
  ].map(bytes => new Kept(bytes))
  answerPack(jobs, preparePack(packOf(jobs)))
  const answers = jobs.map(job => told(job.answer!))
  expect(answers).toEqual(jobs.map(job => told([prepareOne(job), 0])))
  const summary = answers.map(one => ('code' in one ? one.code : one.holds[0]))
  expect(summary).toEqual([true, 'cbor', true, false, 'transaction', undefined, 'cbor', true, true, true, true])
  for (const one of answers) if ('holds' in one) expect(one.holds.slice(1)).toEqual([undefined, undefined])
})
