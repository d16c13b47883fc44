import { readdir, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes, writeNew } from '../node/file-system.ts'
import { lockWithin } from '../node/lock.ts'
import type { Objects, WriteOptions } from './objects.ts'

/** How long one process waits for another that has a folder. */
const WAIT_MS = 30_000

/** The files of a folder. */
export class FolderObjects implements Objects {
  readonly name: string

  constructor(directory: string) {
    this.name = directory
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readBytes(join(this.name, path))
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw error
    }
  }

  has(path: string): Promise<boolean> {
    return fileExists(join(this.name, path))
  }

  write(path: string, bytes: Uint8Array | string, { isPrivate = false }: WriteOptions = {}): Promise<void> {
    return writeBytes(join(this.name, path), bytes, isPrivate ? 0o600 : 0o644)
  }

  writeNew(path: string, bytes: Uint8Array | string): Promise<boolean> {
    return writeNew(join(this.name, path), bytes)
  }

  async list(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.name, folder), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw new UsageError('file', `${join(this.name, folder)} cannot be read: ${error.message}`, { cause: error })
      },
    )
    return entries
      .filter(entry => entry.isFile())
      .map(entry => relative(this.name, join(entry.parentPath, entry.name)).split(sep).join('/'))
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.name, path), { force: true })
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    const unlock = await lockWithin(join(this.name, 'publish.lock'), WAIT_MS)
    try {
      return await work()
    } finally {
      await unlock()
    }
  }
}
