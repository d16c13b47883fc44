import { ACCOUNTS_MAX } from '../core/limits.ts'
import type { TallyClient } from './client.ts'
import { hexText, int, type Json, type JsonReader, jsonObject, list, nullOr, object, text, uint } from './read-json.ts'

/** An entry of the log as the feed shows it: the word of the ledger, which a receipt of its index proves. */
export interface FeedEntry {
  /** Log index. */
  readonly index: number
  /** Of the transaction (SPEC §5), or `seal`. */
  readonly kind: string
  /** When the ledger took it, ms. */
  readonly ledgerTime: number
  /** Of the transaction, hex, and its own time, ms; null of a seal. */
  readonly id: string | null
  readonly time: number | null
  /** Log index of its batch. */
  readonly batch: number | null
  /** `accepted`, or why it was refused (SPEC §8). */
  readonly outcome: string
  /** The account that it opened. */
  readonly opened: number | null
  /** What it says: numbers, texts, and bytes in hex. */
  readonly fields: { readonly [name: string]: Json }
}

/** A page of the feed. */
export interface FeedPage {
  readonly entries: readonly FeedEntry[]
  /** `after` for what follows. */
  readonly next: number
  /** Entries of the latest checkpoint. */
  readonly published: number
}

const PAGE_MAX = 1000

export const readFeedPage: JsonReader<FeedPage> = object({
  entries: list(
    object<FeedEntry>({
      index: uint(),
      kind: text(1024),
      ledgerTime: uint(),
      id: nullOr(hexText(16)),
      time: nullOr(uint()),
      batch: nullOr(uint()),
      outcome: text(1024),
      opened: nullOr(uint(ACCOUNTS_MAX - 1)),
      fields: jsonObject,
    }),
    PAGE_MAX,
  ),
  next: int,
  published: uint(),
})

export interface FeedOptions {
  /** Log index after which to begin; by default with the first entry. */
  readonly after?: number
  /** Entries of the log that are looked at, at most 1,000. */
  readonly limit?: number
  /** Seconds to wait where there is nothing yet, at most 60. */
  readonly waitS?: number
}

/** A page of what came into the log, for the platform and auditors. SPEC §11. @throws ClientError. */
export function feedPage(
  client: TallyClient,
  { after = -1, limit = 100, waitS = 0 }: FeedOptions = {},
): Promise<FeedPage> {
  return client.read(`/v1/feed?after=${after}&limit=${limit}&wait=${waitS}`, readFeedPage)
}

/**
 * What came into the log, entry by entry, and what comes, without end: each once, in order. What is read is published,
 * so nothing of it is taken back. To go on later, begin after the index that was seen last.
 *
 * @param signal - ends it between two pages.
 * @throws ClientError where the ledger does not answer any more; begin again after what was seen.
 * @example
 * for await (const { index, kind, outcome, fields } of followFeed(client, { after: seen })) seen = index
 */
export async function* followFeed(
  client: TallyClient,
  { after = -1, limit = 1000, waitS = 10 }: FeedOptions = {},
  signal?: AbortSignal,
): AsyncGenerator<FeedEntry> {
  for (let at = after; signal?.aborted !== true; ) {
    const { entries, next } = await feedPage(client, { after: at, limit, waitS })
    yield* entries
    at = next
  }
}
