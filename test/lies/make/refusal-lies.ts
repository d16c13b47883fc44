import { fromHex, utf8Encode } from '../../../src/core/bytes.ts'
import { encodeCbor } from '../../../src/core/cbor-writer.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import type { Group } from '../../../src/core/entry/group.ts'
import { encodeSubmission } from '../../../src/core/entry/submission.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { decodePromise } from '../../../src/verify/promise.ts'
import { encodeRefusal, type RefusalFile, type RefusalHead, refusalMessage } from '../../../src/verify/refusal.ts'
import { plusL } from '../../core/crypto/edwards.ts'
import { type Signer, signed } from '../../world.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, KEYS, type Shop } from './shop.ts'

/**
 * Refusals of whole batches: here it is the holder who may lie, about what he handed in, and the ledger about what it
 * signed.
 */
export function refusalLies(corpus: Corpus, shop: Shop): void {
  const { policy, log, entries } = shop
  const { ledgerId, transactions: sent, time } = { ...decodePromise(shop.promise), time: 1_800_000_000_000 }
  const told = (bytes: Uint8Array) => ({ verifier: 'refusal', trust: { policy }, shown: shownBytes(bytes) })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array) =>
    corpus.lie(`refusal/${name}`, code, says, told(bytes))
  const forged = (name: string, says: string, bytes: Uint8Array) => lie(name, 'refusal-signature', says, bytes)

  /** A batch by those signers, and the ledger's refusal of it. */
  const refused = (
    code: RefusalHead['code'],
    signers: readonly Signer[],
    list = sent,
    seed = log.seed,
    groups: readonly Group[] = [],
  ): RefusalFile => {
    const { signatures, transactions } = signed(ledgerId, signers, list, groups)
    const head = { ledgerId, size: entries.length, time, code }
    const signature = signEd25519(seed, refusalMessage(head, signatures, transactions))
    return { ...head, signature, submission: encodeSubmission(signatures, list, groups) }
  }
  const file = refused('signer-unknown', [by.issuer, { account: 99, key: KEYS.alice }])
  const edit = (change: Partial<RefusalFile>, from = file) => encodeRefusal({ ...from, ...change })
  const { signatures } = signed(ledgerId, [by.issuer, by.alice], sent)
  const [first, second] = sent as [Uint8Array, Uint8Array]

  corpus.truth('refusal/honest', 'A batch that names the owner of an account that does not exist.', {
    ...told(encodeRefusal(file)),
    facts: { code: 'signer-unknown', size: entries.length, time },
  })
  corpus.truth('refusal/honest-signature', 'Bob signed what Alice should have.', {
    ...told(encodeRefusal(refused('signature-invalid', [{ account: A.alice, key: KEYS.bob }]))),
    facts: { code: 'signature-invalid' },
  })
  corpus.truth('refusal/honest-one', 'A batch of one transaction, by a key that was revoked.', {
    ...told(encodeRefusal(refused('signer-revoked', [by.revoked], [first]))),
    facts: { code: 'signer-revoked' },
  })
  corpus.truth('refusal/honest-rate', 'Alice had as many transactions in a minute as her unit allows.', {
    ...told(encodeRefusal(refused('rate', [by.alice]))),
    facts: { code: 'rate' },
  })

  forged(
    'other-signatures',
    'Good signatures beside a refusal of bad ones.',
    edit({ submission: encodeSubmission(signatures, sent) }),
  )
  forged(
    'signature-left-out',
    'One of the two signatures that were refused.',
    edit({ submission: encodeSubmission(signatures.slice(0, 1), sent) }),
  )
  forged(
    'signer-renamed',
    'The same signatures, one under the name of another owner.',
    edit({
      submission: encodeSubmission(
        signatures.map(one => (one.class === 1 ? { ...one, number: A.bob } : one)),
        sent,
      ),
    }),
  )
  const own = signed(ledgerId, [by.issuer, { account: 99, key: KEYS.alice }], sent).signatures
  forged(
    'other-groups',
    'Groups beside a refusal of a batch without any: under those its signatures might hold.',
    edit({ submission: encodeSubmission(own, sent, [{ first: 0, count: 2 }]) }),
  )
  forged('transaction-left-out', 'One of two transactions.', edit({ submission: encodeSubmission(own, [first]) }))
  forged(
    'transaction-twice',
    'A transaction more.',
    edit({ submission: encodeSubmission(own, [first, second, second]) }),
  )
  forged(
    'transaction-order',
    'The transactions in another order.',
    edit({ submission: encodeSubmission(own, [second, first]) }),
  )
  forged('reason-changed', 'Another reason than was signed.', edit({ code: 'signer-revoked' }))
  forged('time-moved', 'A day later than was signed.', edit({ time: time + 86_400_000 }))
  forged('size-moved', 'As if the log had been longer.', edit({ size: file.size + 1 }))
  forged('another-ledger', 'The refusal of another ledger under the same key.', edit({ ledgerId: hash('another') }))
  forged('no-ledger', 'As if the ledger had been empty.', edit({ ledgerId: new Uint8Array(32) }))
  forged(
    'impostor',
    'A refusal that a stranger signed.',
    encodeRefusal(refused('signer-unknown', [by.issuer], sent, KEYS.stranger.seed)),
  )
  forged('nobody', 'A signature of zeros.', edit({ signature: new Uint8Array(64) }))
  forged(
    'signature-plus-l',
    'The log’s signature with L added to S: the ledger could say that it never signed that.',
    edit({ signature: plusL(file.signature) }),
  )
  forged(
    'promise-as-refusal',
    'The signature of a promise.',
    edit({ signature: decodePromise(shop.promise).signature }),
  )
  const { root } = signed(ledgerId, [by.issuer], sent).transactions
  const short = Uint8Array.of(
    ...utf8Encode('tallystick/refusal/v1\0'),
    ...ledgerId,
    ...fromHex('00000002'),
    ...root,
    ...fromHex(time.toString(16).padStart(16, '0')),
    ...utf8Encode(file.code),
  )
  forged(
    'signatures-not-covered',
    'A signature of the log that covers the transactions and not who signed them.',
    edit({ signature: signEd25519(log.seed, short) }),
  )
  forged(
    'leaf-for-root',
    'The batch of one transaction, under the hash of that instead of the root over it.',
    edit(
      { signature: signEd25519(log.seed, refusalMessage(file, own, { groups: [], count: 1, root: leafHash(first) })) },
      { ...file, submission: encodeSubmission(own, [first]) },
    ),
  )

  const { submission } = file
  const fields = ['tallystick/refusal/v1', ledgerId, file.size, time, file.code, file.signature, submission]
  const raw = (at: number, value: Parameters<typeof encodeCbor>[0]) =>
    encodeCbor(fields.with(at, value as never) as never)
  lie(
    'reason-of-a-transaction',
    'refusal',
    'A reason for which transactions are refused, not batches.',
    raw(4, 'insufficient'),
  )
  lie('reason-none', 'refusal', 'No reason.', raw(4, ''))
  lie('tag-of-a-promise', 'refusal', 'The tag of a promise.', raw(0, 'tallystick/promise/v1'))
  lie('tag-of-tomorrow', 'refusal', 'The tag of a later form.', raw(0, 'tallystick/refusal/v2'))
  lie('field-more', 'refusal', 'A field more.', encodeCbor([...fields, 0] as never))
  lie('field-less', 'refusal', 'Without what was handed in.', encodeCbor(fields.slice(0, 6) as never))
  lie('bytes-behind', 'cbor', 'A byte behind the end.', Uint8Array.of(...encodeCbor(fields as never), 0))
  lie('submission-empty', 'cbor', 'Nothing was handed in.', raw(6, new Uint8Array(0)))
  lie('submission-cut', 'cbor', 'What was handed in breaks off.', raw(6, submission.subarray(0, -1)))
  lie('submission-longer', 'cbor', 'A byte behind what was handed in.', raw(6, Uint8Array.of(...submission, 0)))
  lie(
    'signers-out-of-order',
    'batch',
    'The signatures in another order.',
    raw(6, encodeSubmission(own.toReversed(), sent)),
  )
  lie('signature-short', 'cbor', 'A signature of 63 bytes.', raw(5, file.signature.subarray(1)))
  lie('time-beyond', 'cbor', 'A time beyond 2^48.', raw(3, 2 ** 48))
}
