import type { TileSource } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { publicKeyFromSeed } from '../../src/core/crypto/ed25519.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { ED25519_KEY, formatNote, signNote, verifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../../src/core/note/policy.ts'
import { leafHash } from '../../src/core/tree/merkle.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'

const SEED = new Uint8Array(32).fill(1)
const KEY = verifierKey('shop.example', ED25519_KEY, publicKeyFromSeed(SEED))

/** A policy that trusts the log below, and asks no witness. */
export const POLICY: Policy = { logs: [{ key: KEY }], witnesses: [], groups: [], quorum: 'none' }

/** A checkpoint that the log signed. */
export interface Signed {
  readonly note: Uint8Array
  readonly checkpoint: TrustedCheckpoint
}

/** A log of up to 256 entries with two histories, which have their first `common` entries in common. */
export class BranchingLog {
  readonly #common: number

  constructor(common: number) {
    this.#common = common
  }

  /** The checkpoint of so many entries of a history. */
  signed(branch: 'A' | 'B', size: number): Signed {
    const root = naiveRoot(this.#entries(branch, size))
    const text = formatCheckpoint({ origin: KEY.name, size, root })
    const note = formatNote({ text, signatures: [signNote(text, KEY, SEED)] })
    return { note, checkpoint: openCheckpoint(note, POLICY) }
  }

  /** Whether of two checkpoints the larger begins with the smaller. */
  areOne(one: Signed['checkpoint'], other: Signed['checkpoint']): boolean {
    const [smaller, larger] = one.size < other.size ? [one, other] : [other, one]
    const branch = (['A', 'B'] as const).find(name => isSame(larger, this.signed(name, larger.size).checkpoint))!
    return isSame(smaller, this.signed(branch, smaller.size).checkpoint)
  }

  /** The tiles of a history. */
  tilesOf(branch: 'A' | 'B'): TileSource {
    return async ({ width }) => Uint8Array.from(this.#entries(branch, width).flatMap(entry => [...leafHash(entry)]))
  }

  #entries(branch: string, size: number): Uint8Array[] {
    return Array.from({ length: size }, (_, i) => utf8Encode(`${i < this.#common ? '' : branch}${i}`))
  }
}

function isSame(one: Signed['checkpoint'], other: Signed['checkpoint']): boolean {
  return one.size === other.size && Buffer.compare(one.root, other.root) === 0
}
