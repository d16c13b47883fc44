import { equalBytes } from '../bytes.ts'
import { RECOVERY_KEYS_MAX, TIME_MS_MAX } from '../limits.ts'
import { distinctKeys, type Field, refuse, uint } from './fields.ts'

/** On what terms an account comes under another key when its owner's is lost (SPEC §7). */
export interface RecoveryTerms {
  /** 1 to 4 public keys, no two of them the same. */
  readonly keys: readonly Uint8Array[]
  /** How many of them must sign. */
  readonly need: number
  /** How long the old key can veto. */
  readonly delayMs: number
}

/** Whether a key is one of the keys of recovery terms. SPEC §6. */
export function isKeyOf(terms: RecoveryTerms | null, key: Uint8Array | null): boolean {
  return key !== null && (terms?.keys ?? []).some(one => equalBytes(one, key))
}

/** Whether two are the same recovery terms, or none. */
export function isSameRecovery(one: RecoveryTerms | null, other: RecoveryTerms | null): boolean {
  if (one === null || other === null) return one === other
  const { keys, need, delayMs } = other
  const isSame = one.need === need && one.delayMs === delayMs && one.keys.length === keys.length
  return isSame && one.keys.every((key, i) => equalBytes(key, keys[i]!))
}

const recoveryKeys = distinctKeys(RECOVERY_KEYS_MAX, 'recovery keys')

/** Recovery terms as a field of a transaction. */
export const recovery: Field<RecoveryTerms> = {
  read(reader) {
    if (reader.array() !== 3) refuse(`recovery terms have 3 fields (before byte ${reader.offset})`)
    const keys = recoveryKeys.read(reader, 'recovery keys')
    return { keys, need: uint(keys.length, 1).read(reader, 'need'), delayMs: reader.uint(TIME_MS_MAX, 'delay') }
  },
  write: ({ keys, need, delayMs }) => [[...keys], need, delayMs],
}
