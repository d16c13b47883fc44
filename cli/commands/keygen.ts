import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { newKey, writeKey } from '../../src/files/key-files.ts'
import { print, printJson } from '../screen/screen.ts'

export function keygenCommand(program: Command): void {
  program
    .command('keygen')
    .summary('make a key')
    .description('Makes an Ed25519 key in a file of mode 0600, and prints its public key.')
    .requiredOption('--out <file>', 'where to write it; never over another')
    .option('--name <name>', 'what to call it', 'owner')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  tally keygen --out my.key.json && tally account open --owner my.key.json --card my.card.json',
    )
    .action(async (options: { out: string; name: string; json?: boolean }) => {
      const key = newKey(options.name)
      await writeKey(options.out, key)
      const publicKey = toHex(key.publicKey)
      if (options.json) printJson({ file: options.out, public: publicKey })
      else print(`Wrote ${options.out}. Public key: ${publicKey}\n`)
    })
}
