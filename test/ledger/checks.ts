import { expect } from 'vitest'
import { BookHistory } from '../../src/account/book.ts'
import { AccountHistory } from '../../src/account/history.ts'
import { sharesOf } from '../../src/account/holdings.ts'
import { holdingsRoot } from '../../src/account/holdings-root.ts'
import { toHex } from '../../src/core/bytes.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../src/core/entry/entry-type.ts'
import { TransactionView } from '../../src/core/entry/transaction.ts'
import { listingOf, Replay } from '../../src/ledger/index.ts'
import { accountsNamed, Ids, MemoryRows } from '../../src/lookup/index.ts'
import { Positions } from '../../src/lookup/postings/positions.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { type Driver, SALT } from './driver.ts'
import { type NaiveLedger, sharesIn } from './naive/index.ts'

/**
 * Each unit sums to zero; nothing is below its floor; the shares of a balance are the balance; sums are the naive ones.
 */
export function checkInvariants({ ledger: { state } }: Driver, naive: NaiveLedger): void {
  const { accounts, registry } = state
  expect(accounts.count).toBe(naive.accounts.length)
  const sums = new Map<number, bigint>()
  naive.accounts.forEach((account, n) => {
    const { kind, unit, debt, balance } = account
    const { entries, time } = accounts.get(n)
    expect([entries, time, accounts.balance(n), accounts.get(n).unit]).toEqual([
      account.entries,
      account.time,
      Number(balance),
      unit,
    ])
    sums.set(unit, (sums.get(unit) ?? 0n) + balance)
    const { cap, debtMax } = registry.unit(unit)!.terms
    const floor = kind === 'treasury' ? -cap : kind === 'member' ? -debtMax : 0
    expect(Number(balance)).toBeGreaterThanOrEqual(floor)
    expect(debt).toBeLessThanOrEqual(debtMax)
    if (kind !== 'member') return
    const shares = sharesOf(accounts.holdings(n), accounts.balance(n), time)
    expect(shares).toEqual(sharesIn(account, time))
    expect(shares.available + shares.pending + shares.held + shares.overdue).toBe(Number(balance))
  })
  for (const sum of sums.values()) expect(sum).toBe(0n)
  for (const { tx, reversed } of naive.ids.values())
    if (reversed > 0 && 'amount' in tx) expect(reversed).toBeLessThanOrEqual(tx.amount)
}

/** The seal of the state as it is has the counts and roots that the naive ledger finds. */
export function checkSeal(driver: Driver, naive: NaiveLedger, time: number): void {
  const { accounts, stateRoot, records, registryRoot, totalsRoot } = driver.seal(time)
  const { totalsRoot: totals, ...roots } = naive.seal()
  expect({
    accounts,
    stateRoot: toHex(stateRoot),
    records,
    registryRoot: toHex(registryRoot),
    totalsRoot: toHex(totalsRoot),
  }).toEqual({ ...roots, totalsRoot: totals(SALT) })
}

/** Every account of a member, a merchant or a budget made from its own entries alone is what the ledger has. */
export function checkHistories({ ledger: { state } }: Driver, naive: NaiveLedger): void {
  naive.accounts.forEach((account, n) => {
    if (account.kind !== 'member' && account.kind !== 'merchant' && account.kind !== 'budget') return
    const { terms } = state.registry.unit(account.unit)!
    const book = account.kind === 'member' ? undefined : new BookHistory(n, account.kind, terms)
    const history = book ?? new AccountHistory(n, terms)
    for (const { time, entries } of account.history) {
      for (const entry of entries) history.take(entry, time)
      book?.endLink()
    }
    const { member, entries, head } = history
    if (book !== undefined) expect(book.sums.reduce((sum, { change }) => sum + change, 0n)).toBe(BigInt(member.balance))
    const now = state.accounts.get(n)
    expect({ ...member, holdings: toHex(holdingsRoot(member.holdings)), entries, head }).toEqual({
      status: now.status,
      owner: now.owner,
      custodian: account.custodian,
      recovery: account.recovery,
      time: now.time,
      balance: Number(account.balance),
      holdings: toHex(now.more),
      entries: now.entries,
      head: now.head,
    })
  })
}

/** Runs of 32 entries, so that a short log has many. */
const RUN_BITS = 5

/**
 * The replay of the entries makes the same state: the seals in them are compared byte for byte. It keeps ids and
 * postings in runs; where things stand is the same as what the entries alone make.
 */
export async function checkReplay(driver: Driver): Promise<void> {
  const { entries } = driver
  const postings = new Positions({ runBits: RUN_BITS })
  const replay = new Replay({
    saltOf: () => SALT,
    entryAt: async index => entries[index]!,
    rootAt: async size => naiveRoot(entries.slice(0, size)),
    verifySignatures: false,
    postings,
    ids: new Ids({ runBits: RUN_BITS }),
  })
  await replay.feed(entries)
  expect(replay.isBetweenBatches).toBe(true)
  expect(replay.ledger.size).toBe(entries.length)
  const { accounts } = replay.ledger.state
  const again = await Positions.open(
    {
      runBits: RUN_BITS,
      rows: new MemoryRows(),
      entries: async function* (from, to) {
        yield entries.slice(from, to)
      },
      listing: account => listingOf(accounts.kind(account)),
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
    const { kind, entries: count } = accounts.get(account)
    const listing = listingOf(kind)
    if (listing === 'all') expect(indexes.length).toBe(count)
    else if (listing === 'none') expect(indexes).toEqual([])
    else expect(indexes.length).toBe(batchesNaming(entries, account, indexes[0]!))
  }
}

/** How many batches have an accepted entry that names a budget, which the entry at a log index opened. */
function batchesNaming(entries: readonly Uint8Array[], budget: number, opening: number): number {
  const view = new TransactionView()
  const batches = new Set<number>()
  let [batch, statuses]: [number, Uint8Array] = [-1, new Uint8Array(0)]
  entries.forEach((entry, index) => {
    if (entry[0] === ENTRY_BATCH) [batch, statuses] = [index, decodeBatch(entry).statuses]
    if (entry[0] !== ENTRY_TRANSACTION || statuses[index - batch - 1] !== 0) return
    view.read(entry)
    if (index === opening || (index > opening && accountsNamed(view).includes(budget))) batches.add(batch)
  })
  return batches.size
}
