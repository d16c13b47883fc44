/**
 * ORDER. One sequence of commands, each a batch with its time or a seal with its time: stamped by those who take them,
 * ordered here, applied by one reader. It knows the bytes of a batch and nothing of a ledger: neither state nor disk.
 * `LocalJournal` orders within one process; another would order for several, each of which then has the same ledger.
 *
 * @example
 * ```ts
 * const journal = new LocalJournal(store.next)
 * const position = await journal.append({ kind: 'seal', time: Date.now() })
 * for await (const { position, command } of journal.read(store.next)) apply(command, position)
 * ```
 */

export type { BatchCommand, Command, PlacedCommand, SealCommand } from './command.ts'
export { type Journal, JournalError } from './contract.ts'
export { LocalJournal } from './local.ts'
