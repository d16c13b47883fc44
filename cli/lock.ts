import { open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './failure.ts'
import { makeFolder, unwritable } from './files.ts'
import { runs } from './processes.ts'

/**
 * Takes a lock that one process at a time can have, and returns how to give it back. One that a killed process left is
 * taken over.
 *
 * @throws UsageError `state` when a process that runs has it, `file` where it cannot be written.
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  await makeFolder(dirname(path)).catch(error => {
    throw unwritable(path, error)
  })
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(String(process.pid))
      await file.close()
      return () => unlink(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, error as Error)
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (attempt > 0 || runs(holder))
      throw new UsageError('state', `Process ${holder} works with this directory (${path}). Wait until it has ended.`)
    await unlink(path).catch(() => {})
  }
}
