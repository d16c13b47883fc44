import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import { Replay } from '../../src/ledger/index.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { runs } from '../runs.ts'
import { type Draft, fromDraft } from '../world.ts'
import { ANNA, BUDGET, beginning, key, REGISTRAR, ROOT, ROOT_2, ROOT_3, ROOT_4, SHOP, START } from './beginning.ts'
import { checkHistories, checkInvariants, checkReplay, checkSeal } from './checks.ts'
import { command, draftOf, signers } from './commands.ts'
import { Driver, SALT } from './driver.ts'
import { dump } from './dump.ts'
import { Follower } from './follower.ts'
import { leafOf, NaiveLedger, type NaiveSigner } from './naive/index.ts'
import { keys } from './rehearsal.ts'

const ROOTS = [ROOT, ROOT_2, ROOT_3, ROOT_4]

/** A ledger and a naive one beside it, which are told the same. */
class Pair {
  readonly driver: Driver
  readonly naive = new NaiveLedger()
  /** What was told, in order: again, to another pair, it makes the same. */
  readonly told: ((pair: Pair) => unknown)[] = []
  time = START
  #fresh = 5_000_000

  constructor(driver = new Driver()) {
    this.driver = driver
    this.naive.rootOfLog = () => driver.root(this.naive.size)
  }

  begin(): this {
    for (const { signers: by, drafts } of beginning({}, record => leafOf(this.naive, record)))
      this.submit(
        by,
        drafts.map(draft => this.entry(draft)),
      )
    return this
  }

  entry(draft: Draft, offset = 0): Uint8Array {
    const bits = new Uint8Array(10)
    new DataView(bits.buffer).setUint32(2, this.#fresh++)
    return encodeTransaction(fromDraft(draft, makeId(this.time + offset, bits)))
  }

  submit(by: readonly NaiveSigner[], list: Uint8Array[]): string[] | string | undefined {
    const [ours, theirs] = [this.driver.submit(by, list, this.time), this.naive.submit(by, list, this.time)]
    expect(ours).toEqual(theirs)
    const { time } = this
    this.told.push(pair => {
      pair.time = time
      pair.submit(by, list)
    })
    return ours
  }

  try(by: readonly NaiveSigner[], draft: Draft, offset = 0): string | undefined {
    const outcomes = this.submit(by, [this.entry(draft, offset)])
    return Array.isArray(outcomes) ? outcomes[0] : outcomes
  }

  seal(): void {
    const { time } = this
    checkSeal(this.driver, this.naive, time)
    this.told.push(pair => {
      pair.time = time
      pair.seal()
    })
  }

  /** What continues the log from where it is. */
  next(more: Partial<Extract<Draft, { kind: 'continue-log' }>> = {}): Extract<Draft, { kind: 'continue-log' }> {
    const n = this.naive.logs.length
    const { size } = this.naive
    return {
      kind: 'continue-log',
      origin: `model/${n}`,
      logKey: key(200 + n),
      size,
      root: this.driver.root(),
      seen: null,
      ...more,
    }
  }
}

/** All that a state is, but for what a log's name changes: the ids and names of the ledger, and its own record. */
function carried(driver: Driver): string[] {
  const { state } = driver.ledger
  const records = state.registry.records.filter(({ transaction }) => transaction.kind !== 'continue-log').length
  return dump(state, driver.entries)
    .slice(1)
    .filter(line => !line.startsWith(`{"record":`) || recordIn(line) < records)
    .map(line => line.replace(/("number":0,.*?"next":)\d+/, '$10').replace(/,"sealed":.*$/, ''))
}

const recordIn = (line: string): number => Number(/"number":(\d+)/.exec(line)?.[1] ?? -1)

describe('a ledger that is continued in another log', () => {
  test('from any seal: all that it was is what it was, and it goes on by the same rules', async () => {
    const batch = fc.record({
      signers,
      commands: fc.array(command, { minLength: 1, maxLength: 6 }),
      seal: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.noBias(fc.array(batch, { minLength: 20, maxLength: 40 })),
        fc.nat(),
        fc.array(batch, { minLength: 5, maxLength: 15 }),
        async (before, pick, behind) => {
          const play = (pair: Pair, batches: typeof before) => {
            for (const { signers: by, commands, seal } of batches) {
              pair.time += 60_000
              const list = commands.map(one => pair.entry(draftOf(one, pair.naive, pair.time), one.offset))
              pair.submit(by, list)
              checkInvariants(pair.driver, pair.naive)
              if (seal) pair.seal()
            }
            pair.seal()
          }
          // The ledger as it was, and as it was at one of its seals.
          const whole = new Pair().begin()
          play(whole, before)
          const seals = whole.driver.entries.flatMap((entry, i) => (entry[0] === 3 ? i + 1 : []))
          const size = seals[pick % seals.length]!
          const cut = new Pair()
          for (const tell of whole.told) if (cut.driver.ledger.size < size) tell(cut)
          expect(cut.driver.entries).toEqual(whole.driver.entries.slice(0, size))
          const was = carried(cut.driver)
          const ids = [...cut.naive.ids.keys()]
          const isBack = size < whole.driver.ledger.size
          const standing = ROOTS.filter(n => cut.naive.records[n]!.until === 0)
          const more = cut.naive.records.flatMap(({ tx, until }, n) =>
            n > 3 && until === 0 && tx.kind === 'register-key' && tx.role === 'root' ? n : [],
          )
          const next = cut.next({ seen: isBack ? whole.driver.ledger.size : null })
          if (isBack && standing.length + more.length > 1)
            expect(cut.try(keys(standing[0]!), next)).toBe('not-entitled')
          if (isBack && standing.length + more.length > 1) cut.seal()
          const turn = { ...next, size: cut.naive.size, root: cut.driver.root() }
          const by = isBack ? [...standing, ...more] : standing.length > 0 ? standing : more
          const fits = turn.seen === null || turn.seen > turn.size
          if (!fits) return
          expect(cut.try(keys(...by), turn)).toBe('accepted')
          expect(carried(cut.driver).filter(line => was.includes(line))).toEqual(was)
          for (const id of ids) expect(cut.naive.ids.has(id)).toBe(true)
          cut.seal()
          play(cut, behind)
          checkHistories(cut.driver, cut.naive)
          await checkReplay(cut.driver)
          const follower = new Follower()
          await follower.follow(cut.driver.entries, true)
          expect(follower.ledger.makeSeal(cut.time, SALT)).toEqual(cut.driver.ledger.makeSeal(cut.time, SALT))
          expect(toHex(follower.ledger.state.ledgerId!)).toBe(toHex(cut.driver.ledger.state.ledgerId!))
        },
      ),
      { numRuns: runs(15, 5), endOnFailure: true },
    )
  })

  test('only right after a seal, alone, under a name and a key that it never had, by enough root keys', () => {
    const p = new Pair().begin()
    expect(p.try(keys(ROOT), p.next())).toBe('log-mismatch')
    p.seal()
    const wrong: [Partial<ReturnType<Pair['next']>>, readonly NaiveSigner[], string][] = [
      [{ size: p.naive.size - 1 }, keys(ROOT), 'log-mismatch'],
      [{ root: key(1) }, keys(ROOT), 'log-mismatch'],
      [{ origin: 'model' }, keys(ROOT), 'log-mismatch'],
      [{ logKey: key(90) }, keys(ROOT), 'log-mismatch'],
      [{ seen: p.naive.size + 100 }, keys(ROOT), 'not-entitled'],
      [{ seen: p.naive.size + 100 }, keys(ROOT, ROOT_2, ROOT_3), 'not-entitled'],
      [{}, keys(REGISTRAR), 'not-entitled'],
    ]
    for (const [more, by, outcome] of wrong) {
      expect(p.try(by, p.next({ ...more, ...(more.size === undefined ? {} : { size: p.naive.size - 1 }) }))).toBe(
        outcome,
      )
      p.seal()
    }
    expect(
      p.submit(keys(ROOT), [
        p.entry(p.next()),
        p.entry({ kind: 'publish-rule', name: 'x', digest: key(1), budgets: [BUDGET] }),
      ]),
    ).toEqual(['log-mismatch', 'accepted'])
    p.seal()
    expect(p.try(keys(ROOT), p.next(), 1001)).toBe('time-ahead')
    p.seal()
    expect(p.try(keys(...ROOTS), p.next({ seen: p.naive.size + 100 }))).toBe('accepted')
    p.seal()
    // Back to a name of before, and on to a third.
    expect(p.try(keys(ROOT), p.next({ origin: 'model' }))).toBe('log-mismatch')
    p.seal()
    expect(p.try(keys(ROOT), p.next())).toBe('accepted')
    expect(p.try(keys(ROOT), { kind: 'revoke', record: p.naive.logs.at(-1)!, reason: 0 })).toBe('record-not-revocable')
    p.seal()
    expect(p.naive.records[0]!.next).toBe(p.naive.logs[1])
    expect(p.naive.records[p.naive.logs[1]!]!.next).toBe(p.naive.logs[2])
  })

  test('signatures for the ledger under its old name count for nothing afterwards', async () => {
    const p = new Pair().begin()
    p.seal()
    const before = p.driver.ledger.state.ledgerId!
    const turn = p.entry(p.next())
    expect(p.submit(keys(ROOT), [turn])).toEqual(['accepted'])
    const { ledgerId, origin } = p.driver.ledger.state
    expect(toHex(ledgerId!)).not.toBe(toHex(before))
    expect(origin).toBe('model/1')
    // A replay has to know the root, and finds another one.
    p.seal()
    const replayOf = (root: (entries: readonly Uint8Array[]) => Uint8Array) =>
      new Replay({
        saltOf: () => SALT,
        entryAt: async index => p.driver.entries[index]!,
        rootAt: async size => root(p.driver.entries.slice(0, size)),
        verifySignatures: false,
      })
    await replayOf(naiveRoot).feed(p.driver.entries)
    await expect(replayOf(() => key(1)).feed(p.driver.entries)).rejects.toMatchObject({ code: 'batch-statuses' })
    expect(p.try([{ account: ANNA }], { kind: 'redeem', debit: ANNA, credit: SHOP, amount: 1 })).toBe('insufficient')
  })
})
