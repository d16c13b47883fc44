import { appendFile } from 'node:fs/promises'
import { absent, ClientError, type TallyClient } from '../../client/index.ts'
import { toBase64, toHex } from '../../core/bytes.ts'
import type { Shop } from '../../files/shop-file.ts'
import { fileExists } from '../../node/file-system.ts'
import { linesOf } from '../../node/lines.ts'
import type { ShopDerivation } from '../derivation.ts'
import { conflict } from '../failure.ts'
import type { Links } from '../links.ts'
import { keyOf } from '../members.ts'
import { type Memory, type MemoryRow, type MemoryTable, ordered } from '../memory.ts'
import type { StoredMovement } from '../movement.ts'
import { type MovementParts, movementView } from '../movement-view.ts'
import type { Programmes } from '../programmes.ts'
import { type BalanceParts, balancesOf } from '../views.ts'
import type { Delivery } from '../webhooks/endpoint.ts'
import type { Looks } from './looks.ts'

/** Rows that are read at once. */
const PAGE = 1000

/** That a member was erased: nothing in it says who that was to anyone without the shop's secret. */
export interface Erasure {
  /** Of her id, by the shop's secret: hex. */
  readonly mark: string
  /** RFC 3339; and the name of the key of the API that asked for it. */
  readonly at: string
  readonly by: string
  /** Her accounts. */
  readonly accounts: readonly number[]
}

/** What was erased. */
export interface Erased extends Erasure {
  /** Details of entries, events, links, and waiting webhook events. */
  readonly details: number
  readonly events: number
  readonly links: number
  readonly deliveries: number
}

/** The parts of a gateway that have something of a member. */
export interface RightsParts extends BalanceParts, MovementParts {
  readonly shop: Shop
  readonly memory: Memory
  readonly client: TallyClient
  readonly derivation: ShopDerivation
  readonly links: Links
  readonly looks: Looks
  readonly programmes: Programmes
}

/**
 * What a member may ask for: a copy of all that is kept of her, and that it is erased. Who was erased stands in a file
 * beside the memory, and is erased again where a copy of an earlier memory was put in its place.
 */
export class Rights {
  readonly #gateway: RightsParts
  readonly #path: string

  /** @param path - of the list of erasures. */
  constructor(gateway: RightsParts, path: string) {
    this.#gateway = gateway
    this.#path = path
  }

  /**
   * All that is kept of a member: her accounts with statement and card, movements, their details, events of
   * programmes, what waits for webhooks, and who looked at it.
   *
   * @throws GatewayError `member-unknown`.
   */
  async copyOf(member: string): Promise<object> {
    const { memory, programmes, looks, nowMs, shop, client } = this.#gateway
    const units = await balancesOf(this.#gateway, member)
    const accounts = await Promise.all(
      Object.entries(units).map(async ([unit, balance]) => {
        const rows = await this.#movements(balance.account)
        const statement = await client.statement(balance.account).catch(notYet)
        return {
          ...{ unit, ...balance },
          statement: statement === undefined ? null : toBase64(statement),
          movements: await Promise.all(
            rows.map(async row => ({ ...(await movementView(this.#gateway, row)), bytes: row.e })),
          ),
          details: await this.#details(rows),
        }
      }),
    )
    return {
      format: 'tallystick/member-copy/v1',
      ...{ member, at: new Date(nowMs()).toISOString(), policy: shop.policyText },
      accounts,
      events: await programmes.eventsOf(member),
      links: (await memory.list('linksOf', linksOf(member))).length,
      webhooks: {
        waiting: (await deliveriesOf(memory, 'deliveries', member)).map(([, { event }]) => event),
        dead: (await deliveriesOf(memory, 'dead', member)).map(([, { event }]) => event),
      },
      looks: (await looks.page({ member }, 100_000)).looks,
    }
  }

  async #movements(account: number): Promise<StoredMovement[]> {
    const key = ordered(account)
    const rows = await this.#gateway.memory.list<StoredMovement>('movements', { after: key, before: `${key}~` })
    return rows.map(([, row]) => row)
  }

  async #details(rows: readonly StoredMovement[]): Promise<{ commitment: string; text: string }[]> {
    const found: { commitment: string; text: string }[] = []
    for (const { d } of rows) {
      const text = d === undefined ? undefined : await this.#gateway.details.text(d)
      if (text !== undefined) found.push({ commitment: d!, text })
    }
    return found
  }

  /** Whether a member was erased. */
  async isErased(member: string): Promise<boolean> {
    return (await this.#gateway.memory.get('erased', this.#mark(member))) !== undefined
  }

  #mark(member: string): string {
    return this.#gateway.derivation.mark('erased', member)
  }

  /**
   * Erases all that says who a member is and what she did, here and in the details that the ledger keeps. Her accounts
   * stay in the ledger, and nobody finds them by her id any more.
   *
   * @param by - name of the key of the API that asks.
   * @param leavesPoints - whether points that she has may be left there.
   * @throws GatewayError `member-unknown`; `member-has-points` where she has some and `leavesPoints` is not set.
   */
  async erase(member: string, by: string, leavesPoints: boolean): Promise<Erased> {
    const { nowMs, memory } = this.#gateway
    const mark = this.#mark(member)
    const known = await memory.get<Erasure>('erased', mark)
    const units = known === undefined ? Object.values(await balancesOf(this.#gateway, member)) : []
    const points = units.reduce((sum, { balance }) => sum + Math.max(0, balance), 0)
    if (points > 0 && !leavesPoints)
      throw conflict(
        'member-has-points',
        `She has ${points} points, which nobody can spend once she is erased. Take them first, or say {"leave": true}.`,
      )
    const erasure: Erasure = known ?? {
      ...{ mark, at: new Date(nowMs()).toISOString(), by },
      accounts: units.map(({ account }) => account),
    }
    if (known === undefined) await appendFile(this.#path, `${JSON.stringify(erasure)}\n`, { mode: 0o600, flush: true })
    // After the list: what is cut off here is done again at the next start.
    const erased = await this.#erase(member, erasure)
    await memory.write([['erased', mark, erasure]], { sync: true })
    return erased
  }

  async #erase(member: string, erasure: Erasure): Promise<Erased> {
    const { memory, members, links, looks, programmes, shop, derivation } = this.#gateway
    let details = 0
    for (const account of erasure.accounts) details += await this.#eraseDetails(account)
    const events = await programmes.erase(member)
    const revoked = await links.revoke(member)
    await looks.rename(member, erasure.mark)
    let deliveries = 0
    for (const table of ['deliveries', 'dead'] as const) {
      const found = await deliveriesOf(memory, table, member)
      deliveries += found.length
      await memory.write(found.map(([key]): MemoryRow => [table, key, undefined]))
    }
    const rows: MemoryRow[] = shop.units.flatMap(({ record }) => [
      ['members', keyOf(member, record), undefined] as const,
      ['refs', toHex(derivation.ref(record, member)), undefined] as const,
    ])
    for (const account of erasure.accounts) rows.push(['accounts', ordered(account), undefined])
    await memory.write(rows, { sync: true })
    members.forget()
    return { ...erasure, details, events, links: revoked, deliveries }
  }

  /** Erases the details of the entries of an account, here and at the ledger, which writes down that it did. */
  async #eraseDetails(account: number): Promise<number> {
    const { memory, client } = this.#gateway
    let count = 0
    for (const { d } of await this.#movements(account)) {
      if (d === undefined) continue
      await client.eraseDetails(d).catch(gone)
      await memory.write([
        ['details', d, undefined],
        ['outbox', d, undefined],
      ])
      count++
    }
    return count
  }

  /** All erasures, by the list. */
  async list(): Promise<Erasure[]> {
    if (!(await fileExists(this.#path))) return []
    const found: Erasure[] = []
    for await (const line of linesOf(this.#path)) if (line !== '') found.push(JSON.parse(line) as Erasure)
    return found
  }

  /**
   * Erases again whom a memory still has that was erased: one that a copy was put in place of. Looks at all members
   * where it does not know of an erasure, or is told to.
   *
   * @param isForced - also where the memory says that it was done: as for a ledger that was restored.
   * @returns how many were erased again.
   */
  async apply({ isForced = false }: { readonly isForced?: boolean } = {}): Promise<number> {
    const { memory } = this.#gateway
    const todo = new Map<string, Erasure>()
    for (const erasure of await this.list())
      if (isForced || (await memory.get('erased', erasure.mark)) === undefined) todo.set(erasure.mark, erasure)
    if (todo.size === 0) return 0
    const named = await this.#namesOf(todo)
    for (const [mark, erasure] of todo) {
      const member = named.get(mark)
      if (member !== undefined) await this.#erase(member, erasure)
      else for (const account of erasure.accounts) await this.#eraseDetails(account)
      await memory.write([['erased', mark, erasure]], { sync: true })
    }
    return todo.size
  }

  /** The ids of members with these marks, as far as the memory has them. */
  async #namesOf(marks: ReadonlyMap<string, Erasure>): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    let after = ''
    for (;;) {
      const rows = await this.#gateway.memory.list('members', { after, limit: PAGE })
      for (const [key] of rows) {
        after = key
        const member = key.slice(0, key.indexOf('\u0000'))
        const mark = this.#mark(member)
        if (marks.has(mark)) found.set(mark, member)
      }
      if (rows.length < PAGE) return found
    }
  }
}

function linksOf(member: string): { readonly after: string; readonly before: string } {
  return { after: `${member}\u0000`, before: `${member}\u0001` }
}

async function deliveriesOf(
  memory: Memory,
  table: MemoryTable & ('deliveries' | 'dead'),
  member: string,
): Promise<[key: string, value: Delivery][]> {
  const rows = await memory.list<Delivery>(table)
  return rows.filter(([, { event }]) => event.member === member)
}

/** Undefined for details that are gone already, or never came. */
function gone(error: unknown): undefined {
  if (error instanceof ClientError && error.status === 410) return undefined
  return absent(error)
}

/** Undefined where no checkpoint has it yet. */
function notYet(error: unknown): undefined {
  if (error instanceof ClientError && (error.code === 'not-published' || error.code === 'no-such-account'))
    return undefined
  throw error
}
