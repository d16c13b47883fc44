import { randomBytes } from 'node:crypto'
import type { Activities } from '../activity.ts'
import type { ShopDerivation } from '../derivation.ts'
import { conflict, missing } from '../failure.ts'
import { dateMs } from '../histories.ts'
import type { Members } from '../members.ts'
import { type Memory, ORDERED_CHARACTERS, ordered } from '../memory.ts'
import { type Delivery, type Endpoint, EXPIRING, type Expiring } from './endpoint.ts'
import { Pump } from './pump.ts'
import { quarterOf, spanOf } from './rows.ts'
import { secretText } from './sign.ts'

const ENDPOINTS_MAX = 16
/** How long the secret before the newest signs, too. */
const ROTATION_MS = 86_400_000
const WITHIN_MS = 7 * 86_400_000

export interface WebhooksOptions {
  readonly memory: Memory
  readonly activities: Activities
  readonly members: Members
  readonly derivation: ShopDerivation
  readonly nowMs: () => number
  /** How long it waits after each time that something was sent in vain, ms; then it is dead. */
  readonly pausesMs?: readonly number[] | undefined
  readonly onTrouble: (error: Error) => void
}

/** What is said of an endpoint. */
export interface EndpointState extends Endpoint {
  /** Events that wait, and those that were given up; each counted up to 10,000. */
  readonly waiting: number
  readonly dead: number
}

/** A list that is only counted is read so far. */
const COUNTED_MAX = 10_000

/** The endpoints of a shop: made, ended, and told of what happens. */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #pumps = new Map<string, Pump>()

  constructor(options: WebhooksOptions) {
    this.#options = options
  }

  /** Begins to tell all endpoints what happens. */
  async begin(): Promise<void> {
    for (const [, endpoint] of await this.#options.memory.list<Endpoint>('webhooks')) this.#pump(endpoint)
  }

  /**
   * Makes an endpoint, which is told of what happens from `after` on.
   *
   * @returns it with its secret, which is shown this once.
   * @throws GatewayError `webhooks-full`.
   */
  async add(
    url: string,
    after: number,
    { types, withinMs = WITHIN_MS }: Partial<Pick<Endpoint, 'types' | 'withinMs'>>,
  ): Promise<Endpoint & { readonly secret: string }> {
    const { memory, nowMs } = this.#options
    if ((await memory.list('webhooks')).length >= ENDPOINTS_MAX)
      throw conflict('webhooks-full', `There are ${ENDPOINTS_MAX} webhooks. DELETE /v1/webhooks/{id} ends one.`)
    const id = `wh_${randomBytes(12).toString('base64url')}`
    const now = nowMs()
    const places = { madeMs: now, after, expiringTo: quarterOf(now), generation: 0 }
    const endpoint: Endpoint = { id, url, ...(types === undefined ? {} : { types }), withinMs, ...places }
    await memory.write([['webhooks', id, endpoint]], { sync: true })
    this.#pump(endpoint)
    return { ...endpoint, secret: secretText(this.#secret(endpoint)) }
  }

  /** All endpoints, with what waits for each. */
  async list(): Promise<EndpointState[]> {
    const found = await this.#options.memory.list<Endpoint>('webhooks')
    return Promise.all(found.map(([, endpoint]) => this.#state(endpoint)))
  }

  /** An endpoint. @throws GatewayError `webhook-unknown`. */
  async get(id: string): Promise<EndpointState> {
    return this.#state(await this.#endpoint(id))
  }

  /** What was given up for an endpoint, the oldest first. @throws GatewayError `webhook-unknown`. */
  async dead(id: string, limit: number): Promise<Delivery[]> {
    await this.#endpoint(id)
    return (await this.#options.memory.list<Delivery>('dead', { ...spanOf(id), limit })).map(([, one]) => one)
  }

  /** Gives an endpoint another secret; the one before signs beside it for a day. @returns it as it is shown. */
  async rotate(id: string): Promise<string> {
    const { generation } = await this.#endpoint(id)
    const oldUntilMs = this.#options.nowMs() + ROTATION_MS
    const endpoint = await this.#pumpOf(id).change({ generation: generation + 1, oldUntilMs })
    return secretText(this.#secret(endpoint))
  }

  /**
   * Sends again: what was given up, or all that happened after a log index, under the ids that it had. An endpoint that
   * was ended goes on.
   */
  async replay(id: string, after: number | undefined): Promise<EndpointState> {
    await this.#endpoint(id)
    const pump = this.#pumpOf(id)
    if (after === undefined) await pump.revive()
    else await pump.change({ after, ended: undefined })
    return this.get(id)
  }

  /** Ends an endpoint, with all that waits for it. */
  async remove(id: string): Promise<void> {
    await this.#endpoint(id)
    await this.#pumpOf(id).close()
    this.#pumps.delete(id)
    const { memory } = this.#options
    for (const table of ['deliveries', 'dead'] as const) {
      for (;;) {
        const rows = await memory.list(table, { ...spanOf(id), limit: 1000 })
        if (rows.length === 0) break
        await memory.write(rows.map(([key]) => [table, key, undefined] as const))
      }
    }
    await memory.write([['webhooks', id, undefined]], { sync: true })
  }

  /** Lets all endpoints look at once at what happened and what expires soon, and waits for it, two seconds at most. */
  async lookAhead(): Promise<void> {
    await Promise.all([...this.#pumps.values()].map(pump => pump.lookNow()))
  }

  /** Ends when what is being sent is answered, or given up. */
  async close(): Promise<void> {
    await Promise.all([...this.#pumps.values()].map(pump => pump.close()))
  }

  /** The rows for what of a member's points expires soon, of a date that was not told before. */
  async #expiring(endpoint: Endpoint, toQuarter: number): Promise<Expiring[]> {
    const { memory, members, nowMs } = this.#options
    const at = new Date(nowMs()).toISOString()
    const found: Expiring[] = []
    // A key is a date and an account.
    const span = { after: `${ordered(endpoint.expiringTo)}~`, before: `${ordered(toQuarter)}~` }
    for (const [key, points] of await memory.list<number>('expiring', span)) {
      const [date, account] = [key.slice(0, ORDERED_CHARACTERS), key.slice(ORDERED_CHARACTERS)].map(part =>
        Number.parseInt(part, 36),
      ) as [number, number]
      const owner = await members.owner(account)
      if (owner === undefined) continue
      const { name: unit } = members.unitOf(owner.unit)
      const about = { member: owner.member, unit, points, expires: new Date(dateMs(date)).toISOString() }
      found.push({ id: `expiring-${account}-${date}`, type: EXPIRING, at, ...about })
    }
    return found
  }

  async #state(endpoint: Endpoint): Promise<EndpointState> {
    const count = async (table: 'deliveries' | 'dead') =>
      (await this.#options.memory.list(table, { ...spanOf(endpoint.id), limit: COUNTED_MAX })).length
    return { ...endpoint, waiting: await count('deliveries'), dead: await count('dead') }
  }

  async #endpoint(id: string): Promise<Endpoint> {
    const found = await this.#options.memory.get<Endpoint>('webhooks', id)
    if (found === undefined) throw missing('webhook-unknown', `There is no webhook "${id}": see GET /v1/webhooks.`)
    return found
  }

  #pumpOf(id: string): Pump {
    return this.#pumps.get(id)!
  }

  #pump(endpoint: Endpoint): void {
    const { memory, activities, nowMs, pausesMs, onTrouble } = this.#options
    const pump = new Pump(endpoint, {
      ...{ memory, activities, nowMs, onTrouble },
      expiring: (of, toQuarter) => this.#expiring(of, toQuarter),
      secrets: of => this.#secretsOf(of),
      ...(pausesMs === undefined ? {} : { pausesMs }),
    })
    this.#pumps.set(endpoint.id, pump)
    pump.begin()
  }

  #secret({ id, generation }: Pick<Endpoint, 'id' | 'generation'>): Uint8Array {
    return this.#options.derivation.webhookSecret(id, generation)
  }

  /** The secrets that sign now, the newest first. */
  #secretsOf({ id, generation, oldUntilMs = 0 }: Endpoint): Uint8Array[] {
    const newest = this.#secret({ id, generation })
    if (generation === 0 || oldUntilMs <= this.#options.nowMs()) return [newest]
    return [newest, this.#secret({ id, generation: generation - 1 })]
  }
}
