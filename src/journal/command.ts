import type { Submission } from '../core/entry/submission.ts'

/**
 * A batch in the order of the ledger, with the time by the clock of the process that took it. Ledger time then is that
 * time, or the one before where that is later: SPEC §4.
 */
export interface BatchCommand {
  readonly kind: 'batch'
  /** Milliseconds since 1970. */
  readonly time: number
  /** Well formed. Asked for once, when the command is applied. */
  readonly batch: Submission
}

/** The end of an epoch in the order of the ledger: a seal of the state behind all commands before it. */
export interface SealCommand {
  readonly kind: 'seal'
  /** Milliseconds since 1970. */
  readonly time: number
}

/** What changes a ledger. The state is a function of the commands in their order, and of nothing else. */
export type Command = BatchCommand | SealCommand

/** A command, and its place in the order: 0 for the first. */
export interface PlacedCommand {
  readonly position: number
  readonly command: Command
}
