/** A record as a stream has it. */
export interface StreamRecord {
  readonly offset: number
  /** Untrusted. Does not change any more. */
  readonly value: Uint8Array
}

/** Which offsets a stream has. */
export interface StreamRange {
  /** The first that is kept. */
  readonly first: number
  /** The one after the last. */
  readonly next: number
}

/**
 * A replicated sequence of records, kept by others: what a `SharedJournal` needs of Kafka, or of another engine. Each
 * record has an offset of its own, one more than that of the record before; what was acknowledged stays, and stays
 * where it is.
 */
export interface RecordStream {
  /** Which offsets there are. @throws JournalError `journal-read` where nobody answers. */
  range(): Promise<StreamRange>

  /**
   * Appends records, one after another. They may come into the stream twice; never in another order.
   *
   * @returns the offset of the first.
   * @throws JournalError `journal-write`, where nobody knows whether they are in it.
   */
  append(values: readonly Uint8Array[]): Promise<number>

  /**
   * Records from an offset on, without a gap; waits for a while where there are none, and then returns none.
   *
   * @throws JournalError `journal-range` where the stream has no such offset, or not any more; `journal-read` where
   *   nobody answers.
   */
  read(from: number): Promise<readonly StreamRecord[]>

  /** Ends what is under way, which rejects or returns none. */
  close(): Promise<void>
}
