import { rm } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  freshId,
  LostAnswerError,
  OutcomeError,
  type ProvenAnswer,
  type SigningKey,
  tryBatch,
} from '../../src/client/index.ts'
import { meaning } from '../../src/client/outcome-words.ts'
import { fromHex, toHex, utf8Decode } from '../../src/core/bytes.ts'
import { ID_BYTES, idTimeMs } from '../../src/core/entry/id.ts'
import { encodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import {
  type KeptSending,
  keepUnder,
  keptUnder,
  lostPath,
  oncePath,
  transactionsOf,
} from '../../src/files/once-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../../src/node/file-system.ts'
import { logIndexesOf } from '../../src/verify/batch-answer.ts'
import { print, printJson } from '../screen/screen.ts'
import { type DueTime, due } from './options.ts'
import { Session } from './session.ts'
import { submitAll } from './submit.ts'

/** What every command that sends transactions takes. */
export interface SendOptions {
  /** Any text, under which what is sent counts once. */
  readonly once?: string
  /** Id of the first transaction, hex. */
  readonly id?: string
  /** Its time: how long ago, or when. */
  readonly at?: DueTime
  readonly dryRun?: boolean
  readonly json?: boolean
  /** The command and its options as they were given, but for those that change nothing of what is sent. */
  readonly asked?: string
}

/** Options that change nothing of what is sent: where, by whom, and how it is said. */
const NEUTRAL: ReadonlySet<string> = new Set([
  ...['url', 'data', 'policy', 'key', 'custodian', 'with', 'json', 'once', 'id', 'dryRun', 'promise', 'card'],
  'asked',
])

/** Gives a command the options of every one that sends transactions. */
export function sends(command: Command): Command {
  return command
    .addOption(
      new Option('--once <name>', 'any text, under which it counts once, however often the command is run').conflicts(
        'id',
      ),
    )
    .addOption(
      new Option('--id <hex>', 'id of the transaction: it counts once, however often it is sent')
        .argParser(hexId)
        .conflicts('at'),
    )
    .addOption(
      new Option(
        '--at <time>',
        'when it happened, such as 2026-12-24T18:00Z, or 10m for ten minutes ago; as far back as the key may date',
      ).argParser(due),
    )
    .option('--dry-run', 'only ask, with the key of the registrar, what would become of it')
    .option('--json', 'print JSON')
    .hook('preAction', (_, action) => {
      action.setOptionValueWithSource('asked', askedOf(action), 'implied')
    })
}

function hexId(text: string): string {
  try {
    return toHex(fromHex(text, ID_BYTES))
  } catch {
    throw new InvalidArgumentError(`Expected ${2 * ID_BYTES} small hex digits.`)
  }
}

function askedOf(action: Command): string {
  const names: string[] = []
  for (let at: Command | null = action; at?.parent; at = at.parent) names.unshift(at.name())
  const options = Object.entries(action.opts<Record<string, unknown>>())
    .filter(([name, value]) => !NEUTRAL.has(name) && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([names.join(' '), action.args, options])
}

/** What was sent, and is in a checkpoint. */
export interface SentBatch {
  readonly answer: ProvenAnswer
  readonly transactions: readonly Transaction[]
  /** The bytes of the first, and its log index. */
  readonly entry: Uint8Array
  readonly logIndex: number
  /** Whether it was sent before, and counted then. */
  readonly isRepeated: boolean
}

/**
 * Sends transactions as one batch, and waits until they are in a checkpoint. Under `--once` what is sent is kept first,
 * so that after a lost answer the same goes out again; what is refused is kept no more, so that it can be tried again.
 * With `--dry-run` it says what would become of them, and sends nothing.
 *
 * @param make - makes them, the first with this id, as of its time.
 * @returns undefined after a dry run.
 * @throws UsageError `once` where the name was used for something else; OutcomeError and others of `submitAll`.
 */
export async function send(
  session: Session,
  keys: readonly SigningKey[],
  options: SendOptions,
  make: (id: Uint8Array, nowMs: number) => Promise<readonly Transaction[]> | readonly Transaction[],
): Promise<SentBatch | undefined> {
  const { data } = session.remote
  const { once, asked = '', dryRun = false } = options
  if (once === undefined && options.id === undefined && !dryRun) await refuseLost(data, asked)
  let kept = once === undefined ? undefined : await keptUnder(data, once)
  const mayBeKnown = kept !== undefined || options.id !== undefined
  let transactions = kept === undefined ? await fresh(options, session.nowMs(), make) : transactionsOf(kept)
  if (dryRun) {
    if (kept !== undefined) refuseOther(kept, asked)
    await tryAndSay(session, options, keys, transactions)
    return undefined
  }
  if (once !== undefined) {
    kept ??= await keepUnder(data, once, asked, transactions)
    refuseOther(kept, asked)
    transactions = transactionsOf(kept)
  }
  try {
    const isNamed = once !== undefined || options.id !== undefined
    const answer = await submitAll(session, keys, transactions, isNamed)
    if (once !== undefined) await rm(lostPath(data, asked), { force: true })
    const isRepeated = mayBeKnown && answer.existed.length > 0
    const [entry, logIndex] = [encodeTransaction(transactions[0]!), logIndexesOf(answer)[0]!]
    return { answer, transactions, entry, logIndex, isRepeated }
  } catch (error) {
    if (error instanceof OutcomeError && once !== undefined)
      for (const path of [oncePath(data, once), lostPath(data, asked)]) await rm(path, { force: true })
    if (!(error instanceof LostAnswerError)) throw error
    const name = once ?? toHex(transactions[0]!.id)
    if (once === undefined) await keepUnder(data, name, asked, transactions)
    await writeBytes(lostPath(data, asked), name, 0o600)
    throw new LostAnswerError(
      error.code,
      `${error.message}. It was sent, and may have been accepted. Run the same command again with --once ` +
        `${shellWord(name)}: whatever became of it, it counts once.`,
      0,
      { cause: error },
    )
  }
}

function fresh(
  { id, at }: SendOptions,
  nowMs: number,
  make: (id: Uint8Array, nowMs: number) => Promise<readonly Transaction[]> | readonly Transaction[],
) {
  const named =
    id === undefined
      ? freshId(at === undefined ? nowMs : 'inMs' in at ? nowMs - at.inMs : at.atMs)
      : fromHex(id, ID_BYTES)
  return make(named, idTimeMs(named))
}

/** Refuses what was sent before without an answer, as it may count already. @throws UsageError `once`. */
async function refuseLost(data: string, asked: string): Promise<void> {
  const path = lostPath(data, asked)
  if (!(await fileExists(path))) return
  const name = utf8Decode(await readBytes(path))
  throw new UsageError(
    'once',
    `The same was sent before, and no answer came: it may have been accepted. With --once ${shellWord(name)} it is ` +
      'sent again and counts once; to do it a second time, give it another name with --once.',
  )
}

function shellWord(name: string): string {
  return /^[\w.:-]+$/.test(name) ? name : JSON.stringify(name)
}

function refuseOther(kept: KeptSending, asked: string): void {
  if (kept.asked === asked) return
  const [command] = JSON.parse(kept.asked) as [string]
  throw new UsageError(
    'once',
    `The name "${kept.name}" was used before, for another \`tally ${command}\`. The same again counts once; for ` +
      'something else take another name.',
  )
}

/** Says what would become of transactions, of which nothing is signed. */
async function tryAndSay(
  session: Session,
  options: SendOptions,
  keys: readonly SigningKey[],
  transactions: readonly Transaction[],
): Promise<void> {
  // The platform asks, in place of those who would sign.
  const { key: _, custodian: __, ...platform } = session.remote
  const client = await (await Session.open(platform)).calling('registrar')
  const holders = keys.map(({ holder }) => holder)
  const { refused, outcomes } = await tryBatch(client, holders, transactions.map(encodeTransaction))
  const outcome = refused ?? outcomes.find(one => one !== 'accepted') ?? 'accepted'
  if (options.json) printJson({ outcome, kind: transactions[0]!.kind })
  else print(`It would be: ${outcome}${outcome === 'accepted' ? '' : `, as ${meaning(outcome)}`}\n`)
}
