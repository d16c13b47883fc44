import type { Book } from '../../src/verify/book.ts'
import type { VerifiedStatement } from '../../src/verify/verified-statement.ts'
import { when } from './screen.ts'

/** What is said of a merchant's account or a budget, which nobody holds, besides the balance. */
export function bookFacts(book: Book): Record<string, string | number> {
  const { sums, asked, sponsor, terms } = book
  return {
    ...Object.fromEntries(sums.map(({ kind, count, change }) => [kind, `${count}, ${change} points`])),
    ...(sums.some(({ kind }) => kind === 'ask-settle') ? { 'asked for, not settled': asked } : {}),
    ...(sponsor === null ? {} : { sponsor: `account ${sponsor}` }),
    ...(terms === null ? {} : { terms: termsWords(terms) }),
  }
}

/** The same for machines: sums as decimal digits, as they may be above 2^53. */
export function bookJson({ sums: sumsOf, asked, sponsor, terms }: Book): object {
  const sums = sumsOf.map(({ change, ...sum }) => ({ ...sum, change: String(change) }))
  if (terms === null) return { sums, asked, sponsor, terms }
  const { from, until, memberDay, memberWeek, memberMonth, memberTotal, day, week, month, total } = terms
  const ofMember = { day: memberDay, week: memberWeek, month: memberMonth, total: memberTotal }
  return { sums, asked, sponsor, terms: { from, until, member: ofMember, sum: { day, week, month, total } } }
}

/** Of what is not asked in the statement of a book, and who shows it. */
export function uncheckedOfBook({ lines }: VerifiedStatement): string[] {
  const paid = lines.filter(({ transaction: { kind } }) => kind === 'redeem' || kind === 'claim' || kind === 'convert')
  return paid.length === 0
    ? []
    : [`that members signed ${paid.length} of these entries: their statements and an audit do`]
}

function termsWords({ from, until, ...terms }: NonNullable<Book['terms']>): string {
  const caps = [
    ...([['member', [terms.memberDay, terms.memberWeek, terms.memberMonth, terms.memberTotal]]] as const),
    ...([['in sum', [terms.day, terms.week, terms.month, terms.total]]] as const),
  ].flatMap(([who, [day, week, month, ever]]) => {
    const periods = Object.entries({ day, week, month, ever }).filter(([, cap]) => cap !== 0)
    return periods.map(([period, cap]) => `${who} ${cap} ${period === 'ever' ? 'ever' : `a ${period}`}`)
  })
  const times = [...(from === 0 ? [] : [`from ${when(from)}`]), ...(until === 0 ? [] : [`until ${when(until)}`])]
  return [...times, ...caps].join(', ') || 'no caps'
}
