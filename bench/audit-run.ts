import { auditLog } from '../src/audit/audit.ts'
import { keepAlive } from '../src/audit/read/keep-alive.ts'
import { KeptLog } from '../src/audit/resume/audited-log.ts'
import { TallyClient } from '../src/client/index.ts'
import { utf8Encode } from '../src/core/bytes.ts'
import { parsePolicy } from '../src/core/note/policy.ts'
import { helperThread } from './thread.ts'
import { AUDITOR, ORIGIN } from './workload.ts'

/** A ledger to audit, the policy file to audit it by, and where to keep how far it was audited, if anywhere. */
export interface AuditTask {
  readonly port: number
  readonly policy: string
  readonly state?: string
}

export interface AuditResult {
  readonly seconds: number
  /**
   * Processor time of the thread that replays; that of others, who read and verify where there is much, is not in it.
   */
  readonly threadMs: number
  readonly transactions: number
  readonly entriesBefore: number
}

await helperThread<AuditTask, AuditResult>(async ({ port, policy: text, state }) => async () => {
  const policy = parsePolicy(utf8Encode(text))
  const url = `http://127.0.0.1:${port}`
  const client = new TallyClient({ url, policy, caller: AUDITOR, carry: keepAlive(8) })
  const kept = state === undefined ? undefined : await KeptLog.open(state, ORIGIN)
  const start = performance.now()
  const before = process.threadCpuUsage()
  const { report } = await auditLog({
    client,
    policy,
    onProgress() {},
    ...(kept === undefined ? {} : { kept }),
  })
  const { user, system } = process.threadCpuUsage(before)
  const seconds = (performance.now() - start) / 1000
  await kept?.close()
  const { transactions, entriesBefore, faults } = report
  if (faults.length > 0) throw new Error(`the audit found ${faults[0]!.code}: ${faults[0]!.message}`)
  return { seconds, threadMs: (user + system) / 1000, transactions, entriesBefore }
})
