import { toBase64, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { engine } from '../../../src/core/crypto/engine.ts'
import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { encodeStatement, type Statement, withoutLines } from '../../../src/verify/statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Draft, keyNumber, type Signer } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed, type LogKey } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, issue, redeem, type Shop } from './shop.ts'
import { recordsOf, statementOf } from './statements.ts'

const ALICE = A.alice
const SECOND = 'next.example/points'

/** A ledger that went on in another log: what its logs sign, and what is said of them. */
export function continuedLies(corpus: Corpus, shop: Shop): void {
  const { log, books, cards, entries } = shop
  const seed = keyNumber(81).seed
  const next: LogKey = { ...log, key: verifierKey(SECOND, ED25519_KEY, keyNumber(81).publicKey), seed }
  const policyOf = (...keys: LogKey[]) =>
    `${keys.map(({ key }) => `log ${formatVerifierKey(key)}\n`).join('')}quorum none\n`
  const [first, second, both] = [policyOf(log), policyOf(next), policyOf(log, next)]
  /** The log up to a size, and behind it what continues it. */
  const turnedAt = (size: number, more: Partial<Continuation> = {}, signers: readonly Signer[] = [by.root]): Books => {
    const before = entries.slice(0, size)
    const root = naiveRoot(before)
    const draft = { kind: 'continue-log', origin: SECOND, logKey: next.key.publicKey, size, root, seen: null } as const
    return new Books(log, before).tell(signers, [{ ...draft, ...more }])
  }
  const size = entries.length
  const turned = turnedAt(size)
  /** The last that the first log signs. */
  const end = turned.close()
  const goOn = (from: Closed, ...told: readonly (readonly [Signer, Draft])[]): Closed =>
    told.reduce((made, [who, draft]) => made.tell([who], [draft]), new Books(next, from.entries)).close()
  const told = [
    [by.issuer, issue(ALICE, 10)],
    [by.alice, redeem(ALICE, 40)],
  ] as const
  const now = goOn(end, ...told)
  const card = cards[ALICE]!
  const bytesOf = (closed: Closed, change: (statement: Statement) => Partial<Statement> = () => ({})) => {
    const statement = statementOf(closed, ALICE)
    return encodeStatement({ ...statement, ...change(statement) })
  }
  const shown = (bytes: Uint8Array, trust: object = { policy: second, card }, growth?: readonly Uint8Array[]) => ({
    verifier: 'statement',
    trust: { ...trust },
    shown: { ...shownBytes(bytes), ...(growth && { growth: growth.map(toBase64) }) },
  })
  const lie = (name: string, code: string, says: string, ...what: Parameters<typeof shown>) =>
    corpus.lie(`continued/${name}`, code, says, shown(...what))
  const truth = (
    name: string,
    says: string,
    facts: Readonly<Record<string, unknown>>,
    ...what: Parameters<typeof shown>
  ) => corpus.truth(`continued/${name}`, says, { ...shown(...what), facts })

  truth(
    'honest',
    'A card of the first log, and what became of the account in the second.',
    { balance: 210 },
    bytesOf(now),
  )
  truth('honest-end', 'The last checkpoint of the first log.', { balance: 240 }, bytesOf(end), { policy: first, card })
  const third: LogKey = { ...next, key: verifierKey('third.example', ED25519_KEY, keyNumber(82).publicKey) }
  const again = new Books(next, now.entries).tell(
    [by.root],
    [
      {
        ...{ kind: 'continue-log', origin: third.key.name, logKey: third.key.publicKey },
        ...{ size: now.entries.length, root: naiveRoot(now.entries), seen: null },
      },
    ],
  )
  const last = new Books({ ...third, seed: keyNumber(82).seed }, again.close().entries)
    .tell([by.alice], [redeem(ALICE, 10)])
    .close()
  truth('honest-twice-on', 'On to a third log.', { balance: 200 }, bytesOf(last), { policy: policyOf(third), card })
  const seen = [{ origin: log.key.name, size, root: toBase64(naiveRoot(entries)) }]
  const growth = naiveConsistency(size, now.entries)
  truth(
    'honest-grown',
    'To one who had accepted a checkpoint of the first log, with the proof that the second begins with it.',
    { balance: 210 },
    bytesOf(now),
    { policy: second, card, seen },
    growth,
  )
  lie('not-grown', 'consistency-proof', 'The same without the proof.', bytesOf(now), { policy: second, card, seen }, [])
  lie('of-the-old-policy', 'unknown-log', 'To one whose policy has the first log only.', bytesOf(now), {
    policy: first,
    card,
  })
  const naming = now.books.naming[1]!
  lie(
    'not-shown',
    'log-identity',
    'Without what continued the log.',
    bytesOf(now, ({ records }) => ({ records: records.filter(({ number }) => number !== naming) })),
  )
  lie(
    'not-in-the-registry',
    'record-proof',
    'A seal whose genesis says of nothing that comes next.',
    encodeStatement(statementOf(now.books.close({ records: { 0: { next: 0 } } }), ALICE)),
  )
  lie(
    'by-nobody',
    'record-signature',
    'The log goes on by the word of one who is no root key.',
    bytesOf(goOn(turnedAt(size, {}, [by.registrar]).close(), ...told)),
  )
  lie(
    'elsewhere',
    'record-proof',
    'It says that it stands elsewhere.',
    bytesOf(goOn(turnedAt(size, { size: size - 1 }).close(), ...told)),
  )
  lie(
    'signed-for-the-first',
    'evidence-signature',
    'A purchase behind it that is signed for the ledger as it was called before.',
    bytesOf(new Books(next, end.entries).tell([by.alice], [redeem(ALICE, 40)], { ledgerId: books.ledgerId }).close()),
  )
  lie(
    'after-the-end',
    'after-end',
    'The key of the first log signed what came behind its end.',
    bytesOf({ ...now, checkpoint: new Books(log, now.entries).sign(now.entries.length, naiveRoot(now.entries)) }),
    { policy: both, card },
  )
  lie(
    'sealed-after-the-end',
    'after-end',
    'Behind its end the first log made one seal more.',
    bytesOf(new Books(log, end.entries).close()),
    { policy: both, card },
  )
  const secondEnd = again.close()
  truth('honest-second-end', 'The last checkpoint of the second log.', { balance: 210 }, bytesOf(secondEnd), {
    policy: second,
    card,
  })
  lie(
    'end-of-another',
    'after-end',
    'That of the second log, which the key of the first signed.',
    bytesOf({
      ...secondEnd,
      checkpoint: new Books(log, []).sign(secondEnd.entries.length, naiveRoot(secondEnd.entries)),
    }),
    { policy: both, card },
  )
  // Accepted where they are to be refused.
  const continuation = (before: readonly Uint8Array[]): Draft => ({
    ...{ kind: 'continue-log', origin: SECOND, logKey: next.key.publicKey },
    ...{ size: before.length, root: naiveRoot(before), seen: null },
  })
  const inCompany = new Books(log, entries).tell([by.root, by.issuer], [continuation(entries), issue(ALICE, 10)])
  const company = new Books(next, inCompany.entries).close()
  lie('in-company', 'record-proof', 'What continues the log is not alone in its batch.', bytesOf(company))
  const unsealed = books.tell([by.issuer], [issue(ALICE, 10)])
  const behindNoSeal = new Books(next, unsealed.tell([by.root], [continuation(unsealed.entries)]).entries).close()
  const logLie = (name: string, says: string, closed: Closed) =>
    corpus.lie(`continued/${name}`, 'batch-statuses', says, { ...logFile(shop, closed), trust: { policy: second } })
  logLie('log-in-company', 'A log that was continued by one of two transactions.', company)
  logLie('log-behind-no-seal', 'A log that was continued behind no seal.', behindNoSeal)

  logsThatWentOn(corpus, shop, { now, end, secondEnd, last, next, third, policyOf })

  // From before what Alice had seen: two of her entries are lost.
  const { earlierSize } = shop
  const keptOf = (bytes: Uint8Array) => {
    const { kept } = verifyStatement(bytes, { policy: parsePolicy(utf8Encode(first)) })
    return {
      ...{ ledgerId: toHex(kept.ledgerId), account: kept.account, opening: toHex(kept.opening), size: kept.size },
      entries: kept.entries.map(toBase64),
      times: [...kept.times],
      records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
    }
  }
  const kept = keptOf(shop.statements[ALICE]!.plain)
  const back = goOn(turnedAt(earlierSize, { seen: size }).close(), ...told)
  lie('dropped', 'continued-dropped', 'The log goes on from before what a wallet had verified.', bytesOf(back), {
    policy: second,
    card,
    kept,
  })
  truth('honest-from-before', 'It goes on from before what others had seen.', {}, bytesOf(back))
  truth('honest-kept', 'What the wallet had verified is where it goes on from.', {}, bytesOf(back), {
    policy: second,
    card,
    kept: keptOf(shop.earlierStatement),
  })
  lie(
    'dropped-in-silence',
    'continued-dropped',
    'The log goes on from before what was accepted, and says nothing of it.',
    bytesOf(goOn(turnedAt(earlierSize).close(), ...told)),
    { policy: second, card, seen },
  )
  lie(
    'dropped-more-than-said',
    'continued-dropped',
    'It says that less was dropped than was accepted.',
    bytesOf(goOn(turnedAt(earlierSize, { seen: size - 1 }).close(), ...told)),
    { policy: second, card, seen },
  )
  lie(
    'another-before',
    'consistency-proof',
    'It goes on from before what others had seen, and not from what this one had accepted.',
    bytesOf(back),
    { policy: second, card, seen: [{ ...seen[0]!, size: earlierSize }] },
    naiveConsistency(earlierSize, back.entries),
  )
  lie(
    'dropped-and-not-whole',
    'kept-state',
    'The log goes on from before what a wallet had verified, and the lines that are left are not shown.',
    encodeStatement(statementOf(back, ALICE, { since: 3 })),
    { policy: second, card, kept },
  )
  // Only others had entries since: the account lost none.
  const busy = books
    .tell(
      [by.issuer],
      [A.bob, A.bob, A.bob].map(account => issue(account, 1)),
    )
    .close()
  const keptBusy = keptOf(bytesOf(busy))
  lie(
    'none-dropped-and-not-whole',
    'kept-state',
    'The log goes on from before what a wallet had verified, and only what is new is shown.',
    encodeStatement(
      statementOf(goOn(turnedAt(size, { seen: busy.entries.length }).close(), ...told), ALICE, {
        since: keptBusy.entries.length,
      }),
    ),
    { policy: second, card, kept: keptBusy },
  )

  const otherKey = keyNumber(83)
  const other: LogKey = {
    ...log,
    key: verifierKey('other.example', ED25519_KEY, otherKey.publicKey),
    seed: otherKey.seed,
  }
  const otherTurn = turnedAt(size, { origin: other.key.name, logKey: other.key.publicKey })
  const twice = new Books(other, otherTurn.close().entries).tell([by.issuer], [issue(ALICE, 10)]).close()
  twiceContinued(new Accuser(corpus, shop), { policies: { second, both }, books, now, end, twice, back, last })
  stolenRoots(new Accuser(corpus, shop), { log, next, other, second, books })
  evidence(new Accuser(corpus, shop), { end, now, back, first, second, both, turned, next })
}

interface LogsInARow {
  readonly now: Closed
  readonly end: Closed
  readonly secondEnd: Closed
  readonly last: Closed
  readonly next: LogKey
  readonly third: LogKey
  readonly policyOf: (...keys: LogKey[]) => string
}

/** Whole logs of a ledger that went on, as their auditors are shown them: which log signs how much of it. */
function logsThatWentOn(corpus: Corpus, shop: Shop, made: LogsInARow): void {
  const { now, end, secondEnd, last, next, third, policyOf } = made
  const { log } = shop
  const thirdKey = { ...third, seed: keyNumber(82).seed }
  const stranger = keyNumber(84)
  const under = (closed: Closed, by: LogKey, ...trusted: LogKey[]) => {
    const { entries } = closed
    const checkpoint = new Books(by, []).sign(entries.length, naiveRoot(entries))
    const { shown } = logFile(shop, { ...closed, checkpoint })
    return { verifier: 'log', trust: { policy: policyOf(...trusted) }, shown }
  }
  const truth = (name: string, says: string, ...what: Parameters<typeof under>) =>
    corpus.truth(`continued/${name}`, says, {
      ...under(...what),
      facts: { size: what[0].entries.length },
    })
  const lie = (name: string, code: string, says: string, ...what: Parameters<typeof under>) =>
    corpus.lie(`continued/log-${name}`, code, says, under(...what))

  truth('honest-log', 'The second log, to one who knows that one alone.', now, next, next)
  truth('honest-log-end', 'The first log to its end, where it names the second.', end, log, log)
  truth('honest-log-second-end', 'The second log to its end, where it names a third.', secondEnd, next, next)
  truth('honest-log-twice-on', 'The third log.', last, thirdKey, thirdKey)
  lie('after-the-end', 'after-end', 'The key of the first log signed what came behind its end.', now, log, log, next)
  lie(
    'after-the-second-end',
    'after-end',
    'What came behind the end of the second log, signed by that.',
    last,
    next,
    next,
    thirdKey,
  )
  lie('second-end-by-the-first', 'after-end', 'The first log signed the end of the second.', secondEnd, log, log, next)
  lie(
    'sealed-after-the-end',
    'after-end',
    'Behind its end the first log made one seal more.',
    new Books(log, end.entries).close(),
    log,
    log,
  )
  const elsewhere = { ...next, key: verifierKey('elsewhere.example', ED25519_KEY, stranger.publicKey) }
  const foreign = { ...elsewhere, seed: stranger.seed }
  lie(
    'end-by-a-stranger',
    'log-identity',
    'The end of the first log, signed by a log that nothing names.',
    end,
    foreign,
    foreign,
  )
  lie('by-a-stranger', 'log-identity', 'The second log, signed by a log that nothing names.', now, foreign, foreign)
  const changed = { ...next, key: verifierKey(SECOND, ED25519_KEY, stranger.publicKey), seed: stranger.seed }
  lie(
    'under-another-key',
    'log-key',
    'The second log, under a key that is not the one that is named.',
    now,
    changed,
    changed,
  )
  const moved = { ...log, key: verifierKey(log.key.name, ED25519_KEY, stranger.publicKey), seed: stranger.seed }
  lie('end-under-another-key', 'log-key', 'The end of the first log, under a key that it never had.', end, moved, moved)
  lie(
    'first-under-another-key',
    'log-key',
    'What came behind the end of the first log, under such a key.',
    now,
    moved,
    moved,
  )
}

interface Published {
  readonly policies: { readonly second: string; readonly both: string }
  readonly books: Books
  readonly now: Closed
  readonly end: Closed
  /** Continued again, from the same place and from before; and on to a third log. */
  readonly twice: Closed
  readonly back: Closed
  readonly last: Closed
}

/** Root keys let a ledger go on in two logs, or are said to have. */
function twiceContinued({ truth, lie }: Accuser, { policies, books, now, end, twice, back, last }: Published): void {
  const { second } = policies
  const shownOf = (closed: Closed) => toBase64(encodeStatement(withoutLines(statementOf(closed, ALICE))))
  const both = (one: Closed, two: Closed) => ({ statement: shownOf(one), earlierStatement: shownOf(two) })
  const code = 'continued-twice'
  truth('honest-continued-twice', code, 'One ledger goes on in two logs.', both(now, twice), second)
  truth('honest-continued-twice-from-before', code, 'And from two places, under one name.', both(now, back), second)
  const fails = 'not-proven'
  lie('continued-once', fails, 'Two statements of one log.', code, both(now, now), second)
  lie('continued-on', fails, 'A log, and the one to which the ledger went on from that.', code, both(now, last), second)
  lie('continued-from-its-end', fails, 'A log, and the one before at its end.', code, both(now, end), second)
  lie('continued-from-before-that', fails, 'A log, and the one before.', code, both(now, books.close()), second)
  lie('continued-elsewhere', 'unknown-log', 'Two logs, neither of the policy.', code, both(twice, now), second)
  const [one, two] = [10_000, 20_000].map(promiseMs => foundedWith(now.books.log, books, promiseMs)) as [Closed, Closed]
  lie('continued-of-two-ledgers', fails, 'Two ledgers under one name and key.', code, both(one, two), second)
  const text = new Books(now.books.log, twice.entries).sign(twice.entries.length, naiveRoot(twice.entries))
  const unsigned = { ...twice, checkpoint: text }
  lie('continued-unpublished', 'unknown-log', 'One that another log has signed.', code, both(now, unsigned), second)
}

interface Stolen {
  readonly log: LogKey
  readonly next: LogKey
  readonly other: LogKey
  readonly second: string
  readonly books: Books
}

/** Root keys that were revoked, or made since: which of them let a ledger go on in two logs. */
function stolenRoots({ truth, lie }: Accuser, { log, next, other, second, books }: Stolen): void {
  const code = 'continued-twice'
  const fails = 'not-proven'
  const key = keyNumber(84)
  const made = { record: books.records.length, key }
  const register: Draft = { kind: 'register-key', key: key.publicKey, role: 'root' }
  const revoke: Draft = { kind: 'revoke', record: by.root.record, reason: 2 }
  const goesOn = (before: Books, signer: Signer, to: LogKey): Closed => {
    const { entries } = before.close()
    const named = { origin: to.key.name, logKey: to.key.publicKey, size: entries.length, root: naiveRoot(entries) }
    const turned = new Books(log, entries).tell([signer], [{ kind: 'continue-log', ...named, seen: null }])
    return new Books(to, turned.close().entries).tell([by.issuer], [issue(ALICE, 10)]).close()
  }
  const shownOf = (closed: Closed, records: readonly number[] = []) =>
    toBase64(encodeStatement(withoutLines(statementOf(closed, ALICE, { records }))))
  const both = (statement: string, earlierStatement: string) => ({ statement, earlierStatement })
  const rooted = books.tell([by.root], [register])
  const revoked = rooted.tell([made], [revoke])
  const honest = goesOn(revoked, made, next)
  const thief = goesOn(books, by.root, other)
  lie(
    'continued-by-a-thief',
    fails,
    'A root key that was revoked before the ledger went on, and that a thief signs with as if it had not been.',
    code,
    both(shownOf(honest), shownOf(thief)),
    second,
  )
  const third = `log ${formatVerifierKey(other.key)}\nquorum none\n`
  lie(
    'continued-by-a-thief-first',
    fails,
    'The same, the thief’s log in the policy.',
    code,
    both(shownOf(thief), shownOf(honest)),
    third,
  )
  const makes = goesOn(
    books.tell([by.root], [{ ...register, key: keyNumber(85).publicKey }]),
    { ...made, key: keyNumber(85) },
    other,
  )
  lie(
    'continued-by-a-key-of-a-thief',
    fails,
    'With a root key that the thief made.',
    code,
    both(shownOf(honest), shownOf(makes)),
    second,
  )
  const since = goesOn(rooted, made, next)
  truth(
    'honest-continued-twice-by-a-key-since',
    code,
    'The second time by a root key that was made since, under one that stands.',
    both(shownOf(since), shownOf(thief)),
    second,
  )
  const byRoot = goesOn(rooted.tell([by.issuer], [issue(ALICE, 10)]), by.root, next)
  const byMade = goesOn(rooted, made, other)
  truth(
    'honest-continued-twice-by-two',
    code,
    'By one root key and by another, both of which stand in both registries.',
    both(shownOf(byRoot, [made.record]), shownOf(byMade)),
    second,
  )
  lie(
    'continued-by-a-key-unseen',
    fails,
    'The same, and of the second key the one statement says nothing: it may have been revoked.',
    code,
    both(shownOf(byRoot), shownOf(byMade)),
    second,
  )
  const another = books
    .tell([by.root], [{ ...register, key: keyNumber(86).publicKey }])
    .tell([by.issuer], [issue(ALICE, 10)])
  lie(
    'continued-by-another-of-that-number',
    fails,
    'Another key has the number of the one that signed.',
    code,
    both(shownOf(goesOn(another, by.root, next), [made.record]), shownOf(byMade)),
    second,
  )
}

/** A ledger of its own with one account, in a log. */
function foundedWith(log: LogKey, { entries }: Books, promiseMs: number): Closed {
  const genesis = decodeTransaction(entries[1]!) as Extract<Transaction, { kind: 'genesis' }>
  const founded = encodeTransaction({ ...genesis, origin: log.key.name, logKey: log.key.publicKey, promiseMs })
  const begun = new Books(log, []).enter([by.root], [founded], decodeBatch(entries[0]!).time)
  const defined = begun.tell(
    [by.root],
    [
      { kind: 'register-key', key: by.registrar.key.publicKey, role: 'registrar' },
      { kind: 'define-unit', name: 'coins', cap: 1000, windowMs: 86_400_000 },
    ],
  )
  const member = { accountKind: 'member', unit: 2, terms: defined.leafOf(2), owner: by.alice.key.publicKey } as const
  const filled = Array.from({ length: ALICE + 1 }, (_, i): Draft => {
    return { kind: 'open-account', ...member, nonce: engine().sha256(Uint8Array.of(i)) }
  })
  return defined.tell([{ record: 1, key: by.registrar.key }], filled).close()
}

type Continuation = Extract<Draft, { kind: 'continue-log' }>

interface Scene {
  /** The log that ended, the one that went on, and one that did from before. */
  readonly end: Closed
  readonly now: Closed
  readonly back: Closed
  readonly turned: Books
  readonly next: LogKey
  readonly first: string
  readonly second: string
  readonly both: string
}

/** What is said of the logs: what came behind an end convicts, and nothing that honest logs sign does. */
function evidence({ shop, shown, truth, lie }: Accuser, scene: Scene): void {
  const { log, books, entries } = shop
  const { end, now, back, first, second, both, turned } = scene
  const size = entries.length
  const logs = [0, 1, size, size + 1]
  const after = { ...now, checkpoint: new Books(log, now.entries).sign(now.entries.length, naiveRoot(now.entries)) }
  truth('honest-after-end', 'after-end', 'The key of a log that had ended signed more of it.', shown(after, ...logs))
  const replay = 'needs-replay'
  lie('after-end-of-the-end', replay, 'The last checkpoint of a log that ended.', 'after-end', shown(end, ...logs))
  lie('after-end-of-the-next', replay, 'What the next log signed.', 'after-end', shown(now, ...logs), both)
  const refused = turned
    .with(all => all.with(size, encodeBatch({ ...turned.batchAt(size), statuses: Uint8Array.of(3) })))
    .tell([by.issuer], [issue(ALICE, 10)])
    .close()
  lie('after-end-refused', replay, 'What would have continued it was refused.', 'after-end', shown(refused, ...logs))
  const recordsIn = (closed: Closed, ...numbers: number[]) =>
    recordsOf(closed, numbers).map(one => ({ ...one, entry: toBase64(one.entry), path: shownHashes(one.path) }))
  const sealed = shown(now, 1, now.entries.length - 1)
  const identity = (name: string, says: string, ...numbers: number[]) =>
    lie(name, replay, says, 'log-identity', { ...sealed, records: recordsIn(now, ...numbers) }, second)
  identity('identity-of-the-next', 'The second log, whose genesis names the first.', 0)
  identity('identity-of-all-logs', 'The same, with what continued it.', 0, now.books.naming[1]!)
  lie(
    'identity-of-the-end',
    replay,
    'The last checkpoint of the first log, with what continued it.',
    'log-identity',
    { ...shown(end, 1, end.entries.length - 1), records: recordsIn(end, 0, end.books.naming[1]!) },
    first,
  )
  const other = books.close()
  truth(
    'honest-log-identity',
    'log-identity',
    'A log whose genesis names another one, and nothing continued it, says its last seal.',
    {
      ...shown(
        { ...other, checkpoint: new Books(scene.next, other.entries).sign(size, naiveRoot(other.entries)) },
        size - 1,
      ),
      records: recordsIn(other, 0),
    },
    second,
  )
  const { owner, opening, head, more, ...state } = end.accounts[ALICE]!
  const hashes = { owner: toBase64(owner!), opening: toBase64(opening), head: toBase64(head), more: toBase64(more) }
  const alice = { number: ALICE, ...state, ...hashes, path: shownHashes(end.accountPath(ALICE)) }
  const upTo = [0, 1, size, size + 1, size + 2, size + 3, size + 4, size + 5]
  const paid = { ...shown(now, ...upTo), accounts: [alice] }
  lie(
    'well-signed-behind',
    replay,
    'A purchase in the second log, which is well signed for it.',
    'batch-refused',
    paid,
    second,
  )
  lie(
    'line-late-of-another-log',
    'not-proven',
    'An entry of the second log, which went on from before what the first had said.',
    'line-late',
    {
      statement: toBase64(encodeStatement(statementOf(back, ALICE, { all: true }))),
      earlierStatement: toBase64(encodeStatement(withoutLines(statementOf(other, ALICE)))),
    },
    both,
  )
}
