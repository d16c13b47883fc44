import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes, toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { CodedError } from '../core/failure.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes, writtenMs } from '../node/file-system.ts'
import { lockWithin } from '../node/lock.ts'
import { type EvidenceFile, formatEvidence, parseEvidence } from '../verify/evidence/evidence-file.ts'

/** A checkpoint that was accepted. */
export interface AcceptedCheckpoint {
  /** The signed note. */
  readonly note: Uint8Array
  readonly checkpoint: TrustedCheckpoint
  /** When its size was first seen here. */
  readonly seenMs: number
}

/** How long a process waits for another one that keeps something in the same folder. */
const WAIT_MS = 10_000
/** Notes that were never compared which are read back at a start. */
const UNCOMPARED_MAX = 16
/** Codes of evidence that has a signed note with which nothing could be compared, or which could not be. */
const UNCOMPARED = /\.(?:withheld|consistency-proof)\.[0-9a-f]{16}\.json$/

/** Where the checkpoint of a log that was accepted last is kept: a name that every file system takes. */
export function acceptedPath(directory: string, origin: string): string {
  return join(directory, `${nameOf(origin)}.watched`)
}

function nameOf(origin: string): string {
  return toHex(engine().sha256(utf8Encode(origin)))
}

/**
 * Takes the lock of a folder in which watches and wallets keep what they accepted: who writes there has it from the
 * moment at which he reads what he goes on from. Waits for who has it, ten seconds at most.
 *
 * @returns how to give it back.
 * @throws UsageError `state` where it is not given back in that time, `file`.
 */
export function lockAccepted(directory: string): Promise<() => Promise<void>> {
  return lockWithin(join(directory, 'wallet.lock'), WAIT_MS)
}

/**
 * What a watch, or a wallet, remembers of a log from one start to the next: the checkpoint that it accepted last, a
 * signed note in a file whose time says when that was first seen; and beside it a file for every trouble, with what
 * shows it to others. Several processes may keep the same one: it only goes forward.
 */
export class CheckpointKeeper {
  readonly #directory: string
  readonly #policy: Policy
  readonly #name: string
  readonly #path: string

  /** @param policy - of one log. */
  constructor(directory: string, policy: Policy) {
    this.#directory = directory
    this.#policy = policy
    this.#name = nameOf(policy.logs[0]!.key.name)
    this.#path = acceptedPath(directory, policy.logs[0]!.key.name)
  }

  /** What was accepted last, by whichever process; undefined where nothing was. @throws UsageError `state`, `file`. */
  async read(): Promise<AcceptedCheckpoint | undefined> {
    const path = this.#path
    if (!(await fileExists(path))) return undefined
    const note = await readBytes(path)
    try {
      // Its quorum was demanded when it was accepted; who the witnesses are may have changed since.
      const checkpoint = openCheckpoint(note, { ...this.#policy, quorum: 'none' })
      return { note, checkpoint, seenMs: await writtenMs(path) }
    } catch (error) {
      throw new UsageError(
        'state',
        `${path} is not a checkpoint of this log that was accepted: ${(error as Error).message}`,
      )
    }
  }

  /**
   * Keeps what was accepted last, whole or not at all, in place of what it was compared with and of nothing else. So of
   * any number of processes none puts a smaller checkpoint in the place of a larger one, or one of another history.
   *
   * @param accepted - the new one: as large as `since` at least, and grown out of it.
   * @param since - what it was compared with, as it was read or kept here; undefined where there was nothing.
   * @returns undefined where it is kept; else what another process kept meanwhile, with which it is to be compared.
   * @throws UsageError `state` where another process has the folder for long, `file`.
   */
  async keep(
    accepted: AcceptedCheckpoint,
    since: AcceptedCheckpoint | undefined,
  ): Promise<AcceptedCheckpoint | undefined> {
    // What is there is what is to be there, as a rule: then nobody has to wait for anybody.
    if (isSame(accepted, since) && isSame(await this.read(), since)) return undefined
    const unlock = await lockAccepted(this.#directory)
    try {
      return await this.keepLocked(accepted, since)
    } finally {
      await unlock()
    }
  }

  /** As `keep`, for who has the lock of the folder (`lockAccepted`). */
  async keepLocked(
    accepted: AcceptedCheckpoint,
    since: AcceptedCheckpoint | undefined,
  ): Promise<AcceptedCheckpoint | undefined> {
    const there = await this.read()
    if (there !== undefined && !isSame(there, since)) return there
    if (since !== undefined && accepted.checkpoint.size < since.checkpoint.size)
      throw new UsageError('state', `${this.#path} is of ${since.checkpoint.size} entries, and only goes forward.`)
    if (!isSame(accepted, there)) await writeBytes(this.#path, accepted.note)
    return undefined
  }

  /** Keeps what shows a trouble, once, and returns the file's name. */
  async keepTrouble(report: EvidenceFile): Promise<string> {
    const digest = toHex(engine().sha256(utf8Encode(JSON.stringify(report.evidence)))).slice(0, 16)
    const path = join(this.#directory, `${this.#name.slice(0, 16)}.${report.code}.${digest}.json`)
    if (!(await fileExists(path))) await writeBytes(path, formatEvidence(report))
    return path
  }

  /**
   * The notes of files of trouble that say that a checkpoint was signed, and could not be compared: of the last ones,
   * at most 16. Who can compare them may find a fork in them. Files that are none are stepped over.
   */
  async uncompared(): Promise<Uint8Array[]> {
    const names = (await readdir(this.#directory).catch(() => [])).filter(
      name => name.startsWith(`${this.#name.slice(0, 16)}.`) && UNCOMPARED.test(name),
    )
    return signedNotesIn(names.map(name => join(this.#directory, name)))
  }
}

/** The checkpoints of the latest evidence files among some, at most 16. Files that are none are stepped over. */
export async function signedNotesIn(paths: readonly string[]): Promise<Uint8Array[]> {
  const found: { note: string; time: string }[] = []
  for (const path of paths) {
    try {
      const { evidence, time = '' } = parseEvidence(await readBytes(path))
      if (evidence.checkpoint !== undefined) found.push({ note: evidence.checkpoint, time })
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  found.sort((a, b) => (a.time < b.time ? 1 : -1))
  return found.slice(0, UNCOMPARED_MAX).map(({ note }) => utf8Encode(note))
}

function isSame(one: AcceptedCheckpoint | undefined, other: AcceptedCheckpoint | undefined): boolean {
  return one === undefined || other === undefined ? one === other : equalBytes(one.note, other.note)
}
