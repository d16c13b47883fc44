import { describe, expect, test } from 'vitest'
import type { Signature } from '../../src/core/entry/batch.ts'
import type { LedgerState } from '../../src/ledger/index.ts'
import { rateOf, SignerRates } from '../../src/ledger/signer-rates.ts'

// What a ledger counts of its signers (SPEC §7, Rates), against a list that is counted again each time.

const MINUTE = 60_000
/** Rates of records 0 to 2, of which the last is a unit; account 1 is of that unit, account 0 of one without a rate. */
const RATES = [0, 5]
const MEMBER = 3

const state = {
  registry: {
    records: [
      ...RATES.map(rate => ({ transaction: { kind: 'register-key', rate } })),
      { transaction: { kind: 'define-unit' } },
    ],
    unit: (record: number) => ({ terms: { memberRate: record === 2 ? MEMBER : 0 } }),
  },
  accounts: { count: 2, unit: (account: number) => (account === 1 ? 2 : 9) },
} as unknown as LedgerState

const signer = (signerClass: number, number: number): Signature => ({
  class: signerClass,
  number,
  ed25519: new Uint8Array(64),
})
const SIGNERS = [signer(0, 0), signer(0, 1), signer(1, 0), signer(1, 1), signer(2, 1)]

/** A small generator: the same numbers for a seed. */
function numbers(seed: number) {
  let at = seed
  return (below: number) => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((at / 2 ** 32) * below)
  }
}

describe('rates of signers', () => {
  test('are those of the record of a key, and of the unit of an account', () => {
    expect(SIGNERS.map(one => rateOf(state, one))).toEqual([0, 5, 0, MEMBER, MEMBER])
    expect([signer(0, 2), signer(0, 7), signer(1, 7)].map(one => rateOf(state, one))).toEqual([0, 0, 0])
  })

  test.each([1, 2, 3, 4, 5, 6])('a batch waits until as many went that it fits, and no longer (seed %i)', seed => {
    const next = numbers(seed)
    const rates = new SignerRates()
    const taken: { time: number; signers: readonly Signature[]; count: number }[] = []
    /** By the words of SPEC: n + count > r of a signer. */
    const isOver = (signers: readonly Signature[], count: number, time: number) =>
      signers.some(one => {
        const of = taken.filter(batch => batch.time > time - MINUTE && batch.signers.includes(one))
        const sum = of.reduce((all, batch) => all + batch.count, 0)
        return rateOf(state, one) > 0 && sum + count > rateOf(state, one)
      })
    let [time, waited] = [1_800_000_000_000, 0]
    for (let round = 0; round < 2000; round++) {
      time += next(4) === 0 ? next(MINUTE) : next(9000)
      const signers = SIGNERS.filter(() => next(3) === 0)
      const count = 1 + next(next(10) === 0 ? 7 : 2)
      const waitMs = rates.waitMs(state, signers, count, time)
      expect(waitMs > 0, `round ${round}`).toBe(isOver(signers, count, time))
      if (waitMs > 0) {
        waited++
        const never = signers.some(one => rateOf(state, one) > 0 && count > rateOf(state, one))
        expect(never ? waitMs : isOver(signers, count, time + waitMs)).toBe(never ? MINUTE : false)
        expect(isOver(signers, count, time + waitMs - 1)).toBe(true)
        if (next(2) === 0) continue
      }
      // What is in a log counts, whether it was over or not.
      rates.took(state, signers, count, time)
      taken.push({ time, signers, count })
    }
    expect(waited).toBeGreaterThan(100)
  })
})
