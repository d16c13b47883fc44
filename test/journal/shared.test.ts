import { describe, expect, test } from 'vitest'
import { SharedJournal } from '../../src/journal/index.ts'
import { journalContract } from './contract.ts'
import { MemoryStream } from './memory-stream.ts'

const writer = (name: number) => new Uint8Array(16).fill(name)

journalContract('shared', async next => ({
  journal: new SharedJournal({ stream: new MemoryStream(next).open(), next, writer: writer(1), room: 8 }),
  ahead: 8,
}))

describe('a journal that several processes share', () => {
  const open = (stream: MemoryStream, name: number, next = 0) =>
    new SharedJournal({ stream: stream.open(), next, writer: writer(name) })
  const seal = (epoch: number) => ({ kind: 'seal' as const, time: epoch, epoch })

  test('gives each process the commands of all, in one order', async () => {
    const stream = new MemoryStream()
    const journals = [open(stream, 1), open(stream, 2), open(stream, 3)]
    await Promise.all(journals.flatMap((journal, i) => [0, 1, 2].map(j => journal.append(seal(10 * i + j)))))
    const read = await Promise.all(
      journals.map(async journal => {
        const epochs: number[] = []
        for await (const { command } of journal.read(0)) {
          if (command.kind === 'seal') epochs.push(command.epoch)
          if (epochs.length === 9) break
        }
        await journal.close()
        return epochs
      }),
    )
    expect(read[1]).toEqual(read[0])
    expect(read[2]).toEqual(read[0])
    // Those of one process keep their order.
    for (const i of [0, 1, 2])
      expect(read[0]!.filter(epoch => Math.floor(epoch / 10) === i)).toEqual([10 * i, 10 * i + 1, 10 * i + 2])
  })

  test('takes the first of a record that came twice for the one that was appended', async () => {
    const stream = new MemoryStream()
    stream.fate = () => 'twice'
    const journal = open(stream, 1)
    const command = seal(7)
    await journal.append(command)
    const reader = journal.read(0)
    expect((await reader.next()).value.command).toBe(command)
    const second = (await reader.next()).value.command
    expect(second).toEqual(command)
    expect(second).not.toBe(command)
    await journal.close()
  })

  test('says of a command without an answer that nobody knows, and reads it as a stranger’s', async () => {
    const stream = new MemoryStream()
    stream.fate = () => 'unsaid'
    const journal = open(stream, 1)
    const command = seal(7)
    await expect(journal.append(command)).rejects.toMatchObject({ code: 'journal-write' })
    const { value } = await journal.read(0).next()
    expect(value.command).toEqual(command)
    expect(value.command).not.toBe(command)
    await journal.close()
  })

  test('steps over what is no command, and ends at what is of a later version', async () => {
    const stream = new MemoryStream()
    const journal = open(stream, 1)
    stream.add(new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(100).fill(1))
    await journal.append(seal(1))
    const reader = journal.read(0)
    const kinds = []
    for (let i = 0; i < 4; i++) kinds.push((await reader.next()).value.command.kind)
    expect(kinds).toEqual(['void', 'void', 'void', 'seal'])
    stream.add(new Uint8Array(100).fill(2))
    await expect(reader.next()).rejects.toMatchObject({ code: 'journal-version' })
    await journal.close()
  })

  test('refuses a stream that keeps too little, that ends too soon, or that has a gap', async () => {
    const stream = new MemoryStream(10)
    for (const next of [9, 11]) {
      const journal = open(stream, 1, next)
      await expect(journal.read(next).next()).rejects.toMatchObject({ code: 'journal-range' })
      await journal.close()
    }
    const gap = open(stream, 1, 10)
    const inner = stream.open()
    const journal = new SharedJournal({
      stream: {
        ...inner,
        read: async from => (await inner.read(from)).map(one => ({ ...one, offset: one.offset + 1 })),
      },
      next: 10,
      writer: writer(2),
    })
    await gap.append(seal(1))
    await expect(journal.read(10).next()).rejects.toMatchObject({ code: 'journal-range' })
    await Promise.all([gap.close(), journal.close()])
  })

  test('goes on when the stream is back, and says both', async () => {
    const stream = new MemoryStream()
    const told: (string | undefined)[] = []
    const journal = new SharedJournal({
      stream: stream.open(),
      next: 0,
      writer: writer(1),
      onTrouble: why => {
        if (told.at(-1) !== why?.message) told.push(why?.message)
      },
    })
    stream.isAway = true
    const next = journal.read(0).next()
    await expect.poll(() => told.length).toBe(1)
    stream.isAway = false
    await journal.append(seal(3))
    expect((await next).value.command).toEqual(seal(3))
    expect(told).toEqual(['The stream is away.', undefined])
    await journal.close()
  })
})
