import { setFlagsFromString } from 'node:v8'

/**
 * What may come on top of all that lives, objects and buffers, before it is collected: two seconds' buffers at full
 * load.
 */
const ROOM_BYTES = 192 * 1024 * 1024
/** The same in percent of what lives, as V8 reckons it: 300 is the most that it chooses by itself. */
const PERCENT_MIN = 10
const PERCENT_MAX = 300
/** What lives changes slowly. */
const EVERY_MS = 10_000

const FLAGS = ['--external-memory-accounted-in-global-limit', '--no-allocation-site-pretenuring']

let timer: NodeJS.Timeout | undefined

/**
 * Has V8 collect its heap when some room is used up, and not sooner, as a ledger's thread stands still meanwhile. By
 * itself V8 lets a heap grow by how fast objects come to stay, and counts buffers against the room that this left for
 * objects: a heap of 30 MB through which 100 MB of buffers go in a second was collected whole eight times in it. And
 * once 64 MB of them have come since the last time, it marks 5 to 10 ms long wherever the next buffer is made. Here
 * buffers count as part of the heap.
 *
 * And has it make what is young among the young. Of what a thousand callers wait for, much is there at a collection,
 * from which V8 concludes that all that is made in the same place stays, and makes it in the old space from then on:
 * with it everything that it points to stays until the whole heap is collected, and is copied twice before that.
 *
 * For all threads of the process, from the next collection on.
 */
export function collectSeldom(): void {
  if (timer !== undefined) return
  // Known of the V8 of Node 24: another one would say on stderr that it has no such flag.
  if (process.versions.v8.startsWith('13.')) for (const flag of FLAGS) setFlagsFromString(flag)
  leaveRoom()
  timer = setInterval(leaveRoom, EVERY_MS).unref()
}

function leaveRoom(): void {
  const { heapUsed, external } = process.memoryUsage()
  const percent = (100 * ROOM_BYTES) / (heapUsed + external)
  setFlagsFromString(`--heap-growing-percent=${Math.round(Math.max(PERCENT_MIN, Math.min(PERCENT_MAX, percent)))}`)
}
