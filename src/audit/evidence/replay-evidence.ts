import { fromBase64, toHex, utf8Encode } from '../../core/bytes.ts'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import { engine } from '../../core/crypto/engine.ts'
import { commitmentOf } from '../../core/entry/details.ts'
import { check, VerifyError } from '../../core/failure.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { keyOf } from '../../files/details-file.ts'
import { beginningShown, checkpointShown } from '../../verify/evidence/convict.ts'
import { entriesShown, needsDetails } from '../../verify/evidence/convict-log.ts'
import type { Conviction } from '../../verify/evidence/conviction.ts'
import type { EvidenceFile, ShownSalt } from '../../verify/evidence/evidence-file.ts'
import { logsShown } from '../../verify/evidence/shown-logs.ts'
import { saltsMessage } from '../../verify/promise.ts'
import { Attempt } from '../attempt.ts'
import type { Fault } from '../fault.ts'
import { type KnownSalt, LogCopy } from '../read/log-copy.ts'
import { Rewards } from '../rewards.ts'
import type { RuleTexts } from '../rule-texts.ts'
import { convictRefusalByReplay, faultsInWords, targetOf } from './replay-refusal.ts'
import type { ReplayTools } from './replay-tools.ts'

/**
 * What a replay proves of what an evidence file says: the entries are hashed and compared with what the log signed,
 * then replayed as an audit does, which has to find that very fault at that very entry. Nothing else in the file
 * counts. The totals of seals are compared only under a salt that the log signed. SPEC §11.
 *
 * @param file - untrusted.
 * @throws VerifyError `not-proven`, `needs-replay`, `log-root`, `consistency-proof`, or of `openSigned`; FormatError.
 */
export async function convictByReplay(file: EvidenceFile, policy: Policy, tools: ReplayTools): Promise<Conviction> {
  const { code, evidence } = file
  if (code === 'refusal-false') return convictRefusalByReplay(file, policy, tools)
  const { at, log } = evidence
  const checkpoint = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  check(
    at !== undefined && log !== undefined,
    'not-proven',
    'the file does not say what has to be replayed, or up to where',
  )
  const { entries: size } = log
  check(size <= checkpoint.size, 'not-proven', `the checkpoint has ${checkpoint.size} entries, and not ${size}`)
  const root = beginningShown(size, checkpoint, evidence)
  const isBeginning = size < checkpoint.size
  check(!(isBeginning && OF_ALL.includes(code)), 'not-proven', 'it is said of a whole log, and not of a part of it')
  if (code === 'overdue') check(size === at + 1, 'not-proven', 'it is said of the seal that ends what is replayed')
  const shownSalt = code === 'seal-totals' ? (evidence.salt ?? tools.salt) : undefined
  const salt = shownSalt && { epoch: shownSalt.epoch, salt: fromBase64(shownSalt.salt) }
  if (code === 'seal-totals') check(salt !== undefined, 'needs-observer', NO_SALT)
  const held = needsDetails(code) ? detailsOf(file, tools.held) : undefined
  const copy = await LogCopy.of(tools.bundles, { size, root }, salt, tools.onRead)
  // The fault that is looked for may be any.
  const rewards = held && new Rewards(held, shownRule(evidence), undefined, Number.POSITIVE_INFINITY)
  const target = targetOf(checkpoint, size, root)
  const attempt = new Attempt({ source: copy, onProgress: tools.onReplay, ...(rewards && { rewards }) }, target)
  const { report, replay } = await attempt.run()
  const { faults } = report
  if (shownSalt !== undefined) {
    // A ledger is called by another id after what continued it, which may stand after the seal.
    const later = replay?.ledger.state.registry.logs.slice(1).map(({ body }) => body) ?? []
    const shown = logsShown({ entries: entriesShown(evidence, checkpoint) }).flatMap(({ ledgerId = [] }) => ledgerId)
    checkSalt(shownSalt, salt!, [leafHash(await copy.begin()), ...later, ...shown], checkpoint.logs)
  }
  const found = faults.find(fault => fault.code === code && fault.at === at)
  check(found !== undefined, 'not-proven', `a replay of the ${size} entries that the log signed ${inWords(faults)}`)
  return {
    code,
    origin: checkpoint.origin,
    facts: { log: checkpoint.origin, 'log size': checkpoint.size, 'entries replayed': size, 'at entry': at },
    shown: [
      'the checkpoint is signed by the log of your policy',
      `the ${size} entries ${tools.from} are the first that it was signed over (all hashed; consistency proof, ` +
        'recomputed)',
      ...(salt === undefined ? [] : ['the salt of the totals is signed by the log']),
      ...(held === undefined ? [] : ['the details are those that the issues commit to (hashed)']),
      `everyone’s replay of these entries finds ${code} — ${found.message}`,
    ],
  }
}

/** Said of a log as its checkpoint has it: the beginning of an honest one may end in anything, or in an earlier log. */
const OF_ALL: readonly string[] = ['seal-last', 'log-identity', 'after-end']

const NO_SALT =
  'the salt of these totals is not shown as the log signed it, and under another one the totals of an honest ' +
  'seal look wrong too: ask the log for it, with --log URL and the key of an auditor'

/** The rule that the file shows, under the digest that its text has: anyone who shows one cannot say which it is. */
function shownRule({ rule }: EvidenceFile['evidence']): RuleTexts {
  return rule === undefined ? new Map() : new Map([[toHex(engine().sha256(utf8Encode(rule))), rule]])
}

/** Details by commitment, made here: anyone who shows a text cannot say what it is behind. */
function detailsOf({ evidence }: EvidenceFile, more: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const held = new Map(more)
  for (const { salt, text } of evidence.details ?? [])
    held.set(keyOf(commitmentOf({ salt: fromBase64(salt), text })), text)
  if (held.size === 0)
    throw new VerifyError(
      'needs-replay',
      'a wrong reward or tier is seen by the one who has the details that the issues commit to, and the file shows ' +
        'none: anyone who has them checks it with --details',
    )
  return held
}

/** Nobody but the log says what a salt is: under one that somebody else made up, the totals of any seal look wrong. */
function checkSalt(
  { signature }: ShownSalt,
  { epoch, salt }: KnownSalt,
  ledgerIds: readonly Uint8Array[],
  logs: readonly VerifierKey[],
): void {
  const messages = ledgerIds.map(ledgerId => saltsMessage(ledgerId, epoch, [salt]))
  const bytes = fromBase64(signature)
  check(
    logs.some(({ publicKey }) => messages.some(message => verifyEd25519(publicKey, message, bytes))),
    'not-proven',
    `the salt of epoch ${epoch} that is shown is not one that the log signed`,
  )
}

function inWords(faults: readonly Fault[]): string {
  return `finds ${faults.length === 0 ? 'no fault' : `no such fault, but ${faultsInWords(faults)}`}`
}
