import { expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { tryOverload } from './overload.ts'

test('twice as much as a ledger takes: it loses nothing, fails nobody, and says when to come again', async () => {
  const { over, after, lost } = await tryOverload(0.2, () => {}, runs(20_000, 4000))
  expect([lost, over.failed, after.failed, over.shed - over.retryAfter]).toEqual([0, 0, 0, 0])
  expect(over.accepted).toBeGreaterThan(0)
}, 120_000)
