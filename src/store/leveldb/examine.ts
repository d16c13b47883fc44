import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecords } from './leveldb-log.ts'
import { type Version, versionFrom } from './manifest.ts'
import { faultOfTable } from './table.ts'

/** A damaged file of a database: which, what of LevelDB's it is, and what is wrong with it. */
export interface Damage {
  readonly part: 'current' | 'manifest' | 'log' | 'table'
  readonly file: string
  readonly what: string
}

/** Tables that are looked at at once. */
const AT_ONCE = 32

/**
 * What is damaged in the folder of a LevelDB that nobody has open, of the parts in which LevelDB finds no damage, or
 * finds it when it is too late: it drops what it cannot make out of its log files and manifests, and deletes the files.
 * Undefined where nothing is. Changes nothing. Reads the log files, some megabytes, and a few kilobytes of each table.
 */
export async function examine(folder: string): Promise<Damage | undefined> {
  const current = await readFile(join(folder, 'CURRENT'), 'latin1').catch(ifMissing(''))
  const manifest = /^(MANIFEST-\d+)\n$/.exec(current)?.[1]
  if (manifest === undefined) return { part: 'current', file: 'CURRENT', what: 'it names no manifest' }
  const version = await readManifest(join(folder, manifest))
  if (version === 'missing')
    return { part: 'current', file: 'CURRENT', what: `it names ${manifest}, which is not there` }
  if (version === 'damaged')
    return { part: 'manifest', file: manifest, what: 'a record of it does not have its checksum' }
  return examineFiles(folder, version)
}

/** As `examine`, of the log files and tables alone: of those that a version names, by default of all that are there. */
export async function examineFiles(folder: string, version?: Version): Promise<Damage | undefined> {
  const names = await readdir(folder)
  for (const file of names.filter(name => /^\d+\.log$/.test(name)).sort()) {
    const number = Number.parseInt(file, 10)
    if (version !== undefined && number < version.firstLog && number !== version.olderLog) continue
    const { damage } = readRecords(await readFile(join(folder, file)))
    if (damage !== undefined) return { part: 'log', file, what: `at byte ${damage.at}, ${damage.what}` }
  }
  const byNumber = new Map(
    names.filter(name => /^\d+\.(?:ldb|sst)$/.test(name)).map(name => [Number.parseInt(name, 10), name]),
  )
  const tables = version === undefined ? [...byNumber.keys()] : [...version.tables.keys()]
  for (let from = 0; from < tables.length; from += AT_ONCE) {
    const found = await Promise.all(
      tables.slice(from, from + AT_ONCE).map(async (number): Promise<Damage | undefined> => {
        const file = byNumber.get(number)
        if (file === undefined)
          return { part: 'table', file: `${String(number).padStart(6, '0')}.ldb`, what: 'it is missing' }
        const path = join(folder, file)
        const what = await faultOfTable(path, version?.tables.get(number) ?? (await stat(path)).size)
        return what === undefined ? undefined : { part: 'table', file, what }
      }),
    )
    const damage = found.find(one => one !== undefined)
    if (damage !== undefined) return damage
  }
  return undefined
}

/** The manifests of a folder that are whole, by name. */
export async function wholeManifests(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(name => /^MANIFEST-\d+$/.test(name))
  const versions = await Promise.all(names.map(name => readManifest(join(folder, name))))
  return names.filter((_, i) => typeof versions[i] === 'object')
}

async function readManifest(path: string): Promise<Version | 'missing' | 'damaged'> {
  const bytes = await readFile(path).catch(ifMissing(undefined))
  if (bytes === undefined) return 'missing'
  const { records, damage } = readRecords(bytes)
  return (damage === undefined ? versionFrom(records) : undefined) ?? 'damaged'
}

/** What stands for a file that is not there. */
function ifMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return error => {
    if (error.code === 'ENOENT') return instead
    throw error
  }
}
