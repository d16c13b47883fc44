import { nextHead } from '../../../src/account/account.ts'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import type { Statement, StatementLine } from '../../../src/verify/statement.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Closing, Telling } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, hash, type Shop } from './shop.ts'
import { type Change, changed, stated, statementOf } from './statements.ts'

const ALICE = A.alice

/** The ways in which the statements of the area `statement` are told and forged; where nobody else is named, it is Alice’s. */
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
  relined(change: (lines: StatementLine[]) => StatementLine[], part: Partial<Statement['account']> = {}): Uint8Array {
    const lines = change([...statementOf(this.shop.books.close(), ALICE).lines])
    const head = headOf(lines)
    return this.closed({ accounts: { [ALICE]: { entries: lines.length, head, ...part } } }, () => ({ lines }))
  }

  /** A batch more, and her statement with everything shown. */
  told(signers: readonly Signer[], draft: Draft, telling: Telling = {}): Uint8Array {
    return stated(this.shop.books.tell(signers, [draft], telling).close(), ALICE, { all: true })
  }
}

/** A statement with other evidence of line `i`; with none for null. */
export function evidenced(bytes: Uint8Array, i: number, part: object | null): Uint8Array {
  return changed(bytes, ({ lines }) => {
    const line = lines[i]!
    const evidence = part === null ? null : { ...line.evidence!, ...part }
    return { lines: lines.with(i, { ...line, evidence }) }
  })
}

/** The end of the chain over those lines. SPEC §6. */
export function headOf(lines: readonly StatementLine[]): Uint8Array {
  return lines.reduce((head, { entry }) => nextHead(head, leafHash(entry)), hash('tallystick/head/v1'))
}

/** Bytes with one text in them replaced by another of its length. */
export function replaced(bytes: Uint8Array, what: string, by: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(what)
  if (at < 0 || what.length !== by.length) throw new Error(`no ${what} to be replaced`)
  const changed = bytes.slice()
  changed.set(utf8Encode(by), at)
  return changed
}
