import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FormatError } from '../src/core/failure.ts'
import { UsageError } from './failure.ts'

/** Bytes of the largest file that a command reads whole. */
const FILE_BYTES_MAX = 64 * 1024 * 1024
const BEGINNING_BYTES = 4096

/** The bytes of a file. @throws UsageError `file`, naming it. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES_MAX)
      throw new UsageError('file', `${path} has ${size} bytes; at most ${FILE_BYTES_MAX} are read.`)
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('file', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** The first bytes of a file of any length: enough to see what it is. @throws UsageError `file`. */
export async function readBeginning(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0)
      return new Uint8Array(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new UsageError('file', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * What `parse` makes of the bytes of a file.
 *
 * @throws UsageError `file`; FormatError of `parse`, its message behind the name of the file.
 */
export async function readParsed<T>(path: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  const bytes = await readBytes(path)
  try {
    return parse(bytes)
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(error.code, `${path}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Writes a file whole or not at all: beside it first, then in its place. */
export async function writeBytes(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(beside, 'wx', mode)
    try {
      await writeFile(file, bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await unlink(beside).catch(() => {})
    throw new UsageError('file', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Whether there is such a file. */
export async function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** When a file was last written, in milliseconds. @throws UsageError `file`. */
export async function writtenMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    throw new UsageError('file', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
