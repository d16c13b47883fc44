import { CodedError, FormatError } from '../../core/failure.ts'
import { parsePolicy } from '../../core/note/policy.ts'
import { parseCard } from '../../verify/card.ts'
import { kindOf } from '../../verify/file-kind.ts'
import { checkEvidence, checkRefusal } from './check-accusations.ts'
import { checkCheckpoint, checkPromise, checkReceipt, checkTotals } from './check-proofs.ts'
import { checkStatement, halvesOf, type OnEntries } from './check-statement.ts'
import { trustKindOf } from './file-kinds.ts'
import { stepsUpTo } from './steps.ts'
import type { Trust } from './trust.ts'
import type { CheckedKind, StepName, Verdict } from './verdict.ts'

const CHECKS: Readonly<Record<CheckedKind, (bytes: Uint8Array, trust: Trust, onEntries?: OnEntries) => Verdict>> = {
  statement: checkStatement,
  receipt: checkReceipt,
  promise: checkPromise,
  refusal: checkRefusal,
  evidence: checkEvidence,
  totals: checkTotals,
  checkpoint: checkCheckpoint,
}

/** What a file is; undefined where it is nothing that this page verifies. @param bytes - untrusted. */
function fileKindOf(bytes: Uint8Array): CheckedKind | undefined {
  const kind = kindOf(bytes)
  if (trustKindOf(bytes) !== undefined || kind === 'entry' || kind === 'card') return undefined
  if (kind === 'pages') return 'statement'
  return kind === 'note' ? 'checkpoint' : kind
}

/**
 * What a file proves, step by step; what it does not, and why, where it does not hold.
 *
 * @param bytes - untrusted: of any kind.
 * @param onEntries - is told how far a statement in pages was verified.
 * @throws FormatError `policy`, `card` where what the visitor brings along cannot be read; `file-kind` where the file
 * is of no kind that can be verified.
 */
export function checkFile(
  bytes: Uint8Array,
  brought: { readonly policy: Uint8Array; readonly card: Uint8Array | undefined; readonly nowMs: number },
  onEntries?: OnEntries,
): Verdict {
  const policy = parsePolicy(brought.policy)
  const card = brought.card === undefined ? undefined : parseCard(brought.card)
  const kind = fileKindOf(bytes)
  if (kind === undefined)
    throw new FormatError(
      'file-kind',
      'this is no statement, receipt, promise, refusal, totals, evidence or checkpoint',
    )
  try {
    return CHECKS[kind](bytes, { policy, card, nowMs: brought.nowMs }, onEntries)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return failedVerdict(kind, error, bytes, { policy, card })
  }
}

/** Codes that may heal by themselves, or accuse nobody: only the other half is missing. */
const HALF: ReadonlySet<string> = new Set([
  ...['quorum', 'stale', 'clock-ahead', 'unknown-log', 'pages-missing'],
  ...['not-proven', 'needs-replay', 'needs-observer', 'batch-version', 'seal-version'],
])

/** What is said of a file that does not hold. @param bytes - untrusted. */
export function failedVerdict(
  kind: CheckedKind,
  error: CodedError,
  bytes: Uint8Array,
  { policy, card }: Pick<Trust, 'policy' | 'card'>,
): Verdict {
  const { code, message } = error
  const left: StepName[] = [
    ...(policy.quorum === 'none' && code !== 'quorum' ? (['cosigned'] as const) : []),
    ...(card === undefined ? (['card', 'owner'] as const) : []),
  ]
  const halves = kind === 'statement' ? halvesOf(bytes) : undefined
  const isHalf = HALF.has(code) || error instanceof FormatError || kind === 'evidence'
  return {
    kind,
    holds: false,
    tone: isHalf ? 'half' : 'breaks',
    code,
    message,
    steps: stepsUpTo(kind, code, message, left),
    unchecked: [],
    signers: 0,
    ...(halves === undefined ? {} : { halves }),
  }
}
