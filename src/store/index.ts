export {
  type Bundle,
  type DocumentName,
  type Piece,
  type Row,
  type RowChanges,
  type Store,
  StoreError,
} from './contract.ts'
export { type LevelStoreOptions, openLevelStore } from './level.ts'
