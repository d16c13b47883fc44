import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// What Node makes of packages and of TypeScript is kept, as `cli/tally.js` keeps it: each test file is a process.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/tallystick')

/** Those that take longest begin first, so that none runs alone at the end: some wait, some compute. */
const LONGEST = [
  'cli/commands/ledger',
  'cli/commands/copies',
  'truths/truths',
  'cli/first-start',
  'lies/lies',
  'ledger/model',
  'cli/commands/watch',
  'cli/disk',
  'web/verify',
  'cli/package',
  'web/wallet',
  'cli/errors',
  'cli/commands/clock',
  'web/transparency',
  'store/level',
  'operations/folder-lease',
  'log/recover/snapshots',
  'outsider',
  'web/rules',
  'programmes/model',
  'lies/buffers',
  'browser/verify',
].map(name => join(import.meta.dirname, 'test', `${name}.test.ts`))

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LONGEST.includes(moduleId) ? LONGEST.indexOf(moduleId) : LONGEST.length
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cli/built.ts'],
    setupFiles: ['test/setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Many tests wait for disks, for processes and for time to pass: two files a core leave neither idle.
    maxWorkers: 2 * availableParallelism(),
    // A test that hangs ends; one that is slow does not: on one core beside a busy neighbour some take half a minute.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
