import { equalBytes, toBase64 } from '../core/bytes.ts'
import { VerifyError } from '../core/failure.ts'
import {
  EMPTY_ROOT,
  type Node,
  nodeHash,
  planConsistency,
  planInclusion,
  proofFromNodes,
  rootFromNodes,
  rootNodes,
  verifyConsistency,
} from '../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, formatTilePath, type TileAddress } from '../core/tree/tile.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import type { PromiseFile } from '../verify/promise.ts'
import { ClientError } from './failure.ts'

/** log2 of the hashes in a tile. */
const TILE_LEVELS = 8

/** The root over the hashes of subtrees that stand side by side, complete but for the last. RFC 6962 §2.1. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes]
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!))
    if (level.length % 2 === 1) above.push(level.at(-1)!)
    level = above
  }
  return level[0]!
}

/** Where the hash tiles of a log come from. */
export type TileSource = (address: TileAddress) => Promise<Uint8Array>

/**
 * The hash of a complete subtree of a log of `size` entries, from the tile in which its hashes stand.
 * c2sp.org/tlog-tiles.
 */
export async function nodeFromTiles({ level, index }: Node, size: number, tileAt: TileSource): Promise<Uint8Array> {
  const tileLevel = Math.floor(level / TILE_LEVELS)
  const span = 2 ** (level % TILE_LEVELS)
  const first = index * span
  const tile = Math.floor(first / BUNDLE_ENTRIES)
  const count = Math.floor(size / BUNDLE_ENTRIES ** tileLevel)
  const width = Math.min(BUNDLE_ENTRIES, count - tile * BUNDLE_ENTRIES)
  const bytes = await tileAt({ level: tileLevel, index: tile, width })
  const at = first % BUNDLE_ENTRIES
  return rootOf(hashesOf(bytes.subarray(32 * at, 32 * (at + span))))
}

/** The hashes of a tile, as views into it. */
export function hashesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
}

/** What a tree begins with: the root of its first entries, and the consistency proof that it is (RFC 6962 §2.1.2). */
export interface ProvenBeginning {
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * What the first `size` entries of a tree are, by its hash tiles, and proven: anyone who was shown another root for
 * that size was shown another log. A logarithm of its size in hashes, from a handful of tiles.
 *
 * @param tree - a tree head that was signed for, of at least `size` entries.
 * @param tileAt - untrusted.
 * @throws VerifyError `tile` where the tiles are not those of the tree.
 */
export async function beginningOf(
  size: number,
  tree: { readonly size: number; readonly root: Uint8Array },
  tileAt: TileSource,
): Promise<ProvenBeginning> {
  if (size === tree.size) return { root: tree.root, proof: [] }
  if (size === 0) return { root: EMPTY_ROOT, proof: [] }
  const plan = planConsistency(size, tree.size)
  const first = rootNodes(size)
  const source = checkedTiles(tileAt)
  const hashes: Uint8Array[] = []
  for (const node of [...first, ...plan.flat()]) hashes.push(await nodeFromTiles(node, tree.size, source))
  const root = rootFromNodes(hashes.slice(0, first.length))
  const proof = proofFromNodes(plan, hashes.slice(first.length))
  try {
    // What leads to the root that was signed is the tree's, no matter who served it.
    verifyConsistency(size, root, tree.size, tree.root, proof)
  } catch (error) {
    throw new VerifyError('tile', `the tiles served are not those of the checkpoint of ${tree.size} entries`, {
      cause: error,
    })
  }
  return { root, proof }
}

/**
 * The inclusion proof of the entry at `index` in a tree of `size` entries, from its hash tiles: proven by nobody yet.
 */
export async function inclusionFromTiles(index: number, size: number, tileAt: TileSource): Promise<Uint8Array[]> {
  const plan = planInclusion(index, size)
  const nodes: Uint8Array[] = []
  for (const node of plan.flat()) nodes.push(await nodeFromTiles(node, size, tileAt))
  return proofFromNodes(plan, nodes)
}

/** Tiles of a source, each asked for once and of the length that its width says. */
function checkedTiles(tileAt: TileSource): TileSource {
  const kept = new Map<string, Promise<Uint8Array>>()
  return async address => {
    const path = formatTilePath(address)
    const asked = kept.get(path) ?? tileAt(address)
    kept.set(path, asked)
    const bytes = await asked
    if (bytes.length !== 32 * address.width) throw new VerifyError('tile', `${path} has ${bytes.length} bytes`)
    return bytes
  }
}

/**
 * The hash tiles that a log serves. A partial one that is gone is taken from the whole one that replaced it:
 * c2sp.org/tlog-tiles, "Partial tiles".
 */
export function tilesOf(server: { tile(address: TileAddress): Promise<Uint8Array> }): TileSource {
  return async address => {
    try {
      return await server.tile(address)
    } catch (error) {
      const isGone = error instanceof ClientError && error.status === 404 && address.width < BUNDLE_ENTRIES
      if (!isGone) throw error
      const replaced = await server.tile({ ...address, width: BUNDLE_ENTRIES }).catch(() => {
        throw error
      })
      return replaced.subarray(0, 32 * address.width)
    }
  }
}

/**
 * What shows that a promise is broken by a checkpoint: the beginning of its tree, as evidence has it. Undefined where
 * it is kept.
 *
 * @param tree - of at least as many entries as were promised, and accepted.
 * @param tileAt - untrusted.
 * @throws VerifyError `tile`; what `tileAt` throws.
 */
export async function brokenBy(
  { size, root }: PromiseFile,
  tree: { readonly size: number; readonly root: Uint8Array },
  tileAt: TileSource,
): Promise<Pick<Exhibits, 'root' | 'proof'> | undefined> {
  const beginning = await beginningOf(size, tree, tileAt)
  if (equalBytes(beginning.root, root)) return undefined
  return { root: toBase64(beginning.root), proof: beginning.proof.map(toBase64) }
}
