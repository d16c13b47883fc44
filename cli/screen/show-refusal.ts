import { toHex } from '../../src/core/bytes.ts'
import {
  SIGNER_OWNER,
  SIGNER_RECORD,
  SIGNER_RECOVERY,
  type Signature,
  transactionBytes,
} from '../../src/core/entry/batch.ts'
import { idTimeMs } from '../../src/core/entry/id.ts'
import type { BatchRefusal } from '../../src/core/entry/outcome.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { verifyRefusal } from '../../src/verify/refusal.ts'
import { when } from './screen.ts'

/** What a refusal file proves. */
export interface ProvenRefusal {
  readonly what: 'refusal'
  readonly facts: Readonly<Record<string, string | number>>
  readonly checked: readonly string[]
  readonly unchecked: readonly string[]
  readonly lines: readonly (readonly (string | number)[])[]
  /** Where the reason is false on its face: which promise that breaks, and what it means. */
  readonly broken?: string
  readonly means?: string
}

const REASONS: Readonly<Record<BatchRefusal, string>> = {
  'batch-genesis': 'a genesis stands alone, in the first batch and in no other',
  'signer-unknown': 'a signature names a record that is no key, or an account that has no such key',
  'signer-revoked': 'a signature names a key that was revoked',
  'signature-invalid': 'a signature does not verify under the key that it names',
  rate: 'a signer has had as many transactions in a minute as are taken from it',
}

/**
 * Checks that a log of the policy signed that it refused a batch.
 *
 * @param bytes - untrusted. @throws FormatError, VerifyError of `verifyRefusal`.
 */
export function findRefusal(bytes: Uint8Array, policy: Policy): ProvenRefusal {
  const { log, ledgerId, size, time, code, signatures, submission, ...refused } = verifyRefusal(bytes, policy)
  const transactions = transactionBytes(refused.transactions).map(decodeTransaction)
  const isFalse = code === 'batch-genesis' && size > 0 && !transactions.some(({ kind }) => kind === 'genesis')
  return {
    what: 'refusal',
    facts: {
      ledger: log.name,
      'ledger id': toHex(ledgerId),
      'refused at': when(time),
      'log size': size,
      reason: `${code}: ${REASONS[code]}`,
      'signers named': signatures.map(signerName).join(', '),
      transactions: transactions.length,
      'bytes handed in': submission.length,
    },
    checked: [
      'the refusal is signed by the log of your policy',
      'the log refused these transactions, with these signatures',
      ...(isFalse ? ['the reason is false: the log had its genesis, and there is none among these transactions'] : []),
    ],
    unchecked: isFalse
      ? []
      : [
          `whether the reason is true: the first ${size} entries of the log make the keys by which that is ` +
            'decided, and an auditor has them: tally audit --refusals says whether it is',
        ],
    lines: [['time', 'handed in', 'id'], ...transactions.map(({ id, kind }) => [when(idTimeMs(id)), kind, toHex(id)])],
    ...(isFalse && {
      broken: 'A batch is refused only for a reason that is true.',
      means: 'What was handed in was turned away under a pretext. This file alone shows it.',
    }),
  }
}

/** Whose key a signature names, for people. */
function signerName({ class: signerClass, number }: Signature): string {
  if (signerClass === SIGNER_RECORD) return `record ${number}`
  if (signerClass === SIGNER_OWNER) return `the owner of account ${number}`
  return `recovery key ${signerClass - SIGNER_RECOVERY} of account ${number}`
}
