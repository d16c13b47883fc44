import type { Submission } from '../core/entry/submission.ts'

/**
 * A batch with the time of the clock of the process that took it. The ledger time of the batch is this time, or that of
 * the batch before, if that is later: SPEC §4.
 */
export interface BatchCommand {
  readonly kind: 'batch'
  /** Milliseconds since 1970. */
  readonly time: number
  /**
   * How long its signers have to wait for their rate, in ms, as counted by the process that took the batch; 0 if they
   * need not wait. It is in the command because processes count differently: one that has just started has counted
   * less.
   */
  readonly waitMs: number
  /** The decoded batch, well formed. */
  readonly batch: Submission
}

/**
 * The end of an epoch: a seal of the state after all commands before it. A command for an epoch that is sealed already
 * does nothing, so several processes may ask for the same seal.
 */
export interface SealCommand {
  readonly kind: 'seal'
  /** Milliseconds since 1970. */
  readonly time: number
  /** The epoch that it ends. */
  readonly epoch: number
}

/**
 * The result of a process at a seal, told to the others that apply the same commands. It changes no ledger. The first
 * word about a seal counts, and a process signs a checkpoint only after that word has come and is its own.
 */
export interface SealWord {
  readonly kind: 'word'
  /** Epoch of the seal. */
  readonly epoch: number
  /** Number of entries of the log after the seal, and the root of their tree. */
  readonly size: number
  readonly root: Uint8Array
  /** Position of the seal's command: a process that has the log up to the seal continues after this position. */
  readonly position: number
}

/** A record that is no command. Every reader skips it, and logs that. */
export interface VoidCommand {
  readonly kind: 'void'
  /** Why it is none. */
  readonly why: string
}

/** A change of a ledger. The state is a function of the commands in their order, and of nothing else. */
export type Command = BatchCommand | SealCommand | SealWord

/** A command with its place in the order: 0 for the first. */
export interface PlacedCommand {
  readonly position: number
  readonly command: Command | VoidCommand
}
