import { afterEach, expect, test } from 'vitest'
import { heldAtMost } from '../../src/client/index.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import type { BatchAnswer } from '../../src/verify/batch-answer.ts'
import { keyNumber, OPERATOR_KEY, type Signer, World, type WorldDraft } from '../world.ts'

const DAY_MS = 86_400_000

let world: World | undefined
afterEach(() => world?.destroy())

test('holds leave at least half of the window for a clawback', () => {
  const windows = [0, 1, 2, 3, 7 * DAY_MS, 59 * DAY_MS, 60 * DAY_MS, 90 * DAY_MS]
  expect(windows.map(heldAtMost)).toEqual([30 * DAY_MS, 1, 1, 1, 3.5 * DAY_MS, 29.5 * DAY_MS, 30 * DAY_MS, 30 * DAY_MS])
})

test('points that are held are clawed back together with the release, within the window', async () => {
  world = await World.create()
  const { root, treasurer, registrar } = world
  const outcomes = async (answer: Promise<BatchAnswer>) => [...(await answer).statuses].map(one => OUTCOMES[one])
  const submit = (by: readonly Signer[], ...list: readonly WorldDraft[]) =>
    world!.submit(by, ...list.map(draft => world!.bytes(draft)))
  const lastRecord = () => world!.log.ledger.state.registry.records.length - 1
  const windowMs = 7 * DAY_MS
  const named = { name: 'miles', cap: 1000, windowMs, holdMaxMs: heldAtMost(windowMs) }
  await submit([root], { kind: 'define-unit', ...named }, world.registerKey('operator', OPERATOR_KEY))
  const operator = { record: lastRecord(), key: OPERATOR_KEY }
  const unit = operator.record - 1
  const alice = keyNumber(90)
  const opening = { kind: 'open-account', unit, nonce: new Uint8Array(32) } as const
  const openedBy = async (by: Signer, draft: WorldDraft) => (await submit([by], draft)).accounts[0]![1]
  const treasury = await openedBy(treasurer, { ...opening, accountKind: 'treasury' })
  const budget = await openedBy(treasurer, { ...opening, accountKind: 'budget' })
  const member = await openedBy(registrar, { ...opening, accountKind: 'member', owner: alice.publicKey })
  await submit([treasurer], { kind: 'fund', debit: treasury, credit: budget, amount: 100 })
  await submit([root], world.registerKey('issuer', keyNumber(91), [budget]))
  const issuer = { record: lastRecord(), key: keyNumber(91) }

  const original = world.id()
  const issued = { kind: 'issue', debit: budget, credit: member, amount: 100 } as const
  await world.submit([issuer], world.bytes(issued, original))
  const hold = world.id()
  const until = world.nowMs + named.holdMaxMs
  const held = { kind: 'hold', debit: member, credit: treasury, amount: 100, until } as const
  const owner = { account: member, key: alice }
  expect(await outcomes(world.submit([owner], world.bytes(held, hold)))).toEqual(['accepted'])
  const clawBack = { kind: 'reverse', debit: member, credit: budget, amount: 100, original } as const
  const release = { kind: 'release', account: member, hold } as const
  expect(await outcomes(submit([issuer], clawBack))).toEqual(['insufficient'])
  expect(await outcomes(submit([operator, issuer], release, clawBack))).toEqual(['not-due', 'insufficient'])
  world.nowMs = until
  expect(await outcomes(submit([operator, issuer], release, clawBack))).toEqual(['accepted', 'accepted'])
})
