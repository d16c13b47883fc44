import { defineConfig } from 'vitest/config'

// What needs brokers: npm run test:kafka. One file after another, as all of them share the machine with three brokers.
export default defineConfig({
  test: {
    include: ['test/kafka/*.kafka.ts'],
    setupFiles: ['test/setup.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 400_000,
  },
})
