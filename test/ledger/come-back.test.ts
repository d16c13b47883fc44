import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { AccountHistory } from '../../src/account/history.ts'
import { fromDraft } from '../../src/client/index.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { type DefineUnit, encodeTransaction, type TransactionOf } from '../../src/core/entry/transaction.ts'
import { LOTS_ROOM } from '../../src/core/limits.ts'
import { Originals } from '../../src/ledger/originals.ts'
import { type Draft, keyNumber } from '../world.ts'

const T = 1_800_000_000_000
const QUARTER = T / 900_000
const ROUNDS = 500

/** Bytes that are in use once what nobody holds is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/** Points that are spent and come back, again and again, whole or all but one, cost the memory of their entries. */
describe('a debit forgets the lots that it took as they come back', () => {
  let count = 0
  const id = () => makeId(T, new Uint8Array(Buffer.from(String(count++).padStart(10))))
  const bytes = (draft: Draft, of = id()) => encodeTransaction(fromDraft(draft, of))
  const lots = Array.from({ length: LOTS_ROOM }, (_, i) => ({ matures: 0, expires: QUARTER + 96 + i, amount: 2 }))
  const amount = 2 * LOTS_ROOM

  test.each([
    ['whole', amount],
    ['but for one point', amount - 1],
  ])('by the ledger, %s', (_, back) => {
    const originals = new Originals()
    const before = heapUsed()
    for (let index = 0; index < ROUNDS; index++) {
      originals.took(
        index,
        lots.map(lot => ({ ...lot })),
      )
      originals.reverse(index, back)
    }
    expect(heapUsed() - before).toBeLessThan(ROUNDS * 2000)
    const transaction = fromDraft({ kind: 'redeem', debit: 2, credit: 0, amount }, id()) as TransactionOf<'redeem'>
    const last = originals.find({ index: ROUNDS - 1, transaction, time: T })!
    expect([last.reversed, last.parts]).toEqual([back, back === amount ? [] : [{ ...lots[0]!, amount: 1 }]])
  })

  test('and is known again where the group in which it came back is undone', () => {
    const originals = new Originals()
    const transaction = fromDraft({ kind: 'redeem', debit: 2, credit: 0, amount }, id()) as TransactionOf<'redeem'>
    const found = () => originals.find({ index: 7, transaction, time: T })!
    originals.took(7, lots)
    originals.reverse(7, 3)
    const before = found()
    originals.hold()
    for (const back of [1, 5, amount - 9]) originals.reverse(7, back)
    expect(found().parts).toEqual([])
    originals.drop()
    expect(found()).toEqual(before)
  })

  test('by who reads the account', () => {
    const unit = fromDraft({ kind: 'define-unit', name: 'coins', cap: 1e9, windowMs: 1e9, grain: 1 }, id())
    const history = new AccountHistory(2, unit as DefineUnit)
    const nonce = new Uint8Array(32)
    const owner = keyNumber(6).publicKey
    history.take(bytes({ kind: 'open-account', accountKind: 'member', unit: 3, terms: nonce, owner, nonce }), T)
    for (const lot of lots) history.take(bytes({ kind: 'issue', debit: 1, credit: 2, ...lot }), T)
    const before = heapUsed()
    for (let round = 0; round < ROUNDS; round++) {
      const original = id()
      history.take(bytes({ kind: 'redeem', debit: 2, credit: 0, amount }, original), T)
      history.take(bytes({ kind: 'reverse', debit: 0, credit: 2, amount, original }), T)
    }
    expect(heapUsed() - before).toBeLessThan(ROUNDS * 4000)
    expect(history.member.balance).toBe(amount)
    expect(history.member.holdings.lots).toHaveLength(LOTS_ROOM)
  })
})
