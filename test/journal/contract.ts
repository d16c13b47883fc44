import { randomInt } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { SIGNER_RECORD } from '../../src/core/entry/batch.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { decodeSubmission, encodeSubmission } from '../../src/core/entry/submission.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import { type Command, type Journal, JournalError, type PlacedCommand } from '../../src/journal/index.ts'
import { randomFrom } from '../ledger/cut-rows.ts'

/** A journal to be tried: empty, and its first command gets position `next`. */
export interface JournalUnderTest {
  readonly journal: Journal
  /** How many commands may have a place and not be read yet, where those who append wait for room. */
  readonly ahead: number
}

/** So long anything may take that is said to come. */
const SOON_MS = 20_000

const seal = (time: number): Command => ({ kind: 'seal', time, epoch: time })
/** Well formed, as every batch is that is appended; signed by nobody. */
const submission = decodeSubmission(
  encodeSubmission(
    [{ class: SIGNER_RECORD, number: 0, ed25519: new Uint8Array(64) }],
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
const batch = (time: number): Command => ({ kind: 'batch', time, waitMs: 0, batch: submission })
const commands = (count: number): Command[] =>
  Array.from({ length: count }, (_, i) => (i % 3 === 2 ? seal(i) : batch(i)))
const immediate = () => new Promise(resolve => setImmediate(resolve))

/** Whether something has come to pass after all else has had some turns. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => {
    settled = true
  }
  promise.then(note, note)
  for (let turn = 0; turn < 5; turn++) await immediate()
  return settled
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not come')), SOON_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

async function nextOf(reader: AsyncIterator<PlacedCommand>): Promise<PlacedCommand> {
  const { done, value } = await soon(reader.next())
  expect(done).not.toBe(true)
  return value
}

async function take(reader: AsyncIterator<PlacedCommand>, count: number): Promise<PlacedCommand[]> {
  const taken: PlacedCommand[] = []
  while (taken.length < count) taken.push(await nextOf(reader))
  return taken
}

const code = (error: unknown) => {
  expect(error).toBeInstanceOf(JournalError)
  return (error as JournalError).code
}
const codeOf = (promise: Promise<unknown>) => soon(promise).then(() => 'done', code)
/** The code of a reader that ends: it may say so when it is made, or when it is first asked. */
const codeOfReading = async (read: () => AsyncIterator<PlacedCommand>) => {
  try {
    await soon(read().next())
    return 'done'
  } catch (error) {
    return code(error)
  }
}

/** What every journal does: see `src/journal/contract.ts`. */
export function journalContract(name: string, open: (next: number) => Promise<JournalUnderTest>): void {
  describe(`the contract of a journal: ${name}`, () => {
    const opened: Journal[] = []
    const make = async (next = 0) => {
      const under = await open(next)
      opened.push(under.journal)
      return under
    }
    const filled = async (count: number, next = 0) => {
      const { journal } = await make(next)
      const list = commands(count)
      await Promise.all(list.map(command => journal.append(command)))
      return { journal, list }
    }
    afterEach(async () => {
      for (const journal of opened.splice(0)) await journal.close()
    })

    test('gives each command the next position, in the order in which they were appended', async () => {
      const { journal } = await make()
      const list = commands(50)
      const positions = await soon(Promise.all(list.map(command => journal.append(command))))
      expect(positions).toEqual(list.map((_, i) => i))
      const placed = await take(journal.read(0), 50)
      expect(placed.map(({ position }) => position)).toEqual(positions)
      for (const [i, { command }] of placed.entries()) expect(command).toBe(list[i])
    })

    test('knows where it ends, and says that it has grown', async () => {
      const { journal } = await make(3)
      const ends: number[] = []
      journal.onGrowth = () => ends.push(journal.end)
      expect(journal.end).toBe(3)
      for (let i = 0; i < 5; i++) await journal.append(seal(i))
      expect([journal.end, ends.at(-1)]).toEqual([8, 8])
    })

    test('goes on after the position that it is opened with', async () => {
      const { journal, list } = await filled(2, 17)
      expect(await journal.append(seal(2))).toBe(19)
      expect(await take(journal.read(17), 2)).toEqual([
        { position: 17, command: list[0] },
        { position: 18, command: list[1] },
      ])
    })

    test('is read from any position that it has, again and again; and from no other', async () => {
      const { journal, list } = await filled(20, 5)
      for (const from of [5, 12, 24, 5]) {
        const reader = journal.read(from)
        const placed = await take(reader, 25 - from)
        expect(placed.map(({ position }) => position)).toEqual(list.map((_, i) => 5 + i).slice(from - 5))
        expect(placed[0]?.command).toBe(list[from - 5])
        await reader.return!()
      }
      for (const from of [4, 26, -1, 5.5])
        expect(await codeOfReading(() => journal.read(from)), `${from}`).toBe('journal-range')
      // The position after the last is one that will be there.
      const reader = journal.read(25)
      const next = reader.next()
      expect(await isSettled(next)).toBe(false)
      const command = seal(9)
      await journal.append(command)
      expect((await soon(next)).value).toEqual({ position: 25, command })
    })

    test('gives what is appended to a reader that waits, and to one that does not', async () => {
      const { journal } = await make()
      const reader = journal.read(0)
      for (let round = 0; round < 20; round++) {
        const isWaiting = round % 2 === 0
        const waiting = isWaiting ? reader.next() : undefined
        if (waiting !== undefined) expect(await isSettled(waiting)).toBe(false)
        const command = batch(round)
        await journal.append(command)
        const { value } = await soon(waiting ?? reader.next())
        expect(value.position).toBe(round)
        expect(value.command).toBe(command)
      }
    })

    test('has one reader at a time, and another when that one has left', async () => {
      const { journal } = await filled(3)
      for await (const { position } of journal.read(0)) {
        expect(await codeOfReading(() => journal.read(0))).toBe('journal-busy')
        if (position === 1) break
      }
      const reader = journal.read(1)
      expect((await nextOf(reader)).position).toBe(1)
      await reader.return!()
      expect(await soon(reader.next())).toEqual({ done: true, value: undefined })
      expect((await nextOf(journal.read(2))).position).toBe(2)
    })

    test('ends a reader that is aborted: before it begins, between two commands, while it waits', async () => {
      const { journal } = await filled(3)
      const why = new Error('enough')
      expect(await soon(journal.read(0, AbortSignal.abort(why)).next()).catch(error => error)).toBe(why)
      for (const read of [1, 3]) {
        const abort = new AbortController()
        const reader = journal.read(0, abort.signal)
        await take(reader, read)
        const waiting = read === 3 ? reader.next() : undefined
        waiting?.catch(() => {})
        if (waiting !== undefined) expect(await isSettled(waiting)).toBe(false)
        abort.abort(why)
        expect(await soon(waiting ?? reader.next()).catch(error => error)).toBe(why)
        expect(await soon(reader.next()).catch(error => error)).toBe(why)
      }
      // The order is as it was.
      expect(await journal.append(seal(3))).toBe(3)
      expect((await take(journal.read(0), 4)).map(({ position }) => position)).toEqual([0, 1, 2, 3])
    })

    test('forgets what it is told to, and nothing else', async () => {
      const { journal, list } = await filled(3000)
      for (const before of [1, 1023, 1024, 1024, 1500, 2999]) {
        journal.forget(before)
        expect(await codeOfReading(() => journal.read(before - 1)), `${before}`).toBe('journal-range')
        const reader = journal.read(before)
        expect(await nextOf(reader)).toEqual({ position: before, command: list[before] })
        await reader.return!()
      }
      journal.forget(3000)
      // What was forgotten stays so, whatever is said later.
      journal.forget(10)
      expect(await codeOfReading(() => journal.read(2999))).toBe('journal-range')
      expect(await journal.append(seal(0))).toBe(3000)
      expect((await nextOf(journal.read(3000))).position).toBe(3000)
    })

    test('wants no more than its reader is behind by, if those who append keep to its room', async () => {
      const { journal, ahead } = await make()
      let appended = 0
      const fill = async () => {
        while (journal.hasRoom && appended < 30) await journal.append(seal(appended++))
      }
      journal.onRoom = fill
      await fill()
      for (let turn = 0; turn < 20; turn++) await immediate()
      expect(appended).toBeLessThanOrEqual(ahead)
      const reader = journal.read(0)
      for (let read = 1; read < 30; read++) {
        expect((await nextOf(reader)).position).toBe(read - 1)
        for (let turn = 0; turn < 5; turn++) await immediate()
        expect(appended).toBeGreaterThanOrEqual(read)
        expect(appended).toBeLessThanOrEqual(read + ahead)
      }
      expect((await nextOf(reader)).position).toBe(29)
      // Those who do not wait are not refused: it is they who keep what they have.
      for (let more = 0; more < 5; more++) expect(await journal.append(seal(0))).toBe(30 + more)
    })

    test('tells everyone when it is closed, once and for all', async () => {
      const { journal } = await filled(2)
      const reader = journal.read(0)
      await take(reader, 2)
      const waiting = reader.next()
      waiting.catch(() => {})
      expect(await isSettled(waiting)).toBe(false)
      await journal.close()
      await journal.close()
      expect(await codeOf(waiting)).toBe('journal-closed')
      expect(await codeOf(reader.next())).toBe('journal-closed')
      expect(await codeOf(Promise.resolve(journal.append(seal(0))))).toBe('journal-closed')
      expect(await codeOfReading(() => journal.read(0))).toBe('journal-closed')
      expect(journal.hasRoom).toBe(false)
    })

    test('is a list, whatever is done to it in whatever order', async () => {
      const seed = randomInt(2 ** 32)
      console.log(`seed ${seed}`)
      const random = randomFrom(seed)
      const below = (n: number) => Math.floor(random() * n)
      const first = below(1000)
      const { journal } = await make(first)
      const list: Command[] = []
      let forgotten = 0
      let reader: AsyncIterator<PlacedCommand> | undefined
      let position = 0
      for (let step = 0; step < 3000; step++) {
        const choice = random()
        if (choice < 0.4) {
          const some = commands(1 + below(4))
          const places = await Promise.all(some.map(command => journal.append(command)))
          expect(places).toEqual(some.map((_, i) => first + list.length + i))
          list.push(...some)
        } else if (choice < 0.5) {
          await reader?.return?.()
          position = forgotten + below(list.length - forgotten + 1)
          reader = journal.read(first + position)
        } else if (choice < 0.6) {
          forgotten += below(Math.min(reader === undefined ? list.length : position, list.length) - forgotten + 1)
          journal.forget(first + forgotten)
        } else if (reader !== undefined && position < list.length) {
          const placed = await nextOf(reader)
          expect(placed.position).toBe(first + position)
          expect(placed.command).toBe(list[position++])
        }
        if (position < forgotten) position = forgotten
      }
      expect(list.length).toBeGreaterThan(1000)
    })
  })
}
