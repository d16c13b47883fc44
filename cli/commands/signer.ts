import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { readKey } from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { untilSignal } from '../input/signal.ts'
import { print } from '../screen/screen.ts'

export function signerCommand(program: Command): void {
  program
    .command('signer')
    .summary('keep the key of a log in a process of its own')
    .description(
      'Signs for a ledger, which reaches it over a Unix socket (tally serve --signer) and never has the key of its log. ' +
        'Run it as another user, who alone can read the key, in the group of the ledger. It signs what a log signs, and nothing else. A key service ' +
        'or hardware docks here: docs/operate.md has the lines that are spoken.',
    )
    .requiredOption('--key <file>', 'the key file of the log')
    .requiredOption('--socket <path>', 'the Unix socket to make, of mode 0660: for this user and its group')
    .addHelpText(
      'after',
      '\nExamples:\n  tally signer --key /etc/tally-signer/log.json --socket /run/tally/log.sock\n  tally serve --signer ' +
        'unix:/run/tally/log.sock',
    )
    .action(runSigner)
}

async function runSigner({ key: file, socket }: { readonly key: string; readonly socket: string }): Promise<void> {
  const { logKey, serveSigner } = await import('../../src/operations/signer-socket.ts')
  const key = await readKey(file)
  const server = await serveSigner(socket, logKey(key)).catch(error => {
    throw new UsageError('listen', `Cannot listen on ${socket}: ${(error as Error).message}. Is another signer there?`)
  })
  print(`Signs under ${toHex(key.publicKey)}, on unix:${socket}. Stop with Ctrl-C.\n`)
  await untilSignal()
  server.close()
  process.exit()
}
