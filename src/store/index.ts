/**
 * DURABILITY. The bytes on disk: entries, documents, details and rows, behind four contracts, and one LevelDB that
 * keeps them. It knows bytes and checksums, and no rule of a ledger.
 *
 * @example
 * const store = await openLevelStore('data/store')
 * const entry = await store.readEntry(0)
 */
export {
  type Bundle,
  type DetailsStore,
  type DocumentName,
  type DocumentStore,
  type EntryStore,
  type Piece,
  type Row,
  type RowChanges,
  type RowStore,
  type Store,
  StoreError,
} from './contract.ts'
export { type LevelStoreOptions, openLevelStore } from './level.ts'
