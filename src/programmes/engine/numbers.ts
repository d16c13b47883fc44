import type { Ratio, Rounding } from '../document/forms.ts'
import { PointerError } from '../failure.ts'

/**
 * a × n ÷ d of whole numbers that are not negative, rounded once. Exact, whatever their size.
 *
 * @throws PointerError `event-value` beyond 2^53 − 1.
 */
export function multiplied(a: number, [n, d]: Ratio, round: Rounding, pointer: string): number {
  const product = a * n
  if (product <= Number.MAX_SAFE_INTEGER / 2) {
    const rest = product % d
    const isUp = rest > 0 && (round === 'up' || (round === 'half-up' && 2 * rest >= d))
    return (product - rest) / d + (isUp ? 1 : 0)
  }
  const divisor = BigInt(d)
  const added = round === 'down' ? 0n : round === 'up' ? divisor - 1n : divisor / 2n
  return bounded((BigInt(a) * BigInt(n) + added) / divisor, pointer)
}

/** A number that fits. @throws PointerError `event-value` beyond ±(2^53 − 1). */
export function bounded(value: bigint | number, pointer: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new PointerError('event-value', pointer, 'an amount is beyond 2^53 - 1')
  return number
}
