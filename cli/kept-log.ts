import { join } from 'node:path'
import { toHex, utf8Encode } from '../src/core/bytes.ts'
import { engine } from '../src/core/engine.ts'
import { fileExists, readBytes, writeBytes } from './files.ts'
import { lock } from './lock.ts'

/** What an audit keeps of a log from one time to the next: the checkpoint that it found without fault. */
export class KeptLog {
  readonly origin: string
  readonly #checkpoint: string
  readonly #unlock: () => Promise<void>

  private constructor(origin: string, checkpoint: string, unlock: () => Promise<void>) {
    this.origin = origin
    this.#checkpoint = checkpoint
    this.#unlock = unlock
  }

  /** Opens what is kept of the log of an origin, for this process alone. @throws UsageError `state`. */
  static async open(state: string, origin: string): Promise<KeptLog> {
    // A name that every file system takes.
    const name = toHex(engine().sha256(utf8Encode(origin)))
    const directory = join(state, name)
    return new KeptLog(origin, join(state, `${name}.checkpoint`), await lock(`${directory}.lock`))
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
}
