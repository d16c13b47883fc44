import { Command, CommanderError } from 'commander'
import { useEngine } from '../src/core/crypto/engine.ts'
import { keepAnswer } from '../src/files/kept-answer.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { accountCommands } from './commands/accounts.ts'
import { programmeCommands } from './commands/act-commands.ts'
import { auditCommand } from './commands/audit.ts'
import { checkCommand } from './commands/check.ts'
import { clockCommand } from './commands/clock.ts'
import { importCommand } from './commands/import.ts'
import { inspectCommand } from './commands/inspect.ts'
import { keygenCommand } from './commands/keygen.ts'
import { listCommands } from './commands/lists.ts'
import { programmeDocumentCommands } from './commands/programme.ts'
import { publishCommand } from './commands/publish.ts'
import { initCommand, serveCommand, version } from './commands/serve.ts'
import { verifyCommand } from './commands/verify.ts'
import { walletCommands } from './commands/wallet.ts'
import { watchCommand } from './commands/watch.ts'
import { witnessCommand } from './commands/witness.ts'
import { describeError, EXIT, exitStatus } from './failure.ts'
import { note } from './screen/screen.ts'

/** Runs the command line `argv`, as Node has it, and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    useEngine(await loadEngine())
    await build().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    else {
      note(`${describeError(error)}\n${await keepAnswer(error)}`.trimEnd())
      process.exitCode = exitStatus(error)
    }
  }
}

function build(): Command {
  const program = new Command('tally')
    .description('A ledger of loyalty points that anyone can check.')
    .version(version())
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      '\nExit status: 0 all holds, 1 a check failed or a transaction was refused, 2 usage or unreadable ' +
        'input,\n3 the ledger does not answer, 130 interrupted.\n\nStart with: tally serve',
    )
  serveCommand(program)
  initCommand(program)
  clockCommand(program)
  keygenCommand(program)
  walletCommands(program)
  accountCommands(program)
  programmeCommands(program)
  listCommands(program)
  verifyCommand(program)
  auditCommand(program)
  checkCommand(program)
  importCommand(program)
  programmeDocumentCommands(program)
  inspectCommand(program)
  witnessCommand(program)
  publishCommand(program)
  watchCommand(program)
  return program
}
