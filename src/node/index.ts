/**
 * PLATFORM. The services of Node and of the machine: native engines, files that are written whole or not at all, locks
 * between processes, threads and their turns, and lines of large files. It knows bytes, and nothing of ledgers. Every
 * room that needs Node is above it; no room that runs in a browser is.
 *
 * @example
 * useEngine(await loadEngine())
 * const unlock = await lockWithin('wallet/lock', 5000)
 * await writeBytes('wallet/state.json', text)
 * await unlock()
 */
export { type CsvRow, csvRows } from './csv-file.ts'
export { UsageError } from './failure.ts'
export { fileExists, makeFolder, readBytes, readParsed, writeBytes, writeNew } from './file-system.ts'
export { collectSeldom } from './heap.ts'
export { countLines, linesOf } from './lines.ts'
export { LockHeldError, lock, lockWithin } from './lock.ts'
export { nodeMlDsa } from './ml-dsa.ts'
export { loadEngine, nodeEngine } from './native-engine.ts'
export { startThread } from './thread-start.ts'
export { Turns } from './turns.ts'
