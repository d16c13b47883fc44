import { setFlagsFromString } from 'node:v8'

/** What may come on top of a live heap before it is collected, in percent of it: the most that V8 grants by itself. */
const GROWTH_PERCENT = 300

/**
 * Has V8 grow its heap by the largest of the factors that it chooses from, always. It chooses by how fast objects come, and
 * then counts buffers against the room that this left for objects: a heap of 30 MB through which 100 MB of buffers go in a
 * second was collected whole eight times in it, 5 to 15 ms each, while threads of the collector took a quarter of a
 * processor. Buffers are collected once 64 MB of them have come, as ever. For all threads of the process, from the next
 * collection on.
 */
export function collectSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
