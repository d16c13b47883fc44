import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatPolicy } from '../src/core/note/policy.ts'
import type { AuditResult, AuditTask } from './audit-run.ts'
import type { Context, Subject } from './context.ts'
import { ingest, LANES, published } from './ledger.ts'
import { formatFigure, ratio } from './report.ts'
import { Helper } from './thread.ts'

/** Batches that come between two audits of which the second goes on from the first. */
const NEW_BATCHES = 20

/**
 * How fast is `tally audit`: every entry over HTTP, every signature, every rule, every seal, every tile? The auditor is
 * a thread of its own, the server on the same cores. Of a log that was signed by the thousand.
 */
export async function auditLog(context: Context, subject: Subject): Promise<number> {
  const { report, machine } = context
  const { log } = subject
  report.begin(`auditing ${log.size} entries over HTTP`)
  const before = process.cpuUsage()
  const { seconds, transactions } = await auditOnce(subject)
  const { user, system } = process.cpuUsage(before)
  const rate = transactions / seconds
  report.add({
    what: 'full audit over HTTP',
    figure: rate,
    unit: 'tx/s',
    beside:
      `${ratio(rate, machine.sha256PerSecond / 3, 'SHA-256 × 1/3')}, ` +
      `${((user + system) / transactions).toFixed(1)} µs of processor a transaction`,
    target: { atLeast: 300_000, aim: 800_000 },
  })
  await goOn(context, subject)
  return rate
}

/** What do some new entries cost anyone who goes on from an audit (`--state`) of all that stands before them? */
async function goOn({ report, directory }: Context, subject: Subject): Promise<void> {
  const { log, workload } = subject
  report.begin('auditing again, and then going on from there')
  const state = join(directory, 'audits')
  await mkdir(state)
  await auditOnce(subject, state)
  await ingest(
    log,
    Array.from({ length: NEW_BATCHES }, () => workload.issues()),
    LANES,
  )
  await published(log)
  const { seconds, threadMs, entriesBefore } = await auditOnce(subject, state)
  if (entriesBefore === 0) throw new Error('the audit did not go on from the one before')
  report.add({
    what: `audit of ${formatFigure(log.size - entriesBefore)} entries that came since the last`,
    figure: threadMs,
    unit: 'ms',
    beside:
      `of processor; ${formatFigure(entriesBefore)} before, ${formatFigure(log.ledger.state.accounts.count)} ` +
      `accounts; ${(1000 * seconds).toFixed(0)} ms in all`,
  })
}

async function auditOnce({ log, port }: Subject, state?: string): Promise<AuditResult> {
  const policy = formatPolicy({ logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
  const task: AuditTask = { port, policy, ...(state === undefined ? {} : { state }) }
  return (await Helper.start<AuditResult, AuditTask>('audit-run.ts', task)).run()
}
