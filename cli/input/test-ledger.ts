import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { isTestOrigin } from '../../src/core/note/test-origin.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { readSettings } from '../../src/operations/open-ledger.ts'

/** Where a test ledger is, and its name, where no option says. */
const TEST_DATA = 'data-test'
const TEST_ORIGIN = 'test.tallystick.local'

/** `--test`, of commands that make or open a ledger. */
export function testOption(): Option {
  return new Option(
    '--test',
    `a test ledger, whose time can be moved ahead: see tally clock advance; by default in ${TEST_DATA}, named ${TEST_ORIGIN}`,
  )
}

/**
 * The options of a command, with `--test` in place of what nobody said: the directory, and the name of a new ledger.
 *
 * @throws UsageError `settings`: the name is that of a real ledger, or a real one is in the directory.
 */
export async function forTest<T extends { readonly data: string; readonly origin: string; readonly test?: boolean }>(
  options: T,
  command: Command,
): Promise<T> {
  if (!options.test) return options
  const data = testData(options, command)
  const origin = command.getOptionValueSource('origin') === 'default' ? TEST_ORIGIN : options.origin
  const path = join(data, 'ledger.json')
  const name = (await fileExists(path)) ? (await readSettings(path)).origin : origin
  if (!isTestOrigin(name))
    throw new UsageError(
      'settings',
      `--test: the name of a test ledger begins with "test.", and "${name}" does not. Take another --origin and --data.`,
    )
  return { ...options, data, origin }
}

/** The directory of a test ledger, where no option says another. */
export function testData({ data }: { readonly data: string }, command: Command): string {
  return command.getOptionValueSource('data') === 'default' ? TEST_DATA : data
}
