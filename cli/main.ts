import { Command, CommanderError } from 'commander'
import { useEngine } from '../src/core/engine.ts'
import { auditCommand } from './audit.ts'
import { loadEngine } from './engine.ts'
import { describeError, EXIT, exitStatus } from './failure.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect.ts'
import { keygenCommand } from './keygen.ts'
import { listCommands } from './lists.ts'
import { programmeCommands } from './programme.ts'
import { publishCommand } from './publish.ts'
import { keepRefusal } from './refusal-file.ts'
import { initCommand, serveCommand, version } from './serve.ts'
import { verifyCommand } from './verify.ts'
import { walletCommands } from './wallet.ts'
import { watchCommand } from './watch.ts'
import { witnessCommand } from './witness.ts'

/** Runs the command line `argv`, as Node has it, and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    useEngine(await loadEngine())
    await build().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    else {
      process.stderr.write(`${describeError(error)}\n${await keepRefusal(error)}`)
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
      '\nExit status: 0 all holds, 1 a check failed or a transaction was refused, 2 usage or unreadable input,\n3 the ledger does not answer, 130 interrupted.\n\nStart with: tally serve',
    )
  serveCommand(program)
  initCommand(program)
  keygenCommand(program)
  walletCommands(program)
  programmeCommands(program)
  listCommands(program)
  verifyCommand(program)
  auditCommand(program)
  importCommand(program)
  inspectCommand(program)
  witnessCommand(program)
  publishCommand(program)
  watchCommand(program)
  return program
}
