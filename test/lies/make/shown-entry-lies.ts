import { toBase64 } from '../../../src/core/bytes.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { type ShownAccount, type ShownRecord, shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import { begunLog } from './log-lies.ts'
import { A, by, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { recordsOf, stated } from './statements.ts'
import { Teller } from './teller.ts'

/** What some entries show of a log by themselves, one file for each way in which they may; and what looks like it. */
export function shownEntryLies(corpus: Corpus, shop: Shop): void {
  order(corpus, shop)
  signatures(corpus, shop)
  entitled(corpus, shop)
}

function order(corpus: Corpus, shop: Shop): void {
  const { books, entries, spentAt, issuedAt, earlierSize } = shop
  const { truth, lie, shown, over } = new Accuser(corpus, shop)
  const last = entries.length - 1
  const beginning = over(entries.slice(earlierSize - 1))
  truth('honest-entry-order-begins', 'entry-order', 'A log that begins with a seal.', shown(beginning, 0))
  const half = over(entries.slice(0, spentAt + 2))
  truth('honest-entry-order-half', 'entry-order', 'A checkpoint that ends inside a batch.', shown(half, spentAt))
  const more = over(entries.toSpliced(spentAt + 3, 0, entries[spentAt + 1]!))
  truth(
    'honest-entry-order-more',
    'entry-order',
    'A transaction behind the last of a batch.',
    shown(more, spentAt, spentAt + 3),
  )
  truth(
    'honest-entry-order-seal',
    'entry-order',
    'A seal among the transactions of a batch.',
    shown(over(entries.toSpliced(spentAt + 2, 0, entries[earlierSize - 1]!)), spentAt, spentAt + 2),
  )
  const formless = books.enter([by.issuer], [Uint8Array.of(2, 0x82, 24, 99, 0)], books.timeMs + 1000).close()
  lie(
    'formless-without-its-batch',
    'needs-replay',
    'A transaction of no kind, without the batch that says by which rules.',
    'entry-form',
    shown(formless, last + 1),
  )
  const above = books.close({ seal: { epoch: entries.length } })
  truth('honest-seal-epoch-above', 'seal-epoch', 'A seal of a later epoch than there can be.', shown(above, last))
  const grown = books.close({ seal: { epoch: 1 + last - (earlierSize - 1) + 1 } })
  truth(
    'honest-seal-epoch-grown',
    'seal-epoch',
    'Two seals with fewer entries between than epochs.',
    shown(grown, earlierSize - 1, last),
  )
  lie(
    'epochs-as-many-as-entries',
    'needs-replay',
    'Two seals with as many entries as epochs from one to the other.',
    'seal-epoch',
    shown(books.close({ seal: { epoch: 1 + last - (earlierSize - 1) } }), earlierSize - 1, last),
  )
  const again = books.enter([by.root], [entries[1]!], books.timeMs + 1000).close()
  truth('honest-batch-refused-genesis', 'batch-refused', 'A second genesis.', shown(again, last + 1))
  const other = over([entries[0]!, entries[issuedAt]!, ...entries.slice(2)])
  truth('honest-batch-refused-no-genesis', 'batch-refused', 'Something else in the place of genesis.', shown(other, 1))
  const founded = new Books(books.log, []).enter(
    [{ record: 0, key: KEYS.stranger }],
    [entries[1]!],
    decodeBatch(entries[0]!).time,
  )
  truth(
    'honest-batch-refused-founded',
    'batch-refused',
    'A genesis that the root key which it names did not sign.',
    shown(founded.close(), 0, 1),
  )
  lie(
    'founded-well',
    'needs-replay',
    'A genesis that its root key signed.',
    'batch-refused',
    shown(begunLog(shop).close(), 0, 1),
  )
}

/** Signers that the seal before a batch has otherwise. */
function signatures(corpus: Corpus, shop: Shop): void {
  const { books, entries } = shop
  const { truth, shown, honest } = new Accuser(corpus, shop)
  const last = entries.length - 1
  const sealed = books.with(list => [...list, honest.sealEntry])
  const record = (number: number): ShownRecord[] =>
    recordsOf(honest, [number]).map(({ entry, path, from, until, next }) => ({
      ...{ number, entry: toBase64(entry), from, until, next, path: shownHashes(path) },
    }))
  const told = (closed: Closed) => shown(closed, 0, 1, last, last + 1)
  truth('honest-batch-refused-revoked', 'batch-refused', 'A batch under a key that had been revoked at the seal.', {
    ...told(sealed.tell([by.revoked], [issue(A.alice, 100)]).close()),
    records: record(R.revoked),
  })
  truth('honest-batch-refused-no-key', 'batch-refused', 'A batch signed by a record that is a rule.', {
    ...told(sealed.tell([{ record: R.rule, key: KEYS.issuer }], [issue(A.alice, 100)]).close()),
    records: record(R.rule),
  })
  const { owner, opening, head, more, ...state } = honest.accounts[A.carol]!
  const carol: ShownAccount = {
    ...{ number: A.carol, ...state, owner: owner && toBase64(owner), opening: toBase64(opening) },
    ...{ head: toBase64(head), more: toBase64(more), path: shownHashes(honest.accountPath(A.carol)) },
  }
  truth('honest-batch-refused-no-owner', 'batch-refused', 'A batch signed by the owner of an account without one.', {
    ...told(sealed.tell([{ account: A.carol, key: KEYS.alice }], [redeem(A.carol, 5)]).close()),
    accounts: [carol],
  })
}

/** Who may do what to an account, in its statement. */
function entitled(corpus: Corpus, shop: Shop): void {
  const { books, policy, holdAt } = shop
  const teller = new Teller(corpus, shop)
  teller.lie(
    'frozen-by-an-issuer',
    'evidence-signature',
    'An account that an issuer froze.',
    teller.told([by.issuer], { kind: 'freeze', account: A.alice, reason: 0 }),
  )
  const recovering = books.tell(
    KEYS.recovery.map((key, recovery) => ({ account: A.alice, recovery, key })),
    [{ kind: 'recover', account: A.alice, key: KEYS.stranger.publicKey }],
  )
  const whole = (told: Books, account: number) => stated(told.close(), account, { all: true })
  teller.lie(
    'vetoed-by-bob',
    'evidence-signature',
    'A recovery that another member vetoed.',
    whole(recovering.tell([by.bob], [{ kind: 'veto', account: A.alice }]), A.alice),
  )
  const told = (bytes: Uint8Array) => ({
    verifier: 'statement',
    trust: { policy },
    shown: { bytes: toBase64(bytes) },
  })
  corpus.truth('statement/honest-vetoed', 'A recovery that its member vetoed.', {
    ...told(whole(recovering.tell([by.alice], [{ kind: 'veto', account: A.alice }]), A.alice)),
  })
  corpus.truth('statement/honest-finished-by-a-registrar', 'A recovery that a registrar finished when it was due.', {
    ...told(
      whole(
        recovering.tell([by.registrar], [{ kind: 'finish-recovery', account: A.alice }], { afterMs: 86_400_000 }),
        A.alice,
      ),
    ),
  })
  corpus.truth('statement/honest-released-by-a-merchant', 'A hold that the merchant gives back before its time.', {
    ...told(whole(books.tell([by.merchant], [{ kind: 'release', account: A.bob, hold: books.idAt(holdAt) }]), A.bob)),
  })
}
