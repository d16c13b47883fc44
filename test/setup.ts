import { afterAll, vi } from 'vitest'
import { useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'

// Before each file. As `tally` does: the fastest engine that there is here. Tests of engines choose their own.
useEngine(await loadEngine())

// One process runs many files: what one put in the place of a function is not there for the next.
const { env } = process
const before = { ...env }
afterAll(() => {
  vi.restoreAllMocks()
  for (const name of Object.keys(env)) if (!(name in before)) delete env[name]
  Object.assign(env, before)
})
