import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { concatBytes, equalBytes } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import type { Row, Rows } from '../../lookup/index.ts'
import { UsageError } from '../../node/failure.ts'
import { makeFolder, unwritable } from '../../node/file-system.ts'

interface MarkChanges {
  readonly puts?: readonly Row[]
  readonly deletes?: readonly Uint8Array[]
}

type RowOperation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }

const CHECKSUM_BYTES = 8
const MB = 1024 * 1024

/** What an audit kept is not what it kept, or cannot be read: it has to do without. */
export class DamagedState extends Error {
  override readonly name = 'DamagedState'
}

/**
 * What an audit keeps to begin with the next time, as rows in a LevelDB of its own. Every value stands before the
 * beginning of its SHA-256, key included: a row that is not what was written is `DamagedState`, as is everything that
 * LevelDB itself does not like. Nothing in it is the truth: without it, an audit begins with the first entry.
 */
export class AuditDisk implements Rows {
  readonly #db: Level<Uint8Array, Uint8Array>

  private constructor(db: Level<Uint8Array, Uint8Array>) {
    this.#db = db
  }

  /** Opens what is kept in a directory; what cannot be opened is deleted, and begun again. */
  static async open(directory: string): Promise<AuditDisk> {
    await makeFolder(directory).catch(error => {
      throw unwritable(directory, error)
    })
    const encoding = { keyEncoding: 'view', valueEncoding: 'view', compression: false, writeBufferSize: 8 * MB }
    for (let attempt = 0; ; attempt++) {
      const db = new Level<Uint8Array, Uint8Array>(directory, encoding)
      try {
        await db.open()
        return new AuditDisk(db)
      } catch (error) {
        await db.close()
        if (attempt > 0) throw unwritable(directory, error as Error)
        await rm(directory, { recursive: true, force: true })
      }
    }
  }

  /** A new one in the system's folder for temporary files, and what deletes it. */
  static async scratch(): Promise<{ readonly disk: AuditDisk; readonly destroy: () => Promise<void> }> {
    const directory = await mkdtemp(join(tmpdir(), 'tally-audit-'))
    const disk = await AuditDisk.open(directory)
    const destroy = async () => {
      await disk.close()
      await rm(directory, { recursive: true, force: true })
    }
    return { disk, destroy }
  }

  /** Changes rows, all or nothing; with `sync` they are on the disk when it resolves. */
  async writeRows({ puts = [], deletes = [] }: MarkChanges, { sync }: { readonly sync: boolean }): Promise<void> {
    const operations: RowOperation[] = deletes.map(key => ({ type: 'del', key }))
    for (const { key, value } of puts)
      operations.push({ type: 'put', key, value: concatBytes(value, checksum(key, value)) })
    if (operations.length > 0) await written(() => this.#db.batch(operations, { sync }))
  }

  /** The value of a row, or undefined. @throws DamagedState. */
  async readRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    const value = await intact(() => this.#db.get(key))
    return value === undefined ? undefined : opened(key, value)
  }

  /** The values of some rows, in the order of the keys. @throws DamagedState. */
  readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.all(keys.map(key => this.readRow(key)))
  }

  /** The rows whose keys are at least `from` and below `to`, in the order of their keys. @throws DamagedState. */
  async *readRows(from: Uint8Array, to: Uint8Array): AsyncGenerator<Row, void, void> {
    const rows = this.#db.iterator({ gte: from, lt: to, fillCache: false, highWaterMarkBytes: MB })
    try {
      for (let some = await intact(() => rows.nextv(256)); some.length > 0; some = await intact(() => rows.nextv(256)))
        for (const [key, value] of some) yield { key: new Uint8Array(key), value: opened(key, value) }
    } finally {
      await rows.close()
    }
  }

  /** Deletes the rows from `from` to below `to`; a crash may leave any of them. @throws DamagedState; UsageError. */
  async deleteRows(from: Uint8Array, to: Uint8Array): Promise<void> {
    await written(() => this.#db.clear({ gte: from, lt: to }))
  }

  /** Waits for what is under way, and lets go of the directory. */
  close(): Promise<void> {
    return this.#db.close()
  }
}

async function intact<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new DamagedState(`what is kept cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

async function written(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    // LevelDB reads where it deletes and merges: it may find only then that what is there is damaged.
    if ((error as { code?: string }).code === 'LEVEL_CORRUPTION')
      throw new DamagedState(`what is kept is damaged: ${(error as Error).message}`, { cause: error })
    throw new UsageError('file', `what the audit keeps cannot be written: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function checksum(key: Uint8Array, value: Uint8Array): Uint8Array {
  return engine().sha256(concatBytes(key, value)).subarray(0, CHECKSUM_BYTES)
}

/** The value in a row, a copy of its own. */
function opened(key: Uint8Array, row: Uint8Array): Uint8Array {
  const value = new Uint8Array(row.subarray(0, -CHECKSUM_BYTES))
  if (row.length < CHECKSUM_BYTES || !equalBytes(checksum(key, value), row.subarray(-CHECKSUM_BYTES)))
    throw new DamagedState('a row that was kept is not what was written')
  return value
}
