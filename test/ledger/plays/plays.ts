import { CAP_PLAYS } from './caps.ts'
import { CLAIM_PLAYS } from './claims.ts'
import { CUSTODY_PLAYS } from './custody.ts'
import { GROUP_PLAYS } from './groups.ts'
import { HOLDINGS_PLAYS } from './holdings.ts'
import { LEDGER_PLAYS } from './ledger.ts'
import { MERGE_PLAYS } from './merges.ts'
import { MIGRATION_PLAYS } from './migration.ts'
import type { Play } from './play.ts'
import { POOL_PLAYS } from './pools.ts'
import { REF_PLAYS } from './refs.ts'
import { REINSTATEMENT_PLAYS } from './reinstatement.ts'
import { STATUS_PLAYS } from './statuses.ts'
import { TAKE_PLAYS } from './takes.ts'
import { UNIT_PLAYS } from './units.ts'

/** Stories of several transactions and batches, after which a mistake shows in an outcome or in a root. */
export const PLAYS: Readonly<Record<string, Play>> = {
  ...LEDGER_PLAYS,
  ...HOLDINGS_PLAYS,
  ...UNIT_PLAYS,
  ...CUSTODY_PLAYS,
  ...GROUP_PLAYS,
  ...REF_PLAYS,
  ...TAKE_PLAYS,
  ...CAP_PLAYS,
  ...POOL_PLAYS,
  ...MIGRATION_PLAYS,
  ...REINSTATEMENT_PLAYS,
  ...MERGE_PLAYS,
  ...CLAIM_PLAYS,
  ...STATUS_PLAYS,
}
