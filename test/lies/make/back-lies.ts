import { toBase64 } from '../../../src/core/bytes.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { encodeStatement } from '../../../src/verify/statement.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Books, type Closed, type LogKey } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, issue, redeem, type Shop } from './shop.ts'
import { statementOf } from './statements.ts'

const ALICE = A.alice

/** Statements of a log that the ledger has left, to one who had seen it go on. */
export function backLies(corpus: Corpus, shop: Shop): void {
  const { log, cards, entries, earlierSize } = shop
  const { seed, publicKey } = keyNumber(81)
  const next: LogKey = { ...log, key: verifierKey('next.example/points', ED25519_KEY, publicKey), seed }
  const card = cards[ALICE]!
  const policy = `${[log, next].map(({ key }) => `log ${formatVerifierKey(key)}\n`).join('')}quorum none\n`
  const size = entries.length
  const draft = { kind: 'continue-log', origin: next.key.name, logKey: publicKey, size, seen: null } as const
  const end = new Books(log, entries).tell([by.root], [{ ...draft, root: naiveRoot(entries) }]).close()
  const now = new Books(next, end.entries)
    .tell([by.issuer], [issue(ALICE, 10)])
    .tell([by.alice], [redeem(ALICE, 40)])
    .close()
  const bytesOf = (closed: Closed) => encodeStatement(statementOf(closed, ALICE))
  const acceptedOf = (origin: string, list: readonly Uint8Array[], before?: readonly string[]) => ({
    ...{ origin, size: list.length, root: toBase64(naiveRoot(list)) },
    ...(before && { before: [...before] }),
  })
  const first = acceptedOf(log.key.name, entries)
  const second = acceptedOf(next.key.name, now.entries, [log.key.name])
  const told = (bytes: Uint8Array, seen: object[], growth?: readonly Uint8Array[]) => ({
    verifier: 'statement',
    trust: { policy, card, seen },
    shown: { ...shownBytes(bytes), ...(growth && { growth: growth.map(toBase64) }) },
  })
  const lie = (name: string, says: string, ...what: Parameters<typeof told>) =>
    corpus.lie(`continued/${name}`, 'consistency-proof', says, told(...what))
  const truth = (name: string, says: string, balance: number, ...what: Parameters<typeof told>) =>
    corpus.truth(`continued/${name}`, says, { ...told(...what), facts: { balance } })

  lie('back-to-the-end', 'The last checkpoint of a log, to one who had accepted the next.', bytesOf(end), [second])
  lie(
    'back-to-the-log-before',
    'A log that had grown out of what he accepted of it before he accepted the next.',
    shop.statements[ALICE]!.plain,
    [acceptedOf(log.key.name, entries.slice(0, earlierSize)), second],
    naiveConsistency(earlierSize, entries),
  )
  lie(
    'back-to-the-same',
    'The checkpoint of the log before that he had accepted last, once more.',
    shop.statements[ALICE]!.plain,
    [first, second],
  )
  truth('honest-not-back', 'The next log, to the same.', 210, bytesOf(now), [first, second])
  truth('honest-end-of-two', 'The last of a log, to one who knows of no other of it.', 240, bytesOf(end), [
    acceptedOf(next.key.name, now.entries),
  ])
  truth('honest-end-beside-another', 'The same, to one who knows of another ledger that went on.', 240, bytesOf(end), [
    { ...second, before: ['other.example'] },
  ])
}
