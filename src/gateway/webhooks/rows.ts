import { QUARTER_MS } from '../../account/index.ts'
import { type MemoryRow, ORDERED_CHARACTERS, ordered } from '../memory.ts'
import type { Delivery } from './endpoint.ts'

/** The keys of what waits for an endpoint, or was given up. */
export function spanOf(id: string): { readonly after: string; readonly before: string } {
  return { after: `${id} `, before: `${id}!` }
}

/** The quarter hour in which a time lies. */
export function quarterOf(timeMs: number): number {
  return Math.floor(timeMs / QUARTER_MS)
}

/** The row of an event that waits until a time: rows of an endpoint stand in the order in which they are due. */
export function waitingRow(id: string, dueMs: number, delivery: Delivery): MemoryRow {
  return ['deliveries', `${id} ${ordered(dueMs)} ${delivery.event.id}`, delivery]
}

/** When a row that waits is due. */
export function dueMsOf(key: string): number {
  const at = key.indexOf(' ') + 1
  return Number.parseInt(key.slice(at, at + ORDERED_CHARACTERS), 36)
}
