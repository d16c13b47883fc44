import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { concatBytes, toBase64, utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { decodeBatch, encodeBatch } from '../../src/core/entry/batch.ts'
import {
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  type TransactionOf,
} from '../../src/core/entry/transaction.ts'
import { parseNote } from '../../src/core/note/note.ts'
import { TAOBAO_RULE_TEXT } from '../../src/programmes/index.ts'
import { formatCard, parseCard } from '../../src/verify/card.ts'
import { decodePromise } from '../../src/verify/promise.ts'
import { encodeStatement } from '../../src/verify/statement.ts'
import { naivePath, naiveRoot } from '../core/tree/naive-tree.ts'
import { Books, type Closed } from '../lies/make/books.ts'
import { openedLine } from '../lies/make/opened.ts'
import { reorder, rewriteIssue } from '../lies/make/rewrite.ts'
import { A, by, hash, issue, KEYS, R, redeem } from '../lies/make/shop.ts'
import { changed, stated, statementOf } from '../lies/make/statements.ts'
import { LyingServer } from './lying-server.ts'
import { type Found, lineFrom, Parties, withLine } from './parties.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Who catches a lie, by the words of SPEC §14. */
type Party = 'auditor' | 'wallet' | 'witness' | 'monitor' | 'holder of a promise' | 'holder of a receipt' | 'anyone'

/** A line of the table: who is lied to, how, and what has to come of it. */
type Line = readonly [party: Party, lie: string, code: string, run: () => Promise<Found>]

/** In place of a code: the evidence holds, and convicts. */
const CONVICTS = 'convicts'

let server: LyingServer
let parties: Parties

beforeAll(async () => {
  server = await LyingServer.start()
})
afterAll(() => server.stop())
beforeEach(async () => {
  parties = await Parties.of(server)
  server.tell(server.shop.books.close())
})
afterEach(() => parties.leave())

const audit = (...more: readonly string[]) => parties.audit(...more)
const watch = (...more: readonly string[]) => parties.watch(...more)
const wallet = (...more: readonly string[]) => parties.wallet(...more)
const books = () => server.shop.books
const honest = () => books().close()
/** The honest log, an honest issue later. */
const grown = (): Closed =>
  books()
    .with(list => [...list, honest().sealEntry])
    .tell([by.issuer], [issue(A.bob, 5)])
    .close()
/** A history in which an old issue had been smaller. */
const rewritten = () => rewriteIssue(server.shop, 250).close()

/** What the truth is to each party: it holds, and they remember it. */
async function after(look: () => Promise<Found>, lie: () => void, again: () => Promise<Found> = look): Promise<Found> {
  expect(await look()).toEqual([0, 'holds'])
  lie()
  return again()
}

/** The lies of the table in SPEC §14, row by row, each told to every party that it names. */
const TABLE = new Map<string, Line[]>()

/** Begins a row, and returns what adds to it. */
function row(name: string): (...line: Line) => void {
  const lines: Line[] = []
  TABLE.set(name, lines)
  return (...line) => lines.push(line)
}

const alters = row('alters or removes an old entry')
alters('auditor', 'an amount is changed in place', 'batch-root', () => {
  const { issuedAt } = server.shop
  const change = { ...decodeTransaction(books().entries[issuedAt]!), amount: 500 } as Transaction
  server.tell(
    books()
      .with(list => list.with(issuedAt, encodeTransaction(change)))
      .close(),
  )
  return audit()
})
alters('auditor', 'a batch is changed with its issuer’s help, and the audit before is not', 'forked', () =>
  after(
    () => audit('--state', 'audits'),
    () => server.tell(rewritten()),
  ),
)
alters('monitor', 'the same', 'forked', () =>
  after(
    () => watch('--state', 'seen'),
    () => server.tell(rewritten()),
  ),
)
alters('wallet', 'the same', 'consistency-proof', () =>
  after(
    () => wallet('--state'),
    () => server.tell(rewritten()),
  ),
)
alters('witness', 'the same, a seal later: it does not follow from what was cosigned', 'quorum', async () => {
  const later = rewriteIssue(server.shop, 250)
    .with(list => [...list, rewritten().sealEntry])
    .close()
  const [line, refused] = await parties.witness(honest(), later)
  expect(refused).toBe('422')
  server.tell(withLine(honest(), line!))
  expect(await wallet('--policy', 'witnessed')).toEqual([0, 'holds'])
  server.tell(later)
  return wallet('--policy', 'witnessed')
})
alters('holder of a promise', 'what was promised is not in it', 'promise-broken', async () => {
  await parties.keepPromise()
  return after(
    () => watch('--promise', 'my.promise'),
    () => server.tell(rewritten()),
  )
})
alters('holder of a receipt', 'what the receipt was of is not in it', 'consistency-proof', async () => {
  const receipt = server.shop.receiptAt[server.shop.spentAt + 1]!
  return after(
    () => parties.receipt(receipt),
    () => server.tell(rewritten()),
    () => wallet('--state'),
  )
})

const splits = row('shows one log to some and another to others')
splits('witness', 'the witness is shown the one, the wallet the other', 'quorum', async () => {
  const [, refused] = await parties.witness(honest(), rewritten())
  expect(refused).toMatch(/^4/)
  server.tell(rewritten())
  return wallet('--policy', 'witnessed')
})
splits('auditor', 'a log without the witness that the policy asks for', 'quorum', () => {
  server.tell(rewritten())
  return audit('--policy', 'witnessed')
})
splits('wallet', 'the one at the first visit, the other at the next', 'consistency-proof', () =>
  after(
    () => wallet('--state'),
    () => server.tell(rewritten()),
  ),
)
splits('auditor', 'the one at the first audit, the other at the next', 'forked', () =>
  after(
    () => audit('--state', 'audits'),
    () => server.tell(rewritten()),
  ),
)
splits('monitor', 'the one at the first look, the other at the next, beside a seal that has no end', 'forked', () =>
  after(
    () => watch('--state', 'seen'),
    () => server.tell(rewritten(), path => (path === '/seal' ? new Uint8Array(2 ** 16) : undefined)),
  ),
)
splits('anyone', 'two checkpoints side by side', CONVICTS, async () => {
  const note = (closed: Closed) => utf8Decode(closed.checkpoint)
  return parties.evidence('forked', { checkpoint: note(honest()), earlier: note(rewritten()) })
})

const omits = row('leaves an entry out of a statement')
omits('wallet', 'a purchase is left out', 'line-count', () => {
  server.tellStatement(changed(stated(honest(), A.alice), ({ lines }) => ({ lines: lines.toSpliced(3, 1) })))
  return wallet()
})
omits('wallet', 'and counted out, sealed and signed', 'head', () => {
  const closed = books().close({ accounts: { [A.alice]: { entries: 5, credit: 200 } } })
  const short = changed(stated(closed, A.alice), ({ lines, places }) => ({
    lines: lines.toSpliced(3, 1),
    places: places.map(place => ({ ...place, line: place.line > 4 ? place.line - 1 : place.line })),
  }))
  server.tell(closed, path => (path.includes('/statement') ? short : undefined))
  return wallet()
})
omits('wallet', 'two entries in another order', 'head', () => {
  server.tellStatement(
    changed(stated(honest(), A.alice), ({ lines: [a, b, c, d, e, f] }) => ({ lines: [a!, b!, c!, e!, d!, f!] })),
  )
  return wallet()
})

omits('auditor', 'an issue that the seal leaves out as well', 'seal-state', () => {
  const { credit, entries } = books().accounts[A.alice]!
  server.tell(books().close({ accounts: { [A.alice]: { credit: credit - 40, entries: entries - 1 } } }))
  return audit()
})
omits('wallet', 'a purchase that the seal leaves out as well, and that is shown after all', 'line-late', () => {
  const { earlierSize, log } = server.shop
  const early = books().with(list => list.slice(0, earlierSize - 1))
  const sealed = early
    .tell([by.alice], [redeem(A.alice, 40)])
    .close({ accounts: { [A.alice]: early.accounts[A.alice]! } })
  const { lines, places, ...rest } = statementOf(sealed, A.alice)
  const count = lines.length - 1
  const without = { ...rest, lines: lines.slice(0, count), places: places.filter(({ line }) => line <= count) }
  server.tell(sealed, path => (path.includes('/statement') ? encodeStatement(without) : undefined))
  const later = new Books(log, sealed.entries).tell([by.issuer], [issue(A.alice, 5)]).close()
  return after(
    () => wallet('--state'),
    () => server.tell(later),
  )
})

const miscounts = row('states a wrong balance')
miscounts('wallet', 'a balance edited, sealed and signed', 'totals', () => {
  server.tell(books().close({ accounts: { [A.alice]: { credit: 140 } } }))
  return wallet()
})
miscounts('auditor', 'the same', 'seal-state', () => {
  server.tell(books().close({ accounts: { [A.alice]: { credit: 140 } } }))
  return audit()
})

const issues = row('issues without authority, or beyond a budget or cap')
issues('auditor', 'nobody signed', 'batch-refused', () => {
  server.tell(
    books()
      .tell([{ record: R.issuer, key: KEYS.stranger }], [issue(A.bob, 100)])
      .close(),
  )
  return audit()
})
issues('auditor', 'a key that may not', 'batch-statuses', () => {
  server.tell(
    books()
      .tell([by.registrar], [issue(A.bob, 100)])
      .close(),
  )
  return audit()
})
issues('auditor', 'more than the budget has', 'batch-statuses', () => {
  server.tell(
    books()
      .tell([by.issuer], [issue(A.bob, 20_000)])
      .close(),
  )
  return audit()
})
issues('wallet', 'a key that was revoked, to a member who asks for every signature', 'evidence-signature', () => {
  server.tell(
    books()
      .tell([by.revoked], [issue(A.alice, 100)])
      .close(),
  )
  return wallet('--signatures')
})

const spends = row("spends a member's points")
spends('wallet', 'without a signature', 'evidence-missing', () => {
  const closed = books()
    .tell([by.issuer], [redeem(A.alice, 100)])
    .close()
  const bare = changed(stated(closed, A.alice), ({ places }) => ({
    places: places.filter(({ line }) => line !== 7),
  }))
  server.tell(closed, path => (path.includes('/statement') ? bare : undefined))
  return wallet()
})
spends('wallet', 'under a signature of somebody else', 'evidence-signature', () => {
  server.tell(
    books()
      .tell([by.issuer], [redeem(A.alice, 100)])
      .close(),
  )
  return wallet()
})
spends('auditor', 'the same', 'batch-statuses', () => {
  server.tell(
    books()
      .tell([by.issuer], [redeem(A.alice, 100)])
      .close(),
  )
  return audit()
})
spends('wallet', 'by letting them expire that never do', 'line-rule', () => {
  server.tell(
    books()
      .tell([by.operator], [{ kind: 'expire', debit: A.alice, credit: A.expired, amount: 220 }])
      .close(),
  )
  return wallet()
})

const keepsBack = row('takes a signature later that it had withheld or refused')
const heldBack = () =>
  books()
    .tell([by.alice], [redeem(A.alice, 40)], { skewMs: -60 * DAY_MS })
    .close()
keepsBack('wallet', 'a purchase that she signed two months ago', 'line-time', () => {
  server.tell(heldBack())
  return wallet()
})
keepsBack('auditor', 'the same', 'batch-statuses', () => {
  server.tell(heldBack())
  return audit()
})

const swaps = row('puts another unit, custodian, key or rule under a number')
/** A unit that root defined later, with other terms, where the registry has that of Alice's account. */
const swapped = () => {
  const coins = decodeTransaction(books().records[R.coins]!.entry) as TransactionOf<'define-unit'>
  const lenient = books().tell([by.root], [{ ...coins, name: 'coins-again', windowMs: 20 * 365 * DAY_MS }])
  return lenient.close({ records: { [R.coins]: lenient.records.at(-1)! } })
}
swaps('wallet', 'a unit that lets points be taken back for twenty years', 'record-changed', () => {
  server.tell(swapped())
  return wallet()
})
swaps('auditor', 'the same', 'seal-registry', () => {
  server.tell(swapped())
  return audit()
})
swaps('wallet', 'an issuer that no root key registered', 'record-signature', () => {
  const issuer = { record: books().records.length, key: KEYS.stranger }
  server.tell(
    books()
      .tell([by.registrar], [{ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.budget] }])
      .tell([issuer], [issue(A.alice, 100)])
      .close(),
  )
  return wallet('--signatures')
})

const slips = row("slips a custodian, recovery keys or another owner's key into an account")
slips('wallet', 'another opening than that of which she has the card', 'wrong-opening', () => {
  server.tell(books().close({ accounts: { [A.alice]: { opening: hash('one with a custodian') } } }))
  return wallet()
})
slips('wallet', 'a key that is not hers', 'wrong-owner', () => {
  const put = { kind: 'set-custody', account: A.alice, owner: KEYS.stranger.publicKey, custodian: null } as const
  server.tell(books().tell([by.alice], [put]).close())
  return wallet()
})

const hurries = row('expires points early, or spends the wrong lots')
hurries('wallet', 'points that were to last for a month', 'line-rule', () => {
  const early = { kind: 'expire', debit: A.alice, credit: A.expired, amount: 20 } as const
  server.tell(books().tell([by.operator], [early]).close())
  return wallet()
})
hurries('wallet', 'the lots that last, and not those that expire soonest', 'holdings', () => {
  const spent = books().tell([by.alice], [redeem(A.alice, 20)])
  const { more } = books().accounts[A.alice]!
  server.tell(spent.close({ accounts: { [A.alice]: { more } } }))
  return wallet()
})

const dawdles = row('leaves points standing that have expired, or held after the time of the hold')
dawdles('auditor', 'for a month, and a day of seals', 'overdue', () => {
  let closed = books().close({ afterMs: 32 * DAY_MS })
  for (let hour = 0; hour < 26; hour++) closed = closed.books.with(() => closed.entries).close({ afterMs: HOUR_MS })
  server.tell(closed)
  return audit()
})

const mistakes = row("shows two members one account, or a stranger's statement")
mistakes('wallet', 'somebody else opened the account', 'wrong-opening', () => {
  server.tell(books().close({ accounts: { [A.alice]: { opening: books().accounts[A.bob]!.opening } } }))
  return wallet()
})
mistakes('wallet', 'an account that was opened under a key of somebody else', 'wrong-owner', async () => {
  const card = parseCard(utf8Encode(server.shop.cards[A.alice]!))
  await parties.give('card', utf8Decode(formatCard({ ...card, owners: [KEYS.stranger.publicKey] })))
  return wallet()
})
mistakes('wallet', 'a stranger’s statement', 'wrong-account', () => {
  server.tellStatement(stated(honest(), A.bob))
  return wallet()
})

const understates = row('understates what it owes')
understates('auditor', 'a hundred points less', 'seal-totals', () => {
  const told = books().with(list => list)
  told.totals[0] = { ...told.totals[0]!, owed: told.totals[0]!.owed - 100n }
  server.tell(told.close())
  return audit()
})

const lower = () => {
  const { totals } = books()
  return `${openedLine(honest(), { units: totals.with(0, { ...totals[0]!, owed: totals[0]!.owed - 100n }) })}\n`
}
const opens = (line: () => string) => () =>
  server.tellBeside(path => (path === '/totals/0' ? utf8Encode(line()) : undefined))
understates('auditor', 'a hundred points less to the public, and not to her', 'totals-false', () => {
  opens(lower)()
  return audit()
})
understates('monitor', 'the same', 'totals-false', () => {
  opens(lower)()
  return watch()
})

const withholds = row('takes a transaction and never publishes it')
withholds('holder of a promise', 'the log stands still when the deadline is over', 'promise-overdue', async () => {
  await parties.keepPromise({ deadline: Date.now() - HOUR_MS })
  server.tell(
    books()
      .with(list => list.slice(0, server.shop.spentAt))
      .close(),
  )
  return watch('--promise', 'my.promise')
})
withholds('holder of a promise', 'the log grows without it', 'promise-broken', async () => {
  await parties.keepPromise()
  const { spentAt } = server.shop
  server.tell(
    books()
      .with(list => [...list.slice(0, spentAt), ...list.slice(spentAt + 3)])
      .close(),
  )
  return watch('--promise', 'my.promise')
})
withholds('anyone', 'the promise, and the log’s own later seal', CONVICTS, async () => {
  const promise = decodePromise(server.shop.promise)
  const late = books()
    .with(list => list.slice(0, server.shop.spentAt))
    .close({ seal: { time: promise.deadline + 1 } })
  const at = late.entries.length - 1
  return parties.evidence('promise-overdue', {
    checkpoint: utf8Decode(late.checkpoint),
    promise: toBase64(server.shop.promise),
    entries: [{ index: at, entry: toBase64(late.sealEntry), proof: naivePath(at, late.entries).map(toBase64) }],
  })
})

const refuses = row('refuses for no reason')
refuses('auditor', 'a purchase that the rules allow', 'batch-statuses', () => {
  const { spentAt } = server.shop
  server.tell(
    books()
      .with(list =>
        list.with(spentAt, encodeBatch({ ...decodeBatch(list[spentAt]!), statuses: Uint8Array.of(24, 45) })),
      )
      .close(),
  )
  return audit()
})
refuses('auditor', 'and drops a refusal that they ask for', 'batch-statuses', () => {
  const { spentAt } = server.shop
  server.tell(
    books()
      .with(list => list.with(spentAt, encodeBatch({ ...decodeBatch(list[spentAt]!), statuses: Uint8Array.of(0, 0) })))
      .close(),
  )
  return audit()
})
const invents = row('pays by a rule that was not published, or from a budget that may not name it')
invents('auditor', 'a rule that comes afterwards', 'batch-statuses', () => {
  server.tell(
    books()
      .tell([by.issuer], [issue(A.alice, 100, { rule: 12 })])
      .tell([by.root], [{ kind: 'publish-rule', name: 'afterwards', digest: hash('afterwards'), budgets: [A.budget] }])
      .close(),
  )
  return audit()
})
invents('auditor', 'a rule of another budget', 'batch-statuses', () => {
  const others = { kind: 'publish-rule', name: 'others', digest: hash('others'), budgets: [A.budget + 100] } as const
  server.tell(
    books()
      .tell([by.root], [others])
      .tell([by.issuer], [issue(A.alice, 100, { rule: 12 })])
      .close(),
  )
  return audit()
})
invents('wallet', 'the same, to a member who asks for every signature', 'line-rule', () => {
  server.tell(
    books()
      .tell([by.issuer], [issue(A.alice, 100, { rule: 12 })])
      .tell([by.root], [{ kind: 'publish-rule', name: 'afterwards', digest: hash('afterwards'), budgets: [A.budget] }])
      .close(),
  )
  return wallet('--signatures')
})

const misapplies = row('computes a reward differently from the published rule')
for (const [lie, amount] of [
  ['pays a purchase double', 100],
  ['pays a purchase half', 25],
] as const)
  misapplies('auditor', `${lie}, as the details say that he was handed`, 'reward', async () => {
    const [salt, text] = [hash('a salt'), '7,1,1,buy,1511654340,0']
    await parties.give('details.jsonl', `${JSON.stringify({ salt: toBase64(salt), text })}\n`)
    const details = engine().sha256(concatBytes(salt, utf8Encode(text)))
    const paid = (points: number) =>
      books()
        .tell(
          [by.root],
          [{ kind: 'publish-rule', name: 'behaviour-v1', digest: hash(TAOBAO_RULE_TEXT), budgets: [A.budget] }],
        )
        .tell([by.issuer], [issue(A.alice, points, { rule: 12, details })])
        .close()
    server.tell(paid(50))
    const withDetails = () => audit('--details', 'details.jsonl')
    return after(withDetails, () => server.tell(paid(amount)))
  })

const serves = row('goes back, stands still, or serves what it never signed')
serves('auditor', 'entries are taken back', 'rolled-back', () => {
  server.tell(grown())
  return after(
    () => audit('--state', 'audits'),
    () => server.tell(honest()),
  )
})
serves('monitor', 'entries are taken back', 'rolled-back', () => {
  server.tell(grown())
  return after(
    () => watch('--state', 'seen'),
    () => server.tell(honest()),
  )
})
serves('monitor', 'another history, without the tiles that would show it', 'withheld', () => {
  const other = rewriteIssue(server.shop, 250).tell([by.issuer], [issue(A.bob, 5)])
  return after(
    () => watch('--state', 'seen'),
    () => server.tell(other.close(), path => (path.startsWith('/tile/') ? null : undefined)),
  )
})
serves('wallet', 'entries are taken back', 'consistency-proof', () => {
  server.tell(grown())
  return after(
    () => wallet('--state'),
    () => server.tell(honest()),
  )
})
serves('wallet', 'an old state is served as the state now', 'stale', () => wallet('--max-age', '1h'))
serves('monitor', 'the log stands still', 'stale', () => {
  server.tell(withLine(honest(), lineFrom(honest(), 2 * HOUR_MS)))
  return watch('--policy', 'witnessed', '--max-age', '1h')
})
serves('auditor', 'another order of entries under the checkpoint, which follows the rules as well', 'log-root', () => {
  server.tell({ ...reorder(server.shop).close(), checkpoint: honest().checkpoint })
  return audit()
})
serves('auditor', 'tiles that are not those of the entries', 'tile', () => {
  server.tellBeside(path => (path.startsWith('/tile/0/') ? Buffer.alloc(32 * honest().entries.length, 7) : undefined))
  return audit()
})
serves('monitor', 'a checkpoint that somebody else signed', 'log-signature', () => {
  const { entries } = honest()
  const text = parseNote(books().sign(entries.length, naiveRoot(entries))).text
  server.tellBeside(path =>
    path === '/checkpoint' ? utf8Encode(`${text}\n— ${server.shop.log.key.name} ${'A'.repeat(92)}\n`) : undefined,
  )
  return watch()
})

/** Words of the table that are fields of a unit's policy, and no codes. */
const NO_CODES: ReadonlySet<string> = new Set(['debt-max', 'take'])

/** Codes of evidence that no command writes yet, and a file of the corpus that has each. */
const BY_HAND: ReadonlyMap<string, string> = new Map([
  ['refusal-false', '../lies/evidence/honest-pretext-behind-a-seal.json'],
])

/** Rows that take a ledger and its next one, and where that is shown with real ones. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['goes on in another log from before what somebody has seen', 'commands/ledger.test.ts'],
  ['sells one thing twice', '../audit/claims.test.ts'],
  ['sets a tier that the published programme does not give', '../audit/tiers.test.ts'],
])

describe('a lying server', () => {
  test('lies in all the ways of SPEC §14, and is caught with the codes that it names', async () => {
    const spec = await readFile(join(import.meta.dirname, '../../SPEC.md'), 'utf8')
    const table = spec.split('| the operator … | is caught by |')[1]!.split('\n\n')[0]!
    const rows = [...table.matchAll(/^\| ([^-].*?) \| (.*) \|$/gm)].map(([, row, by]) => [row!, by!] as const)
    expect(rows.map(([row]) => row).sort()).toEqual([...TABLE.keys(), ...ELSEWHERE.keys()].sort())
    for (const [row, by] of rows) {
      const elsewhere = ELSEWHERE.get(row)
      if (elsewhere !== undefined) {
        const shown = await readFile(join(import.meta.dirname, elsewhere), 'utf8')
        for (const [, code] of by.matchAll(/`([a-z]+-[a-z-]+)`/g)) expect(shown).toContain(code)
        continue
      }
      const codes = [...by.matchAll(/`([a-z-]+)`/g)].map(match => match[1]!).filter(word => !NO_CODES.has(word))
      const named = codes.filter(code => !BY_HAND.has(code))
      for (const code of codes.filter(one => BY_HAND.has(one))) {
        const file = await readFile(join(import.meta.dirname, BY_HAND.get(code)!), 'utf8')
        expect(JSON.parse(file)).toMatchObject({ verifier: 'evidence', expect: 'holds' })
        expect(file).toContain(code)
      }
      expect([row, [...new Set(named)].sort()]).toEqual([
        row,
        [...new Set(TABLE.get(row)!.map(([, , code]) => code))].filter(code => code !== CONVICTS).sort(),
      ])
    }
  })

  test('is believed while it tells the truth', async () => {
    await parties.keepPromise()
    expect(await audit()).toEqual([0, 'holds'])
    expect(await wallet('--signatures', '--max-age', '1d')).toEqual([0, 'holds'])
    expect(await watch('--promise', 'my.promise')).toEqual([0, 'holds'])
    server.tell(grown())
    expect(await audit()).toEqual([0, 'holds'])
    expect(await wallet()).toEqual([0, 'holds'])
  })

  for (const [row, lines] of TABLE)
    describe(`a server that ${row} is caught`, () => {
      test.each(lines)('by the %s: %s: %s', async (_party, _lie, code, run) => {
        expect(await run()).toEqual(code === CONVICTS ? [0, 'holds'] : [1, code])
      })
    })
})
