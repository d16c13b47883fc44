import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { beginningOf, ClientError, type SigningKey, TallyClient, tilesOf } from '../client/index.ts'
import { utf8Decode } from '../core/bytes.ts'
import { OPENED_LINES } from '../core/limits.ts'
import { sameKey } from '../core/note/note.ts'
import { formatPolicy, openCheckpoint, type Policy, parsePolicy } from '../core/note/policy.ts'
import { ArchiveFolder } from '../files/archive-folder.ts'
import { keyPath, readKey } from '../files/key-files.ts'
import { FollowingLog, type Leader } from '../log/index.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, makeFolder, readParsed, writeBytes } from '../node/file-system.ts'
import { openLevelStore } from '../store/index.ts'
import { totalsIn } from './copy-totals.ts'
import { KEY_NAMES } from './founding.ts'
import { readSettings, type Settings, settingsOf } from './open-ledger.ts'

/** How often what is published beside the log is copied. */
const COPY_MS = 60_000

export interface FollowOptions {
  readonly data: string
  /** URL of the ledger to follow, which may follow another itself. */
  readonly url: string
  /** Whom to trust: its log has to sign each checkpoint, and as many witnesses as it asks for. */
  readonly policy: Policy
  /** An auditor's key, registered there: asked for when entries are first to be had. */
  readonly caller: () => Promise<SigningKey>
  /** How often it is asked, 1 s by default. */
  readonly periodMs?: number
  /** The clock of this machine, if it is another one. */
  readonly nowMs?: () => number
  readonly onFailure: (error: unknown) => void
  readonly onTrouble?: (why: Error | undefined) => void
  readonly onNotice?: (what: string) => void
  readonly onProgress?: (entries: number, size: number) => void
}

/**
 * Follows a ledger into a data directory, which is made where there is none: every entry is held against its
 * checkpoints and replayed. What is served from it is what the ledger published.
 *
 * @throws UsageError `data` where the directory is of a ledger that does not follow this one; AnswerError, ClientError
 *   where the ledger does not answer at the first start; FatalError, StoreError as `FollowingLog.open`.
 */
export async function followLedger(options: FollowOptions): Promise<FollowingLog> {
  const { data, url, policy, periodMs = 1000, nowMs = Date.now } = options
  // Asked again each period: what fails once need not be tried at once.
  const client = new TallyClient({ url, policy, nowMs, retries: 0 })
  const path = join(data, 'ledger.json')
  const isNew = !(await fileExists(path))
  const origin = isNew ? openCheckpoint(await client.checkpoint(), policy).log.name : (await readSettings(path)).origin
  if (isNew) await begin(options, origin)
  const { follows } = await readSettings(path)
  if (follows === undefined)
    throw new UsageError('data', `${data} is a ledger of its own: choose an empty --data directory to follow ${url}.`)
  const logKey = policy.logs.map(({ key }) => key).find(({ name }) => name === origin)
  if (logKey === undefined) throw new UsageError('policy', `The policy names no log "${origin}", which ${data} is of.`)
  const archive = await ArchiveFolder.open(join(data, 'archive'))
  const opened = await ArchiveFolder.open(totalsIn(data), OPENED_LINES)
  const { onNotice } = options
  const store = await openLevelStore(join(data, 'store'), onNotice === undefined ? {} : { onNotice })
  return FollowingLog.open({
    ...options,
    ...{ store, logKey, periodMs, archive, opened, nowMs },
    leader: leaderAt(client, options, copier(client, archive, opened)),
  })
}

async function begin({ data, url, policy }: FollowOptions, origin: string): Promise<void> {
  if (await fileExists(join(data, 'store')))
    throw new UsageError('data', `${data} has a store but no ledger.json: choose an empty --data directory.`)
  await makeFolder(data)
  await writeBytes(join(data, 'policy'), formatPolicy(policy))
  await writeSettings(data, { ...settingsOf(origin), follows: url })
}

function writeSettings(data: string, settings: Settings): Promise<void> {
  return writeBytes(join(data, 'ledger.json'), `${JSON.stringify(settings, undefined, 2)}\n`)
}

function leaderAt(
  client: TallyClient,
  { url, policy, caller }: FollowOptions,
  copyBeside: () => Promise<void>,
): Leader {
  const tiles = tilesOf(client)
  let calling: TallyClient | undefined
  return {
    name: url,
    async checkpoint() {
      const note = await client.checkpoint()
      const { size, root } = openCheckpoint(note, policy)
      return { note, size, root }
    },
    async bundle(index, width) {
      calling ??= client.as(await caller())
      return calling.tile({ level: 'entries', index, width })
    },
    rootAt: async (size, of) => (await beginningOf(size, of, tiles)).root,
    copyBeside,
  }
}

/** Copies lines that were added to archive and totals, once a minute: they prove themselves to their readers. */
function copier(client: TallyClient, archive: ArchiveFolder, opened: ArchiveFolder): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY
  return async () => {
    if (performance.now() - last < COPY_MS) return
    last = performance.now()
    await copyLines(archive, n => client.archive(n))
    await copyLines(opened, n => client.totals(n))
  }
}

async function copyLines(folder: ArchiveFolder, read: (n: number) => Promise<Uint8Array | undefined>): Promise<void> {
  for (let n = folder.lastFile; ; n++) {
    const theirs = await read(n)
    if (theirs === undefined) return
    const known = utf8Decode((await folder.read(n)) ?? new Uint8Array(0)).split('\n').length - 1
    for (const line of utf8Decode(theirs).split('\n').slice(known, -1)) await folder.add(`${line}\n`)
  }
}

export interface PromoteOptions {
  readonly data: string
  /** Folder with the ledger's keys, as `DIR/keys` of a data directory. */
  readonly keys: string
}

/**
 * Makes a directory that follows a ledger the ledger itself, when that is gone: with its keys. Signs nothing; the next
 * start of it asks all who may have seen more, and takes the lease (SPEC §3).
 *
 * @returns the entries that it has.
 * @throws UsageError `follows` where it follows none; `leader-lives` while that one answers; `key-missing`,
 *   `key-file` where a key of the ledger is
 *   missing, or the log's is another one.
 */
export async function promote({
  data,
  keys,
}: PromoteOptions): Promise<{ readonly size: number; readonly url: string }> {
  const { follows: url, ...settings } = await readSettings(join(data, 'ledger.json'))
  if (url === undefined)
    throw new UsageError('follows', `${data} follows no ledger: there is nothing to promote. Start it: tally serve.`)
  await refuseWhileItLives(url)
  const policy = await readParsed(join(data, 'policy'), parsePolicy)
  const log = policy.logs.find(({ key }) => key.name === settings.origin)!.key
  for (const name of NEEDED)
    if (!(await fileExists(join(keys, `${name}.json`))))
      throw new UsageError('key-missing', `${keys} has no ${name}.json: a ledger needs the keys ${NEEDED.join(', ')}.`)
  const { publicKey } = await readKey(join(keys, 'log.json'))
  if (!sameKey(log, { ...log, publicKey }))
    throw new UsageError('key-file', `The key in ${keys}/log.json is not the one that "${settings.origin}" signs with.`)
  const store = await openLevelStore(join(data, 'store'))
  const { size } = store
  await store.close()
  for (const name of NEEDED) {
    await makeFolder(join(data, 'keys'))
    await cp(join(keys, `${name}.json`), keyPath(data, name))
  }
  // From here on it is a ledger: a crash before this line leaves a follower that has keys, and can be promoted again.
  await writeSettings(data, settings)
  return { size, url }
}

/** The keys that a ledger needs to run: all but the root key, which stays where it is. */
const NEEDED = KEY_NAMES.filter(name => name !== 'root')

async function refuseWhileItLives(url: string): Promise<void> {
  const client = new TallyClient({ url, policy: NOBODY, retries: 0, timeoutMs: 3000 })
  try {
    await client.checkpoint()
  } catch (error) {
    if (error instanceof ClientError && error.status === 0) return
  }
  throw new UsageError(
    'leader-lives',
    `${url} answers: it lives. Two ledgers that sign are two histories. Stop it for good before you promote another.`,
  )
}

const NOBODY: Policy = { logs: [], witnesses: [], groups: [], quorum: 'none' }
