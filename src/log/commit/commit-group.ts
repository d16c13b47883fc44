import type { Piece } from '../../store/index.ts'
import type { QueuedBatch } from '../intake/queued-batch.ts'
import type { QueuedSeal } from '../intake/queued-seal.ts'
import type { Head } from '../tree/tree-head.ts'
import type { AppliedBatch } from './acknowledge.ts'

/** What is written with one sync: commands that have been applied, one after another. A seal is a group of its own. */
export interface CommitGroup {
  /** Those that were submitted here, to be told when the group fails. */
  readonly members: (QueuedBatch | QueuedSeal)[]
  /** In their order, those that are answered. */
  readonly applied: AppliedBatch[]
  /** What those are told that were refused. */
  readonly refused: (() => void | Promise<void>)[]
  /** The seals that are to be answered. */
  readonly seals: QueuedSeal[]
  /** How many entries the log has after the last seal, once the group is closed. */
  sealedSize: number
  /** Whether the group is a seal that another process asked for. */
  isSealOfOthers: boolean
  /** Position of the first command after the group. */
  next: number
  pieces: Piece[]
  /** The log after the group, once it is closed, and ledger time then. */
  head: Head | undefined
  time: number
}

/** A group without commands. @param next - position of its first. */
export function openGroup(next: number): CommitGroup {
  return {
    members: [],
    applied: [],
    refused: [],
    seals: [],
    sealedSize: 0,
    isSealOfOthers: false,
    next,
    pieces: [],
    head: undefined,
    time: 0,
  }
}
