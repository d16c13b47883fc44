import { concatBytes, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import type { CborValue } from '../../../src/core/cbor.ts'
import { encodeCbor } from '../../../src/core/cbor-writer.ts'
import { decodeBatch, type Signature } from '../../../src/core/entry/batch.ts'
import { INSUFFICIENT, OUTCOMES } from '../../../src/core/entry/outcome.ts'
import { decodeSeal } from '../../../src/core/entry/seal.ts'
import { encodeSubmission } from '../../../src/core/entry/submission.ts'
import { KINDS } from '../../../src/core/entry/transaction.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, hash, KEYS, R, type Shop } from './shop.ts'

/** Bytes that are nearly of their form: entries, submissions, bundles, paths of tiles, cards. */
export function byteLies(corpus: Corpus, shop: Shop): void {
  transactionLies(corpus, shop)
  batchLies(corpus, shop)
  sealLies(corpus, shop)
  tileLies(corpus, shop)
  cardLies(corpus, shop)
}

const entry = (type: number, fields: CborValue) => concatBytes(Uint8Array.of(type), encodeCbor(fields))

function transactionLies(corpus: Corpus, { books, issuedAt, spentAt }: Shop): void {
  const told = (bytes: Uint8Array) => ({ verifier: 'transaction', shown: shownBytes(bytes) })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array) =>
    corpus.lie(`transaction/${name}`, code, says, told(bytes))
  const id = books.idAt(issuedAt)
  const details = hash('details')
  const redeem = (...change: [number, CborValue][]) => {
    const fields: CborValue[] = [8, id, A.alice, A.treasury, 120, null, null]
    for (const [at, value] of change) fields[at] = value
    return entry(2, fields)
  }
  const genesis = (change: {
    origin?: string
    roots?: CborValue
    need?: number
    skew?: number
    beat?: number
    promise?: number
  }) => {
    const { origin, roots, need, skew, beat, promise } = {
      origin: 'ledger.example',
      roots: [KEYS.alice.publicKey],
      need: 1,
      skew: 60_000,
      beat: 60_000,
      promise: 60_000,
      ...change,
    }
    return entry(2, [0, id, origin, KEYS.alice.publicKey, roots, need, skew, beat, promise])
  }
  const unit = (
    change: Partial<Record<'window' | 'holdMax' | 'offset' | 'grain' | 'takeover' | 'custody', number>> & {
      name?: string
      take?: CborValue
      collect?: CborValue
    },
  ) => {
    const { name, window, holdMax, offset, grain, take, collect, takeover, custody } = {
      name: 'stars',
      window: 0,
      holdMax: 5,
      offset: 88,
      grain: 96,
      take: [10, 15, 60, 200, 1],
      collect: 0,
      takeover: 604_800_000,
      custody: 15,
      ...change,
    }
    return entry(2, [
      3,
      id,
      name,
      5,
      1,
      0,
      0,
      0,
      custody,
      window,
      holdMax,
      offset,
      grain,
      take,
      collect,
      takeover,
      0,
      0,
      0,
    ])
  }
  corpus.truth('transaction/honest-genesis', 'A genesis.', told(genesis({})))
  corpus.truth('transaction/honest-unit', 'A unit.', told(unit({})))
  const issue = (matures: number, expires: number) =>
    entry(2, [7, id, A.budget, A.alice, 100, matures, expires, 0, null, null])
  corpus.truth('transaction/honest', 'A purchase.', told(redeem()))
  corpus.truth(
    'transaction/honest-largest',
    'The largest amount that there is.',
    told(redeem([4, Number.MAX_SAFE_INTEGER])),
  )
  corpus.truth('transaction/honest-details', 'An issue of the shop, with details.', told(books.entries[issuedAt]!))
  const whole = redeem()
  const hex = toHex(whole)
  const patched = (what: string, by: string) => Uint8Array.from(Buffer.from(hex.replace(what, by), 'hex'))
  lie('amount-zero', 'transaction', 'An amount of nothing.', redeem([4, 0]))
  lie('amount-beyond-exact', 'cbor', 'An amount that doubles round: 2^53.', patched('1878', '1b0020000000000000'))
  lie('amount-negative', 'cbor', 'A negative amount.', patched('1878', '3877'))
  lie('amount-float', 'cbor', 'An amount as a float.', patched('1878', 'f95780'))
  lie('amount-bignum', 'cbor', 'An amount as a big number, behind a tag.', patched('1878', 'c24178'))
  lie('amount-text', 'cbor', 'An amount as text.', patched('1878', '63313230'))
  lie(
    'amount-longer-head',
    'cbor',
    'An amount in a longer head than it needs: the same number in other bytes.',
    patched('1878', '190078'),
  )
  lie('boolean', 'cbor', 'true in place of a number.', patched('1878', 'f5'))
  lie('undefined', 'cbor', 'undefined in place of null.', Uint8Array.of(...whole.slice(0, -1), 0xf7))
  lie('map', 'cbor', 'A map.', Uint8Array.of(2, 0xa0))
  lie('tag', 'cbor', 'A tag before the array.', Uint8Array.of(2, 0xd9, 0xd9, 0xf7, ...whole.slice(1)))
  lie('indefinite', 'cbor', 'An array of indefinite length.', Uint8Array.of(2, 0x9f, ...whole.slice(2), 0xff))
  lie('field-missing', 'transaction', 'A field too few.', entry(2, [8, id, A.alice, A.treasury, 120, null]))
  lie(
    'field-more',
    'transaction',
    'A field more than the kind has: nothing is stepped over.',
    entry(2, [8, id, A.alice, A.treasury, 120, null, null, 0]),
  )
  lie('kind-unknown', 'cbor', 'A kind that there is not.', entry(2, [KINDS.length, id, A.alice]))
  lie('trailing-byte', 'cbor', 'A byte behind the end.', Uint8Array.of(...whole, 0))
  lie('cut', 'cbor', 'The last byte is missing.', whole.slice(0, -1))
  lie('empty', 'entry-type', 'Nothing.', new Uint8Array(0))
  lie('another-entry', 'entry-type', 'A batch passed off as a transaction.', books.entries[spentAt]!)
  lie(
    'too-large',
    'transaction-size',
    'A transaction of 25,000 bytes.',
    entry(2, [8, id, A.alice, A.treasury, 120, new Uint8Array(25_000), null]),
  )
  lie('id-of-version-4', 'transaction', 'A UUID of version 4, which has no time.', redeem([1, id.with(6, 0x40)]))
  lie('id-of-another-variant', 'transaction', 'A UUID of another variant.', redeem([1, id.with(8, 0xc0)]))
  lie('id-short', 'cbor', 'An id of 15 bytes.', redeem([1, id.slice(0, 15)]))
  lie('account-beyond', 'cbor', 'An account number of 33 bits.', redeem([2, 2 ** 32]))
  lie('details-short', 'cbor', 'A commitment of 31 bytes.', redeem([5, details.slice(1)]))
  corpus.truth(
    'transaction/honest-cites',
    'A purchase with details that cites an entry.',
    told(redeem([5, details], [6, id])),
  )
  corpus.truth(
    'transaction/honest-unit-without-takes',
    'A unit of whose lots nobody takes.',
    told(unit({ take: null, collect: null })),
  )
  lie('take-of-four', 'transaction', 'A policy of takes without a word on consents.', unit({ take: [10, 15, 60, 200] }))
  lie('take-of-all-and-more', 'cbor', 'Takes of more than all of a lot.', unit({ take: [101, 15, 60, 200, 1] }))
  lie('take-of-no-points', 'transaction', 'Takes of at most no points.', unit({ take: [10, 0, 60, 200, 1] }))
  const taken = (matures: number, expires: number) =>
    entry(2, [31, id, A.alice, A.bob, 5, matures, expires, null, null])
  corpus.truth('transaction/honest-take', 'Points taken of a lot.', told(taken(0, 500_100)))
  corpus.truth(
    'transaction/honest-collect',
    'A lot that is collected.',
    told(entry(2, [32, id, A.alice, 500_000, 500_100])),
  )
  lie('take-of-no-lot', 'transaction', 'Points without dates taken, which stand in no lot.', taken(0, 0))
  lie('collect-of-no-lot', 'transaction', 'Points without dates collected.', entry(2, [32, id, A.alice, 0, 0]))
  lie('cites-short', 'cbor', 'An id of 15 bytes that is cited.', redeem([6, id.slice(1)]))
  lie('cites-number', 'cbor', 'A log index that is cited.', redeem([6, 120]))
  lie(
    'cites-before-details',
    'cbor',
    'What is cited where the details are, and those where it is.',
    redeem([5, id], [6, details]),
  )
  lie(
    'expires-before-it-matures',
    'transaction',
    'Points that expire before they can be spent.',
    issue(500_100, 500_000),
  )
  lie('expires-as-it-matures', 'transaction', 'Points that expire as they mature.', issue(500_100, 500_100))
  const open = (
    kind: number,
    owner: CborValue,
    custodian: CborValue,
    recovery: CborValue,
    sponsor: CborValue = null,
    ref: CborValue = null,
  ) => entry(2, [5, id, kind, R.coins, books.leafOf(R.coins), owner, custodian, recovery, sponsor, ref, hash('nonce')])
  const key = KEYS.alice.publicKey
  corpus.truth(
    'transaction/honest-opening',
    'A member’s account with an owner and recovery keys.',
    told(open(3, key, null, [[KEYS.issuer.publicKey, KEYS.bob.publicKey], 2, 5])),
  )
  lie(
    'member-of-nobody',
    'transaction',
    'A member’s account without owner and custodian, whose points nobody could spend.',
    open(3, null, null, null),
  )
  lie('budget-with-an-owner', 'transaction', 'A budget with an owner key.', open(2, key, null, null))
  const ref = hash('ref').subarray(0, 16)
  corpus.truth(
    'transaction/honest-reference',
    'A member’s account under a reference of a shop.',
    told(open(3, key, null, null, A.merchant, ref)),
  )
  lie('reference-short', 'cbor', 'A reference of 15 bytes.', open(3, key, null, null, null, ref.slice(1)))
  lie('reference-long', 'cbor', 'A reference of 32 bytes.', open(3, key, null, null, null, hash('ref')))
  lie('reference-of-a-budget', 'transaction', 'A budget under a reference.', open(2, null, null, null, null, ref))
  lie('sponsor-of-a-shop', 'transaction', 'A shop with a sponsor.', open(4, null, null, null, A.merchant))
  lie('account-of-no-kind', 'transaction', 'An account of a kind that there is not.', open(6, key, null, null))
  const other = KEYS.bob.publicKey
  lie('recovery-by-nobody', 'transaction', 'Recovery that takes no key.', open(3, key, null, [[other], 0, 5]))
  lie('recovery-by-the-owner', 'transaction', 'A recovery key that is the owner’s.', open(3, key, null, [[key], 1, 5]))
  lie(
    'custody-recovery-by-the-owner',
    'transaction',
    'Terms that the key to come is one of.',
    entry(2, [22, id, A.alice, key, null, [[other, key], 1, 5]]),
  )
  lie(
    'recovery-of-a-shop',
    'transaction',
    'A merchant account with recovery keys.',
    open(4, null, null, [[other], 1, 5]),
  )
  const rule = (...budgets: number[]) => entry(2, [4, id, 'a-rule', details, budgets])
  corpus.truth('transaction/honest-rule', 'A rule that two budgets may name.', told(rule(A.budget, A.milesBudget)))
  corpus.truth(
    'transaction/honest-rule-of-many',
    'A rule that as many budgets may name as there can be.',
    told(rule(...Array.from({ length: 64 }, (_, budget) => budget))),
  )
  lie('rule-of-no-budget', 'transaction', 'A rule that no budget may name.', rule())
  lie('rule-of-a-budget-twice', 'transaction', 'A rule that names a budget twice.', rule(A.budget, A.budget))
  lie(
    'rule-of-65',
    'transaction',
    'A rule that more budgets may name than there can be.',
    rule(...Array.from({ length: 65 }, (_, budget) => budget)),
  )
  lie('rule-without-budgets', 'transaction', 'A rule that says of no budget.', entry(2, [4, id, 'a-rule', details]))
  corpus.truth(
    'transaction/honest-series-of-a-shop',
    'A series with a sponsor.',
    told(open(6, null, null, null, A.merchant)),
  )
  lie(
    'recovery-by-more-than-there-are',
    'cbor',
    'Recovery that takes two keys of one.',
    open(3, key, null, [[other], 2, 5]),
  )
  const five = [
    KEYS.treasurer.publicKey,
    ...[KEYS.bob, KEYS.issuer, KEYS.merchant, KEYS.stranger].map(({ publicKey }) => publicKey),
  ]
  lie('recovery-of-five', 'transaction', 'Five recovery keys.', open(3, key, null, [five, 1, 5]))
  lie(
    'recovery-by-one-as-two',
    'transaction',
    'One recovery key as two of two.',
    open(3, key, null, [[other, other], 2, 5]),
  )
  lie(
    'custodian-without-a-leaf',
    'cbor',
    'A custodian by its number alone: the key behind it could be another.',
    open(3, key, R.issuer, null),
  )
  lie(
    'terms-left-out',
    'transaction',
    'An opening that does not say by which terms.',
    entry(2, [5, id, 3, R.coins, key, null, null, null, null, hash('nonce')]),
  )
  for (const [name, says, bad] of [
    [
      'of-order-8',
      'a point of small order, for which anyone signs',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ],
    ['of-order-1', 'the identity, for which anyone signs', `01${'0'.repeat(62)}`],
    ['not-canonical', 'a y coordinate beyond 2^255 − 19', `ee${'f'.repeat(60)}7f`],
    ['spelt-otherwise', 'a point of the curve as y = p + 3, which is spelt 3', `f0${'f'.repeat(60)}7f`],
    ['no-point', 'no point of the curve', `02${'0'.repeat(62)}`],
  ] as const) {
    const bytes = Uint8Array.from(Buffer.from(bad, 'hex'))
    lie(`owner-${name}`, 'transaction', `An owner key that is ${says}.`, open(3, bytes, null, null))
    lie(`recovery-${name}`, 'transaction', `A recovery key that is ${says}.`, open(3, key, null, [[bytes], 1, 5]))
    lie(`key-${name}`, 'transaction', `A registered key that is ${says}.`, entry(2, [1, id, bytes, 0, [], 0, 0, null]))
    lie(
      `custody-${name}`,
      'transaction',
      `An owner key to come that is ${says}.`,
      entry(2, [22, id, A.alice, bytes, null, null]),
    )
    lie(`recover-${name}`, 'transaction', `A recovered key that is ${says}.`, entry(2, [23, id, A.alice, bytes]))
    lie(`root-${name}`, 'transaction', `A root key that is ${says}.`, genesis({ roots: [bytes] }))
  }
  lie(
    'custody-of-nobody',
    'transaction',
    'An account that would be in nobody’s hands.',
    entry(2, [22, id, A.alice, null, null, null]),
  )
  const register = (role: number, scope: CborValue, backdate = 0, succeeds: CborValue = null) =>
    entry(2, [1, id, key, role, scope, backdate, 0, succeeds])
  lie('merchant-of-the-past', 'transaction', 'A merchant who could date back.', register(4, [A.treasury], 1))
  lie('operator-of-the-past', 'transaction', 'An operator who could date back.', register(6, [], 1))
  lie('issuer-after-another', 'transaction', 'An issuer that succeeds another.', register(3, [A.budget], 0, R.issuer))
  lie('issuer-of-nothing', 'transaction', 'An issuer without a scope.', register(3, []))
  lie('registrar-with-a-scope', 'transaction', 'A registrar with a scope.', register(1, [A.budget]))
  lie('scope-not-increasing', 'transaction', 'A scope that names an account twice.', register(3, [A.budget, A.budget]))
  lie('role-unknown', 'transaction', 'A role that there is not.', register(9, []))
  lie('name-in-capitals', 'transaction', 'A unit called COINS beside coins.', unit({ name: 'COINS' }))
  lie(
    'name-not-utf-8',
    'utf8',
    'A name that is not UTF-8.',
    Uint8Array.from(
      Buffer.from(toHex(entry(2, [4, id, 'aaa', details, [A.budget]])).replace('63616161', '6361e961'), 'hex'),
    ),
  )
  lie(
    'origin-with-a-space',
    'transaction',
    'An origin with a space, which a note’s signature line could not name.',
    genesis({ origin: 'ledger example' }),
  )
  lie('roots-of-five', 'transaction', 'Five root keys.', genesis({ roots: five }))
  lie('root-as-two', 'transaction', 'One root key as two.', genesis({ roots: [key, key], need: 2 }))
  lie('root-more-than-there-are', 'transaction', 'Two root keys needed of one.', genesis({ need: 2 }))
  lie(
    'skew-of-a-day',
    'cbor',
    'A skew of a day, for which what was withheld could be taken.',
    genesis({ skew: 86_400_000 }),
  )
  lie('root-of-none', 'transaction', 'A ledger whose root needs no key.', genesis({ need: 0 }))
  lie('beat-of-a-second', 'transaction', 'A beat that no ledger keeps.', genesis({ beat: 1000 }))
  lie('beat-of-a-day', 'cbor', 'A beat in which nobody sees what was withheld.', genesis({ beat: 86_400_000 }))
  lie('skew-of-nothing', 'transaction', 'No skew at all.', genesis({ skew: 0 }))
  lie('promise-of-a-week', 'cbor', 'A promise that takes a week.', genesis({ promise: 7 * 86_400_000 }))
  lie('hold-beyond-the-window', 'transaction', 'Holds that could outlive the window.', unit({ window: 5, holdMax: 6 }))
  lie(
    'hold-beyond-a-year',
    'transaction',
    'Holds that could stand for more than a year.',
    unit({ holdMax: 31_536_000_001 }),
  )
  lie('grain-of-five', 'transaction', 'Dates that no day is a whole number of.', unit({ grain: 5 }))
  lie('offset-of-a-day', 'cbor', 'Days that begin more than 14 hours from UTC.', unit({ offset: 113 }))
  lie('takeover-at-once', 'transaction', 'A custodian replaced before anyone can see it.', unit({ takeover: 1000 }))
  lie('custody-of-more', 'cbor', 'A custodian who may do what there is not.', unit({ custody: 16 }))
  lie('budget-never-open', 'transaction', 'A budget that closes as it opens.', entry(2, [18, id, A.budget, 5, 5, 0, 0]))
  lie('strand-of-two', 'cbor', 'A key revoked twice as much.', entry(2, [2, id, R.issuer, 0, 2]))
  lie(
    'hold-without-end',
    'transaction',
    'A hold that would never end.',
    entry(2, [10, id, A.alice, A.merchant, 10, 0, null, null]),
  )
}

function batchLies(corpus: Corpus, { books, spentAt }: Shop): void {
  const batch = decodeBatch(books.entries[spentAt]!)
  const told = (bytes: Uint8Array) => ({ verifier: 'batch', shown: shownBytes(bytes) })
  const lie = (name: string, code: string, says: string, fields: CborValue) =>
    corpus.lie(`batch/${name}`, code, says, told(entry(1, fields)))
  const list = (signatures: readonly Signature[]): CborValue =>
    signatures.map(one => [one.class, one.number, one.ed25519])
  const made = (change: {
    version?: CborValue
    time?: number
    signatures?: CborValue
    groups?: CborValue
    count?: number
    root?: Uint8Array
    statuses?: Uint8Array
  }): CborValue => {
    const { version, time, signatures, groups, count, root, statuses } = {
      ...batch,
      groups: [],
      signatures: list(batch.signatures),
      ...change,
    }
    return [version, time, signatures as CborValue, groups, count, root, statuses]
  }
  const [one] = batch.signatures
  const signer = (signerClass: number, number: number): Signature => ({ ...one!, class: signerClass, number })
  corpus.truth('batch/honest', 'Alice’s batch of two purchases.', told(books.entries[spentAt]!))
  lie(
    'statuses-short',
    'batch',
    'A status less than there are transactions: a shorter list than the count.',
    made({ statuses: Uint8Array.of(INSUFFICIENT) }),
  )
  lie(
    'statuses-long',
    'cbor',
    'A status more than there are transactions.',
    made({ statuses: Uint8Array.of(0, INSUFFICIENT, 0) }),
  )
  lie(
    'statuses-spelt-out',
    'batch',
    'All are accepted, and it is said of each: the same batch in another form.',
    made({ statuses: Uint8Array.of(0, 0) }),
  )
  lie(
    'status-of-no-number',
    'batch',
    'A status that there is not.',
    made({ statuses: Uint8Array.of(0, OUTCOMES.length) }),
  )
  lie('version-last', 'batch-version', 'Fields of other rules, whose version comes first all the same.', [2])
  lie('version-of-text', 'cbor', 'A version that is no number.', made({ version: 'one' }))
  lie('nobody-signed', 'batch', 'No signatures: all of none of them verify.', made({ signatures: [] }))
  lie(
    'seventeen-signatures',
    'batch',
    'Seventeen signatures.',
    made({ signatures: list(Array.from({ length: 17 }, (_, i) => signer(1, i))) }),
  )
  lie(
    'signer-twice',
    'batch',
    'One signer twice, counted as two.',
    made({ signatures: list([signer(2, A.alice), signer(2, A.alice)]) }),
  )
  lie(
    'signers-out-of-order',
    'batch',
    'Signers out of order: the same batch in two forms.',
    made({ signatures: list([signer(1, A.alice), signer(0, R.issuer)]) }),
  )
  lie(
    'signer-of-no-class',
    'cbor',
    'A signer of a class that there is not.',
    made({ signatures: list([signer(6, A.alice)]) }),
  )
  lie(
    'signature-short',
    'cbor',
    'A signature of 63 bytes.',
    made({ signatures: list([{ ...one!, ed25519: one!.ed25519.slice(1) }]) }),
  )
  lie(
    'rules-of-tomorrow',
    'batch-version',
    'Rules that this verifier does not know: it must not guess.',
    made({ version: 2 }),
  )
  lie('rules-of-zero', 'batch-version', 'Rules that there never were.', made({ version: 0 }))
  lie('count-zero', 'batch', 'A batch of nothing.', made({ count: 0, statuses: new Uint8Array(0) }))
  lie(
    'count-beyond',
    'cbor',
    'More transactions than a batch may have.',
    made({ count: 8193, statuses: new Uint8Array(8193) }),
  )
  lie('root-short', 'cbor', 'A root of 31 bytes.', made({ root: batch.root.slice(1) }))
  lie('root-empty', 'cbor', 'No root.', made({ root: new Uint8Array(0) }))
  lie('time-beyond', 'cbor', 'A time of 49 bits.', made({ time: 2 ** 48 }))
  lie('field-more', 'batch', 'A field more.', [...(made({}) as CborValue[]), 0])
  lie(
    'signature-of-four-fields',
    'batch',
    'A signature with a field more.',
    made({ signatures: [[1, A.alice, one!.ed25519, 0]] }),
  )
  corpus.lie('batch/another-entry', 'entry-type', 'A seal passed off as a batch.', told(books.close().sealEntry))
  const transactions = books.entries.slice(spentAt + 1, spentAt + 3)
  const sent = (signatures: readonly Signature[], of: readonly Uint8Array[]) =>
    shownBytes(encodeSubmission(signatures, of))
  const submission = (name: string, code: string, says: string, shown: { bytes: string }) =>
    corpus.lie(`submission/${name}`, code, says, { verifier: 'submission', shown })
  corpus.truth('submission/honest', 'Two purchases as they are sent in.', {
    verifier: 'submission',
    shown: sent(batch.signatures, transactions),
  })
  submission('nobody-signed', 'batch', 'No signatures.', sent([], transactions))
  submission('nothing', 'batch-count', 'No transactions.', sent(batch.signatures, []))
  submission('signer-twice', 'batch', 'One signer twice.', sent([one!, one!], transactions))
  submission(
    'a-seal',
    'entry-type',
    'A seal sent in as a transaction.',
    sent(batch.signatures, [books.close().sealEntry]),
  )
  submission(
    'half-a-transaction',
    'cbor',
    'A transaction that is cut off.',
    sent(batch.signatures, [transactions[0]!.slice(0, -1)]),
  )
  submission(
    'trailing-byte',
    'cbor',
    'A byte behind the end.',
    shownBytes(concatBytes(encodeSubmission(batch.signatures, transactions), Uint8Array.of(0))),
  )
  submission('field-more', 'submission', 'A field more.', shownBytes(encodeCbor([[], [], [], 0])))
}

function sealLies(corpus: Corpus, { books }: Shop): void {
  const { sealEntry } = books.close()
  const { version, epoch, time, accounts, stateRoot, records, registryRoot, totalsRoot } = decodeSeal(sealEntry)
  const fields: CborValue[] = [version, epoch, time, accounts, stateRoot, records, registryRoot, totalsRoot]
  const told = (bytes: Uint8Array) => ({ verifier: 'seal', shown: shownBytes(bytes) })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array) =>
    corpus.lie(`seal/${name}`, code, says, told(bytes))
  corpus.truth('seal/honest', 'The shop’s last seal.', told(sealEntry))
  lie('without-totals', 'seal', 'A seal that commits to no totals.', entry(3, fields.slice(0, 7)))
  lie('field-more', 'seal', 'A field more.', entry(3, [...fields, 0]))
  lie('state-root-null', 'cbor', 'null in place of the state root.', entry(3, fields.with(4, null)))
  lie('state-root-empty', 'cbor', 'A state root of no bytes.', entry(3, fields.with(4, new Uint8Array(0))))
  lie('state-root-long', 'cbor', 'A state root of 64 bytes.', entry(3, fields.with(4, new Uint8Array(64))))
  lie('too-many-accounts', 'cbor', 'More accounts than a state root can be of.', entry(3, fields.with(3, 2 ** 32 + 1)))
  lie('too-many-records', 'cbor', 'More records than a registry can have.', entry(3, fields.with(5, 2 ** 20 + 1)))
  lie('time-beyond', 'cbor', 'A time of 49 bits.', entry(3, fields.with(2, 2 ** 48)))
  lie('rules-of-tomorrow', 'seal-version', 'A seal of rules that this verifier does not know.', entry(3, [2, epoch]))
  lie('another-entry', 'entry-type', 'A batch passed off as a seal.', books.entries[0]!)
  lie('trailing-byte', 'cbor', 'A byte behind the end.', concatBytes(sealEntry, Uint8Array.of(0)))
}

function tileLies(corpus: Corpus, { entries }: Shop): void {
  const bundle = encodeEntryBundle(entries.slice(0, 4))
  const told = (bytes: Uint8Array, count = 4) => ({ verifier: 'bundle', trust: { count }, shown: shownBytes(bytes) })
  const lie = (name: string, says: string, bytes: Uint8Array, count = 4) =>
    corpus.lie(`tile/bundle-${name}`, 'entry-bundle', says, told(bytes, count))
  corpus.truth('tile/honest-bundle', 'Four entries.', { ...told(bundle), facts: { entries: 4 } })
  lie('short', 'Three entries where four were asked for: a shorter list.', encodeEntryBundle(entries.slice(0, 3)))
  lie('long', 'Five entries where four were asked for.', encodeEntryBundle(entries.slice(0, 5)))
  lie('cut', 'The last entry is cut off.', bundle.slice(0, -1))
  lie('half-a-length', 'Half a length at the end.', concatBytes(bundle, Uint8Array.of(0)))
  lie('empty-entry', 'An entry of no bytes.', concatBytes(encodeEntryBundle(entries.slice(0, 3)), Uint8Array.of(0, 0)))
  lie('empty', 'No entries.', new Uint8Array(0))
  lie('257', '257 entries.', encodeEntryBundle(Array.from({ length: 257 }, () => Uint8Array.of(1))), 257)
  const path = (text: string) => ({ verifier: 'tile-path', shown: { text } })
  corpus.truth('tile/honest-path', 'A tile.', path('tile/0/x001/x234/067'))
  corpus.truth('tile/honest-partial', 'A partial one.', path('tile/entries/273.p/112'))
  const spelt: readonly [string, string][] = [
    ['one-digit', 'tile/0/0'],
    ['four-digits', 'tile/0/0000'],
    ['leading-group', 'tile/0/x000/001'],
    ['level-00', 'tile/00/000'],
    ['level-6', 'tile/6/000'],
    ['level-negative', 'tile/-1/000'],
    ['width-0', 'tile/0/000.p/0'],
    ['width-256', 'tile/0/000.p/256'],
    ['width-01', 'tile/0/000.p/01'],
    ['no-width', 'tile/0/000.p'],
    ['no-x', 'tile/0/001/000'],
    ['x-at-the-end', 'tile/0/x001'],
    ['level-data', 'tile/data/000'],
    ['slash-before', '/tile/0/000'],
    ['slash-behind', 'tile/0/000/'],
    ['two-dots', 'tile/0/../000'],
    ['percent', 'tile/0/%30%30%30'],
    ['newline', 'tile/0/000\n'],
    ['empty', ''],
  ]
  for (const [name, text] of spelt)
    corpus.lie(`tile/path-${name}`, 'tile-path', 'A tile under another name than its one.', path(text))
}

function cardLies(corpus: Corpus, { cards }: Shop): void {
  const honest = cards[A.alice]!
  const told = (text: string) => ({ verifier: 'card', shown: { text } })
  const fields = JSON.parse(honest) as Record<string, unknown>
  const edit = (change: object) => JSON.stringify({ ...fields, ...change })
  corpus.truth('card/honest', 'Alice’s card.', told(honest))
  const { opening, ...less } = fields
  for (const [name, code, says, text] of [
    ['no-opening', 'card', 'A card without the opening: it would fit anyone who has the number.', JSON.stringify(less)],
    ['field-more', 'card', 'A card that says more than a card says.', edit({ balance: 1000 })],
    ['another-format', 'card', 'A card of another format.', edit({ format: 'tallystick/card/v2' })],
    ['origin-number', 'card', 'A number in place of the origin.', edit({ origin: 7 })],
    ['account-text', 'card', 'The account as text.', edit({ account: '7' })],
    ['account-negative', 'card', 'A negative account.', edit({ account: -7 })],
    ['account-and-a-half', 'card', 'An account that is no whole number.', edit({ account: 7.5 })],
    ['account-beyond', 'card', 'An account of 33 bits.', edit({ account: 2 ** 32 })],
    [
      'ledger-in-capitals',
      'hex',
      'Hex in capitals: another spelling.',
      edit({ ledger: String(fields['ledger']).toUpperCase() }),
    ],
    ['ledger-short', 'hex', 'A ledger id of 31 bytes.', edit({ ledger: String(fields['ledger']).slice(2) })],
    ['opening-odd', 'hex', 'Half a byte too much.', edit({ opening: `${opening as string}0` })],
    ['opening-0x', 'hex', 'Hex with 0x before it.', edit({ opening: `0x${(opening as string).slice(2)}` })],
    ['list', 'card', 'A list of cards.', `[${honest}]`],
    ['null', 'card', 'null.', 'null'],
    ['no-json', 'card', 'A card that is no JSON.', `${honest}}`],
    ['byte-order-mark', 'card', 'A byte order mark before it.', `\uFEFF${honest}`],
  ] as const)
    corpus.lie(`card/${name}`, code, says, told(text))
  corpus.lie('card/latin-1', 'card', 'A card that is not UTF-8.', {
    verifier: 'card',
    shown: shownBytes(concatBytes(utf8Encode('{"format":"'), Uint8Array.of(0xe9))),
  })
}
