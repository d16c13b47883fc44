import { equalBytes } from '../core/bytes.ts'
import { check } from '../core/failure.ts'
import type { KeptRecord } from './proven-records.ts'
import type { Statement } from './statement.ts'

/** What a reader keeps of a verified statement, to verify the next one from there on (SPEC §10). */
export interface KeptState {
  readonly ledgerId: Uint8Array
  readonly account: number
  readonly opening: Uint8Array
  /** Size of the checkpoint. */
  readonly size: number
  /** All entries of the account that were verified, from its opening on. */
  readonly entries: readonly Uint8Array[]
  /** Ledger time of each, null where no statement showed its batch. */
  readonly times: readonly (number | null)[]
  /** Records that were shown. */
  readonly records: readonly KeptRecord[]
}

/** Entries of an account that were verified before, and their times. */
export interface KeptLines {
  readonly entries: readonly Uint8Array[]
  readonly times: readonly (number | null)[]
}

/**
 * The entries that a recomputation starts with: none, or those that the reader kept. Anyone who kept some is shown them
 * again, or what follows them: a whole statement that begins otherwise, or is of an earlier checkpoint, is a history
 * rewritten or rolled back.
 *
 * @throws VerifyError `kept-state`. SPEC §10.
 */
export function keptLines(
  { since, account, lines }: Statement,
  ledgerId: Uint8Array,
  size: number,
  kept: KeptState | undefined,
): KeptLines {
  if (kept === undefined) {
    const words = `the statement begins behind entry ${since} of the account, which you have not verified`
    check(since === 0, 'kept-state', words)
    return { entries: [], times: [] }
  }
  const { entries, times } = kept
  check(
    (since === 0
      ? entries.every((entry, i) => lines[i] !== undefined && equalBytes(entry, lines[i]))
      : entries.length === since) &&
      kept.account === account.number &&
      kept.size <= size &&
      equalBytes(kept.ledgerId, ledgerId) &&
      equalBytes(kept.opening, account.opening),
    'kept-state',
    'the statement does not continue the one you verified before',
  )
  return { entries: since === 0 ? [] : entries, times }
}
