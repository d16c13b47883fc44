import { utf8Encode } from '../../../src/core/bytes.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { encodeStatement, type Statement } from '../../../src/verify/statement.ts'
import type { StatementTrust, VerifiedStatement } from '../../../src/verify/verified-statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books, Closed } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, KEYS, R, type Shop } from './shop.ts'
import { type StatementKind, statementOf, wholeBatches } from './statements.ts'
import type { Telling } from './telling.ts'

export const SHOP = A.merchant
/** The budget that the shop sponsors, Dora’s account of coins, and the records behind those of the shop’s ledger. */
export const OWN = A.dora + 1
export const DORA = OWN + 1
/** The record of the terms of that budget comes between. */
const GIVER = R.otherCustodian + 1
export const RATE = R.otherCustodian + 3
export const giver: Signer = { record: GIVER, key: KEYS.stranger }

type Tell = (signers: readonly Signer[], drafts: readonly Draft[], telling?: Telling) => void

/** A shop that is paid, refunds, funds its own budget and is settled, and what its budget gives. */
export class Scene {
  books: Books
  /** Ids by name. */
  readonly ids = new Map<string, Uint8Array>()

  constructor(books: Books) {
    this.books = books
  }

  tell: Tell = (signers, drafts, telling = {}) => {
    this.books = this.books.tell(signers, drafts, telling)
  }

  /** The same, and the id of the first transaction. */
  as(name: string, signers: readonly Signer[], ...drafts: readonly Draft[]): void {
    const at = this.books.entries.length + 1
    this.tell(signers, drafts)
    this.ids.set(name, this.books.idAt(at))
  }
}

export const pay = (amount: number, credit: number = SHOP): Draft => ({
  kind: 'redeem',
  debit: A.alice,
  credit,
  amount,
})
export const give = (credit: number, amount: number, more: object = {}): Draft =>
  ({ kind: 'issue', debit: OWN, credit, amount, ...more }) as Draft
export const settle = (amount: number, original: Uint8Array | null): Draft => {
  return { kind: 'settle', debit: SHOP, credit: A.treasury, amount, original }
}
export const reverse = (debit: number, credit: number, amount: number, original: Uint8Array): Draft => {
  return { kind: 'reverse', debit, credit, amount, original }
}

function sceneOf(shop: Shop): Scene {
  const scene = new Scene(shop.books)
  const opening = (more: object): Draft =>
    ({ kind: 'open-account', unit: R.coins, terms: shop.books.leafOf(R.coins), nonce: hash('nonce'), ...more }) as Draft
  scene.tell([by.treasurer], [opening({ accountKind: 'budget', sponsor: SHOP })])
  scene.tell([by.registrar], [opening({ accountKind: 'member', owner: KEYS.dora.publicKey })])
  scene.tell(
    [by.root],
    [{ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.budget, OWN] } as Draft],
  )
  scene.as('paid', [by.alice], pay(60), pay(20, A.treasury), pay(40))
  scene.as('refused', [by.alice], pay(35))
  scene.as('fund', [by.merchant], { kind: 'fund', debit: SHOP, credit: OWN, amount: 40 })
  scene.as('funded', [by.treasurer], { kind: 'fund', debit: A.treasury, credit: OWN, amount: 150 })
  scene.tell(
    [by.treasurer],
    [{ kind: 'set-budget', account: OWN, from: 0, until: 0, memberDay: 30, memberTotal: 0, total: 100 } as Draft],
  )
  scene.tell(
    [by.root],
    [{ kind: 'publish-rate', name: 'to-coins', unit: R.miles, budget: OWN, give: 1, get: 5, life: 0 } as Draft],
  )
  scene.as('given', [giver], give(A.alice, 10), give(A.bob, 20), give(A.alice, 5))
  scene.tell([giver], [give(A.carol, 5), { ...give(A.carol, 5), debit: A.budget } as Draft])
  scene.as('back', [by.merchant], reverse(OWN, SHOP, 15, scene.ids.get('fund')!))
  scene.as('refund', [by.merchant], reverse(SHOP, A.alice, 25, scene.ids.get('paid')!))
  scene.as('asked', [by.merchant], { kind: 'ask-settle', account: SHOP, amount: 20 })
  scene.tell([by.treasurer], [settle(15, scene.ids.get('asked')!)])
  scene.tell([by.treasurer, by.merchant], [settle(5, null)])
  scene.tell([by.dora], [convert(2, 10)])
  return scene
}

export function convert(amount: number, gained: number, more: object = {}): Draft {
  const moved = { debit: A.dora, credit: A.milesTreasury, amount, budget: OWN, account: DORA }
  return { kind: 'convert', ...moved, rate: RATE, gained, expires: 0, ...more } as Draft
}

/** The ways in which the statements of shops and budgets are told. */
export class BookTeller {
  readonly shop: Shop
  readonly scene: Scene
  readonly honest: Closed
  readonly #corpus: Corpus

  constructor(corpus: Corpus, shop: Shop) {
    this.#corpus = corpus
    this.shop = shop
    this.scene = sceneOf(shop)
    this.honest = this.scene.books.close()
  }

  /** The statement that the ledger itself would make. */
  made(closed: Closed, account: number, kind: StatementKind = {}): Statement {
    return wholeBatches(closed, statementOf(closed, account, kind))
  }

  lie(name: string, code: string, says: string, statement: Statement, more: object = {}): void {
    this.#corpus.lie(`book/${name}`, code, says, this.#told(statement, more))
  }

  truth(name: string, says: string, statement: Statement, facts: object, more: object = {}): void {
    this.#corpus.truth(`book/${name}`, says, { ...this.#told(statement, more), facts: { ...facts } })
  }

  verified(statement: Statement, brought: Partial<StatementTrust> = {}): VerifiedStatement {
    return verifyStatement(encodeStatement(statement), {
      policy: parsePolicy(utf8Encode(this.shop.policy)),
      ...brought,
    })
  }

  /** What a verifier has to find. */
  factsOf(statement: Statement, brought: Partial<StatementTrust> = {}): object {
    const { balance, lines, book } = this.verified(statement, brought)
    // They are far below 2^53 here, and numbers in a file.
    const sums = book!.sums.map(sum => ({ ...sum, change: Number(sum.change) }))
    return { balance, lines: lines.length, book: { ...book, sums, terms: book!.terms !== null } }
  }

  #told(statement: Statement, more: object) {
    const trust = { policy: this.shop.policy, ...more }
    return { verifier: 'statement', trust, shown: shownBytes(encodeStatement(statement)) }
  }
}
