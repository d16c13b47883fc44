import { toBase64 } from '../../../src/core/bytes.ts'
import { COSIGNATURE_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { parseOpened } from '../../../src/verify/opened-totals.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import type { Corpus } from './corpus.ts'
import { openedLine } from './opened.ts'
import { A, by, hash, issue, KEYS, type Shop } from './shop.ts'

/** Totals that a log opens for everyone (SPEC §11), true and false; and what convicts of them. */
export function totalsLies(corpus: Corpus, shop: Shop): void {
  const { books, policy } = shop
  const closed = books.close()
  const line = openedLine(closed)
  const told = (text: string, trust: object = {}) => ({
    verifier: 'totals',
    trust: { policy, ...trust },
    shown: { text },
  })
  const lie = (name: string, code: string, says: string, text: string, trust: object = {}) =>
    corpus.lie(`totals/${name}`, code, says, told(text, trust))
  const facts = { seal: closed.seal.epoch, owed: books.totals.map(({ owed }) => String(owed)) }
  corpus.truth('totals/honest', 'What is owed and was issued at a seal, opened by the log that sealed it.', {
    ...told(line),
    facts,
  })
  corpus.truth('totals/honest-of-just-now', 'The same, ten minutes before the time that its seal says.', {
    ...told(line, { nowMs: closed.seal.time - 600_000 }),
    facts,
  })
  const early = { nowMs: closed.seal.time - 600_001 }
  lie('of-a-time-to-come', 'clock-ahead', 'Totals of a seal of more than ten minutes from now.', line, early)

  const [first, ...others] = books.totals
  const units = [{ ...first!, owed: first!.owed - 100n }, ...others]
  const lower = openedLine(closed, { units })
  lie('signed-and-false', 'totals-false', 'A hundred points less owed than the seal commits to, signed.', lower)
  const unsigned = openedLine(closed, { units, signature: parseOpened(line).signature })
  lie('another-sum', 'totals-signature', 'A hundred points less owed, under the signature of the true sums.', unsigned)
  const salted = openedLine(closed, { salt: hash('another salt') })
  lie('another-salt', 'totals-false', 'The true sums under another salt, signed.', salted)
  lie('a-unit-less', 'totals-false', 'One unit left out, signed.', openedLine(closed, { units: others }))
  const swapped = { issued: first!.redeemed, redeemed: first!.issued }
  const exchanged = openedLine(closed, { units: [{ ...first!, ...swapped }, ...others] })
  lie('two-sums-exchanged', 'totals-false', 'What was issued as what was redeemed, and the other way round.', exchanged)
  const foreign = openedLine(closed, {}, KEYS.stranger.seed)
  lie('signed-by-another', 'totals-signature', 'True totals that somebody else signed.', foreign)
  const later = books
    .with(list => [...list, closed.sealEntry])
    .tell([by.issuer], [issue(A.bob, 5)])
    .close()
  const { signature } = parseOpened(line)
  const moved = openedLine(later, { units: books.totals, signature })
  lie('of-another-seal', 'totals-signature', 'The totals of one seal, shown as those of the next.', moved)
  const id = parseOpened(openedLine(closed, { ledgerId: hash('another ledger') })).signature
  lie('of-another-ledger', 'totals-signature', 'Signed for another ledger id.', openedLine(closed, { signature: id }))
  const inside = openedLine(later, {
    seal: closed.sealEntry,
    path: naivePath(closed.entries.length - 1, later.entries),
    salt: books.log.saltOf(closed.seal.epoch),
    units: books.totals,
  })
  lie('seal-inside', 'seal-proof', 'A seal that is not the last entry of the checkpoint.', inside)
  const key = formatVerifierKey(verifierKey('w1.example', COSIGNATURE_KEY, keyNumber(61).publicKey))
  const witnessed = { policy: policy.replace('quorum none', `witness w1 ${key}\nquorum w1`) }
  lie('uncosigned', 'quorum', 'The checkpoint lacks a witness that the reader demands.', line, witnessed)

  const form = (name: string, says: string, text: string, code = 'opened-totals') => lie(name, code, says, text)
  const withUnits = (change: (list: Record<string, unknown>[]) => unknown) => {
    const value = JSON.parse(line) as { totals: Record<string, unknown>[] }
    return JSON.stringify({ ...value, totals: change(value.totals) })
  }
  form('field-more', 'A field that a line does not have.', line.replace('{', '{"verdict":"true",'), 'sealed-checkpoint')
  form('no-salt', 'No salt.', line.replace(/"salt":"[^"]*",/, ''))
  form('short-salt', 'A salt of 31 bytes.', line.replace(/"salt":"[^"]*"/, `"salt":"${toBase64(new Uint8Array(31))}"`))
  form(
    'sum-as-number',
    'A sum as a number, which a language may round.',
    withUnits(([a, ...b]) => [{ ...a, owed: 5 }, ...b]),
  )
  form(
    'sum-with-a-zero',
    'A sum with a leading zero.',
    withUnits(([a, ...b]) => [{ ...a, owed: '07' }, ...b]),
  )
  const beyond = String(2n ** 128n)
  form(
    'sum-too-large',
    'A sum of 2^128.',
    withUnits(([a, ...b]) => [{ ...a, issued: beyond }, ...b]),
  )
  form(
    'sum-missing',
    'Totals of a unit without what is owed.',
    withUnits(([a, ...b]) => [{ ...a, owed: undefined }, ...b]),
  )
  form(
    'units-in-disorder',
    'Units that are not by increasing record.',
    withUnits(list => list.toReversed()),
  )
  form(
    'unit-twice',
    'A unit twice.',
    withUnits(([a, ...b]) => [a, a, ...b]),
  )
  const many = Array.from({ length: 257 }, (_, unit) => unit)
  form(
    'too-many-units',
    '257 units.',
    withUnits(([a]) => many.map(unit => ({ ...a, unit }))),
  )
  form(
    'unit-too-large',
    'A record that cannot be.',
    withUnits(([a, ...b]) => [{ ...a, unit: 2 ** 20 }, ...b]),
  )
  form('no-json', 'No JSON.', line.slice(1))

  const { truth, lie: accused } = new Accuser(corpus, shop)
  truth(
    'honest-totals-false',
    'totals-false',
    'Totals that the log signed, and a seal of its own that commits to others.',
    {
      opened: lower,
    },
  )
  truth('honest-totals-false-by-salt', 'totals-false', 'A salt that the log signed, and that does not open its seal.', {
    opened: salted,
  })
  const says = 'Totals that are those of the seal, accused of not being.'
  accused('twin-totals-true', 'not-proven', says, 'totals-false', { opened: line })
  const changed = 'Totals that somebody changed after the log had signed them.'
  accused('twin-totals-changed', 'totals-signature', changed, 'totals-false', { opened: unsigned })
  const moves = 'The totals of one seal, shown beside another, which commits to others.'
  accused('twin-totals-moved', 'totals-signature', moves, 'totals-false', { opened: moved })
  accused('totals-not-shown', 'not-proven', 'No totals at all.', 'totals-false', {})
}
