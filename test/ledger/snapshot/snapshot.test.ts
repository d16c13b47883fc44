import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeTransaction } from '../../../src/client/index.ts'
import { toHex } from '../../../src/core/bytes.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { encodeSeal } from '../../../src/core/entry/seal.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { HEAD_KEY, LedgerState, SnapshotReader, SnapshotWriter } from '../../../src/ledger/index.ts'
import type { Row } from '../../../src/lookup/index.ts'
import { runs } from '../../runs.ts'
import { type Draft, fromDraft } from '../../world.ts'
import { beginning, HOUR, key, QUARTER, START } from '../beginning.ts'
import { command, draftOf, signers } from '../commands.ts'
import { Driver } from '../driver.ts'
import { dump } from '../dump.ts'
import { Follower, Shelf } from '../follower.ts'
import { leafOf, NaiveLedger, type NaiveSigner } from '../naive/index.ts'

const salt = new Uint8Array(32)
/** Of the draws in which what is rare has to happen. */
const SEED = 3

const batch = fc.record({
  signers,
  commands: fc.array(command, { minLength: 1, maxLength: 8 }),
  pause: fc.constantFrom(0, 1, 700, QUARTER / 2, QUARTER, HOUR),
  next: fc.constantFrom('nothing', 'seal', 'seal', 'snapshot', 'snapshot', 'crash'),
  crash: fc.nat(),
})

describe('a snapshot of the state', () => {
  /** Plays so many logs, and returns how often a crash left a snapshot, and how often none. */
  const playLogs = async (parameters: fc.Parameters<[object[]]>) => {
    let [loaded, again] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.noBias(fc.array(batch, { minLength: 25, maxLength: 40 })), async batches => {
        const [driver, naive, follower] = [new Driver(), new NaiveLedger(), new Follower()]
        let time = START
        let fresh = 1_000_000
        const sent: Uint8Array[] = []
        const run = (by: NaiveSigner[], list: Uint8Array[]) => {
          driver.submit(by, list, time)
          naive.submit(by, list, time)
        }
        const entry = (one: Draft, offset: number, random: number) => {
          const bits = new Uint8Array(10)
          new DataView(bits.buffer).setUint32(2, random)
          const bytes = encodeTransaction(fromDraft(one, makeId(time + offset, bits)))
          if (one.kind !== 'genesis') sent.push(bytes)
          return bytes
        }
        for (const { signers: by, drafts } of beginning({ coins: { custody: 15 } }, record => leafOf(naive, record)))
          run(
            by,
            drafts.map(one => entry(one, 0, fresh++)),
          )
        for (const { signers: by, commands, pause, next, crash } of batches) {
          time += pause
          run(
            by,
            commands.map(one =>
              one.again === null
                ? entry(draftOf(one, naive, time), one.offset, one.random)
                : sent[one.again % sent.length]!,
            ),
          )
          if (next !== 'nothing') {
            driver.seal(time)
            naive.size++
          }
          await follower.follow(driver.entries, next === 'snapshot')
          if (next !== 'crash') continue
          const size = await follower.crash(crash, driver.entries)
          if (size > 0) loaded++
          else again++
          expect(dump(follower.ledger.state, driver.entries)).toEqual(dump(driver.ledger.state, driver.entries))
        }
        await follower.crash(0, driver.entries)
        expect(dump(follower.ledger.state, driver.entries)).toEqual(dump(driver.ledger.state, driver.entries))
      }),
      { numRuns: 10, endOnFailure: true, ...parameters },
    )
    return { loaded, again }
  }

  test('with the rest of the log after it, it gives the state of the whole log, no matter what a crash left of the last one', async () => {
    await playLogs({ numRuns: runs(10, 3) })
  })

  test('also where crashes leave enough of both, some and none: drawn from one seed, so that they do each time', async () => {
    const { loaded, again } = await playLogs({ seed: SEED })
    expect(loaded).toBeGreaterThan(10)
    expect(again).toBeGreaterThan(10)
  })

  const steps = fc.array(
    fc.record({
      open: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 700 })),
      move: fc.nat(400),
      more: fc.nat(20),
      from: fc.nat(),
      base: fc.nat(12),
      isSnapshot: fc.boolean(),
      crash: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.nat()),
    }),
    { minLength: 15, maxLength: 40 },
  )

  /** Plays so many states of many blocks, and returns how often one was read whose base had come round. */
  const playBlocks = (parameters: fc.Parameters<[object[]]>) => {
    let rounds = 0
    fc.assert(
      fc.property(steps, list => {
        let { state, writer } = begun()
        let shelf = new Shelf()
        const seals = new Map<number, { entry: Uint8Array; accounts: string }>()
        for (const [n, { open, move, more, from, base, isSnapshot, crash }] of list.entries()) {
          const { accounts } = state
          for (let i = 0; i < open; i++) accounts.open(opening(i), new Uint8Array(32).fill(accounts.count & 255))
          if (accounts.count === 0) continue
          for (let i = 0; i < move; i++) accounts.add((from + 769 * i) % accounts.count, 1 + i)
          for (let i = 0; i < more; i++) change(state, (from + 641 * i) % accounts.count, n)
          const size = 1000 * (n + 1)
          const seal = state.seal(n, salt)
          state.applySeal(seal)
          seals.set(size, { entry: encodeSeal(seal), accounts: lookAt(state) })
          if (isSnapshot) {
            shelf.write(writer.cut(size))
            for (let i = 0; i < base; i++) writer.makeBase()
          }
          if (crash === null) continue
          shelf = shelf.cutOff(crash)
          const head = shelf.rows.get(toHex(HEAD_KEY))
          if (head === undefined) return
          const reader = new SnapshotReader(head.value)
          for (const row of shelf.inOrder()) reader.add(row)
          if (reader.head.firstDelta > 1) rounds++
          const { entry, accounts: then } = seals.get(reader.head.size)!
          state = reader.finish(entry, () => salt)
          expect(lookAt(state)).toBe(then)
          writer = new SnapshotWriter(state, reader.head)
        }
      }),
      { numRuns: 8, endOnFailure: true, ...parameters },
    )
    return rounds
  }

  test('over many blocks: old changes go, and every crash leaves one that holds', () => {
    playBlocks({ numRuns: runs(8, 3) })
  })

  test('also where its base comes round: drawn from one seed, so that it does each time', () => {
    expect(playBlocks({ seed: SEED })).toBeGreaterThan(2)
  })

  test('one that is damaged, or lacks a row, is found out', async () => {
    const { rows, seal } = sample()
    const read = (list: readonly Row[]) => {
      const reader = new SnapshotReader(list.find(({ key }) => toHex(key) === toHex(HEAD_KEY))!.value)
      for (const row of list) reader.add(row)
      return reader.finish(seal, () => salt)
    }
    expect(read(rows).accounts.count).toBe(700)
    // Its base has come round, and the first changes are gone.
    expect(rows.filter(({ key }) => toHex(key).startsWith('736400000001'))).toEqual([])
    const refused = (list: readonly Row[], what: string) =>
      expect(() => read(list), what).toThrow(expect.objectContaining({ name: 'SnapshotError' }))
    for (const [i, { key, value }] of rows.entries()) {
      const name = String.fromCharCode(...key.subarray(0, 2))
      if (name !== 'sh') refused(rows.toSpliced(i, 1), `without ${name} ${toHex(key)}`)
      for (const at of [0, 5, value.length >> 1, value.length - 1])
        refused(rows.with(i, { key, value: value.with(at, value[at]! ^ 4) }), `${name} changed at ${at}`)
      refused(rows.with(i, { key, value: value.subarray(0, -4) }), `${name} cut off`)
      const other = rows.findIndex((row, k) => k !== i && row.key[1] === key[1])
      if (other >= 0) refused(rows.with(i, { key, value: rows[other]!.value }), `${name} of another key`)
    }
    expect(() => read([])).toThrow()
  })
})

/** The record of a custodian's key, the only record of these states. */
const CUSTODIAN = 0

/** A state of one record and no account, and who keeps snapshots of it. */
function begun() {
  const state = new LedgerState()
  const writer = new SnapshotWriter(state)
  state.ledgerId = new Uint8Array(32).fill(1)
  const custodian = makeTransaction('register-key', { key: key(1), role: 'custodian' })
  state.addRecord(custodian, leafHash(encodeTransaction(custodian)), { logIndex: 1, time: 0, isByChain: false })
  return { state, writer }
}

const opening = (n: number) =>
  ({
    kind: 'open-account',
    id: new Uint8Array(16),
    accountKind: 'member',
    unit: 0,
    terms: new Uint8Array(32),
    owner: n % 3 === 0 ? null : new Uint8Array(32).fill(n & 255),
    sponsor: null,
    ref: null,
    nonce: new Uint8Array(32),
    custodian: n % 5 === 0 ? { record: CUSTODIAN, leaf: new Uint8Array(32) } : null,
    recovery:
      n % 7 === 0 ? { keys: [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)], need: 2, delayMs: 9 } : null,
  }) as const

const NO_CAPS = { memberWeek: 0, memberMonth: 0, day: 0, week: 0, month: 0, total: 0, pools: [] }

/** Changes what an account has besides its record. */
function change(state: LedgerState, account: number, n: number): void {
  const member = state.accounts.member(account)
  const lots = [{ matures: 0, expires: 400_000 + n, amount: 5 + n }]
  const owner = n % 4 === 0 ? new Uint8Array(32).fill(n) : member.owner
  state.accounts.setMember(account, { ...member, owner, holdings: { ...member.holdings, lots } })
  state.originals.took(account, lots)
  const terms = { account: 1_000_000, from: 0, until: 0, memberDay: 9, memberTotal: 9, ...NO_CAPS }
  state.budgets.set({ kind: 'set-budget', id: new Uint8Array(16), ...terms })
  state.budgets.count(1_000_000, account, 1 + n, n, { offset: 56, grain: 1 })
}

function lookAt({ accounts, budgets }: LedgerState): string {
  return JSON.stringify(
    Array.from({ length: accounts.count }, (_, n) => [
      accounts.balance(n),
      toHex(accounts.get(n).opening),
      accounts.owner(n) && toHex(accounts.owner(n)!),
      accounts.terms(n),
      accounts.holdings(n).lots,
      budgets.givenTo(n),
    ]),
  )
}

/** The rows of a snapshot with a base, changes of accounts with and without more, and a growth; and its seal. */
function sample() {
  const { state, writer } = begun()
  const shelf = new Shelf()
  let seal: Uint8Array = new Uint8Array(0)
  for (let n = 0; n < 5; n++) {
    for (let i = 0; i < 140; i++) state.accounts.open(opening(i), new Uint8Array(32).fill(n))
    for (let i = 0; i < 9; i++) change(state, 70 * i, n)
    const made = state.seal(n, salt)
    state.applySeal(made)
    seal = encodeSeal(made)
    shelf.write(writer.cut(n + 1))
    while (writer.makeBase());
  }
  return { rows: shelf.inOrder(), seal }
}
