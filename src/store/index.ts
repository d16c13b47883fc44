/**
 * DURABILITY. What is on disk, and how: entries, documents, details and rows, four contracts and one LevelDB behind
 * them. It knows bytes and sums, and no rule of a ledger.
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
