import { audit } from '../cli/auditor.ts'
import { keepAlive } from '../cli/keep-alive.ts'
import { TallyClient } from '../src/client/index.ts'
import { utf8Encode } from '../src/core/bytes.ts'
import { parsePolicy } from '../src/core/policy.ts'
import { helperThread } from './thread.ts'
import { AUDITOR } from './workload.ts'

/** A ledger to audit, and the policy file to audit it by. */
export interface AuditTask {
  readonly port: number
  readonly policy: string
}

export interface AuditResult {
  readonly seconds: number
  readonly transactions: number
}

await helperThread<AuditTask, AuditResult>(async ({ port, policy }) => async () => {
  const client = new TallyClient({ url: `http://127.0.0.1:${port}`, caller: AUDITOR, carry: keepAlive(8) })
  const start = performance.now()
  const { transactions, faults } = await audit({ client, policy: parsePolicy(utf8Encode(policy)), onProgress() {} })
  if (faults.length > 0) throw new Error(`the audit found ${faults[0]!.code}: ${faults[0]!.message}`)
  return { seconds: (performance.now() - start) / 1000, transactions }
})
