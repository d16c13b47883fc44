import { utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { type BatchEntry, decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeSeal, encodeSeal } from '../../../src/core/entry/seal.ts'
import { decodeTransaction, encodeTransaction, type Genesis } from '../../../src/core/entry/transaction.ts'
import { COSIGNATURE_KEY, ED25519_KEY, verifierKey } from '../../../src/core/note/note.ts'
import { formatPolicy, parsePolicy } from '../../../src/core/note/policy.ts'
import { zeroHash } from '../../../src/core/tree/ssz.ts'
import { formatCard, parseCard } from '../../../src/verify/card.ts'
import { decodeStatement } from '../../../src/verify/statement.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Draft, fromDraft } from '../../world.ts'
import { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, KEYS, R, type Shop } from './shop.ts'
import { evidenceAt, shownBatch } from './statements.ts'
import { recorded, replaced, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** What a statement says of the log, of the reader’s account, and of its place under the seal. */
export function statementLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { policy, cards, books, entries, log } = shop
  const { plain, signatures } = shop.statements[ALICE]!
  const bob = shop.statements[BOB]!
  teller.truth(
    'honest',
    'Alice earned 300 and 40, was given 20, and spent 120: the truth that the lies beside it are about.',
    plain,
    teller.trust(ALICE),
    { balance: 240, unit: 'coins', lines: 6, erased: [2] },
  )
  teller.truth('honest-signatures', 'The same, with the authority of every line.', signatures, teller.trust(ALICE), {
    balance: 240,
    lines: 6,
  })
  teller.truth('honest-dates', 'Bob: points with dates, a hold, a gift, a consent.', bob.plain, teller.trust(BOB), {
    balance: 280,
    unit: 'coins',
  })
  teller.truth(
    'honest-custody',
    'Carol: a custodian spends for her, as her opening says.',
    shop.statements[A.carol]!.signatures,
    teller.trust(A.carol),
    { balance: 40 },
  )
  teller.truth('honest-earlier', 'Alice’s statement at an earlier seal.', shop.earlierStatement, teller.trust(ALICE), {
    balance: 180,
    erased: [],
  })
  teller.truth(
    'honest-without-card',
    'Without a card a statement holds, and nobody knows whose it is.',
    plain,
    { policy },
    { balance: 240 },
  )
  const atSeal = books.close().seal.time
  teller.truth(
    'honest-fresh',
    'A seal as old as is accepted, to the millisecond.',
    plain,
    { ...teller.trust(ALICE), freshness: { nowMs: atSeal + 60_000, maxAgeMs: 60_000 } },
    { balance: 240 },
  )

  teller.lie(
    'stale',
    'stale',
    'An old state shown as the state now: the seal is a millisecond older than the reader accepts.',
    plain,
    { ...teller.trust(ALICE), freshness: { nowMs: atSeal + 60_001, maxAgeMs: 60_000 } },
  )
  teller.lie(
    'ahead',
    'stale',
    'A seal that is dated ahead, so that it looks fresh for as long as it is ahead.',
    plain,
    {
      ...teller.trust(ALICE),
      freshness: { nowMs: atSeal - 60_001, maxAgeMs: 60_000 },
    },
  )
  teller.lie(
    'earlier-as-now',
    'stale',
    'What was earned and spent since is left out by showing a statement that once was true.',
    shop.earlierStatement,
    { ...teller.trust(ALICE), freshness: { nowMs: atSeal, maxAgeMs: 5000 } },
  )

  const cardOf = (part: object) => ({
    policy,
    card: utf8Decode(formatCard({ ...parseCard(utf8Encode(cards[ALICE]!)), ...part })),
  })
  teller.lie(
    'ledger-started-again',
    'wrong-ledger',
    'A ledger that was started again under the same name and key: every balance began again. The card is of the ' +
      'one before.',
    plain,
    cardOf({ ledgerId: hash('the genesis batch before') }),
  )
  teller.lie('stranger', 'wrong-account', 'Bob’s statement shown to Alice.', bob.plain)
  const origin = 'other.example/points'
  teller.lie('another-origin', 'wrong-ledger', 'A card of another log.', plain, cardOf({ origin }))
  teller.lie(
    'two-members-one-account',
    'wrong-opening',
    'Two members are told that account 7 is theirs. The other opened it: his opening is not the one on this card.',
    plain,
    cardOf({ opening: hash('an opening with Alice’s nonce') }),
  )
  teller.lie(
    'stranger-under-her-number',
    'wrong-opening',
    'Bob’s state under Alice’s number.',
    teller.edit(() => ({ account: { ...decodeStatement(bob.plain).account, number: ALICE } })),
  )

  const nonce = hash('what Alice drew')
  teller.lie(
    'nonce-of-another',
    'wrong-opening',
    'An opening with a nonce that Alice did not draw: it was made for somebody else, who has the same card but ' +
      'for that.',
    plain,
    cardOf({ nonce }),
  )
  teller.lie(
    'owner-of-anothers-making',
    'wrong-owner',
    'An account that was opened under a key of the registrar, who has handed out the card: Alice’s own key was ' +
      'never in it.',
    plain,
    cardOf({ owners: [KEYS.stranger.publicKey] }),
  )
  teller.lie(
    'owner-where-there-was-none',
    'wrong-owner',
    'An owner’s key, in an account that the card says only a custodian acts for.',
    plain,
    cardOf({ owners: [] }),
  )
  teller.lie(
    'owner-replaced-before-her',
    'wrong-owner',
    'The account is under a key of hers, but not the one that she has now.',
    plain,
    cardOf({ owners: [KEYS.alice.publicKey, KEYS.stranger.publicKey] }),
  )

  const { logs } = parsePolicy(utf8Encode(policy))
  const other = (name: string, n: Uint8Array) =>
    formatPolicy({ logs: [{ key: verifierKey(name, ED25519_KEY, n) }], witnesses: [], groups: [], quorum: 'none' })
  teller.lie('unknown-log', 'unknown-log', 'A statement of a log that the reader never heard of.', plain, {
    policy: other('other.example/points', KEYS.stranger.publicKey),
  })
  teller.lie('impostor', 'log-signature', 'The log’s name, under a key that is not the one of the policy.', plain, {
    policy: other(logs[0]!.key.name, KEYS.stranger.publicKey),
  })
  const witness = { name: 'w1', key: verifierKey('w1.example', COSIGNATURE_KEY, KEYS.stranger.publicKey) }
  teller.lie(
    'no-witness',
    'quorum',
    'A checkpoint that no witness saw, shown to a reader who asks for one: it may be shown to her alone.',
    plain,
    { policy: formatPolicy({ ...parsePolicy(utf8Encode(policy)), witnesses: [witness], quorum: 'w1' }) },
  )

  const first = (part: object) =>
    teller.edit(({ batches: [genesis, ...batches] }) => ({ batches: [{ ...genesis!, ...part }, ...batches] }))
  const zeroth = decodeBatch(entries[0]!)
  teller.lie(
    'ledger-id-made-up',
    'genesis-proof',
    'A ledger id that is not entry 0 of this log: the genesis batch at another time.',
    first({ batch: encodeBatch({ ...zeroth, time: zeroth.time + 1 }) }),
    { policy },
  )
  teller.lie(
    'ledger-id-of-another-entry',
    'genesis-proof',
    'Entry 2 with its own proof, passed off as entry 0.',
    first({ batch: entries[2]!, path: naivePath(2, entries) }),
    { policy },
  )
  teller.lie(
    'ledger-id-at-another-size',
    'genesis-proof',
    'The proof of entry 0 at an earlier size of the log.',
    first({ path: naivePath(0, entries.slice(0, shop.earlierSize)) }),
  )
  teller.lie('ledger-id-without-proof', 'genesis-proof', 'No proof at all for entry 0.', first({ path: [] }))
  teller.lie(
    'ledger-id-left-out',
    'genesis-proof',
    'The batches begin with another one than that of genesis.',
    teller.edit(({ batches }) => ({ batches: batches.slice(1) })),
  )
  const genesis = decodeTransaction(entries[1]!) as Genesis
  const ownRoots = encodeTransaction({ ...genesis, roots: [KEYS.stranger.publicKey] })
  teller.lie(
    'genesis-of-other-roots',
    'genesis-proof',
    'A genesis with a root key of the operator’s making, beside the batch of the true one.',
    recorded(plain, R.root, { entry: ownRoots }),
  )
  teller.lie(
    'genesis-left-out',
    'genesis-proof',
    'The records begin with another one than genesis.',
    recorded(plain, R.root, null),
  )
  teller.lie(
    'genesis-is-none',
    'genesis-proof',
    'A log whose first transaction registers a key.',
    begun({ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'root' }),
    { policy },
  )
  teller.lie(
    'genesis-refused',
    'genesis-proof',
    'A log whose genesis was refused.',
    begun(genesis, batch => ({ statuses: batch.statuses.with(0, 3) })),
    { policy },
  )
  teller.lie(
    'genesis-of-two',
    'genesis-proof',
    'A log whose first batch has a transaction beside the genesis, of which nothing is said.',
    begun(genesis, () => ({}), [entries[3]!]),
    { policy },
  )
  teller.lie(
    'genesis-of-another-log',
    'log-identity',
    'A genesis that names another log.',
    begun({ ...genesis, origin: 'other.example/points' }),
    { policy },
  )
  teller.lie(
    'genesis-of-another-key',
    'log-identity',
    'A genesis that names another key of the log than signed the checkpoint.',
    begun({ ...genesis, logKey: KEYS.stranger.publicKey }),
    { policy },
  )

  const early = decodeStatement(shop.earlierStatement)
  teller.lie(
    'seal-of-an-earlier-epoch',
    'seal-proof',
    'State root of one epoch, log root of another: the balance of an earlier seal, which does stand in this log, ' +
      'at its own place.',
    teller.edit(() => ({
      account: early.account,
      accountPath: early.accountPath,
      seal: { entry: early.seal.entry, path: naivePath(shop.earlierSize - 1, entries) },
      lines: early.lines,
    })),
  )
  teller.lie(
    'seal-changed',
    'seal-proof',
    'A seal over another state, which the checkpoint was not signed over.',
    teller.edit(({ seal }) => ({
      seal: { ...seal, entry: encodeSeal({ ...decodeSeal(seal.entry), stateRoot: hash('another state') }) },
    })),
  )
  teller.lie(
    'seal-is-no-seal',
    'entry-type',
    'The checkpoint ends in a batch, and its last entry is passed off as the seal.',
    unsealed(),
  )
  teller.lie(
    'last-entry-twice',
    'seal-proof',
    'The last leaf once more: the proof of a tree in which the seal stands a second time.',
    teller.edit(({ seal }) => ({ seal: { ...seal, path: naivePath(entries.length, [...entries, entries.at(-1)!]) } })),
  )

  teller.lie(
    'balance-not-sealed',
    'account-proof',
    'A hundred points more than the seal commits to.',
    teller.edit(({ account }) => ({ account: { ...account, credit: 340 } })),
  )
  teller.lie(
    'state-of-an-earlier-epoch',
    'account-proof',
    'Alice’s state as an earlier seal had it, before the last 40 points came, under the latest seal.',
    teller.edit(() => ({ account: early.account, accountPath: early.accountPath })),
  )
  teller.lie(
    'path-of-another',
    'account-proof',
    'Alice’s state on Bob’s path.',
    teller.edit(() => ({ accountPath: decodeStatement(bob.plain).accountPath })),
  )
  teller.lie(
    'past-the-last',
    'account-proof',
    'An account beyond the number of accounts that the seal names.',
    teller.edit(({ account }) => ({ account: { ...account, number: 77 } })),
    { policy },
  )
  teller.lie(
    'accounts-miscounted',
    'account-proof',
    'A seal that says there is an account more than its state root is over.',
    teller.closed({ seal: { accounts: books.accounts.length + 1 } }),
  )
  teller.lie(
    'path-too-short',
    'account-proof',
    'A path that is a level short: the depth is the verifier’s, not the prover’s.',
    teller.edit(({ accountPath }) => ({ accountPath: accountPath.slice(0, -1) })),
  )
  teller.lie(
    'path-from-a-node',
    'account-proof',
    'A path that begins a level higher: an inner node would be the account.',
    teller.edit(({ accountPath }) => ({ accountPath: [...accountPath.slice(1), hash('above')] })),
  )
  teller.lie(
    'path-of-full-depth',
    'account-proof',
    'A path with the zero subtrees above all accounts, which everyone knows and nobody shows.',
    teller.edit(({ accountPath }) => ({
      accountPath: [
        ...accountPath,
        ...Array.from({ length: 32 - accountPath.length }, (_, i) => zeroHash(accountPath.length + i)),
      ],
    })),
  )
  teller.lie(
    'path-too-long',
    'list-length',
    'A path of 33 hashes.',
    teller.edit(({ accountPath }) => ({ accountPath: Array.from({ length: 33 }, () => accountPath[0]!) })),
  )
  teller.lie(
    'state-root-of-nothing',
    'account-proof',
    'A seal whose state root is 32 zeros.',
    teller.closed({ seal: { stateRoot: new Uint8Array(32) } }),
  )

  teller.lie('trailing-byte', 'cbor', 'A byte behind the end.', Uint8Array.of(...plain, 0))
  teller.lie('cut', 'cbor', 'The last byte is missing.', plain.slice(0, -1))
  teller.lie(
    'another-format',
    'statement',
    'Another format under the same fields.',
    replaced(plain, 'tallystick/statement/v1', 'tallystick/statement/v9'),
  )
  teller.lie(
    'indefinite',
    'cbor',
    'An array of indefinite length, which other readers take.',
    Uint8Array.of(0x9f, ...plain.slice(1), 0xff),
  )

  /** Her statement under a log that begins otherwise. */
  function begun(
    genesis: Draft | Genesis,
    batch: (batch: BatchEntry) => Partial<BatchEntry> = () => ({}),
    more: readonly Uint8Array[] = [],
  ): Uint8Array {
    const entry = encodeTransaction({ ...fromDraft(genesis as Draft, books.idAt(1)) })
    const other = new Books(log, []).enter([by.root], [entry, ...more], zeroth.time, { batch }).close()
    return teller.edit(({ batches: [, ...batches], records: [record, ...records] }) => ({
      checkpoint: other.checkpoint,
      batches: [shownBatch(other, 0), ...batches],
      records: [{ ...record!, entry, batchPath: evidenceAt(other, 1).batchPath }, ...records],
    }))
  }

  /** The log ends in Alice’s batch, and the checkpoint over it is signed. */
  function unsealed(): Uint8Array {
    const list = books.entries
    const checkpoint = books.sign(list.length, naiveRoot(list))
    return teller.edit(({ batches: [first, ...batches] }) => ({
      checkpoint,
      batches: [{ ...first!, path: naivePath(0, list) }, ...batches],
      seal: { entry: list.at(-1)!, path: naivePath(list.length - 1, list) },
    }))
  }
}
