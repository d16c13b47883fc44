import { beginningOf } from '../../client/tiles.ts'
import { equalBytes, fromBase64, toBase64, utf8Decode } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import { hasQuorum, type Policy, parsePolicy } from '../../core/note/policy.ts'
import { formatTilePath } from '../../core/tree/tile.ts'
import { openSealed, parseSealed, type TimedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import type { Ask } from '../shell/ask.ts'

/** A checkpoint that this browser saw before. */
export interface Seen {
  readonly size: number
  /** Base64. */
  readonly root: string
}

/** A witness of the policy, and when it cosigned the checkpoint that is shown. */
interface WitnessFacts {
  readonly name: string
  readonly cosignedMs: number | undefined
}

/** What was found, each of it checked here. */
export interface CheckedLedger {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly sealMs: number
  readonly accounts: number
  readonly witnesses: readonly WitnessFacts[]
  /** Whether those who cosigned are enough for the policy, and what that asks for. */
  readonly isWitnessed: boolean
  readonly quorum: string
  /** How it stands to the checkpoint that this browser saw before. */
  readonly grew: 'first' | 'grew' | 'rolled-back' | 'forked' | 'withheld'
  readonly before: Seen | undefined
  readonly policy: Uint8Array
}

/**
 * Looks at a ledger as anyone can: its latest checkpoint under the policy that it proposes, its seal, who cosigned it,
 * and whether it grew out of the one that was seen before. Nothing that it says is believed unchecked.
 *
 * @param seen - the checkpoint seen before, of a log of that name.
 * @returns undefined where the ledger has signed nothing yet.
 * @throws CodedError of the check that fails; what `ask` throws.
 */
export async function look(ask: Ask, seen: (origin: string) => Seen | undefined): Promise<CheckedLedger | undefined> {
  const [policyBytes, line] = await Promise.all([ask('/policy'), ask('/seal')])
  if (policyBytes === undefined || line === undefined) return undefined
  const policy = parsePolicy(policyBytes)
  const found = openSealed(parseSealed(utf8Decode(line).trimEnd()), policy)
  const { checkpoint, seal } = found
  const before = seen(checkpoint.origin)
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toBase64(checkpoint.root),
    sealMs: seal.time,
    accounts: seal.accounts,
    witnesses: witnessesOf(policy, found),
    isWitnessed: hasQuorum(
      policy,
      checkpoint.witnesses.map(({ name }) => name),
    ),
    quorum: policy.quorum,
    grew: before === undefined ? 'first' : await growthOf(before, found, ask),
    before,
    policy: policyBytes,
  }
}

function witnessesOf({ witnesses }: Policy, { checkpoint }: TimedCheckpoint): WitnessFacts[] {
  return witnesses.map(({ name }) => {
    const cosigned = checkpoint.witnesses.find(one => one.name === name)
    return { name, cosignedMs: cosigned && cosigned.timestamp * 1000 }
  })
}

async function growthOf(before: Seen, { checkpoint }: TimedCheckpoint, ask: Ask): Promise<CheckedLedger['grew']> {
  if (checkpoint.size < before.size) return 'rolled-back'
  try {
    const { root } = await beginningOf(before.size, checkpoint, async address => {
      const tile = await ask(`/${formatTilePath(address)}`)
      const whole = tile ?? (await ask(`/${formatTilePath({ ...address, width: 256 })}`))
      if (whole === undefined) throw new Withheld()
      return whole.subarray(0, 32 * address.width)
    })
    return equalBytes(root, fromBase64(before.root)) ? 'grew' : 'forked'
  } catch (error) {
    if (error instanceof Withheld || error instanceof CodedError) return 'withheld'
    throw error
  }
}

class Withheld extends Error {}
