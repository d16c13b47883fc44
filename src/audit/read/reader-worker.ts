import { parentPort, workerData } from 'node:worker_threads'
import { type ClientOptions, TallyClient } from '../../client/index.ts'
import { useEngine } from '../../core/crypto/engine.ts'
import { loadEngine } from '../../node/native-engine.ts'
import { type Failure, failureOf } from './failures.ts'
import { keepAlive } from './keep-alive.ts'
import { type MakeRun, type ReadEnd, type ReadRun, type ReadTask, readLog } from './log-reader.ts'

/** What the thread is started with. */
export interface ReaderData {
  readonly client: ClientOptions
  readonly task: ReadTask
  readonly connections: number
  /** Runs that it may be ahead of the one who replays them. */
  readonly ahead: number
}

/** The memory of a run that was replayed, for another; as much as the run took of it, and more. */
export type RunMemory = readonly [bytes: ArrayBuffer, starts: ArrayBuffer, ends: ArrayBuffer, leaves: ArrayBuffer]

/** What it says; each run, and the end, in their order. */
export type ReaderMessage =
  | { readonly kind: 'run'; readonly run: ReadRun }
  | { readonly kind: 'end'; readonly end: ReadEnd }
  | { readonly kind: 'failure'; readonly failure: Failure }

// Runs as a thread of its own: reads a log and hands on what it read. It is given back the memory of each run that was
// replayed, and with it the word for one more: what is made again and dropped by the megabyte, the collector runs
// after.
const port = parentPort!
const { client: options, task, connections, ahead } = workerData as ReaderData
const memory: RunMemory[] = []
let granted = ahead
let wake = () => {}
port.on('message', (replayed: RunMemory) => {
  memory.push(replayed)
  granted++
  wake()
})

const makeRun: MakeRun = (count, length) => {
  const [bytes, starts, ends, leaves] = memory.pop() ?? []
  return {
    bytes: new Uint8Array(roomy(bytes, length), 0, length),
    starts: new Uint32Array(roomy(starts, 4 * count), 0, count),
    ends: new Uint32Array(roomy(ends, 4 * count), 0, count),
    leaves: new Uint8Array(roomy(leaves, 32 * count), 0, 32 * count),
  }
}

/** A buffer with room for so many bytes, or another with some more. */
function roomy(buffer: ArrayBuffer | undefined, length: number): ArrayBuffer {
  return buffer !== undefined && buffer.byteLength >= length ? buffer : new ArrayBuffer(length + (length >>> 3))
}

try {
  useEngine(await loadEngine())
  const runs = readLog(new TallyClient({ ...options, carry: keepAlive(connections) }), task, makeRun)
  for (;;) {
    const { done, value } = await runs.next()
    if (done) {
      say({ kind: 'end', end: value })
      break
    }
    while (granted === 0)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    granted--
    const { bytes, starts, ends, leaves } = value.run
    say({ kind: 'run', run: value }, [bytes.buffer, starts.buffer, ends.buffer, leaves.buffer])
  }
} catch (error) {
  say({ kind: 'failure', failure: failureOf(error as Error) })
}
port.close()

function say(message: ReaderMessage, transfer: readonly ArrayBufferLike[] = []): void {
  port.postMessage(message, transfer as ArrayBuffer[])
}
