import type { Command } from 'commander'
import { utf8Encode } from '../../src/core/bytes.ts'
import { AssertionError, VerifyError } from '../../src/core/failure.ts'
import { FatalError, HeldError, type TallyLog } from '../../src/log/index.ts'
import { type MirrorSource, mirror } from '../../src/monitor/mirror.ts'
import { formatSealed } from '../../src/verify/sealed-checkpoint.ts'
import { BUCKET_HELP, DEFAULT_DATA, DEFAULT_URL, policyOption, type Remote, timeSpan } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { pause, untilSignal } from '../input/signal.ts'
import { note, print, progressBar } from '../screen/screen.ts'

/** How long a ledger that may not sign is left alone. */
const HELD_MS = 1000

interface PublishOptions extends Remote {
  readonly follow?: number
}

export function publishCommand(program: Command): void {
  program
    .command('publish <place>')
    .summary('keep a folder or bucket that any file server can serve: checkpoint and hash tiles')
    .description(
      'Writes the latest checkpoint and the hash tiles of a ledger into a folder or to s3://BUCKET/PREFIX, so that a ' +
        'file server or CDN can serve them. Checks each tile against the checkpoint, writes only new tiles, and writes ' +
        'the checkpoint last. After an interruption it continues.',
    )
    .option('--url <url>', 'the ledger', DEFAULT_URL)
    .option('--data <dir>', 'the folder with the policy that the first start made', DEFAULT_DATA)
    .addOption(policyOption())
    .option('--follow <time>', 'continue, and look for a new checkpoint this often, such as 5s', timeSpan)
    .addHelpText(
      'after',
      '\nExamples:\n  tally publish /var/www/points\n  tally publish public --url https://points.shop.example ' +
        '--policy shop.policy --follow 1s\n  tally publish ' +
        's3://shop-points/ledger --follow 5s\n\nThe ledger itself does it after each seal with `tally serve --publish ' +
        '<place>`.' +
        BUCKET_HELP,
    )
    .action(publish)
}

async function publish(place: string, options: PublishOptions): Promise<void> {
  const { client, policy } = await Session.open(options)
  const bar = progressBar('Publishing', 'tiles')
  let last = -1
  const once = async () => {
    const from = Math.max(0, last)
    const { origin, size, written } = await mirror({
      source: client,
      policy,
      directory: place,
      from,
      onProgress: bar.update,
    })
    if (size !== last) print(`${origin}: ${size} entries, ${written} new tiles in ${place}\n`)
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

/** Resolves when more is published, or may be after a while in which nothing could be signed. */
async function nextAfter(log: TallyLog, size: number): Promise<void> {
  try {
    await log.publisher.reached(size + 1)
  } catch (error) {
    if (!(error instanceof HeldError)) throw error
    await new Promise(resolve => setTimeout(resolve, HELD_MS))
  }
}

/**
 * Keeps a folder up to date with a ledger of this process: after each seal, beside its work and never in its way. What
 * goes wrong is told and tried again after the next seal.
 *
 * @returns what ends it, with the folder at what was published last.
 */
export function publishAlong(
  log: TallyLog,
  directory: string,
  onTrouble: (error: unknown) => void,
): () => Promise<void> {
  const source: MirrorSource = {
    checkpoint: async () => log.publisher.published!.checkpoint,
    seal: async () => utf8Encode(formatSealed(log.publisher.sealed!)),
    archive: n => log.archived(n),
    totals: n => log.publisher.openedTotals(n),
    async receipt(index) {
      const receipt = await log.prover.receipt(index)
      if (typeof receipt === 'string') throw new AssertionError(`the log has no receipt of entry ${index}: ${receipt}`)
      return receipt
    },
    async tile({ level, index, width }) {
      const bytes = level === 'entries' ? undefined : await log.tile(level, index, width)
      if (bytes === undefined) throw new AssertionError(`the log has no tile ${level}/${index} of ${width}`)
      return bytes
    },
  }
  // Its own checkpoint, cosigned or not: who asks for witnesses does so when it is read.
  const policy = { logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' } as const
  let [tried, done, isOver] = [0, 0, false]
  let end: () => void = () => {}
  const ended = new Promise<undefined>(resolve => {
    end = () => resolve(undefined)
  })
  const once = async () => {
    tried = log.publisher.published?.size ?? 0
    if (tried === done) return
    try {
      done = (await mirror({ source, policy, directory, from: done, onProgress: () => {} })).size
    } catch (error) {
      // The folder has what the key of this log signed, and it is not of this log.
      if (error instanceof VerifyError && (error.code === 'forked' || error.code === 'rolled-back'))
        log.stop(
          new FatalError('ledger-mismatch', `${directory}: ${error.message}. Nothing more is signed.`, {
            cause: error,
          }),
        )
      else onTrouble(error)
    }
  }
  const running = (async () => {
    // Before that, what is there may be newer.
    await Promise.race([log.begun().catch(() => {}), ended])
    if (!log.isBegun) return
    while (!isOver) {
      await once()
      if (!isOver) await Promise.race([nextAfter(log, tried), ended])
      if (log.stopped !== undefined) return
    }
    await once()
  })()
  return () => {
    isOver = true
    end()
    return running
  }
}
