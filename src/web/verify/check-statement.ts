import { toHex } from '../../core/bytes.ts'
import { ACCOUNT_KINDS, decodeTransaction, type Transaction } from '../../core/entry/transaction.ts'
import { CodedError } from '../../core/failure.ts'
import { kindOf } from '../../verify/file-kind.ts'
import { clockAhead } from '../../verify/ledger-time.ts'
import { pagesIn } from '../../verify/page.ts'
import { decodeStatement } from '../../verify/statement.ts'
import { StatementPages } from '../../verify/statement-pages.ts'
import type { VerifiedLine, VerifiedStatement } from '../../verify/verified-statement.ts'
import { verifyStatement } from '../../verify/verify-statement.ts'
import type { Trust } from './trust.ts'
import type { Halves, LineFacts, StatementFacts, Step, Unchecked, Verdict } from './verdict.ts'

/** Milliseconds of a quarter hour, in which dates of points are counted. */
const QUARTER_MS = 900_000

/** Is told how many entries of a statement in pages are verified, of how many. */
export type OnEntries = (done: number, total: number) => void

/**
 * What a statement proves, or the pages of one together. @param bytes - untrusted. @throws CodedError of
 * `verifyStatement` and `StatementPages`.
 */
export function checkStatement(bytes: Uint8Array, { policy, card, nowMs }: Trust, onEntries?: OnEntries): Verdict {
  const trust = { policy, ...(card === undefined ? {} : { card }), nowMs }
  let last = bytes
  let verified: VerifiedStatement
  if (kindOf(bytes) === 'pages') {
    const pages = new StatementPages(trust)
    for (const { statement, growth } of pagesIn(bytes)) {
      const { lineCount, entries } = pages.take(statement, growth)
      onEntries?.(lineCount, entries)
      last = statement
    }
    verified = pages.statement
  } else verified = verifyStatement(bytes, trust)
  return verdictOn(verified, last, { policy, card, nowMs })
}

/** What a verified statement proves. @param last - bytes of its last page, or of all of it. */
export function verdictOn(verified: VerifiedStatement, last: Uint8Array, { policy, card, nowMs }: Trust): Verdict {
  const { checkpoint, account, lines, seal } = verified
  const shown = lines.filter(line => line.ledgerTimeMs !== null).length
  const { path } = decodeStatement(last).seal
  const names = checkpoint.witnesses.map(({ name }) => name)
  const held = (name: Step['name'], more: Partial<Step> = {}): Step => ({ name, state: 'held', ...more })
  const unchecked: Unchecked[] = [
    ...(checkpoint.isWitnessed ? [] : (['witness'] as const)),
    ...(card === undefined ? (['yours'] as const) : []),
    'newer',
    'happened',
    ...(shown < lines.length ? (['other-signers'] as const) : []),
    'continues',
  ]
  const ahead = clockAhead(seal.time, checkpoint, policy, nowMs)
  return {
    kind: 'statement',
    holds: true,
    tone: 'fits',
    log: checkpoint.origin,
    logSize: checkpoint.size,
    steps: [
      held('signed', { names: [checkpoint.origin] }),
      ...(names.length > 0 ? [held('cosigned', { names })] : []),
      held('seal'),
      held('sealed-account'),
      held('count', { count: account.entries }),
      held('registry'),
      held('balance', { count: verified.balance }),
      held('order', { count: account.entries }),
      held('signers', { count: shown }),
      ...(card === undefined ? [] : [held('card')]),
    ],
    unchecked,
    path: { index: checkpoint.size - 1, size: checkpoint.size, levels: path.length, what: 'seal' },
    signers: names.length,
    halves: {
      signedEntries: account.entries,
      shownEntries: lines.length,
      signedBalance: verified.balance,
      amounts: lines.map(({ transaction }) => amountOf(transaction) ?? 0),
    },
    statement: factsOf(verified),
    ...(ahead === undefined ? {} : { clockOff: ahead.message }),
  }
}

function factsOf(verified: VerifiedStatement): StatementFacts {
  const { account, unit, balance, shares, member, seal, lines, whoMay, book } = verified
  const { owner, custodian, recovery } = whoMay
  return {
    account: account.number,
    unit,
    balance,
    available: shares.available,
    pending: shares.pending,
    held: shares.held,
    overdue: shares.overdue,
    lots: member.holdings.lots.map(({ matures, expires, amount }) => {
      return { maturesMs: dateMs(matures), expiresMs: dateMs(expires), amount }
    }),
    holds: member.holdings.holds.map(({ amount, until }) => ({ amount, untilMs: until })),
    status: (['open', 'frozen', 'closed', 'merged'] as const)[member.status] ?? 'closed',
    asOfMs: seal.time,
    lines: lines.map((line, i) => lineOf(line, verified.since + i + 1)),
    owner: owner === null ? undefined : toHex(owner.key),
    custodian: custodian?.record,
    custodianDebits: lines.filter(
      ({ signers, transaction }) => 'debit' in transaction && signers.some(one => one.by === 'custodian'),
    ).length,
    recoveryAtOnce: recovery?.delayMs === 0,
    isRecovering: member.holdings.recoveryKey !== null,
    ...(book === null
      ? {}
      : {
          book: {
            of: account.kind === ACCOUNT_KINDS.merchant ? ('merchant' as const) : ('budget' as const),
            ...{ sums: book.sums, asked: book.asked },
          },
        }),
  }
}

/** The time of a date of points; undefined where it is none. */
function dateMs(quarters: number): number | undefined {
  return quarters === 0 ? undefined : quarters * QUARTER_MS
}

function lineOf(line: VerifiedLine, number: number): LineFacts {
  const { transaction, timeMs, ledgerTimeMs, change, balance, signers, isErased } = line
  return {
    number,
    kind: transaction.kind,
    timeMs: ledgerTimeMs ?? timeMs,
    change,
    balance,
    amount: amountOf(transaction),
    expiresMs: 'expires' in transaction ? dateMs(transaction.expires) : undefined,
    details: 'details' in transaction && transaction.details !== null ? toHex(transaction.details) : undefined,
    rule: 'rule' in transaction && transaction.rule !== 0 ? transaction.rule : undefined,
    signers: signers.map(({ by, record }) => ({ by, record })),
    isShown: ledgerTimeMs !== null,
    isErased,
  }
}

/** What a transaction moves or holds; undefined where it does neither. */
export function amountOf(transaction: Transaction): number | undefined {
  return 'amount' in transaction ? transaction.amount : undefined
}

/** What can still be read of a statement that does not hold: what its account says, and what it shows. */
export function halvesOf(bytes: Uint8Array): Halves | undefined {
  try {
    const { account, lines, since } = decodeStatement(bytes)
    const amounts = lines.map(line => {
      try {
        return amountOf(decodeTransaction(line)) ?? 0
      } catch (error) {
        if (error instanceof CodedError) return 0
        throw error
      }
    })
    const { entries, credit, debit } = account
    // What can be drawn: an account of which that many entries were signed is no matter of one page.
    if (entries > 1_000_000) return undefined
    return { signedEntries: entries, shownEntries: since + lines.length, signedBalance: credit - debit, amounts }
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}
