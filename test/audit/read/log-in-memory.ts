import type { LogSource } from '../../../src/audit/read/log-source.ts'
import { TileMaker } from '../../../src/audit/read/tile-maker.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'

/** A log as an auditor reads it, of entries and salts that are at hand. */
export function logInMemory(entries: readonly Uint8Array[], salts: readonly Uint8Array[]): LogSource {
  const maker = new TileMaker()
  const tiles = new Map<string, Uint8Array>()
  for (const entry of entries)
    for (const { level, index, hashes } of maker.append(leafHash(entry))) tiles.set(`${level}/${index}`, hashes)
  for (const { level, index, hashes } of maker.partial()) tiles.set(`${level}/${index}`, hashes)
  return {
    async tile({ level, index, width }) {
      if (level === 'entries') return encodeEntryBundle(entries.slice(256 * index, 256 * index + width))
      return tiles.get(`${level}/${index}`)!.subarray(0, 32 * width)
    },
    async salts(from, count) {
      return salts.slice(from, from + count)
    },
  }
}
