import { toHex } from '../core/bytes.ts'
import type { Attempts } from './attempts.ts'
import type { GatewayDetails } from './details.ts'
import { dateMs } from './histories.ts'
import type { MovementView, StoredMovement } from './movement.ts'
import type { Rulebook } from './rulebook.ts'

/** The parts of a gateway that know the details of a movement. */
export interface MovementParts {
  readonly attempts: Attempts
  readonly details: GatewayDetails
  readonly rulebook: Rulebook
}

/** A movement with its details: its order, its reason, the name of its rule. */
export async function movementView(parts: MovementParts, row: StoredMovement): Promise<MovementView> {
  const { n, x, at, kind, p, b, h = 0, lots, rule, d, of, id } = row
  const { order, reason, adjust } = await parts.details.of(d)
  const dated = (date: number) => (date === 0 ? null : text(dateMs(date)))
  return {
    number: n,
    entry: x,
    at: text(at),
    kind,
    points: p,
    balance: b,
    held: h,
    lots: lots.map(([matures, expires, points]) => ({ matures: dated(matures), expires: dated(expires), points })),
    rule: rule === undefined ? null : ((await parts.rulebook.nameOf(rule)) ?? null),
    order: typeof order === 'string' ? order : of === undefined ? null : await orderOf(parts, of),
    reason: typeof reason === 'string' ? reason : typeof adjust === 'string' ? adjust : null,
    id,
    proof: `/v1/proofs/${x}`,
  }
}

/** The order that an entry was for, by its id: its own details say it, or those of what it goes back to. */
export async function orderOf(
  { attempts, details }: Omit<MovementParts, 'rulebook'>,
  id: string,
): Promise<string | null> {
  let at: string | undefined = id
  for (let steps = 0; at !== undefined && steps < 3; steps++) {
    const transaction = await attempts.transaction(at)
    if (transaction === undefined) return null
    const commitment = 'details' in transaction && transaction.details !== null ? toHex(transaction.details) : undefined
    const { order } = await details.of(commitment)
    if (typeof order === 'string') return order
    const { kind } = transaction
    at = kind === 'capture' ? toHex(transaction.hold) : kind === 'reverse' ? toHex(transaction.original) : undefined
  }
  return null
}

function text(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
