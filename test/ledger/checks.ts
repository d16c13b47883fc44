import { expect } from 'vitest'
import { AccountHistory } from '../../src/account/history.ts'
import { holdingsRoot, sharesOf } from '../../src/account/holdings.ts'
import { toHex } from '../../src/core/bytes.ts'
import { ACCOUNT_KINDS } from '../../src/core/entry/transaction.ts'
import { Replay } from '../../src/ledger/index.ts'
import { Ids, MemoryRows } from '../../src/lookup/index.ts'
import { Positions } from '../../src/lookup/postings/positions.ts'
import type { Driver } from './driver.ts'
import type { NaiveLedger } from './naive.ts'

/** Each unit sums to zero; nothing is below its floor; what is owed is what members have. */
export function checkInvariants({ ledger: { state } }: Driver, naive: NaiveLedger): void {
  const { accounts, registry } = state
  expect(accounts.count).toBe(naive.accounts.length)
  const sums = new Map<number, bigint>()
  const owed = new Map<number, number>()
  naive.accounts.forEach((account, n) => {
    const { entries, time, credited, debited, unit } = accounts.get(n)
    expect([entries, time, BigInt(credited), BigInt(debited), unit]).toEqual([
      account.entries,
      account.time,
      account.credited,
      account.debited,
      account.unit,
    ])
    sums.set(unit, (sums.get(unit) ?? 0n) + BigInt(credited) - BigInt(debited))
    const floor =
      account.kind === 'treasury' ? -registry.unit(unit)!.terms.cap : account.kind === 'member' ? -account.debt : 0
    expect(credited - debited).toBeGreaterThanOrEqual(floor)
    expect(account.debt).toBeLessThanOrEqual(registry.unit(unit)!.terms.debtMax)
    if (account.kind === 'member' || account.kind === 'merchant')
      owed.set(unit, (owed.get(unit) ?? 0) + Math.max(0, credited - debited))
    const { available, pending, held, overdue } = sharesOf(accounts.holdings(n), credited - debited, time)
    if (account.kind === 'member') expect(available + pending + held + overdue).toBe(credited - debited)
  })
  for (const sum of sums.values()) expect(sum).toBe(0n)
  for (const { unit, owed: total, ...moved } of state.totals()) {
    expect(total).toBe(owed.get(unit) ?? 0)
    expect(moved).toEqual({ ...(naive.totals.get(unit) ?? { issued: 0, redeemed: 0, expired: 0, reversed: 0 }) })
  }
  for (const { tx, reversed } of naive.ids.values())
    if (reversed > 0 && 'amount' in tx) expect(reversed).toBeLessThanOrEqual(tx.amount)
}

/** Every member account made from its own entries alone is what the ledger has. */
export function checkHistories({ ledger: { state } }: Driver, naive: NaiveLedger): void {
  naive.accounts.forEach((account, n) => {
    if (account.kind !== 'member') return
    const history = new AccountHistory(n, state.registry.unit(account.unit)!.terms)
    for (const entry of account.history.flat()) history.take(entry)
    const { member, entries, head } = history
    const now = state.accounts.get(n)
    expect({ ...member, holdings: toHex(holdingsRoot(member.holdings)), entries, head }).toEqual({
      status: now.status,
      owner: now.owner,
      time: now.time,
      credited: now.credited,
      debited: now.debited,
      holdings: toHex(now.more),
      entries: now.entries,
      head: now.head,
    })
  })
}

/** Runs of 32 entries, so that a short log has many. */
const RUN_BITS = 5

/**
 * The replay of the entries makes the same state: the seals in them are compared byte for byte. It keeps ids and postings
 * in runs; where things stand is the same as what the entries alone make.
 */
export async function checkReplay(driver: Driver): Promise<void> {
  const { entries } = driver
  const postings = new Positions({ runBits: RUN_BITS })
  const replay = new Replay({
    saltOf: () => new Uint8Array(32),
    entryAt: async index => entries[index]!,
    verifySignatures: false,
    postings,
    ids: new Ids({ runBits: RUN_BITS }),
  })
  await replay.feed(entries)
  expect(replay.isBetweenBatches).toBe(true)
  expect(replay.ledger.size).toBe(entries.length)
  const { accounts } = replay.ledger.state
  const isMember = (account: number) => accounts.kind(account) === ACCOUNT_KINDS.member
  const again = await Positions.open(
    {
      runBits: RUN_BITS,
      rows: new MemoryRows(),
      entries: async function* (from, to) {
        yield entries.slice(from, to)
      },
      isMember,
    },
    entries.length,
  )
  let opened = 0
  for (const [index] of entries.entries()) {
    const account = await postings.accountOpenedAt(index)
    expect(await again.accountOpenedAt(index)).toBe(account)
    if (account !== undefined) expect(account).toBe(opened++)
  }
  expect(opened).toBe(accounts.count)
  for (let account = 0; account < accounts.count; account++) {
    const indexes = await postings.entriesOf(account)
    expect(await again.entriesOf(account)).toEqual(indexes)
    expect(indexes.length).toBe(isMember(account) ? accounts.get(account).entries : 0)
  }
}
