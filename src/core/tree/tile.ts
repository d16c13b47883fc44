import { concatBytes } from '../bytes.ts'
import { FormatError } from '../failure.ts'
import { leafHashes } from './merkle.ts'

/** Hashes of a whole tile, and entries of a whole bundle. c2sp.org/tlog-tiles. */
export const BUNDLE_ENTRIES = 256

/** Highest tile level: the next one takes 2^48 entries. SPEC §13. */
export const TILE_LEVEL_MAX = 5

/** What a tile request asks for: a tile of hashes at a level, or a bundle of entries. */
export interface TileAddress {
  /** Tile level, or 'entries' for an entry bundle. */
  readonly level: number | 'entries'
  readonly index: number
  /** How many hashes or entries: 256, or less for a partial one. */
  readonly width: number
}

/**
 * The path of a tile: `tile/<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last with an `x` before them.
 * c2sp.org/tlog-tiles, "Merkle tree".
 */
export function formatTilePath({ level, index, width }: TileAddress): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)!
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width < BUNDLE_ENTRIES ? `.p/${width}` : ''}`
}

/**
 * The tile that a path names; only the one spelling that `formatTilePath` makes.
 *
 * @param path - untrusted: without a leading slash.
 * @throws FormatError `tile-path`.
 */
export function parseTilePath(path: string): TileAddress {
  const match = /^tile\/(entries|[0-9])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path)
  if (match === null) throw new FormatError('tile-path', 'expected tile/<level>/<index> or tile/entries/<index>')
  const level: TileAddress['level'] = match[1] === 'entries' ? 'entries' : Number(match[1])
  const index = Number(match[2]!.replace(/[x/]/g, ''))
  const width = match[3] === undefined ? BUNDLE_ENTRIES : Number(match[3])
  const address = { level, index, width }
  if (
    width === 0 ||
    width > BUNDLE_ENTRIES ||
    (level !== 'entries' && level > TILE_LEVEL_MAX) ||
    formatTilePath(address) !== path
  )
    throw new FormatError('tile-path', 'the tile path is not in its one canonical spelling')
  return address
}

/**
 * The entry bundle of some entries: each after its length in two bytes, big-endian. c2sp.org/tlog-tiles, "Log
 * entries".
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const entry of entries) length += 2 + entry.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const entry of entries) {
    bytes[at] = entry.length >> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** Where the entries of a bundle stand in its bytes: entry `i` at `[starts[i], ends[i])`. */
export interface EntryPlaces {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/**
 * Where the entries of a bundle stand.
 *
 * @param bytes - untrusted.
 * @param count - how many there have to be; undefined for as many as there are, up to 256.
 * @throws FormatError `entry-bundle` where lengths and bytes do not fit, an entry is empty, or the count is another.
 */
export function entryPlaces(bytes: Uint8Array, count?: number): EntryPlaces {
  const starts = new Uint32Array(BUNDLE_ENTRIES)
  const ends = new Uint32Array(BUNDLE_ENTRIES)
  let found = 0
  for (let at = 0; at < bytes.length; ) {
    const length = at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : 0
    if (length === 0 || at + 2 + length > bytes.length || found === BUNDLE_ENTRIES)
      throw new FormatError('entry-bundle', `entry ${found} of the bundle, at byte ${at}, does not fit it`)
    starts[found] = at + 2
    at += 2 + length
    ends[found++] = at
  }
  if (count !== undefined && found !== count)
    throw new FormatError('entry-bundle', `a bundle of ${count} entries expected, this one has ${found}`)
  return { starts: starts.subarray(0, found), ends: ends.subarray(0, found) }
}

/**
 * The entries of a bundle, as views into it.
 *
 * @param bytes - untrusted.
 * @param count - how many there have to be; undefined for as many as there are, up to 256.
 * @throws FormatError `entry-bundle` where lengths and bytes do not fit, an entry is empty, or the count is another.
 */
export function decodeEntryBundle(bytes: Uint8Array, count?: number): Uint8Array[] {
  const { starts, ends } = entryPlaces(bytes, count)
  return Array.from(starts, (start, i) => bytes.subarray(start, ends[i]))
}

/** Entries of a log in its order, where they stand: entry `i` is `bytes[starts[i], ends[i])`. */
export interface EntryRun {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** `32 n` bytes: their leaf hashes. */
  readonly leaves: Uint8Array
}

/** The run of one bundle of `count` entries, hashed. @throws FormatError `entry-bundle`. */
export function runOfBundle(bytes: Uint8Array, count: number): EntryRun {
  const { starts, ends } = entryPlaces(bytes, count)
  const leaves = new Uint8Array(32 * count)
  leafHashes(bytes, starts, ends, leaves)
  return { bytes, starts, ends, leaves }
}

/** The run of entries that are byte strings of their own, copied and hashed. */
export function runOf(entries: readonly Uint8Array[]): EntryRun {
  const count = entries.length
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  entries.forEach(({ length }, i) => {
    starts[i] = i === 0 ? 0 : ends[i - 1]!
    ends[i] = starts[i]! + length
  })
  const bytes = concatBytes(...entries)
  const leaves = new Uint8Array(32 * count)
  leafHashes(bytes, starts, ends, leaves)
  return { bytes, starts, ends, leaves }
}

/** Entries `[from, to)` of a run, as views. */
export function partOfRun({ bytes, starts, ends, leaves }: EntryRun, from: number, to: number): EntryRun {
  return {
    bytes,
    starts: starts.subarray(from, to),
    ends: ends.subarray(from, to),
    leaves: leaves.subarray(32 * from, 32 * to),
  }
}

/** Runs one after another as one, copied. */
export function joinRuns(runs: readonly EntryRun[]): EntryRun {
  let [count, length] = [0, 0]
  for (const { starts, ends } of runs) {
    count += starts.length
    for (let i = 0; i < starts.length; i++) length += ends[i]! - starts[i]!
  }
  const joined = {
    bytes: new Uint8Array(length),
    starts: new Uint32Array(count),
    ends: new Uint32Array(count),
    leaves: new Uint8Array(32 * count),
  }
  let [n, at] = [0, 0]
  for (const { bytes, starts, ends, leaves } of runs) {
    joined.leaves.set(leaves, 32 * n)
    for (let i = 0; i < starts.length; i++, n++) {
      joined.bytes.set(bytes.subarray(starts[i], ends[i]), at)
      joined.starts[n] = at
      at += ends[i]! - starts[i]!
      joined.ends[n] = at
    }
  }
  return joined
}
