/** What a manifest says of a database: its tables, with their sizes, and the first log file that counts. */
export interface Version {
  /** By number, bytes. */
  readonly tables: ReadonlyMap<number, number>
  readonly firstLog: number
  /** An older log file that counts too, or 0. */
  readonly olderLog: number
}

/** Tags of a version edit (LevelDB, `db/version_edit.cc`). */
const COMPARATOR = 1
const LOG_NUMBER = 2
const NEXT_FILE = 3
const LAST_SEQUENCE = 4
const POINTER = 5
const DELETED = 6
const ADDED = 7
const OLDER_LOG = 9

/** The version that the records of a manifest make, one edit after the other; undefined where one is no edit. */
export function versionFrom(records: readonly Uint8Array[]): Version | undefined {
  const tables = new Map<number, number>()
  let [firstLog, olderLog] = [0, 0]
  for (const record of records) {
    const edit = new EditReader(record)
    const added: (readonly [number, number])[] = []
    while (!edit.isAtEnd) {
      const tag = edit.number()
      if (tag === COMPARATOR) edit.skipBytes()
      else if (tag === LOG_NUMBER) firstLog = edit.number()
      else if (tag === OLDER_LOG) olderLog = edit.number()
      else if (tag === NEXT_FILE || tag === LAST_SEQUENCE) edit.number()
      else if (tag === POINTER) {
        edit.number()
        edit.skipBytes()
      } else if (tag === DELETED) {
        edit.number()
        tables.delete(edit.number())
      } else if (tag === ADDED) {
        edit.number()
        added.push([edit.number(), edit.number()])
        edit.skipBytes()
        edit.skipBytes()
      } else return undefined
    }
    if (edit.isBroken) return undefined
    // A table that is moved down a level is deleted and added by one edit.
    for (const [number, bytes] of added) tables.set(number, bytes)
  }
  return records.length === 0 ? undefined : { tables, firstLog, olderLog }
}

/** Reads numbers of seven bits a byte, the low ones first, and byte strings after their lengths. */
class EditReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Whether something was to be read that is not there. */
  get isBroken(): boolean {
    return this.#at > this.#bytes.length
  }

  number(): number {
    let number = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return 0
      number += (byte & 0x7f) * factor
      if (byte < 0x80) return number
    }
  }

  skipBytes(): void {
    const length = this.number()
    this.#at += length
  }
}
