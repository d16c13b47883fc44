import { constants } from 'node:fs'
import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { UsageError } from './failure.ts'
import { besideOf, unwritable } from './file-system.ts'
import { runs } from './processes.ts'

/** Another process has a lock, or another task of this one. */
export class LockHeldError extends UsageError {
  constructor(holder: number, path: string) {
    super('state', `Process ${holder} works with this directory (${path}). Wait until it has ended.`)
  }
}

/** Locks that tasks of this process have: a file that names a process cannot tell two of its tasks apart. */
const own = new Set<string>()
/** Longest pause before a lock is tried again. */
const PAUSE_MS = 25

/**
 * Takes a lock as `lock` does, for one task of this process, and waits for the process or the task that has it.
 *
 * @param waitMs - how long at most.
 * @throws LockHeldError when it is not given back in that time, UsageError `file` where it cannot be written.
 * @example const unlock = await lockWithin(join(folder, 'wallet.lock'), 10_000)
 */
export async function lockWithin(path: string, waitMs: number): Promise<() => Promise<void>> {
  const untilMs = performance.now() + waitMs
  for (;;) {
    try {
      return await lockOnce(path)
    } catch (error) {
      if (!(error instanceof LockHeldError) || performance.now() >= untilMs) throw error
    }
    // Of several that wait, none should come in step with one that takes it again and again.
    await setTimeout(1 + Math.random() * PAUSE_MS)
  }
}

async function lockOnce(path: string): Promise<() => Promise<void>> {
  const name = resolve(path)
  if (own.has(name)) throw new LockHeldError(process.pid, path)
  own.add(name)
  try {
    const unlock = await lock(path)
    return () => unlock().finally(() => own.delete(name))
  } catch (error) {
    own.delete(name)
    throw error
  }
}

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
 * @throws LockHeldError when a process that runs has it, UsageError `file` where it cannot be written.
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  try {
    const beside = await besideOf(path)
    try {
      await writeFile(beside, String(process.pid), { flag: 'wx', mode: 0o600 })
      await take(beside, path, path)
    } finally {
      await rm(beside, { force: true })
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unwritable(path, error as Error)
  }
  return () => unlink(path)
}

/**
 * Gives the file `beside` the name `path` too. @throws UsageError `state` that names the lock `asked`, Error of the
 * file system.
 */
async function take(beside: string, path: string, asked: string): Promise<void> {
  while (!(await named(beside, path))) {
    const holder = await holderOf(path)
    // Given back meanwhile.
    if (holder === undefined) continue
    if (runs(holder)) throw new LockHeldError(holder, asked)
    // It may be left as any other is, by who was killed while it took over: then it has a second one of its own.
    const second = `${path}.over`
    await take(beside, second, asked)
    try {
      const found = await holderOf(path)
      if (found !== undefined && !runs(found)) await rm(path, { force: true })
    } finally {
      await rm(second, { force: true })
    }
  }
}

/** Gives a file a second name; false where there is one of that name. */
async function named(beside: string, path: string): Promise<boolean> {
  try {
    await link(beside, path)
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
