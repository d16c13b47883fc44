import { constants } from 'node:fs'
import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { UsageError } from './failure.ts'
import { besideOf, unwritable } from './file-system.ts'
import { runs } from './processes.ts'

/**
 * Takes a lock that one process at a time can have, and returns how to give it back. One that a killed process left is
 * taken over; so is one of this process’s own number, which a container that starts again gives again: a process takes
 * one once.
 *
 * The file gets its name when it has its content, so that nobody finds the lock of a process that runs without its
 * number. One of a process that is over is deleted only by who has a second lock, and who looks again when it has that:
 * of three that found it, the second would else delete what the first has made in its place, the third would take what
 * is then free, and to put it back would come too late.
 *
 * @throws UsageError `state` when a process that runs has it, `file` where it cannot be written.
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  try {
    const own = await besideOf(path)
    try {
      await writeFile(own, String(process.pid), { flag: 'wx', mode: 0o600 })
      await take(own, path, path)
    } finally {
      await rm(own, { force: true })
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unwritable(path, error as Error)
  }
  return () => unlink(path)
}

/**
 * As `lock`, for work of a moment: where another process has it, asks again until that is done.
 *
 * @param patienceMs - after which it gives up, by default ten seconds.
 * @throws UsageError `state`, `file`.
 */
export async function waitForLock(path: string, patienceMs = 10_000): Promise<() => Promise<void>> {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    try {
      return await lock(path)
    } catch (error) {
      const isHeld = error instanceof UsageError && error.code === 'state'
      if (!isHeld || performance.now() > untilMs) throw error
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
    }
  }
}

const AGAIN_MS = 20

/**
 * Gives the file `own` the name `path` too. @throws UsageError `state` that names the lock `asked`, Error of the file
 * system.
 */
async function take(own: string, path: string, asked: string): Promise<void> {
  while (!(await name(own, path))) {
    const holder = await holderOf(path)
    // Given back meanwhile.
    if (holder === undefined) continue
    if (runs(holder))
      throw new UsageError('state', `Process ${holder} works with this directory (${asked}). Wait until it has ended.`)
    // It may be left as any other is, by who was killed while it took over: then it has a second one of its own.
    const second = `${path}.over`
    await take(own, second, asked)
    try {
      const found = await holderOf(path)
      if (found !== undefined && !runs(found)) await rm(path, { force: true })
    } finally {
      await rm(second, { force: true })
    }
  }
}

/** Gives a file a second name; false where there is one of that name. */
async function name(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path)
    return true
  } catch (error) {
    if (isThere(error)) return false
  }
  // Not every file system has second names (FAT, some shares): there a lock is for a moment without its content.
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (isThere(error)) return false
    throw error
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}

/**
 * The number in a lock, undefined where there is none: NaN or 0 for what is no number. @throws Error where it cannot be
 * read.
 */
async function holderOf(path: string): Promise<number | undefined> {
  try {
    // A symbolic link to nothing would be there for who makes it and not for who reads it.
    return Number(await readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NOFOLLOW }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
