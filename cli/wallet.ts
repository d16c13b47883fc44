import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { makeTransaction, type SigningKey, TallyClient } from '../src/client/index.ts'
import type { BatchAnswer } from '../src/core/answer.ts'
import { formatCard } from '../src/core/card.ts'
import { leafHash } from '../src/core/merkle.ts'
import { encodePromise } from '../src/core/promise.ts'
import { encodeTransaction, type Transaction } from '../src/core/transaction.ts'
import { ACCEPTED, OUTCOMES } from '../src/ledger/index.ts'
import { OutcomeError, UsageError } from './failure.ts'
import { writeBytes } from './files.ts'
import { type KeyFile, memberPaths, newKey, readKey, writeKey } from './keys.ts'
import { callingClient, keyFor, ownerKeyFor, publicClient, type Remote, remoteOptions, wholeNumber } from './options.ts'
import { note, print, printJson, table } from './screen.ts'

interface Moving extends Remote {
  readonly amount: number
  readonly promise?: string
  readonly json?: boolean
}

function command(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  const made = program
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
  for (const option of remoteOptions()) made.addOption(option)
  return made.addHelpText('after', `\nExamples:\n${examples.map(example => `  tally ${example}\n`).join('')}`)
}

export function walletCommands(program: Command): void {
  command(program, 'issue', 'issue points from a budget to a member', [
    'issue --to 3 --amount 100',
    'issue --to 3 --amount 5 --from 1 --promise 5.promise',
  ])
    .requiredOption('--to <account>', "the member's account", wholeNumber)
    .requiredOption('--amount <points>', 'how many', wholeNumber)
    .option('--from <account>', 'the budget; by default the first one', wholeNumber)
    .option('--promise <file>', "keep the ledger's signed promise")
    .option('--json', 'print JSON')
    .action((options: Moving & { to: number; from?: number }) => issue(options))

  command(program, 'redeem', "spend a member's points", ['redeem --from 3 --amount 30'])
    .requiredOption('--from <account>', "the member's account", wholeNumber)
    .requiredOption('--amount <points>', 'how many', wholeNumber)
    .option('--promise <file>', "keep the ledger's signed promise")
    .option('--json', 'print JSON')
    .action((options: Moving & { from: number }) => redeem(options))

  const account = program.command('account').summary('open an account, show one').description('Member accounts.')
  command(account, 'open', 'open a member account and write its key and card', [
    'account open',
    'account open --owner my.key.json --card my.card.json',
  ])
    .option('--owner <file>', 'an owner key made with `tally keygen`; by default a new one is written to --data')
    .option('--card <file>', 'where to write the card; by default below --data')
    .option('--json', 'print JSON')
    .action(openAccount)
  command(account, 'show <number>', 'show an account, now and as of the last checkpoint', ['account show 3'])
    .option('--json', 'print JSON')
    .action(showAccount)

  command(program, 'statement <account>', "fetch the proof of an account's whole balance", [
    'statement 3 --out 3.statement',
    'statement 3 --out 3.more.statement --since 14',
  ])
    .requiredOption('--out <file>', 'where to write it')
    .option('--since <entries>', 'only what came after so many entries', wholeNumber)
    .option('--signatures', 'show the authority of every line, not only of what was spent')
    .action(fetchStatement)

  command(program, 'receipt <index>', 'fetch the proof that an entry is in the log', ['receipt 27 --out 27.tlog-proof'])
    .requiredOption('--out <file>', 'where to write it')
    .option('--account <account>', 'call as the owner of this account', wholeNumber)
    .action(fetchReceipt)
}

/** Submits one transaction and waits for its checkpoint. @throws OutcomeError. */
async function submitOne(remote: Remote, key: SigningKey, transaction: Transaction) {
  const client = publicClient(remote)
  const entry = encodeTransaction(transaction)
  const answer = await client.submit([entry], [key], { wait: 'sealed' })
  const status = answer.statuses[0]!
  if (status !== ACCEPTED)
    throw new OutcomeError(
      OUTCOMES[status] ?? String(status),
      `the ledger refused the ${transaction.kind} (SPEC §8); the refusal is entry ${answer.index! + 1} of the log`,
    )
  return { answer, entry, logIndex: answer.index! + 1 }
}

async function keepPromise(file: string | undefined, answer: BatchAnswer, entry: Uint8Array): Promise<void> {
  if (file === undefined) return
  if (answer.promise === null) throw new UsageError('promise', 'The ledger gave no promise for this batch.')
  await writeBytes(file, encodePromise({ ...answer.promise, transactions: [entry] }))
}

async function issue(options: Moving & { to: number; from?: number }): Promise<void> {
  const key = await keyFor(options, 'issuer')
  const { to: credit, amount } = options
  const debit = options.from ?? (await firstBudget(options, key))
  const { answer, entry, logIndex } = await submitOne(options, key, makeTransaction('issue', { debit, credit, amount }))
  await keepPromise(options.promise, answer, entry)
  if (options.json) printJson({ outcome: 'accepted', index: logIndex, debit, credit, amount })
  else print(`Issued ${amount} to account ${credit}: entry ${logIndex}, sealed.\n`)
}

/** The first budget in the scope of an issuer's key. */
async function firstBudget(remote: Remote, { holder }: SigningKey): Promise<number> {
  const records = await publicClient(remote).registry()
  const transaction = 'record' in holder ? records[holder.record]?.transaction : undefined
  if (transaction?.kind !== 'register-key' || transaction.role !== 'issuer')
    throw new UsageError('not-an-issuer', "This key is no issuer's. Name one with --key.")
  return transaction.scope[0]!
}

async function redeem(options: Moving & { from: number }): Promise<void> {
  const { from: debit, amount } = options
  const key = await ownerKeyFor(options, debit)
  const caller = new TallyClient({ url: options.url, caller: key })
  const { unit } = await caller.account(debit)
  const credit = await treasuryOf(options, unit)
  const { answer, entry, logIndex } = await submitOne(
    options,
    key,
    makeTransaction('redeem', { debit, credit, amount }),
  )
  await keepPromise(options.promise, answer, entry)
  const { balance } = await caller.account(debit)
  if (options.json) printJson({ outcome: 'accepted', index: logIndex, debit, credit, amount, balance })
  else print(`Spent ${amount} of account ${debit}: entry ${logIndex}, sealed. Left: ${balance} ${unit}.\n`)
}

/** The account number of a unit's treasury. */
async function treasuryOf(remote: Remote, unit: string): Promise<number> {
  const { units } = await publicClient(remote).ledger()
  const treasury = units.find(({ name }) => name === unit)?.treasury
  if (treasury === undefined || treasury === null)
    throw new UsageError('no-treasury', `The unit ${unit} has no treasury.`)
  return treasury
}

async function openAccount(options: Remote & { owner?: string; card?: string; json?: boolean }): Promise<void> {
  const registrar = await keyFor(options, 'registrar')
  const client = publicClient(options)
  const { ledgerId, origin, units } = await client.ledger()
  const owner: KeyFile = options.owner === undefined ? newKey('owner') : await readKey(options.owner)
  const { answer, entry, logIndex } = await submitOne(
    options,
    registrar,
    makeTransaction('open-account', {
      accountKind: 'member',
      unit: units[0]!.record,
      owner: owner.publicKey,
      nonce: new Uint8Array(randomBytes(32)),
    }),
  )
  const account = answer.accounts[0]![1]
  const paths = memberPaths(options.data, account)
  if (options.owner === undefined) await writeKey(paths.key, { ...owner, account })
  const card = options.card ?? paths.card
  await writeBytes(card, formatCard({ origin, ledgerId, account, opening: leafHash(entry) }))
  if (options.json) printJson({ account, index: logIndex, key: options.owner ?? paths.key, card })
  else
    print(
      `Opened account ${account} (entry ${logIndex}, sealed).\n  key   ${options.owner ?? paths.key}\n  card  ${card}\nThe card is what the holder keeps: with it she knows a statement is hers.\n`,
    )
}

async function showAccount(number: string, options: Remote & { json?: boolean }): Promise<void> {
  const account = accountNumber(number)
  const shown = await (await callingClient(options, 'issuer', account)).account(account)
  if (options.json) return printJson(shown)
  const { kind, unit, balance, credited, debited, entries, sealed } = shown
  print(
    table([
      ['account', number],
      ['kind', kind],
      ['balance', `${balance} ${unit}`],
      ['credited', String(credited)],
      ['debited', String(debited)],
      ['entries', String(entries)],
      [
        'sealed',
        sealed === null
          ? 'not yet'
          : `${sealed.balance} ${unit} after ${sealed.entries} entries, log size ${sealed.size}`,
      ],
    ]),
  )
}

function accountNumber(text: string): number {
  try {
    return wholeNumber(text)
  } catch {
    throw new UsageError('account', `"${text}" is not an account number.`)
  }
}

async function fetchStatement(
  number: string,
  options: Remote & { out: string; since?: number; signatures?: boolean },
): Promise<void> {
  const account = accountNumber(number)
  const client = await callingClient(options, 'issuer', account)
  const statement = await client.statement(account, {
    ...(options.since === undefined ? {} : { since: options.since }),
    allSignatures: options.signatures === true,
  })
  await writeBytes(options.out, statement)
  print(
    `Wrote ${options.out}, ${statement.length} bytes. Nothing in it is verified yet: tally verify ${options.out} --policy POLICY --card CARD\n`,
  )
}

async function fetchReceipt(text: string, options: Remote & { out: string; account?: number }): Promise<void> {
  const index = accountNumber(text)
  const client =
    options.account === undefined
      ? await callingClient(options, 'issuer')
      : new TallyClient({ url: options.url, caller: await ownerKeyFor(options, options.account) })
  const receipt = await client.receipt(index)
  await writeBytes(options.out, receipt)
  note(`Wrote ${options.out}. Nothing in it is verified yet: tally verify ${options.out} --policy POLICY`)
}
