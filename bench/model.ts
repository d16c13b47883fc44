import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * What a programme of many members needs, reckoned from bench/results.json: `node bench/model.ts` prints the table that
 * stands in docs/scale.md, and a test holds the page to it. Assumptions are numbers of this file, with names.
 */

const MEMBERS = 500_000_000
/** One movement a member and day: a sign-in, a view, a part of a purchase. */
const MOVEMENTS_A_YEAR = 365
/** The busiest second of the year, against the average one. */
const PEAK = 20
/** A shard is not loaded above this part of what was measured: the rest is for reads, merges and starts. */
const LOAD = 0.25
/** Members who look at a statement on a day, and the same for the busiest second. */
const LOOK_SHARE = 0.02
/** Opening and state of an account on the disk (bench/README.md, 20,000,000 accounts). */
const ACCOUNT_DISK_BYTES = 281
/** A start with 20,000,000 accounts takes 22.8 s (bench/README.md). */
const START_S_AN_ACCOUNT = 22.8 / 20_000_000
/** Copies of the data: a stream of three brokers, and two nodes that apply it. */
const NODES_A_SHARD = 2
const COPIES = 3 + NODES_A_SHARD
/** Room of a machine: memory for accounts (half of 32 GB), and its disk. */
const MEMORY_BYTES = 16e9
/** Prices of a year, round figures of rented machines in 2026: 4 cores with 32 GB; a terabyte of fast disk; of slow. */
const MACHINE_A_YEAR = 1_500
const FAST_TB_A_YEAR = 1_000
const SLOW_TB_A_YEAR = 250
/** Years that stay on fast disk; what is older lies in an object store, as entry bundles that nobody rewrites. */
const FAST_YEARS = 1
const YEARS = 5

interface Results {
  readonly ingest: { readonly httpBatchTxPerSecond: number }
  readonly audit: { readonly txPerSecond: number }
  readonly statement: { readonly bytes: number }
  readonly disk: { readonly bytesPerTx: number }
  readonly memory: { readonly bytesPerAccount: number }
}

/** The model as rows of a table: what, figure, how it is reckoned. Pure; costs nothing. */
export function modelRows(results: Results): readonly (readonly [what: string, figure: string, how: string])[] {
  const year = MEMBERS * MOVEMENTS_A_YEAR
  const average = year / (365 * 86_400)
  const peak = average * PEAK
  const memory = MEMBERS * results.memory.bytesPerAccount
  const byRate = Math.ceil(peak / (results.ingest.httpBatchTxPerSecond * LOAD))
  const byMemory = Math.ceil(memory / MEMORY_BYTES)
  // A power of two, so that each shard can be cut in half later without moving any other.
  const shards = 2 ** Math.ceil(Math.log2(Math.max(byRate, byMemory)))
  const accounts = MEMBERS / shards
  const disk = year * results.disk.bytesPerTx
  const openings = MEMBERS * ACCOUNT_DISK_BYTES
  const fast = disk * FAST_YEARS + openings
  const machines = shards * NODES_A_SHARD + 3 * Math.ceil(shards / 4)
  const audit = year / results.audit.txPerSecond / 3600
  const money =
    machines * MACHINE_A_YEAR +
    (COPIES * fast * FAST_TB_A_YEAR + 2 * disk * (YEARS - FAST_YEARS) * SLOW_TB_A_YEAR) / 1e12
  const looks = (MEMBERS * LOOK_SHARE * PEAK) / 86_400
  return [
    ['movements a year', count(year), `${count(MEMBERS)} members, ${MOVEMENTS_A_YEAR} each`],
    ['movements a second', `${count(average)}, at most ${count(peak)}`, `the busiest second is ${PEAK} average ones`],
    ['memory for accounts', bytes(memory), `${results.memory.bytesPerAccount.toFixed(0)} bytes an account, measured`],
    ['shards', `${shards}`, `${byMemory} by memory, ${byRate} by rate at ${LOAD * 100} % of what was measured`],
    ['accounts a shard', count(accounts), ''],
    ['movements a second and shard', count(peak / shards), 'in the busiest second, if members are spread evenly'],
    ['start of a node', `${(accounts * START_S_AN_ACCOUNT).toFixed(0)} s`, 'from 22.8 s with 20,000,000 accounts'],
    ['log a year', bytes(disk), `${results.disk.bytesPerTx.toFixed(0)} bytes a movement, after compaction`],
    ['openings and states', bytes(openings), `${ACCOUNT_DISK_BYTES} bytes an account, once`],
    ['machines', `${machines}`, `${NODES_A_SHARD} nodes a shard, three brokers for four shards`],
    ['statements a second', count(looks), `${LOOK_SHARE * 100} % of the members look on a day`],
    [
      'bytes a second for these',
      bytes(looks * results.statement.bytes),
      `${count(results.statement.bytes)} bytes each`,
    ],
    [
      'audit of a year',
      `${audit.toFixed(0)} h of one machine`,
      `${(audit / shards).toFixed(1)} h where each shard has one`,
    ],
    [
      'a year, in dollars',
      count(money),
      `machines, ${COPIES} copies of ${FAST_YEARS} year, 2 of ${YEARS - FAST_YEARS} older`,
    ],
    ['a member and year', `${((100 * money) / MEMBERS).toFixed(3)} cents`, ''],
  ]
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function bytes(value: number): string {
  return value >= 1e12
    ? `${(value / 1e12).toFixed(1)} TB`
    : value >= 1e9
      ? `${(value / 1e9).toFixed(0)} GB`
      : `${(value / 1e6).toFixed(0)} MB`
}

/** The rows as Markdown. */
export function modelTable(): string {
  const results: Results = JSON.parse(readFileSync(join(import.meta.dirname, 'results.json'), 'utf8'))
  const rows = modelRows(results).map(row => `| ${row.join(' | ')} |`.replaceAll('|  |', '| |'))
  return ['| what | figure | from |', '| --- | --- | --- |', ...rows].join('\n')
}

if (process.argv[1] === import.meta.filename) console.log(modelTable())
