import { StatementPages } from './statement-pages.ts'
import type { StatementTrust, VerifiedStatement } from './verified-statement.ts'

/**
 * Verifies a statement and returns what it proves. The checks are those of the table in SPEC §10, in its order; the
 * first that fails is thrown. Costs a few hashes a line, some thirty a batch and a record, and each signature that
 * counts once.
 *
 * @param bytes - untrusted: the statement. A page that others follow is none, and refused: `StatementPages` takes it.
 * @param trust - whom the verifier trusts and what it knows. Nothing of that is read from the statement.
 * @param growth - untrusted: the consistency proof from the checkpoint that was accepted last.
 * @throws FormatError where a part is malformed; VerifyError with the code of the first check that fails.
 * @example const { balance, unit } = verifyStatement(await readFile('3.statement'), { policy, card })
 */
export function verifyStatement(
  bytes: Uint8Array,
  trust: StatementTrust,
  growth: readonly Uint8Array[] = [],
): VerifiedStatement {
  const pages = new StatementPages(trust, { isWhole: true })
  pages.take(bytes, growth)
  return pages.statement
}
