import type { Command } from 'commander'
import { healthOf } from '../../src/client/index.ts'
import { openCheckpoint } from '../../src/core/note/policy.ts'
import { EXIT } from '../failure.ts'
import { DEFAULT_DATA, type Remote, remoteOptions } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { print, printJson, table, when } from '../screen/screen.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('look at this machine and at the data directory of a ledger')
    .description(
      'Looks whether the cryptography of this machine agrees with that of another engine, whether keys are private, ' +
        'whether there is room, and whether witnesses answer and have the same time. Writes nothing. Exits 1 where ' +
        'something is bad.',
    )
    .option('--data <dir>', 'data directory', DEFAULT_DATA)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  tally doctor\n  tally doctor --data /var/lib/tally --json')
    .action(async ({ data, json }: { readonly data: string; readonly json?: boolean }) => {
      const { diagnose } = await import('../../src/operations/index.ts')
      const found = await diagnose(data)
      if (json === true) printJson(found)
      else print(table(found.map(({ state, what, detail }) => [state, what, detail])))
      if (found.some(({ state }) => state === 'bad')) process.exitCode = EXIT.refused
    })
}

export function statusCommand(program: Command): void {
  const command = program
    .command('status')
    .summary('say whether a ledger takes batches, and which checkpoint it published last')
    .description(
      'Asks a ledger how it is, and checks its last checkpoint under the policy. Exits 1 where it takes no batches, 3 ' +
        'where it does not answer.',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally status\n  tally status --url https://points.shop.example --policy shop.policy',
    )
  for (const option of remoteOptions()) if (option.name() !== 'key') command.addOption(option)
  command.action(async (remote: Remote & { readonly json?: boolean }) => {
    const { client, policy } = await Session.open(remote)
    const { status, size, published } = await healthOf(client)
    const { origin } = await client.identity()
    const checkpoint = openCheckpoint(await client.checkpoint(), policy)
    const shown = {
      ...{ origin, status, entries: size, published, 'checkpoint of': checkpoint.size },
      'cosigned by': checkpoint.witnesses.join(', ') || 'nobody',
      time: when(Date.now()),
    }
    if (remote.json) printJson(shown)
    else print(table(Object.entries(shown).map(([name, value]) => [name, String(value)])))
    if (status !== 'ok') process.exitCode = EXIT.refused
  })
}
