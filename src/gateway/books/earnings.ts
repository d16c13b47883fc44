import type { Members } from '../members.ts'
import { type Memory, ORDERED_CHARACTERS } from '../memory.ts'
import type { StoredMovement } from '../movement.ts'
import { type MovementParts, orderOf } from '../movement-view.ts'
import type { OrderEarning } from './reconcile.ts'

/** Rows that are read at once. */
const PAGE = 5000

export interface EarningsParts extends Omit<MovementParts, 'rulebook'> {
  readonly memory: Memory
  readonly members: Members
}

/**
 * What was earned for orders, by all movements that the memory has, less what was taken back. Reads all of them, once.
 */
export async function earningsOf(parts: EarningsParts): Promise<OrderEarning[]> {
  const { memory, members, details } = parts
  const byId = new Map<string, { -readonly [F in keyof OrderEarning]: OrderEarning[F] }>()
  const taken: [of: string, points: number][] = []
  let after = ''
  for (;;) {
    const rows = await memory.list<StoredMovement>('movements', { after, limit: PAGE })
    for (const [key, { kind, of, p, d, id, x, at }] of rows) {
      after = key
      if (kind === 'takeback' && of !== undefined) taken.push([of, -p])
      if (kind !== 'earn') continue
      const { order } = await details.of(d)
      const named = typeof order === 'string' ? order : await orderOf(parts, id)
      const owner = await members.owner(Number.parseInt(key.slice(0, ORDERED_CHARACTERS), 36))
      if (named === null || owner === undefined) continue
      const unit = members.unitOf(owner.unit).name
      byId.set(id, { order: named, member: owner.member, unit, entry: x, points: p, timeMs: at })
    }
    if (rows.length < PAGE) break
  }
  for (const [of, points] of taken) {
    const earning = byId.get(of)
    if (earning !== undefined) earning.points -= points
  }
  return [...byId.values()]
}
