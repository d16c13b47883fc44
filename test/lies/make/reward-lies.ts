import { toBase64, utf8Encode } from '../../../src/core/bytes.ts'
import { engine } from '../../../src/core/crypto/engine.ts'
import { commitmentOf } from '../../../src/core/entry/details.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { lotOf, RETAIL_RULE_TEXT, TAOBAO_RULE_TEXT } from '../../../src/programmes/index.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { Carrier } from './carried-lies.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, type Shop } from './shop.ts'

/** What an issue commits to, and the issue. */
interface Given {
  readonly text: string
  readonly amount: number
  /** To Bob, and not to Alice. */
  readonly isBob?: boolean
  /** Dates other than those that the rule names. */
  readonly dates?: { readonly matures?: number; readonly expires?: number }
  /** Which of the records of its rule it names: by default the first. */
  readonly under?: number
}

const salt = (text: string, i: number) => hash(`salt ${i} of ${text}`)
const digestOf = (text: string) => engine().sha256(utf8Encode(text))

/**
 * Rewards that are not what their rule gives, and those that look so: evidence that carries the log and shows the
 * details of the issues that it takes. SPEC §11, `reward`.
 */
export function rewardLies(corpus: Corpus, shop: Shop): void {
  const carrier = new Carrier(corpus, shop)
  const miles = milesOf(shop)
  purchases(carrier, miles)
  behaviours(carrier, miles)
}

/** A unit of which a single point can be given, with an issuer and two members of its own. */
interface Miles {
  readonly books: Books
  readonly issuer: Signer
  readonly alice: number
  readonly bob: number
}

function milesOf({ books }: Shop): Miles {
  const [alice, bob] = [books.accounts.length, books.accounts.length + 1]
  const issuer = { record: books.records.length, key: KEYS.stranger }
  const opened = (of: 'alice' | 'bob'): Draft => {
    const nonce = hash(`miles of ${of}`)
    const plain = { kind: 'open-account', accountKind: 'member', unit: R.miles, terms: books.leafOf(R.miles) } as const
    return { ...plain, owner: KEYS[of].publicKey, nonce }
  }
  const key = { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.milesBudget] } as const
  return {
    books: books.tell([by.root], [key]).tell([by.registrar], [opened('alice'), opened('bob')]),
    issuer,
    alice,
    bob,
  }
}

/** What a rule says of dates. */
type Dates = (text: string) => { readonly matures?: number; readonly expires?: number }

/** Books in which a rule was published under some names, and which give by it. */
class Giving {
  readonly books: Books
  readonly details: readonly { readonly salt: string; readonly text: string }[]
  readonly #miles: Miles
  readonly #rule: number
  readonly #dates: Dates

  constructor(miles: Miles, books: Books, rule: number, dates: Dates, details: Giving['details'] = []) {
    this.books = books
    this.details = details
    this.#miles = miles
    this.#rule = rule
    this.#dates = dates
  }

  static of(miles: Miles, name: string, text: string, dates: Dates = () => ({}), names = 1): Giving {
    const drafts = Array.from({ length: names }, (_, i): Draft => {
      return {
        kind: 'publish-rule',
        name: i === 0 ? name : `${name}-${i}`,
        digest: digestOf(text),
        budgets: [A.milesBudget],
      }
    })
    return new Giving(miles, miles.books.tell([by.root], drafts), miles.books.records.length, dates)
  }

  /** Gives, all in one batch. */
  give(...list: readonly Given[]): Giving {
    const first = this.details.length
    const { issuer, alice, bob } = this.#miles
    const drafts = list.map(({ text, amount, isBob = false, dates, under = 0 }, i) => {
      const named = dates ?? this.#dates(text)
      const details = commitmentOf({ salt: salt(text, first + i), text })
      const rule = this.#rule + under
      return issue(isBob ? bob : alice, amount, { ...named, debit: A.milesBudget, rule, details })
    })
    const details = list.map(({ text }, i) => ({ salt: toBase64(salt(text, first + i)), text }))
    return this.#with(this.books.tell([issuer], drafts), [...this.details, ...details])
  }

  /** Takes back some of what Alice was given last. */
  takeBack(amount: number): Giving {
    const { issuer, alice } = this.#miles
    const original = this.books.idAt(this.books.entries.length - 1)
    const draft: Draft = { kind: 'reverse', debit: alice, credit: A.milesBudget, amount, original }
    return this.#with(this.books.tell([issuer], [draft]), this.details)
  }

  /** Gives Alice something that is taken back in its own batch. */
  inVain({ text, amount }: Given): Giving {
    const { issuer, alice } = this.#miles
    const id = makeId(this.books.timeMs, hash(`in vain ${text}`).subarray(0, 10))
    const random = hash(`and back ${text}`).subarray(0, 10)
    const details = commitmentOf({ salt: salt(text, this.details.length), text })
    const drafts: Draft[] = [
      issue(alice, amount, { ...this.#dates(text), debit: A.milesBudget, rule: this.#rule, details }),
      { kind: 'reverse', debit: alice, credit: A.milesBudget, amount, original: id },
    ]
    const shown = { salt: toBase64(salt(text, this.details.length)), text }
    const ids = [id, makeId(this.books.timeMs, random)]
    return this.#with(this.books.tell([issuer], drafts, { ids }), [...this.details, shown])
  }

  #with(books: Books, details: Giving['details']): Giving {
    return new Giving(this.#miles, books, this.#rule, this.#dates, details)
  }

  /** The log, sealed, and the last issue in it. */
  end() {
    const closed = this.books.close()
    return { closed, at: this.books.entries.length - 1, evidence: { details: this.details } }
  }
}

type Kind = readonly [name: string, says: string, giving: Giving, behind?: number, details?: Giving['details']]

/** Says of the entry so many before the last of each that it is a wrong reward. */
function told(carrier: Carrier, wrong: readonly Kind[], right: readonly Kind[]): void {
  for (const [list, isWrong] of [
    [wrong, true],
    [right, false],
  ] as const)
    for (const [name, says, giving, behind = 0, details = giving.details] of list) {
      const { closed, at } = giving.end()
      const carrying = { size: closed.books.entries.length, evidence: { details } }
      if (isWrong) carrier.truth(`reward-${name}`, says, closed, 'reward', at - behind, carrying)
      else carrier.lie(`reward-${name}`, 'not-proven', says, closed, 'reward', at - behind, carrying)
    }
}

function purchases(carrier: Carrier, miles: Miles): void {
  const { timeMs } = miles.books
  const dated = (text: string) => lotOf(JSON.parse(text).timeMs as number)
  const ruled = Giving.of(miles, 'purchase-v1', RETAIL_RULE_TEXT, dated)
  const bill = (more: object = {}) =>
    JSON.stringify({ invoice: '536365', part: 1, customer: '17850', timeMs, lines: [[10, 2500]], ...more })
  const text = bill()
  const given = ruled.give({ text, amount: 25 })
  const twoNames = Giving.of(miles, 'purchase-v1', RETAIL_RULE_TEXT, dated, 2)
  const { matures, expires } = lotOf(timeMs)
  const again = given.give({ text, amount: 25, isBob: true })
  const beyond = bill({ invoice: 'C536365', lines: [[2 ** 40, 2 ** 40]] })
  const spaced = text.replace(',"part"', ', "part"')
  const lone = text.replace('17850', '\\ud800')
  told(
    carrier,
    [
      ['more', 'A point more than a purchase earns.', ruled.give({ text, amount: 26 })],
      ['less', 'A point less than a purchase earns.', ruled.give({ text, amount: 24 })],
      ['twice', 'A purchase is rewarded twice, to two members.', again],
      ['in-parts', 'What was given again is more than was taken back.', given.takeBack(10).give({ text, amount: 11 })],
      [
        'under-two-names',
        'A purchase is rewarded once under each of two names of one rule.',
        twoNames.give({ text, amount: 25 }, { text, amount: 25, under: 1 }),
      ],
      [
        'matures-early',
        'Points of a purchase mature an hour too early.',
        ruled.give({ text, amount: 25, dates: { matures: matures - 4, expires } }),
      ],
      [
        'expires-early',
        'Points of a purchase expire an hour too early.',
        ruled.give({ text, amount: 25, dates: { matures, expires: expires - 4 } }),
      ],
      [
        'of-a-cancellation',
        'A cancelled invoice is rewarded.',
        ruled.give({ text: bill({ invoice: 'C536365' }), amount: 25 }),
      ],
      [
        'of-nothing',
        'An invoice of less than a pound is rewarded.',
        ruled.give({ text: bill({ lines: [[1, 999]] }), amount: 1 }),
      ],
      [
        'of-what-came-back',
        'An invoice on which more came back than was bought is rewarded.',
        ruled.give({
          text: bill({
            lines: [
              [1, 999],
              [-1, 1000],
            ],
          }),
          amount: 1,
        }),
      ],
    ],
    [
      [
        'of-each-line',
        'Points are the whole pounds of all lines.',
        ruled.give({
          text: bill({
            lines: [
              [1, 999],
              [1, 1],
            ],
          }),
          amount: 1,
        }),
      ],
      ['in-vain', 'What is taken back in its own batch was not given.', ruled.inVain({ text, amount: 24 }), 1],
      ['in-order', 'A purchase is rewarded once.', given],
      [
        'of-the-part',
        'The second part of an invoice is another event.',
        given.give({ text: bill({ part: 2 }), amount: 25 }),
      ],
      [
        'corrected',
        'To the wrong member, taken back, and to the right one.',
        given.takeBack(25).give({ text, amount: 25, isBob: true }),
      ],
      [
        'corrected-in-part',
        'What was taken back is given again, and no more.',
        given.takeBack(10).give({ text, amount: 10 }),
      ],
      ['less-later', 'The second for an event may be of less.', given.takeBack(25).give({ text, amount: 5 })],
      [
        'half-shown',
        'A purchase is rewarded twice, and the details of one of the two are shown.',
        again,
        0,
        again.details.slice(1),
      ],
      [
        'of-other-details',
        'A purchase is rewarded twice, and the details shown are none of it.',
        again,
        0,
        [{ salt: again.details[0]!.salt, text: bill({ part: 3 }) }],
      ],
      ['first-of-two', 'A purchase is rewarded twice: the first of the two is right.', again, 2],
      [
        'of-another-rule',
        'Under a rule that nobody here knows.',
        Giving.of(miles, 'purchase-v1', `${RETAIL_RULE_TEXT} `, dated).give({ text, amount: 99 }),
      ],
      [
        'with-a-space',
        'Details that are written with a space are of no use to the rule.',
        ruled.give({ text: spaced, amount: 99 }),
      ],
      ['of-half-a-letter', 'So are those with half a letter of UTF-16.', ruled.give({ text: lone, amount: 99 })],
      [
        'beyond-2-53',
        'So are those of a sum that is not exact, cancelled or not.',
        ruled.give({ text: beyond, amount: 99, dates: {} }),
      ],
    ],
  )
}

function behaviours(carrier: Carrier, miles: Miles): void {
  const ruled = Giving.of(miles, 'behaviour-v1', TAOBAO_RULE_TEXT)
  // The last second of a day of the rule: of 16:00 UTC.
  const end = 1_511_625_599
  const view = (i: number, seconds = end): Given => ({ text: `7,${i},1,pv,${seconds},0`, amount: 1 })
  const day = ruled.give(...Array.from({ length: 40 }, (_, i) => view(i)))
  told(
    carrier,
    [
      ['view-too-many', 'The forty-first view of a member and a day.', day.give(view(40))],
      [
        'view-too-many-by-midnight',
        'A view of the first second of that day counts with those of the last.',
        day.give(view(40, end - 86_399)),
      ],
      [
        'view-again',
        'What was taken back makes room for one, and not for two.',
        day.takeBack(1).give(view(40), view(41)),
      ],
      ['buy-twice', 'A purchase of 50 points earns 100.', ruled.give({ text: `7,1,1,buy,${end},0`, amount: 100 })],
      ['cart-less', 'What stands under no cap is of less.', ruled.give({ text: `7,1,1,cart,${end},0`, amount: 4 })],
    ],
    [
      ['views-of-a-day', 'Forty views of a member and a day.', day],
      ['view-of-the-next-day', 'A view of a second later is of the next day.', day.give(view(40, end + 1))],
      ['view-of-another', 'Each member has a day of her own.', day.give({ ...view(40), isBob: true })],
      ['view-for-one-taken-back', 'What was taken back makes room.', day.takeBack(1).give(view(40))],
      [
        'buy-beside-the-cap',
        'A purchase does not count with views.',
        day.give({ text: `7,1,1,buy,${end},0`, amount: 50 }),
      ],
      [
        'buy-repeated',
        'A line that stands in the file twice is two events.',
        ruled.give({ text: `7,1,1,buy,${end},0`, amount: 50 }, { text: `7,1,1,buy,${end},1`, amount: 50 }),
      ],
      [
        'of-no-behaviour',
        'A line of no behaviour that the rule has is of no use to it.',
        ruled.give({ text: `7,1,1,like,${end},0`, amount: 99 }),
      ],
    ],
  )
}
