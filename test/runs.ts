/**
 * How often a property is tried: so often in a night of `npm run test:long`, and less in `npm test`, which each change
 * waits for. Each run has another seed, so that what one run of the tests does not meet the next may.
 */
export function runs(long: number, short: number): number {
  return process.env['TALLY_LONG'] === undefined ? short : long
}
