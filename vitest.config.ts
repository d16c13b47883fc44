import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many tests wait for processes and for time to pass: on two cores three files at once leave neither core idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // A test that hangs ends; one that is slow does not: on one core beside a busy neighbour some take half a minute.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
