import { type AccountState, accountRoot, recordRoot } from '../../account/account.ts'
import { fromBase64 } from '../../core/bytes.ts'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import {
  batchMessage,
  decodeBatch,
  NO_LEDGER_ID,
  SIGNER_OWNER,
  SIGNER_RECORD,
  type Signature,
} from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { decodeSeal, type Seal } from '../../core/entry/seal.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { ACCOUNT_DEPTH, RECORD_DEPTH } from '../../core/limits.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { verifyListPath } from '../../core/tree/ssz.ts'
import type { ShownAccount } from './evidence-file.ts'
import type { ShownEntries } from './shown.ts'
import { ledgerIdShown } from './shown-logs.ts'

/**
 * Why the last batch among the entries shown had to be refused (SPEC §7): its genesis, or a signature that its signer,
 * as the operator's own last seal before it has him, did not make. Undefined where what is shown does not show it.
 *
 * @throws VerifyError `not-proven` where a record or account shown is not the seal's.
 */
export function judgeSignatures(shown: ShownEntries): string | undefined {
  const misplaced = judgeGenesis(shown)
  if (misplaced !== undefined) return misplaced
  const batches = [...shown.entries].filter(([, entry]) => entry[0] === ENTRY_BATCH)
  const last = batches.at(-1)
  if (last === undefined) return undefined
  const [index, entry] = last
  const batch = decodeBatch(entry)
  const { signatures } = batch
  if (index === 0) return judgeFirst(shown, signatures, batchMessage(NO_LEDGER_ID, signatures, batch))
  const ledgerId = ledgerIdShown(shown, index)
  const seal = sealBefore(shown, index)
  if (ledgerId === undefined || seal === undefined) return undefined
  const message = batchMessage(ledgerId, signatures, batch)
  for (const signature of signatures) {
    const found =
      signature.class === SIGNER_RECORD
        ? judgeRecord(shown, seal, index, signature, message)
        : judgeOwner(shown, seal, index, signature, message)
    if (found !== undefined) return found
  }
  return undefined
}

/** Genesis is entry 1, and nowhere else. */
function judgeGenesis({ entries }: ShownEntries): string | undefined {
  for (const [index, entry] of entries) {
    if (entry[0] !== ENTRY_TRANSACTION) continue
    const isGenesis = decodeTransaction(entry).kind === 'genesis'
    if (isGenesis && index !== 1) return `entry ${index} is a genesis, which only begins a log`
    if (!isGenesis && index === 1) return 'entry 1 is no genesis, with which every log begins'
  }
  return undefined
}

/** The genesis batch is signed by `need` or more of the root keys that genesis itself names. SPEC §7. */
function judgeFirst(
  { entries }: ShownEntries,
  signatures: readonly Signature[],
  message: Uint8Array,
): string | undefined {
  const entry = entries.get(1)
  const genesis = entry === undefined ? undefined : decodeTransaction(entry)
  if (genesis?.kind !== 'genesis') return undefined
  const { roots, need } = genesis
  const isByRoots =
    signatures.length >= need &&
    signatures.every(({ class: signerClass, number, ed25519 }) => {
      const key = signerClass === SIGNER_RECORD ? roots[number] : undefined
      return key !== undefined && verifyEd25519(key, message, ed25519)
    })
  return isByRoots ? undefined : `the first batch is not signed by ${need} of the root keys that genesis names`
}

interface SealAt {
  readonly index: number
  readonly seal: Seal
}

/** The last seal shown before an entry. */
function sealBefore({ entries }: ShownEntries, before: number): SealAt | undefined {
  let found: SealAt | undefined
  for (const [index, entry] of entries)
    if (index < before && entry[0] === ENTRY_SEAL) found = { index, seal: decodeSeal(entry) }
  return found
}

function judgeRecord(
  { evidence }: ShownEntries,
  { index: sealIndex, seal }: SealAt,
  index: number,
  { number, ed25519 }: Signature,
  message: Uint8Array,
): string | undefined {
  const shown = evidence.records?.find(one => one.number === number)
  if (shown === undefined) return undefined
  const entry = fromBase64(shown.entry)
  const { from, until, next } = shown
  verifyListPath(
    recordRoot({ body: leafHash(entry), from, until, next }),
    number,
    shown.path.map(fromBase64),
    { depth: RECORD_DEPTH, length: seal.records, root: seal.registryRoot },
    'not-proven',
    `record ${number} is not in the registry of the seal at ${sealIndex}`,
  )
  const record = decodeTransaction(entry)
  const key = record.kind === 'genesis' ? record.roots[number] : record.kind === 'register-key' ? record.key : undefined
  const who = `record ${number} of the registry, as the seal at ${sealIndex} has it`
  if (key === undefined) return `the batch at ${index} is signed by ${who}, which is no key`
  if (until !== 0) return `the batch at ${index} is signed by ${who}, which had been revoked at ${until}`
  return verifyEd25519(key, message, ed25519)
    ? undefined
    : `a signature of the batch at ${index} is not one of ${who}: that key signed no such batch`
}

/** An owner's key can change between the seal and the batch, so every entry between the two has to be shown. */
function judgeOwner(
  { evidence, entries }: ShownEntries,
  { index: sealIndex, seal }: SealAt,
  index: number,
  { class: signerClass, number, ed25519 }: Signature,
  message: Uint8Array,
): string | undefined {
  const shown = evidence.accounts?.find(one => one.number === number)
  if (shown === undefined || signerClass !== SIGNER_OWNER) return undefined
  const state = accountState(shown)
  verifyListPath(
    accountRoot(state),
    number,
    shown.path.map(fromBase64),
    { depth: ACCOUNT_DEPTH, length: seal.accounts, root: seal.stateRoot },
    'not-proven',
    `account ${number} is not in the state of the seal at ${sealIndex}`,
  )
  for (let between = sealIndex + 1; between < index; between++) {
    const entry = entries.get(between)
    if (entry === undefined) return undefined
    if (entry[0] === ENTRY_TRANSACTION && mayChangeOwner(entry, number)) return undefined
  }
  const who = `account ${number}, as the seal at ${sealIndex} has it`
  if (state.owner === null) return `the batch at ${index} is signed by the owner of ${who}, which has none`
  return verifyEd25519(state.owner, message, ed25519)
    ? undefined
    : `a signature of the batch at ${index} is not one of the owner of ${who}: she signed no such batch`
}

function mayChangeOwner(entry: Uint8Array, account: number): boolean {
  const transaction = decodeTransaction(entry)
  return (
    (transaction.kind === 'set-custody' || transaction.kind === 'finish-recovery') && transaction.account === account
  )
}

function accountState(shown: ShownAccount): AccountState {
  const { owner, opening, head, more } = shown
  return {
    ...shown,
    owner: owner === null ? null : fromBase64(owner),
    opening: fromBase64(opening),
    head: fromBase64(head),
    more: fromBase64(more),
  }
}
