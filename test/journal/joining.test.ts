import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Command, joiningPosition } from '../../src/journal/index.ts'
import { writeRecord } from '../../src/journal/record.ts'
import { MemoryStream } from './memory-stream.ts'

/** Root of a log with so many entries; `other` is that of another log. */
const root = (size: number, other = 0) => new Uint8Array(32).fill(size).fill(other, 31)
const seal = (epoch: number): Command => ({ kind: 'seal', time: 1000 + epoch, epoch })
const word = (epoch: number, position: number, other = 0): Command => ({
  ...{ kind: 'word', epoch, size: 10 * epoch, root: root(10 * epoch, other), position },
})

/** Seals of epochs 1 to `epochs` at positions 0, 2, 4 …, and a word on each right after it. */
function sealed(epochs: number): MemoryStream {
  const stream = new MemoryStream()
  for (let epoch = 1; epoch <= epochs; epoch++) put(stream, seal(epoch), word(epoch, 2 * epoch - 2))
  return stream
}

function put(stream: MemoryStream, ...commands: readonly Command[]): void {
  const name = { writer: new Uint8Array(16), number: stream.records.length }
  stream.add(...commands.map(command => writeRecord(command, name)))
}

const rootsTo = (own: number) => async (size: number) => (size <= own ? root(size) : undefined)

test('a log goes on at its own position, as long as the stream keeps that', async () => {
  const stream = sealed(5)
  expect(await joiningPosition(stream.open(), 0, rootsTo(0))).toBe(0)
  stream.first = 4
  expect(await joiningPosition(stream.open(), 4, rootsTo(0))).toBe(4)
  expect(await joiningPosition(stream.open(), 7, rootsTo(0))).toBe(7)
})

test('else it goes on after its last seal that the stream tells of, or is told that it was away for too long', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 79 }),
      fc.nat({ max: 420 }),
      async (epochs, first, own) => {
        const stream = sealed(epochs)
        stream.first = Math.min(first, 2 * epochs) + 1
        const found = joiningPosition(stream.open(), 0, rootsTo(own))
        // The last seal that the log has; the word on it is the record after its command.
        const last = Math.min(Math.floor(own / 10), epochs)
        const isTold = last > 0 && 2 * last - 1 >= stream.first
        if (isTold) expect(await found).toBe(2 * last - 1)
        else await expect(found).rejects.toMatchObject({ code: 'journal-range' })
      },
    ),
  ))

test('believes no word of another log, none without a position, and steps over what is no command', async () => {
  const stream = sealed(3)
  const { length } = stream.records
  stream.add(Uint8Array.of(1, 2, 3), new Uint8Array(0))
  put(stream, word(2, 4, 7), { ...word(3, 0) })
  stream.first = 1
  expect(await joiningPosition(stream.open(), 0, rootsTo(30))).toBe(5)
  stream.first = length
  await expect(joiningPosition(stream.open(), 0, rootsTo(30))).rejects.toMatchObject({ code: 'journal-range' })
  stream.isAway = true
  await expect(joiningPosition(stream.open(), 0, rootsTo(30))).rejects.toMatchObject({ code: 'journal-read' })
})
