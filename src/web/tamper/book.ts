import { ISSUED, type Lie, SIGNED_AGAIN, SPENT, type Telling } from './lies.ts'
import { type Happening, STORY } from './story.ts'

/** A row of the book, as the operator shows it now. */
export interface BookRow {
  readonly number: number
  readonly name: Happening['name'] | 'issued' | 'spent' | 'expired'
  readonly order?: string
  readonly coins: number
  /** What it was, where it was changed. */
  readonly was?: number
  readonly mark?: 'gone' | 'changed' | 'new'
  /** Mei’s balance behind it; none of a row that is gone, or another’s. */
  readonly balance?: number
}

/** Points of orders that are not spent yet. */
const EXPIRED = STORY.reduce((sum, { name, coins }) => (name === 'order' || coins < 0 ? sum + coins : sum), 0)

/** The book of Mei’s account with a lie in it, beside what it was. */
export function bookOf({ lie, entry, coins, isAgain }: Telling): BookRow[] {
  const isGone = (i: number) =>
    (lie === 'drop' && i === entry - 1) ||
    (lie === 'fork' && i === STORY.length - 1) ||
    (lie === 'back' && (isAgain ? i === 4 || i === 5 : i > 3))
  const rows: Omit<BookRow, 'balance'>[] = STORY.map(({ name, order, coins: was }, i) => ({
    number: i + 1,
    name,
    ...(order === undefined ? {} : { order }),
    ...(lie === 'change' && i === entry - 1 ? { coins, was, mark: 'changed' as const } : { coins: was }),
    ...(isGone(i) ? { mark: 'gone' as const } : {}),
  }))
  const added = { number: STORY.length + 1, mark: 'new' } as const
  if (lie === 'issue') rows.push({ ...added, name: 'issued', coins: ISSUED })
  if (lie === 'spend') rows.push({ ...added, name: 'spent', coins: -SPENT })
  if (lie === 'expire') rows.push({ ...added, name: 'expired', coins: -EXPIRED })
  let balance = 0
  return rows.map(row => {
    if (row.mark === 'gone' || row.name === 'issued') return row
    balance += row.coins
    const isLast = lie === 'balance' && row.number === STORY.length
    return isLast ? { ...row, balance: balance - SPENT, mark: 'changed' as const } : { ...row, balance }
  })
}

/** Whether the lie can be told in both ways. */
export function canSignAgain(lie: Lie): boolean {
  return SIGNED_AGAIN.has(lie)
}
