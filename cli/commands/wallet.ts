import type { Command } from 'commander'
import {
  beginningOf,
  makeTransaction,
  type ProvenAnswer,
  type SigningKey,
  type StatementQuery,
  type TallyClient,
  tilesOf,
} from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { formatAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { acceptedPath } from '../../src/files/accepted-checkpoint.ts'
import { readKept } from '../../src/files/wallet-folder.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../../src/node/file-system.ts'
import { encodePromise } from '../../src/verify/promise.ts'
import { parseReceipt } from '../../src/verify/receipt.ts'
import { dueQuarters, TAIL, tailOf } from '../acts/act.ts'
import { fetchPages } from '../input/fetch-pages.ts'
import { custodianOption, type DueTime, due, type Remote, remoteOptions, wholeNumber } from '../input/options.ts'
import { type SendOptions, send, sends } from '../input/sending.ts'
import { Session } from '../input/session.ts'
import { note, print, printJson, table, when } from '../screen/screen.ts'
import { commandAt, optionsOf } from './act-commands.ts'

interface MoveFlags extends Remote, SendOptions {
  readonly amount: number
  readonly promise?: string
  readonly details?: string
  readonly cites?: string
}

interface Issuing extends MoveFlags {
  readonly to: number
  readonly from?: number
  readonly matures?: DueTime
  readonly expires?: DueTime
  readonly rule?: number
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
  const issuing = command(program, 'issue', 'issue points from a budget to a member', [
    'issue --to 3 --amount 100',
    'issue --to 3 --amount 5 --from 1 --promise 5.promise',
    'issue --to 3 --amount 50 --matures 14d --expires 90d',
    'issue --to 3 --amount 12 --cites 01a3185c7ee073b591e28b2e72ebf045',
  ])
  optionsOf(sends(issuing), TAIL)
    .requiredOption('--to <account>', "the member's account", wholeNumber)
    .requiredOption('--amount <points>', 'how many', wholeNumber)
    .option('--from <account>', 'the budget; by default the first one', wholeNumber)
    .option('--promise <file>', "keep the ledger's signed promise")
    .option('--matures <time>', 'not to be spent before, such as 14d, up to the next full hour, or a date', due)
    .option('--expires <time>', 'not to be spent from then on, such as 90d, up to the next full hour, or a date', due)
    .option('--rule <record>', 'record of the published rule, as `tally rule list` shows it', wholeNumber)
    .action(issue)

  const redeeming = command(program, 'redeem', "spend a member's points", ['redeem --from 3 --to 0 --amount 30'])
  optionsOf(sends(redeeming), TAIL)
    .requiredOption('--from <account>', "the member's account", wholeNumber)
    .requiredOption(
      '--to <account>',
      'the treasury or merchant account that is paid, as the shop names it',
      wholeNumber,
    )
    .requiredOption('--amount <points>', 'how many', wholeNumber)
    .addOption(custodianOption())
    .option('--promise <file>', "keep the ledger's signed promise")
    .action((options: MoveFlags & { from: number; to: number }) => redeem(options))

  commandAt(program, 'account show <number>', 'show an account, now and as of the last checkpoint', [
    'account show 3',
    'account show 3 --size 5120',
  ])
    .addOption(custodianOption())
    .option('--size <entries>', 'as of the checkpoint of this many entries', wholeNumber)
    .option('--json', 'print JSON')
    .action(showAccount)

  command(program, 'statement <account>', "fetch the proof of an account's whole balance", [
    'statement 3 --out 3.statement',
    'statement 3 --out 3.more.statement --since 14',
    'statement 3 --out 3.statement --state wallet',
    'statement 4 --out shop.statement --key keys/merchant.key',
  ])
    .requiredOption('--out <file>', 'where to write it')
    .option('--since <entries>', 'leave out the first this many entries', wholeNumber)
    .option(
      '--state <dir>',
      'the folder of `tally verify --state`: fetch only entries after those in it, and <file>.growth, the proof that ' +
        'the log grew from the checkpoint accepted before',
    )
    .option('--signatures', 'show the signers of every line, also of lines that only add points')
    .option(
      '--lines <entries>',
      'at most this many entries a page: longer statements come in pages, all in one file; an interrupted call ' +
        'continues',
      wholeNumber,
    )
    .addOption(custodianOption())
    .action(fetchStatement)

  command(program, 'receipt <index>', 'fetch the proof that an entry is in the log, and of what became of it', [
    'receipt 27 --out 27.tlog-proof',
  ])
    .requiredOption('--out <file>', 'where to write it')
    .option(
      '--state <dir>',
      'the folder of `tally verify --state`: then the proof that the log grew is fetched as well',
    )
    .option('--account <account>', 'call as the owner of this account', wholeNumber)
    .action(fetchReceipt)
}

async function keepPromise(file: string | undefined, { kept }: ProvenAnswer): Promise<void> {
  if (file === undefined) return
  if (kept === null) note('There is no new promise: the ledger took it before.')
  else await writeBytes(file, encodePromise(kept))
}

async function issue(options: Issuing): Promise<void> {
  const session = await Session.open(options)
  const key = await session.key('issuer')
  const { to: credit, amount } = options
  const debit = options.from ?? (await firstBudget(session, key))
  const sent = await send(session, [key], options, (id, nowMs) => [
    makeTransaction('issue', {
      debit,
      credit,
      amount,
      id,
      matures: dueQuarters(nowMs, options.matures),
      expires: dueQuarters(nowMs, options.expires),
      rule: options.rule ?? 0,
      ...tailOf({ details: options.details, cites: options.cites }),
    }),
  ])
  if (sent === undefined) return
  const { answer, logIndex, isRepeated } = sent
  await keepPromise(options.promise, answer)
  const id = toHex(sent.transactions[0]!.id)
  if (options.json)
    printJson({ outcome: 'accepted', id, index: logIndex, debit, credit, amount, ...repeatedShown(isRepeated) })
  else
    print(
      `Issued ${amount} to account ${credit}${isRepeated ? ' before' : ''}: entry ${logIndex}, sealed.\n  id  ${id}\n`,
    )
}

function repeatedShown(isRepeated: boolean): { repeated?: true } {
  return isRepeated ? { repeated: true } : {}
}

/** The first budget in the scope of an issuer's key, by the registry. */
async function firstBudget(session: Session, { holder }: SigningKey): Promise<number> {
  const records = await session.registry()
  const transaction = 'record' in holder ? records[holder.record]?.transaction : undefined
  if (transaction?.kind !== 'register-key' || transaction.role !== 'issuer')
    throw new UsageError('not-an-issuer', "This key is no issuer's. Name one with --key.")
  return transaction.scope[0]!
}

async function redeem(options: MoveFlags & { from: number; to: number }): Promise<void> {
  const { from: debit, to: credit, amount } = options
  const session = await Session.open(options)
  const key = await session.ownerKey(debit)
  const tail = tailOf({ details: options.details, cites: options.cites })
  const sent = await send(session, [key], options, id => [
    makeTransaction('redeem', { id, debit, credit, amount, ...tail }),
  ])
  if (sent === undefined) return
  const { answer, logIndex, isRepeated } = sent
  await keepPromise(options.promise, answer)
  const { balance, unit } = await session.client.as(key).account(debit)
  const id = toHex(sent.transactions[0]!.id)
  if (options.json)
    printJson({
      outcome: 'accepted',
      id,
      index: logIndex,
      debit,
      credit,
      amount,
      balance,
      ...repeatedShown(isRepeated),
    })
  else
    print(
      `Spent ${amount} of account ${debit}${isRepeated ? ' before' : ''}: entry ${logIndex}, sealed. Left, as the ledger says: ${balance} ` +
        `${unit}.\n  id  ${id}\n`,
    )
}

async function showAccount(number: string, options: Remote & { json?: boolean; size?: number }): Promise<void> {
  const account = accountNumber(number)
  const client = await (await Session.open(options)).calling('registrar', account)
  const shown = await client.account(account, options.size)
  if (options.json) return printJson(shown)
  const { kind, unit, status, balance, entries, sealed, expiringNext: next } = shown
  print(
    table([
      ['account', number],
      ['kind', `${kind}, ${status}`],
      ['balance', `${balance} ${unit}`],
      ['available', String(shown.available)],
      ['pending', String(shown.pending)],
      ['held', String(shown.held)],
      ...shown.holds.map(({ id, amount, credit, until }) => [
        'hold',
        `${amount} for account ${credit} until ${when(until)}, id ${id}`,
      ]),
      ['expiring next', next === null ? 'nothing' : `${next.amount} at ${when(next.at)}`],
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

interface Fetching extends Remote {
  readonly out: string
  readonly state?: string
}

async function fetchStatement(
  number: string,
  options: Fetching & { since?: number; signatures?: boolean; lines?: number },
): Promise<void> {
  const account = accountNumber(number)
  const session = await Session.open(options)
  const client = await session.calling('registrar', account)
  const since = options.since ?? (await keptEntries(options, session, account))
  const ask = (query: StatementQuery) => client.statement(account, query)
  const asked = { since, lines: options.lines, allSignatures: options.signatures === true }
  const { origins } = await session.client.identity()
  const { pages, bytes } = await fetchPages(ask, asked, { account, out: options.out }, async checkpoint => {
    // What the log signed is kept, also where it does not serve what it grew from.
    const growth = await fetchGrowth(options, client, checkpoint, origins)
    if (growth !== undefined) await writeBytes(`${options.out}.growth`, growth)
  })
  print(
    `Wrote ${options.out}, ${bytes} bytes${pages === 1 ? '' : ` in ${pages} pages`}. Nothing in it is verified yet: ` +
      `tally verify ${options.out} --policy POLICY --card CARD${stateWords(options)}\n`,
  )
}

function stateWords({ state }: Fetching): string {
  return state === undefined ? '' : ` --state ${state}`
}

/** How many entries of an account a wallet verified; undefined where it keeps none. */
async function keptEntries({ state }: Fetching, session: Session, account: number): Promise<number | undefined> {
  if (state === undefined) return undefined
  // Where the ledger went on from another log, a whole statement shows what became of what was verified there.
  const { origin } = await session.client.identity()
  const kept = await readKept(state, origin, account)
  if (kept !== undefined) await session.mustBe(kept.ledgerId, state)
  return kept?.entries.length
}

/**
 * The proof that a log grew from the checkpoint that a wallet accepted last to one that was just fetched, from the hash
 * tiles of that: the body of an `add-checkpoint` request. Undefined where nothing was accepted, or the log is shorter:
 * then there is nothing to prove, and the verifier says so.
 *
 * @throws VerifyError `tile` where the tiles served are not those of the checkpoint.
 */
async function fetchGrowth(
  { state }: Fetching,
  client: TallyClient,
  checkpoint: Uint8Array,
  origins: readonly string[] = [],
): Promise<Uint8Array | undefined> {
  if (state === undefined) return undefined
  const tree = parseCheckpoint(parseNote(checkpoint).text)
  const path = await acceptedOf(state, [tree.origin, ...origins])
  if (path === undefined) return undefined
  const { size } = parseCheckpoint(parseNote(await readBytes(path)).text)
  if (size > tree.size) return undefined
  const { proof } = await beginningOf(size, tree, tilesOf(client))
  return formatAddCheckpoint({ oldSize: size, proof, checkpoint })
}

/** Where the checkpoint is that was accepted last of the first of these logs of which there is one. */
async function acceptedOf(state: string, origins: readonly string[]): Promise<string | undefined> {
  for (const origin of origins) {
    const path = acceptedPath(state, origin)
    if (await fileExists(path)) return path
  }
  return undefined
}

async function fetchReceipt(text: string, options: Fetching & { account?: number }): Promise<void> {
  const index = accountNumber(text)
  const session = await Session.open(options)
  const client =
    options.account === undefined
      ? await session.calling('registrar')
      : session.client.as(await session.ownerKey(options.account))
  const receipt = await client.receipt(index)
  await writeBytes(options.out, receipt)
  const growth = await fetchGrowth(options, client, parseReceipt(receipt).checkpoint)
  if (growth !== undefined) await writeBytes(`${options.out}.growth`, growth)
  note(
    `Wrote ${options.out}. Nothing in it is verified yet: tally verify ${options.out} --policy ` +
      `POLICY${stateWords(options)}`,
  )
}
