/** How the name of the log of a test ledger begins (SPEC §3). */
const TEST_PREFIX = 'test.'

/** Whether a log of that name is of a test ledger, whose time its shop moves (SPEC §3). */
export function isTestOrigin(origin: string): boolean {
  return origin.startsWith(TEST_PREFIX)
}
