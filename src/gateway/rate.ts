/** What is left to a caller who may ask so often, and when that was counted last. */
export interface Bucket {
  tokens: number
  filledMs: number
}

/**
 * Counts a request.
 *
 * @param rate - requests a second; as many may come at once.
 * @returns in how many seconds the next is taken where this one is too many; else 0.
 */
export function takeOne(bucket: Bucket, rate: number, nowMs: number): number {
  bucket.tokens = Math.min(rate, bucket.tokens + ((nowMs - bucket.filledMs) / 1000) * rate)
  bucket.filledMs = nowMs
  if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / rate)
  bucket.tokens--
  return 0
}
