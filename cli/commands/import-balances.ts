import { leafOf, listBudgets } from '../../src/client/index.ts'
import type { DefineUnit } from '../../src/core/entry/transaction.ts'
import { type BalanceReport, importBalances, parseBalanceMap, type RowFault } from '../../src/issuing/index.ts'
import { csvRows } from '../../src/node/csv-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { EXIT } from '../failure.ts'
import type { Remote } from '../input/options.ts'
import { importSecret, membersOf, type Referring } from '../input/references.ts'
import { Session } from '../input/session.ts'
import { interruptible } from '../input/signal.ts'
import { proofWords } from '../input/submit.ts'
import { print, printJson, progressBar, table } from '../screen/screen.ts'

export interface BalanceCommandOptions extends Remote, Referring {
  readonly unit?: number
  readonly from?: number
  readonly source?: string
  readonly map?: string
  readonly decimal?: 'comma' | 'point'
  readonly delimiter?: string
  readonly dryRun?: boolean
  readonly skipBad?: boolean
  readonly json?: boolean
}

/** Rows that are named on the screen: JSON has all of them. */
const FAULTS_SHOWN = 20

/** `tally import --format balances`: what members had in an old system. */
export async function importBalanceFile(file: string, options: BalanceCommandOptions): Promise<void> {
  const { source, map = 'member=member', decimal, delimiter } = options
  if (source === undefined)
    throw new UsageError('settings', 'Balances are signed by the old system, too: name its key file with --source.')
  const session = await Session.open(options)
  const members = await membersOf(options, options.dryRun)
  // A shop issues out of its own budget, with its own keys, in the first of its units where none is named.
  const { shop } = members
  const place = shop?.units.find(({ record }) => record === (options.unit ?? record))
  const { issuer = await session.key('issuer'), registrar = await session.key('registrar') } =
    place === undefined ? {} : shop!.keys
  const old = await session.keyIn(source)
  const unit = await unitOf(session, place?.record ?? options.unit)
  const interrupt = interruptible()
  const bar = progressBar('Importing', 'balances')
  const started = performance.now()
  const report = await importBalances(csvRows(file, delimiter), {
    ...{ client: session.client, issuer, registrar, source: old, unit },
    budget: options.from ?? place?.budget ?? (await budgetOf(session, unit.name)),
    // A shop's balances have the same references from here and from its gateway.
    secret: shop?.secret ?? (await importSecret(options.data, options.dryRun)),
    members,
    map: parseBalanceMap(map),
    ...(decimal === undefined ? {} : { decimal }),
    skipBad: options.skipBad === true,
    isDryRun: options.dryRun === true,
    signal: interrupt.signal,
    proofWords: index => proofWords(index, options),
    onProgress: (done, total) => bar.update(done, total),
  }).finally(() => {
    bar.stop()
    interrupt.stop()
  })
  const seconds = (performance.now() - started) / 1000
  if (options.json) printJson({ file, isDryRun: options.dryRun === true, ...report, seconds })
  else print(show(file, report, seconds, options))
  process.exitCode = statusOf(report, options)
}

function statusOf(report: BalanceReport, { dryRun, skipBad }: BalanceCommandOptions): number {
  if (report.badRows > 0 && !skipBad) return EXIT.usage
  if (!report.isComplete) return EXIT.interrupted
  const isShort = dryRun === true && report.left < report.brought.points
  return report.refused.rows > 0 || isShort ? EXIT.refused : EXIT.ok
}

type UnitFound = DefineUnit & { readonly record: number; readonly terms: Uint8Array }

async function unitOf(session: Session, record: number | undefined): Promise<UnitFound> {
  for (const { transaction, number } of await session.registry())
    if (transaction.kind === 'define-unit' && number === (record ?? number))
      return { ...transaction, record: number, terms: leafOf(transaction) }
  throw new UsageError('account', `There is no unit ${record ?? ''}: see tally unit list.`)
}

/** The first budget of a unit in the scope of the issuer's key. */
async function budgetOf(session: Session, unit: string): Promise<number> {
  const issuer = await session.key('issuer')
  const budgets = await listBudgets(session.client.as(issuer), { limit: 1000 })
  const found = budgets.find(budget => budget.unit === unit)
  if (found !== undefined) return found.account
  throw new UsageError('not-an-issuer', `The key of the issuer has no budget in the unit "${unit}".`)
}

function show(file: string, report: BalanceReport, seconds: number, options: BalanceCommandOptions): string {
  const { rows, empty, badRows, members, newMembers, sum, brought, before, refused, left } = report
  const isNothing = badRows > 0 && options.skipBad !== true && options.dryRun !== true
  const done = isNothing ? 'nothing is imported' : options.dryRun ? 'what would be imported' : 'imported'
  const part = report.isComplete || isNothing ? '' : ' in part'
  const some = (what: string, count: number, more: readonly (string | number)[] = []) =>
    count > 0 ? [['', what, count, ...more]] : []
  const words = table([
    ['', 'rows', rows],
    ...some('of 0 points', empty),
    ...some('not readable', badRows),
    ['', 'members', members, `${newMembers} of them new`],
    ['', 'balances', sum.rows, `${sum.points} points`],
    ['', options.dryRun ? 'to be brought' : 'brought', brought.rows, `${brought.points} points`],
    ...some('brought before', before.rows, [`${before.points} points`]),
    ...some('refused', refused.rows, [`${refused.points} points`]),
    [
      '',
      'left in the budget',
      left,
      ...(options.dryRun && left < brought.points ? ['too few: tally budget fund'] : []),
    ],
  ])
  return `${file}: ${done}${part}, in ${seconds.toFixed(1)} s\n\n${words}${faultsOf(report.faults)}${
    isNothing ? '\nMend these rows, or leave them out with --skip-bad.\n' : ''
  }`
}

function faultsOf(faults: readonly RowFault[]): string {
  if (faults.length === 0) return ''
  const lines = faults.slice(0, FAULTS_SHOWN).map(({ line, code, message }) => `  line ${line}: ${code}: ${message}\n`)
  const more = faults.length - FAULTS_SHOWN
  return `\n${lines.join('')}${more > 0 ? `  … and ${more} more: --json has all\n` : ''}`
}
