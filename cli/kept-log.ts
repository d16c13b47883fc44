import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromHex, toHex, utf8Encode } from '../src/core/bytes.ts'
import { engine } from '../src/core/engine.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../src/core/tile.ts'
import { fileExists, readBytes, writeBytes } from './files.ts'
import { lock } from './lock.ts'

/** How far the signatures of a log were verified, and the root of the log there. */
export interface Mark {
  readonly size: number
  readonly root: Uint8Array
}

const MARK_FORMAT = 'tallystick/verified/v1'

/** Salts in a file of them. */
export const SALTS_PAGE = 10_000

/**
 * What an audit keeps of a log from one time to the next: the checkpoint that it found without fault, the entry bundles and
 * salts it fetched, and how far it verified. All but the checkpoint only saves work: each entry that is read from here is
 * replayed and hashed as one that is fetched. What is not what it should be is fetched again, and a fault is believed only
 * when it is found without any of it.
 */
export class KeptLog {
  readonly origin: string
  readonly #directory: string
  readonly #checkpoint: string
  readonly #unlock: () => Promise<void>
  #isForgotten = false
  #wasUsed = false

  private constructor(origin: string, directory: string, checkpoint: string, unlock: () => Promise<void>) {
    this.origin = origin
    this.#directory = directory
    this.#checkpoint = checkpoint
    this.#unlock = unlock
  }

  /** Opens what is kept of the log of an origin, for this process alone. @throws UsageError `state`. */
  static async open(state: string, origin: string): Promise<KeptLog> {
    // A name that every file system takes.
    const name = toHex(engine().sha256(utf8Encode(origin)))
    const directory = join(state, name)
    return new KeptLog(origin, directory, join(state, `${name}.checkpoint`), await lock(`${directory}.lock`))
  }

  /** Gives it back to other processes. */
  close(): Promise<void> {
    return this.#unlock()
  }

  /** The checkpoint of the last audit without fault, a signed note. */
  async checkpoint(): Promise<Uint8Array | undefined> {
    return (await fileExists(this.#checkpoint)) ? readBytes(this.#checkpoint) : undefined
  }

  keepCheckpoint(note: Uint8Array): Promise<void> {
    return writeBytes(this.#checkpoint, note)
  }

  /** Whether anything was taken from here that an audit could go wrong by. */
  get wasUsed(): boolean {
    return this.#wasUsed
  }

  /** Takes nothing more from here: it is all fetched and verified again. */
  async forget(): Promise<void> {
    this.#isForgotten = true
    this.#wasUsed = false
    await rm(join(this.#directory, 'verified.json'), { force: true })
  }

  /** An entry bundle of 256 entries, not checked yet. */
  bundle(index: number): Promise<Uint8Array | undefined> {
    return this.#read(bundlePath(index))
  }

  keepBundle(index: number, bytes: Uint8Array): Promise<void> {
    return writeBytes(join(this.#directory, bundlePath(index)), bytes, 0o600)
  }

  /** A page of salts, 32 bytes each. */
  salts(page: number): Promise<Uint8Array | undefined> {
    return this.#read(join('salts', String(page)))
  }

  keepSalts(page: number, bytes: Uint8Array): Promise<void> {
    return writeBytes(join(this.#directory, 'salts', String(page)), bytes, 0o600)
  }

  /** How far signatures were verified, and tiles compared. */
  async mark(): Promise<Mark | undefined> {
    const bytes = await this.#read('verified.json')
    if (bytes === undefined) return undefined
    try {
      const { format, size, root } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
      if (format !== MARK_FORMAT || !Number.isSafeInteger(size) || typeof root !== 'string') return undefined
      return { size: size as number, root: fromHex(root, 32) }
    } catch {
      // Half of it, or something else: no mark, so everything is verified.
      return undefined
    }
  }

  async keepMark({ size, root }: Mark): Promise<void> {
    const value = { format: MARK_FORMAT, size, root: toHex(root) }
    await writeBytes(join(this.#directory, 'verified.json'), `${JSON.stringify(value)}\n`, 0o600)
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    const path = join(this.#directory, name)
    if (this.#isForgotten || !(await fileExists(path))) return undefined
    this.#wasUsed = true
    return readBytes(path)
  }
}

function bundlePath(index: number): string {
  return formatTilePath({ level: 'entries', index, width: BUNDLE_ENTRIES })
}
