import { type Command, Option } from 'commander'
import { readBytes } from '../../src/node/file-system.ts'
import { EXIT } from '../failure.ts'
import { GatewayCall, type GatewayRemote, gatewayOptions, shopPath } from '../input/gateway-call.ts'
import { wholeNumber } from '../input/options.ts'
import { csv } from '../screen/csv.ts'
import { print, printJson, table } from '../screen/screen.ts'

/** What a gateway says of a member in a unit. */
interface UnitShown {
  readonly account: number
  readonly status: string
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly expiring: readonly { readonly at: string; readonly points: number }[]
}

interface ExpiringRow {
  readonly member: string
  readonly unit: string
  readonly points: number
  readonly at: string
}

/** Commands that ask the gateway of a shop: its members, and points by its own ids. */
export function shopCommands(program: Command): void {
  const member = program
    .command('member')
    .summary("a shop's members, by its own ids: show, list, import, link")
    .description("A shop's members, by its own ids. Asks a gateway.")
  asking(member.command('show <id>'), 'what a member has, and her last movements', ['member show cust_8842'])
    .option('--movements <n>', 'how many movements', wholeNumber, 10)
    .action(show)
  asking(member.command('list'), 'the members and their accounts', ['member list', 'member list --csv > members.csv'])
    .option('--csv', 'print CSV')
    .action(list)
  asking(member.command('link <id>'), 'make a link by which she sees what she has, and does nothing', [
    'member link cust_8842 --origin https://points.example',
    'member link cust_8842 --revoke',
  ])
    .option('--origin <url>', 'where her browser finds the page; by default the gateway that is asked')
    .option('--revoke', 'take back all links of hers instead')
    .action(link)
  asking(member.command('import <file>'), 'bring balances of an old system along, from CSV', [
    'member import old.csv --map "member=id,points=balance,expires=until" --dry-run',
    'cat old.csv | tally member import -',
  ])
    .option('--map <columns>', 'its columns, as "member=id,points=balance,expires=until,ref=lot"', 'member=member')
    .option('--unit <name>', 'name of the unit; the first of the shop by default')
    .addOption(new Option('--decimal <mark>', 'what stands before fractions').choices(['comma', 'point']))
    .option('--once <name>', 'the name of the import: the same file again under it is the same import')
    .option('--dry-run', 'only say what would be brought')
    .option('--skip-bad', 'leave out rows that are no balance')
    .action(importMembers)

  asking(program.command('earn <id>'), 'give a member points, and open her an account where she has none', [
    'earn cust_8842 --points 50 --once visit-1',
    'earn cust_8842 --points 50 --order o-1001 --reason "late parcel"',
  ])
    .requiredOption('--points <points>', 'how many', wholeNumber)
    .option('--once <name>', 'any text, under which it counts once, for ever; drawn by default')
    .option('--order <id>', 'the order that it is for')
    .option('--reason <text>', 'why')
    .option('--unit <name>', 'name of the unit; the first of the shop by default')
    .action(earn)

  asking(program.command('expiring'), 'whose points expire soon, the soonest first', [
    'expiring --within 30d',
    'expiring --within 7d --min 100 --csv > mail.csv',
  ])
    .option('--within <time>', 'such as 30d', '30d')
    .option('--min <points>', 'the fewest points that are listed', wholeNumber, 1)
    .option('--csv', 'print CSV')
    .action(expiring)
}

/** Gives a command of the gateway its words, and the options that all of them have. */
export function asking(command: Command, summary: string, examples: readonly string[]): Command {
  command.summary(summary).description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
  for (const option of gatewayOptions()) command.addOption(option)
  const lines = examples.map(example => `  ${example.startsWith('cat ') ? '' : 'tally '}${example}\n`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('')}`)
}

async function show(id: string, options: GatewayRemote & { movements: number }): Promise<void> {
  const call = await GatewayCall.open(options)
  const { units } = await call.ask<{ units: Record<string, UnitShown> }>(shopPath('members', id))
  const { movements } = await call.ask<{
    movements: { at: string; kind: string; points: number; balance: number; order: string | null }[]
  }>(shopPath('members', id, '/movements'), { query: { limit: Math.max(1, options.movements) } })
  if (options.json) return printJson({ id, units, movements })
  for (const [unit, { account, status, balance, available, pending, held, expiring }] of Object.entries(units))
    print(
      table([
        [unit, `account ${account}, ${status}`],
        ['balance', String(balance)],
        ...[['available', String(available)] as const, ['pending', String(pending)] as const],
        ['held', String(held)],
        ...expiring.slice(0, 3).map(({ at, points }) => ['expires', `${points} at ${at}`]),
      ]),
    )
  print(`\n${table(movements.map(({ at, kind, points, balance, order }) => [at, kind, points, balance, order ?? '']))}`)
}

async function list(options: GatewayRemote & { csv?: boolean }): Promise<void> {
  const call = await GatewayCall.open(options)
  const rows: { id: string; unit: string; account: number }[] = []
  for await (const row of call.all<(typeof rows)[number]>('/v1/members', 'members')) rows.push(row)
  if (options.json) return printJson(rows)
  const cells = rows.map(({ id, unit, account }) => [id, unit, account])
  print(options.csv ? csv([['member', 'unit', 'account'], ...cells]) : table(cells))
}

async function link(id: string, options: GatewayRemote & { origin?: string; revoke?: boolean }): Promise<void> {
  const call = await GatewayCall.open(options)
  const path = shopPath('members', id, '/link')
  if (options.revoke) {
    const { revoked } = await call.ask<{ revoked: number }>(path, { method: 'DELETE' })
    if (options.json) printJson({ revoked })
    else print(`Taken back: ${revoked} links.\n`)
    return
  }
  const made = await call.ask<{ link: string }>(path, {
    body: options.origin === undefined ? {} : { origin: options.origin },
  })
  if (options.json) printJson(made)
  else print(`${made.link}\n`)
}

interface ImportMembers extends GatewayRemote {
  readonly map: string
  readonly unit?: string
  readonly decimal?: string
  readonly once?: string
  readonly dryRun?: boolean
  readonly skipBad?: boolean
}

interface ImportShown {
  readonly id: string
  readonly state: string
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly report: {
    readonly rows: number
    readonly newMembers: number
    readonly badRows: number
    readonly left: number
    readonly brought: { readonly rows: number; readonly points: number }
    readonly before: { readonly rows: number; readonly points: number }
    readonly refused: { readonly rows: number; readonly points: number }
    readonly faults: readonly { readonly line: number; readonly code: string; readonly message: string }[]
  } | null
}

async function importMembers(file: string, options: ImportMembers): Promise<void> {
  const { map, unit, decimal, once, dryRun, skipBad, json } = options
  const call = await GatewayCall.open(options)
  const rows = await readBytes(file)
  const query = { id: once, map, unit, decimal, dryRun: dryRun && 'true', skipBad: skipBad && 'true' }
  const asked = Object.fromEntries(Object.entries(query).filter(([, value]) => value)) as Record<string, string>
  let job = await call.ask<ImportShown>('/v1/imports', { csv: rows, query: asked })
  while (job.state === 'waiting' || job.state === 'running') {
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
    job = await call.ask<ImportShown>(shopPath('imports', job.id))
  }
  if (json) printJson(job)
  else print(importWords(job, dryRun === true))
  if (job.state !== 'done') process.exitCode = EXIT.usage
  else if (job.report!.refused.rows > 0) process.exitCode = EXIT.refused
}

/** How often it is asked how far an import is. */
const POLL_MS = 200
const FAULTS_SHOWN = 20

function importWords({ id, state, failure, report }: ImportShown, isDryRun: boolean): string {
  if (report === null) return `The import ${id} ${state}: ${failure?.code}: ${failure?.message}\n`
  const { rows, newMembers, badRows, left, brought, before, refused, faults } = report
  const lines = faults.slice(0, FAULTS_SHOWN).map(({ line, code, message }) => `  line ${line}: ${code}: ${message}\n`)
  const said = state === 'faulty' ? 'nothing is brought' : isDryRun ? 'it would be so' : 'done'
  return `The import ${id}: ${said}.\n\n${table([
    ['rows', rows, badRows > 0 ? `${badRows} of them are no balance` : ''],
    ['new members', newMembers, ''],
    ['brought', brought.rows, `${brought.points} points`],
    ['brought before', before.rows, `${before.points} points`],
    ['refused', refused.rows, `${refused.points} points`],
    ['left in the budget', left, ''],
  ])}${lines.length > 0 ? `\n${lines.join('')}` : ''}`
}

interface Earn extends GatewayRemote {
  readonly points: number
  readonly once?: string
  readonly order?: string
  readonly reason?: string
  readonly unit?: string
}

async function earn(member: string, options: Earn): Promise<void> {
  const { points, once = crypto.randomUUID(), order, reason, unit } = options
  const call = await GatewayCall.open(options)
  const done = await call.ask<{ entry: number; repeated: boolean; unit: string }>('/v1/earn', {
    body: { member, points, id: once, order, reason, unit },
    once,
  })
  if (options.json) return printJson(done)
  print(
    `${done.repeated ? 'Given before' : 'Given'}: ${points} ${done.unit} to ${member}, entry ${done.entry}.\n` +
      `  once  ${once}\n`,
  )
}

async function expiring(options: GatewayRemote & { within: string; min: number; csv?: boolean }): Promise<void> {
  const call = await GatewayCall.open(options)
  const rows: ExpiringRow[] = []
  const { within, min } = options
  for await (const row of call.all<ExpiringRow>('/v1/expiring', 'expiring', { within, min })) rows.push(row)
  if (options.json) return printJson(rows)
  const cells = rows.map(({ at, member, unit, points }) => [at, member, unit, points])
  print(options.csv ? csv([['at', 'member', 'unit', 'points'], ...cells]) : table(cells))
}
