import type { Iterator } from 'level'
import type { Database } from './check.ts'

export type RowIterator = Iterator<Database, Uint8Array, Uint8Array>

/** Bytes that one read fetches: some forty bundles of common entries. */
export const SCAN_READ_BYTES = 1024 * 1024
const SCAN_READ_ROWS = 256

/**
 * The rows of an iterator, in large reads of which the next is under way while those of one are used; closes it at
 * last.
 */
export async function* readAhead(
  rows: RowIterator,
  read: <T>(read: () => Promise<T>) => Promise<T>,
): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array], void, void> {
  const fetch = () => read(() => rows.nextv(SCAN_READ_ROWS))
  let ahead = fetch()
  try {
    for (let batch = await ahead; batch.length > 0; batch = await ahead) {
      ahead = fetch()
      yield* batch
    }
  } finally {
    await ahead.catch(() => {})
    await rows.close()
  }
}
