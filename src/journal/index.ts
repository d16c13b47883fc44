/**
 * ORDER. One sequence of commands, each a batch with its time or a seal with its time: stamped by those who take them,
 * ordered here, applied by one reader. It knows the bytes of a batch and nothing of a ledger: neither state nor disk.
 * `LocalJournal` orders within one process; `SharedJournal` for several, each of which then has the same ledger. The
 * order of the second is a stream that others keep: that of `kafka.ts` is the one there is.
 *
 * @example
 * ```ts
 * const journal = new LocalJournal(store.next)
 * const position = await journal.append({ kind: 'seal', time: Date.now(), epoch })
 * for await (const { position, command } of journal.read(store.next)) apply(command, position)
 * ```
 */

export type { BatchCommand, Command, PlacedCommand, SealCommand, SealWord, VoidCommand } from './command.ts'
export { type Journal, JournalError } from './contract.ts'
export { joiningPosition, type RootAt } from './joining.ts'
// Kafka's client is loaded where it is asked for, and by nobody else: import('./kafka.ts').
export type { KafkaAccess, KafkaAddress } from './kafka.ts'
export { LocalJournal } from './local.ts'
export { WRITER_BYTES } from './record.ts'
export { SharedJournal, type SharedJournalOptions } from './shared.ts'
export type { RecordStream, StreamRange, StreamRecord } from './stream.ts'
