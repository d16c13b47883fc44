import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { type BatchEntry, decodeBatch, encodeBatch, transactionsFrom } from '../../src/core/entry/batch.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../src/core/entry/seal.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import { CodedError } from '../../src/core/failure.ts'
import { decodeEntryBundle } from '../../src/core/tree/tile.ts'
import { Replay } from '../../src/ledger/index.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { runs } from '../runs.ts'
import { FIRST_MEMBER, ISSUER, keyNumber, signed, World } from '../world.ts'

/** A log that was made honestly, and the salts of its seals. */
let entries: Uint8Array[]
let salts: Uint8Array[]
let world: World
/**
 * Where the batches stand that the lies are about: an issue of two, a redeem with a refused one after it, the last
 * seal.
 */
let [issued, spent] = [0, 0]

beforeAll(async () => {
  useEngine(await loadEngine('native'))
  world = await World.create()
  await world.log.publisher.publish()
  const [first, second] = [world.bytes(world.issue(FIRST_MEMBER, 300)), world.bytes(world.issue(FIRST_MEMBER, 5))]
  issued = (await world.submit([world.issuer], first, second)).index!
  const [good, beyond] = [world.bytes(world.redeem(FIRST_MEMBER, 100)), world.bytes(world.redeem(FIRST_MEMBER, 900))]
  spent = (await world.submit([world.owner(FIRST_MEMBER)], good, beyond)).index!
  await world.submit([world.issuer], first, world.bytes(world.issue(FIRST_MEMBER, 1)))
  await world.log.publisher.publish()
  entries = decodeEntryBundle((await world.log.entryBundle(0, world.log.size))!).map(entry => entry.slice())
  salts = [world.log.salt(0)!, world.log.salt(1)!]
})
afterAll(async () => {
  await world.destroy()
  useEngine(portableEngine)
})

/** The code of the first entry that does not follow, or 'holds', or 'cut' inside a batch. */
async function replayed(log: readonly Uint8Array[], saltOf = (epoch: number) => salts[epoch]!): Promise<string> {
  const replay = new Replay({ saltOf, entryAt: async index => log[index]!, verifySignatures: true })
  try {
    await replay.feed(log)
  } catch (error) {
    if (error instanceof CodedError) return error.code
    throw error
  }
  return replay.isBetweenBatches ? 'holds' : 'cut'
}

const withBatch = (index: number, change: (batch: BatchEntry) => Partial<BatchEntry>) => {
  const batch = decodeBatch(entries[index]!)
  return entries.with(index, encodeBatch({ ...batch, ...change(batch) }))
}
const withSeal = (change: (seal: Seal) => Partial<Seal>) => {
  const seal = decodeSeal(entries.at(-1)!)
  return entries.with(-1, encodeSeal({ ...seal, ...change(seal) }))
}
/** The log with a transaction changed, the batch's root made to fit, and the batch signed again by the one who. */
const withTransaction = (index: number, position: number, change: (tx: Transaction) => object, resign: boolean) => {
  const at = index + 1 + position
  const changed = encodeTransaction({
    ...decodeTransaction(entries[at]!),
    ...change(decodeTransaction(entries[at]!)),
  } as Transaction)
  const batch = decodeBatch(entries[index]!)
  const list = entries.slice(index + 1, index + 1 + batch.count).with(position, changed)
  const signatures = resign ? signed(world.ledgerId, [world.issuer], list).signatures : batch.signatures
  const entry = encodeBatch({ ...batch, root: transactionsFrom(list).root, signatures })
  return entries.with(at, changed).with(index, entry)
}

describe('a log that does not follow from its own rules is found out', () => {
  test('and one that does is not', async () => {
    expect(await replayed(entries)).toBe('holds')
    expect(await replayed(entries.slice(0, spent))).toBe('holds')
    expect(await replayed(entries.slice(0, spent + 2))).toBe('cut')
  })

  const LIES: Readonly<Record<string, readonly [string, () => Uint8Array[]][]>> = {
    'batch-root': [
      [
        'an amount that was changed after signing',
        () =>
          entries.with(
            issued + 1,
            encodeTransaction({ ...decodeTransaction(entries[issued + 1]!), amount: 3000 } as Transaction),
          ),
      ],
      [
        'two transactions that changed places',
        () => entries.with(issued + 1, entries[issued + 2]!).with(issued + 2, entries[issued + 1]!),
      ],
    ],
    'batch-refused': [
      [
        'an amount that was changed, and the root with it',
        () => withTransaction(issued, 0, () => ({ amount: 3000 }), false),
      ],
      [
        'a signature that was changed',
        () =>
          withBatch(issued, ({ signatures: [one] }) => ({
            signatures: [{ ...one!, ed25519: one!.ed25519.with(3, one!.ed25519[3]! ^ 1) }],
          })),
      ],
      [
        'a signer that there is not',
        () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, number: 99 }] })),
      ],
      [
        'a signer that is no key',
        () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, number: 3 }] })),
      ],
      [
        'another’s name under a signature',
        () => withBatch(issued, ({ signatures: [one] }) => ({ signatures: [{ ...one!, number: 1 }] })),
      ],
      ['genesis twice', () => [...entries, entries[0]!, entries[1]!]],
      ['a log without a genesis', () => entries.slice(2)],
    ],
    'batch-statuses': [
      [
        'a refused debit that is called accepted',
        () => withBatch(spent, ({ statuses }) => ({ statuses: statuses.with(1, 0) })),
      ],
      [
        'an accepted debit that is called refused',
        () => withBatch(spent, ({ statuses }) => ({ statuses: statuses.with(0, 24) })),
      ],
      ['a refusal for another reason', () => withBatch(spent, ({ statuses }) => ({ statuses: statuses.with(1, 17) }))],
      ['points beyond the budget', () => withTransaction(issued, 0, () => ({ amount: 10 ** 9 }), true)],
      ['points out of the treasury', () => withTransaction(issued, 0, () => ({ debit: 0 }), true)],
      [
        'an id that is used twice',
        () => withTransaction(issued, 1, () => ({ id: decodeTransaction(entries[issued + 1]!).id }), true),
      ],
      ['a time that is too early', () => withBatch(issued, ({ time }) => ({ time: time + 10 ** 9 }))],
    ],
    'batch-time': [['ledger time that goes back', () => withBatch(issued, ({ time }) => ({ time: time - 1 }))]],
    'seal-time': [['ledger time that goes back', () => withSeal(({ time }) => ({ time: time - 1 }))]],
    'seal-epoch': [['an epoch left out', () => withSeal(({ epoch }) => ({ epoch: epoch + 1 }))]],
    'seal-state': [
      [
        'another state of the accounts',
        () => withSeal(({ stateRoot }) => ({ stateRoot: stateRoot.with(0, stateRoot[0]! ^ 1) })),
      ],
      ['an account more', () => withSeal(({ accounts }) => ({ accounts: accounts + 1 }))],
    ],
    'seal-registry': [
      ['another registry', () => withSeal(() => ({ registryRoot: new Uint8Array(32) }))],
      ['a record less', () => withSeal(({ records }) => ({ records: records - 1 }))],
    ],
    'seal-totals': [['totals that owe less', () => withSeal(() => ({ totalsRoot: new Uint8Array(32) }))]],
    'entry-order': [
      ['a transaction without a batch', () => [...entries, entries[issued + 1]!]],
      ['a seal inside a batch', () => entries.toSpliced(issued + 2, 0, entries.at(-1)!)],
      ['a batch inside a batch', () => entries.toSpliced(issued + 2, 0, entries[issued]!)],
      ['an entry of no type', () => [...entries, Uint8Array.of(9)]],
      ['an empty entry', () => [...entries, new Uint8Array(0)]],
    ],
  }
  const table = Object.entries(LIES).flatMap(([code, lies]) => lies.map(([what, make]) => [code, what, make] as const))
  test.each(table)('%s: %s', async (code, _, make) => {
    expect(await replayed(make())).toBe(code)
  })

  test('another salt does not open the totals', async () => {
    expect(await replayed(entries, () => new Uint8Array(32))).toBe('seal-totals')
  })

  test('a key that was not registered yet, or of another scope, gives no authority', async () => {
    const early = signed(
      world.ledgerId,
      [{ record: ISSUER, key: keyNumber(77) }],
      entries.slice(issued + 1, issued + 3),
    )
    expect(await replayed(withBatch(issued, () => ({ signatures: early.signatures })))).toBe('batch-refused')
  })

  test('an entry left out, repeated or moved', async () => {
    for (let at = 0; at < entries.length; at++) {
      // The last entry can be left out: the log is then as it was before it.
      if (at < entries.length - 1) expect([at, await replayed(entries.toSpliced(at, 1))]).not.toEqual([at, 'holds'])
      const twice = await replayed(entries.toSpliced(at, 0, entries[at]!))
      expect([at, twice]).not.toEqual([at, 'holds'])
    }
  })

  test('any one byte, anywhere; but for the time of a batch or seal, which the root of the log holds alone', async () => {
    const withoutTime = (entry: Uint8Array) =>
      entry[0] === 1 ? { ...decodeBatch(entry), time: 0 } : { ...decodeSeal(entry), time: 0 }
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        const index = which % entries.length
        const entry = entries[index]!.slice()
        entry[at % entry.length]! ^= flip
        if ((await replayed(entries.with(index, entry))) !== 'holds') return
        expect(withoutTime(entry)).toEqual(withoutTime(entries[index]!))
      }),
      { numRuns: runs(600, 150) },
    )
  })
})
