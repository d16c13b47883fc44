import { type Command, CommanderError, Option } from 'commander'
import { useEngine } from '../src/core/crypto/engine.ts'
import { useMlDsa } from '../src/core/crypto/ml-dsa.ts'
import { nodeMlDsa } from '../src/node/ml-dsa.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { addCommands, COMMAND_WORDS } from './commands/index.ts'
import { describeError, EXIT, errorShown, exitStatus } from './failure.ts'
import { SpokenCommand } from './input/command.ts'
import { readSettings, VARIABLES } from './input/settings.ts'
import { note, printJson } from './screen/screen.ts'
import { version } from './version.ts'

/** Runs the command line `argv`, as Node has it, and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    useEngine(await loadEngine())
    useMlDsa(nodeMlDsa())
    await (await build(wordOf(argv.slice(2)))).parseAsync([...argv])
  } catch (error) {
    const isJson = argv.includes('--json')
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
      if (isJson && error.exitCode !== 0) printJson(errorShown(error))
    } else {
      const { keepAnswer } = await import('../src/files/kept-answer.ts')
      note(`${describeError(error)}\n${await keepAnswer(error)}`.trimEnd())
      if (isJson) printJson(errorShown(error))
      process.exitCode = exitStatus(error)
    }
  }
}

/** The word that names the command: the first after `--config`, where that stands first. */
function wordOf(args: readonly string[]): string | undefined {
  return args[0] === '--config' ? args[2] : args[0]?.startsWith('--config=') ? args[1] : args[0]
}

function variablesText(): string {
  return VARIABLES.map(({ name, what }) => `  ${name.padEnd(22)} ${what}\n`).join('')
}

async function build(word: string | undefined): Promise<Command> {
  const program = new SpokenCommand('tally')
    .description('A ledger of loyalty points that anyone can check.')
    .version(version())
    .addOption(
      new Option('--config <file>', 'a file with options of commands; see tally config --help').env('TALLY_CONFIG'),
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `\nEnvironment, beside the variables that the help of each command names with its options:\n${variablesText()}` +
        '\nExit status: 0 all holds, 1 a check failed or a transaction was refused, 2 usage or unreadable ' +
        'input,\n3 the ledger does not answer, 130 interrupted.\n\nStart with: tally serve',
    )
  await addCommands(program, word)
  readSettings(program, COMMAND_WORDS)
  return program
}
