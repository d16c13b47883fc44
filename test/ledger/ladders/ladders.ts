import { CLAIMS } from './claims.ts'
import { CONVERSION } from './conversion.ts'
import { CUSTODY } from './custody.ts'
import { HOLDERS } from './holders.ts'
import type { Ladder } from './ladder.ts'
import { MERGES } from './merges.ts'
import { MIGRATION } from './migration.ts'
import { POINTS } from './points.ts'
import { BACKDATES, REGISTRY } from './registry.ts'
import { REINSTATEMENT } from './reinstatement.ts'
import { REVERSALS } from './reversals.ts'
import { STATUSES } from './statuses.ts'
import { TAKES } from './takes.ts'

/** All ladders, by what they are about. */
export const LADDERS: Readonly<Record<string, Ladder>> = {
  ...REGISTRY,
  ...POINTS,
  ...REVERSALS,
  ...CONVERSION,
  ...TAKES,
  ...MIGRATION,
  ...REINSTATEMENT,
  ...MERGES,
  ...CLAIMS,
  ...STATUSES,
  ...HOLDERS,
  ...CUSTODY,
  'who may reach how far into the past': BACKDATES,
}
