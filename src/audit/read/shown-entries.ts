import { inclusionFromTiles, type TileSource } from '../../client/index.ts'
import { equalBytes } from '../../core/bytes.ts'
import { VerifyError } from '../../core/failure.ts'
import type { Checkpoint } from '../../core/note/checkpoint.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../../core/tree/tile.ts'
import type { Bundles } from './bundles.ts'
import { TileMaker } from './tile-maker.ts'

/** Entries of a log, and the hash tiles that prove where they stand. */
export interface SecondLook {
  readonly tileAt: TileSource
  entry(index: number): Uint8Array
  /** The inclusion proof of an entry that was wanted. */
  prove(index: number): Promise<Uint8Array[]>
}

/** What a second look is for: entries that are shown, and sizes whose roots are proven. */
export interface Wanted {
  readonly entries: readonly number[]
  readonly sizes: readonly number[]
}

/**
 * Fetches the entries that are wanted, and proves them, and the roots of the sizes, by the hash tiles of the log: some
 * fetches for each.
 *
 * @throws VerifyError `log-root`, `tile` where entries or tiles as they are served are not those of the checkpoint.
 */
export async function lookByTiles(bundles: Bundles, wanted: Wanted): Promise<SecondLook> {
  const shown = new Map<number, { readonly entry: Uint8Array; readonly proof: Uint8Array[] }>()
  for (const index of wanted.entries) shown.set(index, await bundles.provenWith(index))
  for (const one of wanted.sizes) await bundles.rootAt(one)
  return {
    tileAt: bundles.tileAt,
    entry: index => shown.get(index)!.entry,
    prove: async index => shown.get(index)!.proof,
  }
}

/**
 * Reads a log once more, without judging it: the entries that are wanted, and the hashes that lead from them, and from
 * the sizes that are wanted, to the root that was signed. Keeps a hash for 256 entries, and the bundles of what is
 * wanted.
 *
 * @throws VerifyError `log-root` where the entries served are not those of the checkpoint: then they prove nothing of
 * it.
 */
export async function lookAgain(
  bundles: Bundles,
  { size, root }: Checkpoint,
  wanted: Wanted,
  onProgress: (entries: number, size: number) => void = () => {},
): Promise<SecondLook> {
  const last = Math.floor((size - 1) / BUNDLE_ENTRIES)
  const numbers = new Set([last, ...[...wanted.entries, ...wanted.sizes].map(at => Math.floor(at / BUNDLE_ENTRIES))])
  const kept = new Map<number, Uint8Array[]>()
  const hashes = new Map<string, Uint8Array>()
  const tiles = new TileMaker()
  let number = 0
  for await (const bundle of bundles.all()) {
    if (numbers.has(number)) kept.set(number, bundle)
    for (const entry of bundle)
      for (const tile of tiles.append(leafHash(entry)))
        if (tile.level > 0 || numbers.has(tile.index)) hashes.set(tileName(tile), tile.hashes)
    number++
    onProgress(tiles.size, size)
  }
  if (!equalBytes(tiles.root(), root))
    throw new VerifyError('log-root', 'the entries served are not those that the checkpoint was signed over')
  for (const tile of tiles.partial()) hashes.set(tileName(tile), tile.hashes)
  const tileAt: TileSource = async address => {
    const { level, index, width } = address
    const bytes = level === 'entries' ? undefined : hashes.get(tileName({ level, index }))
    if (bytes === undefined) throw new VerifyError('tile', `${formatTilePath(address)} was not wanted`)
    return bytes.subarray(0, 32 * width)
  }
  return {
    tileAt,
    entry: index => kept.get(Math.floor(index / BUNDLE_ENTRIES))![index % BUNDLE_ENTRIES]!,
    prove: index => inclusionFromTiles(index, size, tileAt),
  }
}

function tileName({ level, index }: { readonly level: number; readonly index: number }): string {
  return `${level}/${index}`
}
