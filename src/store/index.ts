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
