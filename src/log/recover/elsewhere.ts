import { equalBytes } from '../../core/bytes.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../../core/note/signed.ts'
import { ArchiveError, FatalError } from '../failure.ts'
import type { LogTree } from '../tree/log-tree.ts'

/** A place that may have seen more of a log than its store has: a folder that it is published in, a follower. */
export interface Place {
  /** For people. */
  readonly name: string
  /** Whether nothing is signed at a start before it has answered. */
  readonly isNeeded: boolean
  /**
   * The latest checkpoint of the log there, a signed note, or undefined where there is none. Untrusted. Rejects without
   * an answer.
   */
  readonly checkpoint: (signal: AbortSignal) => Promise<Uint8Array | undefined>
  /**
   * The root of the first `size` entries there, proven to be the beginning of a longer tree; where it has the tiles for
   * that. Rejects where they are not at hand.
   */
  readonly rootAt?: (size: number, tree: { readonly size: number; readonly root: Uint8Array }) => Promise<Uint8Array>
}

/** The log that is here. */
export interface OwnLog {
  /** The keys of the log, and of those that the ledger was in before. */
  readonly logKeys: readonly VerifierKey[]
  readonly tree: LogTree
}

/**
 * What a checkpoint that the log's key signed, and someone else has, says of the log here.
 *
 * @param note - untrusted.
 * @returns how many entries it has that are missing here: 0 where it is of this very log.
 * @throws FatalError `ledger-mismatch` where it is of another history; FormatError, VerifyError where it is not of the
 * log's key.
 */
export async function missingHere(
  note: Uint8Array,
  { name, rootAt }: Pick<Place, 'name' | 'rootAt'>,
  { logKeys, tree }: OwnLog,
): Promise<number> {
  const seen = openOwn(note, logKeys)
  const size = Math.min(seen.size, tree.size)
  // Of a longer one it is only known where there are tiles whether this log is its beginning.
  const root = size === seen.size ? seen.root : await rootAt?.(size, seen).catch(() => undefined)
  if (root !== undefined && !equalBytes(await tree.rootAt(size), root))
    throw new FatalError(
      'ledger-mismatch',
      `${name} has a checkpoint of ${seen.size} entries, signed by the key of this ledger, that is not of the ` +
        'log in the store: there are two histories. Nothing was signed. Start the data directory that the other ' +
        'was made from. Where both were shown to anyone, this log is finished: a new one needs a new key.',
    )
  return seen.size - size
}

/**
 * The checkpoint in a note that the log's own key signed, whatever stands beside that. @throws FormatError;
 * VerifyError.
 */
export function openOwn(note: Uint8Array, logKeys: readonly VerifierKey[]): SignedCheckpoint {
  const policy: Policy = { logs: logKeys.map(key => ({ key })), witnesses: [], groups: [], quorum: 'none' }
  return openSigned(note, policy)
}

/** That entries are missing here which the log's key signed elsewhere, found while the log runs. */
export function moreElsewhere(where: string, missing: number): FatalError {
  return new FatalError(
    'ledger-mismatch',
    `${where} has seen ${missing} entries more of this log, signed by its key, than there are here: another copy ` +
      'of it goes on. Nothing more is signed here. Start only the data directory that has them.',
  )
}

/** What a promise comes to in time. */
export function withinTime<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    answer,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new ArchiveError('place-silent', 'no answer in time')), {
        once: true,
      })
    }),
  ])
}
