import { parentPort } from 'node:worker_threads'
import { useEngine } from '../src/core/engine.ts'
import { preparePack } from '../src/log/packs.ts'
import { loadEngine } from './engine.ts'
import { READY } from './ready.ts'
import { yieldToOthers } from './yielding.ts'

// A thread of `ThreadPool`: says that it has started, then prepares one pack after another. An error ends it.

yieldToOthers()
useEngine(await loadEngine())
parentPort!.on('message', (pack: ArrayBuffer) => {
  parentPort!.postMessage(preparePack(pack), [pack])
})
parentPort!.postMessage(READY)
