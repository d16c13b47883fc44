/** Which promise a conviction shows to be broken, and what that means for those who trusted it. */
export interface BrokenWord {
  readonly promise: string
  readonly means: string
}

const RULES = 'Nothing is in the log that its published rules do not allow.'

/** For whom it is not our matter how hashes and proofs work: words for each code that convicts (SPEC §11, §12). */
const WORDS: Readonly<Record<string, BrokenWord>> = {
  forked: {
    promise: 'There is one history, it is the same for everyone, and it only ever grows.',
    means:
      'The operator signed two histories. What members, auditors and witnesses were shown in the one can be missing from the other, or changed in it: nothing that this log shows can be relied on until it is known who was shown which.',
  },
  'promise-broken': {
    promise: 'What was acknowledged is in the log.',
    means:
      'The operator took a batch, signed that it would be in the log, and then published a log without it, or with something else in its place. The transactions in the promise were accepted: whoever holds it can demand them.',
  },
  'promise-overdue': {
    promise: 'What was acknowledged is published by the deadline.',
    means:
      'The operator took a batch, signed when it would be published, and had not published it when that time had passed. Until it is, the transactions in the promise stand on the operator’s word alone.',
  },
  'entry-form': {
    promise: 'Every entry of the log is of a form that anyone can read.',
    means: 'The log holds bytes that mean nothing under its rules. What they were to do to balances, nobody can check.',
  },
  'entry-order': {
    promise: 'Every transaction stands behind the batch under whose signature it came, and every seal between batches.',
    means: 'There are entries in the log for which nobody’s signature answers, or a seal over half a batch.',
  },
  'batch-root': {
    promise: 'Transactions stand in the log as they were signed.',
    means:
      'A batch in the log is not the one that its signers signed: a transaction in it was changed, left out or put in after they did. Whatever it moved, it moved without authority.',
  },
  'batch-time': {
    promise: 'Ledger time never goes back.',
    means:
      'An entry was written into the past. Deadlines, expiry and the order of events were the operator’s to choose.',
  },
  'seal-time': {
    promise: 'Ledger time never goes back.',
    means: 'A seal was written into the past: when the balances that it commits to were true is not to be known.',
  },
  'seal-epoch': {
    promise: 'Seals are counted without a gap, so that none can be left out.',
    means: 'Seals that there should be are missing from the log, and with them what they committed to.',
  },
  'seal-last': {
    promise: 'Every checkpoint ends in a seal, which commits to every balance.',
    means:
      'The operator signed a state of the log that commits to no balances: no statement can be checked against it.',
  },
  'log-identity': {
    promise: 'The log is the one that it says it is.',
    means: 'Its first entry names another log or another key than the one that signed it: it is not the log you trust.',
  },
  'batch-refused': {
    promise: 'Nothing enters the log without the signature of those who must sign it.',
    means:
      'A batch is in the log that its named signers did not sign, or were not allowed to. Points were issued, moved or spent, or keys and accounts made, without authority.',
  },
  'batch-statuses': {
    promise: RULES,
    means:
      'A transaction counts that the rules refuse, or was refused though the rules allow it. Balances are wrong by it.',
  },
  'seal-state': {
    promise: 'Every seal commits to the balances that follow from the entries, and to no others.',
    means: 'The balances that members are shown are not those that their transactions make.',
  },
  'seal-registry': {
    promise: 'Every seal commits to the keys, units and rules that the log itself made.',
    means: 'Keys, units or rules are in force that no entry of the log made, or some that it made are left out.',
  },
  'seal-totals': {
    promise: 'What is owed in sum is what the entries make.',
    means: 'The totals that the operator committed to are not true: it owes more, or less, than it says.',
  },
}

/** The promise that a fault of that code breaks; undefined where it breaks none, or none that is known here. */
export function brokenWord(code: string): BrokenWord | undefined {
  return Object.hasOwn(WORDS, code) ? WORDS[code] : undefined
}
