import { firstHead, nextHead } from '../account/account.ts'
import { concatBytes, equalBytes } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeSeal } from '../core/entry/seal.ts'
import { ACCOUNT_KINDS } from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import { BATCH_DEPTH } from '../core/limits.ts'
import { type Policy, verifyEntry } from '../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../core/note/signed.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { listRootOfHashes } from '../core/tree/ssz.ts'
import { ShownBatch } from './batch-proof.ts'
import { checkLinks } from './links.ts'
import { isBeginningOf, provenLogs } from './proven-logs.ts'
import { decodeStatement, type Statement, type StatementBatch } from './statement.ts'
import { checkSealed } from './statement-checks.ts'

/** A line of an account that the log had, and a seal over that log did not count. */
export interface LateLine {
  readonly checkpoint: SignedCheckpoint
  readonly earlier: SignedCheckpoint
  readonly account: number
  /** Number of the line, and how many the earlier statement said that there were. */
  readonly line: number
  readonly entriesThen: number
  /** Log index of its batch, below the size of the earlier checkpoint. */
  readonly index: number
}

const FAILS = 'not-proven'

/**
 * Shows that an earlier statement was false: it says that an account had so many entries, and a later one has another
 * among those that follow, which the log had accepted by then. SPEC §11, `line-late`. No honest log can have signed
 * both: every entry that it accepted and that names the account is one link of the account's chain, in the order of the
 * log.
 *
 * @param earlier - untrusted, as is `later`: statements of one account, the earlier one with or without its lines, the
 * later one with all of them, or with those since the earlier.
 * @throws VerifyError `not-proven`, or a code of SPEC §10 where one of them does not hold; FormatError.
 */
export function proveLateLine(earlier: Uint8Array, later: Uint8Array, policy: Policy): LateLine {
  const [then, now] = [opened(earlier, policy), opened(later, policy)]
  const { entries, head, number, opening } = then.statement.account
  const { account, since, lines, batches, places } = now.statement
  const isOne =
    equalBytes(then.ledgerId, now.ledgerId) && number === account.number && equalBytes(opening, account.opening)
  check(isOne, FAILS, 'the two statements are of two accounts')
  // A log that was continued from before has another history from there on.
  const isGrown =
    then.checkpoint.origin === now.checkpoint.origin ||
    isBeginningOf(provenLogs(now.statement, policy), then.checkpoint)
  check(isGrown, FAILS, 'the log of the later statement does not go on from all that the earlier one is of')
  const isWhole = since + lines.length === account.entries
  check(isWhole && (since === 0 || since === entries), FAILS, 'the later statement does not show what came since')
  const linked = linkedLines(now.statement)
  let made = since === 0 ? firstHead() : head
  let hasBeginning = account.entries <= entries
  for (const { first, link } of linked) {
    if (first === entries + 1) hasBeginning = equalBytes(made, head)
    made = nextHead(made, link)
  }
  check(hasBeginning, FAILS, 'the later statement has another beginning')
  check(equalBytes(made, account.head), FAILS, 'the lines are not those of the account')
  const isLate = (line: number, at: number) => line > entries && (batches[at]?.index ?? Infinity) < then.checkpoint.size
  const found = (line: number, at: number): LateLine => ({
    checkpoint: now.checkpoint,
    earlier: then.checkpoint,
    account: number,
    line,
    entriesThen: entries,
    index: batches[at]!.index,
  })
  for (const { line, at, position, batchPath } of places) {
    const entry = lines[line - since - 1]
    if (entry === undefined || !isLate(line, at)) continue
    const isShown = wasAccepted(now.checkpoint, batches[at]!, position, shown =>
      shown.verifyAt(leafHash(entry), position, batchPath, FAILS, 'the entry'),
    )
    if (isShown) return found(line, at)
  }
  for (const { first, count, link, at } of linked) {
    if (at === null || !isLate(first, at)) continue
    const isShown = wasAccepted(now.checkpoint, batches[at]!, 0, shown => shown.verifyWhole(link, count, FAILS))
    if (isShown) return found(first, at)
  }
  check(false, FAILS, 'no entry of the later statement is shown to have been in the log when the earlier one was made')
}

/** Lines of a statement that are one link of the chain: the number of the first, how many, and the link. */
interface LinkedLines {
  readonly first: number
  readonly count: number
  readonly link: Uint8Array
  /** The batch that they are all of, by its place among those of the statement. */
  readonly at: number | null
}

function linkedLines(statement: Statement): LinkedLines[] {
  checkLinks(statement)
  const { account, lines, since, links } = statement
  if (account.kind === ACCOUNT_KINDS.member)
    return lines.map((line, i) => ({ first: since + i + 1, count: 1, link: leafHash(line), at: null }))
  let end = 0
  return links.map(({ count, at }) => {
    const leaves = concatBytes(...lines.slice(end, end + count).map(leafHash))
    end += count
    return { first: since + end - count + 1, count, link: listRootOfHashes(leaves, BATCH_DEPTH), at }
  })
}

/** Whether something holds of a batch of the log, and what stands at a position there was accepted. */
function wasAccepted(
  checkpoint: SignedCheckpoint,
  { index, batch, path }: StatementBatch,
  position: number,
  verify: (shown: ShownBatch) => void,
): boolean {
  try {
    const shown = new ShownBatch(checkpoint, index, batch, path, FAILS)
    verify(shown)
    return shown.status(position) === ACCEPTED
  } catch (error) {
    if (error instanceof VerifyError && error.code === FAILS) return false
    throw error
  }
}

/**
 * A statement whose seal, account and ledger id are those of a checkpoint that the log signed, no matter who cosigned
 * it.
 */
function opened(bytes: Uint8Array, policy: Policy) {
  const statement = decodeStatement(bytes)
  const { seal, batches } = statement
  const checkpoint = openSigned(statement.checkpoint, policy)
  const first = batches[0]!
  const ledgerId = leafHash(first.batch)
  verifyEntry(checkpoint, 0, ledgerId, first.path, 'genesis-proof', 'the ledger id is not entry 0 of the log')
  const words = 'the last entry of the checkpoint is not this seal'
  verifyEntry(checkpoint, checkpoint.size - 1, leafHash(seal.entry), seal.path, 'seal-proof', words)
  checkSealed(statement, decodeSeal(seal.entry))
  return { statement, checkpoint, ledgerId }
}
