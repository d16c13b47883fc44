import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { zeroHash } from '../../../src/core/tree/ssz.ts'
import { decodeStatement, encodeStatement, type Statement } from '../../../src/verify/statement.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import type { Draft } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { A, by, issue, KEYS, redeem, type Shop } from './shop.ts'
import { shown, shownBatch, stated, statementOf } from './statements.ts'
import { placed, relined, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** Where the lines of a statement stand in the log. */
export function placeLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { books, entries } = shop
  const { plain, signatures } = shop.statements[ALICE]!
  const bob = shop.statements[BOB]!
  teller.lie(
    'spent-without-a-word',
    'evidence-missing',
    'A purchase that Alice is said to have made, without her signature.',
    placed(plain, 3, null),
  )
  teller.lie(
    'held-without-a-word',
    'evidence-missing',
    'A hold on Bob’s points without his signature.',
    placed(bob.plain, 4, null),
    teller.trust(BOB),
  )
  teller.lie(
    'gift-without-a-word',
    'evidence-missing',
    'A gift of Bob’s points without his signature.',
    placed(bob.plain, 5, null),
    teller.trust(BOB),
  )
  teller.lie(
    'consent-without-a-word',
    'evidence-missing',
    'A consent of Bob’s without his signature.',
    placed(bob.plain, 6, null),
    teller.trust(BOB),
  )
  const custodial = shop.statements[A.carol]!
  teller.lie(
    'custodian-without-a-word',
    'evidence-missing',
    'A purchase for Carol without her custodian’s signature.',
    placed(custodial.plain, 3, null),
    teller.trust(A.carol),
  )
  const strangers: Draft = { kind: 'set-custody', account: ALICE, owner: KEYS.stranger.publicKey, custodian: null }
  const taken = books.tell([by.registrar], [strangers])
  teller.lie(
    'key-replaced-without-a-word',
    'evidence-missing',
    'Another owner key, sealed and in the log, without a signature of the old one.',
    placed(stated(taken.close(), ALICE), 7, null),
  )
  for (const [name, says, account, line] of [
    [
      'opening-without-a-word',
      'An account that nobody is shown to have opened, at a time that nobody is shown.',
      ALICE,
      1,
    ],
    ['erasure-without-a-word', 'Details said to be erased, by nobody.', ALICE, 6],
  ] as const)
    teller.lie(
      name,
      'evidence-missing',
      says,
      placed(shop.statements[account]!.plain, line, null),
      teller.trust(account),
    )
  const { batches, places } = decodeStatement(plain)
  const at3 = places.find(({ line }) => line === 3)!
  const batch3 = decodeBatch(batches[at3.at]!.batch)
  const path3 = batches[at3.at]!.path
  teller.lie(
    'evidence-of-another',
    'evidence-proof',
    'The place of another line.',
    placed(signatures, 2, { at: decodeStatement(signatures).places[3]!.at }),
  )
  teller.lie(
    'another-position',
    'evidence-proof',
    'The place of the purchase that was refused.',
    placed(plain, 3, { position: 1 }),
  )
  teller.lie(
    'position-past-the-batch',
    'evidence-proof',
    'A position that the batch does not have.',
    placed(plain, 3, { position: 2 }),
  )
  teller.lie(
    'place-in-no-batch',
    'evidence-proof',
    'A place in a batch that is not shown.',
    placed(plain, 3, { at: 99 }),
  )
  teller.lie(
    'place-of-no-line',
    'evidence-proof',
    'A place of a line that there is not.',
    placed(plain, 6, { line: 7 }),
  )
  teller.lie(
    'places-out-of-order',
    'evidence-proof',
    'Places that do not go by the lines.',
    teller.edit(statement => ({ places: statement.places.toReversed() })),
  )
  teller.lie(
    'place-twice',
    'evidence-proof',
    'A line with two places.',
    teller.edit(statement => ({
      places: statement.places.flatMap(one => (one === at3 || one.line === 3 ? [one, one] : [one])),
    })),
  )
  teller.lie(
    'batch-in-no-log',
    'batch-proof',
    'A batch that is in no log: its time is another.',
    placed(plain, 3, {}, { batch: encodeBatch({ ...batch3, time: books.close().seal.time }) }),
  )
  teller.lie(
    'batch-elsewhere',
    'batch-proof',
    'The batch at another index than it stands at.',
    placed(plain, 3, {}, { index: shop.spentAt + 1 }),
  )
  teller.lie(
    'batch-beyond-the-log',
    'batch-proof',
    'A batch past the end of the log.',
    placed(plain, 6, {}, { index: entries.length }),
  )
  teller.lie(
    'batch-path-too-short',
    'evidence-proof',
    'A path in the batch that is a level short.',
    placed(plain, 3, { batchPath: at3.batchPath.slice(1) }),
  )
  teller.lie(
    'batch-path-of-full-depth',
    'evidence-proof',
    'A path in the batch up to the depth of the largest, with what everyone knows.',
    placed(plain, 3, { batchPath: [...at3.batchPath, ...Array.from({ length: 12 }, (_, i) => zeroHash(i + 1))] }),
  )
  teller.lie(
    'log-path-too-short',
    'batch-proof',
    'A path in the log that is a level short.',
    placed(plain, 3, {}, { path: path3.slice(1) }),
  )
  teller.lie(
    'batch-without-proof',
    'batch-proof',
    'A batch without any proof that it is in the log.',
    placed(plain, 3, {}, { path: [] }),
  )
  teller.lie(
    'batches-out-of-order',
    'batch-proof',
    'Batches that do not go by the log.',
    teller.edit(({ batches: [genesis, ...rest] }) => ({ batches: [genesis!, ...rest.toReversed()] })),
  )
  teller.lie(
    'batch-twice',
    'batch-proof',
    'A batch that stands there twice.',
    teller.edit(({ batches: all }) => ({ batches: [...all, all.at(-1)!] })),
  )
  teller.lie('batch-is-a-seal', 'entry-type', 'A seal in the place of a batch.', sealAsBatch())
  const paid = books.tell([by.alice], [redeem(ALICE, 100)])
  const at = books.entries.length
  const refusedIn = paid.with(all =>
    all.with(at, encodeBatch({ ...decodeBatch(all[at]!), statuses: Uint8Array.of(45) })),
  )
  const refused = refusedIn.close({ accounts: { [ALICE]: paid.accounts[ALICE]! } })
  const counted = statementOf(refused, ALICE)
  const line = paid.entries.at(-1)!
  teller.lie(
    'refused-shown-as-accepted',
    'evidence-status',
    'A purchase that the ledger refused is taken from the balance all the same: the log says refused, the seal ' +
      'counts it.',
    encodeStatement(
      shown(
        refused,
        { ...counted, lines: [...counted.lines, line] },
        [...placesOf(counted), { line: 7, index: at + 1 }],
        counted.records.map(({ number }) => number),
      ),
    ),
  )

  const unlogged = statementOf(books.close({ accounts: { [ALICE]: paid.accounts[ALICE]! } }), ALICE)
  teller.lie(
    'spent-in-no-log',
    'evidence-missing',
    'A purchase that stands in no log, counted and sealed.',
    encodeStatement({ ...unlogged, lines: [...unlogged.lines, line] }),
  )

  teller.lie(
    'batch-of-later-rules',
    'batch-version',
    'A batch under rules that this verifier does not know.',
    ofLaterRules(),
  )
  teller.lie(
    'places-go-back',
    'evidence-order',
    'Lines in an order that they do not have in the log, chained and sealed so.',
    reordered(),
  )
  teller.lie(
    'time-goes-back',
    'evidence-order',
    'A batch of an earlier ledger time than the one above it.',
    teller.told([by.alice], redeem(ALICE, 100), { batch: ({ time }) => ({ time: time - 60_000 }) }),
  )
  teller.lie(
    'behind-the-seal',
    'evidence-order',
    'A batch of a later time than the seal that counts it.',
    stated(paid.close({ seal: { time: paid.timeMs - 1 } }), ALICE),
  )

  const inOneBatch = books.tell([by.issuer], [issue(ALICE, 5), issue(ALICE, 10)]).close()
  teller.lie(
    'positions-go-back',
    'evidence-order',
    'Two entries of one batch in an order that they do not have in it, chained and sealed so.',
    relined(inOneBatch, ALICE, lines => [...lines.slice(0, 6), lines[7]!, lines[6]!], {}, true),
  )

  /** Issue of 40 before the purchase, though the log has it behind. */
  function reordered(): Uint8Array {
    return relined(books.close(), ALICE, lines => [0, 1, 3, 2, 4, 5].map(i => lines[i]!), {}, true)
  }

  /** The last seal but one, proven at its place, among the batches. */
  function sealAsBatch(): Uint8Array {
    const index = shop.earlierSize - 1
    return teller.edit(statement => ({
      batches: [...statement.batches, { index, batch: entries[index]!, path: naivePath(index, entries) }].sort(
        (a, b) => a.index - b.index,
      ),
    }))
  }

  /** A batch of later rules behind all that she is shown. */
  function ofLaterRules(): Uint8Array {
    const closed = paid.with(all => all.with(at, all[at]!.with(2, 2))).close()
    const statement = statementOf(closed, ALICE)
    return encodeStatement({ ...statement, batches: [...statement.batches, shownBatch(closed, at)] })
  }
}

/** Line and log index of each place that a statement shows. */
function placesOf({ places, batches }: Statement): { line: number; index: number }[] {
  return places.map(({ line, at, position }) => ({ line, index: batches[at]!.index + 1 + position }))
}
