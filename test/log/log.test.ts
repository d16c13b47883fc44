import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { verifyPromise } from '../../src/verify/promise.ts'
import { formatReceipt, parseReceipt, verifyReceipt } from '../../src/verify/receipt.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { BUDGET, FIRST_MEMBER, FUNDED, signed, World } from '../world.ts'

describe('a log from its first entry to its statements', () => {
  let world: World
  beforeEach(async () => {
    world = await World.create()
  })
  afterEach(() => world.destroy())

  const outcomes = (statuses: Uint8Array) => [...statuses].map(status => OUTCOMES[status])

  test('ids that were chosen alike are not taken for one another, before and after a start', async () => {
    const alike = () => {
      const id = world.id()
      id.set(new Uint8Array(8).fill(0x99), 8)
      return world.bytes(world.issue(FIRST_MEMBER, 1), id)
    }
    for (let n = 0; n < 2; n++) {
      const { transactions } = signed(world.ledgerId, [world.issuer], [alike(), alike(), alike()])
      expect(world.log.ledger.claim(transactions)).toEqual([])
      world.log.ledger.unclaim(transactions)
      const { statuses } = await world.submit([world.issuer], alike(), alike())
      expect(outcomes(statuses)).toEqual(['accepted', 'accepted'])
      await world.reopen()
    }
  })

  test('a member earns, spends, and proves it', async () => {
    await world.submit(
      [world.issuer],
      world.bytes(world.issue(FIRST_MEMBER, 300)),
      world.bytes(world.issue(FIRST_MEMBER, 50)),
    )
    const spent = await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 120)))
    expect(outcomes(spent.statuses)).toEqual(['accepted'])
    await world.log.publisher.publish()
    for (const allSignatures of [false, true]) {
      const bytes = await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures })
      if (typeof bytes === 'string') throw new Error(bytes)
      const verified = verifyStatement(bytes, { policy: world.policy })
      expect(verified.balance).toBe(230)
      expect(verified.unit).toBe('coins')
      expect(verified.lines.map(line => [line.transaction.kind, line.balance, line.signers.length > 0])).toEqual([
        ['open-account', 0, true],
        ['issue', 300, allSignatures],
        ['issue', 350, allSignatures],
        ['redeem', 230, true],
      ])
    }
    expect(world.log.ledger.state.accounts.balance(BUDGET)).toBe(FUNDED - 350)
  })

  test('a statement shows who signed what its holder may not, also in a batch that she signed too', async () => {
    const holder = world.owner(FIRST_MEMBER)
    const issued = world.bytes(world.issue(FIRST_MEMBER, 300))
    await world.submit([world.issuer, holder], issued, world.bytes(world.redeem(FIRST_MEMBER, 10)))
    const original = decodeTransaction(issued).id
    const taken = { kind: 'reverse', debit: FIRST_MEMBER, credit: BUDGET, amount: 20, original } as const
    await world.submit([world.issuer, holder], world.bytes(taken))
    await world.submit([world.registrar, holder], world.bytes({ kind: 'freeze', account: FIRST_MEMBER, reason: 1 }))
    await world.log.publisher.publish()
    for (const allSignatures of [false, true]) {
      const bytes = await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures })
      if (typeof bytes === 'string') throw new Error(bytes)
      const { balance, lines } = verifyStatement(bytes, { policy: world.policy })
      expect(balance).toBe(270)
      expect(lines.slice(2).map(line => line.signers.map(({ by }) => by))).toEqual([
        ['owner'],
        ['issuer'],
        ['registrar'],
      ])
    }
  })

  test('a statement since what was verified before is verified from there on', async () => {
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 300)))
    await world.log.publisher.publish()
    const first = await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })
    const { kept } = verifyStatement(first as Uint8Array, { policy: world.policy })
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
    await world.log.publisher.publish()
    const second = (await world.log.prover.statement(FIRST_MEMBER, {
      since: kept.entries.length,
      allSignatures: true,
    })) as Uint8Array
    const verified = verifyStatement(second, { policy: world.policy, kept })
    expect(verified.lines.length).toBe(1)
    expect(verified.balance).toBe(307)
    expect(() => verifyStatement(second, { policy: world.policy })).toThrow(
      expect.objectContaining({ code: 'kept-state' }),
    )
  })

  test('everything is the same after it was opened again', async () => {
    const id = world.id()
    const bytes = world.bytes(world.issue(FIRST_MEMBER, 300), id)
    const first = await world.submit([world.issuer], bytes)
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 301)))
    await world.log.publisher.publish()
    const { size, root } = world.log.publisher.published!
    const account = world.log.ledger.state.accounts.get(FIRST_MEMBER)
    await world.reopen()
    expect(world.log.publisher.published).toMatchObject({ size, root })
    expect(world.log.ledger.state.accounts.get(FIRST_MEMBER)).toEqual(account)
    const again = await world.submit([world.issuer], bytes)
    expect([again.index, again.existed]).toEqual([null, [[0, first.index! + 1]]])
    expect(outcomes(again.statuses)).toEqual(['accepted'])
    expect(again.promise).toMatchObject({ index: first.index })
    const other = await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 301), id))
    expect(outcomes(other.statuses)).toEqual(['id-taken'])
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(300)
  })

  test('a promise holds for the transactions it was given for, and receipts for every entry', async () => {
    const transactions = [world.bytes(world.issue(FIRST_MEMBER, 1)), world.bytes(world.issue(FIRST_MEMBER, 2))]
    const { promise } = await world.submit([world.issuer], ...transactions)
    verifyPromise({ ...promise!, transactions }, world.keys.log.publicKey)
    expect(() =>
      verifyPromise({ ...promise!, transactions: transactions.toReversed() }, world.keys.log.publicKey),
    ).toThrow(expect.objectContaining({ code: 'promise-transactions' }))
    await world.log.publisher.publish()
    for (let index = 0; index < world.log.size; index++) {
      const receipt = (await world.log.prover.receipt(index)) as Uint8Array
      expect(verifyReceipt(receipt, world.policy).index).toBe(index)
    }
  })

  test('a receipt says what became of its transaction, and of no other with the same bytes', async () => {
    const enough = world.bytes(world.issue(FIRST_MEMBER, 1))
    const tooMuch = world.bytes(world.issue(FIRST_MEMBER, FUNDED + 1))
    const { index } = await world.submit([world.issuer], enough, tooMuch, enough)
    await world.log.publisher.publish()
    const { policy } = world
    const receipts: Uint8Array[] = []
    for (let at = index!; at <= index! + 3; at++) receipts.push((await world.log.prover.receipt(at)) as Uint8Array)
    const found = receipts.map(receipt => verifyReceipt(receipt, policy).status)
    expect(found[0]).toBeNull()
    expect(outcomes(Uint8Array.from(found.slice(1) as number[]))).toEqual(['accepted', 'insufficient', 'exists'])
    const [, first, , repeated] = receipts.map(parseReceipt)
    const swapped = formatReceipt({ ...first!, evidence: repeated!.evidence })
    expect(() => verifyReceipt(swapped, policy)).toThrow(expect.objectContaining({ code: 'evidence-proof' }))
  })
})
