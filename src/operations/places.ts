import { join } from 'node:path'
import { beginningOf, ClientError, TallyClient, type TileSource, tilesOf } from '../client/index.ts'
import type { Policy } from '../core/note/policy.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../core/tree/tile.ts'
import type { Place } from '../log/index.ts'
import { fileExists, readBytes } from '../node/file-system.ts'

/** How long a follower has to answer. */
const ANSWER_MS = 3000

/** Nobody is trusted: what a follower shows is held against what the ledger itself has. */
const NOBODY: Policy = { logs: [], witnesses: [], groups: [], quorum: 'none' }

/**
 * Who else may have seen more of a ledger than its data directory has: the folder that it is published in, and
 * followers.
 */
export function placesOf(folder: string | undefined, followers: readonly string[] = []): Place[] {
  return [...(folder === undefined ? [] : [publishedIn(folder)]), ...followers.map(followerAt)]
}

function publishedIn(folder: string): Place {
  return {
    name: folder,
    isNeeded: true,
    async checkpoint() {
      const path = join(folder, 'checkpoint')
      return (await fileExists(path)) ? readBytes(path) : undefined
    },
    rootAt: async (size, tree) => (await beginningOf(size, tree, tilesIn(folder))).root,
  }
}

/** The tiles of a folder; a partial one that is gone is taken from the whole one that replaced it. */
function tilesIn(folder: string): TileSource {
  return async address => {
    const path = join(folder, formatTilePath(address))
    if (address.width === BUNDLE_ENTRIES || (await fileExists(path))) return readBytes(path)
    const whole = await readBytes(join(folder, formatTilePath({ ...address, width: BUNDLE_ENTRIES })))
    return whole.subarray(0, 32 * address.width)
  }
}

function followerAt(url: string): Place {
  const client = new TallyClient({ url, policy: NOBODY, retries: 0, timeoutMs: ANSWER_MS })
  return {
    name: url,
    isNeeded: false,
    async checkpoint() {
      try {
        return await client.checkpoint()
      } catch (error) {
        // One that has nothing yet says so.
        if (error instanceof ClientError && error.status === 404) return undefined
        throw error
      }
    },
    rootAt: async (size, tree) => (await beginningOf(size, tree, tilesOf(client))).root,
  }
}
