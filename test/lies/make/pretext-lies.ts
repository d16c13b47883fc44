import { toBase64 } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { type BatchRefusal, NOT_ENTITLED } from '../../../src/core/entry/outcome.ts'
import { encodeSubmission } from '../../../src/core/entry/submission.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { BEAT_MS_MAX } from '../../../src/core/limits.ts'
import { BUNDLE_ENTRIES } from '../../../src/core/tree/tile.ts'
import { type Exhibits, evidenceJson } from '../../../src/verify/evidence/evidence-file.ts'
import { encodeRefusal, refusalMessage } from '../../../src/verify/refusal.ts'
import { type Draft, fromDraft, type Signer, signed } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed } from './books.ts'
import { bundleLines } from './carried-lies.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, MEMBER_RATE, recoverer, redeem, type Shop } from './shop.ts'

const CODE = 'refusal-false'
const MINUTE = 60_000

/** What was handed in, and what the log said of it. */
interface Turned {
  readonly code: BatchRefusal
  readonly signers: readonly Signer[]
  /** Of one account's points. */
  readonly drafts: readonly Draft[]
  /** Behind the last batch of the books, in ms. */
  readonly afterMs?: number
  /** By default the entries of the books. */
  readonly size?: number
  readonly ledgerId?: Uint8Array
  readonly seed?: Uint8Array
}

interface Telling {
  readonly accuser: Accuser
  readonly truth: (name: string, says: string, from: Books, turned: Turned, shown?: Shown, closed?: Closed) => void
  readonly lie: (
    name: string,
    expected: string,
    says: string,
    from: Books,
    turned: Turned,
    shown?: Shown,
    closed?: Closed,
  ) => void
}

/** Refusals whose reason is true, of a state that the log was not in: their size is not of their time. */
function sizeLies({ accuser, truth, lie }: Telling, { books }: Shop, paid: Books): void {
  const turned = { code: 'signer-revoked', signers: [by.revoked], drafts: [redeem(A.alice, 5)] } as const
  truth('pretext-of-an-old-size', 'A state that is older than the beat when it is named.', paid, {
    ...turned,
    afterMs: BEAT_MS_MAX + 1,
  })
  lie('turned-away-in-silence', 'not-proven', 'A log that was silent for its beat, and no longer.', paid, {
    ...turned,
    afterMs: BEAT_MS_MAX,
  })
  const silent = paid.close({ afterMs: BEAT_MS_MAX })
  const sealed = new Books(paid.log, silent.entries)
  lie('turned-away-behind-a-seal', 'not-proven', 'The same, and a seal then.', sealed, {
    ...turned,
    afterMs: 2 * BEAT_MS_MAX,
  })
  // Of more entries than there were, or are.
  const later = paid.tell([by.issuer], [issue(A.bob, 10)], { afterMs: MINUTE }).close()
  const end = later.entries.length - 1
  const { entries: last } = accuser.shown(later, end)
  const beyond = { ...turned, size: later.entries.length + 1 }
  const evidence = { entries: last, log: undefined } as never
  truth('pretext-of-more', 'Of more entries than the log had at a later time.', paid, beyond, { evidence }, later)
  lie(
    'pretext-of-more-unseen',
    'needs-observer',
    'The same, and the last seal is not shown.',
    paid,
    beyond,
    { evidence: { log: undefined } as never },
    later,
  )
  const afterMs = later.seal.time - timeOf(paid)
  lie(
    'turned-away-since',
    'needs-observer',
    'Of the very time of the last seal: the log may have grown since.',
    paid,
    { ...beyond, afterMs },
    { evidence },
    later,
  )
  truth(
    'pretext-of-more-by-a-millisecond',
    'The same, a millisecond before.',
    paid,
    { ...beyond, afterMs: afterMs - 1 },
    { evidence },
    later,
  )
  const stranger = accuser.shown(books.close(), books.entries.length)
  lie(
    'pretext-of-more-of-another-tree',
    'inclusion-proof',
    'A seal that is not the last of that tree.',
    paid,
    beyond,
    { evidence: { entries: [{ ...stranger.entries![0]!, index: end }], log: undefined } as never },
    later,
  )
}

function timeOf(from: Books): number {
  return decodeBatch(from.entries.findLast(entry => entry[0] === 1)!).time
}

/** What of the file is otherwise than where all of it fits. */
interface Shown {
  readonly entries?: readonly Uint8Array[]
  readonly evidence?: Exhibits
}

/** Refusals whose reason the log does not show, and those whose reason it does: SPEC §11, `refusal-false`. */
export function pretextLies(corpus: Corpus, shop: Shop): void {
  const accuser = new Accuser(corpus, shop)
  const { books, log } = shop
  const spend = (many: number, account: number = A.alice) => Array.from({ length: many }, () => redeem(account, 5))
  const goOn = (from: Books) => from.tell([by.issuer], [issue(A.bob, 10)], { afterMs: 2 * MINUTE }).close()

  const refusalOf = (from: Books, turned: Turned): Uint8Array => {
    const { code, signers, drafts, afterMs = 1000, ledgerId = from.ledgerId, seed = log.seed } = turned
    const { size = from.entries.length } = turned
    const time = timeOf(from) + afterMs
    const list = drafts.map((draft, i) =>
      encodeTransaction(fromDraft(draft, makeId(time, hash(`turned away ${i}`).subarray(0, 10)))),
    )
    const { signatures, transactions } = signed(from.ledgerId, signers, list)
    const head = { ledgerId, size, time, code }
    const signature = signEd25519(seed, refusalMessage(head, signatures, transactions))
    return encodeRefusal({ ...head, signature, submission: encodeSubmission(signatures, list) })
  }
  const told = (from: Books, closed: Closed, turned: Turned, { entries, evidence = {} }: Shown) => {
    const size = turned.size ?? from.entries.length
    const shown: Exhibits = {
      checkpoint: accuser.note(closed.checkpoint),
      refusal: toBase64(refusalOf(from, turned)),
      ...(size < closed.entries.length ? accuser.grown(closed.entries, size) : {}),
      log: { entries: size, bundles: Math.ceil(size / BUNDLE_ENTRIES) },
      ...evidence,
    }
    const file = {
      ...{ origin: log.key.name, code: CODE, message: 'words', needs: 'nothing' as const },
      evidence: Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)) as Exhibits,
    }
    const carried = shown.log?.bundles ? bundleLines(entries ?? closed.entries.slice(0, size)) : []
    const text = [JSON.stringify(evidenceJson(file)), ...carried, ''].join('\n')
    return { verifier: 'evidence', trust: { policy: shop.policy }, shown: { text } }
  }
  const truth = (name: string, says: string, from: Books, turned: Turned, shown: Shown = {}, closed = goOn(from)) =>
    corpus.truth(`evidence/honest-${name}`, says, { ...told(from, closed, turned, shown), facts: { code: CODE } })
  const lie = (
    name: string,
    expected: string,
    says: string,
    from: Books,
    turned: Turned,
    shown: Shown = {},
    closed = goOn(from),
  ) => corpus.lie(`evidence/${name}`, expected, says, told(from, closed, turned, shown))

  // The unit takes four transactions a minute of one key.
  const later = { afterMs: 2 * MINUTE }
  const paid = books.tell([by.alice], spend(MEMBER_RATE - 2), later)
  const rate = { code: 'rate', signers: [by.alice] } as const
  const pretext = { ...rate, drafts: spend(2) }
  truth('pretext-rate', 'A member is refused for her rate who has room for both of two.', paid, pretext)
  lie('turned-away', 'not-proven', 'A member is refused for her rate who has room for two of three.', paid, {
    ...rate,
    drafts: spend(3),
  })
  truth('pretext-rate-a-minute-later', 'What was taken a minute before counts no more.', paid, {
    ...rate,
    drafts: spend(MEMBER_RATE),
    afterMs: MINUTE,
  })
  lie('turned-away-in-the-minute', 'not-proven', 'What was taken a millisecond less before counts.', paid, {
    ...rate,
    drafts: spend(MEMBER_RATE),
    afterMs: MINUTE - 1,
  })
  lie('turned-away-as-a-whole', 'not-proven', 'A batch of more than fit into any minute.', books, {
    ...rate,
    drafts: spend(MEMBER_RATE + 1),
    afterMs: 2 * MINUTE,
  })
  const others = books.tell([by.bob], spend(MEMBER_RATE, A.bob), later)
  truth('pretext-rate-of-another', 'What another member signed is counted against her.', others, pretext)
  lie('turned-away-together', 'not-proven', 'One of two signers has had as many as are taken from him.', others, {
    ...{ code: 'rate', signers: [by.alice, by.bob], drafts: spend(1) },
  })
  truth('pretext-rate-of-nobody', 'The rate of a key that has none.', paid, {
    ...{ code: 'rate', signers: [by.issuer], drafts: [issue(A.alice, 5), issue(A.bob, 5)] },
  })
  const recovering = books.tell([recoverer(A.alice, 0)], spend(MEMBER_RATE), {
    ...later,
    batch: () => ({ statuses: new Uint8Array(MEMBER_RATE).fill(NOT_ENTITLED) }),
  })
  truth('pretext-rate-of-recovery', 'What a recovery key signed, in vain, is counted against the owner.', recovering, {
    ...pretext,
  })
  lie(
    'turned-away-recovering',
    'not-proven',
    'The recovery key itself has had as many as are taken from it.',
    recovering,
    {
      ...{ code: 'rate', signers: [recoverer(A.alice, 0)], drafts: spend(1) },
    },
  )

  for (const [code, says] of [
    ['signer-unknown', 'A member who stands is called unknown.'],
    ['signer-revoked', 'A member who stands is called revoked.'],
    ['signature-invalid', 'A good signature is called none.'],
    ['batch-genesis', 'A purchase is called a genesis.'],
  ] as const)
    truth(`pretext-${code}`, says, paid, { code, signers: [by.alice], drafts: spend(1) })
  truth('pretext-another-reason', 'A revoked key is called unknown.', paid, {
    ...{ code: 'signer-unknown', signers: [by.revoked], drafts: [issue(A.alice, 5)] },
  })
  for (const [code, says, signers] of [
    ['signer-revoked', 'A revoked key is called so.', [by.revoked]],
    ['signer-unknown', 'A key that nobody has is called so.', [{ account: 99, key: KEYS.alice }]],
    ['signature-invalid', 'A signature of another is called none.', [{ account: A.alice, key: KEYS.bob }]],
  ] as const)
    lie(`turned-away-${code}`, 'not-proven', says, paid, { code, signers, drafts: spend(1) })
  truth('pretext-back-in-time', 'A refusal of a time that the log had behind it.', paid, {
    ...rate,
    drafts: spend(3),
    afterMs: -1,
  })

  const closed = paid.close()
  const sealedSize = closed.entries.length
  truth(
    'pretext-behind-a-seal',
    'A log that is carried whole, up to the seal.',
    paid,
    { ...pretext, size: sealedSize },
    {},
    closed,
  )
  lie('pretext-by-another', 'refusal-signature', 'A refusal that a stranger signed.', paid, {
    ...pretext,
    seed: KEYS.stranger.seed,
  })
  lie('pretext-of-another-ledger', 'not-proven', 'A refusal of another ledger under the same key.', paid, {
    ...pretext,
    ledgerId: hash('another ledger'),
  })
  lie('pretext-not-shown', 'not-proven', 'No refusal.', paid, pretext, { evidence: { refusal: undefined } as never })
  lie('pretext-without-the-log', 'needs-replay', 'The log is not carried.', paid, pretext, {
    evidence: { log: { entries: paid.entries.length, bundles: 0 } },
  })
  const before = books.entries.length
  lie('pretext-of-less', 'not-proven', 'The log as it was before she was paid.', paid, pretext, {
    entries: books.entries,
    evidence: {
      ...accuser.grown(goOn(paid).entries, before),
      log: { entries: before, bundles: Math.ceil(before / BUNDLE_ENTRIES) },
    },
  })
  truth('pretext-of-half-a-batch', 'It names a size inside a batch.', paid, {
    ...pretext,
    size: paid.entries.length - 1,
  })
  truth('pretext-of-half-a-genesis', 'It names a size inside the first batch.', paid, { ...pretext, size: 1 })
  sizeLies({ accuser, truth, lie }, shop, paid)
  lie('pretext-in-another-log', 'log-root', 'Entries that are not those that were signed.', paid, pretext, {
    entries: others.entries.slice(0, paid.entries.length),
  })
  const overdrawn = books.tell([by.alice], [redeem(A.alice, 100_000)], later)
  lie(
    'pretext-in-a-false-log',
    'not-proven',
    'A log that has another fault: that convicts, and not this.',
    overdrawn,
    pretext,
  )
}
