import { beginningOf, ClientError, TallyClient, type TileSource, tilesOf } from '../client/index.ts'
import type { Policy } from '../core/note/policy.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../core/tree/tile.ts'
import { type Objects, readObject } from '../files/objects.ts'
import { openObjects } from '../files/open-objects.ts'
import type { Place } from '../log/index.ts'

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

/** @param place - a folder, or `s3://BUCKET/PREFIX`. */
function publishedIn(place: string): Place {
  return {
    name: place,
    isNeeded: true,
    checkpoint: async () => (await openObjects(place)).read('checkpoint'),
    rootAt: async (size, tree) => (await beginningOf(size, tree, tilesIn(await openObjects(place)))).root,
  }
}

/** The tiles of a published folder; a partial one that is gone is taken from the whole one that replaced it. */
function tilesIn(objects: Objects): TileSource {
  return async address => {
    const path = formatTilePath(address)
    if (address.width === BUNDLE_ENTRIES) return readObject(objects, path)
    const part = await objects.read(path)
    return (
      part ??
      (await readObject(objects, formatTilePath({ ...address, width: BUNDLE_ENTRIES }))).subarray(0, 32 * address.width)
    )
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
