import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyFromSeed, writeKey } from '../../cli/keys.ts'
import { decodeBatch, encodeBatch } from '../../src/core/batch.ts'
import { brokenWord } from '../../src/core/broken-word.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { formatAddCheckpoint } from '../../src/core/cosign.ts'
import { signEd25519 } from '../../src/core/ed25519.ts'
import { formatEvidence } from '../../src/core/evidence-file.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  formatSignatureLine,
  formatVerifierKey,
  parseNote,
  verifierKey,
} from '../../src/core/note.ts'
import { decodePromise, encodePromise, type PromiseFile, promiseMessage } from '../../src/core/promise.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../src/core/transaction.ts'
import { buildWitnessServer, Register, Witness } from '../../src/witness/index.ts'
import { naiveConsistency, naivePath, naiveRoot } from '../core/naive-tree.ts'
import type { Closed } from '../lies/make/books.ts'
import { rewriteIssue } from '../lies/make/rewrite.ts'
import { A, by, hash, issue, KEYS, R, redeem } from '../lies/make/shop.ts'
import { changed, stated } from '../lies/make/statements.ts'
import { keyNumber } from '../world.ts'
import { LyingServer } from './lying-server.ts'
import { type Ran, tally } from './run.ts'

const HOUR_MS = 3_600_000
const WITNESS = keyNumber(61)

/** What a command found: its exit status, and the code that it names. */
type Found = readonly [status: number | null, code: string]

/** Who catches a lie, by the words of SPEC §14. */
type Party = 'auditor' | 'wallet' | 'witness' | 'monitor' | 'holder of a promise' | 'holder of a receipt' | 'anyone'

/** A line of the table: who is lied to, how, and what has to come of it. */
type Line = readonly [party: Party, lie: string, code: string, run: () => Promise<Found>]

let server: LyingServer
let folder: string

beforeAll(async () => {
  server = await LyingServer.start()
})
afterAll(() => server.stop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-lied-to-'))
  const { policy, cards } = server.shop
  await writeFile(join(folder, 'policy'), policy)
  await writeFile(join(folder, 'card'), cards[A.alice]!)
  const key = verifierKey('w1.example', COSIGNATURE_KEY, WITNESS.publicKey)
  const asked = `witness w1 ${formatVerifierKey(key)}\nquorum w1\n`
  await writeFile(join(folder, 'witnessed'), policy.replace('quorum none\n', asked))
  await writeKey(join(folder, 'auditor.json'), keyFromSeed('auditor', KEYS.issuer.seed))
  await writeKey(join(folder, 'alice.json'), { ...keyFromSeed('alice', KEYS.alice.seed), account: A.alice })
  server.tell(server.shop.books.close())
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The code that an output names in its first line of a fault: `  code: words` or `(code, SPEC …)`, or `tally: code: …`. */
function found({ status, out, err }: Ran): Found {
  const named =
    /\(([a-z-]+), SPEC/.exec(out)?.[1] ??
    /^ {2}([a-z-]+): /m.exec(out)?.[1] ??
    /^tally: ([a-z-]+): /m.exec(err)?.[1] ??
    (status === 0 ? 'holds' : `${out}${err}`)
  // Whoever is lied to reads which promise was broken.
  if (status === 1) expect(out + err).toContain(brokenWord(named)?.promise)
  return [status, named]
}

const audit = async (...more: string[]): Promise<Found> => {
  const args = ['--policy', 'policy', '--key', 'auditor.json', ...more]
  return found(await tally(folder, 'audit', server.url, ...args))
}
const watch = async (...more: string[]): Promise<Found> =>
  found(await tally(folder, 'watch', server.url, '--policy', 'policy', '--once', ...more))

/** Alice fetches her statement, and verifies what she got. */
async function wallet(...more: string[]): Promise<Found> {
  const state = more.includes('--state') ? ['--state', 'wallet'] : []
  const signatures = more.includes('--signatures') ? ['--signatures'] : []
  const rest = more.filter(word => word !== '--state' && word !== '--signatures')
  const fetching = ['--url', server.url, '--key', 'alice.json', '--out', 'statement', ...state, ...signatures]
  const fetched = await tally(folder, 'statement', String(A.alice), ...fetching)
  if (fetched.status !== 0) return found(fetched)
  const policy = rest.includes('--policy') ? [] : ['--policy', 'policy']
  return found(await tally(folder, 'verify', 'statement', ...policy, '--card', 'card', ...state, ...rest))
}

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

/** A witness of this log, over HTTP. */
async function askWitness(...asked: readonly Closed[]): Promise<string[]> {
  const key = verifierKey('w1.example', COSIGNATURE_KEY, WITNESS.publicKey)
  const register = await Register.open(join(folder, 'witness'))
  const logs = [server.shop.log.key]
  const witness: FastifyInstance = buildWitnessServer(
    new Witness({ key, seed: WITNESS.seed, logs, register, nowMs: Date.now }),
  )
  await witness.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(witness.server.address() as AddressInfo).port}/add-checkpoint`
  const answers: string[] = []
  try {
    let oldSize = 0
    for (const { entries, checkpoint } of asked) {
      const proof = oldSize === 0 || oldSize >= entries.length ? [] : naiveConsistency(oldSize, entries)
      const body = formatAddCheckpoint({ oldSize, proof, checkpoint })
      const answer = await fetch(url, { method: 'POST', body: body as Uint8Array<ArrayBuffer> })
      const text = await answer.text()
      answers.push(answer.status === 200 ? text : String(answer.status))
      if (answer.status === 200) oldSize = entries.length
    }
  } finally {
    await witness.close()
  }
  return answers
}

/** Books with the cosignature of the witness under their checkpoint. */
const withLine = (closed: Closed, line: string): Closed => ({
  ...closed,
  checkpoint: utf8Encode(new TextDecoder().decode(closed.checkpoint) + line),
})

async function promiseFile(change: Partial<PromiseFile> = {}): Promise<void> {
  const promise = { ...decodePromise(server.shop.promise), ...change }
  const signature = signEd25519(server.shop.log.seed, promiseMessage(promise))
  await writeFile(join(folder, 'my.promise'), encodePromise({ ...promise, signature }))
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
  const [line, refused] = await askWitness(honest(), later)
  expect(refused).toBe('422')
  server.tell(withLine(honest(), line!))
  expect(await wallet('--policy', 'witnessed')).toEqual([0, 'holds'])
  server.tell(later)
  return wallet('--policy', 'witnessed')
})
alters('holder of a promise', 'what was promised is not in it', 'promise-broken', async () => {
  await promiseFile()
  return after(
    () => watch('--promise', 'my.promise'),
    () => server.tell(rewritten()),
  )
})
alters('holder of a receipt', 'what the receipt was of is not in it', 'consistency-proof', async () => {
  await writeFile(join(folder, 'receipt'), server.shop.receiptAt[server.shop.spentAt + 1]!)
  const verify = ['verify', 'receipt', '--policy', 'policy', '--state', 'wallet']
  return after(
    async () => found(await tally(folder, ...verify)),
    () => server.tell(rewritten()),
    () => wallet('--state'),
  )
})

const splits = row('shows one log to some and another to others')
splits('witness', 'the witness is shown the one, the wallet the other', 'quorum', async () => {
  const [, refused] = await askWitness(honest(), rewritten())
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
splits('anyone', 'two checkpoints side by side', 'evidence', async () => {
  const note = (closed: Closed) => new TextDecoder().decode(closed.checkpoint)
  const evidence = { checkpoint: note(honest()), earlier: note(rewritten()) }
  const file = {
    origin: server.shop.log.key.name,
    code: 'forked',
    message: '',
    needs: 'nothing',
    evidence,
  } as const
  await writeFile(join(folder, 'evidence.json'), formatEvidence(file))
  const { status, out } = await tally(folder, 'verify', 'evidence.json', '--policy', 'policy')
  return [status, /the (evidence) HOLDS/.exec(out)?.[1] ?? out]
})

const omits = row('leaves an entry out of a statement')
omits('wallet', 'a purchase is left out', 'line-count', () => {
  server.tellStatement(changed(stated(honest(), A.alice), ({ lines }) => ({ lines: lines.toSpliced(3, 1) })))
  return wallet()
})
omits('wallet', 'and counted out, sealed and signed', 'head', () => {
  const closed = books().close({ accounts: { [A.alice]: { entries: 5, credited: 320 } } })
  const lines = stated(closed, A.alice)
  server.tell(closed, path =>
    path.includes('/statement') ? changed(lines, ({ lines }) => ({ lines: lines.toSpliced(3, 1) })) : undefined,
  )
  return wallet()
})
omits('wallet', 'two entries in another order', 'head', () => {
  server.tellStatement(
    changed(stated(honest(), A.alice), ({ lines: [a, b, c, d, e, f] }) => ({ lines: [a!, b!, c!, e!, d!, f!] })),
  )
  return wallet()
})

const miscounts = row('states a wrong balance')
miscounts('wallet', 'a balance edited, sealed and signed', 'totals', () => {
  server.tell(books().close({ accounts: { [A.alice]: { debited: 220 } } }))
  return wallet()
})
miscounts('auditor', 'the same', 'seal-state', () => {
  server.tell(books().close({ accounts: { [A.alice]: { debited: 220 } } }))
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
  const bare = changed(stated(closed, A.alice), ({ lines }) => ({
    lines: lines.with(6, { ...lines[6]!, evidence: null }),
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

const dawdles = row('leaves points standing that have expired')
dawdles('auditor', 'a month and two days on', 'overdue', () => {
  server.tell(books().close({ afterMs: 32 * 24 * HOUR_MS }))
  return audit()
})

const mistakes = row("shows two members one account, or a stranger's statement")
mistakes('wallet', 'somebody else opened the account', 'wrong-opening', () => {
  server.tell(books().close({ accounts: { [A.alice]: { opening: books().accounts[A.bob]!.opening } } }))
  return wallet()
})
mistakes('wallet', 'a stranger’s statement', 'wrong-account', () => {
  server.tellStatement(stated(honest(), A.bob))
  return wallet()
})

const understates = row('understates what it owes')
understates('auditor', 'a hundred points less', 'seal-totals', () => {
  const told = books().with(list => list)
  told.totals[0] = { ...told.totals[0]!, owed: told.totals[0]!.owed - 100 }
  server.tell(told.close())
  return audit()
})

const withholds = row('takes a transaction and never publishes it')
withholds('holder of a promise', 'the log stands still when the deadline is over', 'promise-overdue', async () => {
  await promiseFile({ deadline: Date.now() - HOUR_MS })
  server.tell(
    books()
      .with(list => list.slice(0, server.shop.spentAt))
      .close(),
  )
  return watch('--promise', 'my.promise')
})
withholds('holder of a promise', 'the log grows without it', 'promise-broken', async () => {
  await promiseFile()
  const { spentAt } = server.shop
  server.tell(
    books()
      .with(list => [...list.slice(0, spentAt), ...list.slice(spentAt + 3)])
      .close(),
  )
  return watch('--promise', 'my.promise')
})
withholds('anyone', 'the promise, and the log’s own later seal', 'evidence', async () => {
  const promise = decodePromise(server.shop.promise)
  const late = books()
    .with(list => list.slice(0, server.shop.spentAt))
    .close({ seal: { time: promise.deadline + 1 } })
  const at = late.entries.length - 1
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const evidence = {
    checkpoint: new TextDecoder().decode(late.checkpoint),
    promise: base64(server.shop.promise),
    entries: [{ index: at, entry: base64(late.sealEntry), proof: naivePath(at, late.entries).map(base64) }],
  }
  const file = {
    origin: server.shop.log.key.name,
    code: 'promise-overdue',
    message: '',
    needs: 'nothing',
    evidence,
  } as const
  await writeFile(join(folder, 'evidence.json'), formatEvidence(file))
  const { status, out } = await tally(folder, 'verify', 'evidence.json', '--policy', 'policy')
  return [status, /the (evidence) HOLDS/.exec(out)?.[1] ?? out]
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
// Whether an amount is what the text of the rule says, no program of ours computes yet: README, "Not yet".

const invents = row('pays by a rule that was not published')
invents('auditor', 'a rule that comes afterwards', 'batch-statuses', () => {
  server.tell(
    books()
      .tell([by.issuer], [issue(A.alice, 100, { rule: 12 })])
      .tell([by.root], [{ kind: 'publish-rule', name: 'afterwards', digest: hash('afterwards') }])
      .close(),
  )
  return audit()
})
invents('wallet', 'the same, to a member who asks for every signature', 'line-rule', () => {
  server.tell(
    books()
      .tell([by.issuer], [issue(A.alice, 100, { rule: 12 })])
      .tell([by.root], [{ kind: 'publish-rule', name: 'afterwards', digest: hash('afterwards') }])
      .close(),
  )
  return wallet('--signatures')
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
serves('wallet', 'entries are taken back', 'consistency-proof', () => {
  server.tell(grown())
  return after(
    () => wallet('--state'),
    () => server.tell(honest()),
  )
})
serves('wallet', 'an old state is served as the state now', 'stale', () => wallet('--max-age', '1h'))
serves('monitor', 'the log stands still', 'stale', async () => {
  const key = verifierKey('w1.example', COSIGNATURE_KEY, WITNESS.publicKey)
  const { text } = parseNote(honest().checkpoint)
  server.tell(
    withLine(honest(), formatSignatureLine(cosignNote(text, key, WITNESS.seed, Math.floor(Date.now() / 1000) - 7200))),
  )
  return watch('--policy', 'witnessed', '--max-age', '1h')
})
serves('auditor', 'another order of entries under the checkpoint', 'log-root', () => {
  server.tell({ ...rewritten(), checkpoint: honest().checkpoint })
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

/** A lie that is caught by a file, not by a command that fails. */
const CAUGHT_BY_FILE = 'evidence'

describe('a lying server', () => {
  test('lies in all the ways of SPEC §14, and is caught with the codes that it names', async () => {
    const spec = await readFile(join(import.meta.dirname, '../../SPEC.md'), 'utf8')
    const table = spec.split('| the operator … | is caught by |')[1]!.split('\n\n')[0]!
    const rows = [...table.matchAll(/^\| ([^-].*?) \| (.*) \|$/gm)].map(([, row, by]) => [row!, by!] as const)
    expect(rows.map(([row]) => row).sort()).toEqual([...TABLE.keys()].sort())
    for (const [row, by] of rows) {
      const named = [...by.matchAll(/`([a-z-]+)`/g)].map(match => match[1]!).filter(code => code !== 'debt-max')
      expect([row, [...new Set(named)].sort()]).toEqual([
        row,
        [...new Set(TABLE.get(row)!.map(([, , code]) => code))].filter(code => code !== CAUGHT_BY_FILE).sort(),
      ])
    }
  })

  test('is believed while it tells the truth', async () => {
    await promiseFile()
    expect(await audit()).toEqual([0, 'holds'])
    expect(await wallet('--signatures', '--max-age', '1d')).toEqual([0, 'holds'])
    expect(await watch('--promise', 'my.promise')).toEqual([0, 'holds'])
    server.tell(grown())
    expect(await audit()).toEqual([0, 'holds'])
    expect(await wallet()).toEqual([0, 'holds'])
  })

  for (const [row, lines] of TABLE)
    describe(`that ${row}, is caught`, () => {
      test.each(lines)('by the %s: %s: %s', async (_party, _lie, code, run) => {
        expect(await run()).toEqual([code === CAUGHT_BY_FILE ? 0 : 1, code])
      })
    })
})
