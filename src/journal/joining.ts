import { equalBytes } from '../core/bytes.ts'
import type { SealWord } from './command.ts'
import { JournalError } from './contract.ts'
import { readRecord } from './record.ts'
import type { RecordStream } from './stream.ts'

/** Root hash of the first `size` entries of a log; undefined where it has fewer. */
export type RootAt = (size: number) => Promise<Uint8Array | undefined>

/**
 * The position from which a log goes on in a shared order.
 *
 * This is `next`, as long as the stream keeps the command of that position: a command whose effect the log has already
 * does nothing again. A log that was away for longer than the stream keeps commands, or was restored from a backup of
 * entries, which has no position, is placed by the seals in the stream. Each seal has a word there, with the size and
 * the root of the log after it, and the position of its command. A log that has this root has all commands up to this
 * position. A word that lies brings the log to another seal than the other servers, and it stops before it signs.
 *
 * @param stream - all of it is read that a log of this size may know.
 * @param next - the position after the last command whose effects the log's store noted.
 * @throws JournalError `journal-range` where the stream begins after the last seal of the log; `journal-read`.
 */
export async function joiningPosition(stream: RecordStream, next: number, rootAt: RootAt): Promise<number> {
  const { first, next: end } = await stream.range()
  if (first <= next) return next
  let found: number | undefined
  for (let at = first; at < end; ) {
    const records = await stream.read(at)
    for (const { offset, value } of records) {
      const { command } = readRecord(value)
      if (command.kind === 'word') {
        const after = await positionAfter(command, rootAt)
        if (after === 'beyond') return found ?? tooLate(first, next)
        if (after !== undefined && after >= first) found = after
      }
      at = offset + 1
    }
  }
  return found ?? tooLate(first, next)
}

/** The position after a seal that the log has; undefined where the word does not say it, or speaks of another log. */
async function positionAfter(
  { size, root, position }: SealWord,
  rootAt: RootAt,
): Promise<number | 'beyond' | undefined> {
  const own = await rootAt(size)
  if (own === undefined) return 'beyond'
  return position > 0 && equalBytes(own, root) ? position + 1 : undefined
}

function tooLate(first: number, next: number): never {
  throw new JournalError(
    'journal-range',
    `The stream keeps commands from position ${first} on, and this log has to go on at ${next}: it was away for too ` +
      'long. Make its data directory again from a backup of another server: tally backup there, tally restore here.',
  )
}
