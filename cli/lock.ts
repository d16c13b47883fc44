import { mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './failure.ts'

/**
 * Takes a lock that one process at a time can have, and returns how to give it back. One that a killed process left is
 * taken over.
 *
 * @throws UsageError `state` when a process that runs has it.
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(String(process.pid))
      await file.close()
      return () => unlink(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new UsageError('file', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (attempt > 0 || runs(holder))
      throw new UsageError('state', `Process ${holder} works with this directory (${path}). Wait until it has ended.`)
    await unlink(path).catch(() => {})
  }
}

function runs(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
