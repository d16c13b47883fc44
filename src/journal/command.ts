import type { Submission } from '../core/entry/submission.ts'

/**
 * A batch in the order of the ledger, with the time by the clock of the process that took it. Ledger time then is that
 * time, or the one before where that is later: SPEC §4.
 */
export interface BatchCommand {
  readonly kind: 'batch'
  /** Milliseconds since 1970. */
  readonly time: number
  /**
   * How long its signers have to wait for their rate, in ms, as the process saw it that took it; 0 where they need not.
   * It stands in the command, as those who apply it may not agree on it: one that has just started has counted less.
   */
  readonly waitMs: number
  /** Well formed. */
  readonly batch: Submission
}

/**
 * The end of an epoch in the order of the ledger: a seal of the state behind all commands before it. One whose epoch
 * has been sealed already does nothing: several processes may ask for the same seal.
 */
export interface SealCommand {
  readonly kind: 'seal'
  /** Milliseconds since 1970. */
  readonly time: number
  /** The epoch that it ends. */
  readonly epoch: number
}

/**
 * What a process came to at a seal, told to the others that apply the same commands. It changes no ledger: nobody signs
 * a checkpoint before a word has come that is his own, and the first word on a seal counts.
 */
export interface SealWord {
  readonly kind: 'word'
  /** Epoch of the seal. */
  readonly epoch: number
  /** How many entries the log has behind the seal, and the root of their tree. */
  readonly size: number
  readonly root: Uint8Array
  /** Position of the seal's command: who has the log up to the seal goes on behind that position. */
  readonly position: number
}

/** A record that is no command: everyone steps over it, and says so. */
export interface VoidCommand {
  readonly kind: 'void'
  /** Why it is none. */
  readonly why: string
}

/** What changes a ledger. The state is a function of the commands in their order, and of nothing else. */
export type Command = BatchCommand | SealCommand | SealWord

/** A command as it is read, and its place in the order: 0 for the first. */
export interface PlacedCommand {
  readonly position: number
  readonly command: Command | VoidCommand
}
