/**
 * ON PAPER. What members, auditors and operators keep in files: keys, cards, accepted checkpoints, details, refusals
 * and false answers, a wallet's folder. Keys are readable by their owner alone.
 */
export {
  type AcceptedCheckpoint,
  acceptedPath,
  CheckpointKeeper,
  lockAccepted,
  signedNotesIn,
} from './accepted-checkpoint.ts'
export { DetailsWriter, keyOf, pickDetails, readDetails } from './details-file.ts'
export { keepAnswer } from './kept-answer.ts'
export {
  type KeyFile,
  keyFromSeed,
  keyPath,
  memberPaths,
  newKey,
  readKey,
  rootFolderOf,
  rootPath,
  signingKey,
  unregistered,
  writeKey,
} from './key-files.ts'
export { readKept, WalletState } from './wallet-folder.ts'
