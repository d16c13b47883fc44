import type { Draft, Signer } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { A, by, issue, KEYS, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

const ALICE = A.alice

/** Transactions whose own time is far from that of the batch that they came with. */
export function timeLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { books, spentAt } = shop
  const [hour, day] = [3_600_000, 86_400_000]
  const withheld = books.entries[spentAt + 2]!
  teller.lie(
    'refused-taken-later',
    'line-time',
    'A purchase that was refused for want of points, taken a year later with the signature of then.',
    stated(
      books
        .tell([by.issuer], [issue(ALICE, 600)])
        .enter([by.alice], [withheld], books.timeMs + 365 * day)
        .close(),
      ALICE,
    ),
  )
  const spend = redeem(ALICE, 100)
  teller.lie(
    'spent-ahead',
    'line-time',
    'A purchase of a time that is still to come.',
    teller.told([by.alice], spend, { skewMs: hour }),
  )
  teller.lie(
    'spent-behind',
    'line-time',
    'A purchase of an hour before.',
    teller.told([by.alice], spend, { skewMs: -hour }),
  )
  teller.truth(
    'honest-skewed',
    'A purchase as far from ledger time as genesis allows.',
    teller.told([by.alice], spend, { skewMs: -600_000 }),
    teller.trust(ALICE),
    { balance: 140 },
  )
  teller.lie(
    'issued-behind',
    'line-time',
    'Points of an hour before, by an issuer whose key reaches no further back than others.',
    teller.told([by.issuer], issue(ALICE, 100), { skewMs: -hour }),
  )
  const next = books.records.length
  const importer: Draft = {
    kind: 'register-key',
    key: KEYS.stranger.publicKey,
    role: 'issuer',
    scope: [A.budget],
    backdateMs: day,
  }
  const imports = books.tell([by.root], [importer])
  const late: Signer = { record: next, key: KEYS.stranger }
  const told = (signers: readonly Signer[], draft: Draft, skewMs: number) =>
    stated(imports.tell(signers, [draft], { skewMs }).close(), ALICE, { all: true })
  teller.truth(
    'honest-backdated',
    'Points of yesterday, by a key that may reach so far back.',
    told([late], issue(ALICE, 100), -day - 600_000),
    teller.trust(ALICE),
    { balance: 340 },
  )
  teller.lie(
    'backdated-too-far',
    'line-time',
    'Points of a time before what the issuer’s key may reach.',
    told([late], issue(ALICE, 100), -day - 600_001),
  )
  teller.lie(
    'backdated-beside-another',
    'line-time',
    'A purchase of yesterday, beside the signature of a key that may issue points of then.',
    told([late, by.alice], spend, -day),
  )
}
