import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { utf8Decode } from '../core/bytes.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../node/file-system.ts'
import { lockWithin } from '../node/lock.ts'

/** How long a change of the file may still be unknown. */
const LOOK_MS = 1000
const LOCK_MS = 5000

export interface WatchedFileOptions<T> {
  readonly path: string
  /** Its form. */
  readonly schema: z.ZodType<T>
  /** Its value where there is no file. */
  readonly empty: T
  /** Code of the error where it has another form, and a name for it in words. */
  readonly code: string
  readonly name: string
}

/**
 * A small file of JSON, of mode 0600, that the command line writes and a gateway reads: one that runs looks at it once
 * a second, when it is asked something.
 */
export class WatchedFile<T> {
  readonly path: string
  readonly #options: WatchedFileOptions<T>
  #value: T
  #mtimeMs = -1
  #lookedMs = Number.NEGATIVE_INFINITY
  #looking: Promise<void> = Promise.resolve()

  constructor(options: WatchedFileOptions<T>) {
    this.path = options.path
    this.#options = options
    this.#value = options.empty
  }

  /** The value as it stands in the file now. @throws UsageError `file`, or of the code of this file. */
  async read(): Promise<T> {
    const { path, schema, empty, code, name } = this.#options
    if (!(await fileExists(path))) return empty
    try {
      return schema.parse(JSON.parse(utf8Decode(await readBytes(path))))
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
      throw new UsageError(code, `${path} is not ${name}: ${why}`)
    }
  }

  /**
   * The value as it was within the last second; the same object until the file changes. All who ask while the file is
   * read wait for that.
   */
  async look(nowMs: number): Promise<T> {
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs
      this.#looking = this.#load()
    }
    await this.#looking
    return this.#value
  }

  async #load(): Promise<void> {
    const mtimeMs = await stat(this.path).then(
      found => found.mtimeMs,
      () => 0,
    )
    if (mtimeMs === this.#mtimeMs) return
    this.#value = await this.read()
    this.#mtimeMs = mtimeMs
  }

  /** Writes another value, after all others who change it. @throws UsageError as `read`, and of `change`. */
  async change(change: (value: T) => T): Promise<void> {
    const unlock = await lockWithin(`${this.path}.lock`, LOCK_MS)
    try {
      await writeBytes(this.path, `${JSON.stringify(change(await this.read()), undefined, 2)}\n`, 0o600)
    } finally {
      await unlock()
    }
    this.#lookedMs = Number.NEGATIVE_INFINITY
  }
}
