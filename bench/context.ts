import type { TallyLog } from '../src/log/index.ts'
import type { Report } from './report.ts'
import type { Machine } from './results.ts'
import type { Balances, Workload } from './workload.ts'

/** How much of everything is measured. */
export interface Size {
  readonly machineSeconds: number
  readonly members: number
  /** Accounts of the ledger whose memory is measured: what a process has resident varies by 80 MB from run to run. */
  readonly accounts: number
  /** Batches of a thousand, in process. */
  readonly batches: number
  /** Transactions signed one by one, in process. */
  readonly singles: number
  readonly httpBatches: number
  readonly httpSingles: number
  /** How long latencies are looked at under half load. */
  readonly loadSeconds: number
  /** Accounts that change before a seal is timed. */
  readonly dirty: number
  /** Batches of a thousand of the growing ledger, and how many at either end are compared. */
  readonly growthBatches: number
  readonly growthEnds: number
  readonly baselineBatches: number
  readonly postgresSeconds: number
  /** Events that are evaluated by a programme, and the members that they are of. */
  readonly programmeEvents: number
  readonly programmeMembers: number
}

/** Below a minute: shows that everything runs, and how things lie. The targets are for `FULL`. */
export const QUICK: Size = {
  machineSeconds: 0.4,
  members: 20_000,
  accounts: 200_000,
  batches: 150,
  singles: 3_000,
  httpBatches: 200,
  httpSingles: 3_000,
  loadSeconds: 2,
  dirty: 2_000,
  growthBatches: 60,
  growthEnds: 20,
  baselineBatches: 80,
  postgresSeconds: 1,
  programmeEvents: 40_000,
  programmeMembers: 1_000,
}

/** What the targets are stated for. */
export const FULL: Size = {
  machineSeconds: 2,
  members: 1_000_000,
  accounts: 20_000_000,
  batches: 3_000,
  singles: 200_000,
  httpBatches: 2_000,
  httpSingles: 200_000,
  loadSeconds: 30,
  dirty: 100_000,
  growthBatches: 20_000,
  growthEnds: 1_000,
  baselineBatches: 2_000,
  postgresSeconds: 30,
  programmeEvents: 400_000,
  programmeMembers: 10_000,
}

/** What every question is given. */
export interface Context {
  readonly size: Size
  /** A temporary folder: on the disk that is to be measured. */
  readonly directory: string
  readonly machine: Machine
  readonly report: Report
}

/** The ledger that most questions are asked of, and what is needed to call it. */
export interface Subject {
  readonly log: TallyLog
  readonly workload: Workload
  readonly balances: Balances
  readonly port: number
}
