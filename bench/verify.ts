import { decodeTransaction } from '../src/core/entry/transaction.ts'
import { formatPolicy } from '../src/core/note/policy.ts'
import { leafHash } from '../src/core/tree/merkle.ts'
import { formatCard } from '../src/verify/card.ts'
import { decodeStatement } from '../src/verify/statement.ts'
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
 * How long does a member's page take to verify such a statement? With the portable engine, which is what a browser has,
 * in a fresh V8 isolate that has not run a line of it before; then again, warm. And in a Chromium that was just
 * started, with the module as a page gets it, where there is one.
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
    const card = cardOf(bytes, ledgerId, account)
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
    beside:
      `${native(statementMs, machine)}; median of ${first.length} fresh isolates, ` +
      `${formatFigure(quantile(again, 0.5))} ms once warm`,
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
    const card = cardOf(statement, ledgerId, account)
    pages.push(await verifyInBrowser(chromium, { code, statement, policy, card }))
  }
  const ofPages = (figure: (page: PageResult) => number) => quantile(pages.map(figure), 0.5)
  const browserMs = ofPages(page => page.firstMs)
  report.add({
    what: 'the same in a browser',
    figure: browserMs,
    unit: 'ms',
    beside:
      `${/Chrome\/\d+/.exec(pages[0]!.agent)?.[0]}; median of ${pages.length} fresh pages, ` +
      `${formatFigure(ofPages(page => page.againMs))} ms once warm`,
    target: { atMost: 100 },
  })
  return { statementMs, browserMs }
}

/** What the holder of an account would keep, from its opening: the first line of a statement. */
function cardOf(statement: Uint8Array, ledgerId: Uint8Array, account: number): Uint8Array {
  const [entry] = decodeStatement(statement).lines
  const opening = decodeTransaction(entry!)
  if (opening.kind !== 'open-account') throw new Error('a statement begins with the opening')
  const { nonce, owner } = opening
  return formatCard({
    origin: ORIGIN,
    ledgerId,
    account,
    opening: leafHash(entry!),
    nonce,
    owners: owner ? [owner] : [],
  })
}
