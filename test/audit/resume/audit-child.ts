import { auditLog } from '../../../src/audit/audit.ts'
import { KeptLog } from '../../../src/audit/resume/audited-log.ts'
import { TallyClient } from '../../../src/client/index.ts'
import { fromHex, utf8Encode } from '../../../src/core/bytes.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'

/** What an audit is told that is going to be killed. */
export interface KeptTask {
  readonly url: string
  readonly state: string
  readonly origin: string
  readonly policy: string
  /** The auditor's record, and its seed in hex. */
  readonly record: number
  readonly seed: string
}

// Audits what is served, marks after every seal, and tells its parent how many entries it has replayed.
const { url, state, origin, policy: text, record, seed } = JSON.parse(process.argv[2]!) as KeptTask
const policy = parsePolicy(utf8Encode(text))
await auditLog({
  client: new TallyClient({ url, policy, caller: { holder: { record }, seed: fromHex(seed) } }),
  policy,
  kept: await KeptLog.open(state, origin),
  tuning: { thread: false, bundles: 1, markMs: 0, idBits: 8 },
  onProgress: entries => process.send!(entries),
})
process.disconnect()
