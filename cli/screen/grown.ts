import type { Checkpoint } from '../../src/core/note/checkpoint.ts'
import type { TrustedCheckpoint } from '../../src/core/note/policy.ts'

/** Who cosigned a checkpoint, for what was checked. */
export function witnessed({ witnesses }: TrustedCheckpoint): string[] {
  return witnesses.length === 0 ? [] : [`it is cosigned by ${witnesses.map(({ name }) => name).join(', ')}`]
}

/** That nobody had to, for what was not. */
export function notWitnessed({ isWitnessed }: TrustedCheckpoint): string[] {
  return isWitnessed
    ? []
    : ['that everyone is shown the same log: your policy asks for no witness (no protection against split views)']
}

/** What the log grew out of, for what was checked. @param last - the checkpoint that was accepted before. */
export function grown(last: Checkpoint | undefined): string[] {
  return last === undefined
    ? []
    : [`the log grew out of the checkpoint of ${last.size} entries that you accepted before`]
}

/** That nothing was kept to compare it with, for what was not. */
export function notGrown(last: Checkpoint | undefined, hasWallet: boolean): string[] {
  if (last !== undefined) return []
  const what = 'that the checkpoint continues one you saw before'
  return [hasWallet ? `${what}: it is the first that you keep of this log` : `${what} (give --state)`]
}
