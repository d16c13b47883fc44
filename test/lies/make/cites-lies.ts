import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { INSUFFICIENT } from '../../../src/core/entry/outcome.ts'
import type { Draft } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, issue, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

/** Movements that go back to a transaction which the ledger never accepted, or which is not there. */
export function citesLies(corpus: Corpus, shop: Shop): void {
  const { books, spentAt, issuedAt } = shop
  const refusedAt = spentAt + 2
  if (decodeBatch(books.entries[spentAt]!).statuses[1] !== INSUFFICIENT) throw new Error('the second is refused')
  const citing = (draft: Draft, cites: Uint8Array) => ({ ...draft, cites }) as Draft
  const told = (...drafts: Draft[]) => books.tell([by.issuer], drafts).close()
  const lie = (name: string, says: string, closed: ReturnType<typeof told>) =>
    corpus.lie(`log/cites-${name}`, 'batch-statuses', says, logFile(shop, closed))

  lie(
    'nothing',
    'A reward for a sale that is nowhere in the log.',
    told(citing(issue(A.alice, 100), hash('nowhere').slice(0, 16))),
  )
  lie(
    'what-was-refused',
    'A reward for a sale that the ledger refused.',
    told(citing(issue(A.alice, 100), books.idAt(refusedAt))),
  )
  const [own, later] = [7, 8].map(n => makeId(books.timeMs + 1000, new Uint8Array(10).fill(n))) as [
    Uint8Array,
    Uint8Array,
  ]
  lie(
    'itself',
    'A reward that is its own reason.',
    books.tell([by.issuer], [citing(issue(A.alice, 100), own)], { ids: [own] }).close(),
  )
  lie(
    'what-comes-later',
    'A reward for one that stands behind it.',
    books.tell([by.issuer], [citing(issue(A.alice, 100), later), issue(A.bob, 5)], { ids: [own, later] }).close(),
  )
  lie(
    'nothing-refused-otherwise',
    'Of two reasons to refuse an issue the log gives the later one.',
    books
      .tell([by.issuer], [citing(issue(A.alice, 7), later)], {
        batch: () => ({ statuses: Uint8Array.of(INSUFFICIENT) }),
      })
      .close(),
  )
  const thanked = books.tell(
    [by.issuer, by.alice],
    [
      citing(redeem(A.alice, 20), books.idAt(issuedAt)),
      citing(issue(A.alice, 5, { details: hash('salt and thanks') }), later),
    ],
    { ids: [later, own] },
  )
  corpus.truth('log/honest-cites', 'A purchase that goes back to an issue, and its reward, which goes back to it.', {
    ...logFile(shop, thanked.close()),
    facts: { size: books.entries.length + 4 },
  })
  const teller = new Teller(corpus, shop)
  const statement = stated(thanked.close(), A.alice, { all: true })
  teller.truth('honest-cites', 'Alice’s statement of these two.', statement, teller.trust(A.alice), { balance: 225 })
}
