import { type FeedEntry, feedPage, type TallyClient } from '../client/index.ts'
import type { Histories } from './histories.ts'
import type { AccountOwner, Members } from './members.ts'
import { type Memory, ordered } from './memory.ts'
import type { MovementKind, MovementView, StoredMovement } from './movement.ts'

/** What happens to a member, in the words of a shop; `ledger.sealed` happens to nobody. */
export const ACTIVITY_TYPES = [
  ...(['points.earned', 'points.spent', 'points.held', 'points.captured', 'points.released'] as const),
  ...(['points.refunded', 'points.taken-back', 'points.expired', 'points.given', 'points.received'] as const),
  ...(['points.collected', 'points.converted', 'points.moved', 'tier.changed'] as const),
  ...(['member.opened', 'member.frozen', 'member.unfrozen', 'member.closed', 'member.reopened'] as const),
  ...(['member.changed', 'ledger.sealed'] as const),
] as const
export type ActivityType = (typeof ACTIVITY_TYPES)[number]

/** Something that happened, once and for good: it is in a checkpoint. */
export interface Activity {
  /** The same for ever: who is told twice sees it by this. */
  readonly id: string
  readonly type: ActivityType
  /** Ledger time, RFC 3339. */
  readonly at: string
  /** Log index of its entry. */
  readonly entry: number
  /** The shop's own id; null of a seal. */
  readonly member: string | null
  readonly unit: string | null
  /** What the member has then, and how it came to that; null of a seal. */
  readonly movement: MovementView | null
  /** Of `tier.changed`: the tier from 1, 0 for none, and until when; null for no end. */
  readonly tier?: { readonly tier: number; readonly rule: string | null; readonly until: string | null }
}

/** A page of what happened. */
export interface ActivityPage {
  readonly activities: Activity[]
  /** `after` for what follows. */
  readonly next: number
}

export interface ActivitiesOptions {
  readonly memory: Memory
  /** Calls with a key that may read all of the ledger. */
  readonly client: TallyClient
  readonly members: Members
  readonly histories: Histories
  readonly view: (row: StoredMovement) => Promise<MovementView>
  readonly ruleName: (record: number) => Promise<string | undefined>
}

const TYPES: Readonly<Record<Exclude<MovementKind, 'gift' | 'take' | 'other'>, ActivityType>> = {
  earn: 'points.earned',
  spend: 'points.spent',
  hold: 'points.held',
  capture: 'points.captured',
  release: 'points.released',
  refund: 'points.refunded',
  takeback: 'points.taken-back',
  expire: 'points.expired',
  collect: 'points.collected',
  convert: 'points.converted',
  merge: 'points.moved',
  open: 'member.opened',
  freeze: 'member.frozen',
  unfreeze: 'member.unfrozen',
  close: 'member.closed',
  reopen: 'member.reopened',
}

/** Movements that are looked through at once for the one of an entry, the latest first. */
const LOOKED_THROUGH = 64

/**
 * What happens to the members of a shop, in the order of the log: the feed of the ledger, with members by the shop's
 * own ids, and each movement decoded. Keeps nothing of its own: what follows a log index is the same whenever it is
 * asked for.
 */
export class Activities {
  readonly #options: ActivitiesOptions

  constructor(options: ActivitiesOptions) {
    this.#options = options
  }

  /**
   * What happened after a log index.
   *
   * @param limit - entries of the log that are looked at, at most 1,000.
   * @param waitS - seconds to wait where there is nothing yet, at most 60.
   * @throws ClientError where the ledger does not answer; AnswerError where it answers what does not hold.
   */
  async page(after: number, limit: number, waitS: number): Promise<ActivityPage> {
    const { entries, next } = await feedPage(this.#options.client, { after, limit, waitS })
    const activities: Activity[] = []
    for (const entry of entries) activities.push(...(await this.#of(entry)))
    return { activities, next }
  }

  /** Entries of the latest checkpoint. @throws ClientError. */
  async published(): Promise<number> {
    return (await feedPage(this.#options.client, { limit: 1 })).published
  }

  async #of(entry: FeedEntry): Promise<Activity[]> {
    if (entry.outcome !== 'accepted') return []
    const at = new Date(entry.ledgerTime).toISOString()
    if (entry.kind === 'seal') {
      const sealed = { id: `${entry.index}`, type: 'ledger.sealed', at, entry: entry.index } as const
      return [{ ...sealed, member: null, unit: null, movement: null }]
    }
    const found: Activity[] = []
    for (const account of accountsOf(entry)) {
      const owner = await this.#owner(entry, account)
      if (owner === undefined) continue
      const row = await this.#movement(account, owner.unit, entry.index)
      if (row === undefined) continue
      const movement = await this.#options.view(row)
      const { name: unit } = this.#options.members.unitOf(owner.unit)
      const about = { at, entry: entry.index, member: owner.member, unit, movement }
      const tier = entry.kind === 'set-status' ? { tier: await this.#tier(entry) } : {}
      found.push({ id: `${entry.index}-${account}`, type: typeOf(row, entry), ...about, ...tier })
    }
    return found
  }

  #owner({ kind, opened, fields: { ref } }: FeedEntry, account: number): Promise<AccountOwner | undefined> {
    const { members } = this.#options
    const isOpened = kind === 'open-account' && opened === account && typeof ref === 'string'
    return isOpened ? members.ownerUnder(ref, account) : members.owner(account)
  }

  /** The movement of an entry in an account, which is read from the ledger where it is new. */
  async #movement(account: number, unit: number, index: number): Promise<StoredMovement | undefined> {
    const known = await this.#known(account, index)
    if (known !== undefined) return known
    await this.#options.histories.now(account, unit)
    return this.#known(account, index)
  }

  async #known(account: number, index: number): Promise<StoredMovement | undefined> {
    const key = ordered(account)
    for (let before = `${key}~`; ; ) {
      const span = { after: key, before, limit: LOOKED_THROUGH, reverse: true }
      const rows = await this.#options.memory.list<StoredMovement>('movements', span)
      const found = rows.find(([, { x }]) => x === index)
      if (found !== undefined) return found[1]
      const last = rows.at(-1)
      if (last === undefined || last[1].x < index || rows.length < LOOKED_THROUGH) return undefined
      before = last[0]
    }
  }

  async #tier({ fields }: FeedEntry): Promise<NonNullable<Activity['tier']>> {
    const { tier, rule, until } = fields as { tier: number; rule: number; until: number }
    const name = (await this.#options.ruleName(rule)) ?? null
    return { tier, rule: name, until: until === 0 ? null : new Date(until).toISOString() }
  }
}

function typeOf({ kind, p }: StoredMovement, entry: FeedEntry): ActivityType {
  if (kind === 'gift' || kind === 'take') return p < 0 ? 'points.given' : 'points.received'
  if (kind !== 'other') return TYPES[kind]
  return entry.kind === 'set-status' ? 'tier.changed' : p === 0 ? 'member.changed' : 'points.moved'
}

/** The accounts that an entry names, each once. */
export function accountsOf({ opened, fields }: FeedEntry): number[] {
  const { debit, credit, account } = fields
  return [...new Set([debit, credit, account, opened].filter(one => typeof one === 'number'))]
}
