import { join } from 'node:path'
import type { Command } from 'commander'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { type FrontOptions, frontOf } from '../input/front.ts'
import { Session } from '../input/session.ts'
import { untilSignal } from '../input/signal.ts'
import { note, print, progressBar } from '../screen/screen.ts'
import { pagesFolder, version } from '../version.ts'
import { listen, serverLogger } from './listen.ts'

export interface FollowCommandOptions extends FrontOptions {
  readonly follow: string
  readonly data: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly policy?: string
  readonly key?: string
}

/** `tally serve --follow`: a ledger that another takes the batches of, served from here. */
export async function serveFollowing(options: FollowCommandOptions): Promise<void> {
  const { follow: url, data } = options
  const { buildServer } = await import('../../src/http/index.ts')
  const { readPages } = await import('../../src/serving/index.ts')
  const { followLedger } = await import('../../src/operations/follow-ledger.ts')
  const logger = await serverLogger(options.logLevel)
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {})
  const session = await Session.open({ ...options, url })
  const bar = progressBar('Catching up', 'entries')
  const log = await followLedger({
    ...{ data, url, policy: session.policy },
    caller: () => session.auditorKey(),
    onFailure: fail,
    onTrouble: why => {
      if (why === undefined) logger.info(`Follows ${url}.`)
      else logger.warn(`${url} cannot be followed for now: ${why.message}`)
    },
    onNotice: what => logger.warn(what),
    onProgress: (done, size) => (done < size ? bar.update(done, size) : bar.stop()),
  })
  const server = await buildServer({
    log,
    logger,
    version: version(),
    policy: session.policy,
    rules: new RuleFolder(join(data, 'rules')),
    front: frontOf(options),
    pages: options.basePath === undefined ? await readPages(pagesFolder()) : undefined,
  })
  const here = await listen(server, options, () => log.close())
  print(
    `Follows ${url} into ${data}: ${log.size} entries so far.\nListening on ${here}: reads only, ` +
      'batches go to the ledger itself. Stop with Ctrl-C.\n',
  )
  try {
    await Promise.race([untilSignal(), failed])
    note('Stopping.')
  } finally {
    bar.stop()
    await server.close()
    await log.close()
  }
}

export function promoteCommand(program: Command): void {
  program
    .command('promote')
    .summary('make a follower the ledger, when the ledger is gone for good')
    .description(
      'Gives a data directory that followed a ledger the keys of that ledger. Refuses while it answers: two ledgers ' +
        'that sign are two histories. Signs nothing itself: the next start asks all who may have seen more, and ' +
        'takes the lease of the published folder.',
    )
    .requiredOption('--data <dir>', 'the data directory that followed')
    .requiredOption('--keys <dir>', 'the keys of the ledger, as DIR/keys of its data directory has them')
    .addHelpText(
      'after',
      '\nExamples:\n  tally promote --data /var/lib/follower --keys /media/safe/keys\n  tally serve --data ' +
        '/var/lib/follower --publish /var/www/points\n\nBatches that the ledger acknowledged in its last second, and ' +
        'published in no checkpoint that was seen here, are not in it: their promises say so. Senders send the same ' +
        'bytes again. Details of movements are not in a follower: restore them from a backup.',
    )
    .action(async (options: { data: string; keys: string }) => {
      const { promote } = await import('../../src/operations/follow-ledger.ts')
      const { size, url } = await promote(options)
      print(
        `${options.data} is the ledger now, with ${size} entries; it followed ${url}.\nStart it with tally serve ` +
          `--data ${options.data}, and with --publish and --follower as the ledger before: they are asked first.\n`,
      )
    })
}
