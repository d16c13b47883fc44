import { toHex } from '../../src/core/bytes.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { logKeysOf, type Policy } from '../../src/core/note/policy.ts'
import { decodePromise, verifyPromiseUnder } from '../../src/verify/promise.ts'
import { when } from './screen.ts'

/** What a promise file proves. */
export interface ProvenPromise {
  readonly what: 'promise'
  readonly facts: Readonly<Record<string, string | number>>
  readonly checked: readonly string[]
  readonly unchecked: readonly string[]
}

/**
 * Checks that a promise is signed by a log of the policy.
 *
 * @param bytes - untrusted. @throws FormatError; VerifyError of `verifyPromiseUnder`.
 */
export function findPromise(bytes: Uint8Array, policy: Policy): ProvenPromise {
  const promise = decodePromise(bytes)
  const log = verifyPromiseUnder(promise, logKeysOf(policy))
  const { statuses, time } = decodeBatch(promise.batch)
  return {
    what: 'promise',
    facts: {
      ledger: log.name,
      'ledger id': toHex(promise.ledgerId),
      'taken at': when(time),
      'published by': when(promise.deadline),
      'batch at': promise.index,
      'tree size': promise.size,
      outcomes: [...new Set(Array.from(statuses, status => OUTCOMES[status] ?? String(status)))].join(', '),
    },
    checked: [
      'the promise is signed by the log of your policy',
      'the batch is in the promised tree',
      'the batch is of the transactions in this file',
    ],
    unchecked: [
      'that it was kept: after the deadline, any checkpoint that is smaller, or does not begin with this tree, ' +
        'convicts the ledger',
    ],
  }
}
