import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../../src/node/failure.ts'
import { STANDARD_INPUT } from '../../src/node/file-system.ts'

/**
 * Gives `use` the path of a file that can be read more than once: that of the file itself, or of a copy of what comes
 * from standard input (`-`) or from a pipe (`/dev/stdin`, a process substitution), which is of this user alone and goes
 * away afterwards.
 *
 * @param file - as it was given.
 * @param input - standard input.
 * @throws UsageError `file` where nothing came; what `use` throws, in its message the name that was given.
 */
export async function asFile<T>(
  file: string,
  use: (path: string) => Promise<T>,
  input: Readable = process.stdin,
): Promise<T> {
  const isPiped = file === STANDARD_INPUT || (await isPipe(file))
  if (!isPiped) return use(file)
  const folder = await mkdtemp(join(tmpdir(), 'tally-piped-'))
  const path = join(folder, 'file')
  try {
    await pipeline(file === STANDARD_INPUT ? input : createReadStream(file), createWriteStream(path, { mode: 0o600 }))
    if ((await stat(path)).size === 0)
      throw new UsageError('file', `${nameOf(file)} is empty: nothing came through it to read.`)
    return await use(path)
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(path, nameOf(file))
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function nameOf(file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : file
}

/** Whether there is something of that name that is neither a file nor a folder. */
async function isPipe(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && (found.isFIFO() || found.isCharacterDevice() || found.isSocket())
}
