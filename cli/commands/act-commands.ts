import { type Command, InvalidArgumentError } from 'commander'
import { type FieldsFor, freshId, makeTransaction, type ProvenAnswer, type SigningKey } from '../../src/client/index.ts'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { ACCOUNT_KINDS, isMovement, type Kind, ROLES, type Transaction } from '../../src/core/entry/transaction.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { readKey } from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { type Act, type Form, TAIL, tailOf, type Values } from '../acts/act.ts'
import { ACTS } from '../acts/acts.ts'
import {
  accountList,
  custodianOption,
  type DueTime,
  due,
  quarterHour,
  type Remote,
  remoteOptions,
  timeSpan,
  wholeNumber,
} from '../input/options.ts'
import { type SendOptions, send, sends } from '../input/sending.ts'
import { Session } from '../input/session.ts'
import { print, printJson } from '../screen/screen.ts'

/** How the text of an option is read, and what stands for its value in help. */
const FORMS: Readonly<
  Record<Form, readonly [string, (text: string) => string | number | readonly number[] | DueTime]>
> = {
  account: ['<account>', wholeNumber],
  points: ['<points>', wholeNumber],
  record: ['<record>', wholeNumber],
  number: ['<number>', wholeNumber],
  span: ['<time>', timeSpan],
  due: ['<time>', due],
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
  if (typeof act.by !== 'string') command.addOption(custodianOption())
  sends(command)
    .option('--with <file>', 'another key that signs besides; for each one more', (file, before: string[] = []) => [
      ...before,
      file,
    ])
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
  { with: files = [], ...options }: Remote & SendOptions & { with?: readonly string[] } & Values,
): Promise<void> {
  const { by } = act
  const session = await Session.open(options)
  const key = typeof by === 'string' ? await session.key(by) : await session.ownerKey(Number(options[by.ownerOf]))
  const others = await Promise.all(files.map(file => session.keyIn(file)))
  await sendAndSay(session, options, [key, ...others], async (id, nowMs) => {
    const values = { ...(await act.look?.(session.client.as(key), options, nowMs)), ...options }
    const tail = isMovement(act.kind) ? tailOf(options) : {}
    const fields = { ...act.fields(values, nowMs), ...tail, id } as unknown as FieldsFor<Kind>
    return makeTransaction(act.kind, fields) as Transaction
  })
}

/** Sends one transaction as `send` does, and says what became of it. */
export async function sendAndSay(
  session: Session,
  options: SendOptions,
  keys: readonly SigningKey[],
  make: (id: Uint8Array, nowMs: number) => Promise<Transaction> | Transaction,
): Promise<void> {
  const sent = await send(session, keys, options, async (id, nowMs) => [await make(id, nowMs)])
  if (sent === undefined) return
  const { answer, logIndex, isRepeated } = sent
  const transaction = sent.transactions[0]!
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
      ...(isRepeated ? { repeated: true } : {}),
    })
  else {
    const what =
      opened !== undefined ? ` It is account ${opened}.` : record !== undefined ? ` It is record ${record}.` : ''
    const said = isRepeated ? 'Accepted before' : 'Accepted'
    print(`${said}: ${transaction.kind}, entry ${logIndex}, sealed.${what}\n  id  ${id}\n`)
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
  const command = commandAt(
    program,
    'account recover',
    'begin to recover an account whose owner key is lost; the recovery keys sign',
    ['account recover --account 3 --public 5d19…3fec --recovery 0=home.key.json --recovery 1=friend.key.json'],
  )
  sends(command)
    .requiredOption('--account <account>', "the member's account", wholeNumber)
    .requiredOption('--public <hex>', 'the new public key', hexOf(32))
    .requiredOption(
      '--recovery <place=file>',
      'a recovery key and its place in the opening, from 0',
      (text: string, before: string[] = []) => [...before, text],
    )
    .action(async (options: Remote & SendOptions & { account: number; public: string; recovery: string[] }) => {
      const { account } = options
      const session = await Session.open(options)
      const keys = await Promise.all(options.recovery.map(text => recoveryKey(account, text)))
      keys.sort((a, b) => a.holder.recovery - b.holder.recovery)
      const key = fromHex(options.public, 32)
      await sendAndSay(session, options, keys, id => makeTransaction('recover', { id, account, key }))
    })
}

/** `key rotate`: a new key with role and scope of the old, and the end of that, in one batch. */
function rotateKeyCommand(program: Command): void {
  const command = commandAt(
    program,
    'key rotate',
    'register a new key with role and scope of an old one, and revoke that',
    ['key rotate --record 9 --public 9f6d…7ece24', 'key rotate --record 10 --public 9f6d…7ece24 --with house.key.json'],
  )
  sends(command)
    .requiredOption('--record <record>', 'record of the old key', wholeNumber)
    .requiredOption('--public <hex>', 'the new public key', hexOf(32))
    .option('--reason <number>', '1 lost, 2 compromised, 3 superseded; 3 by default', wholeNumber, SUPERSEDED)
    .option('--with <file>', 'of a custodian: the old key, which signs too, so that every account follows at once')
    .option(
      '--lost',
      "of a custodian whose key is lost: root alone signs, and the new key waits for the unit's takeover",
    )
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
      const others = options.with === undefined ? [] : [await session.keyIn(options.with)]
      const sent = await send(session, [await session.key('root'), ...others], options, (id, nowMs) => [
        makeTransaction('register-key', { id, key, role, scope, backdateMs, rate, succeeds }),
        makeTransaction('revoke', { id: freshId(nowMs), record, reason }),
      ])
      if (sent === undefined) return
      const { logIndex: index } = sent
      if (options.json) printJson({ outcome: 'accepted', role, revoked: record, index })
      else
        print(
          `The new ${role} is registered and record ${record} revoked: entry ${index} and the ` +
            `next.\n${options.lost && role === 'custodian' ? 'It may act for accounts when the takeover of their unit is over; until then nobody does.\n' : ''}`,
        )
    })
}

interface Rotation extends SendOptions {
  readonly record: number
  readonly public: string
  readonly reason: number
  readonly with?: string
  readonly lost?: boolean
}

const SUPERSEDED = 3

async function recoveryKey(account: number, text: string) {
  const match = /^([0-3])=(.+)$/.exec(text)
  if (match === null)
    throw new UsageError('account', `"${text}" is not a place and a key file, such as 0=home.key.json.`)
  const { seed } = await readKey(match[2]!)
  return { holder: { account, recovery: Number(match[1]) }, seed }
}
