import { equalBytes, fromBase64, toHex } from '../../core/bytes.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { check } from '../../core/failure.ts'
import { ED25519_KEY, verifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'
import { claimedLogs } from '../logs.ts'
import { provenLogs } from '../proven-logs.ts'
import { decodeStatement, type Statement } from '../statement.ts'
import type { Conviction } from './conviction.ts'
import type { Exhibits } from './evidence-file.ts'

const FAILS = 'not-proven'

/**
 * Two continuations of one ledger, each published under the key that it names: the root keys that signed the one signed
 * the other. SPEC §11, `continued-twice`.
 *
 * @param exhibits - untrusted: a statement of a log of the policy, and one of any log, both perhaps without their
 *   lines.
 * @throws VerifyError `not-proven`, or a code of SPEC §10 where one of them does not hold; FormatError.
 */
export function convictContinued({ statement, earlierStatement }: Exhibits, policy: Policy): Conviction {
  check(statement !== undefined && earlierStatement !== undefined, FAILS, 'the file does not show the two statements')
  const [one, other] = [decodeStatement(fromBase64(statement)), decodeStatement(fromBase64(earlierStatement))]
  const logs = provenLogs(one, policy)
  // Of the other, root keys say which key is its log's.
  const others = provenLogs(other, withKeys(policy, other))
  const at = logs.findIndex((log, i) => others[i] === undefined || !equalBytes(log.ledgerId, others[i].ledgerId))
  const isTwice = at > 0 && others[at] !== undefined
  check(isTwice, FAILS, 'the two statements are of two ledgers, or of one that went on once')
  const [here, there] = [logs[at]!, others[at]!]
  const before = logs[at - 1]!
  return {
    code: 'continued-twice',
    origin: here.origin,
    facts: {
      log: before.origin,
      'ledger id': toHex(before.ledgerId),
      'goes on as': `${here.origin}, from ${here.size} entries`,
      'and as': `${there.origin}, from ${there.size} entries`,
    },
    shown: [
      'the checkpoint of one statement is signed by a log of your policy, that of the other by the log that it goes on as',
      'as many root keys of the ledger as sign together signed both continuations, down to its genesis',
      'they are two: of another name, key or place',
    ],
  }
}

/** A policy with the keys of the logs that a statement names. */
function withKeys(policy: Policy, statement: Statement): Policy {
  const genesis = decodeTransaction(statement.records[0]!.entry)
  check(genesis.kind === 'genesis', 'genesis-proof', 'the log does not begin with a genesis')
  const logs = claimedLogs(statement, genesis)
  return {
    ...policy,
    logs: logs.map(({ origin, logKey }) => ({ key: verifierKey(origin, ED25519_KEY, logKey) })),
  }
}
