import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedRecord, TallyClient } from '../client/index.ts'
import type { SaltedText } from '../core/entry/details.ts'
import type { Shop, ShopUnit } from '../files/shop-file.ts'
import {
  accountRewards,
  type EventAnswer,
  IssuingService,
  type MemberAccounts,
  publishedVersions,
} from '../issuing/index.ts'
import { UsageError } from '../node/failure.ts'
import { canonicalText, type Json, type JsonObject, parseJson } from '../programmes/index.ts'
import { EVENT_BYTES_MAX } from '../programmes/limits.ts'
import type { GatewayDetails } from './details.ts'
import { invalid, missing } from './failure.ts'
import type { Members } from './members.ts'
import type { Memory, MemoryRow } from './memory.ts'

/** How long it is believed that no other version was published. */
const LOOK_MS = 60_000
/** How often tiers are looked for that ended with time: they end with a day. */
const TELL_MS = 600_000

export interface ProgrammesOptions {
  readonly shop: Shop
  readonly folder: string
  readonly client: TallyClient
  readonly memory: Memory
  readonly members: Members
  readonly details: GatewayDetails
  readonly nowMs: () => number
}

/** A service that is open, and when it was last looked whether there are other versions. */
interface Open {
  readonly service: IssuingService
  readonly digests: string
  lookedMs: number
}

/** The programmes of a shop: events in, points by published documents out. docs/programmes.md §14. */
export class Programmes {
  readonly #options: ProgrammesOptions
  readonly #open = new Map<string, Promise<Open>>()
  readonly #telling: NodeJS.Timeout

  constructor(options: ProgrammesOptions) {
    this.#options = options
    this.#telling = setInterval(() => void this.#tellTiers(), TELL_MS).unref()
  }

  /** Sets the tiers that ended with time, of the programmes that took events. What fails is done the next time. */
  async #tellTiers(): Promise<void> {
    for (const open of this.#open.values()) await open.then(({ service }) => service.tellTiers()).catch(() => {})
  }

  /**
   * Takes events of a programme: `IssuingService.take`.
   *
   * @param name - of the programme; by default the only one that the ledger published.
   * @throws GatewayError `programme-unknown`, `request-invalid`; ClientError.
   */
  async take(name: string | undefined, events: readonly (string | Uint8Array)[]): Promise<EventAnswer[]> {
    const service = await this.#service(name ?? (await this.#only()))
    const answers = await service.take(await this.#ofPersons(service, events))
    this.#options.details.bring()
    return answers
  }

  /** The events, under the ids of the members whom their ids stand for. */
  async #ofPersons(
    service: IssuingService,
    events: readonly (string | Uint8Array)[],
  ): Promise<(string | Uint8Array)[]> {
    if ((await this.#options.memory.list('merged', { limit: 1 })).length === 0) return [...events]
    return Promise.all(events.map(event => this.#ofPerson(service, event)))
  }

  async #ofPerson(service: IssuingService, event: string | Uint8Array): Promise<string | Uint8Array> {
    const said = objectIn(event)
    const member = said?.['member']
    const person = typeof member === 'string' ? await this.#options.members.person(member) : member
    if (said === undefined || person === undefined || person === member) return event
    // What was given under the old id is taken back under it.
    const isOfBefore = await goesBack(service, member as string, said)
    return isOfBefore ? event : canonicalText({ ...said, member: person })
  }

  /**
   * The events of all members under a programme, whole: what `tally audit --chains` reads.
   *
   * @throws as `take`.
   */
  async chains(name: string | undefined): Promise<ReturnType<IssuingService['chains']>> {
    return (await this.#service(name ?? (await this.#only()))).chains()
  }

  /**
   * The details of everything that was taken under a programme, with their salts: what `tally audit --details` reads.
   *
   * @throws as `take`.
   */
  async details(name: string | undefined): Promise<ReturnType<IssuingService['details']>> {
    return (await this.#service(name ?? (await this.#only()))).details()
  }

  /** The details of a member's events, by programme: of all that took any here. */
  async eventsOf(member: string): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {}
    for (const name of await this.#taken()) {
      const texts: string[] = []
      for await (const text of (await this.#service(name)).detailsOf(member)) texts.push(text)
      if (texts.length > 0) found[name] = texts
    }
    return found
  }

  /** Deletes what is kept of a member's events. @returns how many there were. */
  async erase(member: string): Promise<number> {
    let events = 0
    for (const name of await this.#taken()) events += await (await this.#service(name)).erase(member)
    return events
  }

  /** The names of the programmes that took events here. */
  async #taken(): Promise<string[]> {
    const names = await readdir(join(this.#options.folder, 'programmes')).catch(() => [])
    return names.sort()
  }

  async close(): Promise<void> {
    clearInterval(this.#telling)
    for (const open of this.#open.values()) await open.then(({ service }) => service.close()).catch(() => {})
  }

  async #service(name: string): Promise<IssuingService> {
    const open = this.#open.get(name)
    const known = await open?.catch(() => undefined)
    const { nowMs, client } = this.#options
    if (known !== undefined && nowMs() - known.lookedMs < LOOK_MS) return known.service
    if (known !== undefined) {
      known.lookedMs = nowMs()
      if (digestsOf(await publishedVersions(client, name)) === known.digests) return known.service
      // Another asked for it at the same time, and has opened it again.
      if (this.#open.get(name) !== open) return this.#service(name)
    }
    if (this.#open.get(name) === open) this.#open.set(name, this.#start(name, known?.service))
    return (await this.#open.get(name)!).service
  }

  async #start(name: string, before: IssuingService | undefined): Promise<Open> {
    const { shop, folder, client, details, nowMs } = this.#options
    const versions = await publishedVersions(client, name).catch((error: unknown) => {
      if (error instanceof UsageError) throw missing('programme-unknown', error.message)
      throw error
    })
    await before?.close()
    const { issuer } = shop.keys
    const { genesis } = await client.identity()
    const service = await IssuingService.open({
      // Each has its own, as each numbers its events; the name is one that the ledger published.
      folder: join(folder, 'programmes', name),
      client: client.as(issuer),
      versions,
      secret: shop.secret,
      issuer,
      accounts: this.#accounts(),
      placeOf: unit => {
        const { record, budget } = this.#unit(unit)
        return { unit: record, budget }
      },
      details: this.#details(),
      nowMs,
      aheadMs: genesis.skewMs,
      reachMs: genesis.skewMs + backdateOf(await client.registry(), issuer.holder),
      history: { rewards: () => accountRewards(client), textOf: commitment => details.text(commitment) },
    })
    return { service, digests: digestsOf(versions), lookedMs: nowMs() }
  }

  /** The unit of a programme. @throws GatewayError `request-invalid` where the shop has none of the name. */
  #unit(name: string): ShopUnit {
    const found = this.#options.shop.units.find(unit => unit.name === name)
    if (found !== undefined) return found
    const has = this.#options.shop.units.map(unit => unit.name).join(', ')
    throw invalid(
      `The programme gives ${name}, in which this shop has no budget: it has ${has}. Publish one in those, or see ` +
        '`tally setup shop --add`.',
    )
  }

  #accounts(): MemberAccounts {
    const { members } = this.#options
    return {
      find: async (names, record) => {
        const unit = members.unitOf(record)
        const found = new Map<string, number>()
        for (const name of names) {
          const account = await members.own(name, unit)
          if (account !== undefined) found.set(name, account)
        }
        return found
      },
      open: async (times, record) => {
        const unit = members.unitOf(record)
        // Under an id of its own, an account that was merged has what it was given, to be taken back.
        const accountOf = async (name: string) => {
          const opened = await members.opened(name, unit)
          if (opened !== undefined) return opened
          const { account } = await members.open(name, unit)
          return (await members.opened(name, unit)) ?? account
        }
        const names = [...times.keys()]
        const accounts = await Promise.all(names.map(accountOf))
        return new Map(names.map((name, i) => [name, accounts[i]!]))
      },
    }
  }

  /** Details of rewards are kept in the same way as all details of the shop's entries. */
  #details() {
    const { details, memory } = this.#options
    let rows: MemoryRow[] = []
    return {
      add: (account: number, _: Uint8Array, { text, salt }: SaltedText) => {
        rows.push(...details.commit(account, text, salt).rows)
      },
      flush: async () => {
        const written = rows
        rows = []
        await memory.write(written)
      },
    }
  }

  /** The name of the only programme that there is. @throws GatewayError `programme-unknown`. */
  async #only(): Promise<string> {
    const { client } = this.#options
    const names = new Set<string>()
    for (const { transaction, until } of await client.registry())
      if (transaction.kind === 'publish-rule' && until === 0) names.add(transaction.name.replace(/-v[0-9]+$/, ''))
    const [name] = names
    if (name !== undefined && names.size === 1) return name
    const which = names.size === 0 ? 'The ledger has published none.' : `There are ${[...names].sort().join(', ')}.`
    throw missing('programme-unknown', `Name the programme with ?programme=. ${which}`)
  }
}

/** The object that an event says, if it says one: else it is for the service to answer what is wrong. */
function objectIn(event: string | Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(event, EVENT_BYTES_MAX)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && !Array.isArray(value)
}

/** Whether an event takes back what a member was given under her own id. */
async function goesBack(service: IssuingService, member: string, { type, data }: JsonObject): Promise<boolean> {
  if (!isObject(data)) return false
  for (const { programme } of service.versions)
    for (const { on, of, match } of programme.reversals) {
      if (on !== type) continue
      const found = await service.originals(member, of)
      if (found.some(original => original.match === data[match])) return true
    }
  return false
}

function digestsOf(versions: Awaited<ReturnType<typeof publishedVersions>>): string {
  return versions.map(({ programme, isRevoked }) => `${programme.digest} ${isRevoked}`).join('\n')
}

/** How far a key reaches back, beside the skew. */
function backdateOf(records: readonly ListedRecord[], holder: Shop['keys']['issuer']['holder']): number {
  const key = 'record' in holder ? records[holder.record]?.transaction : undefined
  return key?.kind === 'register-key' ? key.backdateMs : 0
}
