import type { CborValue } from '../../../src/core/cbor.ts'
import { encodeEntry } from '../../../src/core/cbor-writer.ts'
import { ENTRY_TRANSACTION } from '../../../src/core/entry/entry-type.ts'
import { KINDS, type Kind } from '../../../src/core/entry/transaction.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { hash, KEYS, type Shop } from './shop.ts'

/** The greatest whole number that every language has. */
const EXACT = Number.MAX_SAFE_INTEGER

/** A number as a transaction may have it: the least, and the greatest. */
type Bounds = readonly [least: number, greatest: number]
/** A field: its bounds, or what stands there whatever the others are. */
type Field = readonly [name: string, value: Bounds | CborValue, isNumber?: boolean]

const account = (name: string): Field => [name, [0, 2 ** 32 - 1], true]
const record = (name: string): Field => [name, [0, 2 ** 20 - 1], true]
const amount = (name: string): Field => [name, [1, EXACT], true]
const count = (name: string): Field => [name, [0, EXACT], true]
const quarter = (name: string): Field => [name, [0, 2 ** 32 - 1], true]
const time = (name: string): Field => [name, [0, 2 ** 48 - 1], true]
const within = (name: string, least: number, greatest: number): Field => [name, [least, greatest], true]
const fixed = (value: CborValue): Field => ['', value]

const KEY = KEYS.alice.publicKey
const TAIL = [fixed(null), fixed(null)]
const MOVEMENT = [account('debit'), account('credit'), amount('amount')]
/** Dates that no bound of theirs depends on. */
const DATES = [within('matures', 0, 2 ** 32 - 2), within('expires', 2 ** 32 - 1, 2 ** 32 - 1)]
const CAPS = ['day', 'week', 'month', 'total']
const YEAR_MS = 31_536_000_000
/** Fields that another one bounds. */
const RELATED: ReadonlySet<string> = new Set(['matures', 'from', 'size', 'need', 'to'])

/** The numbers of each kind of transaction (SPEC §5), each with its bounds where the others have theirs. */
function formsOf(id: Uint8Array, thirtyTwo: Uint8Array): Partial<Readonly<Record<Kind, readonly Field[]>>> {
  const digest = fixed(thirtyTwo)
  return {
    genesis: [
      ...[fixed('ledger.example'), fixed(KEY), fixed([KEY, KEYS.bob.publicKey]), within('need', 1, 2)],
      ...[within('skew', 1000, 3_600_000), within('beat', 60_000, 3_600_000), within('promise', 1000, 86_400_000)],
    ],
    'register-key': [fixed(KEY), fixed(3), fixed([0, 2 ** 32 - 1]), time('backdate'), count('rate'), fixed(null)],
    revoke: [record('record'), within('reason', 0, 255), within('strand', 0, 1)],
    'define-unit': [
      ...[fixed('stars'), amount('cap'), amount('step'), count('gift-each'), count('gift-day'), count('debt-max')],
      ...[within('custody', 0, 15), time('window'), fixed(1), within('offset', 0, 112), fixed(96)],
      ...[
        fixed(null),
        quarter('collect'),
        within('takeover', 604_800_000, 2 ** 48 - 1),
        count('balance-max'),
        time('notice'),
        count('member-rate'),
      ],
    ],
    'open-account': [
      fixed(3),
      record('unit'),
      digest,
      fixed(KEY),
      fixed(null),
      fixed(null),
      account('sponsor'),
      fixed(null),
      digest,
    ],
    fund: [...MOVEMENT, ...TAIL],
    settle: [...MOVEMENT, fixed(id), ...TAIL],
    'ask-settle': [account('account'), amount('amount'), ...TAIL],
    issue: [...MOVEMENT, ...DATES, record('rule'), ...TAIL],
    redeem: [...MOVEMENT, ...TAIL],
    expire: [...MOVEMENT, ...TAIL],
    hold: [...MOVEMENT, within('until', 1, 2 ** 48 - 1), ...TAIL],
    capture: [...MOVEMENT, fixed(id), ...TAIL],
    release: [account('account'), fixed(id)],
    reverse: [...MOVEMENT, fixed(id), ...TAIL],
    transfer: [...MOVEMENT, ...DATES, ...TAIL],
    'publish-rate': [fixed('rate'), record('unit'), account('budget'), amount('give'), amount('get'), quarter('life')],
    convert: [
      ...[...MOVEMENT, record('rate'), account('budget'), account('account'), amount('gained'), quarter('expires')],
      ...TAIL,
    ],
    'set-budget': [
      ...[account('account'), within('from', 0, 2 ** 48 - 2), within('until', 2 ** 48 - 1, 2 ** 48 - 1)],
      ...[...CAPS.map(of => count(`member-${of}`)), ...CAPS.map(count), fixed([0, 2 ** 32 - 1])],
    ],
    freeze: [account('account'), within('reason', 0, 255)],
    unfreeze: [account('account')],
    close: [account('account')],
    'set-custody': [account('account'), fixed(KEY), fixed(null), fixed(null)],
    recover: [account('account'), fixed(KEY)],
    veto: [account('account')],
    'finish-recovery': [account('account')],
    grant: [account('account'), record('to'), time('until'), digest, within('may', 0, 0)],
    withdraw: [account('account'), fixed(id)],
    disclose: [account('account'), fixed(id), digest],
    erase: [account('account'), digest],
    'continue-log': [
      ...[fixed('next.example'), fixed(KEY), within('size', 0, EXACT - 1), digest],
      within('seen', EXACT, EXACT),
    ],
    take: [...MOVEMENT, ...DATES, ...TAIL],
    collect: [account('account'), within('matures', 1, 2 ** 32 - 2), within('expires', 2 ** 32 - 1, 2 ** 32 - 1)],
    reopen: [account('account')],
    merge: [account('debit'), account('credit'), fixed(7), fixed([[0, 0, 7]]), ...TAIL],
    reinstate: [...MOVEMENT, within('expires', 1, 2 ** 32 - 1), fixed(id), ...TAIL],
  }
}

/** Each number of each kind: at the least and the greatest that it may be, and one beyond. */
export function fieldLies(corpus: Corpus, { books, issuedAt }: Shop): void {
  const id = books.idAt(issuedAt)
  const told = (bytes: Uint8Array) => ({ verifier: 'transaction', shown: shownBytes(bytes) })
  const entry = (kind: Kind, fields: readonly CborValue[]) =>
    told(encodeEntry(ENTRY_TRANSACTION, [KINDS.indexOf(kind), id, ...fields] as CborValue[]))
  /** With 2^53 in the place of a field, which no writer of ours writes. */
  const beyondExact = (kind: Kind, fields: readonly CborValue[], i: number) => {
    const bytes = Buffer.from(entry(kind, fields.with(i, EXACT - 9)).shown.bytes, 'base64')
    const text = bytes.toString('hex').replace('1b001ffffffffffff6', '1b0020000000000000')
    return told(new Uint8Array(Buffer.from(text, 'hex')))
  }
  const forms = Object.entries(formsOf(id, hash('details'))) as [Kind, readonly Field[]][]
  for (const [kind, fields] of forms) {
    const numbers = (which: 0 | 1) =>
      fields.map(([, value, isNumber]) => (isNumber ? (value as Bounds)[which] : (value as CborValue)))
    if (!fields.some(([, , isNumber]) => isNumber)) continue
    corpus.truth(
      `transaction/honest-${kind}-least`,
      `A ${kind} with the least numbers that it may have.`,
      entry(kind, numbers(0)),
    )
    corpus.truth(
      `transaction/honest-${kind}-greatest`,
      `A ${kind} with the greatest numbers that it may have.`,
      entry(kind, numbers(1)),
    )
    fields.forEach(([name, value, isNumber], i) => {
      if (!isNumber) return
      const [least, greatest] = value as Bounds
      const says = `A ${kind} whose ${name} is too great.`
      const more = greatest === EXACT ? beyondExact(kind, numbers(1), i) : entry(kind, numbers(1).with(i, greatest + 1))
      const code = RELATED.has(name) ? 'transaction' : 'cbor'
      if (name !== 'may') corpus.lie(`transaction/${kind}-${name}-beyond`, code, says, more)
      if (least === 0 || least === greatest) return
      const less = entry(kind, numbers(0).with(i, least - 1))
      corpus.lie(`transaction/${kind}-${name}-below`, 'transaction', `A ${kind} whose ${name} is too small.`, less)
    })
  }
  bounded(corpus, entry)
}

/** What depends on another field, and texts. */
function bounded(corpus: Corpus, entry: (kind: Kind, fields: readonly CborValue[]) => object): void {
  const lie = (name: string, says: string, kind: Kind, fields: readonly CborValue[], code = 'transaction') =>
    corpus.lie(`transaction/${name}`, code, says, entry(kind, fields) as never)
  const truth = (name: string, says: string, kind: Kind, fields: readonly CborValue[]) =>
    corpus.truth(`transaction/honest-${name}`, says, entry(kind, fields) as never)
  const budget = (from: number, until: number, pools: CborValue = []) => {
    return [1, from, until, 0, 0, 0, 0, 0, 0, 0, 0, pools]
  }
  truth('budget-without-an-end', 'Terms of a budget that begin some time, and never end.', 'set-budget', budget(5, 0))
  truth('budget-of-a-millisecond', 'Terms of a budget for a millisecond.', 'set-budget', budget(5, 6))
  lie('budget-of-no-time', 'Terms of a budget that end as they begin.', 'set-budget', budget(5, 5))
  lie('budget-back-in-time', 'Terms of a budget that end before they begin.', 'set-budget', budget(6, 5))
  const ofPools = (pools: readonly number[]) => budget(0, 0, [...pools])
  truth('budget-of-four-pools', 'Terms of a budget that name four pools.', 'set-budget', ofPools([2, 3, 5, 8]))
  lie('budget-of-five-pools', 'Terms of a budget that name five pools.', 'set-budget', ofPools([2, 3, 5, 8, 13]))
  lie('budget-of-a-pool-twice', 'Terms of a budget that name a pool twice.', 'set-budget', ofPools([2, 2]))
  lie('budget-of-pools-out-of-order', 'Pools of a budget out of order.', 'set-budget', ofPools([3, 2]))
  lie('budget-pool-beyond', 'A pool whose account number is too great.', 'set-budget', ofPools([2 ** 32]), 'cbor')
  const unit = (window: number, holdMax: number): CborValue[] => {
    return ['stars', 5, 1, 0, 0, 0, 15, window, holdMax, 56, 4, null, null, 604_800_000, 0, 0, 0]
  }
  truth('hold-of-a-window', 'Holds as long as the window.', 'define-unit', unit(86_400_000, 86_400_000))
  truth('hold-of-a-year', 'Holds of a year in a unit without a window.', 'define-unit', unit(0, YEAR_MS))
  lie('hold-of-a-window-and-more', 'Holds longer than the window.', 'define-unit', unit(86_400_000, 86_400_001))
  lie('hold-of-a-year-and-more', 'Holds of more than a year.', 'define-unit', unit(0, YEAR_MS + 1))
  lie('hold-of-no-time', 'Holds of no time.', 'define-unit', unit(0, 0))
  const terms = hash('terms')
  truth('grant-to-the-last-account', 'A consent that lets the greatest account take.', 'grant', [
    1,
    2 ** 32 - 1,
    0,
    terms,
    1,
  ])
  lie('grant-to-no-record', 'A consent for a record that there cannot be.', 'grant', [1, 2 ** 20, 0, terms, 0])
  lie('grant-of-two', 'A consent of a kind that there is not.', 'grant', [1, 1, 0, terms, 2], 'cbor')
  const key = KEYS.alice.publicKey
  const goesOn = (origin: string, size = 5, seen: CborValue = null): CborValue[] => [origin, key, size, terms, seen]
  lie(
    'seen-as-much',
    'A log in which no more was seen than it goes on from.',
    'continue-log',
    goesOn('next.example', 5, 5),
  )
  lie('seen-less', 'A log in which less was seen than it goes on from.', 'continue-log', goesOn('next.example', 5, 4))
  truth('origin-of-255', 'An origin of 255 bytes.', 'continue-log', goesOn('o'.repeat(255)))
  for (const [name, says, origin] of [
    ['of-256', 'of 256 bytes', 'o'.repeat(256)],
    ['of-nothing', 'of no bytes', ''],
    ['with-a-plus', 'with a plus', 'next+example'],
    ['with-a-newline', 'with a newline', 'next\nexample'],
    ['with-a-wide-space', 'with a space that is not ASCII’s', 'next\u2003example'],
  ] as const)
    lie(`origin-${name}`, `An origin ${says}.`, 'continue-log', goesOn(origin), name === 'of-256' ? 'cbor' : undefined)
  const kinds = [1, 2, 4, 5]
  for (const kind of kinds) {
    const opened = (owner: CborValue, custodian: CborValue, recovery: CborValue): CborValue[] => {
      return [kind, 1, terms, owner, custodian, recovery, null, null, terms]
    }
    truth(`opening-of-kind-${kind}`, `An account of kind ${kind}.`, 'open-account', opened(null, null, null))
    lie(
      `opening-of-kind-${kind}-custodian`,
      `An account of kind ${kind} with a custodian.`,
      'open-account',
      opened(null, [1, terms], null),
    )
    lie(
      `opening-of-kind-${kind}-recovery`,
      `An account of kind ${kind} with recovery keys.`,
      'open-account',
      opened(null, null, [[key], 1, 5]),
    )
  }
}
