import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** How much less a thread weighs that has work for others: a tenth of theirs. */
const NICENESS = 10

/**
 * Lets this thread take what processor time others leave, and no more: a thread that only computes takes turns of some
 * milliseconds, and the one that owns the ledger, and those that write for it, would wait for them at every write.
 * Where a thread has no priority of its own (anywhere but on Linux), it stays as it is.
 */
export function yieldToOthers(): void {
  if (process.platform !== 'linux') return
  try {
    // The thread's own number, by which Linux takes it for a process: `<process>/task/<thread>`.
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICENESS)
  } catch {
    // No /proc, or not allowed: slower under load, and otherwise the same.
  }
}
