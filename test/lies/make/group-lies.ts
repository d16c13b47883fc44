import type { CborValue } from '../../../src/core/cbor.ts'
import { encodeCbor, encodeEntry } from '../../../src/core/cbor-writer.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../../src/core/entry/entry-type.ts'
import type { Group } from '../../../src/core/entry/group.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { GROUP_UNDONE, INSUFFICIENT } from '../../../src/core/entry/outcome.ts'
import { signatureFields } from '../../../src/core/entry/submission.ts'
import { decodeTransaction, encodeTransaction, type OpenAccount } from '../../../src/core/entry/transaction.ts'
import { GROUPS_MAX } from '../../../src/core/limits.ts'
import { type Draft, fromDraft, type Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

const BOTH: readonly Group[] = [{ first: 0, count: 2 }]
const welcome: readonly Draft[] = [issue(A.alice, 100), redeem(A.alice, 200)]
/** More than she has. */
const beyond: readonly Draft[] = [issue(A.alice, 100), redeem(A.alice, 5000)]

/** Transactions that are all accepted or none. */
export function groupLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const signers = [by.issuer, by.alice]
  const statuses = (...list: number[]) => ({ groups: BOTH, batch: () => ({ statuses: Uint8Array.of(...list) }) })
  const cut = { groups: BOTH, batch: () => ({ groups: [] }) }

  const log = (name: string, code: string, says: string, told: Books) =>
    corpus.lie(`log/${name}`, code, says, logFile(shop, told.close()))
  const honest = books.tell(signers, welcome, { groups: BOTH }).close()
  corpus.truth('log/honest-group', 'The shop’s log, and a group of which all is accepted.', {
    ...logFile(shop, honest),
    facts: { size: shop.entries.length + 3 },
  })
  const undone = books.tell(signers, beyond, statuses(GROUP_UNDONE, INSUFFICIENT)).close()
  corpus.truth('log/honest-group-undone', 'A group of which nothing is accepted, as she has less.', {
    ...logFile(shop, undone),
    facts: { size: shop.entries.length + 3 },
  })
  log(
    'group-in-part',
    'entry-form',
    'Of a group, the issue is accepted, and the purchase refused.',
    books.tell(signers, beyond, statuses(0, INSUFFICIENT)),
  )
  log(
    'group-accepted',
    'batch-statuses',
    'All of a group is accepted, of which one takes more than she has.',
    books.tell(signers, beyond, { groups: BOTH }),
  )
  log(
    'group-undone-for-nothing',
    'batch-statuses',
    'Nothing of a group is accepted, and nothing of it had to be refused.',
    books.tell(signers, welcome, statuses(GROUP_UNDONE, GROUP_UNDONE)),
  )
  log(
    'group-all-refused',
    'batch-statuses',
    'What was undone is said to be refused for what it was not.',
    books.tell(signers, beyond, statuses(INSUFFICIENT, INSUFFICIENT)),
  )
  log(
    'undone-without-a-group',
    'batch-statuses',
    'An issue is undone, as if it stood in a group.',
    books.tell(signers, beyond, { batch: () => ({ statuses: Uint8Array.of(GROUP_UNDONE, INSUFFICIENT) }) }),
  )
  log(
    'group-left-out',
    'batch-refused',
    'A group that was signed as one is entered as two transactions.',
    books.tell(signers, welcome, cut),
  )

  const rule: Draft = { kind: 'publish-rule', name: 'grouped', digest: hash('grouped'), budgets: [A.budget] }
  const grouped: readonly (readonly [name: string, draft: Draft, signer: Signer])[] = [
    ['key', { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'auditor' }, by.root],
    ['revocation', { kind: 'revoke', record: R.rule }, by.root],
    ['unit', { kind: 'define-unit', name: 'grouped', cap: 100, windowMs: 86_400_000 }, by.root],
    ['rule', rule, by.root],
    ['rate', { kind: 'publish-rate', name: 'grouped', unit: R.miles, budget: A.budget, give: 1, get: 5 }, by.root],
    ['budget', { kind: 'set-budget', account: A.budget, memberTotal: 1000 }, by.treasurer],
    ['erasure', { kind: 'erase', account: A.alice, details: hash('details') }, by.operator],
  ]
  for (const [name, draft, signer] of grouped) {
    const both = [signer, by.issuer].sort((a, b) => ('record' in a && 'record' in b ? a.record - b.record : 0))
    log(
      `group-of-a-${name}`,
      'entry-form',
      `A group in which a ${draft.kind} stands.`,
      books.tell(both, [draft, issue(A.alice, 100)], { groups: BOTH }),
    )
  }

  const teller = new Teller(corpus, shop)
  teller.truth(
    'honest-group',
    'Alice’s statement with an issue and a purchase that stand or fall together.',
    stated(honest, A.alice, { all: true }),
    teller.trust(A.alice),
    { balance: 140 },
  )
  teller.lie(
    'group-left-out',
    'evidence-signature',
    'Alice’s purchase, cut out of the group that she signed.',
    stated(books.tell(signers, welcome, cut).close(), A.alice, { all: true }),
  )
  const again: Draft = { ...openingOf(books.entries, A.alice), ref: hash('ref').subarray(0, 16), nonce: hash('again') }
  const first = books.tell([by.registrar], [again])
  corpus.truth('log/honest-reference', 'The shop’s log, and an account under a reference.', {
    ...logFile(shop, first.close()),
    facts: { accounts: 12 },
  })
  log(
    'reference-twice',
    'batch-statuses',
    'A second account under one reference: the shop would find whichever is served.',
    first.tell([by.registrar], [{ ...again, nonce: hash('once more') }]),
  )
  log(
    'sponsor-of-no-shop',
    'batch-statuses',
    'A sponsor that is a budget.',
    books.tell([by.registrar], [{ ...again, sponsor: A.budget }]),
  )

  formLies(corpus, shop)
}

/** The opening of a member account, without its id. */
function openingOf(entries: readonly Uint8Array[], account: number): Extract<Draft, { kind: 'open-account' }> {
  const openings = entries.filter(one => one[0] === ENTRY_TRANSACTION).map(decodeTransaction)
  const { id: _, ...draft } = openings.filter(({ kind }) => kind === 'open-account')[account] as OpenAccount
  return draft
}

/** Groups that are none. */
function formLies(corpus: Corpus, { books, spentAt }: Shop): void {
  const batch = decodeBatch(books.entries[spentAt]!)
  const transactions = books.entries.slice(spentAt + 1, spentAt + 3)
  const { version, time, count, root, statuses } = batch
  const signatures = signatureFields(batch.signatures)
  const forms: readonly (readonly [name: string, says: string, groups: CborValue])[] = [
    ['of-one', 'A group of one transaction.', [[0, 1]]],
    ['of-three-fields', 'A group with a field more.', [[0, 2, 0]]],
    ['beyond', 'A group that ends behind its batch.', [[1, 2]]],
    [
      'overlapping',
      'Two groups that have a transaction in common.',
      [
        [0, 2],
        [1, 2],
      ],
    ],
    ['in-part', 'A group of which one transaction is accepted, and the other refused.', [[0, 2]]],
    [
      'out-of-order',
      'Two groups, the later one first.',
      [
        [2, 2],
        [0, 2],
      ],
    ],
    ['too-many', 'More groups than a batch can have.', Array.from({ length: 65 }, (_, i) => [2 * i, 2])],
  ]
  for (const [name, says, groups] of forms) {
    corpus.lie(`batch/group-${name}`, 'batch', says, {
      verifier: 'batch',
      shown: shownBytes(encodeEntry(ENTRY_BATCH, [version, time, signatures, groups, count, root, statuses])),
    })
    if (name !== 'in-part') submission(name, says, groups, transactions)
  }
  // As many transactions as a group more than there may be takes.
  const many = Array.from({ length: GROUPS_MAX + 1 }, (_, i): CborValue => [2 * i, 2])
  corpus.lie('batch/group-more', 'batch', 'A group more than a batch can have.', {
    verifier: 'batch',
    shown: shownBytes(
      encodeEntry(ENTRY_BATCH, [version, time, signatures, many, 2 * many.length, root, new Uint8Array(0)]),
    ),
  })
  const key: Draft = { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'auditor' }
  const erase: Draft = { kind: 'erase', account: A.alice, details: hash('details') }
  for (const [name, draft] of [
    ['of-a-key', key],
    ['of-an-erasure', erase],
  ] as const) {
    const list = [encodeTransaction(fromDraft(draft, makeId(time, hash(name).subarray(0, 10)))), transactions[0]!]
    submission(name, `A group in which a ${draft.kind} stands.`, [[0, 2]], list)
  }

  function submission(name: string, says: string, groups: CborValue, list: readonly Uint8Array[]): void {
    corpus.lie(`submission/group-${name}`, 'batch', says, {
      verifier: 'submission',
      shown: shownBytes(encodeCbor([signatures, groups, list as CborValue[]])),
    })
  }
}
