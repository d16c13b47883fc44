import { ACCOUNT } from './list/account.ts'
import { BOOKS } from './list/books.ts'
import { BOUNDS } from './list/bounds.ts'
import { CAPS } from './list/caps.ts'
import { CLAIMS } from './list/claims.ts'
import { CONTINUED } from './list/continued.ts'
import { CORE } from './list/core.ts'
import { ENTITLEMENT } from './list/entitlement.ts'
import { GROUPS } from './list/groups.ts'
import { LEDGER } from './list/ledger.ts'
import { MERGES } from './list/merges.ts'
import { MIGRATION } from './list/migration.ts'
import { RATES } from './list/rates.ts'
import { REFS } from './list/refs.ts'
import { REINSTATEMENT } from './list/reinstatement.ts'
import { REWARDS } from './list/rewards.ts'
import { SHOPS } from './list/shops.ts'
import type { Mutant } from './mutant.ts'

/** All mistakes. */
export const MUTANTS: readonly Mutant[] = [
  ...CORE,
  ...ACCOUNT,
  ...ENTITLEMENT,
  ...LEDGER,
  ...GROUPS,
  ...RATES,
  ...REFS,
  ...SHOPS,
  ...MIGRATION,
  ...REINSTATEMENT,
  ...MERGES,
  ...CAPS,
  ...CLAIMS,
  ...CONTINUED,
  ...BOOKS,
  ...REWARDS,
  ...BOUNDS,
]
