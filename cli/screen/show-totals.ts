import { toHex, utf8Decode } from '../../src/core/bytes.ts'
import { FormatError } from '../../src/core/failure.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { clockAhead } from '../../src/verify/ledger-time.ts'
import { openTotals, parseOpened } from '../../src/verify/opened-totals.ts'
import type { Finding } from './finding.ts'
import { notWitnessed, witnessed } from './grown.ts'
import { when } from './screen.ts'

/**
 * Checks totals that a log opened, a line for each day: that the log signed them, and that the seal of that day commits
 * to them. Of all lines the last is shown.
 *
 * @param bytes - untrusted: a file of `/totals/<n>`, or lines of one.
 * @param nowMs - the time here.
 * @throws FormatError; VerifyError of `openTotals`.
 */
export function findTotals(bytes: Uint8Array, policy: Policy, nowMs: number): Finding {
  const lines = utf8Decode(bytes)
    .split('\n')
    .filter(line => line !== '')
  const days = lines.map(line => openTotals(parseOpened(line), policy, nowMs))
  const last = days.at(-1)
  if (last === undefined) throw new FormatError('opened-totals', 'there is no line in it')
  const { checkpoint, seal, units, ledgerId } = last
  const off = clockAhead(seal.time, checkpoint, policy, nowMs)
  return {
    what: 'totals',
    facts: {
      ledger: checkpoint.origin,
      'ledger id': toHex(ledgerId),
      'days opened': days.length,
      'as of': when(seal.time),
      seal: seal.epoch,
      'log size': checkpoint.size,
      accounts: seal.accounts,
    },
    ...(off === undefined ? {} : { warnings: [off.message] }),
    checked: [
      'the checkpoint of each day is signed by the log of your policy',
      ...witnessed(checkpoint),
      'totals and salt are signed by that log',
      'the seal of that day, which is the last entry of its checkpoint, commits to just these',
    ],
    unchecked: [
      'that they are what the entries make: an auditor replays all of them, and false ones convict the operator',
      'which unit a record is: the registry says so (tally unit list)',
      ...notWitnessed(checkpoint),
    ],
    lines: [
      ['unit record', 'issued', 'opened', 'redeemed', 'expired', 'reinstated', 'reversed', 'owed'],
      ...units.map(one => [
        one.unit,
        ...[one.issued, one.opened, one.redeemed, one.expired, one.reinstated, one.reversed, one.owed].map(String),
      ]),
    ],
    entries: units.map(one => ({
      unit: one.unit,
      issued: String(one.issued),
      opened: String(one.opened),
      redeemed: String(one.redeemed),
      expired: String(one.expired),
      reinstated: String(one.reinstated),
      reversed: String(one.reversed),
      owed: String(one.owed),
    })),
  }
}
