import type { HistoryLine, Lot, Member } from '../account/index.ts'
import { toHex } from '../core/bytes.ts'
import type { Transaction } from '../core/entry/transaction.ts'

/** What an entry of an account is, in the words of a shop. */
export const MOVEMENT_KINDS = [
  ...(['earn', 'spend', 'hold', 'capture', 'release', 'refund', 'takeback', 'expire'] as const),
  ...([
    'gift',
    'take',
    'collect',
    'convert',
    'merge',
    'open',
    'freeze',
    'unfreeze',
    'close',
    'reopen',
    'other',
  ] as const),
] as const
export type MovementKind = (typeof MOVEMENT_KINDS)[number]

/** Points of one lot that came (above 0) or went: dates in quarter hours since 1970, 0 for at once and for never. */
type LotChange = readonly [matures: number, expires: number, points: number]

/** An entry of an account as the memory has it. */
export interface StoredMovement {
  /** Its number in the account, from 1, and its log index. */
  readonly n: number
  readonly x: number
  /** Ledger time of its batch. */
  readonly at: number
  readonly kind: MovementKind
  /** What it added to the balance, and the balance after it. */
  readonly p: number
  readonly b: number
  /** What it set aside, or gave back of that. */
  readonly h?: number
  /** Until when that is held. */
  readonly until?: number
  readonly lots: readonly LotChange[]
  /** Record of the rule. */
  readonly rule?: number
  /** Commitment of its details, hex. */
  readonly d?: string
  /** The id of the entry that it goes back to, hex. */
  readonly of?: string
  readonly id: string
  /** The entry, base64. */
  readonly e: string
}

/** A movement, as it is answered. */
export interface MovementView {
  readonly number: number
  readonly entry: number
  readonly at: string
  readonly kind: MovementKind
  readonly points: number
  readonly balance: number
  readonly held: number
  readonly lots: { matures: string | null; expires: string | null; points: number }[]
  readonly rule: string | null
  readonly order: string | null
  readonly reason: string | null
  readonly id: string
  readonly proof: string
}

const KINDS: Readonly<Partial<Record<Transaction['kind'], MovementKind>>> = {
  issue: 'earn',
  redeem: 'spend',
  hold: 'hold',
  capture: 'capture',
  release: 'release',
  expire: 'expire',
  transfer: 'gift',
  take: 'take',
  collect: 'collect',
  convert: 'convert',
  merge: 'merge',
  'open-account': 'open',
  freeze: 'freeze',
  unfreeze: 'unfreeze',
  close: 'close',
  reopen: 'reopen',
}

/**
 * An entry of an account, decoded.
 *
 * @param before, after - the account before and after it.
 */
export function movementOf(
  { transaction, change, balance, released, original }: HistoryLine,
  before: Member,
  after: Member,
  place: { readonly number: number; readonly index: number; readonly timeMs: number; readonly entry: string },
): StoredMovement {
  const { kind } = transaction
  const held = sum(after.holdings.holds) - sum(before.holdings.holds)
  const made = kind === 'hold' ? after.holdings.holds.at(-1)?.parts : released?.parts
  const details = 'details' in transaction ? transaction.details : null
  const of =
    kind === 'capture' || kind === 'release' ? transaction.hold : kind === 'reverse' ? transaction.original : undefined
  return {
    n: place.number,
    x: place.index,
    at: place.timeMs,
    kind: kind === 'reverse' ? undoing(original, change) : (KINDS[kind] ?? 'other'),
    p: change,
    b: balance,
    ...(held === 0 ? {} : { h: held }),
    ...(kind === 'hold' ? { until: transaction.until } : {}),
    lots:
      made === undefined
        ? lotChanges(before, after)
        : made.map(({ matures, expires, amount }) => [matures, expires, amount]),
    ...(kind === 'issue' && transaction.rule !== 0 ? { rule: transaction.rule } : {}),
    ...(details === null ? {} : { d: toHex(details) }),
    ...(of === undefined ? {} : { of: toHex(of) }),
    id: toHex(transaction.id),
    e: place.entry,
  }
}

/** What a reversal of something is. */
function undoing(original: Transaction['kind'] | undefined, change: number): MovementKind {
  if (original === 'merge') return 'merge'
  return change > 0 ? 'refund' : 'takeback'
}

/** What came to each lot, and went: points of holds are still of the lots that they are of. */
function lotChanges(before: Member, after: Member): LotChange[] {
  const changes = new Map<string, [number, number, number]>()
  const add = ({ matures, expires }: Pick<Lot, 'matures' | 'expires'>, amount: number) => {
    const key = `${matures} ${expires}`
    const one = changes.get(key) ?? [matures, expires, 0]
    one[2] += amount
    changes.set(key, one)
  }
  for (const [member, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    const lots = [...member.holdings.lots, ...member.holdings.holds.flatMap(({ parts }) => parts)]
    for (const lot of lots) add(lot, sign * lot.amount)
    add({ matures: 0, expires: 0 }, sign * (member.balance - sum(lots)))
  }
  return [...changes.values()].filter(([, , points]) => points !== 0)
}

function sum(list: readonly { readonly amount: number }[]): number {
  return list.reduce((total, { amount }) => total + amount, 0)
}
