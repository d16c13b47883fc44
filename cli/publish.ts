import type { Command } from 'commander'
import { mirror } from './mirror.ts'
import { policyFrom, publicClient, timeSpan } from './options.ts'
import { note, print, progressBar } from './screen.ts'
import { pause, untilSignal } from './signal.ts'

interface PublishOptions {
  readonly url: string
  readonly policy?: string
  readonly follow?: number
}

export function publishCommand(program: Command): void {
  program
    .command('publish <dir>')
    .summary('keep a folder that any file server can serve: checkpoint and hash tiles')
    .description(
      'Writes the latest checkpoint and the hash tiles of a ledger into a folder, so that a file server or CDN can carry the public reads. Each tile is checked against what was signed, the checkpoint comes last, and what is there is left: cut off, it goes on where it was.',
    )
    .option('--url <url>', 'the ledger', process.env['TALLY_URL'] ?? 'http://127.0.0.1:8080')
    .option('--policy <file>', 'whom you trust: a tlog-policy file; by default the one that the ledger proposes')
    .option('--follow <time>', 'go on, and look for a new checkpoint this often, such as 5s', timeSpan)
    .addHelpText(
      'after',
      '\nExamples:\n  tally publish /var/www/points\n  tally publish public --policy data/policy --follow 1s',
    )
    .action(publish)
}

async function publish(directory: string, options: PublishOptions): Promise<void> {
  const client = publicClient(options)
  const policy = await policyFrom(options.policy, client)
  const bar = progressBar('Publishing', 'tiles')
  let last = -1
  const once = async () => {
    const { origin, size, written } = await mirror({ client, policy, directory, onProgress: bar.update })
    if (size !== last) print(`${origin}: ${size} entries, ${written} new tiles in ${directory}\n`)
    last = size
  }
  await once().finally(() => bar.stop())
  if (options.follow === undefined) return
  let isOver = false
  const over = untilSignal().then(() => {
    isOver = true
  })
  while (!isOver) {
    await pause(options.follow, over)
    // A ledger that does not answer is asked again; one that lies ends it.
    if (!isOver)
      await once().catch((error: { code?: string; message: string }) => {
        if (error.code !== 'unreachable') throw error
        note(error.message)
      })
  }
}
