/**
 * ON PAPER. The files that members, auditors and operators keep: keys, cards, accepted checkpoints, details, refusals,
 * false answers, and the folder of a wallet. The room knows their formats, and that only their owner may read a key.
 *
 * @example
 * const { seed, publicKey } = await readKey('data/keys/auditor.json')
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
