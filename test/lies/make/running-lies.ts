import { decodeSeal } from '../../../src/core/entry/seal.ts'
import type { Draft } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { hourly, released, sealed } from './overdue-lies.ts'
import { A, by, issue, type Shop } from './shop.ts'

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000]

/**
 * A day of running time to the millisecond: which seals it is counted from, and what was due or had come in by then.
 */
export function runningLies(corpus: Corpus, shop: Shop): void {
  const lie = (name: string, says: string, told: Books) =>
    corpus.lie(`log/overdue-${name}`, 'overdue', says, logFile(shop, told.close({ afterMs: HOUR })))
  const truth = (name: string, says: string, told: Books) =>
    corpus.truth(`log/honest-due-${name}`, says, logFile(shop, told.close({ afterMs: HOUR })))
  /** Nothing is held, and the last seal is the first in its minute of running time, ten seconds before its end. */
  const begun = minuteMark(sealed(shop.books.tell([by.merchant], [released(shop)])), -10 * SECOND)
  const held = (from: Books, until: number): Books => {
    const hold: Draft = { kind: 'hold', debit: A.alice, credit: A.merchant, amount: 20, until }
    return from.tell([by.alice], [hold], { afterMs: 0 })
  }
  const start = begun.timeMs

  // The last seal of each of these is a day of running time behind the one that the hold was over at, or not.
  const mark = start + 10 * SECOND
  const within = (until: number) => sealedAt(sealedAt(held(begun, until), mark), mark + 20 * SECOND)
  truth(
    'within-a-minute',
    'A hold that was over at the second seal of a minute: of each minute the first seal counts.',
    hourly(within(mark + 15 * SECOND), 23),
  )
  lie('within-a-minute', 'The same, an hour later.', hourly(within(mark + 15 * SECOND), 24))
  const across = (until: number) => sealedAt(held(begun, until), mark + 5 * SECOND)
  lie(
    'at-another-minute',
    'A hold that was over at a seal a quarter of a minute behind another: with it another whole minute was reached.',
    hourly(across(mark + 2 * SECOND), 23),
  )
  lie('to-the-millisecond', 'A hold that was over at the very time of a seal.', hourly(across(mark + 5 * SECOND), 23))
  truth('a-millisecond-later', 'A hold that was over a millisecond later.', hourly(across(mark + 5 * SECOND + 1), 23))
  truth(
    'while-slow',
    'A hold of a ledger that made a seal in two hours: each counts as long as genesis lets them be apart.',
    slow(across(mark + 2 * SECOND), 22),
  )
  lie('while-slow', 'The same, a seal later.', slow(across(mark + 2 * SECOND), 23))

  const expires = Math.ceil((start + HOUR) / HOUR)
  const lot = { expires: 4 * expires }
  const bought = begun
    .tell([by.issuer], [issue(A.alice, 30, lot)])
    .tell([by.alice], [{ kind: 'redeem', debit: A.alice, credit: A.merchant, amount: 20 }])
  const past = sealedAt(bought, expires * HOUR)
  lie('points-to-the-millisecond', 'Points past their expiry at the very time of a seal.', hourly(past, 23))
  truth(
    'points-a-millisecond-later',
    'Points past their expiry a millisecond behind a seal.',
    hourly(sealedAt(bought, expires * HOUR - 1), 23),
  )
  /** All of the lot was spent, and some of it comes back when it is past, at that time. */
  const spent = begun
    .tell([by.issuer], [issue(A.alice, 30, lot)])
    .tell([by.alice], [{ kind: 'redeem', debit: A.alice, credit: A.merchant, amount: 30 }])
  const back = (amount: number, from: Books, afterMs: number) => {
    const original = spent.idAt(spent.entries.length - 1)
    return from.tell([by.merchant], [{ kind: 'reverse', debit: A.merchant, credit: A.alice, amount, original }], {
      afterMs,
    })
  }
  const gone = sealedAt(spent, expires * HOUR)
  const came = back(10, gone, MINUTE)
  lie('came-to-the-millisecond', 'Points that came back past, at the very time of a seal.', hourly(sealed(came, 0), 23))
  truth(
    'came-a-millisecond-later',
    'Points that came back past, a millisecond behind a seal.',
    hourly(back(10, sealedAt(gone, gone.timeMs + MINUTE), 1), 23),
  )
  lie(
    'joined',
    'Points that came back past, and others that joined them later.',
    hourly(back(10, hourly(sealed(came, 0), 20), 0), 3),
  )
}

/** Books sealed at a time. */
function sealedAt(books: Books, time: number): Books {
  return sealed(books, time - books.timeMs)
}

function slow(books: Books, seals: number): Books {
  return seals === 0 ? books : slow(sealed(books, 2 * HOUR), seals - 1)
}

/** Running time at the last seal, as SPEC §7 has it. */
function runningMs({ entries }: Books): number {
  const times = entries.filter(([type]) => type === 3).map(entry => decodeSeal(entry).time)
  return times.slice(1).reduce((sum, time, i) => sum + Math.min(HOUR, time - times[i]!), 0)
}

/** Books with a seal more, so long behind the next whole minute of running time but one. */
function minuteMark(books: Books, offset: number): Books {
  const behind = 2 * MINUTE - (runningMs(books) % MINUTE) + offset
  return sealed(books, behind)
}
