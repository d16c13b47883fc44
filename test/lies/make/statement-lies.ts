import { utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { decodeSeal, encodeSeal } from '../../../src/core/entry/seal.ts'
import { COSIGNATURE_KEY, ED25519_KEY, verifierKey } from '../../../src/core/note/note.ts'
import { formatPolicy, parsePolicy } from '../../../src/core/note/policy.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { formatCard, parseCard } from '../../../src/verify/card.ts'
import { decodeStatement } from '../../../src/verify/statement.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Corpus } from './corpus.ts'
import { A, hash, KEYS, type Shop } from './shop.ts'

import { replaced, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** What a statement says of the log, of the reader’s account, and of its place under the seal. */
export function statementLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { policy, cards, books, entries } = shop
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
    'A ledger that was started again under the same name and key: every balance began anew. The card is of the one before.',
    plain,
    cardOf({ ledgerId: hash('the genesis batch before') }),
  )
  teller.lie('stranger', 'wrong-account', 'Bob’s statement shown to Alice.', bob.plain)
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

  teller.lie(
    'ledger-id-made-up',
    'genesis-proof',
    'A ledger id that is not entry 0 of this log.',
    teller.edit(({ genesis }) => ({ genesis: { ...genesis, leaf: hash('made up') } })),
    { policy },
  )
  teller.lie(
    'ledger-id-of-another-entry',
    'genesis-proof',
    'Entry 1 with its own proof, passed off as entry 0.',
    teller.edit(() => ({ genesis: { leaf: leafHash(entries[1]!), path: naivePath(1, entries) } })),
    { policy },
  )
  teller.lie(
    'ledger-id-at-another-size',
    'genesis-proof',
    'The proof of entry 0 at an earlier size of the log.',
    teller.edit(({ genesis }) => ({ genesis: { ...genesis, path: naivePath(0, entries.slice(0, shop.earlierSize)) } })),
  )
  teller.lie(
    'ledger-id-without-proof',
    'genesis-proof',
    'No proof at all for entry 0.',
    teller.edit(({ genesis }) => ({ genesis: { ...genesis, path: [] } })),
  )

  const early = decodeStatement(shop.earlierStatement)
  teller.lie(
    'seal-of-an-earlier-epoch',
    'seal-proof',
    'State root of one epoch, log root of another: the balance of an earlier seal, which does stand in this log, at its own place.',
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
    teller.edit(({ account }) => ({ account: { ...account, credited: 460 } })),
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

  /** The log ends in Alice’s batch, and the checkpoint over it is signed. */
  function unsealed(): Uint8Array {
    const list = books.entries
    const checkpoint = books.sign(list.length, naiveRoot(list))
    return teller.edit(({ genesis }) => ({
      checkpoint,
      genesis: { ...genesis, path: naivePath(0, list) },
      seal: { entry: list.at(-1)!, path: naivePath(list.length - 1, list) },
    }))
  }
}
