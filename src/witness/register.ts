import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'

/** What a witness remembers of each log: the checkpoint that it cosigned last, one file an origin. */
export class Register {
  readonly #directory: string
  readonly #files: Map<string, Uint8Array>

  private constructor(directory: string, files: Map<string, Uint8Array>) {
    this.#directory = directory
    this.#files = files
  }

  /** Reads what is in a directory, which is made (mode 0700) if need be. */
  static async open(directory: string): Promise<Register> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const files = new Map<string, Uint8Array>()
    for (const name of await readdir(directory))
      if (/^[0-9a-f]{64}$/.test(name)) files.set(name, new Uint8Array(await readFile(join(directory, name))))
    return new Register(directory, files)
  }

  /** The checkpoint of an origin that was written last; undefined where there was none. */
  read(origin: string): Uint8Array | undefined {
    return this.readByHash(nameOf(origin))
  }

  /** As `read`, of the origin whose SHA-256 that is, in hex. */
  readByHash(originHash: string): Uint8Array | undefined {
    return this.#files.get(originHash)
  }

  /**
   * Replaces the checkpoint of an origin. When it resolves the new one is on disk, its name included; a crash before
   * leaves the old one or the new one.
   */
  async write(origin: string, checkpoint: Uint8Array): Promise<void> {
    const name = nameOf(origin)
    const path = join(this.#directory, name)
    const beside = `${path}.tmp`
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(checkpoint)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    await this.#syncDirectory()
    this.#files.set(name, checkpoint.slice())
  }

  async #syncDirectory(): Promise<void> {
    // Windows has no handles of directories, and keeps renames in order by itself.
    if (process.platform === 'win32') return
    const directory = await open(this.#directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}

/** A file name for an origin that every file system takes: its SHA-256 in hex. */
function nameOf(origin: string): string {
  return toHex(engine().sha256(utf8Encode(origin)))
}
