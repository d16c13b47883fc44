import { join } from 'node:path'
import { equalBytes, toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes, writtenMs } from '../node/file-system.ts'
import { waitForLock } from '../node/lock.ts'
import { type EvidenceFile, formatEvidence } from '../verify/evidence/evidence-file.ts'

/** A checkpoint that was accepted. */
export interface Seen {
  /** The signed note. */
  readonly note: Uint8Array
  readonly checkpoint: TrustedCheckpoint
  /** When its size was first seen here. */
  readonly seenMs: number
}

/** Where the checkpoint of a log that was accepted last is kept: a name that every file system takes. */
export function acceptedPath(directory: string, origin: string): string {
  return join(directory, `${nameOf(origin)}.watched`)
}

function nameOf(origin: string): string {
  return toHex(engine().sha256(utf8Encode(origin)))
}

/**
 * What a watch, or a wallet, remembers of a log from one start to the next: the checkpoint that it accepted last, a
 * signed note in a file whose time says when that was first seen; and beside it a file for every trouble, with what
 * shows it to others. Several processes may share a folder.
 */
export class Memory {
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

  /** What was accepted last; undefined at the first start. @throws UsageError `state`, `file`. */
  async read(): Promise<Seen | undefined> {
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
   * Keeps what was accepted, whole or not at all, in the place of what it was compared with and of nothing else: what
   * another process has accepted meanwhile stays, as nobody has compared the two.
   *
   * @param before - what was read here, of which `seen` is known to be the same history, at that size or a larger one.
   * @returns whether it is kept; false where something else than `before` stands there now.
   * @throws UsageError `state`, `file`.
   */
  async keep(seen: Seen, before: Seen | undefined): Promise<boolean> {
    if (before !== undefined && equalBytes(seen.note, before.note)) return true
    const unlock = await waitForLock(`${this.#path}.lock`)
    try {
      const there = await this.read()
      const isSame =
        there?.checkpoint.size === before?.checkpoint.size &&
        (there === undefined || equalBytes(there.checkpoint.root, before!.checkpoint.root))
      if (!isSame) return false
      if (there === undefined || there.checkpoint.size <= seen.checkpoint.size) await writeBytes(this.#path, seen.note)
      return true
    } finally {
      await unlock()
    }
  }

  /** Keeps what shows a trouble, once, and returns the file's name. */
  async keepTrouble(report: EvidenceFile): Promise<string> {
    const digest = toHex(engine().sha256(utf8Encode(JSON.stringify(report.evidence)))).slice(0, 16)
    const path = join(this.#directory, `${this.#name.slice(0, 16)}.${report.code}.${digest}.json`)
    if (!(await fileExists(path))) await writeBytes(path, formatEvidence(report))
    return path
  }
}
