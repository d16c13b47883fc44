import { formatPolicy } from '../src/core/note/policy.ts'
import { formatCard } from '../src/verify/card.ts'
import { bundleVerifier } from '../test/browser/bundle.ts'
import { findChromium } from '../test/browser/chromium.ts'
import { type PageResult, verifyInBrowser } from '../test/browser/verify-in-browser.ts'
import type { Context, Subject } from './context.ts'
import { formatFigure, native } from './report.ts'
import { quantile, type Results } from './results.ts'
import type { Statements } from './statement.ts'
import { Helper } from './thread.ts'
import type { Verification, VerificationResult } from './verify-page.ts'
import { ORIGIN } from './workload.ts'

/**
 * How long does a member's page take to verify such a statement? With the portable engine, which is what a browser has, in
 * a fresh V8 isolate that has not run a line of it before; then again, warm. And in a Chromium that was just started, with
 * the module as a page gets it, where there is one.
 */
export async function verify(
  { report, machine }: Context,
  { log }: Subject,
  { some }: Statements,
): Promise<Results['verify']> {
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
  const chromium = findChromium()
  if (chromium === undefined) {
    report.begin('no Chromium on this machine: no browser is measured')
    return { statementMs }
  }
  const { code } = await bundleVerifier()
  const pages: PageResult[] = []
  for (const { account, bytes: statement } of some) {
    const { opening } = log.ledger.state.accounts.get(account)
    const card = formatCard({ origin: ORIGIN, ledgerId, account, opening })
    pages.push(await verifyInBrowser(chromium, { code, statement, policy, card }))
  }
  const ofPages = (figure: (page: PageResult) => number) => quantile(pages.map(figure), 0.5)
  const browserMs = ofPages(page => page.firstMs)
  report.add({
    what: 'the same in a browser',
    figure: browserMs,
    unit: 'ms',
    beside: `${/Chrome\/\d+/.exec(pages[0]!.agent)?.[0]}; median of ${pages.length} fresh pages, ${formatFigure(ofPages(page => page.againMs))} ms once warm`,
    target: { atMost: 100 },
  })
  return { statementMs, browserMs }
}
