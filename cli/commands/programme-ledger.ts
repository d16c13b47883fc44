import type { Command } from 'commander'
import { listBudgets, makeTransaction, type TallyClient } from '../../src/client/index.ts'
import { toHex, utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import type { Transaction } from '../../src/core/entry/transaction.ts'
import { FormatError } from '../../src/core/failure.ts'
import { RULE_BYTES_MAX } from '../../src/core/limits.ts'
import { UsageError } from '../../src/node/failure.ts'
import { readText } from '../../src/node/plain-text.ts'
import {
  canonicalText,
  explain,
  type Programme,
  parseJson,
  parseProgramme,
  review,
} from '../../src/programmes/index.ts'
import { accountList, type Remote, remoteOptions, timeOption } from '../input/options.ts'
import { type SendOptions, send, sends } from '../input/sending.ts'
import { Session } from '../input/session.ts'
import { print, printJson, table, when } from '../screen/screen.ts'

interface ProgrammeFlags extends Remote {
  readonly json?: boolean
}

type RulePublication = Extract<Transaction, { kind: 'publish-rule' }>

/** The commands of `tally programme` that ask a ledger: publish, list, show. */
export function programmeLedgerCommands(group: Command): void {
  remote(
    sends(
      group
        .command('publish <file>')
        .summary('publish a document: the ledger keeps its text, and its digest is an entry')
        .description(
          'Checks a document, gives its text to the ledger for everyone, and publishes its digest as the rule ' +
            'NAME-vVERSION, signed by root. A document is never changed: publish the next version.',
        )
        .addOption(timeOption('--notice <time>', 'refuse a document that holds sooner than this', '72h'))
        .addHelpText(
          'after',
          '\nExamples:\n  tally programme publish coins.json\n  tally programme publish coins.json --notice 7d',
        ),
    ),
  )
    .option(
      '--budgets <accounts>',
      'budgets that may give by it, such as 1,7; by default those of its units that are for no shop',
      accountList,
    )
    .action(publish)
  remote(
    group
      .command('list')
      .option('--json', 'print JSON')
      .summary('list the documents that a ledger published')
      .description('Lists the published documents of a ledger, with their versions and the times at which they begin.')
      .addHelpText('after', '\nExamples:\n  tally programme list\n  tally programme list --json'),
  ).action(list)
  remote(
    group
      .command('show <rule>')
      .option('--json', 'print JSON')
      .summary('show a published document, in plain words or with --json as it is')
      .description(
        'Fetches the text of a rule, by its name or its record, compares it with the published digest, and explains it.',
      )
      .option('--lang <language>', 'en or zh', 'en')
      .addHelpText('after', '\nExamples:\n  tally programme show coins-v1\n  tally programme show 9 --json'),
  ).action(show)
}

function remote(command: Command): Command {
  for (const option of remoteOptions()) command.addOption(option)
  return command
}

interface PublishFlags extends ProgrammeFlags, SendOptions {
  readonly notice: number
  readonly budgets?: readonly number[]
}

async function publish(file: string, options: PublishFlags): Promise<void> {
  const source = await readText(file, one => one)
  const programme = parseProgramme(source)
  const bad = review(programme).filter(({ kind }) => kind === 'dead-rule' || kind === 'example-key')
  if (bad.length > 0)
    throw new UsageError('settings', `${file}: ${bad[0]!.kind} at ${bad[0]!.pointer}: ${bad[0]!.message}`)
  const session = await Session.open(options)
  if (programme.fromMs < session.nowMs() + options.notice)
    throw new UsageError(
      'settings',
      `${file} holds from ${when(programme.fromMs)} on, which is less than the notice away. Set a later "from", or --notice.`,
    )
  const text = utf8Encode(canonicalText(parseJson(source, RULE_BYTES_MAX)))
  const digest = engine().sha256(text)
  const name = `${programme.name}-v${programme.version}`
  const key = await session.key('root')
  const budgets = options.budgets ?? (await ownBudgets(session.client.as(key), programme))
  if (!options.dryRun) await session.client.as(key).keepRuleText(text)
  const sent = await send(session, [key], options, id => [
    makeTransaction('publish-rule', { id, name, digest, budgets }),
  ])
  if (sent === undefined) return
  const { logIndex: index } = sent
  if (options.json) return printJson({ name, digest: toHex(digest), index })
  print(
    `Published ${name}: entry ${index}, sealed. It holds from ${when(programme.fromMs)} on.\n  digest  ${toHex(digest)}\n`,
  )
}

/** The platform's own budgets of the units in which a programme gives points: those that were opened for no shop. */
async function ownBudgets(client: TallyClient, { unit, rules }: Programme): Promise<readonly number[]> {
  const units = new Set([unit, ...rules.map(one => one.unit)])
  const budgets = await listBudgets(client, { limit: 1000 })
  const own = budgets.filter(one => one.sponsor === null && units.has(one.unit)).map(({ account }) => account)
  if (own.length > 0) return own
  throw new UsageError(
    'settings',
    `There is no budget of the platform in ${[...units].join(', ')}: name some with --budgets.`,
  )
}

async function rulesOf(session: Session): Promise<{ record: number; until: number; rule: RulePublication }[]> {
  const rules: { record: number; until: number; rule: RulePublication }[] = []
  for (const { number: record, transaction, until } of await session.registry())
    if (transaction.kind === 'publish-rule') rules.push({ record, until, rule: transaction })
  return rules
}

async function list(options: ProgrammeFlags): Promise<void> {
  const session = await Session.open(options)
  const rows: { record: number; name: string; state: string; from: string; digest: string }[] = []
  for (const { record, until, rule } of await rulesOf(session)) {
    const text = await session.client.ruleText(rule.digest)
    const programme = text === undefined ? undefined : asProgramme(text)
    const state =
      until > 0 ? 'revoked' : text === undefined ? 'text missing' : programme === undefined ? 'no document' : 'stands'
    rows.push({
      record,
      name: rule.name,
      state,
      from: programme ? when(programme.fromMs) : '',
      digest: toHex(rule.digest),
    })
  }
  if (options.json) return printJson(rows)
  print(table(rows.map(({ record, name, state, from, digest }) => [record, name, state, from, digest.slice(0, 16)])))
}

async function show(name: string, options: ProgrammeFlags & { readonly lang: string }): Promise<void> {
  if (options.lang !== 'en' && options.lang !== 'zh') throw new UsageError('settings', '--lang is en or zh.')
  const session = await Session.open(options)
  const found = (await rulesOf(session)).find(({ record, rule }) => rule.name === name || String(record) === name)
  if (found === undefined)
    throw new UsageError('settings', `The ledger has no rule "${name}": see tally programme list.`)
  const text = await session.client.ruleText(found.rule.digest)
  if (text === undefined)
    throw new UsageError('file', `The ledger has not the text of ${found.rule.name}: ask those who published it.`)
  const programme = options.json ? undefined : asProgramme(text)
  const paragraphs = programme && explain(programme, options.lang)
  print(`${paragraphs?.map(lines => lines.join('\n')).join('\n\n') ?? utf8Decode(text)}\n`)
}

function asProgramme(text: Uint8Array): ReturnType<typeof parseProgramme> | undefined {
  try {
    return parseProgramme(text)
  } catch (error) {
    // A rule can be any text: one that is no document is shown as it is.
    if (error instanceof FormatError) return undefined
    throw error
  }
}
