import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from './contract.ts'

/** What LevelDB notes in its LOG file when it skips part of its journal on opening. */
const LOST = /dropping \d+ bytes|Ignoring error/

/** Remembers a loss, as LevelDB itself does not: it deletes the journal once it has read it. */
const MARK = 'DAMAGED'

/**
 * Refuses a store whose journal lost records, before it is opened.
 *
 * LevelDB cannot tell a damaged record from one that a crash cut off, so it skips what does not match its checksum, and
 * opens. What it skipped may have been acknowledged. The one trace is a line in its LOG; from it `refuseLoss` makes a file
 * that stays until a person has looked.
 *
 * @throws StoreError `store-corrupt`.
 */
export async function refuseMarked(directory: string): Promise<void> {
  const line = await readText(join(directory, MARK))
  if (line !== undefined) throw lossError(directory, line)
}

/** Marks and refuses a store whose journal has just been found to have lost records. @throws StoreError `store-corrupt`. */
export async function refuseLoss(directory: string): Promise<void> {
  const log = await readText(join(directory, 'LOG'))
  const line = log?.split('\n').find(text => LOST.test(text))
  if (line === undefined) return
  const file = await open(join(directory, MARK), 'w', 0o600)
  try {
    await file.writeFile(`${line}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  throw lossError(directory, line)
}

function lossError(directory: string, line: string): StoreError {
  return new StoreError(
    'store-corrupt',
    `The journal of the store in ${directory} is damaged, and entries that were acknowledged may be lost: ${line.trim()}. ` +
      `Restore the directory from a copy. Delete ${join(directory, MARK)} only if no checkpoint or promise goes beyond what is left.`,
  )
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
