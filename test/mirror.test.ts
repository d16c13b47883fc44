import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

// A source has a test of its own at the same path, or stands in a row here: where it is tested, and why not alone. A
// test that is about no one source stands in a row that says what it is about.

const ROOT = join(import.meta.dirname, '..')

/** Sources by the beginning of their path; the tests that hold them; why they have none of their own. */
const TESTED_ELSEWHERE: readonly (readonly [sources: string, tests: readonly string[], why: string])[] = [
  ['cli/acts/', ['test/cli/commands/act-commands.test.ts'], 'a table of commands, run as processes'],
  ['cli/commands/', ['test/cli/errors.test.ts', 'test/cli/first-start.test.ts'], 'run as processes, as a user does'],
  ['cli/commands/backup.ts', ['test/operations/backup.test.ts'], 'arguments of a library'],
  ['cli/demo/', ['test/cli/commands/demo.test.ts'], 'one history, made, audited and served'],
  ['cli/failure.ts', ['test/cli/errors.test.ts'], 'exit statuses of processes'],
  ['cli/input/', ['test/cli/errors.test.ts', 'test/cli/commands/config.test.ts'], 'what a command line makes of words'],
  ['cli/main.ts', ['test/cli/errors.test.ts'], 'the process itself'],
  ['cli/screen/', ['test/cli/first-start.test.ts', 'test/cli/commands/watch.test.ts'], 'what processes print'],
  ['cli/version.ts', ['test/cli/package.test.ts'], 'the same from sources and from a package'],
  ['src/account/', ['test/ledger/model.test.ts', 'test/ledger/points-engines.test.ts'], 'rules, held to an oracle'],
  ['src/audit/', ['test/audit/audit.test.ts', 'test/audit/resume/audited-log.test.ts'], 'parts of one replay'],
  ['src/audit/evidence/', ['test/audit/evidence/prove-evidence.test.ts'], 'made and proven in one go'],
  ['src/audit/read/', ['test/audit/read/reader-thread.test.ts'], 'threads and what they read'],
  ['src/audit/report/', ['test/audit/report/page.test.ts'], 'one page'],
  ['src/client/', ['test/client/answers.test.ts', 'test/client/bounds.test.ts'], 'held to a real server and to lies'],
  ['src/core/', ['test/spec.test.ts', 'test/core/entry/transaction.test.ts'], 'bytes, held to vectors and to others'],
  ['src/core/note/', ['test/core/note/c2sp.test.ts'], 'formats of others, held to a reader of its own'],
  ['src/issuing/', ['test/issuing/issuing-service.test.ts', 'test/try/taobao.test.ts'], 'parts of one service'],
  ['src/files/', ['test/files/wallet-folder.test.ts', 'test/cli/errors.test.ts'], 'what commands keep'],
  ['src/gateway/', ['test/gateway/gateway.test.ts'], 'one server over a real ledger'],
  ['src/http/', ['test/http/routes.test.ts', 'test/http/malformed.test.ts'], 'one server, asked over HTTP'],
  ['src/journal/', ['test/journal/local.test.ts'], 'a contract, and what keeps it'],
  ['src/ledger/', ['test/ledger/model.test.ts', 'test/ledger/outcomes.test.ts'], 'rules, held to an oracle'],
  ['src/ledger/snapshot/', ['test/ledger/snapshot/snapshot.test.ts'], 'one form, written and read'],
  ['src/log/', ['test/log/stopped.test.ts'], 'stages of one log'],
  ['src/log/commit/', ['test/log/commit/group-commit.test.ts'], 'one commit'],
  ['src/log/intake/', ['test/log/intake/intake.test.ts'], 'the way of a submission'],
  ['src/log/publish/', ['test/log/log.test.ts'], 'what is published of a log'],
  ['src/log/recover/', ['test/log/recover/recover.test.ts', 'test/log/recover/damage.test.ts'], 'starts after crashes'],
  ['src/log/tree/', ['test/log/tree/log-tree.test.ts'], 'one tree'],
  ['src/lookup/', ['test/lookup/ids/ids.test.ts', 'test/lookup/postings/positions.test.ts'], 'two indexes of one kind'],
  ['src/monitor/', ['test/monitor/watcher.test.ts'], 'one watch'],
  ['src/node/', ['test/core/crypto/ed25519.test.ts', 'test/cli/errors.test.ts'], 'what Node gives, used by all others'],
  ['src/operations/', ['test/cli/first-start.test.ts', 'test/cli/commands/copies.test.ts'], 'ledgers as processes'],
  [
    'src/programmes/',
    ['test/programmes/model.test.ts', 'test/programmes/examples.test.ts'],
    'one function, held to another',
  ],
  ['src/programmes/review/', ['test/programmes/review/review.test.ts'], 'what is said of a document'],
  ['src/serving/', ['test/serving/make-server.test.ts', 'test/http/hardened.test.ts'], 'one server, asked over HTTP'],
  ['src/store/', ['test/store/level.test.ts'], 'one contract'],
  ['src/verify/', ['test/lies/lies.test.ts', 'test/truths/truths.test.ts'], 'the corpus of lies and truths'],
  [
    'src/web/',
    ['test/web/verify.test.ts', 'test/web/check-file.test.ts', 'test/web/words.test.ts'],
    'pages, in a browser',
  ],
  ['src/web/wallet/', ['test/web/wallet.test.ts', 'test/web/own-wallet.test.ts'], 'one page, in a browser'],
  ['src/witness/', ['test/witness/witness.test.ts'], 'one program'],
]

/** Tests of no one source, and what they are about. */
const ABOUT: readonly (readonly [test: string, about: string])[] = [
  ['test/account/', 'what a line of an account costs'],
  ['test/audit/evidence/rewards', 'evidence of wrong rewards, from audit to verifier'],
  ['test/audit/overdue', 'what is late, in a log of years'],
  ['test/issuing/agree', 'random documents: service, auditor and the naive evaluator'],
  ['test/issuing/import', 'files in any order, in parts, again'],
  ['test/issuing/six', 'six programmes end to end'],
  ['test/browser/', 'the verifier in a browser'],
  ['test/cli/', 'processes, as a user runs them'],
  ['test/client/', 'a client and a server that lies, is slow, or fails'],
  ['test/core/', 'formats of others'],
  ['test/deploy', 'the files for operators'],
  ['test/documents', 'the files, commands and figures that documents name'],
  ['test/docstrings', 'what is said of the names that the package exports'],
  ['test/gateway/', 'a gateway, its memory, and its page'],
  ['test/http/', 'a server and its callers, good and bad'],
  ['test/ledger/', 'the rules, held to an oracle'],
  ['test/lies/', 'the corpus of lies'],
  ['test/log/', 'a log that is stopped, damaged or continued'],
  ['test/mirror', 'this'],
  ['test/mutants/', 'mistakes that the corpora have to find'],
  ['test/outsider', 'a verifier in another language'],
  ['test/programmes/', 'documents, held to another evaluator'],
  ['test/scale', 'the model of docs/scale.md'],
  ['test/simulation/', 'a ledger and all around it, in a time of their own'],
  ['test/security', 'the threat model and the corpus'],
  ['test/spec', 'SPEC.md and the code'],
  ['test/truths/', 'the corpus of truths'],
  ['test/try/', 'real input'],
  ['test/verify/', 'verifiers beside another, and changed bytes'],
  ['test/walls', 'who imports whom'],
  ['test/web/', 'pages, as visitors see them'],
  ['test/witness/', 'witnesses and those who ask them'],
  ['test/words', 'the words of code and pages'],
]

const filesOf = (folder: string, end: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(path => `${folder}/${path}`)
    .filter(path => path.endsWith(end) && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .sort()

const SOURCES = [...filesOf('src', '.ts'), ...filesOf('src', '.tsx'), ...filesOf('cli', '.ts')].filter(
  path => !path.endsWith('/index.ts'),
)
const TESTS = filesOf('test', '.test.ts')
const mirrorOf = (source: string) => `test/${source.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`

/** The row whose beginning is the longest of those that fit. */
function rowFor<T extends readonly [string, ...unknown[]]>(rows: readonly T[], path: string): T | undefined {
  return rows.filter(([start]) => path.startsWith(start)).sort((a, b) => b[0].length - a[0].length)[0]
}

describe('tests mirror sources', () => {
  test('every source has a test of its own, or a row that says where it is tested', () => {
    const without = SOURCES.filter(source => !TESTS.includes(mirrorOf(source)))
    expect(without.filter(source => rowFor(TESTED_ELSEWHERE, source) === undefined)).toEqual([])
  })

  test('every test is about a source, or a row says what it is about', () => {
    const mirrors = new Set(SOURCES.map(mirrorOf))
    const others = TESTS.filter(path => !mirrors.has(path) && !mirrors.has(path.replace('/index.test', '')))
    expect(others.filter(path => rowFor(ABOUT, path) === undefined)).toEqual([])
  })

  test('no row is of nothing, and the tests that rows name exist', () => {
    for (const [start, tests] of TESTED_ELSEWHERE) {
      expect(
        SOURCES.some(source => rowFor(TESTED_ELSEWHERE, source)?.[0] === start),
        start,
      ).toBe(true)
      for (const path of tests) expect(existsSync(join(ROOT, path)), path).toBe(true)
    }
    for (const [start] of ABOUT)
      expect(
        TESTS.some(path => rowFor(ABOUT, path)?.[0] === start),
        start,
      ).toBe(true)
  })
})
