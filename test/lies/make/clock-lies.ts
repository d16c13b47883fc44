import {
  COSIGNATURE_KEY,
  cosignNote,
  formatNote,
  formatVerifierKey,
  parseNote,
  verifierKey,
} from '../../../src/core/note/note.ts'
import { keyNumber } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { A, type Shop } from './shop.ts'
import { changed } from './statements.ts'
import { Teller } from './teller.ts'

const OFF_MS = 600_000
const witness = (n: number) => verifierKey(`w${n}.example`, COSIGNATURE_KEY, keyNumber(60 + n).publicKey)

/** Seals of a time to come, by those who cosigned them, or by the reader’s own clock. */
export function clockLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { plain } = shop.statements[A.alice]!
  const { time } = shop.books.close().seal
  const lines = [1, 2].map(n => `witness w${n} ${formatVerifierKey(witness(n))}\n`).join('')
  const trustOf = (quorum: string, nowMs?: number) => ({
    policy: shop.policy.replace('quorum none\n', lines + quorum),
    ...(nowMs === undefined ? {} : { nowMs }),
  })
  const both = trustOf('group both all w1 w2\nquorum both\n')
  /** Her statement under cosignatures that are so many seconds behind the seal, rounded up. */
  const cosigned = (...behind: number[]) =>
    changed(plain, ({ checkpoint }) => {
      const { text, signatures } = parseNote(checkpoint)
      const made = behind.map((seconds, i) =>
        cosignNote(text, witness(i + 1), keyNumber(61 + i).seed, Math.ceil(time / 1000) + seconds),
      )
      return { checkpoint: formatNote({ text, signatures: [...signatures, ...made] }) }
    })
  const facts = { balance: 240 }
  teller.truth(
    'honest-cosigned-late',
    'Cosigned when it was made, and again a year on.',
    cosigned(1, 31_536_000),
    both,
    facts,
  )
  teller.truth('honest-witness-behind', 'A witness whose clock is ten minutes slow.', cosigned(-600, 0), both, facts)
  teller.truth(
    'honest-one-behind',
    'One of two whose clock is a day slow, where the other is enough.',
    cosigned(-86_400, 0),
    trustOf('group any any w1 w2\nquorum any\n'),
    facts,
  )
  teller.truth(
    'honest-reader-behind',
    'The reader’s clock is a year slow: those who cosigned know better.',
    cosigned(0, 0),
    { ...both, nowMs: time - 31_536_000_000 },
    facts,
  )
  teller.truth(
    'honest-now',
    'Ten minutes ahead of the reader’s clock, and no witness to ask.',
    plain,
    { ...teller.trust(A.alice), nowMs: time - OFF_MS },
    facts,
  )
  teller.lie(
    'cosigned-before',
    'clock-ahead',
    'A witness cosigned more than ten minutes before the time of the seal: ledger time is ahead, and points ' +
      'expired too early.',
    cosigned(-602, 0),
    both,
  )
  teller.lie(
    'cosigned-a-year-before',
    'clock-ahead',
    'Both witnesses cosigned a year before the time of the seal.',
    cosigned(-31_536_000, -31_536_000),
    both,
  )
  teller.lie(
    'time-to-come',
    'clock-ahead',
    'A seal of more than ten minutes from now, where no witness could tell.',
    plain,
    { ...teller.trust(A.alice), nowMs: time - OFF_MS - 1 },
  )
}
