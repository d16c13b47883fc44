export { type Carried, type Carry, carryByFetch, type Request } from './carry.ts'
export {
  type ClientOptions,
  type LedgerInfo,
  type ListedAccount,
  type ListedRecord,
  TallyClient,
} from './client.ts'
export { BatchRefusedError, ClientError, OutcomeError } from './failure.ts'
export { type Holder, holderName, publicKeyOf, type SigningKey, signBatch, signerName } from './key.ts'
export { type Draft, type FieldsFor, freshId, fromDraft, leafOf, makeEntry, makeTransaction } from './make.ts'
export { type Beginning, beginningOf, hashesOf, nodeFromTiles, rootOf, type TileSource, tilesOf } from './tiles.ts'
export { makeToken, TOKEN_TYPE } from './token.ts'
export { addCheckpoint, type CosignAnswer, latestCosigned } from './witness.ts'
