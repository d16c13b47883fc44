import { expect, test } from 'vitest'
import { CborReader } from '../../../src/core/cbor.ts'
import { encodeCbor } from '../../../src/core/cbor-writer.ts'
import { batchMessage, NO_LEDGER_ID, transactionsFrom } from '../../../src/core/entry/batch.ts'
import { type Group, groupFields, groupsFit, readGroups } from '../../../src/core/entry/group.ts'
import { BATCH_TRANSACTIONS_MAX, GROUP_TRANSACTIONS_MAX, GROUPS_MAX } from '../../../src/core/limits.ts'

const read = (groups: readonly Group[]) => {
  const bytes = encodeCbor(groupFields(groups))
  return readGroups(new CborReader().reset(bytes, 0, bytes.length))
}
const group = (first: number, count: number): Group => ({ first, count })

test('as many groups as there may be, each as long as it may be, and no more', () => {
  const many = Array.from({ length: GROUPS_MAX }, (_, i) => group(i * GROUP_TRANSACTIONS_MAX, GROUP_TRANSACTIONS_MAX))
  expect(read(many)).toEqual(many)
  expect(read([])).toEqual([])
  expect(() => read([...many, group(5000, 2)])).toThrow(expect.objectContaining({ code: 'batch' }))
  expect(() => read([group(0, GROUP_TRANSACTIONS_MAX + 1)])).toThrow(expect.objectContaining({ code: 'cbor' }))
  for (const [one, ...others] of [[group(0, 1)], [group(0, 0)], [group(0, 2), group(1, 2)], [group(2, 2), group(0, 2)]])
    expect(() => read([one!, ...others])).toThrow(expect.objectContaining({ code: 'batch' }))
  expect(read([group(0, 2), group(2, 2)])).toHaveLength(2)
})

test('a group ends within its batch', () => {
  const last = [group(BATCH_TRANSACTIONS_MAX - 2, 2)]
  expect(() => groupsFit(last, BATCH_TRANSACTIONS_MAX)).not.toThrow()
  expect(() => groupsFit(last, BATCH_TRANSACTIONS_MAX - 1)).toThrow(expect.objectContaining({ code: 'batch' }))
})

test('the message under a signature names its groups', () => {
  const list = [Uint8Array.of(2, 1), Uint8Array.of(2, 2), Uint8Array.of(2, 3)]
  const messages = [[], [group(0, 2)], [group(1, 2)], [group(0, 3)]].map(groups =>
    Buffer.from(batchMessage(NO_LEDGER_ID, [{ class: 0, number: 4 }], transactionsFrom(list, groups))).toString('hex'),
  )
  expect(new Set(messages).size).toBe(4)
  expect(messages[2]).toContain(`000100010002${'00000003'}`)
})
