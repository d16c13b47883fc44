import type { TileAddress } from '../../core/tree/tile.ts'

/**
 * Where a log that is audited comes from: a ledger over HTTP (a `TallyClient` is one), or a copy of it. Believed in
 * nothing: what comes out is compared with what was signed.
 */
export interface LogSource {
  /** A tile of hashes, or a bundle of entries. */
  tile(address: TileAddress): Promise<Uint8Array>
  /**
   * The salts of the totals from an epoch on, at most `count`; null for one that is not at hand here, so that the
   * totals of its seal are not compared.
   */
  salts(from: number, count: number): Promise<readonly (Uint8Array | null)[]>
}
