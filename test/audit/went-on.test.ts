import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jsonOfDropped, showDropped } from '../../cli/screen/show-dropped.ts'
import { Attempt } from '../../src/audit/attempt.ts'
import { droppedOf } from '../../src/audit/dropped.ts'
import { comparedWithBefore, wentOnInWords } from '../../src/audit/went-on.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { ENTRY_BATCH } from '../../src/core/entry/entry-type.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, parsePolicy } from '../../src/core/note/policy.ts'
import { encodeEntryBundle } from '../../src/core/tree/tile.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { Books, type Closed, type LogKey } from '../lies/make/books.ts'
import { A, by, issue, openShop, type Shop } from '../lies/make/shop.ts'
import { keyNumber } from '../world.ts'
import { logInMemory } from './read/log-in-memory.ts'

const NEXT = 'next.example/points'

describe('an audit of a ledger that was in other logs before says', () => {
  let shop: Shop
  let next: LogKey
  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    shop = await openShop()
    const { seed, publicKey } = keyNumber(81)
    next = { ...shop.log, key: verifierKey(NEXT, ED25519_KEY, publicKey), seed }
  })
  afterAll(() => useEngine(portableEngine))

  /** The ledger, gone on from its first `size` entries, up to a seal, as the new log has it. */
  const goneOn = (size: number, seen: number | null): Closed => {
    const before = shop.entries.slice(0, size)
    const draft = { kind: 'continue-log', origin: NEXT, logKey: next.key.publicKey, size, seen } as const
    const end = new Books(shop.log, before).tell([by.root], [{ ...draft, root: naiveRoot(before) }]).close()
    return new Books(next, end.entries).tell([by.issuer], [issue(A.alice, 10)]).close()
  }
  const audited = async (closed: Closed) => {
    const policy = parsePolicy(utf8Encode(`log ${formatVerifierKey(next.key)}\nquorum none\n`))
    const checkpoint = openCheckpoint(closed.checkpoint, policy)
    const salts = Array.from({ length: 16 }, (_, epoch) => shop.log.saltOf(epoch))
    const source = logInMemory(closed.entries, salts)
    const target = { note: closed.checkpoint, checkpoint, refused: undefined, earlier: undefined }
    return new Attempt({ source, onProgress() {}, tuning: { thread: false } }, target).run()
  }
  /** What is said to one who had accepted a checkpoint of the first log. */
  const said = async (closed: Closed, earlier?: Uint8Array) => {
    const audit = await audited(closed)
    expect(audit.report.faults).toEqual([])
    const { wentOn, faults } = await comparedWithBefore(audit, async origin =>
      origin === shop.log.key.name ? earlier : undefined,
    )
    return { dropped: wentOn.map(({ dropped }) => dropped), faults: faults.map(({ code }) => code), wentOn }
  }

  test('nothing was dropped, of a log that went on from its end', async () => {
    const { length: size } = shop.entries
    for (const earlier of [undefined, shop.checkpoint, shop.earlierCheckpoint]) {
      const found = await said(goneOn(size, null), earlier)
      expect([found.dropped, found.faults]).toEqual([[0], []])
      expect(wentOnInWords(found.wentOn).join()).toContain('nothing is said to have been dropped')
    }
  })

  test('how many entries were dropped, and which, as the log says it', async () => {
    const { earlierSize } = shop
    const seen = shop.entries.length
    for (const earlier of [undefined, shop.checkpoint, shop.earlierCheckpoint]) {
      const found = await said(goneOn(earlierSize, seen), earlier)
      expect([found.dropped, found.faults]).toEqual([[seen - earlierSize], []])
      expect(wentOnInWords(found.wentOn).join()).toContain(
        `${seen - earlierSize} entries were dropped, ${earlierSize} to ${seen - 1}`,
      )
    }
    const [one] = (await said(goneOn(earlierSize, seen), shop.checkpoint)).wentOn
    expect(one).toMatchObject({ origin: NEXT, before: shop.log.key.name, size: earlierSize, seen, audited: seen })
  })

  test('more was dropped than the log says, to one who had audited it', async () => {
    const { earlierSize } = shop
    const size = shop.entries.length
    for (const seen of [null, size - 1]) {
      const found = await said(goneOn(earlierSize, seen), shop.checkpoint)
      expect([found.dropped, found.faults]).toEqual([[size - earlierSize], ['continued-dropped']])
      expect(wentOnInWords(found.wentOn).join()).toContain(`${size} had been audited here`)
    }
  })

  describe('a list of what was dropped, where the log before can be had', () => {
    let folder: string
    const policy = () => parsePolicy(utf8Encode(`log ${formatVerifierKey(shop.log.key)}\nquorum none\n`))
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tally-dropped-'))
    })
    afterEach(() => rm(folder, { recursive: true }))

    /** A folder of the first log, as one who fetched it has it. */
    const fetched = async ({ checkpoint, entries }: Pick<Closed, 'checkpoint' | 'entries'>) => {
      await mkdir(join(folder, 'tile/entries'), { recursive: true })
      await writeFile(join(folder, 'checkpoint'), checkpoint)
      await writeFile(join(folder, 'tile/entries/000'), encodeEntryBundle(entries))
      return folder
    }

    test('has its accepted transactions, each by its place in that log', async () => {
      const { earlierSize: size, entries } = shop
      const audit = await audited(goneOn(size, entries.length))
      const found = await droppedOf(audit, await fetched(shop), policy())
      expect(found).toMatchObject({ origin: shop.log.key.name, size, had: entries.length })
      const expected = entries.flatMap((entry, at) => {
        if (at < size || entry[0] !== ENTRY_BATCH) return []
        return [...decodeBatch(entry).statuses].flatMap((status, i) => (status === 0 ? [at + 1 + i] : []))
      })
      expect(expected.length).toBeGreaterThan(3)
      expect(found.transactions.map(({ index }) => index)).toEqual(expected)
      expect(showDropped(found)).toContain(`Dropped: ${expected.length} accepted transactions`)
      expect(showDropped(found).split('\n').length).toBeLessThan(24)
      expect(jsonOfDropped(found)).toMatchObject({ dropped: { had: entries.length } })
      for (const { index, transaction } of found.transactions)
        expect(transaction).toEqual(decodeTransaction(entries[index]!))
    })

    test('has nothing, where the log ended and went on from its end', async () => {
      const audit = await audited(goneOn(shop.entries.length, null))
      expect((await droppedOf(audit, await fetched(shop), policy())).transactions).toEqual([])
      const end = new Books(
        shop.log,
        goneOn(shop.entries.length, null).entries.slice(0, shop.entries.length + 2),
      ).close()
      expect((await droppedOf(audit, await fetched(end), policy())).transactions).toEqual([])
    })

    test('takes no other log for it, nor entries that it did not sign', async () => {
      const audit = await audited(goneOn(shop.earlierSize, shop.entries.length))
      const place = await fetched(shop)
      const other = parsePolicy(utf8Encode(`log ${formatVerifierKey(next.key)}\nquorum none\n`))
      await expect(droppedOf(audit, place, other)).rejects.toMatchObject({ code: 'unknown-log' })
      await fetched(goneOn(shop.earlierSize, shop.entries.length))
      await expect(droppedOf(audit, place, other)).rejects.toMatchObject({ code: 'continued-dropped' })
      const [first, ...rest] = shop.entries
      await fetched({ checkpoint: shop.checkpoint, entries: [first!, ...rest.toReversed()] })
      await expect(droppedOf(audit, place, policy())).rejects.toMatchObject({ code: 'log-root' })
      const begun = shop.entries.slice(0, 2)
      const fork = new Books(shop.log, begun)
        .tell([by.root], [{ kind: 'revoke', record: 1, reason: 0 } as never])
        .close()
      await fetched(fork.entries.length > 0 ? forkOf(fork) : fork)
      await expect(droppedOf(audit, place, policy())).rejects.toMatchObject({ code: 'continued-dropped' })
    })
  })

  /** Another history of the first log, longer than what was taken over of it. */
  function forkOf({ entries }: Closed): Closed {
    const padded = new Books(shop.log, entries)
    const seals = Array.from({ length: shop.earlierSize }).reduce<Books>(
      books => new Books(shop.log, books.close().entries),
      padded,
    )
    return seals.close()
  }
})
