import type { VerifierKey } from '../core/note/note.ts'
import type { Ledger } from '../ledger/index.ts'
import type { BatchAnswer } from '../verify/batch-answer.ts'
import type { DetailsKeeper } from './details-keeper.ts'
import type { FatalError, HeldError } from './failure.ts'
import type { Operator } from './operator.ts'
import type { Prover } from './publish/prover.ts'
import type { PublishedView } from './publish/published.ts'
import type { TestTime } from './test-time.ts'

/** How a log that follows another fares. */
export interface Following {
  readonly leader: string
  /** Entries of the last checkpoint that was seen there. */
  readonly size: number
  /** Entries of it that are not here yet. */
  readonly behind: number
  /** Why it cannot be followed for now. */
  readonly trouble?: string
  readonly notReady: HeldError | undefined
}

/** A log as a server shows it, whether it takes batches or follows another that does. */
export interface ServedLog {
  readonly ledger: Ledger
  readonly logKey: VerifierKey
  /** The ledger id for which is signed what stands in this log; undefined before there is one. */
  readonly ledgerId: Uint8Array | undefined
  /** How many entries are durable. */
  readonly size: number
  /** The time, as well as it is known here. */
  readonly timeMs: number
  /** Why the log has stopped, if it has. */
  readonly stopped: FatalError | undefined
  /** Why no batch is taken for now, if none is. */
  readonly held: HeldError | undefined
  /** The witnesses that are asked: what each cosigned last, and how often in a row it has not. */
  readonly witnesses: { readonly name: string; readonly size: number; readonly failures: number }[]
  /** Of a log that follows another: which, how far, and why it is not fit to be read, if it is not. */
  readonly following?: Following
  readonly publisher: PublishedView
  readonly prover: Prover
  readonly details: Pick<DetailsKeeper, 'put' | 'get' | 'disclose' | 'erase'>
  readonly operator: Pick<Operator, 'timeMs'>
  /** Of a test ledger: its time, which its shop moves. */
  readonly testTime?: Pick<TestTime, 'nowMs' | 'advance'> | undefined
  /** Whether there is no room for a batch of a few transactions of a caller, who is refused then. */
  isFull?(caller: string): boolean
  /**
   * Takes a batch as submitted in CBOR into the log (SPEC §11), in its caller's turn.
   *
   * @throws FormatError, RefusedError, HeldError, …
   */
  submitBytes(bytes: Uint8Array, caller?: string): Promise<BatchAnswer>
  /** Resolves when the state as it is now is durable. What was read of it is told only then. @throws FatalError. */
  durable(): Promise<void>
  /** A durable entry. */
  readEntry(index: number): Promise<Uint8Array>
  /** Durable entries, in the order asked for. */
  readEntries(indexes: readonly number[]): Promise<Uint8Array[]>
  /** The first `width` entries of bundle `n` as an entry bundle; undefined when the published log is shorter. */
  entryBundle(n: number, width: number): Promise<Uint8Array | undefined>
  /** Tile of hashes, of the published log only: c2sp.org/tlog-tiles. */
  tile(level: number, index: number, width: number): Promise<Uint8Array | undefined>
  /** File `n` of the archive of cosigned checkpoints; undefined after the last. */
  archived(n: number): Promise<Uint8Array | undefined>
  /** The salt of the totals of a published epoch; undefined for one to come. */
  salt(epoch: number): Uint8Array | undefined
  /** The log's signature of the salts of epochs from `from` on. SPEC §11. @throws HeldError without its key. */
  signSalts(from: number, salts: readonly Uint8Array[]): Promise<Uint8Array>
}
