import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Figures } from '../../src/audit/figures.ts'
import { booksOf } from '../../src/audit/report/books.ts'
import type { Table } from '../../src/audit/report/table.ts'
import { fromBase64 } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../src/core/entry/entry-type.ts'
import { idTimeMs } from '../../src/core/entry/id.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import { type LedgerState, Replay } from '../../src/ledger/index.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { readTruths } from '../truths/make.ts'

beforeAll(async () => useEngine(await loadEngine('native')))
afterAll(() => useEngine(portableEngine))

/** One log of so many is looked at; with `EACH=1` all are. */
const EACH = Number(process.env['EACH'] ?? 3)
const truths = [...(await readTruths())].filter((_, i) => i % EACH === 0)

const monthOf = (ms: number) => new Date(ms).toISOString().slice(0, 7)

/** A transaction as the entries say it, with the month of its batch. */
interface Told {
  readonly index: number
  readonly tx: Transaction
  readonly month: string
  readonly status: number
}

/** What the entries of a log say, read one by one: nothing of the replay is asked. */
function toldBy(entries: readonly Uint8Array[]): Told[] {
  const told: Told[] = []
  let batch: { readonly time: number; readonly statuses: Uint8Array } | undefined
  let at = 0
  entries.forEach((entry, index) => {
    if (entry[0] === ENTRY_BATCH) [batch, at] = [decodeBatch(entry), 0]
    if (entry[0] !== ENTRY_TRANSACTION) return
    const status = batch!.statuses[at++]!
    told.push({ index, tx: decodeTransaction(entry), month: monthOf(batch!.time), status })
  })
  return told
}

/** Unit and kind of each account, in the order in which they were opened. */
const openedIn = (told: readonly Told[]) =>
  told.flatMap(({ tx, status }) => (status === 0 && tx.kind === 'open-account' ? [tx] : []))

const add = (sums: Map<string, bigint>, key: string, amount: number) =>
  sums.set(key, (sums.get(key) ?? 0n) + BigInt(amount))

/** The sum of a column, by the values of others. */
function sumsOf({ columns, rows }: Table, column: string, ...by: readonly string[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const row of rows) {
    const key = by.map(name => row[columns.indexOf(name)]).join(' ')
    const sum = (sums.get(key) ?? 0n) + BigInt(row[columns.indexOf(column)]!)
    sums.set(key, sum)
  }
  return without0(sums)
}

const without0 = (sums: Map<string, bigint>) => new Map([...sums].filter(([, sum]) => sum !== 0n).sort())

async function replayed(entries: readonly Uint8Array[], salts: readonly string[], parts: number) {
  let figures = new Figures()
  let at = -1
  const replay = new Replay({
    saltOf: epoch => fromBase64(salts[epoch]!),
    entryAt: async index => entries[index]!,
    rootAt: async size => naiveRoot(entries.slice(0, size)),
    verifySignatures: false,
    onBatch(index) {
      at = index
    },
    onApplied(batch, statuses) {
      figures.add(replay.ledger.state, at, batch, statuses)
    },
  })
  const { state } = replay.ledger
  figures.monthly.watch(state)
  const size = Math.ceil(entries.length / parts)
  for (let from = 0; from < entries.length; from += size) {
    await replay.feed(entries.slice(from, from + size))
    // What is written down, and read again, goes on as if it had never been.
    const kept = JSON.parse(JSON.stringify(figures.kept()))
    figures = new Figures()
    figures.restore(kept, state)
    state.accounts.onHoldings = undefined
    figures.monthly.watch(state)
  }
  return { state, figures }
}

describe('the tables of honest logs of every kind are what a naive sum makes of the entries', () => {
  test.each(truths)('%s', async (_, truth) => {
    const entries = truth.shown.entries.map(fromBase64)
    const { state, figures } = await replayed(entries, truth.shown.salts, 1)
    const tables = new Map(booksOf(state, figures).map(table => [table.name, table]))
    const table = (name: string) => tables.get(name)!
    const told = toldBy(entries)
    const accepted = told.filter(({ status }) => status === 0)
    const opened = openedIn(told)
    const unitOf = (account: number) => state.registry.unit(opened[account]!.unit)!.terms.name

    const outcomes = new Map<string, bigint>()
    for (const { month, status } of told) add(outcomes, `${month} ${OUTCOMES[status]}`, 1)
    expect(sumsOf(table('outcomes'), 'transactions', 'month', 'outcome')).toEqual(without0(outcomes))

    const [issued, noRule, given, expired] = [0, 1, 2, 3].map(() => new Map<string, bigint>())
    const backdated = new Map<string, bigint>()
    for (const { tx, month } of accepted) {
      if ('debit' in tx && monthOf(idTimeMs(tx.id)) < month)
        add(backdated, `${unitOf(tx.debit)} ${monthOf(idTimeMs(tx.id))} ${month}`, tx.amount)
      if (tx.kind === 'issue') add(issued!, `${unitOf(tx.debit)} ${month} ${tx.debit}`, tx.amount)
      if (tx.kind === 'issue' && tx.rule === 0) add(noRule!, `${unitOf(tx.debit)} ${month}`, tx.amount)
      if (tx.kind === 'convert') add(issued!, `${unitOf(tx.budget)} ${month} ${tx.budget}`, tx.gained)
      if (tx.kind === 'issue' || tx.kind === 'opening-balance' || tx.kind === 'reinstate')
        add(given!, unitOf(tx.credit), tx.amount)
      if (tx.kind === 'convert') add(given!, unitOf(tx.account), tx.gained)
      if (tx.kind === 'expire') add(expired!, unitOf(tx.debit), tx.amount)
    }
    expect(sumsOf(table('budgets'), 'points', 'unit', 'month', 'budget')).toEqual(without0(issued!))
    expect(sumsOf(table('no-rule'), 'points', 'unit', 'month')).toEqual(without0(noRule!))
    expect(sumsOf(table('breakage'), 'given', 'unit')).toEqual(without0(given!))
    expect(sumsOf(table('breakage'), 'expired', 'unit')).toEqual(without0(expired!))
    expect(sumsOf(table('backdated'), 'points', 'unit', 'made', 'month')).toEqual(without0(backdated))

    // The ledger's own totals, which the seals commit to, say the same; and so do the tables of each other.
    expect(sumsOf(table('movements'), 'issued', 'unit')).toEqual(sumsOf(table('rules'), 'points', 'unit'))
    expect(sumsOf(table('movements'), 'expired', 'unit')).toEqual(sumsOf(table('breakage'), 'expired', 'unit'))
    const liability = sumsOf({ ...table('liability'), rows: withoutDebts(table('liability')) }, 'points', 'unit')
    expect(sumsOf(table('breakage'), 'held', 'unit')).toEqual(liability)
    expect(sumsOf(table('ages'), 'points', 'unit')).toEqual(liability)
    expect(merchantsOf(table('shops'))).toEqual(sumsOf(table('merchants'), 'owed', 'unit', 'account'))
  })

  test.each(truths.slice(0, 6))('in parts, with what was counted written down between: %s', async (_, truth) => {
    const entries = truth.shown.entries.map(fromBase64)
    const [whole, parts] = await Promise.all([1, 4].map(parts => replayed(entries, truth.shown.salts, parts)))
    const books = ({ state, figures }: { state: LedgerState; figures: Figures }) => booksOf(state, figures)
    expect(books(parts!)).toEqual(books(whole!))
  })
})

const withoutDebts = ({ columns, rows }: Table) => rows.filter(row => row[columns.indexOf('state')] !== 'debt')

/** What merchants are owed, by what moved. */
function merchantsOf(shops: Table): Map<string, bigint> {
  const owed = new Map<string, bigint>()
  for (const [unit, account, , redeemed, ...taken] of shops.rows) {
    const sum = taken.reduce((rest: bigint, one) => rest - BigInt(one), BigInt(redeemed!))
    owed.set(`${unit} ${account}`, (owed.get(`${unit} ${account}`) ?? 0n) + sum)
  }
  return without0(owed)
}
