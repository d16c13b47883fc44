import { API_SCOPES, type ApiScope } from '../api-keys.ts'

/** What persons of a shop are to it, each with all that those before it may do. */
export const STAFF_ROLES = ['reader', 'clerk', 'manager', 'owner'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

const READER: readonly ApiScope[] = ['read', 'reports']
const CLERK: readonly ApiScope[] = [...READER, 'members', 'earn', 'spend', 'links', 'complaints']
const MANAGER: readonly ApiScope[] = [...CLERK, 'adjust', 'imports', 'close', 'rights', 'freeze']

/** The scopes of keys that a person of each role has. */
export const SCOPES_OF_ROLE: Readonly<Record<StaffRole, readonly ApiScope[]>> = {
  reader: READER,
  clerk: CLERK,
  manager: MANAGER,
  owner: API_SCOPES,
}
