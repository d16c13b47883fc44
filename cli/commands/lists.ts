import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  consentOf,
  detailsBehind,
  listAccounts,
  listBudgets,
  listConsents,
  listEntries,
  listUnits,
  type Page,
  type TallyClient,
} from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { UsageError } from '../../src/node/failure.ts'
import { custodianOption, type Remote, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { print, printJson, table, when } from '../screen/screen.ts'
import { commandAt } from './act-commands.ts'

interface ListFlags extends Remote {
  readonly after?: number
  readonly limit?: number
  readonly json?: boolean
}

type ShownRow = Readonly<Record<string, unknown>>

/** What is there: accounts, budgets, keys, units, rules, rates, consents, details. */
export function listCommands(program: Command): void {
  listing(program, 'account list', 'list accounts, a page at a time', listAccounts, [
    'account list --after 99 --limit 100',
    'account list --key shop.key',
  ])
  listing(program, 'budget list', 'list budgets, what is left in them, and their terms', listBudgets, [
    'budget list --json',
    'budget list --key shop.key',
  ])
  commandAt(program, 'unit list', 'list units and their policies', ['unit list'])
    .option('--json', 'print JSON')
    .action(async (options: ListFlags) => show(options, await listUnits(await calling(options))))
  commandAt(program, 'key list', 'list the records of the registry that are keys', ['key list'])
    .option('--json', 'print JSON')
    .action(listKeys)
  commandAt(program, 'rule list', 'list the published rules, by the records that issue --rule names', ['rule list'])
    .option('--json', 'print JSON')
    .action(listRules)
  commandAt(program, 'rate list', 'list the published rates, by the records that convert --rate names', ['rate list'])
    .option('--json', 'print JSON')
    .action(listRates)
  commandAt(program, 'account entries <account>', 'list the entries of a member or a merchant, a page at a time', [
    'account entries 3 --after 100',
    'account entries 9 --key shop.key',
  ])
    .addOption(custodianOption())
    .option('--after <entries>', 'begin after this many entries', wholeNumber, 0)
    .option('--limit <entries>', 'at most this many', wholeNumber, 100)
    .option('--json', 'print JSON')
    .action(async (account: string, options: ListFlags) => {
      const number = wholeNumber(account)
      const rows = await listEntries(await calling(options, number), number, options)
      show(options, options.json ? rows : rows.map(({ entry: _, time, ...row }) => ({ ...row, time: when(time) })))
    })
  commandAt(program, 'consent list <account>', 'list every consent that an account gave, and whether it stands', [
    'consent list 3',
  ])
    .addOption(custodianOption())
    .option('--json', 'print JSON')
    .action(async (account: string, options: ListFlags) => {
      const number = wholeNumber(account)
      show(options, await listConsents(await calling(options, number), number))
    })
  commandAt(
    program,
    'consent check <account> <consent>',
    'check whether a consent stands; prints it with its receipts',
    ['consent check 3 01a3185c7ee073b591e28b2e72ebf045'],
  ).action(async (account: string, consent: string, options: ListFlags) => {
    const number = wholeNumber(account)
    const found = await consentOf(await calling(options, number), number, consent)
    printJson(found)
    if (!found.isStanding) process.exitCode = 1
  })
  detailsCommands(program)
}

function listing(
  program: Command,
  path: string,
  summary: string,
  list: (client: TallyClient, page: Page) => Promise<readonly object[]>,
  examples: readonly string[],
): void {
  commandAt(program, path, summary, examples)
    .addOption(custodianOption())
    .option('--after <account>', 'begin after this account', wholeNumber)
    .option('--limit <accounts>', 'at most this many', wholeNumber, 100)
    .option('--json', 'print JSON')
    .action(async (options: ListFlags) => show(options, await list(await calling(options), options)))
}

async function calling(options: Remote, account?: number): Promise<TallyClient> {
  return (await Session.open(options)).calling('registrar', account)
}

function show({ json }: ListFlags, listed: readonly object[]): void {
  const rows = listed as readonly ShownRow[]
  if (json) printJson(rows)
  else if (rows.length === 0) print('None.\n')
  else {
    const names = Object.keys(rows[0]!)
    print(table([names, ...rows.map(row => names.map(name => cell(row[name])))]))
  }
}

/** A value in a table: lists between commas, of an object what is not 0 and no empty list, `-` for nothing. */
function cell(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value
  if (Array.isArray(value) && value.every(one => typeof one === 'number')) return value.join(',') || '-'
  if (typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value)
  const said = Object.entries(value ?? {}).filter(([, one]) => one !== 0 && `${one}` !== '')
  return said.map(([name, one]) => `${name} ${cell(one)}`).join(', ') || '-'
}

async function listKeys(options: ListFlags): Promise<void> {
  const records = await (await Session.open(options)).client.registry()
  const rows = records.flatMap(({ number, transaction, from, until }) => {
    if (transaction.kind === 'genesis')
      return [{ record: number, role: 'root', scope: '', key: toHex(transaction.roots[number]!), from, until }]
    if (transaction.kind !== 'register-key') return []
    const { role, scope, key } = transaction
    return [{ record: number, role, scope: scope.join(','), key: toHex(key), from, until }]
  })
  show(options, rows)
}

async function listRules(options: ListFlags): Promise<void> {
  const records = await (await Session.open(options)).client.registry()
  const rows = records.flatMap(({ number, transaction, from, until }) => {
    if (transaction.kind !== 'publish-rule') return []
    return [{ record: number, name: transaction.name, digest: toHex(transaction.digest), from, until }]
  })
  show(options, rows)
}

async function listRates(options: ListFlags): Promise<void> {
  const records = await (await Session.open(options)).client.registry()
  const rows = records.flatMap(({ number, transaction, from, until }) => {
    if (transaction.kind !== 'publish-rate') return []
    const { name, unit, budget, give, get, life } = transaction
    return [{ record: number, name, unit, budget, give, get, life, from, until }]
  })
  show(options, rows)
}

function detailsCommands(program: Command): void {
  commandAt(program, 'details put', 'keep details off the log; prints their commitment for a transaction', [
    'details put --account 3 --file order.txt',
  ])
    .requiredOption('--account <account>', 'whose they are', wholeNumber)
    .requiredOption('--file <file>', 'the text')
    .action(async (options: Remote & { account: number; file: string }) => {
      const text = await readFile(options.file, 'utf8').catch((error: Error) => {
        throw new UsageError('file', `${options.file} cannot be read: ${error.message}`)
      })
      const client = await (await Session.open(options)).calling('registrar')
      printJson(await client.keepDetails(options.account, text))
    })
  commandAt(program, 'details show <commitment>', 'show the details of a commitment', ['details show 960cafea…37'])
    .option('--account <account>', 'call as the owner of this account', wholeNumber)
    .option('--consent <hex>', 'the consent under which they are shown to you; that becomes an entry')
    .action(async (commitment: string, options: Remote & { account?: number; consent?: string }) => {
      const { account, consent } = options
      printJson(await detailsBehind(await calling(options, account), commitment, { account, consent }))
    })
  commandAt(
    program,
    'details erase <commitment>',
    'erase salt and text of a commitment, and write down that they were erased',
    ['details erase 960cafea…37'],
  )
    .option('--account <account>', 'call as the owner of this account', wholeNumber)
    .action(async (commitment: string, options: Remote & { account?: number }) => {
      const client = await (await Session.open(options)).calling('registrar', options.account)
      print(`Erased; entry ${await client.eraseDetails(commitment)} says so.\n`)
    })
}
