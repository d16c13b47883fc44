import { decodeTransaction } from '../../core/entry/transaction.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import type { Registration } from '../chains.ts'
import { NOTES } from '../growth.ts'
import { SnapshotError, Unpacker } from '../packer.ts'
import { REF_KEY_BYTES } from '../refs.ts'
import type { LedgerState } from '../state.ts'
import { unpackLots } from './account-extras.ts'

/** Lets what the growth noted happen to a state. @throws SnapshotError, FormatError where it is damaged. */
export function replayGrowth(state: LedgerState, bytes: Uint8Array): void {
  const from = new Unpacker(bytes)
  const { originals, registry } = state
  while (!from.isAtEnd) {
    const what = from.u8()
    if (what === NOTES.refused) originals.refuse(from.number())
    else if (what === NOTES.took) originals.took(from.number(), unpackLots(from))
    else if (what === NOTES.reversed) originals.reverse(from.number(), from.number())
    else if (what === NOTES.erased) state.erase(from.bytes(32))
    else if (what === NOTES.added) {
      const registration = { logIndex: from.number(), time: from.number(), isByChain: from.u8() === 1 }
      addRecord(state, registration, from.bytes(from.u16()))
    } else if (what === NOTES.time) state.times.note(from.number())
    else if (what === NOTES.ref) state.refs.restore(from.u32(), from.bytes(REF_KEY_BYTES))
    else if (what === NOTES.claimed) state.claims.restore(from.u32(), from.number(), from.bytes(32))
    else if (what === NOTES.claimRef) state.claims.restoreRef(from.u32(), from.bytes(REF_KEY_BYTES))
    else if (what === NOTES.revoked) {
      const record = from.u32()
      if (record >= registry.records.length) throw damaged()
      registry.revoke(record, from.number())
    } else throw damaged()
  }
}

function addRecord(state: LedgerState, registration: Registration, entry: Uint8Array): void {
  const transaction = decodeTransaction(entry)
  switch (transaction.kind) {
    case 'genesis':
    case 'register-key':
    case 'define-unit':
    case 'publish-rule':
    case 'publish-rate':
    case 'set-budget':
    case 'continue-log':
      state.addRecord(transaction, leafHash(entry), registration)
      return
    default:
      throw damaged()
  }
}

function damaged(): SnapshotError {
  return new SnapshotError('the growth of the snapshot says what no ledger does')
}
