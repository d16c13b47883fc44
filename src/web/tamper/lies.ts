import { decodeTransaction, encodeTransaction } from '../../core/entry/transaction.ts'
import { ACCOUNT, SIGNS } from './keys.ts'
import { type Edition, linesOf, type SmallLedger } from './small-ledger.ts'
import { NOW_MS, STORY, tell } from './story.ts'

/** The lies that the visitor can tell, in the order of the page. */
export const LIES = ['none', 'change', 'drop', 'balance', 'spend', 'back', 'fork', 'issue', 'expire', 'silent'] as const
export type Lie = (typeof LIES)[number]

/** Lies that are told by showing less or other than was signed, unless all of it is signed again. */
export const SIGNED_AGAIN: ReadonlySet<Lie> = new Set(['change', 'drop', 'back'])

/** The visitor's choice. */
export interface Telling {
  readonly lie: Lie
  /** Of `change` and `drop`: which of Mei's entries, from 1. */
  readonly entry: number
  /** Of `change`: what it is to have been. */
  readonly coins: number
  /** Whether a log is signed in which the lie always stood. */
  readonly isAgain: boolean
}

/** What the operator serves. */
export interface Served {
  /** To everyone but Mei: checkpoint, and the entries that were signed. */
  readonly edition: Edition
  /** The entries as they are served: not always those that were signed. */
  readonly shown: readonly Uint8Array[]
  /** To Mei: her edition, and her statement of it. */
  readonly mine: Edition
  readonly statement: Uint8Array
}

/** The points that are taken from Mei under another key, added to nobody's, and issued to a friend. */
export const SPENT = 100
export const ISSUED = 500

/** The honest book, as it would be shown now. */
export function honest(): { readonly seen: Edition; readonly edition: Edition } {
  const { ledger, seen } = tell(STORY)
  return { seen, edition: ledger.seal(NOW_MS) }
}

/** What an operator serves who tells this lie. */
export function serve({ lie, entry, coins, isAgain }: Telling): Served {
  const { ledger } = tell(STORY)
  if (isAgain && SIGNED_AGAIN.has(lie)) return closed(tell(again(lie, entry, coins)).ledger)
  if (lie === 'change' || lie === 'drop') {
    const edition = ledger.seal(NOW_MS)
    const index = linesOf(edition.entries, ACCOUNT.mei)[entry - 1]!
    const now = lie === 'drop' ? [] : [withAmount(edition.entries[index]!, coins)]
    const change = (list: readonly Uint8Array[], at: number) => [...list.slice(0, at), ...now, ...list.slice(at + 1)]
    const statement = ledger.statement(ACCOUNT.mei, edition, lines => change(lines, entry - 1))
    return { edition, shown: change(edition.entries, index), mine: edition, statement }
  }
  const { accounts } = ledger.ledger.state
  if (lie === 'back') {
    const old = tell(STORY.slice(0, 4))
    return { ...served(old.early), statement: old.ledger.statement(ACCOUNT.mei, old.early) }
  }
  if (lie === 'fork') {
    const other = closed(tell(STORY.slice(0, -1)).ledger)
    return { ...served(ledger.seal(NOW_MS)), mine: other.mine, statement: other.statement }
  }
  if (lie === 'balance') accounts.add(ACCOUNT.mei, -SPENT)
  if (lie === 'spend')
    ledger.commit(
      NOW_MS,
      [SIGNS.notMei],
      [{ kind: 'redeem', debit: ACCOUNT.mei, credit: ACCOUNT.treasury, amount: SPENT }],
    )
  if (lie === 'issue')
    ledger.commit(
      NOW_MS,
      [SIGNS.notIssuer],
      [{ kind: 'issue', debit: ACCOUNT.budget, credit: ACCOUNT.friend, amount: ISSUED }],
    )
  if (lie === 'expire') {
    // The memory of the ledger is the operator's: there the dates of all her lots are past.
    const holdings = accounts.holdings(ACCOUNT.mei)
    const past = Math.floor(NOW_MS / QUARTER_MS)
    accounts.setHoldings(ACCOUNT.mei, { ...holdings, lots: holdings.lots.map(lot => ({ ...lot, expires: past })) })
    ledger.commit(
      NOW_MS,
      [SIGNS.operator],
      [{ kind: 'expire', debit: ACCOUNT.mei, credit: ACCOUNT.expired, amount: expiring(ledger) }],
    )
  }
  return closed(ledger)
}

const QUARTER_MS = 900_000

function expiring(ledger: SmallLedger): number {
  return ledger.ledger.state.accounts.holdings(ACCOUNT.mei).lots.reduce((sum, { amount }) => sum + amount, 0)
}

/** The story as it would have been. */
function again(lie: Lie, entry: number, coins: number) {
  if (lie === 'back') return STORY.filter((_, i) => i < 4 || i > 5)
  return STORY.flatMap((one, i) => (i !== entry - 1 ? [one] : lie === 'drop' ? [] : [{ ...one, coins }]))
}

/** A ledger sealed now, and served as it is. */
function closed(ledger: SmallLedger): Served {
  const edition = ledger.seal(NOW_MS)
  return { ...served(edition), statement: ledger.statement(ACCOUNT.mei, edition) }
}

function served(edition: Edition): Omit<Served, 'statement'> {
  return { edition, shown: edition.entries, mine: edition }
}

function withAmount(entry: Uint8Array, amount: number): Uint8Array {
  const transaction = decodeTransaction(entry)
  return 'debit' in transaction ? encodeTransaction({ ...transaction, amount }) : entry
}
