import { ClientError, type TallyClient } from '../src/client/index.ts'
import { VerifyError } from '../src/core/failure.ts'
import {
  EMPTY_ROOT,
  planConsistency,
  proofFromNodes,
  rootFromNodes,
  rootNodes,
  verifyConsistency,
} from '../src/core/merkle.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../src/core/tile.ts'
import { nodeFromTiles, type TileSource } from './tiles.ts'

/** What a tree begins with: the root of its first entries, and the consistency proof that it is (RFC 6962 §2.1.2). */
export interface Beginning {
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * What the first `size` entries of a tree are, by its hash tiles, and proven: whoever was shown another root for that size
 * was shown another log. A logarithm of its size in hashes, from a handful of tiles.
 *
 * @param tree - a tree head that was signed for, of at least `size` entries.
 * @param tileAt - untrusted.
 * @throws VerifyError `tile` where the tiles are not those of the tree.
 */
export async function beginningOf(
  size: number,
  tree: { readonly size: number; readonly root: Uint8Array },
  tileAt: TileSource,
): Promise<Beginning> {
  if (size === tree.size) return { root: tree.root, proof: [] }
  if (size === 0) return { root: EMPTY_ROOT, proof: [] }
  const plan = planConsistency(size, tree.size)
  const first = rootNodes(size)
  const source = whole(tileAt)
  const hashes: Uint8Array[] = []
  for (const node of [...first, ...plan.flat()]) hashes.push(await nodeFromTiles(node, tree.size, source))
  const root = rootFromNodes(hashes.slice(0, first.length))
  const proof = proofFromNodes(plan, hashes.slice(first.length))
  try {
    // What leads to the root that was signed is the tree's, whoever served it.
    verifyConsistency(size, root, tree.size, tree.root, proof)
  } catch (error) {
    throw new VerifyError('tile', `the tiles served are not those of the checkpoint of ${tree.size} entries`, {
      cause: error,
    })
  }
  return { root, proof }
}

/** Tiles of a source, each asked for once and of the length that its width says. */
function whole(tileAt: TileSource): TileSource {
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
 * The hash tiles that a log serves. A partial one that is gone is taken from the whole one that replaced it: c2sp.org/tlog-tiles,
 * "Partial tiles".
 */
export function tilesOf(client: TallyClient): TileSource {
  return async address => {
    try {
      return await client.tile(address)
    } catch (error) {
      const isGone = error instanceof ClientError && error.status === 404 && address.width < BUNDLE_ENTRIES
      if (!isGone) throw error
      const replaced = await client.tile({ ...address, width: BUNDLE_ENTRIES }).catch(() => {
        throw error
      })
      return replaced.subarray(0, 32 * address.width)
    }
  }
}
