/**
 * WHERE. Finds used ids, and the places of each account’s entries in the log. It keeps runs of 2^18 entries in rows
 * that can be made again from the log. It knows neither rules nor disks: its callers hand in the rows.
 *
 * @example
 * const ids = new Ids()
 * const hits = ids.claim(transactions, ledger.size + 1) // ids that may have been used before
 */

export {
  FINGERPRINT_SECRET_BYTES,
  Fingerprint,
  idOf,
  idStart,
  isSameId,
  latestTime,
  spread,
  spreadAgain,
} from './ids/fingerprint.ts'
export type { Hit, IdMatches, Referred } from './ids/hit.ts'
export { Ids, type IdsOptions, type ReadEntries } from './ids/ids.ts'
export { type IdsCut, OpenRun } from './ids/open-run.ts'
export { PositionRuns } from './postings/position-runs.ts'
export { accountsNamed, type Listing, Positions, type PositionsOptions } from './postings/positions.ts'
export type { Postings } from './postings/postings.ts'
export { RecentPositions } from './postings/recent-positions.ts'
export {
  AT_ONCE,
  CHECKSUM_BYTES,
  MemoryRows,
  mix,
  openRow,
  type Row,
  type Rows,
  RowWriter,
  rowKey,
  rowsByNumber,
  sealRow,
  sealRowInPlace,
  type Turn,
} from './rows.ts'
export { Runs, type RunsOptions } from './runs.ts'
