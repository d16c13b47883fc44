import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Attempt } from '../../../src/audit/attempt.ts'
import type { Audit } from '../../../src/audit/audit-report.ts'
import { accuse } from '../../../src/audit/evidence/accuse.ts'
import { convictByReplay } from '../../../src/audit/evidence/replay-evidence.ts'
import { toBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { ENTRY_SEAL } from '../../../src/core/entry/entry-type.ts'
import { decodeSeal, encodeSeal } from '../../../src/core/entry/seal.ts'
import { CodedError, VerifyError } from '../../../src/core/failure.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { openCheckpoint, parsePolicy } from '../../../src/core/note/policy.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { convict } from '../../../src/verify/evidence/convict.ts'
import { LOG_FAULTS } from '../../../src/verify/evidence/convict-log.ts'
import {
  type EvidenceFile,
  formatEvidence,
  parseEvidence,
  type ShownSalt,
  shownHashes,
} from '../../../src/verify/evidence/evidence-file.ts'
import { saltsMessage } from '../../../src/verify/promise.ts'
import { naiveConsistency, naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { Books, type Closed, type LogKey } from '../../lies/make/books.ts'
import { hourly, released, sealed } from '../../lies/make/overdue-lies.ts'
import { A, by, issue, openShop, redeem, type Shop } from '../../lies/make/shop.ts'
import { keyNumber } from '../../world.ts'
import { logInMemory } from '../read/log-in-memory.ts'

const NEXT = 'next.example/points'

describe('evidence of a ledger that went on in another log', () => {
  let shop: Shop
  let next: LogKey
  /** Policies: of the first log, of the second, of both. */
  let [first, second, both] = ['', '', '']

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    shop = await openShop()
    const { seed, publicKey } = keyNumber(81)
    next = { ...shop.log, key: verifierKey(NEXT, ED25519_KEY, publicKey), seed }
    const policyOf = (...keys: LogKey[]) =>
      `${keys.map(({ key }) => `log ${formatVerifierKey(key)}\n`).join('')}quorum none\n`
    ;[first, second, both] = [policyOf(shop.log), policyOf(next), policyOf(shop.log, next)]
  })
  afterAll(() => useEngine(portableEngine))

  /** A ledger of these entries, up to a seal, and the last that its log signs. */
  const ended = (entries: readonly Uint8Array[]): Closed =>
    new Books(shop.log, entries)
      .tell(
        [by.root],
        [
          {
            ...{ kind: 'continue-log', origin: NEXT, logKey: next.key.publicKey },
            ...{ size: entries.length, root: naiveRoot(entries), seen: null },
          },
        ],
      )
      .close()
  /** That, and what came after it in the second log. */
  const wentOn = (entries: readonly Uint8Array[]): Closed =>
    new Books(next, ended(entries).entries).tell([by.alice], [redeem(A.alice, 5)]).close()

  /** The salt of the seal at fault, as a log signs it under an id. */
  const saltOf = (closed: Closed, { evidence }: Pick<EvidenceFile, 'evidence'>): ShownSalt => {
    const { log, ledgerId } = closed.books
    const { epoch } = decodeSeal(closed.entries[evidence.at!]!)
    const salt = log.saltOf(epoch)
    const signature = signEd25519(log.seed, saltsMessage(ledgerId, epoch, [salt]))
    return { epoch, salt: toBase64(salt), signature: toBase64(signature) }
  }

  /** What an audit of a log leaves in a file, to one with such a policy. */
  const accused = async (closed: Closed, policyText: string): Promise<EvidenceFile> => {
    const policy = parsePolicy(utf8Encode(policyText))
    const checkpoint = openCheckpoint(closed.checkpoint, policy)
    const salts = Array.from({ length: 64 }, (_, epoch) => shop.log.saltOf(epoch))
    const source = logInMemory(closed.entries, salts)
    const target = { note: closed.checkpoint, checkpoint, refused: undefined, earlier: undefined }
    const audit: Audit = await new Attempt({ source, onProgress() {}, tuning: { thread: false } }, target).run()
    expect(audit.report.faults).not.toEqual([])
    const { from } = closed.records[closed.books.naming.at(-1)!]!
    return await accuse(audit, policy, {
      ...{ url: 'https://ledger.example', time: '2027-01-15T08:00:00Z' },
      namedAt: async () => from,
      saltOf: async ({ code, evidence }) => (code === 'seal-totals' ? saltOf(closed, { evidence }) : undefined),
    })
  }

  /** What a stranger finds in a file, with the entries that it says. */
  const verdict = async (file: EvidenceFile, policyText: string, entries: readonly Uint8Array[]): Promise<string> => {
    const policy = parsePolicy(utf8Encode(policyText))
    const read = parseEvidence(formatEvidence(file))
    try {
      try {
        return `convicts of ${convict(read, policy).code}`
      } catch (error) {
        if (!(error instanceof VerifyError && error.code === 'needs-replay')) throw error
        const list = entries.slice(0, read.evidence.log?.entries)
        const bytes = async (index: number) => encodeEntryBundle(list.slice(256 * index, 256 * index + 256))
        const bundles = {
          bytes,
          async *first(count: number) {
            for (let i = 0; i < count; i++) yield await bytes(i)
          },
        }
        const tools = { bundles, from: 'in the file', onRead() {}, onReplay() {} }
        return `convicts of ${(await convictByReplay(read, policy, tools)).code}`
      }
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      return error.code
    }
  }

  /** False beginnings of the ledger, each up to a seal, and what an audit says of them. */
  const falsehoods = (): [code: string, entries: readonly Uint8Array[]][] => {
    const { books } = shop
    const told = sealed(books.tell([by.issuer], [issue(A.alice, 10)]))
    const [batchAt, sealAt] = [told.entries.length - 3, told.entries.length - 1]
    const withSeal = (change: object) =>
      told.entries.with(sealAt, encodeSeal({ ...decodeSeal(told.entries[sealAt]!), ...change }))
    const withBatch = (change: object) =>
      books.with(() =>
        told.entries.slice(0, sealAt).with(batchAt, encodeBatch({ ...decodeBatch(told.entries[batchAt]!), ...change })),
      )
    const none = new Uint8Array(32)
    const { signatures } = decodeBatch(told.entries[batchAt]!)
    return [
      // Tidied up before the ledger goes on: the seal that was late stands in the middle of the log.
      ['overdue', sealed(hourly(books, 26).tell([by.operator], [released(shop)])).entries],
      ['batch-statuses', sealed(withBatch({ statuses: Uint8Array.of(60) })).entries],
      [
        'batch-refused',
        sealed(withBatch({ signatures: [{ ...signatures[0]!, ed25519: new Uint8Array(64) }] })).entries,
      ],
      ['batch-root', sealed(withBatch({ root: none })).entries],
      ['batch-time', sealed(withBatch({ time: 5 })).entries],
      ['seal-state', withSeal({ stateRoot: none })],
      ['seal-registry', withSeal({ registryRoot: none })],
      ['seal-totals', withSeal({ totalsRoot: none })],
      ['seal-epoch', withSeal({ epoch: 77 })],
      ['seal-time', withSeal({ time: 5 })],
    ]
  }

  test('a fault from before convicts the log that goes on from it, and the one that ended', async () => {
    for (const [code, entries] of falsehoods()) {
      const [end, on] = [ended(entries), wentOn(entries)]
      const found: unknown[] = []
      for (const [closed, policy] of [
        [on, second],
        [on, both],
        [end, first],
        [end, both],
      ] as const) {
        // The last that the first log signs stands in the tree of the second, and names that.
        const file = await accused(closed, policy)
        found.push([file.code, await verdict(file, policy, closed.entries)])
      }
      expect([code, ...found]).toEqual([code, ...Array(4).fill([code, `convicts of ${code}`])])
      // Nobody who has the key of the other log only is told anything of either.
      expect(await verdict(await accused(on, second), first, on.entries)).toBe('unknown-log')
    }
  })

  test('and no beginning of an honest one convicts anybody, whatever is said of it', async () => {
    const on = wentOn(sealed(shop.books).entries)
    const { entries } = on
    const sizes = entries.flatMap((entry, i) => (i > 0 && entry[0] === ENTRY_SEAL ? [i - 1, i + 1] : []))
    let asked = 0
    for (const code of LOG_FAULTS)
      for (const size of [2, ...sizes])
        for (const at of code === 'log-identity' || code === 'after-end' ? [1, size - 1] : [size - 1]) {
          const isSeal = entries[at]![0] === ENTRY_SEAL
          const shown = [at].map(index => ({
            index,
            entry: toBase64(entries[index]!),
            proof: shownHashes(naivePath(index, entries)),
          }))
          const evidence = {
            checkpoint: utf8Decode(on.checkpoint),
            ...{ at, entries: shown, root: toBase64(naiveRoot(entries.slice(0, size))) },
            proof: shownHashes(naiveConsistency(size, entries)),
            log: { entries: size, bundles: Math.ceil(size / 256) },
            ...(code === 'seal-totals' && isSeal && { salt: saltOf(on, { evidence: { at } }) }),
          }
          const file: EvidenceFile = { origin: NEXT, code, message: 'words', needs: 'nothing', evidence }
          const found = await verdict(file, both, entries)
          expect([code, size, at, found]).toEqual([code, size, at, expect.stringMatching(/^(?!convicts)/)])
          asked++
        }
    expect(asked).toBeGreaterThan(80)
  })

  test('a salt counts only under the signature of the log that signed the checkpoint', async () => {
    const [, entries] = falsehoods().find(([code]) => code === 'seal-totals')!
    const on = wentOn(entries)
    const file = await accused(on, both)
    const { evidence } = file
    expect(evidence.entries!.map(({ index }) => index)).toEqual([
      entries.length - 1,
      entries.length,
      entries.length + 1,
    ])
    const signedBy = (closed: Closed) => ({ ...file, evidence: { ...evidence, salt: saltOf(closed, { evidence }) } })
    expect(await verdict(signedBy(on), both, on.entries)).toBe('convicts of seal-totals')
    expect(await verdict(signedBy(new Books(shop.log, entries).close()), both, on.entries)).toBe('not-proven')
    const alone = { ...file, evidence: { ...evidence, entries: evidence.entries!.slice(0, 1) } }
    expect(await verdict(alone, both, on.entries)).toBe('not-proven')
  })
})
