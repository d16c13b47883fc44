import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes, toHex, utf8Encode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import { parseCheckpoint } from '../../core/note/checkpoint.ts'
import { parseNote } from '../../core/note/note.ts'
import { UsageError } from '../../node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../../node/file-system.ts'
import { lock } from '../../node/lock.ts'
import { AuditDisk } from './rows-on-disk.ts'

/**
 * What an audit keeps of a log from one time to the next: the checkpoint that it found without fault, and how far it
 * came, with all it takes to go on from there. All but the checkpoint only saves work: what does not hold is deleted,
 * and the log is audited from its first entry.
 */
export class KeptLog {
  readonly origin: string
  readonly #checkpoint: string
  readonly #directory: string
  readonly #unlock: () => Promise<void>
  #disk: Promise<AuditDisk> | undefined

  private constructor(origin: string, checkpoint: string, directory: string, unlock: () => Promise<void>) {
    this.origin = origin
    this.#checkpoint = checkpoint
    this.#directory = directory
    this.#unlock = unlock
  }

  /** Opens what is kept of the log of an origin, for this process alone. @throws UsageError `state`. */
  static async open(state: string, origin: string): Promise<KeptLog> {
    const directory = join(state, nameOf(origin))
    return new KeptLog(origin, checkpointPath(state, origin), directory, await lock(`${directory}.lock`))
  }

  /** The checkpoint of the last audit without fault of another log, a signed note; undefined where there is none. */
  static async checkpointOf(state: string, origin: string): Promise<Uint8Array | undefined> {
    const path = checkpointPath(state, origin)
    return (await fileExists(path)) ? readBytes(path) : undefined
  }

  /** Gives it back to other processes. */
  async close(): Promise<void> {
    await (await this.#disk)?.close()
    await this.#unlock()
  }

  /** How far audits came. */
  disk(): Promise<AuditDisk> {
    this.#disk ??= AuditDisk.open(this.#directory)
    return this.#disk
  }

  /** Deletes how far audits came: the next begins with the first entry. */
  async forget(): Promise<void> {
    await (await this.#disk)?.close()
    this.#disk = undefined
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** The checkpoint of the last audit without fault, a signed note. */
  async checkpoint(): Promise<Uint8Array | undefined> {
    return (await fileExists(this.#checkpoint)) ? readBytes(this.#checkpoint) : undefined
  }

  /**
   * Keeps a checkpoint that was audited without fault: it only goes forward.
   *
   * @throws UsageError `state` where what is kept is larger, or of another history.
   */
  async keepCheckpoint(note: Uint8Array): Promise<void> {
    const before = await this.checkpoint()
    const last = before && parseCheckpoint(parseNote(before).text)
    const next = parseCheckpoint(parseNote(note).text)
    if (last !== undefined && last.size > next.size)
      throw new UsageError('state', `A checkpoint of ${last.size} entries was audited before: nothing smaller is kept.`)
    if (last?.size === next.size && !equalBytes(last.root, next.root))
      throw new UsageError('state', `Another checkpoint of ${last.size} entries was audited before.`)
    await writeBytes(this.#checkpoint, note)
  }
}

/** A name that every file system takes. */
function nameOf(origin: string): string {
  return toHex(engine().sha256(utf8Encode(origin)))
}

function checkpointPath(state: string, origin: string): string {
  return join(state, `${nameOf(origin)}.checkpoint`)
}
