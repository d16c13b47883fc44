import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, stat, statfs, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FormatError } from '../core/failure.ts'
import { UsageError } from './failure.ts'
import { runs } from './processes.ts'

/** Bytes of the largest file that a command reads whole. */
const FILE_BYTES_MAX = 64 * 1024 * 1024
const BEGINNING_BYTES = 4096

/** What stands for standard input in place of the name of a file. */
export const STANDARD_INPUT = '-'

/** The bytes of a file, or of standard input (`-`). @throws UsageError `file`, naming it. */
export async function readBytes(path: string): Promise<Uint8Array> {
  if (path === STANDARD_INPUT) return readInput()
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

async function readInput(): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
    parts.push(part)
    size += part.length
    if (size > FILE_BYTES_MAX)
      throw new UsageError('file', `Standard input has more than ${FILE_BYTES_MAX} bytes, and no more are read.`)
  }
  if (size === 0)
    throw new UsageError('file', 'Standard input is empty: nothing came through it, or it was read already.')
  return new Uint8Array(Buffer.concat(parts))
}

/** The first bytes of a file of any length: enough to see what it is. @throws UsageError `file`. */
export async function readBeginning(path: string, most = BEGINNING_BYTES): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const length = Math.min(most, (await file.stat()).size)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
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
 * @throws UsageError `file`; FormatError of `parse`, its message after the name of the file.
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
  await writeBeside(path, bytes, mode, beside => rename(beside, path))
}

/**
 * Writes a file that is not to be there yet, whole or not at all: of several that write it at once, one does.
 *
 * @returns whether it did; false where there is something of that name.
 * @throws UsageError `file`.
 */
export async function writeNew(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<boolean> {
  let why: string | undefined
  await writeBeside(path, bytes, mode, async beside => {
    // A second name is never put over a file, as a new name of the first one is.
    why = await link(beside, path).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    )
    await unlink(beside)
  })
  if (why === undefined) return true
  // On a file system where files have one name each, it is written in its place, and may be cut off there.
  return why === 'EEXIST' ? false : await writeAlone(path, bytes, mode)
}

/** The same straight in its place. */
async function writeAlone(path: string, bytes: Uint8Array | string, mode: number): Promise<boolean> {
  try {
    const file = await open(path, 'wx', mode)
    try {
      await writeFile(file, bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw unwritable(path, error as Error)
  }
}

async function writeBeside(
  path: string,
  bytes: Uint8Array | string,
  mode: number,
  place: (beside: string) => Promise<void>,
): Promise<void> {
  try {
    const beside = await besideOf(path)
    try {
      const file = await open(beside, 'wx', mode)
      try {
        await writeFile(file, bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await place(beside)
    } catch (error) {
      await unlink(beside).catch(() => {})
      throw error
    }
  } catch (error) {
    throw unwritable(path, error as Error)
  }
}

/** That a file cannot be written, and why. */
export function unwritable(path: string, error: Error): UsageError {
  return new UsageError('file', `${path} cannot be written: ${error.message}`, { cause: error })
}

/**
 * What a file is called beside its place: with the process that writes it, so that it is known when nobody does any
 * more.
 */
const BESIDE = /\.tally-(\d+)-[0-9a-f]{8}\.tmp$/

/** By folder, that it was cleared. */
const cleared = new Map<string, Promise<void>>()

/**
 * Where a file is written before it takes its place, in the folder of that, which is made if need be. Whatever
 * processes left in the folder that were killed while they wrote is deleted: once a process, before it writes there.
 *
 * @throws Error where the folder cannot be made.
 */
export async function besideOf(path: string): Promise<string> {
  const folder = dirname(path)
  await makeFolder(folder)
  const clearing = cleared.get(folder) ?? clear(folder)
  cleared.set(folder, clearing)
  await clearing
  return `${path}.tally-${process.pid}-${randomBytes(4).toString('hex')}.tmp`
}

async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = BESIDE.exec(name)?.[1]
    if (pid !== undefined && !runs(Number(pid))) await unlink(join(folder, name)).catch(() => {})
  }
}

/**
 * Makes a folder and those above it, mode 0700, where there are none. Step by step: where a file system answers that
 * there is no such folder to anyone who makes one, as /proc does, Node's own way goes up and down for ever.
 *
 * @throws Error that names the folder that cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  const made = await makeOne(path)
  if (made === undefined) return
  const above = dirname(path)
  if (made.code !== 'ENOENT' || above === path) throw made
  await makeFolder(above)
  const again = await makeOne(path)
  if (again !== undefined) throw again
}

/** Makes a folder, or returns why there is none. */
async function makeOne(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, { mode: 0o700 })
    return undefined
  } catch (error) {
    const isThere = await stat(path).then(
      found => found.isDirectory(),
      () => false,
    )
    if (isThere) return undefined
    const { code, message } = error as NodeJS.ErrnoException
    return Object.assign(new Error(`the folder ${path} cannot be made: ${message}`, { cause: error }), { code })
  }
}

/**
 * Bytes that a process like this one can still write to the file system of a folder. @throws Error of the file system.
 */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
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
