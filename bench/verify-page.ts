import { utf8Encode } from '../src/core/bytes.ts'
import { parsePolicy } from '../src/core/note/policy.ts'
import { parseCard } from '../src/verify/card.ts'
import { verifyStatement } from '../src/verify/verify-statement.ts'
import { helperThread } from './thread.ts'
import { SAMPLE_ENTRIES } from './workload.ts'

/** A statement and what its reader trusts, as files. */
export interface Verification {
  readonly bytes: Uint8Array
  readonly policy: string
  readonly card: Uint8Array
}

export interface VerificationResult {
  readonly firstMs: number
  /** Median of five more. */
  readonly againMs: number
}

await helperThread<Verification, VerificationResult>(
  async ({ bytes, policy, card }) => {
    const verifyOnce = () => {
      const start = performance.now()
      const trust = { policy: parsePolicy(utf8Encode(policy)), card: parseCard(card) }
      const { lines } = verifyStatement(bytes, trust)
      if (lines.length !== SAMPLE_ENTRIES) throw new Error(`the statement has ${lines.length} lines`)
      return performance.now() - start
    }
    return async () => {
      const firstMs = verifyOnce()
      const more = Array.from({ length: 5 }, verifyOnce).sort((a, b) => a - b)
      return { firstMs, againMs: more[2]! }
    }
  },
  { portable: true },
)
