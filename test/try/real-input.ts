import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where real input lies: `TALLY_INPUT`, or a folder `shared/data` beside the checkout. README says where to get it. */
const FOLDER = process.env['TALLY_INPUT'] ?? join(import.meta.dirname, '../../../shared/data')

/** The path of a file of real input; undefined when it is not at hand. */
export function realInput(name: string): string | undefined {
  const path = join(FOLDER, name)
  return existsSync(path) ? path : undefined
}

/** What is printed where a test or a run needs a file that is not at hand. */
export function notAtHand(name: string): string {
  return `${name} is not at hand: put it into a folder and name that in TALLY_INPUT (README, "Real input").`
}
