/**
 * The Zipf exponent of the workload: the smallest that `pgbench` knows too, so that PostgreSQL gets the same accounts.
 */
export const ZIPF_EXPONENT = 1.001

/** A stream of numbers in [0, 1) that is the same in every run: xorshift32. */
export function randomFrom(seed: number): () => number {
  let x = seed | 0 || 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

/** A prime above every count of members, so that multiplying by it permutes them. */
const STRIDE = 15_485_863

/**
 * Draws members 0 … count - 1, Zipf-distributed: the busiest one gets some 7 % of a million's draws. Which member is
 * how busy is scattered, so that busy accounts are no neighbours. Rejection-inversion sampling (Hörmann and Derflinger
 * 1996).
 */
export function zipf(count: number, random: () => number): () => number {
  const s = ZIPF_EXPONENT
  const integral = (x: number) => (x ** (1 - s) - 1) / (1 - s)
  const inverse = (y: number) => (1 + y * (1 - s)) ** (1 / (1 - s))
  const low = integral(1.5) - 1
  const high = integral(count + 0.5)
  return () => {
    for (;;) {
      const y = high + random() * (low - high)
      const x = inverse(y)
      const rank = Math.min(count, Math.max(1, Math.round(x)))
      if (y >= integral(rank + 0.5) - rank ** -s) return ((rank - 1) * STRIDE) % count
    }
  }
}
