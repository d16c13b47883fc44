import { latestCosigned } from '../../../client/witness.ts'
import { utf8Decode, utf8Encode } from '../../../core/bytes.ts'
import { CodedError } from '../../../core/failure.ts'
import { openCheckpoint, type Policy } from '../../../core/note/policy.ts'
import { openSigned } from '../../../core/note/signed.ts'
import { relationOf, tilesHere } from '../heads.ts'
import type { FriendFinding, WitnessFinding } from './messages.ts'
import type { OwnWallet } from './own-wallet.ts'

/** How long a witness may take. */
const WITNESS_MS = 8000

/** The checkpoint that was verified here, as short as it can be: for a friend's wallet. */
export function headText(wallet: OwnWallet): string {
  return utf8Decode(openSigned(wallet.held.checkpoint, wallet.opened.policy).note)
}

/**
 * What a friend's checkpoint is to the one that was verified here.
 *
 * @param text - untrusted. @throws CodedError where it is no checkpoint that this log signed.
 */
export async function compareWith(wallet: OwnWallet, text: string): Promise<FriendFinding> {
  const { policy } = wallet.opened
  const theirs = utf8Encode(text)
  const { size } = openSigned(theirs, policy)
  const relation = await relationOf(policy, [wallet.held.checkpoint, theirs], tilesHere)
  return { is: relation.is, size, evidence: 'evidence' in relation ? relation.evidence : undefined }
}

/** Asks each witness of the policy for what it cosigned last, and compares that with what was verified here. */
export function askWitnesses(wallet: OwnWallet): Promise<WitnessFinding[]> {
  const { policy } = wallet.opened
  return Promise.all(policy.witnesses.map(one => askOne(wallet, one)))
}

async function askOne(wallet: OwnWallet, witness: Policy['witnesses'][number]): Promise<WitnessFinding> {
  const { policy } = wallet.opened
  const { checkpoint } = wallet.held
  const found = { name: witness.name, size: undefined, evidence: undefined }
  if (witness.url === undefined) return { ...found, says: 'no-address' }
  const { origin } = openSigned(checkpoint, policy)
  try {
    const { status, body } = await latestCosigned(witness.url, origin, AbortSignal.timeout(WITNESS_MS))
    if (status !== 200) return { ...found, says: 'silent' }
    // Anyone could answer at that address: what is there has to bear the witness's own cosignature.
    const { size } = openCheckpoint(body, { ...policy, witnesses: [witness], groups: [], quorum: witness.name })
    const relation = await relationOf(policy, [checkpoint, body], tilesHere)
    const evidence = 'evidence' in relation ? relation.evidence : undefined
    return { name: witness.name, says: relation.is, size, evidence }
  } catch (error) {
    if (error instanceof CodedError || error instanceof TypeError || error instanceof DOMException)
      return { ...found, says: 'silent' }
    throw error
  }
}
