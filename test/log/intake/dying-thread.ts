import { parentPort } from 'node:worker_threads'

// A thread that dies of the first pack that it is given.
parentPort!.on('message', () => {
  throw new Error('out of memory')
})
parentPort!.postMessage('ready')
