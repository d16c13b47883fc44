import { type Command, Option } from 'commander'
import { UsageError } from '../../src/node/failure.ts'
import { readBytes, writeBytes } from '../../src/node/file-system.ts'
import { EXIT } from '../failure.ts'
import { GatewayCall, type GatewayRemote, gatewayOptions, shopPath } from '../input/gateway-call.ts'
import { wholeNumber } from '../input/options.ts'
import { print, printJson, table } from '../screen/screen.ts'

interface ReconcileOptions extends GatewayRemote {
  readonly points?: number
  readonly per?: number
  readonly amounts: string
  readonly order?: string
  readonly amount?: string
  readonly time?: string
}

interface Mismatched {
  readonly what: string
  readonly order: string
  readonly cents?: number
  readonly points: number
  readonly expected?: number
  readonly entries: readonly number[]
}

interface Reconciled {
  readonly orders: number
  readonly points: number
  readonly matched: number
  readonly counts: Readonly<Record<string, number>>
  readonly mismatches: readonly Mismatched[]
}

interface ListedComplaint {
  readonly id: string
  readonly kind: string
  readonly says: string
  readonly at: string
  readonly deadline: string
  readonly overdue: boolean
  readonly about: string | null
  readonly contact: string | null
  readonly receipt: string
  readonly answer: { readonly at: string; readonly by: string; readonly text: string; readonly upheld: boolean } | null
}

/** `tally reconcile` and `tally complaints`: what a shop's staff asks its gateway. */
export function deskCommands(program: Command): void {
  reconcileCommand(program)
  const complaints = program
    .command('complaints')
    .summary('what members handed in: list, show, answer')
    .description('Refusals, promises, receipts and evidence that members handed in at the gateway, each checked.')
  const list = complaints
    .command('list')
    .summary('all of them, the oldest first')
    .addOption(new Option('--state <state>', 'only these').choices(['open', 'overdue', 'answered']))
    .addHelpText('after', '\nExample:\n  tally complaints list --state overdue')
    .action(listComplaints)
  const show = complaints
    .command('show <id>')
    .summary('one of them, and its file')
    .option('--file <path>', 'write the file that was handed in, for tally verify')
    .addHelpText(
      'after',
      '\nExample:\n  tally complaints show cp_kX… --file handed-in && tally verify handed-in --policy shop.policy',
    )
    .action(showComplaint)
  const answer = complaints
    .command('answer <id> <text>')
    .summary('answer one, once; the answer is signed')
    .addOption(new Option('--upheld', 'the member is right').conflicts('rejected'))
    .option('--rejected', 'the member is not right')
    .addHelpText('after', '\nExample:\n  tally complaints answer cp_kX… "The points were given again today." --upheld')
    .action(answerComplaint)
  for (const command of [list, show, answer]) for (const option of gatewayOptions()) command.addOption(option)
}

function reconcileCommand(program: Command): void {
  const command = program
    .command('reconcile <orders>')
    .summary("compare a shop's orders with the points that they earned")
    .description(
      'Compares a CSV of orders (id, amount, time) with what the ledger gave for them, and lists what earned twice, ' +
        'never, too much or too little, and what earned without an order. Exits 1 where anything is listed.',
    )
  for (const option of gatewayOptions()) command.addOption(option)
  command
    .addOption(new Option('--points <n>', 'an order earns so many points …').argParser(wholeNumber))
    .addOption(new Option('--per <cents>', '… for so many cents').argParser(wholeNumber))
    .addOption(new Option('--amounts <form>', 'how amounts are written').choices(['cents', 'decimal']).default('cents'))
    .option('--order <column>', 'name of the column of ids')
    .option('--amount <column>', 'name of the column of amounts')
    .option('--time <column>', 'name of the column of times')
    .addHelpText(
      'after',
      '\nExample:\n  tally reconcile orders.csv --amounts decimal --points 1 --per 100\n\nThe columns are found by usual ' +
        'names, such as order, amount and time, or named. The key needs the scope reports.',
    )
    .action(async (path: string, options: ReconcileOptions) => {
      process.exitCode = await reconcileOrders(path, options)
    })
}

async function reconcileOrders(path: string, options: ReconcileOptions): Promise<number> {
  const { points, per, amounts, order, amount, time } = options
  const query = { points, per, amounts, order, amount, time }
  const call = await GatewayCall.open(options)
  const csv = await readBytes(path)
  const found = await call.ask<Reconciled>('/v1/reconciliations', { method: 'POST', csv, query })
  const isEven = Object.values(found.counts).every(count => count === 0)
  if (options.json) printJson(found)
  else {
    const rows = found.mismatches.map(({ what, order, cents = '', points, expected = '', entries }) => [
      ...[what, order, cents, points, expected, entries.join(' ')],
    ])
    const counts = Object.entries(found.counts).map(([what, count]) => `${what} ${count}`)
    print(
      `${found.matched} of ${found.orders} orders are as they should be; they all earned ${found.points} points.\n` +
        (isEven
          ? ''
          : `${counts.join(', ')}\n\n${table([['what', 'order', 'cents', 'points', 'expected', 'entries'], ...rows])}`),
    )
  }
  return isEven ? EXIT.ok : EXIT.refused
}

async function listComplaints(options: GatewayRemote & { readonly state?: string }): Promise<void> {
  const call = await GatewayCall.open(options)
  const found = await call.ask<{ complaints: ListedComplaint[] }>('/v1/complaints', { query: { state: options.state } })
  if (options.json) return printJson(found)
  const rows = found.complaints.map(({ id, kind, at, deadline, overdue, answer }) => [
    ...[id, kind, at, deadline, answer !== null ? 'answered' : overdue ? 'OVERDUE' : 'open'],
  ])
  print(table([['id', 'kind', 'handed in', 'answer by', 'state'], ...rows]))
}

async function complaintOf(call: GatewayCall, id: string): Promise<ListedComplaint> {
  const { complaints } = await call.ask<{ complaints: ListedComplaint[] }>('/v1/complaints')
  const found = complaints.find(one => one.id === id)
  // The gateway says that there is none.
  return found ?? call.ask<ListedComplaint>(shopPath('complaints', id))
}

async function showComplaint(id: string, options: GatewayRemote & { readonly file?: string }): Promise<void> {
  const call = await GatewayCall.open(options)
  const complaint = await complaintOf(call, id)
  if (options.file !== undefined) await writeBytes(options.file, await call.bytes(shopPath('complaints', id, '/file')))
  if (options.json) printJson(complaint)
  else print(textOf(complaint))
}

async function answerComplaint(
  id: string,
  text: string,
  options: GatewayRemote & { readonly upheld?: boolean; readonly rejected?: boolean },
): Promise<void> {
  const { upheld = false, rejected = false } = options
  if (upheld === rejected) throw new UsageError('settings', 'Say --upheld, or --rejected: whether the member is right.')
  const call = await GatewayCall.open(options)
  const body = { text, upheld }
  const complaint = await call.ask<ListedComplaint>(shopPath('complaints', id, '/answer'), { method: 'POST', body })
  if (options.json) printJson(complaint)
  else print(textOf(complaint))
}

function textOf({ id, kind, says, at, deadline, overdue, about, contact, answer }: ListedComplaint): string {
  const said = [
    ['complaint', id],
    ['file', kind],
    ['proves', says],
    ['handed in', at],
    ['answer by', `${deadline}${overdue ? ' (OVERDUE)' : ''}`],
    ['about', about ?? ''],
    ['contact', contact ?? ''],
    [
      'answer',
      answer === null ? '' : `${answer.text} (${answer.upheld ? 'upheld' : 'not upheld'}, ${answer.at}, ${answer.by})`,
    ],
  ]
  return said.map(([name, value]) => (value === '' ? '' : `  ${name!.padEnd(10)} ${value}\n`)).join('')
}
