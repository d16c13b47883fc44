import { toBase64 } from '../../../src/core/bytes.ts'
import { COSIGNATURE_KEY, cosignNote, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { decodePromise } from '../../../src/verify/promise.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import type { Corpus } from './corpus.ts'
import type { Shop } from './shop.ts'

const witness = keyNumber(61)
const witnessKey = verifierKey('w1.example', COSIGNATURE_KEY, witness.publicKey)

/**
 * The honest story that looks most like each code that convicts (SPEC §11), shown as evidence of it: none of them
 * convicts anybody.
 */
export function twinLies(corpus: Corpus, shop: Shop): void {
  const { books, policy, spentAt } = shop
  const { lie, note } = new Accuser(corpus, shop)
  const witnessed = `${policy.replace('quorum none', '')}witness w1 ${formatVerifierKey(witnessKey)}\nquorum w1\n`

  const promise = decodePromise(shop.promise)
  const before = shop.entries.slice(0, spentAt)
  const seconds = Math.ceil(promise.deadline / 1000) + 5
  const late = books.sign(before.length, naiveRoot(before), text => [
    cosignNote(text, witnessKey, witness.seed, seconds),
  ])
  lie(
    'twin-promise-overdue',
    'needs-observer',
    'The promise was kept in time; the witness of the quorum, which was out of reach just then, was asked once ' +
      'more for the checkpoint of before, and dated it after the deadline.',
    'promise-overdue',
    { checkpoint: note(late), promise: toBase64(shop.promise) },
    witnessed,
  )
}
