import { toHex } from '../../src/core/bytes.ts'
import type { Transaction } from '../../src/core/entry/transaction.ts'
import type { Checkpoint } from '../../src/core/note/checkpoint.ts'
import type { LineSigner } from '../../src/verify/authority.ts'
import type { VerifiedStatement } from '../../src/verify/verified-statement.ts'
import type { WhoMay } from '../../src/verify/who-may.ts'
import type { Finding } from './finding.ts'
import { grown, notGrown, notWitnessed, witnessed } from './grown.ts'
import { when } from './screen.ts'
import { bookFacts, bookJson, uncheckedOfBook } from './show-book.ts'

/** What a reader brought along, as far as it matters for what is said. */
export interface ReaderInputs {
  readonly hasCard: boolean
  readonly hasKey: boolean
  readonly hasAge: boolean
  readonly hasWallet: boolean
  /** The checkpoint that was accepted before. */
  readonly last: Checkpoint | undefined
  /** In what the clock here differs from those of the witnesses, who know better. */
  readonly clockOff: string | undefined
}

/** What a verified statement says, for people and for machines: what was checked, who may act, and who did. */
export function statementFinding(verified: VerifiedStatement, brought: ReaderInputs): Finding {
  const { account, balance, unit, seal, checkpoint, ledgerId, logs, lines, since, book } = verified
  const { hasCard, hasKey, hasAge, hasWallet, last, clockOff } = brought
  const shown = lines.filter(line => line.ledgerTimeMs !== null).length
  return {
    what: 'statement',
    facts: {
      ledger: checkpoint.origin,
      'ledger id': toHex(ledgerId),
      ...(logs.length > 1 ? { 'went on from': originsBefore(logs) } : {}),
      account: account.number,
      balance: `${balance} ${unit}`,
      ...(book === null ? memberFacts(verified) : bookFacts(book)),
      'as of': when(seal.time),
      'log size': checkpoint.size,
      entries: account.entries,
    },
    warnings: [
      ...wentOn(verified),
      ...warningsOf(verified),
      ...(clockOff === undefined
        ? []
        : [`the clock of this device is another than that of the witnesses: ${clockOff}`]),
    ],
    checked: [
      'the checkpoint is signed by the log of your policy',
      ...witnessed(checkpoint),
      ...grown(last),
      'the seal is its last entry, and commits to this account',
      since === 0
        ? 'these are all entries of the account, from its opening on'
        : `these are all entries since the ${since} that you verified before`,
      'the balance is what they make, each at the time at which it came into the log',
      `everyone who had to sign did, for ${shown} of ${lines.length} entries, among them everything that lowers ` +
        'or locks points or changes who may act',
      'the policy of the unit, the custodian and every key are those that the root keys of genesis signed, as ' +
        'the entries that they came from',
      ...(hasCard ? ['ledger, account, opening, nonce and owner keys are those of your card'] : []),
      ...(hasKey ? ['the nonce and the owner key of the card are those of your key file'] : []),
      ...(hasAge ? ['the seal is not older than you accept'] : []),
    ],
    unchecked: [
      ...notWitnessed(checkpoint),
      ...(book === null ? [] : uncheckedOfBook(verified)),
      ...(hasCard ? [] : ['that this account is yours (give --card)']),
      ...(hasCard && !hasKey ? ['that the card is of your making: its nonce and owner key (give --key)'] : []),
      ...(hasAge ? [] : ['that there is nothing newer (give --max-age)']),
      ...(shown < lines.length
        ? [`who signed the other ${others(lines.length - shown)} points (fetch with --signatures)`]
        : []),
      ...notGrown(last, hasWallet),
    ],
    lines: [
      ['time', 'entry', 'points', 'balance', 'signed by', ''],
      ...lines.map(({ transaction, timeMs, change, balance: after, serial, signers, isErased }) => [
        when(timeMs),
        transaction.kind,
        change,
        after,
        namesOf(signers),
        [...claimWords(transaction, serial), ...(isErased ? ['details erased'] : [])].join(', '),
      ]),
    ],
    who:
      book === null
        ? {
            ...whoJson(verified),
            statuses: verified.statuses.map(({ rule, tier, until }) => ({
              rule,
              tier,
              until: until === 0 ? null : when(until),
            })),
          }
        : { book: bookJson(book) },
    entries: lines.map(({ transaction, timeMs, ledgerTimeMs, change, balance: after, serial, signers, isErased }) => ({
      id: toHex(transaction.id),
      kind: transaction.kind,
      time: when(timeMs),
      'ledger time': ledgerTimeMs === null ? null : when(ledgerTimeMs),
      change,
      balance: after,
      ...(transaction.kind === 'claim'
        ? { series: transaction.series, serial, ref: transaction.ref && toHex(transaction.ref) }
        : {}),
      'signed by': signers.map(({ by, record, key }) => ({
        by,
        ...(record === undefined ? {} : { record }),
        key: toHex(key),
      })),
      erased: isErased,
    })),
  }
}

/** What a member has of the balance, and who may act for her. */
function memberFacts({ shares, member, statuses, whoMay, seal }: VerifiedStatement): Record<string, string | number> {
  return {
    available: shares.available,
    pending: shares.pending,
    held: shares.held,
    ...(statuses.length === 0 ? {} : { tiers: tierWords(statuses) }),
    ...(member.status === 0 ? {} : { status: ['open', 'frozen', 'closed', 'merged'][member.status] }),
    ...whoMayAct(whoMay, member.holdings.recoveryKey, member.holdings.recoveryDue, seal.time),
  }
}

/** The tiers that an account has, in words. */
function tierWords(statuses: VerifiedStatement['statuses']): string {
  return statuses
    .map(({ rule, tier, until }) => `${tier} by rule ${rule}${until === 0 ? '' : `, until ${when(until)}`}`)
    .join('; ')
}

/** What was claimed: its series, and its number there. */
function claimWords(transaction: Transaction, serial: number | null): string[] {
  return transaction.kind === 'claim' ? [`number ${serial} of series ${transaction.series}`] : []
}

function whoJson({ whoMay: { owner, custodian, recovery }, member: { holdings } }: VerifiedStatement): object {
  return {
    owner: owner && { key: toHex(owner.key), since: when(owner.sinceMs) },
    custodian: custodian && {
      record: custodian.record,
      since: when(custodian.sinceMs),
      keys: custodian.keys.map(({ record, key, dueMs }) => ({
        record,
        key: toHex(key),
        from: dueMs === 0 ? null : when(dueMs),
      })),
    },
    recovery: recovery && { keys: recovery.keys.map(toHex), need: recovery.need, delayMs: recovery.delayMs },
    recovering: holdings.recoveryKey && { key: toHex(holdings.recoveryKey), due: when(holdings.recoveryDue) },
  }
}

/** The logs that the ledger was in before, in words. */
function originsBefore(logs: VerifiedStatement['logs']): string {
  return logs
    .slice(1)
    .map(({ size }, i) => `${logs[i]!.origin}, at ${size} entries`)
    .join('; ')
}

/** What was dropped where the ledger went on in another log. */
function wentOn({ logs, dropped }: VerifiedStatement): string[] {
  const short = logs.flatMap(({ origin, size, seen }) =>
    seen === null
      ? []
      : [
          `the ledger went on as ${origin} from ${size} entries, though others may have a checkpoint of ${seen}: ` +
            'what stood between was dropped',
        ],
  )
  const lost = dropped.map(({ kind, id, ...tx }) => {
    const amount = 'amount' in tx ? ` of ${tx.amount}` : ''
    return `dropped, though you had verified it: ${kind}${amount}, id ${toHex(id)}`
  })
  return [...short, ...lost]
}

/** Who may act for the account, in words. */
function whoMayAct(
  { owner, custodian, recovery }: WhoMay,
  recoveryKey: Uint8Array | null,
  recoveryDue: number,
  atMs: number,
): Record<string, string | number> {
  const keys = custodian?.keys.map(
    ({ record, key, dueMs }) => `${record} ${toHex(key)}${dueMs > atMs ? ` (only from ${when(dueMs)} on)` : ''}`,
  )
  return {
    owner: owner === null ? 'none: only the custodian acts' : `${toHex(owner.key)}, since ${when(owner.sinceMs)}`,
    custodian:
      custodian === null
        ? 'none'
        : `record ${custodian.record}, since ${when(custodian.sinceMs)}; keys that may act: ` +
          `${keys!.join(', ') || 'none'}`,
    recovery:
      recovery === null
        ? 'none'
        : `${recovery.need} of ${recovery.keys.map(toHex).join(', ')}, ${delayWords(recovery.delayMs)}`,
    ...(recoveryKey === null ? {} : { 'recovery under way': `to ${toHex(recoveryKey)}, due at ${when(recoveryDue)}` }),
  }
}

function delayWords(delayMs: number): string {
  return delayMs === 0 ? 'AT ONCE, without a time to veto' : `after ${span(delayMs)} in which the owner can veto`
}

/** A span of time in words, rounded down. */
function span(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const)
    if (ms >= size) return `${Math.floor(ms / size)}${unit}`
  return `${ms} ms`
}

/** What the holder should know although everything holds. */
function warningsOf({ whoMay, lines, member, seal }: VerifiedStatement): string[] {
  const { owner, custodian, recovery } = whoMay
  const debits = lines.filter(({ signers, transaction }) => 'debit' in transaction && by(signers, 'custodian')).length
  const coming = custodian?.keys.filter(({ dueMs }) => dueMs > seal.time) ?? []
  return [
    ...(owner !== null && custodian !== null
      ? [`besides the owner, the custodian (record ${custodian.record}) may act for this account`]
      : []),
    ...(debits > 0 ? [`the custodian signed ${debits} of the debits below`] : []),
    ...coming.map(
      ({ record, dueMs }) =>
        `record ${record} was registered as the custodian's successor without a key of his: it may act from ` +
        `${when(dueMs)} on`,
    ),
    ...(recovery?.delayMs === 0
      ? [`${recovery.need} recovery key(s) can put another owner key in place AT ONCE: the delay for a veto is 0`]
      : []),
    ...(member.holdings.recoveryKey === null
      ? []
      : [
          'a recovery was begun: anyone who holds the recovery keys puts another owner key in place, unless you ' +
            'veto it',
        ]),
  ]
}

function by(signers: readonly LineSigner[], who: LineSigner['by']): boolean {
  return signers.some(one => one.by === who)
}

function namesOf(signers: readonly LineSigner[]): string {
  return signers.map(one => (one.record === undefined ? one.by : `${one.by} (${one.record})`)).join(', ')
}

function others(count: number): string {
  return count === 1 ? 'entry, which adds' : `${count} entries, which add`
}
