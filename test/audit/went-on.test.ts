import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Attempt } from '../../src/audit/attempt.ts'
import { comparedWithBefore, wentOnInWords } from '../../src/audit/went-on.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, parsePolicy } from '../../src/core/note/policy.ts'
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
  /** What is said to one who had accepted a checkpoint of the first log. */
  const said = async (closed: Closed, earlier?: Uint8Array) => {
    const policy = parsePolicy(utf8Encode(`log ${formatVerifierKey(next.key)}\nquorum none\n`))
    const checkpoint = openCheckpoint(closed.checkpoint, policy)
    const salts = Array.from({ length: 16 }, (_, epoch) => shop.log.saltOf(epoch))
    const source = logInMemory(closed.entries, salts)
    const target = { note: closed.checkpoint, checkpoint, refused: undefined, earlier: undefined }
    const audit = await new Attempt({ source, onProgress() {}, tuning: { thread: false } }, target).run()
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
})
