/** The exact sum of numbers, which may be above 2^53. */
export function sumOf(numbers: readonly number[]): bigint {
  return numbers.reduce((sum, one) => sum + BigInt(one), 0n)
}

/** A share of a whole with four digits after the point, cut off; 0 of nothing. */
export function ratio(part: bigint, whole: bigint): string {
  const digits = whole === 0n ? 0n : (part * 10_000n) / whole
  return `${digits / 10_000n}.${String(digits % 10_000n).padStart(4, '0')}`
}

/**
 * What the largest of numbers have of their sum.
 *
 * @param rising - in rising order, none below zero.
 * @param share - of how many: 0.1 for the largest tenth, counted up.
 */
export function topShare(rising: readonly number[], share: number): string {
  const first = rising.length - Math.ceil(rising.length * share)
  return ratio(sumOf(rising.slice(first)), sumOf(rising))
}

/**
 * The Gini coefficient: 0 where all have the same, nearly 1 where one has all. `Σ (2 i − n − 1) x_i / (n Σ x_i)`, `i`
 * from 1, which is half the mean difference of two of them in parts of their mean.
 *
 * @param rising - in rising order, none below zero.
 */
export function gini(rising: readonly number[]): string {
  const n = BigInt(rising.length)
  let sum = 0n
  rising.forEach((one, i) => {
    sum += (2n * BigInt(i + 1) - n - 1n) * BigInt(one)
  })
  return ratio(sum, n * sumOf(rising))
}
