import { toBase64 } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { KIND_CONTINUE, kindOf } from '../../../src/core/entry/transaction.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { BUNDLE_ENTRIES, encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { type EvidenceFile, type Exhibits, evidenceJson } from '../../../src/verify/evidence/evidence-file.ts'
import { saltsMessage } from '../../../src/verify/promise.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed, type Closing, type LogKey } from './books.ts'
import type { Corpus } from './corpus.ts'
import { hourly, released, sealed } from './overdue-lies.ts'
import { A, by, hash, issue, KEYS, redeem, type Shop } from './shop.ts'

/** What is otherwise in a file that carries the log than where all of it fits. */
interface Carrying {
  /** How many entries it says that it carries; by default up to the end of the batch or seal at fault. */
  readonly size?: number
  /** The entries that it carries, where they are others. */
  readonly entries?: readonly Uint8Array[]
  readonly evidence?: Exhibits
  /** The policy of the reader, where it is another. */
  readonly policy?: string
  /** The lines behind the document. */
  readonly lines?: (lines: readonly string[]) => readonly string[]
}

/** Lines that carry entries, a bundle a line. */
export function bundleLines(entries: readonly Uint8Array[]): string[] {
  return Array.from({ length: Math.ceil(entries.length / BUNDLE_ENTRIES) }, (_, bundle) => {
    const some = entries.slice(bundle * BUNDLE_ENTRIES, (bundle + 1) * BUNDLE_ENTRIES)
    return JSON.stringify({ bundle, entries: toBase64(encodeEntryBundle(some)) })
  })
}

/** Evidence that carries the log, and is replayed: what takes the state of the whole log to see. */
export function carriedLies(corpus: Corpus, shop: Shop): void {
  const carrier = new Carrier(corpus, shop)
  replayedFaults(carrier, shop)
  tiedToTheLog(carrier, shop)
  saltedTotals(carrier, shop)
  formOfLines(carrier, shop)
}

/** Who writes evidence that carries the log. */
export class Carrier {
  readonly accuser: Accuser
  readonly #corpus: Corpus
  readonly #policy: string

  constructor(corpus: Corpus, shop: Shop) {
    this.accuser = new Accuser(corpus, shop)
    this.#corpus = corpus
    this.#policy = shop.policy
  }

  /** A file that carries a log up to an entry, and says what is wrong there. */
  text(closed: Closed, code: string, at: number, carrying: Carrying = {}): string {
    const { accuser } = this
    const { size = at + 1 + countAt(closed, at), evidence = {}, lines = list => list } = carrying
    const carried = carrying.entries ?? closed.entries.slice(0, size)
    const file: EvidenceFile = {
      origin: accuser.shop.log.key.name,
      ...{ code, message: 'words', needs: 'nothing' },
      evidence: {
        ...{ ...accuser.shown(closed, at), at },
        ...(size < closed.entries.length ? accuser.grown(closed.entries, size) : {}),
        log: { entries: size, bundles: Math.ceil(size / BUNDLE_ENTRIES) },
        ...evidence,
      },
    }
    return [JSON.stringify(evidenceJson(file)), ...lines(bundleLines(carried)), ''].join('\n')
  }

  truth(name: string, says: string, ...[closed, code, at, carrying]: Parameters<Carrier['text']>): void {
    const told = this.#told(this.text(closed, code, at, carrying), carrying?.policy)
    this.#corpus.truth(`evidence/honest-carried-${name}`, says, { ...told, facts: { code } })
  }

  lie(name: string, expected: string, says: string, ...[closed, code, at, carrying]: Parameters<Carrier['text']>) {
    this.#corpus.lie(
      `evidence/carried-${name}`,
      expected,
      says,
      this.#told(this.text(closed, code, at, carrying), carrying?.policy),
    )
  }

  #told(text: string, policy = this.#policy) {
    return { verifier: 'evidence', trust: { policy }, shown: { text } }
  }
}

/** How many transactions stand behind the batch at an index; none behind anything else. */
function countAt({ books, entries }: Closed, at: number): number {
  return entries[at]![0] === 1 && at < books.entries.length ? books.batchAt(at).count : 0
}

/** The same ledger, gone on in another log, and policies of that, and of both. */
function continued(
  { log }: Shop,
  before: Closed,
): { readonly closed: Closed; readonly policy: string; readonly both: string } {
  const { seed, publicKey } = keyNumber(81)
  const next = { ...log, key: verifierKey('next.example/points', ED25519_KEY, publicKey), seed }
  const size = before.entries.length
  const root = naiveRoot(before.entries)
  const draft = { kind: 'continue-log', origin: next.key.name, logKey: publicKey, size, root, seen: null } as const
  const end = new Books(log, before.entries).tell([by.root], [draft]).close()
  const closed = new Books(next, end.entries).tell([by.issuer], [issue(A.bob, 10)]).close()
  const line = ({ key }: LogKey) => `log ${formatVerifierKey(key)}\n`
  return { closed, policy: `${line(next)}quorum none\n`, both: `${line(log)}${line(next)}quorum none\n` }
}

/** One false log for each code that takes a replay, and the same log accused of what it did not do. */
function replayedFaults(carrier: Carrier, shop: Shop): void {
  const { books, spentAt } = shop
  const next = books.entries.length
  const goOn = (from: Books) => sealed(from).tell([by.issuer], [issue(A.bob, 10)])
  const overdrawn = goOn(books.tell([by.alice], [redeem(A.alice, 1000)])).close()
  carrier.truth(
    'batch-statuses',
    'An overdraft that was accepted, in a log that went on.',
    overdrawn,
    'batch-statuses',
    next,
  )
  carrier.lie(
    'another-index',
    'not-proven',
    'The same, said of the batch before.',
    overdrawn,
    'batch-statuses',
    next - 2,
  )
  carrier.lie(
    'another-index-of-all',
    'not-proven',
    'The same, with a log that has the fault.',
    overdrawn,
    'batch-statuses',
    next - 2,
    { size: next + 2 },
  )
  carrier.lie('another-code', 'not-proven', 'The same, called by another code.', overdrawn, 'batch-refused', next)
  carrier.lie(
    'before-the-fault',
    'not-proven',
    'The same, with a log that ends before it.',
    overdrawn,
    'batch-statuses',
    next,
    { size: next },
  )
  carrier.truth(
    'later-than-the-fault',
    'The same, with a log that goes on behind it.',
    overdrawn,
    'batch-statuses',
    next,
    {
      size: next + 3,
    },
  )

  const closing = (change: Closing) => goOn(books.with(list => [...list, books.close(change).sealEntry])).close()
  const richer = closing({ accounts: { [A.alice]: { credit: 1000 } } })
  carrier.truth('seal-state', 'A seal of another balance than the entries make.', richer, 'seal-state', next)
  carrier.truth(
    'seal-registry',
    'A seal in which a key is revoked that no entry revoked.',
    closing({ records: { 6: { until: 40 } } }),
    'seal-registry',
    next,
  )
  carrier.lie(
    'seal-of-another-code',
    'not-proven',
    'A false state, called a false registry.',
    richer,
    'seal-registry',
    next,
  )
  const stranger = [{ record: 6, key: KEYS.stranger }] as const
  carrier.truth(
    'batch-refused',
    'A batch that its issuer did not sign; only the log has the key.',
    goOn(books.tell(stranger, [issue(A.bob, 10)])).close(),
    'batch-refused',
    next,
  )
  const honest = carrier.accuser.honest
  for (const [code, at] of [
    ['batch-statuses', spentAt],
    ['batch-refused', spentAt],
    ['seal-state', honest.entries.length - 1],
    ['seal-registry', honest.entries.length - 1],
    ['overdue', honest.entries.length - 1],
    ['log-identity', honest.entries.length - 1],
    ['seal-last', honest.entries.length - 1],
  ] as const)
    carrier.lie(`honest-log-${code}`, 'not-proven', `An honest log, called ${code}.`, honest, code, at)
  carrier.lie(
    'part-is-no-end',
    'not-proven',
    'Of an honest log the beginning, as if it ended there.',
    honest,
    'seal-last',
    40,
    {
      size: 41,
    },
  )
  carrier.lie(
    'part-is-cut-inside-a-batch',
    'not-proven',
    'Of an honest log the beginning, up to a batch without its transactions, as if it ended there.',
    honest,
    'seal-last',
    spentAt,
    { size: spentAt + 1 },
  )

  const late = hourly(books, 25)
  const tidied = hourly(late.tell([by.operator], [released(shop)]), 2)
  const seal = late.entries.length - 1
  carrier.truth(
    'overdue',
    'A hold that stood at a seal for a running day, and was given back since.',
    tidied.close(),
    'overdue',
    seal,
  )
  carrier.lie(
    'overdue-of-a-day-less',
    'not-proven',
    'The same, said of the seal before.',
    tidied.close(),
    'overdue',
    seal - 1,
  )
  carrier.lie(
    'overdue-and-more',
    'not-proven',
    'The same, with entries behind the seal that is said to be late.',
    tidied.close(),
    'overdue',
    seal,
    { size: seal + 3 },
  )
  const { closed: turned, policy } = continued(shop, tidied.close())
  carrier.truth(
    'overdue-before-it-went-on',
    'The same, under a checkpoint of the log in which the ledger went on since.',
    turned,
    'overdue',
    seal,
    { policy },
  )
  carrier.lie(
    'beginning-of-another-log',
    'not-proven',
    'Of a ledger that went on the beginning, as if the second log had begun with a genesis of the first.',
    turned,
    'log-identity',
    1,
    { policy, size: tidied.close().entries.length },
  )
  carrier.lie(
    'reward-without-details',
    'needs-replay',
    'A wrong reward, with the log and without the details that it is for.',
    honest,
    'reward',
    shop.issuedAt,
    { size: shop.issuedAt + 1 },
  )
  carrier.lie(
    'tier-without-details',
    'needs-replay',
    'A wrong tier, with the log and without the details that it is for.',
    honest,
    'tier',
    shop.issuedAt,
    { size: shop.issuedAt + 1 },
  )
}

/** What ties the entries that are carried to what the log signed. */
function tiedToTheLog(carrier: Carrier, shop: Shop): void {
  const { books } = shop
  const { grown } = carrier.accuser
  const next = books.entries.length
  const closed = sealed(books.tell([by.alice], [redeem(A.alice, 1000)]))
    .tell([by.issuer], [issue(A.bob, 10)])
    .close()
  const [code, size] = ['batch-statuses', next + 2] as const
  const { root, proof } = grown(closed.entries, size)
  for (const [name, expected, says, carrying] of [
    ['without-at', 'not-proven', 'A log, and nothing that says where it is wrong.', { evidence: { at: undefined } }],
    ['without-root', 'not-proven', 'A beginning of the log without its root.', { evidence: { root: undefined } }],
    ['without-proof', 'not-proven', 'A beginning of the log without a proof.', { evidence: { proof: undefined } }],
    [
      'longer-than-signed',
      'not-proven',
      'A log of more entries than were signed.',
      { size: closed.entries.length + 1, entries: [...closed.entries, closed.sealEntry], evidence: { root, proof } },
    ],
    [
      'under-another-root',
      'consistency-proof',
      'A root that is no beginning of what was signed.',
      { evidence: { root: toBase64(hash('another root')) } },
    ],
    [
      'under-a-proof-of-less',
      'consistency-proof',
      'The root and proof of a shorter beginning.',
      { evidence: grown(closed.entries, next) },
    ],
    [
      'of-other-entries',
      'log-root',
      'An entry that is not in the log that was signed.',
      {
        entries: [...closed.entries.slice(0, next + 1), books.tell([by.alice], [redeem(A.alice, 500)]).entries.at(-1)!],
      },
    ],
    [
      'in-another-order',
      'log-root',
      'Two entries in each other’s place.',
      { entries: closed.entries.slice(0, size).with(3, closed.entries[4]!).with(4, closed.entries[3]!) },
    ],
  ] as const)
    carrier.lie(name, expected, says, closed, code, next, carrying as Carrying)
  carrier.truth(
    'at-not-shown',
    'Another entry is shown than the one at fault, which the log has.',
    closed,
    code,
    next,
    { evidence: carrier.accuser.shown(closed, next - 2) },
  )
  carrier.truth(
    'whole',
    'A log that is carried whole, up to the seal that its checkpoint ends in.',
    closed,
    code,
    next,
    { size: closed.entries.length },
  )
  carrier.lie(
    'changed-at-the-end',
    'log-root',
    'A log that is carried whole, but for another seal at its end.',
    closed,
    code,
    next,
    {
      size: closed.entries.length,
      entries: [...closed.entries.slice(0, -1), closed.books.close({ afterMs: 2000 }).sealEntry],
    },
  )
}

/** Totals are compared under a salt that the log signed, and under no other. */
function saltedTotals(carrier: Carrier, shop: Shop): void {
  const { books, log } = shop
  const next = books.entries.length
  const signed = (
    epoch: number,
    salt: Uint8Array,
    more: { ledgerId?: Uint8Array; of?: number; seed?: Uint8Array } = {},
  ) => {
    const { ledgerId = books.ledgerId, of = epoch, seed = log.seed } = more
    const signature = toBase64(signEd25519(seed, saltsMessage(ledgerId, of, [salt])))
    return { salt: { epoch, salt: toBase64(salt), signature } }
  }
  const goOn = (from: Books) => from.tell([by.issuer], [issue(A.bob, 10)]).close()
  const [epoch, code] = [2, 'seal-totals'] as const
  const false_ = goOn(
    books.with(list => [...list, books.close({ seal: { totalsRoot: hash('other totals') } }).sealEntry]),
  )
  const honest = goOn(sealed(books))
  const right = log.saltOf(epoch)
  const [wrong, stranger] = [hash('another salt'), KEYS.stranger.seed]
  carrier.truth(
    'seal-totals',
    'Totals that are not those of the entries, under the salt that the log signed.',
    false_,
    code,
    next,
    {
      evidence: signed(epoch, right),
    },
  )
  carrier.truth(
    'salt-of-another',
    'Honest totals, and a salt that the log signed for them and that is another.',
    honest,
    code,
    next,
    {
      evidence: signed(epoch, wrong),
    },
  )
  for (const [name, expected, says, closed, evidence] of [
    ['totals-in-order', 'not-proven', 'Honest totals, under their salt.', honest, signed(epoch, right)],
    ['totals-without-a-salt', 'needs-observer', 'Totals that are called false, without the salt.', false_, {}],
    [
      'salt-by-nobody',
      'not-proven',
      'Honest totals, under a salt that the accuser made up and signed.',
      honest,
      signed(epoch, wrong, { seed: stranger }),
    ],
    [
      'salt-of-another-epoch',
      'not-proven',
      'Honest totals, under a salt that the log signed for the seal before.',
      honest,
      signed(epoch, log.saltOf(1), { of: 1 }),
    ],
    [
      'salt-of-another-ledger',
      'not-proven',
      'Honest totals, under a salt that the log’s key signed for another ledger.',
      honest,
      signed(epoch, wrong, { ledgerId: hash('another ledger') }),
    ],
    [
      'salt-for-another-seal',
      'not-proven',
      'False totals, and the salt of the seal before with its signature: those are as they should be.',
      false_,
      signed(1, log.saltOf(1)),
    ],
  ] as const)
    carrier.lie(name, expected, says, closed, code, next, { evidence })

  // Behind the seal the ledger went on: the salt is signed by the log of the checkpoint, for the id that it has there.
  const turned = continued(shop, sealed(false_.books).close())
  const { closed, policy } = turned
  const at = closed.books.entries.findLastIndex(entry => entry[0] === 2 && kindOf(entry, 0) === KIND_CONTINUE)
  const naming = carrier.accuser.shown(closed, next, at - 1, at)
  const forNext = { ledgerId: closed.books.ledgerId, seed: closed.books.log.seed }
  carrier.truth('salt-of-the-next', 'False totals, and their salt as the next log signs it.', closed, code, next, {
    ...{ policy, evidence: { ...naming, ...signed(epoch, right, forNext) } },
  })
  carrier.lie(
    'salt-of-the-next-unnamed',
    'not-proven',
    'The same, and nothing shows what names that log.',
    closed,
    code,
    next,
    { policy, evidence: signed(epoch, right, forNext) },
  )
  carrier.lie(
    'salt-of-the-log-before',
    'not-proven',
    'False totals of the next log, under a salt that the log before signed.',
    closed,
    code,
    next,
    { policy: turned.both, evidence: { ...naming, ...signed(epoch, right) } },
  )
}

/** The lines that carry the log. */
function formOfLines(carrier: Carrier, shop: Shop): void {
  const { books } = shop
  const many = Array.from({ length: 220 }, (_, i) => issue(A.bob, 5 + 5 * (i % 3)))
  const full = books.tell([by.issuer], many)
  const next = full.entries.length
  const closed = full.tell([by.alice], [redeem(A.alice, 1000)]).close()
  const code = 'batch-statuses'
  carrier.truth('two-bundles', 'A log of more entries than one bundle has.', closed, code, next)
  const [first, second] = bundleLines(closed.entries.slice(0, next + 2)) as [string, string]
  const renumbered = (line: string, bundle: number) => JSON.stringify({ ...JSON.parse(line), bundle })
  const some = closed.entries.slice(0, BUNDLE_ENTRIES)
  for (const [name, says, lines] of [
    ['bundles-out-of-order', 'Bundles that do not stand in their order.', [second, first]],
    ['bundle-twice', 'The first bundle twice.', [first, first]],
    ['bundle-misnumbered', 'A second bundle that is called the third.', [first, renumbered(second, 2)]],
    ['bundle-missing', 'One bundle of two.', [first]],
    ['bundle-more', 'A bundle more than there are.', [first, second, second]],
    ['bundle-field-more', 'A field that a bundle does not have.', [first.replace('{', '{"more":1,'), second]],
    [
      'bundle-short',
      'A first bundle of one entry less, and a second of one more.',
      [
        JSON.stringify({ bundle: 0, entries: toBase64(encodeEntryBundle(some.slice(0, -1))) }),
        JSON.stringify({
          bundle: 1,
          entries: toBase64(encodeEntryBundle(closed.entries.slice(BUNDLE_ENTRIES - 1, next + 2))),
        }),
      ],
    ],
    ['bundle-no-json', 'A line that is no JSON.', [first, second.slice(0, -1)]],
    ['bundle-no-base64', 'A bundle that is no base64.', [first, second.replace('"entries":"', '"entries":"*')]],
  ] as const)
    carrier.lie(name, name === 'bundle-short' ? 'entry-bundle' : 'evidence', says, closed, code, next, {
      lines: () => lines,
    })
}
