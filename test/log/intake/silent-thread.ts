import { parentPort } from 'node:worker_threads'

// A thread that has its hands full: it takes what it is given, and answers nothing.
parentPort!.on('message', () => {})
parentPort!.postMessage('ready')
