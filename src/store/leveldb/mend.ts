import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { type Damage, examine, examineFiles, wholeManifests } from './examine.ts'

/** What LevelDB can do and the types of `level`, which knows other stores too, do not say. */
interface Repairing {
  repair(folder: string): Promise<void>
}
export interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
}

/** Where LevelDB's repair puts what it does not need any more. */
const LOST = 'lost'

/** After all keys that this store has. */
const LAST_KEY = new Uint8Array(64).fill(255)

/**
 * Mends the folder of a LevelDB that nobody has open, where that loses nothing: `CURRENT` is written again where one
 * manifest is whole; a manifest is made again from the tables and log files where all of these are. Returns what is
 * damaged still, and has changed nothing then; undefined when nothing is. A crash at any moment leaves what the next
 * call mends.
 */
export async function mend(folder: string, damage: Damage): Promise<Damage | undefined> {
  if (damage.part === 'log' || damage.part === 'table') return damage
  const [manifest, ...others] = await wholeManifests(folder)
  if (damage.part === 'current' && manifest !== undefined && others.length === 0) {
    await writeCurrent(folder, manifest)
    return examine(folder)
  }
  const damaged = await examineFiles(folder)
  if (damaged !== undefined) return damaged
  await (Level as unknown as Repairing).repair(folder)
  return examine(folder)
}

/**
 * Finishes, where a repair was begun, a database that has just been opened: has all tables merged, as a repair leaves
 * them so that the older of two rows may be found, and deletes what was put aside, in which that may stand which was
 * erased since. Takes as long then as to write the database once.
 */
export async function finishMending(folder: string, db: unknown): Promise<void> {
  if (!(await readdir(folder)).includes(LOST)) return
  await (db as Compacting).compactRange(new Uint8Array(0), LAST_KEY)
  await rm(join(folder, LOST), { recursive: true, force: true })
}

async function writeCurrent(folder: string, manifest: string): Promise<void> {
  const beside = join(folder, '000000.dbtmp')
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(`${manifest}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, join(folder, 'CURRENT'))
}
