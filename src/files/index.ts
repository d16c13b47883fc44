/**
 * ON PAPER. What members, auditors and operators keep in files: keys, cards, accepted checkpoints, details, refusals, a
 * wallet's folder. Keys are readable by their owner alone.
 */
export { acceptedPath, Memory, type Seen } from './accepted-checkpoint.ts'
export { DetailsWriter, keyOf, pickDetails, readDetails } from './details-file.ts'
export {
  type KeyFile,
  keyFromSeed,
  keyPath,
  memberPaths,
  newKey,
  readKey,
  signingKey,
  writeKey,
} from './key-files.ts'
export { keepRefusal } from './refusal-file.ts'
export { readKept, WalletState } from './wallet-folder.ts'
