import { actingAccount, ENTITLED, hasRight, isMerging, type Right, rightsTo } from '../account/entitlement.ts'
import type { HistoryLine } from '../account/history.ts'
import { equalBytes } from '../core/bytes.ts'
import { SIGNER_OWNER, SIGNER_RECORD, SIGNER_RECOVERY, type Signature } from '../core/entry/batch.ts'
import {
  type Custodian,
  type DefineUnit,
  isSameRecovery,
  type RegisterKey,
  type Role,
} from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import type { ShownBatch } from './batch-proof.ts'
import type { ShownChains } from './chains.ts'
import { isOfAnother } from './line-kinds.ts'
import { isGoodFor, type ProvenRecord, type Records } from './proven-records.ts'
import type { Acting } from './who-may.ts'

/** Someone who was entitled to a line, and signed it. */
export interface LineSigner {
  readonly by: 'owner' | 'custodian' | 'recovery' | Role
  readonly key: Uint8Array
  /** Of a key of the registry. */
  readonly record?: number
}

/** A line with its place, and all that it takes to say who was entitled to it. */
export interface AuthorityScene {
  readonly account: number
  /** Number of the line. */
  readonly number: number
  readonly line: HistoryLine
  readonly acting: Acting
  /** Who might act when its batch came: under their keys it was signed. */
  readonly begun: Acting
  readonly batch: ShownBatch
  readonly unit: DefineUnit
  readonly records: Records
  readonly chains: ShownChains
  readonly ledgerId: Uint8Array
}

/** A signature of a batch that shows a right, and under which key it has to verify. */
interface Candidate extends LineSigner {
  readonly backdateMs: number
}

/**
 * Who was entitled to a line and signed its batch (SPEC §7), and the furthest that its registry keys reach into the
 * past. Nobody where it is the holder of another account who has to sign: her key is none that a statement can show.
 *
 * @throws VerifyError `evidence-signature`, `record-missing`. SPEC §10.
 */
export function signersOf(scene: AuthorityScene): { readonly signers: LineSigner[]; readonly backdateMs: number } {
  const { account, number, line, batch, ledgerId } = scene
  const { transaction } = line
  if (isOfAnother(transaction, account)) return { signers: [], backdateMs: 0 }
  let isHidden = false
  let backdateMs = 0
  const signers: LineSigner[] = []
  batch.signatures.forEach((signature, i) => {
    if (signature.class === SIGNER_RECORD && !scene.records.has(signature.number)) isHidden = true
    const candidate = candidateOf(scene, signature)
    if (candidate === undefined) return
    const { backdateMs: reach, ...signer } = candidate
    const holds = batch.holds(i, signer.key, ledgerId)
    check(holds, 'evidence-signature', `a signature of entry ${number} is not one of its ${signer.by}`)
    backdateMs = Math.max(backdateMs, reach)
    signers.push(signer)
  })
  if (isEntitled(scene, signers)) return { signers, backdateMs }
  if (isHidden) throw new VerifyError('record-missing', `the statement does not show who signed entry ${number}`)
  throw new VerifyError('evidence-signature', `entry ${number} is not signed by anyone who is entitled to it`)
}

/** Whether those who signed are enough. */
function isEntitled({ line, acting, chains }: AuthorityScene, signers: readonly LineSigner[]): boolean {
  const { transaction } = line
  const { recovery, custodian: before } = acting
  const keys = signers.filter(({ by }) => by === 'recovery').length
  if (transaction.kind === 'set-custody') {
    const holder = acting.owner === null ? 'custodian' : 'owner'
    const named = transaction.custodian
    const inChain = ({ by, record }: LineSigner, { record: head }: Custodian) =>
      by === 'custodian' && chains.isOne(record!, head)
    const isNew = named !== null && (before === null || !chains.isOne(named.record, before.record))
    const isByHolder = signers.some(one => one.by === holder && (one.by === 'owner' || inChain(one, before!)))
    const comes = !isNew || signers.some(one => inChain(one, named))
    const replaces = transaction.recovery !== null && recovery !== null && acting.owner !== null
    return isByHolder && comes && (!replaces || keys >= recovery.need)
  }
  const has = (role: LineSigner['by']) => signers.some(({ by }) => by === role)
  if (isMerging(transaction, line.original))
    return has('registrar') && has(acting.owner === null ? 'custodian' : 'owner')
  if (transaction.kind === 'opening-balance') return has('issuer') && has('source')
  // What exists once is sold by two, and where nothing was asked for the merchant signs besides.
  if (transaction.kind === 'claim' && transaction.ref !== null)
    return has('merchant') && (has('owner') || has('custodian'))
  if (transaction.kind === 'settle') return has('treasurer') && (transaction.original !== null || has('merchant'))
  return signers.length > keys || (keys > 0 && keys >= recovery!.need)
}

/** What a signature shows, if it shows a right to the line. */
function candidateOf(scene: AuthorityScene, signature: Signature): Candidate | undefined {
  const { line, acting, begun, account } = scene
  const rights = rightsTo(line.transaction, line.original)
  const has = (by: Right['by']) => rights.some(right => right.by === by)
  if (signature.class !== SIGNER_RECORD) {
    if (signature.number !== account || !acts(line, account)) return undefined
    // A key that a line of the batch put in did not sign it, and one that a line put out counts no more.
    const { owner } = acting
    if (signature.class === SIGNER_OWNER)
      return owner !== null && isSameKey(owner, begun.owner) && has('owner')
        ? { by: 'owner', key: owner, backdateMs: 0 }
        : undefined
    // Nor do those of the keys of terms that a line of the batch put out.
    if (!isSameRecovery(begun.recovery, acting.recovery)) return undefined
    const key = acting.recovery?.keys[signature.class - SIGNER_RECOVERY]
    return key !== undefined && (has('recovery') || line.transaction.kind === 'set-custody')
      ? { by: 'recovery', key, backdateMs: 0 }
      : undefined
  }
  const record = scene.records.get(signature.number)
  if (record === undefined || !isGoodFor(record, scene.batch.index)) return undefined
  const { transaction: registered, number } = record
  if (registered.kind !== 'register-key') return undefined
  const by = rightOf(scene, record, registered)
  return by === undefined ? undefined : { by, key: registered.key, record: number, backdateMs: registered.backdateMs }
}

/** By which right a key of the registry may do what a line does. */
function rightOf(
  { line, acting, account, batch, unit, chains }: AuthorityScene,
  record: ProvenRecord,
  key: RegisterKey,
): LineSigner['by'] | undefined {
  const { transaction, released, original, isFromShop } = line
  if (key.role === 'custodian') {
    const heads = [acting.custodian, transaction.kind === 'set-custody' ? transaction.custodian : null]
    const isOfChain = heads.some(head => head !== null && chains.isOne(record.number, head.record))
    if (!isOfChain || !acts(line, account) || !mayCustodian(line, acting, unit)) return undefined
    return chains.dueFromMs(record) <= batch.timeMs ? 'custodian' : undefined
  }
  if (transaction.kind === 'settle' && transaction.original === null && key.role === 'merchant')
    return key.scope.includes(transaction.debit) ? 'merchant' : undefined
  if (transaction.kind === 'claim' && transaction.ref !== null && key.role === 'merchant')
    return key.scope.includes(transaction.credit) ? 'merchant' : undefined
  // Out of a merchant account the merchant funds a budget, and nobody else.
  if (transaction.kind === 'fund' && (key.role === 'merchant') !== isFromShop) return undefined
  const named = { holdCredit: released?.credit, originalKind: original, isFromShop }
  const right = rightsTo(transaction, original).find(one => hasRight(one, key, transaction, named))
  // Of the keys of old systems the one that the line names.
  if (transaction.kind === 'opening-balance' && key.role === 'source' && record.number !== transaction.source)
    return undefined
  const isEarly = key.role === 'operator' && released !== undefined && released.until > batch.timeMs
  return right === undefined || isEarly ? undefined : key.role
}

/** Whether it is for the holder of this account to sign a line: of a merge, for those of both. */
function acts({ transaction, original }: HistoryLine, account: number): boolean {
  return isMerging(transaction, original) || actingAccount(transaction) === account
}

/** Whether a custodian may do this in a unit of that policy. SPEC §7. */
function mayCustodian(
  { transaction: { kind }, original }: HistoryLine,
  { owner }: Acting,
  { custody }: DefineUnit,
): boolean {
  if (kind === 'set-custody') return true
  if (isMerging({ kind }, original)) return owner === null
  const right = ENTITLED[kind].find(({ by }) => by === 'custodian')
  return right !== undefined && (custody & (right.custody ?? 0)) !== 0
}

function isSameKey(key: Uint8Array, other: Uint8Array | null): boolean {
  return other !== null && equalBytes(key, other)
}
