import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// What Node makes of packages and of TypeScript is kept, as `cli/tally.js` keeps it.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/tallystick')

/** Those that put something in the place of a module: it would stay there for the next file. */
const ALONE = ['test/lies/buffers.test.ts', 'test/node/lock.test.ts']

export default defineConfig(({ mode }) => ({
  test: {
    globalSetup: ['test/cli/built.ts'],
    setupFiles: ['test/setup.ts'],
    // `npm run test:long`: see test/runs.ts.
    env: mode === 'long' ? { TALLY_LONG: '1' } : {},
    // One process runs many files, as loading what they import takes longer than most of them. `test/setup.ts` takes
    // back what a file has changed for all. Those that took longest the last time begin first.
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false } },
    ],
    // Many tests wait for disks, for processes and for time to pass: two files a core leave neither idle.
    maxWorkers: 2 * availableParallelism(),
    // A test that hangs ends; one that is slow does not: on one core beside a busy neighbour some take half a minute.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 120_000 } },
  },
}))
