import type { Lie } from '../lies/lie.ts'

/** What a batch of a log was, and what the ledger is behind it. */
export interface TruthBatch {
  /** Log index of the batch entry; its transactions and a seal follow. */
  readonly index: number
  readonly time: number
  /** `record 4`, `owner 2`, `recovery 0 of 2`. */
  readonly signers: readonly string[]
  /** Of its groups, the position of the first transaction and how many there are; left out where there is none. */
  readonly groups?: readonly (readonly [first: number, count: number])[]
  /** One a transaction, in order. */
  readonly outcomes: readonly string[]
  /** In hex, as the seal behind the batch has them; the salt of the totals is 32 zero bytes. */
  readonly stateRoot: string
  readonly registryRoot: string
  readonly totalsRoot: string
}

/** A batch that is not taken. */
export interface TruthRefusal {
  /** How many entries the log has when it comes. */
  readonly size: number
  /** The batch as it is handed in, CBOR in base64. */
  readonly submission: string
  readonly code: string
}

/**
 * A log that follows from its rules: a file of the form of the corpus of lies, and what stands in it once more, in
 * words.
 */
export interface Truth extends Lie {
  readonly shown: {
    readonly checkpoint: string
    readonly entries: readonly string[]
    readonly salts: readonly string[]
  }
  readonly trust: { readonly policy: string }
  readonly batches: readonly TruthBatch[]
  readonly refused: readonly TruthRefusal[]
}
