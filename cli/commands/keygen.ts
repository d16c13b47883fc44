import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { type KeyFile, newKey, writeKey } from '../../src/files/key-files.ts'
import { print, printJson } from '../screen/screen.ts'

export function keygenCommand(program: Command): void {
  program
    .command('keygen')
    .summary('make a key')
    .description('Makes an Ed25519 key in a file of mode 0600, and prints its public key.')
    .requiredOption('--out <file>', 'where to write it; never over another')
    .option('--name <name>', 'its name', 'owner')
    .option('--nonce', 'draw a nonce as well: hand it, with the public key, to anyone who opens your account')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  tally keygen --nonce --out my.key.json\n  tally account open --public 5d19…3fec --nonce ' +
        '7c20…91ab --card my.card.json',
    )
    .action(async (options: { out: string; name: string; nonce?: boolean; json?: boolean }) => {
      const nonce = options.nonce ? { nonce: new Uint8Array(randomBytes(32)) } : {}
      const key: KeyFile = { ...newKey(options.name), ...nonce }
      await writeKey(options.out, key)
      const publicKey = toHex(key.publicKey)
      const drawn = key.nonce === undefined ? undefined : toHex(key.nonce)
      if (options.json) printJson({ file: options.out, public: publicKey, nonce: drawn })
      else
        print(
          `Wrote ${options.out}. Public key: ` +
            `${publicKey}\n${drawn === undefined ? '' : `Nonce for an opening: ${drawn}\n`}`,
        )
    })
}
