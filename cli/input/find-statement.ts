import { toBase64 } from '../../src/core/bytes.ts'
import { CodedError, VerifyError } from '../../src/core/failure.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { isTestPolicy, type Policy } from '../../src/core/note/policy.ts'
import type { KeptAccount } from '../../src/files/wallet-folder.ts'
import type { Card } from '../../src/verify/card.ts'
import type { EvidenceFile } from '../../src/verify/evidence/evidence-file.ts'
import { proveLateLine } from '../../src/verify/late-line.ts'
import { clockAhead } from '../../src/verify/ledger-time.ts'
import { originsClaimed } from '../../src/verify/logs.ts'
import type { StatementPage } from '../../src/verify/page.ts'
import { decodeStatement, encodeStatement, withoutLines } from '../../src/verify/statement.ts'
import { StatementPages } from '../../src/verify/statement-pages.ts'
import type { StatementTrust, VerifiedPage } from '../../src/verify/verified-statement.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import type { Finding } from '../screen/finding.ts'
import { statementFinding } from '../screen/show-statement.ts'
import { keptAs, proofFrom, type Visit, verifyOrShow } from './visit.ts'

/** How a statement is to be verified. */
export interface StatementVisit {
  readonly card: Card | undefined
  /** Whether the card was compared with a key file. */
  readonly hasKey: boolean
  readonly maxAge: number | undefined
  readonly acceptDropped: boolean
}

/**
 * Verifies a statement, page by page where it comes in pages, and keeps in the wallet what holds.
 *
 * @param pages - untrusted: several in their order, or one that is said to be whole.
 * @param onPage - is told of each page that holds as far as it goes.
 * @throws VerifyError; FormatError; UsageError `state`.
 */
export async function findStatement(
  pages: AsyncIterable<StatementPage & { readonly isWhole?: boolean }>,
  { policy, wallet, seen, growth }: Visit,
  { card, hasKey, maxAge, acceptDropped }: StatementVisit,
  onPage: (page: VerifiedPage) => void,
): Promise<Finding> {
  const asked = pages[Symbol.asyncIterator]()
  const first = await asked.next()
  if (first.done === true) throw new VerifyError('pages-missing', 'there is no page in it')
  let { statement: bytes } = first.value
  // Where to look, and no more: what it says of itself is checked below.
  let claimed = decodeStatement(bytes)
  let isFirst = true
  const { origin } = parseCheckpoint(parseNote(claimed.checkpoint).text)
  const origins = originsClaimed(claimed, origin)
  const last = origins.flatMap(name => seen.find(one => one.origin === name) ?? [])[0]
  const kept = await wallet?.keptUnder(origins, claimed.account.number)
  const trust: StatementTrust = {
    policy,
    seen: (await wallet?.seenWith(seen, claimed.account.number)) ?? [],
    ...(card === undefined ? {} : { card }),
    ...(kept === undefined ? {} : { kept }),
    mayDrop: acceptDropped,
    nowMs: Date.now(),
    ...(maxAge === undefined ? {} : { freshness: { nowMs: Date.now(), maxAgeMs: maxAge } }),
  }
  const verified = await verifyOrShow(
    async () => {
      if (first.value.isWhole === true) return verifyStatement(bytes, trust, proofFrom(last, growth))
      const reading = new StatementPages(trust)
      onPage(reading.take(bytes, proofFrom(last, growth)))
      for (let next = await asked.next(); next.done !== true; next = await asked.next()) {
        isFirst = false
        bytes = next.value.statement
        claimed = decodeStatement(bytes)
        onPage(reading.take(bytes, next.value.growth))
      }
      return reading.statement
    },
    async error => {
      // Between two pages there is nothing to compare with what the wallet has.
      const notes = isFirst ? await wallet?.twoNotes(policy, claimed.checkpoint, error) : undefined
      return keptAs(wallet, policy, notes ?? (kept && evidenceOf(error, bytes, { origin, kept, policy })))
    },
  )
  await wallet?.keepCheckpoint(policy, claimed.checkpoint, verified.checkpoint)
  await wallet?.keep(verified.checkpoint.origin, { ...verified.kept, sealed: encodeStatement(withoutLines(claimed)) })
  return statementFinding(verified, {
    hasCard: card !== undefined,
    hasKey,
    // Of a test ledger no age is looked at.
    hasAge: maxAge !== undefined && !isTestPolicy(policy),
    hasWallet: wallet !== undefined,
    last,
    clockOff: clockAhead(verified.seal.time, verified.checkpoint, policy, Date.now())?.message,
  })
}

/** What shows others that an earlier statement was false, if they will see it (SPEC §11, `line-late`). */
function evidenceOf(
  { code, message }: VerifyError,
  statement: Uint8Array,
  { origin, kept, policy }: { origin: string; kept: KeptAccount; policy: Policy },
): EvidenceFile | undefined {
  if (code !== 'line-late') return undefined
  try {
    proveLateLine(kept.sealed, statement, policy)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
  const evidence = { statement: toBase64(statement), earlierStatement: toBase64(kept.sealed) }
  return { origin, time: new Date().toISOString(), code, message, needs: 'nothing', evidence }
}
