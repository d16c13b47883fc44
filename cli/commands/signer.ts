import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { readKey } from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { untilSignal } from '../input/signal.ts'
import { print } from '../screen/screen.ts'

export function signerCommand(program: Command): void {
  program
    .command('signer')
    .summary('keep the key of a log in a separate process')
    .description(
      'Signs for a ledger over a Unix socket (tally serve --signer), so that the ledger does not have the key of its log. ' +
        'Run it as another user, in the group of the ledger; only that user may read the key. It signs only what a log ' +
        'signs. A key service or hardware can take its place: docs/operate.md describes the protocol.',
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
