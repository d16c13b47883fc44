import { parentPort } from 'node:worker_threads'
import { useEngine } from '../../core/crypto/engine.ts'
import { loadEngine } from '../../node/native-engine.ts'
import { yieldToOthers } from '../../node/thread-priority.ts'
import { READY } from '../../node/thread-start.ts'
import { preparePack } from './thread-pack.ts'

// A thread of `ThreadPool`: says that it has started, then prepares one pack after another. An error ends it.

yieldToOthers()
useEngine(await loadEngine())
parentPort!.on('message', (pack: ArrayBuffer) => {
  parentPort!.postMessage(preparePack(pack), [pack])
})
parentPort!.postMessage(READY)
