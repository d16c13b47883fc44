import { nextHead } from '../../../src/account/account.ts'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { needsPlace } from '../../../src/verify/line-kinds.ts'
import {
  encodeStatement,
  type Statement,
  type StatementPlace,
  type StatementRecord,
} from '../../../src/verify/statement.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Closed, Closing } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, hash, type Shop } from './shop.ts'
import { type Change, changed, shown, stated, statementOf } from './statements.ts'
import type { Telling } from './telling.ts'

const ALICE = A.alice

/** A line and where it stands; nowhere, if the log does not have it. */
export interface Told {
  readonly entry: Uint8Array
  readonly index?: number
}

/**
 * The ways in which the statements of the area `statement` are told and forged; where nobody else is named, it is
 * Alice’s.
 */
export class Teller {
  readonly shop: Shop
  readonly #corpus: Corpus

  constructor(corpus: Corpus, shop: Shop) {
    this.#corpus = corpus
    this.shop = shop
  }

  /** Policy and card of a member. */
  trust(account: number): object {
    return { policy: this.shop.policy, card: this.shop.cards[account]! }
  }

  lie(name: string, code: string, says: string, bytes: Uint8Array, trust: object = this.trust(ALICE)): void {
    this.#corpus.lie(`statement/${name}`, code, says, {
      verifier: 'statement',
      trust: { ...trust },
      shown: shownBytes(bytes),
    })
  }

  truth(name: string, says: string, bytes: Uint8Array, trust: object, facts: object): void {
    this.#corpus.truth(`statement/${name}`, says, {
      verifier: 'statement',
      trust: { ...trust },
      shown: shownBytes(bytes),
      facts: { ...facts },
    })
  }

  /** Her honest statement with parts changed, and nothing else. */
  edit(change: Change): Uint8Array {
    return changed(this.shop.statements[ALICE]!.plain, change)
  }

  /** The books closed otherwise, and her statement then. */
  closed(closing: Closing, change: Change = () => ({})): Uint8Array {
    return changed(stated(this.shop.books.close(closing), ALICE), change)
  }

  /** The books closed with another state of her account. */
  sealed(part: Partial<Statement['account']>): Uint8Array {
    return this.closed({ accounts: { [ALICE]: part } })
  }

  /** Other lines than the log has, and everything that the account says made to fit them. */
  relined(change: (lines: Told[]) => readonly Told[], part: Partial<Statement['account']> = {}): Uint8Array {
    return relined(this.shop.books.close(), ALICE, change, part)
  }

  /** A batch more, and her statement with everything shown. */
  told(signers: readonly Signer[], draft: Draft, telling: Telling = {}): Uint8Array {
    return stated(this.shop.books.tell(signers, [draft], telling).close(), ALICE, { all: true })
  }
}

/**
 * The statement of an account with other lines than its books have, number, chain and seal made to fit them; each of
 * these lines that has to have a place has it, if it stands in the log.
 */
export function relined(
  honest: Closed,
  account: number,
  change: (lines: Told[]) => readonly Told[],
  part: Partial<Statement['account']> = {},
  all = false,
): Uint8Array {
  const { books, entries } = honest
  const told = books.chains.get(account)!.indexes.map(index => ({ entry: entries[index]!, index }))
  const lines = change(told)
  const head = lines.reduce((made, { entry }) => nextHead(made, leafHash(entry)), hash('tallystick/head/v1'))
  const closed = books.close({ accounts: { [account]: { entries: lines.length, head, ...part } } })
  const statement = { ...statementOf(closed, account, { all }), lines: lines.map(({ entry }) => entry) }
  const places = lines.flatMap(({ entry, index }, i) =>
    index !== undefined && (all || isPlaced(entry, account)) ? [{ line: i + 1, index }] : [],
  )
  return encodeStatement(
    shown(
      closed,
      statement,
      places,
      statement.records.map(({ number }) => number),
    ),
  )
}

/** Whether a line has to have its place; one that is malformed may. */
function isPlaced(entry: Uint8Array, account: number): boolean {
  try {
    return needsPlace(decodeTransaction(entry), account)
  } catch {
    return true
  }
}

/** A statement with another place of a line, or of its batch; with none for null. */
export function placed(
  bytes: Uint8Array,
  line: number,
  part: Partial<StatementPlace> | null,
  batch: object = {},
): Uint8Array {
  return changed(bytes, ({ places, batches }) => {
    const place = places.find(one => one.line === line)
    if (place === undefined) throw new Error(`no place of line ${line}`)
    return {
      places: places.flatMap(one => (one !== place ? [one] : part === null ? [] : [{ ...one, ...part }])),
      batches: batches.map((one, i) => (i === place.at ? { ...one, ...batch } : one)),
    }
  })
}

/** A statement with parts of one of its records changed; without it for null. */
export function recorded(bytes: Uint8Array, number: number, part: Partial<StatementRecord> | null): Uint8Array {
  return changed(bytes, ({ records }) => ({
    records: records.flatMap(one => (one.number !== number ? [one] : part === null ? [] : [{ ...one, ...part }])),
  }))
}

/** Bytes with one text in them replaced by another of its length. */
export function replaced(bytes: Uint8Array, what: string, by: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(what)
  if (at < 0 || what.length !== by.length) throw new Error(`no ${what} to be replaced`)
  const changed = bytes.slice()
  changed.set(utf8Encode(by), at)
  return changed
}
