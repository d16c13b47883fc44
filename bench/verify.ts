import { formatCard } from '../src/core/card.ts'
import { formatPolicy } from '../src/core/policy.ts'
import type { Context, Subject } from './context.ts'
import { formatFigure, native } from './report.ts'
import { quantile } from './results.ts'
import type { Statements } from './statement.ts'
import { Helper } from './thread.ts'
import type { Verification, VerificationResult } from './verify-page.ts'
import { ORIGIN } from './workload.ts'

/**
 * How long does a member's page take to verify such a statement? With the portable engine, which is what a browser has, in
 * a fresh V8 isolate that has not run a line of it before; then again, warm.
 */
export async function verify({ report, machine }: Context, { log }: Subject, { some }: Statements): Promise<number> {
  report.begin('verifying statements with the portable engine')
  const ledgerId = log.ledger.state.ledgerId!
  const policy = formatPolicy({ logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
  const first: number[] = []
  const again: number[] = []
  for (const { account, bytes } of some) {
    const { opening } = log.ledger.state.accounts.get(account)
    const card = formatCard({ origin: ORIGIN, ledgerId, account, opening })
    const page = await Helper.start<VerificationResult, Verification>('verify-page.ts', { bytes, policy, card })
    const { firstMs, againMs } = await page.run()
    first.push(firstMs)
    again.push(againMs)
  }
  const statementMs = quantile(first, 0.5)
  report.add({
    what: 'verification of the statement, portable engine',
    figure: statementMs,
    unit: 'ms',
    beside: `${native(statementMs, machine)}; median of ${first.length} fresh isolates, ${formatFigure(quantile(again, 0.5))} ms once warm`,
    target: { atMost: 100 },
  })
  return statementMs
}
