import { INSUFFICIENT } from '../../../src/core/entry/outcome.ts'
import type { Draft } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, issue, type Shop } from './shop.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Books with the seal behind them, that long after what was last. */
export function sealed(books: Books, afterMs = 1000): Books {
  return books.with(list => [...list, books.close({ afterMs }).sealEntry])
}

/** Books that go on for so many hours, and are sealed each hour. */
export function hourly(books: Books, hours: number): Books {
  let later = books
  for (let i = 0; i < hours; i++) later = sealed(later, HOUR_MS)
  return later
}

/** A batch of which all is refused for want of points. */
export const refusedAll = {
  batch: ({ count }: { readonly count: number }) => ({ statuses: new Uint8Array(count).fill(INSUFFICIENT) }),
}

/** The hour that comes next, in quarter hours. */
const nextHour = (books: Books): number => 4 * Math.ceil(books.timeMs / HOUR_MS)

/** Bob’s hold given back, as an operator does when its time is over. */
export const released = ({ holdAt, books }: Shop): Draft => ({
  kind: 'release',
  account: A.bob,
  hold: books.idAt(holdAt),
})

/** What is due, left standing in the log for longer than a day of its running time; and for as long as it may. */
export function overdueLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const lie = (name: string, says: string, told: Books) =>
    corpus.lie(`log/overdue-${name}`, 'overdue', says, logFile(shop, told.close()))
  const truth = (name: string, says: string, told: Books) =>
    corpus.truth(`log/honest-due-${name}`, says, logFile(shop, told.close()))
  const free = (told: Books) => told.tell([by.operator], [released(shop)])

  // Bob’s hold ends an hour after it was made, a little before the first of these seals.
  truth('hold', 'A hold whose time has been over for a running day, but for a second.', hourly(books, 24))
  lie('hold', 'A hold whose time has been over for a running day.', hourly(books, 25))
  lie('tidied', 'The same, given back before the audit.', free(hourly(books, 25)))
  truth('tidied-in-time', 'A hold that is given back within the day.', hourly(free(hourly(books, 20)), 30))

  const short = books.tell([by.issuer], [issue(A.alice, 30, { expires: nextHour(books) + 4 })])
  const expire: Draft = { kind: 'expire', debit: A.alice, credit: A.expired, amount: 30 }
  truth('points', 'Points past their expiry for a running day, but for a second.', hourly(free(hourly(short, 2)), 23))
  lie('points', 'Points past their expiry for a running day.', hourly(free(hourly(short, 2)), 24))
  lie(
    'points-tidied',
    'The same, written off before the audit.',
    hourly(free(hourly(short, 2)), 24).tell([by.operator], [expire]),
  )
  truth(
    'while-down',
    'Ten days in which the ledger was down, and made no seal, do not count.',
    sealed(sealed(free(hourly(short, 2)), 10 * DAY_MS), HOUR_MS),
  )
}
