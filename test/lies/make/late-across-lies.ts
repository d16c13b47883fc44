import { toBase64 } from '../../../src/core/bytes.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { encodeStatement, type Statement, withoutLines } from '../../../src/verify/statement.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber, type Signer } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed, type LogKey } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, issue, redeem, type Shop } from './shop.ts'
import { statementOf } from './statements.ts'

const ALICE = A.alice

/** Evidence that a statement was false, where the ledger went on in another log since. */
export function lateAcrossLies(corpus: Corpus, shop: Shop): void {
  const { log, books, earlierSize } = shop
  const accuser = new Accuser(corpus, shop)
  const logNamed = (name: string, number: number): LogKey => {
    const { seed, publicKey } = keyNumber(number)
    return { ...log, key: verifierKey(name, ED25519_KEY, publicKey), seed }
  }
  const [next, third] = [logNamed('next.example/points', 81), logNamed('third.example', 82)]
  const policyOf = (...keys: LogKey[]) =>
    `${keys.map(({ key }) => `log ${formatVerifierKey(key)}\n`).join('')}quorum none\n`
  const all = policyOf(log, next, third)
  /** The last checkpoint of a log from which the ledger goes on as `to`. */
  const turn = (before: Books, to: LogKey, seen: number | null = null, signers: readonly Signer[] = [by.root]) => {
    const { entries } = before
    const size = entries.length
    const draft = { kind: 'continue-log', origin: to.key.name, logKey: to.key.publicKey, size, seen } as const
    return before.tell(signers, [{ ...draft, root: naiveRoot(entries) }])
  }
  /** What the next log signs, when Alice has got points in it. */
  const goneOn = (end: Closed, as: LogKey = next): Closed =>
    new Books(as, end.entries).tell([by.issuer], [issue(ALICE, 5)]).close()
  const shown = (earlier: Statement, later: Closed) => ({
    statement: toBase64(encodeStatement(statementOf(later, ALICE, { all: true }))),
    earlierStatement: toBase64(encodeStatement(withoutLines(earlier))),
  })
  const code = 'line-late'
  const truth = (name: string, says: string, earlier: Statement, later: Closed) =>
    accuser.truth(`honest-line-late-${name}`, code, says, shown(earlier, later), all)
  const lie = (name: string, expected: string, says: string, earlier: Statement, later: Closed, policy = all) =>
    accuser.lie(`line-late-${name}`, expected, says, code, shown(earlier, later), policy)

  // The operator has a purchase of Alice’s in the log, and a seal that does not count it.
  const early = books.with(list => list.slice(0, earlierSize - 1))
  const before = early.accounts[ALICE]!
  const hidden = early.tell([by.alice], [redeem(ALICE, 40)])
  const sealed = hidden.close({ accounts: { [ALICE]: before } })
  const hiding = statementOf(sealed, ALICE)
  const turned = turn(new Books(log, sealed.entries), next)
  const end = turned.close()
  truth('since-the-end', 'A log hid a purchase, and ended; the next one shows it.', hiding, goneOn(end))
  const hiddenEnd = turned.close({ accounts: { [ALICE]: before } })
  const hidingAtLast = statementOf(hiddenEnd, ALICE)
  truth('at-its-end', 'The last seal of a log hid a purchase; the next one shows it.', hidingAtLast, goneOn(hiddenEnd))
  const onward = turn(new Books(next, goneOn(end).entries), third).close()
  truth('two-logs-on', 'And the one behind that.', hiding, goneOn(onward, third))

  // The honest stories that look most like it.
  const honest = early.close()
  const fresh = new Books(log, honest.entries).tell([by.alice], [redeem(ALICE, 40)]).close()
  const kept = statementOf(honest, ALICE)
  lie(
    'in-time',
    'not-proven',
    'A log told the truth, and so does the next.',
    kept,
    goneOn(turn(new Books(log, fresh.entries), next).close()),
  )
  const grown = new Books(log, honest.entries)
    .tell([by.issuer], [issue(A.bob, 1)])
    .tell([by.issuer], [issue(A.bob, 2)])
    .tell([by.issuer], [issue(A.bob, 3)])
    .tell([by.issuer], [issue(A.bob, 4)])
    .close()
  const dropping = turn(new Books(log, honest.entries), next, grown.entries.length).close()
  lie(
    'of-what-was-dropped',
    'not-proven',
    'The next log began with less, and what Alice did in it stands below the size of what she was shown before.',
    statementOf(grown, ALICE),
    goneOn(dropping),
  )
  lie(
    'of-what-was-dropped-in-silence',
    'not-proven',
    'The same, where nobody was said to have seen it: that is for a wallet to say, and another code.',
    statementOf(grown, ALICE),
    goneOn(turn(new Books(log, honest.entries), next).close()),
  )
  const alien = new Books(third, hidden.entries).close({ accounts: { [ALICE]: before } })
  lie('of-no-log-of-it', 'not-proven', 'Of a log that the ledger was never in.', statementOf(alien, ALICE), goneOn(end))
  lie(
    'by-nobody',
    'record-signature',
    'The next log goes on by the word of one who is no root key.',
    hiding,
    goneOn(turn(new Books(log, sealed.entries), next, null, [by.registrar]).close()),
  )
  lie('under-one-key', 'unknown-log', 'To one whose policy has the next log only.', hiding, goneOn(end), policyOf(next))
}
