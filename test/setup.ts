import { useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'

// As `tally` does: the fastest engine that there is here. Tests of engines choose their own.
useEngine(await loadEngine())
