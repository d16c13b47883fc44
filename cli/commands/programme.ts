import { type Command, InvalidArgumentError, Option } from 'commander'
import { CodedError } from '../../src/core/failure.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, writeBytes } from '../../src/node/file-system.ts'
import { linesOf } from '../../src/node/lines.ts'
import { readText } from '../../src/node/plain-text.ts'
import {
  backDetails,
  canonicalText,
  compareSimulations,
  difference,
  type Evaluation,
  explain,
  issueDetails,
  type JsonObject,
  type Language,
  nothingDetails,
  type Programme,
  parseProgramme,
  review,
  Simulator,
  spreadOf,
  TEMPLATES,
  templateFrom,
  worstDay,
} from '../../src/programmes/index.ts'
import { day } from '../input/options.ts'
import { note, print, printJson } from '../screen/screen.ts'
import { checkWords, comparisonWords, simulationWords, tryWords } from '../screen/show-programme.ts'
import { programmeLedgerCommands } from './programme-ledger.ts'

interface Printed {
  readonly json?: boolean
}

/** `tally programme`: documents that say what is rewarded (docs/programmes.md). */
export function programmeDocumentCommands(program: Command): void {
  const group = program
    .command('programme')
    .summary('rules for points: new, check, explain, simulate, try, diff, publish, list, show')
    .description(
      'Documents with the rules for points (docs/programmes.md). Only the last three commands need a ledger.',
    )
  newCommand(group)
  checkCommand(group)
  explainCommand(group)
  simulateCommand(group)
  tryCommand(group)
  diffCommand(group)
  programmeLedgerCommands(group)
}

/** A command of the group with its help. */
function described(
  group: Command,
  form: string,
  summary: string,
  description: string,
  examples: readonly string[],
): Command {
  return group
    .command(form)
    .summary(summary)
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.map(example => `  tally programme ${example}\n`).join('')}`)
}

const programmeIn = (file: string): Promise<Programme> => readText(file, parseProgramme)

function newCommand(group: Command): void {
  described(
    group,
    'new',
    'make a document from a template',
    'Writes a document from one of the templates, to standard output or a new file. It begins at the first midnight ' +
      'after the usual notice of 72 hours and an hour to read it, or on the day named. Its campaigns are those of the ' +
      'year from then on.',
    [
      'new --from coins --out coins.json',
      'new --from coins --name visits --unit stars --from-date 2027-01-01 --out visits.json',
      'new --from creators --meter-key 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    ],
  )
    .addOption(new Option('--from <template>', 'which one').choices(Object.keys(TEMPLATES)).makeOptionMandatory())
    .option('--name <name>', 'the name of the programme, instead of that of the template')
    .option('--unit <name>', 'the unit of its points, one of yours, instead of that of the template')
    .option('--from-date <day>', 'the day on which it begins, in its own days, such as 2027-01-01', day)
    .option(
      '--meter-key <hex>',
      'the public key of your meter, instead of the example key, whose secret is public',
      meterKey,
    )
    .option('--out <file>', 'a new file to write it to')
    .action(async ({ from, out, fromDate, meterKey: key, name, unit }: NewOptions) => {
      const begun = templateFrom(from, fromDate ?? Date.now() + NOTICE_MS + READING_MS, fromDate !== undefined)
      const own = { ...(name === undefined ? {} : { name }), ...(unit === undefined ? {} : { unit }) }
      const document = { ...begun, ...own, ...(key === undefined ? {} : { meters: metersOf(begun, from, key) }) }
      const text = `${JSON.stringify(document, undefined, 2)}\n`
      parseProgramme(text)
      if (out === undefined) return print(text)
      if (await fileExists(out)) throw new UsageError('file', `${out} is there already, and is not written over.`)
      await writeBytes(out, text)
      note(`Wrote ${out}, which holds from ${begun['from']} on. Next: tally programme check ${out}`)
    })
}

interface NewOptions {
  readonly from: string
  readonly out?: string
  readonly fromDate?: number
  readonly meterKey?: string
  readonly name?: string
  readonly unit?: string
}

/** What `tally programme publish` asks for by default, and what it takes to read what was written. */
const NOTICE_MS = 72 * 3_600_000
const READING_MS = 3_600_000

function meterKey(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Expected a public key: 64 small hex digits.')
  return text
}

/** The meters of a document, under another key. */
function metersOf({ meters }: JsonObject, from: string, key: string): JsonObject {
  if (meters === undefined) throw new UsageError('settings', `The template ${from} has no meter.`)
  return Object.fromEntries(
    Object.entries(meters as JsonObject).map(([name, one]) => [name, { ...(one as JsonObject), key }]),
  )
}

function checkCommand(group: Command): void {
  described(
    group,
    'check <file>',
    'check a document, and warn its author',
    'Checks the form and the expressions of a document. Warns of caps below the reward of one event, and of rules that ' +
      'never give points. Prints the most that one member can earn on one day. Exit status 2 if the document is not ' +
      'valid; with --strict, 1 if there is a warning.',
    ['check coins.json', 'check coins.json --strict --json'],
  )
    .option('--strict', 'exit status 1 if there is a warning')
    .option('--json', 'print JSON')
    .action(async (file: string, options: Printed & { strict?: boolean }) => {
      const programme = await programmeIn(file)
      const [found, worst] = [review(programme), worstDay(programme)]
      if (options.json) {
        const finite = (points: number) => (Number.isFinite(points) ? points : null)
        printJson({
          name: programme.name,
          version: programme.version,
          digest: programme.digest,
          bytes: Buffer.byteLength(programme.text),
          findings: found,
          most: {
            rules: Object.fromEntries(
              [...worst.rules].map(([id, { event, day }]) => [id, { event: finite(event), day: finite(day) }]),
            ),
            units: Object.fromEntries([...worst.units].map(([unit, day]) => [unit, finite(day)])),
          },
        })
      } else print(checkWords(programme, found, worst))
      if (options.strict && found.length > 0) process.exitCode = 1
    })
}

function explainCommand(group: Command): void {
  described(
    group,
    'explain <file>',
    'print a document in plain words',
    'Prints the rules of a document in plain words.',
    ['explain coins.json', 'explain coins.json --lang zh'],
  )
    .addOption(new Option('--lang <language>', 'in which language').choices(['en', 'zh']).default('en'))
    .action(async (file: string, { lang }: { lang: Language }) => {
      const paragraphs = explain(await programmeIn(file), lang)
      print(`${paragraphs.map(lines => lines.join('\n')).join('\n\n')}\n`)
    })
}

function simulateCommand(group: Command): void {
  described(
    group,
    'simulate <file> <events>',
    'compute the cost of a document, and who wins or loses',
    'Evaluates events, a line of JSON each (plain or .gz), under a document. Prints the cost by rule and by unit, and ' +
      'its spread over members. With --against, also evaluates another document, such as the version before, and ' +
      'prints which members would have more or less.',
    ['simulate coins.json december.jsonl', 'simulate coins-2.json december.jsonl.gz --against coins.json'],
  )
    .option('--against <file>', 'another document, such as the present version')
    .option('--json', 'print JSON')
    .action(async (file: string, events: string, options: Printed & { against?: string }) => {
      const simulator = new Simulator(await programmeIn(file))
      const other = options.against === undefined ? undefined : new Simulator(await programmeIn(options.against))
      let shown = 0
      let count = 0
      for await (const line of linesOf(events)) {
        count++
        if (line.trim() === '') continue
        const found = simulator.take(line)
        other?.take(line)
        if (found instanceof CodedError && shown++ < REFUSED_SHOWN)
          note(`${events}, line ${count}: ${found.code}: ${found.message}`)
      }
      if (shown > REFUSED_SHOWN) note(`${shown - REFUSED_SHOWN} more lines were refused.`)
      const spreads = [...simulator.found.members].map(([unit, members]) => spreadOf(unit, members))
      const compared = other === undefined ? [] : compareSimulations(simulator.found, other.found)
      if (options.json) {
        const { events: became, rules } = simulator.found
        printJson({ events: became, rules, units: spreads, ...(other === undefined ? {} : { against: compared }) })
        return
      }
      print(simulationWords(simulator.found, spreads))
      if (compared.length > 0) print('\n')
      for (const one of compared) print(comparisonWords(one, options.against!))
    })
}

/** Lines that are refused are told one by one up to so many. */
const REFUSED_SHOWN = 10

function tryCommand(group: Command): void {
  described(
    group,
    'try <file> <event>',
    'evaluate one event, step by step',
    'Evaluates one event (a file of JSON, - for standard input) under a document, step by step: the points of each ' +
      'rule, the cuts of caps, and the dates of the points. With --after, earlier events come from a file, a line ' +
      'each.',
    [
      'try coins.json order.json',
      'try coins.json order.json --after december.jsonl --json',
      "echo '{…}' | tally programme try coins.json -",
    ],
  )
    .option('--after <events>', 'events that happened before, a line of JSON each')
    .option('--json', 'print JSON, with the details of each issue')
    .action(async (file: string, event: string, options: Printed & { after?: string }) => {
      const programme = await programmeIn(file)
      const simulator = new Simulator(programme)
      if (options.after !== undefined)
        for await (const line of linesOf(options.after)) if (line.trim() !== '') simulator.take(line)
      const bytes = await readText(event, one => one)
      const found = simulator.take(bytes)
      if (found instanceof CodedError) throw found
      if (options.json) printJson(evaluationJson(programme, found))
      else print(tryWords(programme, found))
    })
}

function evaluationJson(programme: Programme, found: Evaluation): object {
  if (found.status !== 'taken') return found
  const { n, issues, backs, nothing, tier } = found
  return {
    status: found.status,
    n,
    issues: issues.map(issue => {
      const { rule, due, cuts, matures, expires } = issue
      return {
        rule: rule.id,
        unit: rule.unit,
        due,
        cuts,
        matures,
        expires,
        details: issueDetails(programme, found, issue),
      }
    }),
    reversals: backs.map(back => {
      const { rule, due, original } = back
      return { rule: rule.id, unit: rule.unit, due, original, details: backDetails(programme, found, back) }
    }),
    nothing,
    ...(tier === undefined ? {} : { tier }),
    ...(issues.length + backs.length > 0 ? {} : { answer: nothingDetails(programme, found) }),
  }
}

function diffCommand(group: Command): void {
  described(
    group,
    'diff <before> <after>',
    'list the changes from one document to another',
    'Lists the changes from one document to another. Compares rules, campaigns, levels and exchanges by their ids. ' +
      'Exit status 1 if the documents differ.',
    ['diff coins.json coins-2.json'],
  )
    .option('--json', 'print JSON')
    .action(async (before: string, after: string, options: Printed) => {
      const changes = difference((await programmeIn(before)).value, (await programmeIn(after)).value)
      if (options.json) printJson(changes)
      else if (changes.length === 0) print('The same.\n')
      for (const { pointer, before: was, after: is } of options.json ? [] : changes) {
        const shown = (value: typeof was) => (value === undefined ? 'nothing' : canonicalText(value))
        print(`${pointer}\n  - ${shown(was)}\n  + ${shown(is)}\n`)
      }
      if (changes.length > 0) process.exitCode = 1
    })
}
