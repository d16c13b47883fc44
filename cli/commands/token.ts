import type { Command } from 'commander'
import { makeToken } from '../../src/client/index.ts'
import { type Remote, remoteOptions, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { print, printJson } from '../screen/screen.ts'

/** `tally token`: what a key reads private data with, for curl and others. */
export function tokenCommand(program: Command): void {
  const token = program
    .command('token')
    .summary('make a token that reads private data, for curl')
    .description(
      'Makes a token of a key (SPEC §11), and prints it. For five minutes the token reads everything that the key may ' +
        'read; it can change nothing. By default the key is the auditor key in --data.',
    )
    .option('--account <account>', 'valid for this account only', wholeNumber)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  curl -H "authorization: Bearer $(tally token)" http://127.0.0.1:8080/v1/feed\n' +
        '  tally token --key data/keys/registrar.json --account 3',
    )
    .action(async (options: Remote & { account?: number; json?: boolean }) => {
      const session = await Session.open(options)
      const key = await session.key('auditor')
      const { ledgerId } = await session.client.identity()
      const subject = options.account === undefined ? 'ledger' : `account/${options.account}`
      const made = await makeToken(key, ledgerId, subject)
      if (options.json) printJson({ token: made, subject })
      else print(`${made}\n`)
    })
  for (const option of remoteOptions()) token.addOption(option)
}
