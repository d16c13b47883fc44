import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Half of the tests wait for processes.
    maxWorkers: '100%',
    // A test that hangs ends; one that is slow does not: on one core beside a busy neighbour some take half a minute.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
