/** Which promise a check that fails shows to be broken, and what that means for anyone who trusted it. */
export interface BrokenPromise {
  readonly promise: string
  readonly means: string
}

const RULES = 'Nothing is in the log that its published rules do not allow.'

const SAME_HISTORY = 'There is one history, it is the same for everyone, and it only ever grows.'
const WHOLE = 'Your statement shows every entry of your account, from its opening on, in their order.'
const RECOMPUTED = 'Your balance is what your own entries make, and nothing else.'
const SIGNED = 'Nobody spends or holds your points, or changes your account, without the signature that it takes.'
const YOURS = 'What you are shown is your own account.'
const IN_THE_LOG = 'What you are shown is in the log that the operator signed and everyone can see.'
const YOUR_LOG = 'What you are shown is signed by the log that you trust, and by nobody in its place.'

/**
 * For whom it is not our matter how proofs work: words for each code that a check of something shown ends in (SPEC §10
 * to §12).
 */
const WORDS: Readonly<Record<string, BrokenPromise>> = {
  forked: {
    promise: SAME_HISTORY,
    means:
      'The operator signed two histories. What members, auditors and witnesses were shown in the one can be ' +
      'missing from the other, or changed in it: nothing that this log shows can be relied on until it is known ' +
      'who was shown which.',
  },
  'promise-broken': {
    promise: 'What was acknowledged is in the log.',
    means:
      'The operator took a batch, signed that it would be in the log, and then published a log without it, or ' +
      'with something else in its place. The transactions in the promise were accepted: anyone who holds it can ' +
      'demand them.',
  },
  'promise-overdue': {
    promise: 'What was acknowledged is published by the deadline.',
    means:
      'The operator took a batch, signed when it would be published, and had not published it when that time had ' +
      'passed. Until it is, the transactions in the promise stand on the operator’s word alone.',
  },
  'entry-form': {
    promise: 'Every entry of the log is of a form that anyone can read.',
    means: 'The log holds bytes that mean nothing under its rules. What they were to do to balances, nobody can check.',
  },
  'entry-order': {
    promise:
      'Every transaction follows the batch under whose signature it came, and every seal stands between batches.',
    means: 'There are entries in the log for which nobody’s signature answers, or a seal over half a batch.',
  },
  'batch-root': {
    promise: 'Transactions stand in the log as they were signed.',
    means:
      'A batch in the log is not the one that its signers signed: a transaction in it was changed, left out or ' +
      'put in after they did. Whatever it moved, it moved without authority.',
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
    means: 'What names the log in it names another one, or another key, than signed it: it is not the log you trust.',
  },
  'continued-dropped': {
    promise: 'Where a ledger goes on in another log, it goes on with everything that it had.',
    means:
      'You had been shown more than the log that you are shown now goes on from: entries were dropped on the way, ' +
      'yours among them, or nobody says that there were any.',
  },
  'continued-twice': {
    promise: 'A ledger that goes on in another log goes on in one.',
    means:
      'Those who hold the keys at the head of the ledger let it go on in two logs. Members of the one and of the other ' +
      'are shown two ledgers, each with the balances that there were.',
  },
  'after-end': {
    promise: 'A log from which the ledger went on to another has ended.',
    means:
      'The key of a log that had ended signed more of it. Anyone who is shown that is shown no ledger at all: the ' +
      'one that went on has another history.',
  },
  'batch-refused': {
    promise: 'Nothing enters the log without the signature of those who must sign it.',
    means:
      'A batch is in the log that its named signers did not sign, or were not allowed to. Points were issued, ' +
      'moved or spent, or keys and accounts made, without authority.',
  },
  'batch-statuses': {
    promise: RULES,
    means:
      'A transaction counts that the rules refuse, or was refused though the rules allow it. Balances are wrong by it.',
  },
  'claim-twice': {
    promise: 'What exists once is claimed once.',
    means:
      'Two members were each told that a thing is theirs: a parcel, a certificate or a coupon of one number, paid for twice.',
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
  'totals-signature': {
    promise: 'What the operator says in public that it owes bears its signature.',
    means: 'The figures are not those that the operator signed, or not of that day: somebody may have changed them.',
  },
  'totals-false': {
    promise: 'What the operator says in public that it owes is what its seals commit to.',
    means: 'The operator signed other figures for the public than it committed to: one of the two is false.',
  },
  withheld: {
    promise: 'What the log signs, anyone may check.',
    means:
      'The operator signed a state of the log and does not show what it grew out of. Until that is shown, it may be another history than the one that you were shown before.',
  },
  'rolled-back': {
    promise: SAME_HISTORY,
    means:
      'The log is shorter than it was. What was added in between was taken back, or an old state is shown as the ' +
      'latest.',
  },
  'consistency-proof': {
    promise: SAME_HISTORY,
    means:
      'The log that you are shown is not known to have grown out of the one that you accepted before. Either ' +
      'what shows that is missing, or entries that you have seen were changed or taken back since.',
  },
  'kept-state': {
    promise: SAME_HISTORY,
    means:
      'Your account as it is shown now does not go on from what you verified before. Entries that you have seen ' +
      'were changed or taken back, an old statement is shown as new, or the wrong part of the history was asked ' +
      'for.',
  },
  'unknown-log': {
    promise: YOUR_LOG,
    means: 'It comes from a log that your policy does not name: whatever it says, nobody whom you trust has said it.',
  },
  'log-signature': {
    promise: YOUR_LOG,
    means:
      'The checkpoint under it was changed after it was signed, or somebody else made it. It binds the operator ' +
      'to nothing.',
  },
  'note-signature': {
    promise: YOUR_LOG,
    means: 'The text was changed after it was signed, or somebody else signed it in that name.',
  },
  quorum: {
    promise: 'Everyone is shown the same log: the witnesses that you trust have seen it too.',
    means:
      'Too few of the witnesses that your policy asks for have seen this state of the log. It may be one that is ' +
      'shown to you alone; or they have not been asked yet, and a later one will have them.',
  },
  stale: {
    promise: 'What you are shown is how things stand now.',
    means:
      'It is an old state, or one dated ahead so that it never looks old. What has happened since, such as ' +
      'points that were spent or taken, you are not shown.',
  },
  'clock-ahead': {
    promise: 'What is in the log happened when the log says so.',
    means:
      'The log is dated ahead of those who have witnessed it, or of the clock here. Points may have been written ' +
      'off as expired before their time; or a clock of a witness, or the one here, is wrong.',
  },
  behind: {
    promise: 'What you are shown is how things stand now.',
    means:
      'The log has not gone on for longer than it may, or an old state of it is shown: what has happened since ' +
      'is not seen here. Or the clock here is wrong.',
  },
  'genesis-proof': {
    promise: IN_THE_LOG,
    means: 'The log does not begin as this statement says: it is a statement of another ledger, or of none.',
  },
  'seal-proof': {
    promise: 'Every balance that is shown is one to which the whole log commits.',
    means:
      'The balances that this statement is about are not those that the operator signed last. They may be old ' +
      'ones, or invented.',
  },
  'account-proof': {
    promise: 'Every balance that is shown is one to which the whole log commits.',
    means: 'The operator signed another state of this account than you are shown.',
  },
  'wrong-ledger': {
    promise: YOURS,
    means:
      'It is of another ledger than your card, perhaps one that was started again under the same name. What you ' +
      'had in the one does not count in the other.',
  },
  'wrong-account': {
    promise: YOURS,
    means: 'It is the account of somebody else, whose balance says nothing about yours.',
  },
  'wrong-owner': {
    promise: YOURS,
    means: 'The account is, or was, under a key that your card does not name: somebody else can spend from it.',
  },
  'wrong-opening': {
    promise: YOURS,
    means:
      'Somebody else opened the account under this number. Two members may have been told that one account is ' +
      'theirs, and what the one spends the other loses.',
  },
  'record-status': {
    promise: 'What was refused changes nothing.',
    means: 'A key, a unit or a rule is in force that the log says was refused.',
  },
  'record-signature': {
    promise: 'Keys, units and rules are made by those alone who found the ledger, as many of them as it takes.',
    means: 'A key, a unit or a rule is in force that they did not sign. What was done under it had no authority.',
  },
  'series-proof': {
    promise: 'What you claimed has the number that you are told.',
    means:
      'The parcel, coupon or certificate that you paid for is not the one that you are told, or nothing that the operator ' +
      'committed to says that it is yours.',
  },
  'record-changed': {
    promise: 'What was said when an account was opened, or shown before, stays so.',
    means:
      'Another unit, custodian, key or rule was put in the place of the one that your account names or that you ' +
      'were shown. By it your points could be taken back, or spent by somebody else.',
  },
  'record-proof': {
    promise: 'Keys, units and rules are those of the log, and the same for everyone.',
    means:
      'A key, a unit or a rule is shown that the operator did not commit to, or in other words than it was ' +
      'published in.',
  },
  'record-missing': {
    promise: 'Keys, units and rules are those of the log, and the same for everyone.',
    means: 'A key, a unit or a rule that the entries go by is not shown, so nobody can tell whether they were right.',
  },
  'line-count': {
    promise: WHOLE,
    means:
      'Entries are missing, or there are more than the account has. A balance over a part of the history is no ' +
      'balance.',
  },
  head: {
    promise: WHOLE,
    means:
      'Entries were left out, changed or put in another order, and number and sums made to fit. What you are ' +
      'shown is not your history.',
  },
  'line-late': {
    promise: WHOLE,
    means:
      'An entry is shown now that was in the log already when you were shown your history without it. What you ' +
      'were told then was not all of it.',
  },
  'line-kind': {
    promise: WHOLE,
    means: 'Entries stand there that are not of this account, or it does not begin with its opening.',
  },
  'line-repeated': {
    promise: 'Every transaction counts once.',
    means: 'One of them counts twice: what was spent or given once was taken or given again.',
  },
  'line-rule': {
    promise: RULES,
    means:
      'An entry counts that the rules of your points refuse: more was spent, taken back, captured or expired ' +
      'than could be, or at another time, or in another way. Your balance is wrong by it.',
  },
  totals: {
    promise: RECOMPUTED,
    means:
      'The operator signed another balance than your entries make. Somebody lost the difference, or is to lose it.',
  },
  holdings: {
    promise: RECOMPUTED,
    means:
      'The operator signed other dates, holds, consents, another status or another owner key than your entries ' +
      'make. Points could expire that should not, or be spent by somebody else.',
  },
  'evidence-missing': {
    promise: SIGNED,
    means: 'Something was done in your name, and nothing shows that you did it.',
  },
  'evidence-signature': {
    promise: SIGNED,
    means:
      'Something was done to your account by somebody who had no right to it: the signature is forged, of ' +
      'another matter, or of a key that may not do that.',
  },
  'evidence-proof': {
    promise: IN_THE_LOG,
    means: 'An entry, or the batch whose signature is to stand for it, is not in the log where it is said to be.',
  },
  'batch-proof': {
    promise: IN_THE_LOG,
    means: 'A batch that is to show who signed your entries, and when, is not in the log where it is said to be.',
  },
  'evidence-status': {
    promise: 'What was refused changes nothing.',
    means: 'A transaction counts in your balance that the log says was refused.',
  },
  'evidence-order': {
    promise: 'Entries count in the order in which they came into the log, and in time.',
    means: 'Your entries are shown in an order, or at times, that they do not have in the log.',
  },
  'line-time': {
    promise: 'What is signed counts soon, or never.',
    means:
      'A transaction came into the log at another time than its signer gave it: it was kept back, or refused, ' +
      'and taken later, or dated ahead.',
  },
  'inclusion-proof': {
    promise: IN_THE_LOG,
    means:
      'The entry is not in the log at that place, or was changed since. What it says counts for nothing until it is.',
  },
  'answer-false': {
    promise: 'What the ledger answers is what it signs.',
    means:
      'You were told another thing than the log signed with it: that something was taken, or refused, or ' +
      'published, or promised in time, which was not.',
  },
  'promise-signature': {
    promise: YOUR_LOG,
    means: 'The log did not sign this promise, or it was changed afterwards. Nobody can be held to it.',
  },
  'promise-transactions': {
    promise: 'A promise is of the transactions that were sent.',
    means: 'What was promised is a batch of other transactions than those in this file: for these there is no promise.',
  },
  'refusal-signature': {
    promise: YOUR_LOG,
    means:
      'The log did not sign that it refused this, or something was changed afterwards: what was handed in, by ' +
      'whom it was signed, the time or the reason. Nobody can be held to it.',
  },
  'refusal-false': {
    promise: 'A batch is refused only for a reason that is true.',
    means: 'What was handed in was turned away under a pretext: the log itself shows that there was no such reason.',
  },
  'log-root': {
    promise: IN_THE_LOG,
    means:
      'The entries that were served are not those that were signed: auditors and members are shown two different logs.',
  },
  tile: {
    promise: IN_THE_LOG,
    means: 'What anyone may read of the log does not fit what was signed: anyone who relies on it is misled.',
  },
  reward: {
    promise: 'Points are given as the published rule says, to everyone alike.',
    means:
      'The operator gave more or fewer points than the rule gives for what they were given for, or for other ' +
      'times, or twice for one thing. Somebody was favoured, or somebody lost what was promised to all.',
  },
  tier: {
    promise: 'Tiers are those that the published programme gives for what stands on the log, to everyone alike.',
    means:
      'Somebody was shown as of a tier that she had not earned, or was denied one that she had, or for another time ' +
      'than the programme says.',
  },
  chain: {
    promise: 'Everything that a member did for points counts, once, and what each earned can be accounted for.',
    means: 'Points can have been given, or kept back, for things that nobody is shown.',
  },
  overdue: {
    promise: 'Points that have expired are written off within a day, and holds whose time is over are released.',
    means:
      'Balances and totals held points that nobody could spend any more, or points were kept from a member after ' +
      'the time of a hold: more seemed to be owed, or less to be hers, than was.',
  },
}

/** The promise that a fault of that code breaks; undefined where it breaks none, or none that is known here. */
export function brokenPromise(code: string): BrokenPromise | undefined {
  return Object.hasOwn(WORDS, code) ? WORDS[code] : undefined
}
