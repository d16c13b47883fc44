import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** What a thread of `ThreadPool` says when it has started. */
export const READY = 'ready'

/**
 * Starts a thread that runs a file. Where this process keeps what Node makes of TypeScript, as `cli/tally.js` has it
 * do, the thread reads that too: Node does not hand the cache on by itself, and a start would take three times as long.
 *
 * @param file - of this package.
 */
export function startThread(file: URL, options: WorkerOptions = {}): Worker {
  const directory = getCompileCacheDir()
  if (directory === undefined) return new Worker(file, options)
  // Node gives the folder of its own version within the one that it was given.
  const cache = JSON.stringify(dirname(directory))
  const code =
    `const module = require('node:module'); module.enableCompileCache(${cache}); ` +
    `import(${JSON.stringify(file.href)}).then(() => module.flushCompileCache())`
  return new Worker(code, { ...options, eval: true })
}
