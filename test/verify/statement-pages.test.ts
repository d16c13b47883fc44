import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { decodePage, encodePage, pagesIn, type StatementPage } from '../../src/verify/page.ts'
import { decodeStatement, encodeStatement } from '../../src/verify/statement.ts'
import { StatementPages } from '../../src/verify/statement-pages.ts'
import type { StatementTrust, VerifiedStatement } from '../../src/verify/verified-statement.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { BUDGET, COINS, FIRST_MEMBER, keyNumber, World, type WorldDraft } from '../world.ts'

const [SHOP, OTHER] = [3, 4]
const MERCHANT_KEY = keyNumber(20)
/** Another one is tried with `TALLY_SEED`. */
const SEED = Number(process.env['TALLY_SEED'] ?? 20_261_130)

/** A generator of numbers below a bound, from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const any = numbers(SEED)
let world: World

/** What came of points that can be taken back. */
const issued: { readonly id: Uint8Array; readonly credit: number; left: number }[] = []
const paid: { readonly id: Uint8Array; readonly debit: number; left: number }[] = []

const merchant = () => ({ record: 5, key: MERCHANT_KEY })

async function submit(signers: Parameters<World['submit']>[0], drafts: readonly WorldDraft[]): Promise<Uint8Array[]> {
  const ids = drafts.map(() => world.id())
  await world.submit(signers, ...drafts.map((draft, i) => world.bytes(draft, ids[i])))
  world.nowMs += 1000 * (1 + any(5))
  return ids
}

/** A batch of something that the ledger accepts, or at times does not. */
async function happen(): Promise<void> {
  const member = any(3) === 0 ? OTHER : FIRST_MEMBER
  const count = 1 + any(5)
  switch (any(6)) {
    case 0:
    case 1: {
      const drafts = Array.from({ length: count }, () => world.issue(any(2) === 0 ? OTHER : FIRST_MEMBER, 20 + any(40)))
      const ids = await submit([world.issuer], drafts)
      drafts.forEach((draft, i) => {
        const { credit, amount } = draft as { credit: number; amount: number }
        issued.push({ id: ids[i]!, credit, left: amount })
      })
      return
    }
    case 2:
    case 3: {
      const amounts = Array.from({ length: count }, () => 1 + any(15))
      const drafts = amounts.map(amount => ({ kind: 'redeem', debit: member, credit: SHOP, amount }) as WorldDraft)
      const ids = await submit([world.owner(member)], drafts)
      ids.forEach((id, i) => {
        paid.push({ id, debit: member, left: amounts[i]! })
      })
      return
    }
    case 4: {
      const one = issued[any(issued.length)]
      if (one === undefined || one.left === 0) return
      const amount = 1 + any(one.left)
      const ofIssue: WorldDraft = { kind: 'reverse', debit: one.credit, credit: BUDGET, amount, original: one.id }
      await submit([world.issuer], [ofIssue])
      one.left -= amount
      return
    }
    default: {
      const one = paid[any(paid.length)]
      if (one === undefined || one.left === 0) return
      const amount = 1 + any(one.left)
      await submit([merchant()], [{ kind: 'reverse', debit: SHOP, credit: one.debit, amount, original: one.id }])
      one.left -= amount
    }
  }
}

async function happens(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await happen()
  await world.log.publisher.publish()
}

async function whole(account: number, allSignatures: boolean): Promise<Uint8Array> {
  const made = await world.log.prover.statement(account, { since: 0, allSignatures })
  if (typeof made === 'string') throw new Error(made)
  return made
}

/** The pages of an account, of lengths that are drawn; between two of them the log grows, if it is to. */
async function pagesOf(
  account: number,
  options: { allSignatures?: boolean; since?: number; most?: number; grows?: () => Promise<void> } = {},
): Promise<StatementPage[]> {
  const { allSignatures = false, since: first = 0, most = 12, grows } = options
  const pages: StatementPage[] = []
  let grown: number | undefined
  for (let since = first; ; ) {
    const made = await world.log.prover.page(account, { since, grown, allSignatures, lines: 1 + any(most) })
    if (typeof made === 'string') throw new Error(made)
    pages.push(decodePage(made))
    const { account: state, lines } = decodeStatement(pages.at(-1)!.statement)
    since += lines.length
    if (since === state.entries) return pages
    grown = world.log.publisher.published!.size
    await grows?.()
  }
}

function read(pages: readonly StatementPage[], trust: StatementTrust): VerifiedStatement {
  const reading = new StatementPages(trust)
  pages.forEach(({ statement, growth }, i) => {
    const page = reading.take(statement, growth)
    expect(page.statement === undefined).toBe(i < pages.length - 1)
  })
  return reading.statement
}

/** Records are kept as of the checkpoint of the page that showed them last. */
function withoutSizes(verified: VerifiedStatement): object {
  const { kept, ...rest } = verified
  return { ...rest, kept: { ...kept, records: kept.records.map(({ number, leaf }) => [number, toHex(leaf)]) } }
}

beforeAll(async () => {
  console.log(`TALLY_SEED=${SEED}`)
  world = await World.create()
  await submit(
    [world.treasurer],
    [
      {
        ...{ kind: 'open-account', accountKind: 'merchant', unit: COINS, nonce: new Uint8Array(32).fill(7) },
      } as WorldDraft,
    ],
  )
  await submit([world.registrar], [world.openMember()])
  await submit([world.root], [world.registerKey('merchant', MERCHANT_KEY, [SHOP])])
  await submit([world.issuer], [world.issue(FIRST_MEMBER, 500), world.issue(OTHER, 500)])
  await happens(80)
})
afterAll(() => world.destroy())

describe('a statement in pages', () => {
  test.each([
    ['a member', FIRST_MEMBER],
    ['another', OTHER],
    ['a shop', SHOP],
    ['a budget', BUDGET],
  ])('of %s says what the whole one says, however it is cut', async (_, account) => {
    for (const allSignatures of [false, true]) {
      const trust = { policy: world.policy }
      const said = verifyStatement(await whole(account, allSignatures), trust)
      for (const most of [1, 3, 40, 8192]) {
        const pages = await pagesOf(account, { allSignatures, most })
        expect(read(pages, trust)).toEqual(said)
      }
      // From what was kept, too, and beside it.
      const [first] = await pagesOf(account, { allSignatures, most: 1 })
      const { lines } = decodeStatement(first!.statement)
      const { entries, times, links, ...kept } = said.kept
      const count = lines.length
      const linkCount = links.length === 0 ? 0 : 1
      const before = {
        ...kept,
        entries: entries.slice(0, count),
        times: times.slice(0, count),
        links: links.slice(0, linkCount),
        size: 4,
      }
      for (const since of [0, count]) {
        const { lines: shown, ...rest } = read(await pagesOf(account, { allSignatures, since, most: 5 }), {
          ...trust,
          kept: before,
        })
        expect(rest).toEqual({ ...rest, balance: said.balance, member: said.member, whoMay: said.whoMay, since })
        expect(rest.kept.entries).toEqual(entries)
        expect(shown).toHaveLength(entries.length - since)
      }
    }
  })

  test.each([
    ['a member', FIRST_MEMBER],
    ['a shop', SHOP],
    ['a budget', BUDGET],
  ])('of %s whose log grows meanwhile ends with the account as it is then', async (_, account) => {
    const trust = { policy: world.policy }
    const pages = await pagesOf(account, { most: 25, grows: () => happens(3) })
    expect(withoutSizes(read(pages, trust))).toEqual(withoutSizes(verifyStatement(await whole(account, false), trust)))
    expect(pages.length).toBeGreaterThan(2)
    // Each grew out of the one before, or nothing of it is believed.
    const ungrown = pages.map(({ statement }) => ({ growth: [], statement }))
    expect(() => read(ungrown, trust)).toThrow(expect.objectContaining({ code: 'consistency-proof' }))
  })

  test('is no statement before its last page, and is cut nowhere else', async () => {
    const trust = { policy: world.policy }
    for (const account of [FIRST_MEMBER, SHOP, BUDGET]) {
      const pages = await pagesOf(account, { most: 7 })
      const fails = (shown: readonly StatementPage[]) => {
        const reading = new StatementPages(trust)
        try {
          for (const { statement, growth } of shown) reading.take(statement, growth)
          return reading.statement.balance
        } catch (error) {
          return (error as { code: string }).code
        }
      }
      expect(fails(pages.slice(0, -1))).toBe('pages-missing')
      expect(fails([])).toBe('pages-missing')
      expect(() => verifyStatement(pages[0]!.statement, trust)).toThrow(expect.objectContaining({ code: 'line-count' }))
      // One is left out, or comes twice, or after the last.
      expect(fails(pages.slice(1))).toBe('kept-state')
      expect(fails([pages[0]!, ...pages.slice(2)])).toBe('kept-state')
      expect(fails([pages[0]!, ...pages])).toBe('kept-state')
      expect(fails([...pages, pages.at(-1)!])).toBe('kept-state')
      const [other] = await pagesOf(account === OTHER ? FIRST_MEMBER : OTHER, { most: 1 })
      expect(fails([pages[0]!, other!, ...pages.slice(2)])).toBe('kept-state')
      // A line less at the end of one, and it is nobody's.
      const short = pages.map(({ growth, statement }) => {
        const { lines, links, places, ...rest } = decodeStatement(statement)
        const end = rest.since + lines.length - 1
        const left = { links: [], places: places.filter(({ line }) => line <= end) }
        return { growth, statement: encodeStatement({ ...rest, ...left, lines: lines.slice(0, -1) }) }
      })
      expect(['line-count', 'kept-state', 'series-proof']).toContain(fails([short[0]!, ...pages.slice(1)]))
    }
  })

  test('stands in a file, one page after the other', async () => {
    const pages = await pagesOf(FIRST_MEMBER, { most: 9 })
    const parts = pages.map(encodePage)
    const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      file.set(part, at)
      at += part.length
    }
    expect([...pagesIn(file)]).toEqual(pages)
    expect(() => [...pagesIn(file.subarray(0, -1))]).toThrow(expect.objectContaining({ code: 'cbor' }))
    expect(() => decodePage(file)).toThrow(expect.objectContaining({ code: 'statement' }))
  })
})
