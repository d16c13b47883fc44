import { toBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { engine } from '../../../src/core/crypto/engine.ts'
import { commitmentOf } from '../../../src/core/entry/details.ts'
import { EXISTS } from '../../../src/core/entry/outcome.ts'
import { COSIGNATURE_KEY, cosignNote, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { givenTier, lotOf, parseProgramme, RETAIL_RULE_TEXT } from '../../../src/programmes/index.ts'
import { type Exhibits, shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { decodePromise } from '../../../src/verify/promise.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Draft, keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import type { Books, Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { hourly, refusedAll, released, sealed } from './overdue-lies.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { recordsOf } from './statements.ts'

const witness = keyNumber(61)
const witnessKey = verifierKey('w1.example', COSIGNATURE_KEY, witness.publicKey)

/**
 * The honest story that looks most like each code that convicts (SPEC §11): the log of it holds, and evidence made of
 * it convicts nobody.
 */
export function twinLies(corpus: Corpus, shop: Shop): void {
  const { books, policy, spentAt, issuedAt, entries } = shop
  const accuser = new Accuser(corpus, shop)
  const { lie, note, shown, grown } = accuser
  const witnessed = `${policy.replace('quorum none', '')}witness w1 ${formatVerifierKey(witnessKey)}\nquorum w1\n`

  /** An honest log, and what is said of it: the entries at these places show it, or so they say. */
  const twin = (
    code: string,
    expected: string,
    says: string,
    { close, more = {} }: { readonly close: Closed; readonly more?: Exhibits },
    ...at: readonly number[]
  ) => {
    corpus.truth(`log/honest-twin-${code}`, says, logFile(shop, close))
    lie(`twin-${code}`, expected, `Called ${code}: ${says}`, code, { ...shown(close, ...at), ...more })
  }
  /** The same of a fault that takes a replay, which stops at the last of these places. */
  const replayed = (code: string, says: string, close: Closed, at: number) =>
    twin(code, 'needs-replay', says, { close, more: { at } }, at)
  const next = books.entries.length
  const last = (close: Closed) => close.entries.length - 1

  const text = utf8Decode(shop.checkpoint)
  const cosignature = { ...cosignNote('another text\n', witnessKey, witness.seed, 1_800_000_100) }
  const again = books.sign(entries.length, naiveRoot(entries), () => [cosignature])
  lie(
    'twin-forked',
    'not-proven',
    'One checkpoint as two notes: under one of them stands a cosignature that is not of it.',
    'forked',
    { checkpoint: note(again), earlier: text },
    witnessed,
  )

  const promise = decodePromise(shop.promise)
  const between = books.tell([by.issuer], [issue(A.bob, 5)]).close()
  lie(
    'twin-promise-broken',
    'not-proven',
    'What was promised is in the log, and others came since: the checkpoint has another root than the promise.',
    'promise-broken',
    { checkpoint: note(between.checkpoint), promise: toBase64(shop.promise), ...grown(between.entries, promise.size) },
  )

  const before = shop.entries.slice(0, spentAt)
  const seconds = Math.ceil(promise.deadline / 1000) + 5
  const late = books.sign(before.length, naiveRoot(before), text => [
    cosignNote(text, witnessKey, witness.seed, seconds),
  ])
  lie(
    'twin-promise-overdue',
    'needs-observer',
    'The promise was kept in time; the witness of the quorum, which was out of reach just then, was asked once more ' +
      'for the checkpoint of before, and dated it after the deadline.',
    'promise-overdue',
    { checkpoint: note(late), promise: toBase64(shop.promise) },
    witnessed,
  )

  const ofLater = books.enter([by.issuer], [Uint8Array.of(2, 0x82, 24, 99, 0)], books.timeMs + 1000)
  const later = ofLater.with(list => list.with(next, laterRules(list[next]!))).close()
  lie(
    'twin-entry-form',
    'batch-version',
    'A transaction of no kind that these rules have, in a batch of later rules.',
    'entry-form',
    shown(later, next, next + 1),
  )
  twin(
    'entry-order',
    'needs-replay',
    'A batch of two, of which one was refused and stands there all the same, and the seal behind.',
    { close: books.tell([by.issuer], [issue(A.bob, 10)]).close() },
    ...[spentAt, spentAt + 1, spentAt + 2, spentAt + 3],
  )
  const resent = books.enter([by.issuer], [entries[issuedAt]!, issued(books, 5)], books.timeMs + 1000, {
    batch: () => ({ statuses: Uint8Array.of(EXISTS, 0) }),
  })
  twin(
    'batch-root',
    'needs-replay',
    'A transaction that stands under an earlier batch is sent again beside a new one, and stands under both.',
    { close: resent.close() },
    ...[issuedAt - 1, issuedAt, next, next + 1, next + 2],
  )
  twin(
    'batch-time',
    'needs-replay',
    'Two batches of one millisecond, and transactions in them that are dated before the batch before.',
    { close: books.tell([by.issuer], [issue(A.bob, 5)], { afterMs: 0, skewMs: -60_000 }).close() },
    ...[next - 2, next],
  )
  const still = sealed(books, 0)
  twin(
    'seal-time',
    'needs-replay',
    'A clock in doubt: two seals that bear the time of the batch before them.',
    { close: still.close({ afterMs: 0 }) },
    ...[next, next + 1],
  )
  twin(
    'seal-epoch',
    'needs-replay',
    'A ledger that stands idle: seals behind each other, with nothing between.',
    { close: hourly(books, 1).close() },
    ...[next, next + 1],
  )
  twin(
    'seal-last',
    'needs-replay',
    'The log went on: behind the seal that ended an earlier checkpoint stands a batch.',
    { close: books.tell([by.issuer], [issue(A.bob, 15)]).close() },
    ...[shop.earlierSize - 1, shop.earlierSize],
  )
  const revoked = sealed(books)
    .tell([by.root], [{ kind: 'revoke', record: R.issuer }])
    .close()
  const rows = recordsOf(revoked, [R.issuer]).map(({ number, entry, from, until, next: successor, path }) => {
    return { number, entry: toBase64(entry), from, until, next: successor, path: shownHashes(path) }
  })
  twin(
    'batch-refused',
    'not-proven',
    'A batch of an issuer whose key was revoked since, and the record as it stands now.',
    { close: revoked, more: { records: rows } },
    ...[0, 1, shop.earlierSize - 1, shop.earlierSize],
  )

  const poor = books.tell([by.alice], [redeem(A.alice, 500)], refusedAll)
  const rich = poor.tell([by.issuer], [issue(A.alice, 500)]).tell([by.alice], [redeem(A.alice, 500)])
  replayed('batch-statuses', 'A purchase is refused for want of points, which come a moment later.', rich.close(), next)
  const none = books.tell([by.alice, by.bob], [redeem(A.alice, 5000), redeem(A.bob, 5000)], refusedAll).close()
  replayed('seal-state', 'A batch of which all is refused changes no account.', none, last(none))
  const moment = books
    .tell(
      [by.root],
      [
        { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'auditor' },
        { kind: 'revoke', record: books.records.length },
      ],
    )
    .close()
  replayed('seal-registry', 'A key that is registered and revoked in one batch.', moment, last(moment))
  const bought = books.tell([by.alice], [redeemAt(30)])
  const refunded = bought.tell([by.merchant], [refund(bought, 10)]).close()
  replayed('seal-totals', 'A purchase of which a part is given back is redeemed no more.', refunded, last(refunded))

  const dated = books
    .tell([by.issuer], [issue(A.alice, 30, { expires: 4 * Math.ceil(books.timeMs / 3_600_000) + 4 })])
    .tell([by.alice], [redeemAt(30)])
  const long = hourly(hourly(dated, 1).tell([by.operator], [released(shop)]), 60)
  const back = long.tell([by.merchant], [refund(dated, 30)]).close()
  replayed(
    'overdue',
    'Points that come back of a purchase, days after they expired, stand at one seal.',
    back,
    last(back),
  )
  rewards(corpus, shop, replayed)
  tiers(corpus, shop, replayed)
}

const DAY_MS = 86_400_000
const laterRules = (batch: Uint8Array) => batch.with(2, 2)

/** A purchase of Alice’s at the merchant, and so much of it given back. */
const redeemAt = (amount: number): Draft => ({ kind: 'redeem', debit: A.alice, credit: A.merchant, amount })
const refund = (bought: Books, amount: number): Draft => {
  const original = bought.idAt(bought.entries.length - 1)
  return { kind: 'reverse', debit: A.merchant, credit: A.alice, amount, original }
}

const issued = (books: Books, amount: number) => books.tell([by.issuer], [issue(A.bob, amount)]).entries.at(-1)!

/** One purchase that is rewarded twice, and once in sum. The details stand beside the log. */
function rewards(
  corpus: Corpus,
  shop: Shop,
  replayed: (code: string, says: string, close: Closed, at: number) => void,
): void {
  const { books } = shop
  const rule = books.records.length
  const ruled = books.tell(
    [by.root],
    [
      {
        kind: 'publish-rule',
        name: 'purchase-v1',
        digest: engine().sha256(utf8Encode(RETAIL_RULE_TEXT)),
        budgets: [A.budget],
      },
    ],
  )
  const timeMs = ruled.timeMs
  const text = JSON.stringify({ invoice: '536365', part: 1, customer: '17850', timeMs, lines: [[10, 2500]] })
  const salts = [hash('one salt'), hash('another salt')]
  const due = (credit: number, i: number) =>
    issue(credit, 25, { ...lotOf(timeMs), rule, details: commitmentOf({ salt: salts[i]!, text }) })
  const wrong = ruled.tell([by.issuer], [due(A.bob, 0)])
  const original = wrong.idAt(wrong.entries.length - 1)
  const right = wrong
    .tell([by.issuer], [{ kind: 'reverse', debit: A.bob, credit: A.budget, amount: 25, original }])
    .tell([by.issuer], [due(A.alice, 1)])
    .close()
  const says = 'A reward is given to the wrong member, taken back, and given to the right one.'
  replayed('reward', says, right, right.entries.length - 2)
  const path = 'log/honest-twin-reward'
  const file = corpus.files.get(path)!
  const details = salts.map(salt => ({ salt: toBase64(salt), text }))
  corpus.files.set(path, { ...file, shown: { ...file.shown, details } })
}

/** A programme of one rule and one tier. */
const CLUB = parseProgramme(
  JSON.stringify({
    ...{ format: 'tallystick/programme/v1', name: 'club', version: 1, unit: 'coins' },
    ...{ from: '2020-01-01T00:00Z', day: '+00:00', late: '48h', events: { order: { count: 'int' } } },
    rules: [{ id: 'grow', on: 'order', points: { per: 1, of: 'event.count', give: 1 } }],
    tiers: { by: ['grow'], over: { rolling: 30 }, levels: [{ id: 'gold', from: 100 }] },
  }),
)

/** A tier that was right when it was set, and what counted for it taken back later. Details and rule stand beside. */
function tiers(
  corpus: Corpus,
  shop: Shop,
  replayed: (code: string, says: string, close: Closed, at: number) => void,
): void {
  const { books } = shop
  const rule = books.records.length
  const digest = engine().sha256(utf8Encode(CLUB.text))
  const ruled = books.tell([by.root], [{ kind: 'publish-rule', name: 'club-v1', digest, budgets: [A.budget] }])
  const { timeMs } = ruled
  const text = JSON.stringify({
    ...{ before: {}, due: 120, event: { data: { count: 120 }, id: 'order-1', time: timeMs, type: 'order' } },
    ...{ n: 1, programme: CLUB.digest, rule: 'grow' },
  })
  const salts = [hash('the salt of a tier'), hash('the salt of what it counts')]
  const given = ruled.tell([by.issuer], [issue(A.bob, 120, { rule, details: commitmentOf({ salt: salts[1]!, text }) })])
  const original = given.idAt(given.entries.length - 1)
  const { tier, untilMs, details } = givenTier(CLUB, [Math.floor(timeMs / DAY_MS), 120], given.timeMs)
  const told = { salt: salts[0]!, text: details! }
  const set = given.tell(
    [by.issuer],
    [
      {
        ...{ kind: 'set-status', account: A.bob, budget: A.budget, rule, tier, until: untilMs },
        details: commitmentOf(told),
      } as Draft,
    ],
  )
  const at = set.entries.length - 1
  const back = set
    .tell([by.issuer], [{ kind: 'reverse', debit: A.bob, credit: A.budget, amount: 120, original }])
    .close()
  replayed('tier', 'A tier is set for what stands on the log, and that is taken back later.', back, at)
  const path = 'log/honest-twin-tier'
  const file = corpus.files.get(path)!
  const shown = [told, { salt: salts[1]!, text }].map(one => ({ salt: toBase64(one.salt), text: one.text }))
  corpus.files.set(path, { ...file, shown: { ...file.shown, details: shown, rules: [CLUB.text] } })
}
