import { equalBytes, fromBase64, toHex } from '../../core/bytes.ts'
import { SIGNER_RECORD } from '../../core/entry/batch.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { check } from '../../core/failure.ts'
import { ED25519_KEY, verifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'
import { claimedLogs, ledgerIdAt } from '../logs.ts'
import { type ProvenLedger, provenLedger } from '../proven-logs.ts'
import { isGoodFor, type ProvenRecord, rootKey } from '../proven-records.ts'
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
  const ledger = provenLedger(one, policy)
  // Of the other, root keys say which key is its log's.
  const second = provenLedger(other, withKeys(policy, other))
  const [logs, others] = [ledger.logs, second.logs]
  const at = logs.findIndex((log, i) => others[i] === undefined || !equalBytes(log.ledgerId, others[i].ledgerId))
  const isTwice = at > 0 && others[at] !== undefined
  check(isTwice, FAILS, 'the two statements are of two ledgers, or of one that went on once')
  const [here, there] = [logs[at]!, others[at]!]
  const common = Math.min(here.size, there.size)
  check(
    isByStanding(ledger, second, at, common) && isByStanding(second, ledger, at, common),
    FAILS,
    'too few of the root keys that signed the one continuation are shown to stand in the other: those of a thief, whose ' +
      'key was revoked, are not the word of the ledger',
  )
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
      'as many root keys of the ledger as sign together signed each, down to its genesis, which stand in the other, too',
      'they are two: of another name, key or place',
    ],
  }
}

/**
 * Whether as many root keys as sign together signed a continuation that stand to this day in the registry of the other
 * ledger, or were made by such after what the two have in common.
 *
 * @param at - of the log that it goes on as. @param common - entries that the two have in common at most.
 */
function isByStanding(one: ProvenLedger, other: ProvenLedger, at: number, common: number): boolean {
  const standing = new Set<number>()
  const isSigned = (record: ProvenRecord) => signers(one, record, standing) >= one.genesis.need
  for (const record of one.records.values()) {
    if (record.from < common ? standsIn(other, record) : isSigned(record)) standing.add(record.number)
  }
  const named = [...one.records.values()].find(({ from }) => from === one.logs[at]!.from)
  return named !== undefined && isSigned(named)
}

function standsIn({ records }: ProvenLedger, { number, leaf }: ProvenRecord): boolean {
  const found = records.get(number)
  return found !== undefined && equalBytes(found.leaf, leaf) && found.until === 0
}

/** How many different root keys of those records signed the batch of a record. */
function signers({ records, logs }: ProvenLedger, { batch }: ProvenRecord, standing: ReadonlySet<number>): number {
  const keys = new Set<string>()
  batch.signatures.forEach(({ class: signerClass, number }, i) => {
    const record = signerClass === SIGNER_RECORD && standing.has(number) ? records.get(number) : undefined
    const key = record === undefined || !isGoodFor(record, batch.index) ? undefined : rootKey(record)
    if (key !== undefined && batch.holds(i, key, ledgerIdAt(logs, batch.index))) keys.add(toHex(key))
  })
  return keys.size
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
