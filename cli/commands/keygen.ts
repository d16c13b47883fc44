import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { type KeyFile, newKey, relockKey, writeKey } from '../../src/files/key-files.ts'
import { passphrase } from '../../src/files/locked-seed.ts'
import { UsageError } from '../../src/node/failure.ts'
import { print, printJson } from '../screen/screen.ts'

/** `keyfile lock` and `keyfile unlock`: the secret of a file under a passphrase, or out of it. */
export function keyFileCommand(program: Command): void {
  const keyFile = program
    .command('keyfile')
    .summary('put the secrets of key files under a passphrase')
    .description('Encrypts the secret in key files with a passphrase, or takes it out again. The public part stays.')
  const passwordHelp =
    '\nThe passphrase is the first line of the file that TALLY_PASSPHRASE_FILE names, of mode 0600, or stands in ' +
    'TALLY_PASSPHRASE. Every command that reads a locked key takes it from there. A guess costs half a second and ' +
    '128 MiB (scrypt); a passphrase that is lost is a key that is lost.'
  const each = async (paths: readonly string[], isLocked: boolean) => {
    const word = await passphrase()
    if (isLocked && word === undefined)
      throw new UsageError('key-locked', 'There is no passphrase: name its file in TALLY_PASSPHRASE_FILE.')
    for (const path of paths) {
      await relockKey(path, isLocked ? word : undefined)
      print(`${path}: ${isLocked ? 'locked' : 'unlocked'}\n`)
    }
  }
  keyFile
    .command('lock <file...>')
    .description('Encrypts the secret in key files. A file that is locked gets a new salt.')
    .addHelpText(
      'after',
      '\nExamples:\n  install -m 600 /dev/null /run/tally.pass && vi /run/tally.pass\n  export ' +
        `TALLY_PASSPHRASE_FILE=/run/tally.pass\n  tally keyfile lock data/keys/*.json\n${passwordHelp}`,
    )
    .action((files: string[]) => each(files, true))
  keyFile
    .command('unlock <file...>')
    .description('Leaves the secret in key files open, as it was when they were made.')
    .addHelpText(
      'after',
      `\nExamples:\n  export TALLY_PASSPHRASE_FILE=/run/tally.pass\n  tally keyfile unlock my.key.json\n${passwordHelp}`,
    )
    .action((files: string[]) => each(files, false))
}

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
