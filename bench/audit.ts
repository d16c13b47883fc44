import { formatPolicy } from '../src/core/policy.ts'
import type { AuditResult, AuditTask } from './audit-run.ts'
import type { Context, Subject } from './context.ts'
import { ratio } from './report.ts'
import { Helper } from './thread.ts'

/**
 * How fast is `tally audit`: every entry over HTTP, every signature, every rule, every seal, every tile? The auditor is a
 * thread of its own, the server on the same cores. Of a log that was signed by the thousand.
 */
export async function auditLog({ report, machine }: Context, { log, port }: Subject): Promise<number> {
  report.begin(`auditing ${log.size} entries over HTTP`)
  const policy = formatPolicy({ logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
  const auditor = await Helper.start<AuditResult, AuditTask>('audit-run.ts', { port, policy })
  const before = process.cpuUsage()
  const { seconds, transactions } = await auditor.run()
  const { user, system } = process.cpuUsage(before)
  const rate = transactions / seconds
  report.add({
    what: 'full audit over HTTP',
    figure: rate,
    unit: 'tx/s',
    beside: `${ratio(rate, machine.sha256PerSecond / 3, 'SHA-256 × 1/3')}, ${((user + system) / transactions).toFixed(1)} µs of processor a transaction`,
    target: { atLeast: 300_000, aim: 800_000 },
  })
  return rate
}
