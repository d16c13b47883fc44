import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '../../src/core/bytes.ts'
import { SIGNER_RECORD } from '../../src/core/entry/batch.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { decodeSubmission, encodeSubmission } from '../../src/core/entry/submission.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import type { Command } from '../../src/journal/index.ts'
import { readRecord, writeRecord } from '../../src/journal/record.ts'

const submission = decodeSubmission(
  encodeSubmission(
    [{ class: SIGNER_RECORD, number: 3, ed25519: new Uint8Array(64).fill(5) }],
    [
      encodeTransaction({
        kind: 'release',
        id: makeId(1, new Uint8Array(10)),
        account: 1,
        hold: makeId(1, new Uint8Array(10)),
      }),
    ],
  ),
)

const number = fc.maxSafeNat()
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('batch' as const),
    time: number,
    waitMs: fc.nat(2 ** 32 - 1),
    batch: fc.constant(submission),
  }),
  fc.record({ kind: fc.constant('seal' as const), time: number, epoch: number }),
  fc.record({ kind: fc.constant('word' as const), epoch: number, size: number, root: bytes(32), position: number }),
)
const name = fc.record({ writer: bytes(16), number })

test('a record is read as the command that was written, and whose it is', () => {
  fc.assert(
    fc.property(command, name, (command, name) => {
      expect(readRecord(writeRecord(command, name))).toEqual({ name, command })
    }),
  )
})

test('any other bytes are a void, the same one each time, and never throw', () => {
  const cut = fc.tuple(command, name, fc.nat(), fc.uint8Array({ maxLength: 40 })).map(([command, name, at, tail]) => {
    const value = writeRecord(command, name)
    return concatBytes(value.subarray(0, at % value.length), tail)
  })
  fc.assert(
    fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 200 })), value => {
      fc.pre(!(value.length >= 26 && value[0]! > 1))
      const read = readRecord(value)
      expect(readRecord(Uint8Array.from(value))).toEqual(read)
      if (read.command.kind === 'void') expect(read.command.why).not.toBe('')
      else expect(writeRecord(read.command, read.name!)).toEqual(value)
    }),
  )
})

test('a record of a later version stops its reader, which cannot know what it means', () => {
  const value = writeRecord({ kind: 'seal', time: 1, epoch: 1 }, { writer: new Uint8Array(16), number: 0 })
  value[0] = 2
  expect(() => readRecord(value)).toThrow(expect.objectContaining({ code: 'journal-version' }))
})
