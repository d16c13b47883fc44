import { type Command, InvalidArgumentError } from 'commander'
import {
  type FieldsFor,
  makeTransaction,
  type ProvenAnswer,
  type SigningKey,
  tryBatch,
} from '../../src/client/index.ts'
import { meaning } from '../../src/client/outcome-words.ts'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import {
  ACCOUNT_KINDS,
  encodeTransaction,
  isMovement,
  type Kind,
  ROLES,
  type Transaction,
} from '../../src/core/entry/transaction.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { readKey } from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { logIndexesOf } from '../../src/verify/batch-answer.ts'
import { type Act, type Form, idOf, NAMED, TAIL, tailOf, type Values } from '../acts/act.ts'
import { ACTS } from '../acts/acts.ts'
import {
  custodianOption,
  moment,
  quarterHour,
  type Remote,
  remoteOptions,
  timeSpan,
  wholeNumber,
} from '../input/options.ts'
import { Session } from '../input/session.ts'
import { submitAll, submitOne } from '../input/submit.ts'
import { print, printJson } from '../screen/screen.ts'

/** How the text of an option is read, and what stands for its value in help. */
const FORMS: Readonly<Record<Form, readonly [string, (text: string) => string | number | readonly number[]]>> = {
  account: ['<account>', wholeNumber],
  points: ['<points>', wholeNumber],
  record: ['<record>', wholeNumber],
  number: ['<number>', wholeNumber],
  span: ['<time>', timeSpan],
  moment: ['<date>', moment],
  date: ['<date>', quarterHour],
  name: ['<name>', text => text],
  role: ['<name>', oneOf(Object.keys(ROLES))],
  kind: ['<name>', oneOf(Object.keys(ACCOUNT_KINDS).filter(kind => kind !== 'member'))],
  scope: ['<accounts>', accountList],
  pools: ['<accounts>', text => (text === 'none' ? [] : accountList(text))],
  takes: ['<numbers>', numberList],
  file: ['<file>', text => text],
  id: ['<hex>', hexOf(16)],
  hash: ['<hex>', hexOf(32)],
}

function oneOf(names: readonly string[]): (text: string) => string {
  return text => {
    if (!names.includes(text)) throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`)
    return text
  }
}

/** Account numbers between commas, increasing. */
function accountList(text: string): readonly number[] {
  return text
    .split(',')
    .map(wholeNumber)
    .sort((a, b) => a - b)
}

/** Five numbers between commas. */
function numberList(text: string): readonly number[] {
  const numbers = text.split(',').map(wholeNumber)
  if (numbers.length !== 5) throw new InvalidArgumentError('Expected five numbers: each,most,keep,day,open.')
  return numbers
}

function hexOf(size: number): (text: string) => string {
  return text => {
    try {
      return toHex(fromHex(text, size))
    } catch {
      throw new InvalidArgumentError(`Expected ${2 * size} small hex digits.`)
    }
  }
}

/** What everyone does with one transaction: a command each. */
export function actCommands(program: Command): void {
  for (const act of ACTS) actCommand(program, act)
  recoverCommand(program)
  rotateKeyCommand(program)
}

/** The command of that name, below its group if it has one. */
export function commandAt(program: Command, path: string, summary: string, examples: readonly string[]): Command {
  // Arguments belong to the name of the command itself: `consent check <account> <consent>`.
  const [names, ...args] = path.split(/ (?=<)/)
  const words = names!.split(' ')
  const name = [words.pop()!, ...args].join(' ')
  let parent = program
  for (const word of words) {
    const group = parent.commands.find(one => one.name() === word)
    parent =
      group ??
      parent
        .command(word)
        .summary(GROUPS[word] ?? word)
        .description(GROUPS[word] ?? word)
  }
  const command = parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
  for (const option of remoteOptions()) command.addOption(option)
  return command.addHelpText('after', `\nExamples:\n${examples.map(example => `  tally ${example}\n`).join('')}`)
}

const GROUPS: Readonly<Record<string, string>> = {
  account: 'member accounts: open, merge, custody, rotate, recover, show, list',
  budget: 'budgets: open, fund, terms, list',
  key: 'keys of the registry: register, rotate, revoke, list',
  unit: 'units: define, list',
  rule: 'rules by which points are earned: publish, list',
  rate: 'rates between units: publish, list',
  consent: 'consents: grant, withdraw, list, check',
  details: 'details that stand off the log: put, show, erase',
}

function actCommand(program: Command, act: Act): void {
  const command = commandAt(program, act.command, act.summary, act.examples)
  optionsOf(command, act.options)
  if (isMovement(act.kind)) optionsOf(command, TAIL)
  optionsOf(command, NAMED)
  if (typeof act.by !== 'string') command.addOption(custodianOption())
  command
    .option('--with <file>', 'another key that signs besides; for each one more', (file, before: string[] = []) => [
      ...before,
      file,
    ])
    .option('--dry-run', 'only ask, with the key of the registrar, what would become of it')
    .option('--json', 'print JSON')
    .action(options => perform(act, options))
}

/** Gives a command the options of that name and form. */
export function optionsOf(command: Command, options: Act['options']): Command {
  for (const [name, [form, what]] of Object.entries(options)) {
    const [value, read] = FORMS[form]
    const flag = `--${name.replace('?', '')} ${value}`
    if (name.endsWith('?')) command.option(flag, what, read)
    else command.requiredOption(flag, what, read)
  }
  return command
}

async function perform(
  act: Act,
  {
    with: files = [],
    dryRun,
    ...options
  }: Remote & { json?: boolean; dryRun?: boolean; with?: readonly string[] } & Values,
): Promise<void> {
  const { by } = act
  const session = await Session.open(options)
  const key = typeof by === 'string' ? await session.key(by) : await session.ownerKey(Number(options[by.ownerOf]))
  const { id, nowMs } = idOf(options['id'])
  const others = await Promise.all(files.map(file => session.keyIn(file)))
  const values = { ...(await act.look?.(session.client.as(key), options, nowMs)), ...options }
  const tail = isMovement(act.kind) ? tailOf(options) : {}
  const fields = { ...act.fields(values, nowMs), ...tail, id } as unknown as FieldsFor<Kind>
  const transaction = makeTransaction(act.kind, fields) as Transaction
  if (dryRun) await tryAndSay(session, options, [key, ...others], transaction)
  else await submitAndSay(session, options, [key, ...others], transaction, options['id'] !== undefined)
}

/** Says what would become of a transaction, of which nothing is signed. */
export async function tryAndSay(
  session: Session,
  options: { json?: boolean },
  keys: readonly SigningKey[],
  transaction: Transaction,
): Promise<void> {
  // The platform asks, in place of those who would sign.
  const { key: _, custodian: __, ...platform } = session.remote
  const client = await (await Session.open(platform)).calling('registrar')
  const { refused, outcomes } = await tryBatch(
    client,
    keys.map(({ holder }) => holder),
    [encodeTransaction(transaction)],
  )
  const outcome = refused ?? outcomes[0]!
  if (options.json) printJson({ outcome, kind: transaction.kind })
  else print(`It would be: ${outcome}${outcome === 'accepted' ? '' : `, as ${meaning(outcome)}`}\n`)
}

export async function submitAndSay(
  session: Session,
  options: { json?: boolean },
  keys: readonly SigningKey[],
  transaction: Transaction,
  isNamed?: boolean,
): Promise<void> {
  const naming = isNamed === undefined ? {} : { canName: true, isNamed }
  const { answer, logIndex } = await submitOne(session, keys, transaction, naming)
  const opened = answer.accounts[0]?.[1]
  const record = MAKES_RECORD.has(transaction.kind) ? await recordMadeAt(session, answer, logIndex) : undefined
  const id = toHex(transaction.id)
  if (options.json)
    printJson({
      outcome: 'accepted',
      kind: transaction.kind,
      id,
      index: logIndex,
      ...(opened === undefined ? {} : { account: opened }),
      ...(record === undefined ? {} : { record }),
    })
  else {
    const what =
      opened !== undefined ? ` It is account ${opened}.` : record !== undefined ? ` It is record ${record}.` : ''
    print(`Accepted: ${transaction.kind}, entry ${logIndex}, sealed.${what}\n  id  ${id}\n`)
  }
}

/** Kinds that make a record of the registry, by whose number others name it (SPEC §6). */
const MAKES_RECORD: ReadonlySet<Kind> = new Set([
  'register-key',
  'define-unit',
  'publish-rule',
  'publish-rate',
  'set-budget',
])

async function recordMadeAt(
  { client }: Session,
  { checkpoint }: ProvenAnswer,
  logIndex: number,
): Promise<number | undefined> {
  return (await client.registry({ size: sizeOf(checkpoint!) })).find(({ from }) => from === logIndex)?.number
}

/** The size of a checkpoint that was accepted. */
function sizeOf(note: Uint8Array): number {
  return parseCheckpoint(parseNote(note).text).size
}

/** `account recover`: the recovery keys of an account sign, each at its place in the opening. */
function recoverCommand(program: Command): void {
  commandAt(program, 'account recover', 'begin to recover an account whose owner key is lost; the recovery keys sign', [
    'account recover --account 3 --public 5d19…3fec --recovery 0=home.key.json --recovery 1=friend.key.json',
  ])
    .requiredOption('--account <account>', "the member's account", wholeNumber)
    .requiredOption('--public <hex>', 'the new public key', hexOf(32))
    .requiredOption(
      '--recovery <place=file>',
      'a recovery key and its place in the opening, from 0',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--json', 'print JSON')
    .action(async (options: Remote & { account: number; public: string; recovery: string[]; json?: boolean }) => {
      const { account } = options
      const session = await Session.open(options)
      const keys = await Promise.all(options.recovery.map(text => recoveryKey(account, text)))
      keys.sort((a, b) => a.holder.recovery - b.holder.recovery)
      const transaction = makeTransaction('recover', { account, key: fromHex(options.public, 32) })
      await submitAndSay(session, options, keys, transaction)
    })
}

/** `key rotate`: a new key with role and scope of the old, and the end of that, in one batch. */
function rotateKeyCommand(program: Command): void {
  commandAt(program, 'key rotate', 'register a new key with role and scope of an old one, and revoke that', [
    'key rotate --record 9 --public 9f6d…7ece24',
    'key rotate --record 10 --public 9f6d…7ece24 --with house.key.json',
  ])
    .requiredOption('--record <record>', 'record of the old key', wholeNumber)
    .requiredOption('--public <hex>', 'the new public key', hexOf(32))
    .option('--reason <number>', '1 lost, 2 compromised, 3 superseded; 3 by default', wholeNumber, SUPERSEDED)
    .option('--with <file>', 'of a custodian: the old key, which signs too, so that every account follows at once')
    .option(
      '--lost',
      "of a custodian whose key is lost: root alone signs, and the new key waits for the unit's takeover",
    )
    .option('--json', 'print JSON')
    .action(async (options: Remote & Rotation) => {
      const { record, reason } = options
      const session = await Session.open(options)
      const old = (await session.registry())[record]?.transaction
      if (old?.kind !== 'register-key')
        throw new UsageError('account', `Record ${record} is no registered key: see tally key list.`)
      const { role, scope, backdateMs, rate } = old
      if (role === 'custodian' && options.with === undefined && !options.lost)
        throw new UsageError(
          'key-missing',
          `Record ${record} is a custodian's. With its own key (--with) the new one acts for every account at ` +
            'once. Where that is lost (--lost), nobody acts for them until the takeover of their unit is over, a ' +
            'week or more: tally unit list.',
        )
      const succeeds = role === 'custodian' ? record : null
      const key = fromHex(options.public, 32)
      const fresh = makeTransaction('register-key', { key, role, scope, backdateMs, rate, succeeds })
      const revoked = makeTransaction('revoke', { record, reason })
      const others = options.with === undefined ? [] : [await session.keyIn(options.with)]
      const answer = await submitAll(session, [await session.key('root'), ...others], [fresh, revoked])
      const index = logIndexesOf(answer)[0]!
      if (options.json) printJson({ outcome: 'accepted', role, revoked: record, index })
      else
        print(
          `The new ${role} is registered and record ${record} revoked: entry ${index} and the ` +
            `next.\n${options.lost && role === 'custodian' ? 'It may act for accounts when the takeover of their unit is over; until then nobody does.\n' : ''}`,
        )
    })
}

interface Rotation {
  readonly record: number
  readonly public: string
  readonly reason: number
  readonly with?: string
  readonly lost?: boolean
  readonly json?: boolean
}

const SUPERSEDED = 3

async function recoveryKey(account: number, text: string) {
  const match = /^([0-3])=(.+)$/.exec(text)
  if (match === null)
    throw new UsageError('account', `"${text}" is not a place and a key file, such as 0=home.key.json.`)
  const { seed } = await readKey(match[2]!)
  return { holder: { account, recovery: Number(match[1]) }, seed }
}
