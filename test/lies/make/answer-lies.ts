import { toBase64 } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { EXISTS, INSUFFICIENT, OUTCOMES } from '../../../src/core/entry/outcome.ts'
import { type BatchAnswer, encodeAnswer } from '../../../src/verify/batch-answer.ts'
import { promiseMessage } from '../../../src/verify/promise.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Draft } from '../../world.ts'
import type { Books } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'

/** What the genesis of the shop allows between the answer and the deadline of its promise. */
const [SKEW_MS, PROMISE_MS] = [600_000, 10_000]

/** Answers to batches of which some existed before, and to those that open accounts. */
export function answerLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const written = (list: readonly Uint8Array[], statuses: readonly number[]) =>
    books.enter([by.issuer, by.alice], list, books.timeMs + 1000, {
      batch: () => ({ statuses: Uint8Array.from(statuses) }),
    })
  const at = books.entries.length
  const told = (
    from: Books,
    list: readonly Uint8Array[],
    change: Partial<BatchAnswer>,
    nowMs = from.timeMs + 1000,
  ) => ({
    verifier: 'answer',
    trust: {
      ...{ policy: shop.policy, beginning: shop.receiptAt[1]!, transactions: list.map(toBase64), nowMs },
    },
    shown: shownBytes(encodeAnswer({ ...answerOf(shop, from, at), ...change })),
  })
  const truth = (name: string, says: string, facts: object, ...what: Parameters<typeof told>) =>
    corpus.truth(`answer/honest-${name}`, says, { ...told(...what), facts: { ...facts } })
  const lie = (name: string, says: string, ...what: Parameters<typeof told>) =>
    corpus.lie(`answer/${name}`, 'answer-false', says, told(...what))
  const [x, y, z] = books
    .tell([by.issuer], [issue(A.alice, 5), issue(A.alice, 10), redeem(A.alice, 5000)])
    .entries.slice(-3) as [Uint8Array, Uint8Array, Uint8Array]
  const before = books.entries[shop.issuedAt]!

  const twice = [[x, y, x], written([x, y, x], [0, 0, EXISTS])] as const
  const statuses = Uint8Array.of(0, 0, 0)
  const known = (position: number, index: number): [number, number] => [position, index]
  const again = { statuses, existed: [known(2, at + 1)] }
  truth(
    'twice-in-one',
    'A transaction twice in one batch.',
    { statuses: [0, 0, 0], unproven: [] },
    twice[1],
    twice[0],
    again,
  )
  for (const [name, says, change] of [
    [
      'another-of-the-batch',
      'A second time that is said to be of another transaction.',
      { statuses, existed: [known(2, at + 2)] },
    ],
    ['itself', 'A second time that is said to be the first.', { statuses, existed: [known(2, at + 3)] }],
    [
      'otherwise',
      'A second time with another outcome than the first.',
      { ...again, statuses: Uint8Array.of(0, 0, 60) },
    ],
    ['new', 'A second time that is said to be new.', { statuses, existed: [] }],
    [
      'new-as-it-is',
      'A second time that has the status that the batch has for it.',
      { statuses: Uint8Array.of(0, 0, 1), existed: [] },
    ],
    [
      'first-too',
      'The first time is said to have existed as well.',
      { statuses, existed: [known(0, at + 1), known(2, at + 1)] },
    ],
    ['behind', 'The first time is said to be the second.', { statuses, existed: [known(0, at + 3), known(2, at + 1)] }],
    [
      'before-the-log',
      'A second time that is said to stand at the batch itself.',
      { statuses, existed: [known(2, at + 40)] },
    ],
  ] as const)
    lie(`twice-${name}`, says, twice[1], twice[0], change as Partial<BatchAnswer>)

  const some = [[before, y], written([before, y], [EXISTS, 0])] as const
  const partly = { statuses: Uint8Array.of(0, 0), existed: [known(0, shop.issuedAt)] }
  truth(
    'one-of-two-existed',
    'One of two stood in the log before.',
    { statuses: [0, 0], unproven: [0] },
    some[1],
    some[0],
    partly,
  )
  truth(
    'one-of-two-existed-again',
    'The same, asked once more: nothing is written, and the promise is that of before.',
    { statuses: [0, 0], unproven: [0] },
    some[1],
    some[0],
    { ...partly, index: null, existed: [...partly.existed, known(1, at + 2)] },
  )
  for (const [name, says, change] of [
    ['all', 'Both are said to have existed.', { ...partly, existed: [...partly.existed, known(1, shop.issuedAt)] }],
    ['none', 'Both are said to be new.', { ...partly, existed: [] }],
    [
      'there',
      'What existed is said to stand where it was refused as known.',
      { ...partly, index: null, existed: [known(0, at + 1), known(1, at + 2)] },
    ],
    ['not-all', 'Nothing was written, and one is new.', { ...partly, index: null }],
    ['unpromised', 'Nothing was written or promised, and one is new.', { ...partly, index: null, promise: null }],
    [
      'without-a-promise',
      'Both existed, something was written, and nothing is promised.',
      { ...partly, existed: [...partly.existed, known(1, shop.issuedAt)], promise: null },
    ],
    [
      'beyond',
      'What existed is said to stand behind all that the log has.',
      { ...partly, existed: [known(0, at + 3)] },
    ],
  ] as const)
    lie(`existed-${name}`, says, some[1], some[0], change as Partial<BatchAnswer>)

  const opening: Draft = {
    ...{ kind: 'open-account', accountKind: 'member', unit: R.coins, terms: books.leafOf(R.coins) },
    ...{ owner: KEYS.alice.publicKey, nonce: hash('opened and answered') },
  }
  const [first, second] = books
    .tell([by.registrar], [opening, { ...opening, nonce: hash('opened and refused') }])
    .entries.slice(-2) as [Uint8Array, Uint8Array]
  const opened = [[first, z, second], written([first, z, second], [0, INSUFFICIENT, 3])] as const
  const number = books.accounts.length
  const right = { statuses: Uint8Array.of(0, INSUFFICIENT, 3), accounts: [known(0, number)] }
  truth(
    'opened',
    'An account that was opened.',
    { statuses: [...right.statuses], unproven: [] },
    opened[1],
    opened[0],
    right,
  )
  for (const [name, says, accounts] of [
    ['and-not-said', 'An account that was opened, of which nothing is said.', []],
    ['and-refused', 'An account whose opening was refused.', [known(0, number), known(2, number + 1)]],
    ['by-a-purchase', 'An account by a purchase.', [known(0, number), known(1, number + 1)]],
    ['beyond', 'An account by a transaction that there is not.', [known(0, number), known(3, number + 1)]],
    ['twice', 'An account twice.', [known(0, number), known(0, number)]],
  ] as const)
    lie(`opened-${name}`, says, opened[1], opened[0], {
      ...right,
      accounts: accounts.map(([position, account]) => [position, account]),
    })

  const one = [[x], written([x], [0])] as const
  const plain = { statuses: Uint8Array.of(0) }
  const { deadline } = answerOf(shop, one[1], at).promise!
  const latest = deadline - SKEW_MS - PROMISE_MS
  const facts = { statuses: [0], unproven: [] }
  truth(
    'due-as-late-as-may-be',
    'A promise that is due as late as genesis allows.',
    facts,
    one[1],
    one[0],
    plain,
    latest,
  )
  lie('due-too-late', 'A promise that is due a millisecond later.', one[1], one[0], plain, latest - 1)
  const last = OUTCOMES.length - 1
  truth(
    'last-status',
    'The last status that there is, of what existed.',
    { statuses: [last], unproven: [0] },
    one[1],
    one[0],
    { index: null, statuses: Uint8Array.of(last), existed: [known(0, 40)], promise: null },
  )
  lie('behind-the-last-status', 'A status more than there are, of what existed.', one[1], one[0], {
    ...{ index: null, statuses: Uint8Array.of(last + 1), existed: [known(0, 40)], promise: null },
  })
  corpus.truth(
    'answer/honest-other-groups-before',
    'What was written before with other groups than it is sent with now.',
    {
      ...told(one[1], one[0], { ...plain, index: null, existed: [known(0, at + 1)] }),
      trust: { ...told(one[1], one[0], plain).trust, groups: [[0, 2]] },
      facts,
    },
  )
  corpus.truth('answer/honest-sealed', 'An answer that brings a checkpoint.', {
    ...told(one[1], one[0], { ...plain, checkpoint: shop.checkpoint }),
    facts,
  })
  const { shown, ...rest } = told(one[1], one[0], plain)
  const bytes = Uint8Array.from([...Buffer.from(shown.bytes, 'base64'), 0])
  corpus.lie('answer/byte-more', 'cbor', 'A byte behind the end.', { ...rest, shown: shownBytes(bytes) })
}

/** What an honest ledger answers to the batch at an index, which is the last of its books. */
function answerOf({ log }: Shop, books: Books, index: number): BatchAnswer {
  const { entries } = books
  const size = entries.length
  const head = {
    ...{ ledgerId: books.ledgerId, size, root: naiveRoot(entries), deadline: books.timeMs + PROMISE_MS },
  }
  const promise = {
    ...{ ...head, signature: signEd25519(log.seed, promiseMessage(head)) },
    ...{ index, batch: entries[index]!, path: naivePath(index, entries) },
  }
  return { ...{ index, size, statuses: new Uint8Array(0), existed: [], accounts: [] }, promise, checkpoint: null }
}
