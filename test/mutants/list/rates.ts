import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about what is taken of a signer in a minute, and about refusals that are called false. */
export const RATES: readonly Mutant[] = [
  ...mistakes(
    'ledger/signer-rates.ts',
    ["return transaction?.kind === 'register-key' ? transaction.rate : 0", 'return 1', 'every key has a rate of one'],
    [
      'return number < accounts.count ? (registry.unit(accounts.unit(number))?.terms.memberRate ?? 0) : 0',
      'return 0',
      'no member has a rate',
    ],
  ),
  ...mistakes(
    'audit/evidence/replay-refusal.ts',
    ['if (time > timeMs) for (const one', 'if (time >= timeMs) for (const one', 'a rate counts a millisecond more'],
    ['transactions.count > rate', 'transactions.count >= rate', 'a rate is one less'],
    ['(taken.get(nameOf(one)) ?? 0) + transactions.count', 'transactions.count', 'a rate forgets what was taken'],
    ['signatures.some(isOver)', 'signatures.every(isOver)', 'a rate is over only for all signers together'],
    [
      'function nameOf({ class: signerClass, number }',
      'function nameOf({ class: _, signerClass = 0, number }',
      'a rate is of an account, with all of its keys',
    ],
    ['  if (refusal.time < state.time)', '  if (false)', 'a refusal may be of any time'],
    ['if (refusal.time > state.time + state.beatMs)', 'if (false)', 'a refusal may be of a state long past'],
    [
      'if (refusal.time > state.time + state.beatMs)',
      'if (refusal.time >= state.time + state.beatMs)',
      'a refusal at the end of a beat is false',
    ],
    ['if (refusal.time > state.time + state.beatMs)', 'if (refusal.time > state.time)', 'a refusal is of no beat'],
    [
      'if (refusal.time > state.time + state.beatMs)',
      'if (refusal.time > state.time + 2 * state.beatMs)',
      'a refusal is of two beats',
    ],
    [
      "if (reason === refusal.code) throw new TrueReason('not-proven'",
      "check(true, 'not-proven'",
      'every refusal is called false',
    ],
    [
      "check(equalBytes(refusal.ledgerId, ledgerId), 'not-proven', 'the refusal is one of another ledger')",
      '',
      'a refusal of another ledger convicts',
    ],
    ["check(log.entries === size, 'not-proven',", "check(true, 'not-proven',", 'a refusal is judged by another log'],
    [
      "check(replay !== undefined && faults === '', 'not-proven'",
      "check(replay !== undefined, 'not-proven'",
      'a refusal is judged by a log with a fault',
    ],
  ),
]
