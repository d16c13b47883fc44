import { join } from 'node:path'
import { ClientError, type ClientOptions, type SigningKey, TallyClient } from '../client/index.ts'
import { isTestPolicy } from '../core/note/policy.ts'
import type { Shop } from '../files/shop-file.ts'
import { Activities } from './activity.ts'
import { ApiKeys } from './api-keys.ts'
import { Attempts } from './attempts.ts'
import { Periods } from './books/periods.ts'
import { ShopReports } from './books/reports.ts'
import { ShopDerivation } from './derivation.ts'
import { Complaints } from './desk/complaints.ts'
import { Looks } from './desk/looks.ts'
import { Rights } from './desk/rights.ts'
import { GatewayDetails } from './details.ts'
import { MemoryFollower } from './follower.ts'
import { Histories } from './histories.ts'
import { Imports } from './imports.ts'
import { Links } from './links.ts'
import { Members } from './members.ts'
import { Memory } from './memory.ts'
import { Merges } from './merges.ts'
import { movementView } from './movement-view.ts'
import { Orders } from './orders.ts'
import { Points } from './points.ts'
import { Programmes } from './programmes.ts'
import { Rulebook } from './rulebook.ts'
import { Sender } from './sender.ts'
import { ShopAccounts } from './shop-accounts.ts'
import { OpenIdSignIn } from './staff/open-id.ts'
import { StaffSessions } from './staff/sessions.ts'
import { Staff } from './staff/staff.ts'
import { GatewayTestTime } from './test-time.ts'
import { Webhooks } from './webhooks/webhooks.ts'

/** Ids have times of full minutes: two gateways that are asked the same at the same time make the same transaction. */
const SLOT_MS = 60_000

export interface GatewayOptions {
  readonly shop: Shop
  /** Where it keeps its memory and its API keys. */
  readonly folder: string
  /** The ledger, where it is not at the URL of the shop's file; and how it is asked. */
  readonly client?: Partial<ClientOptions>
  /** The clock; by default that of the machine, or of the test ledger. */
  readonly nowMs?: () => number
  readonly onTrouble?: (error: Error) => void
  /** The key of an old system of the shop, of role `source`, with whose signature its balances are brought along. */
  readonly source?: SigningKey | undefined
  /** The key of the treasurer of the ledger, which fills the budgets of the shop; without it nobody does here. */
  readonly treasurer?: SigningKey | undefined
  /** Pauses of webhooks that answer nothing, in place of the usual ones. */
  readonly webhookPausesMs?: readonly number[]
}

/** The time of a gateway. */
interface GatewayClock {
  /** Ids have times of full slots. */
  readonly slotMs: number
  readonly nowMs: () => number
  readonly testTime: GatewayTestTime | undefined
}

/** The parts of a shop's gateway, over one memory and one ledger. */
export class Gateway {
  readonly shop: Shop
  readonly nowMs: () => number
  readonly memory: Memory
  /** Calls with the registrar's key. */
  readonly client: TallyClient
  readonly derivation: ShopDerivation
  readonly sender: Sender
  readonly attempts: Attempts
  readonly details: GatewayDetails
  readonly rulebook: Rulebook
  readonly members: Members
  readonly histories: Histories
  readonly follower: MemoryFollower
  readonly merges: Merges
  readonly accounts: ShopAccounts
  readonly points: Points
  readonly orders: Orders
  readonly programmes: Programmes
  readonly apiKeys: ApiKeys
  readonly staff: Staff
  readonly sessions: StaffSessions
  readonly openId: OpenIdSignIn
  readonly links: Links
  readonly activities: Activities
  readonly webhooks: Webhooks
  /** Set when it is open. */
  imports!: Imports
  readonly reports: ShopReports
  readonly periods: Periods
  readonly complaints: Complaints
  readonly looks: Looks
  readonly rights: Rights
  /** Of a test ledger: its time, which is this gateway's, too. */
  readonly testTime: GatewayTestTime | undefined

  private constructor(
    options: GatewayOptions,
    memory: Memory,
    client: TallyClient,
    rulebook: Rulebook,
    { slotMs, nowMs, testTime }: GatewayClock,
  ) {
    const { shop, onTrouble } = options
    this.testTime = testTime
    this.shop = shop
    this.nowMs = nowMs
    this.memory = memory
    this.client = client
    this.rulebook = rulebook
    this.derivation = new ShopDerivation(shop.secret)
    this.sender = new Sender({ client, keys: shop.keys, treasurer: options.treasurer })
    const { derivation, sender } = this
    const lookAgain = () => this.follower.follow({ isForced: true })
    this.attempts = new Attempts({ memory, sender, derivation, nowMs, slotMs, lookAgain })
    this.details = new GatewayDetails(memory, client, onTrouble)
    const { attempts, details } = this
    this.members = new Members({ shop, memory, attempts, derivation, client })
    const { members } = this
    this.histories = new Histories({
      ...{ memory, client, nowMs },
      unitOf: record => rulebook.unit(record),
      onMerged: () => members.forget(),
    })
    this.points = new Points({ attempts, members, details, derivation, rulebook })
    const { histories, points } = this
    this.accounts = new ShopAccounts({ shop, attempts, members, histories, client })
    this.merges = new Merges({ memory, attempts, members, histories, nowMs, units: shop.units })
    const { merges } = this
    this.orders = new Orders({ attempts, members, merges, histories, points, rulebook, memory, slotMs, nowMs })
    this.follower = new MemoryFollower({
      shop,
      memory,
      derivation,
      histories,
      nowMs,
      client: client.as(shop.keys.custodian),
    })
    const { folder } = options
    this.programmes = new Programmes({ shop, folder, client, memory, members, details, nowMs })
    this.apiKeys = new ApiKeys(join(options.folder, 'api-keys.json'))
    this.staff = new Staff(join(folder, 'staff.json'))
    this.sessions = new StaffSessions(memory, this.staff)
    this.openId = new OpenIdSignIn(join(folder, 'openid.json'), this.staff)
    this.links = new Links(memory)
    this.activities = new Activities({
      ...{ memory, client, members, histories },
      view: row => movementView(this, row),
      ruleName: record => rulebook.nameOf(record),
    })
    const { activities } = this
    this.webhooks = new Webhooks({
      ...{ memory, activities, members, derivation, nowMs },
      pausesMs: options.webhookPausesMs,
      onTrouble: onTrouble ?? (() => {}),
    })
    this.reports = new ShopReports({ shop, client, folder })
    this.periods = new Periods({ shop, folder: join(folder, 'closings'), nowMs })
    this.complaints = new Complaints({ memory, shop, client, nowMs })
    this.looks = new Looks(memory)
    this.rights = new Rights(this, join(folder, 'erasures.jsonl'))
  }

  /**
   * Opens a gateway: proves which ledger it is, and reads the registry.
   *
   * @throws AnswerError `wrong-ledger` and others of `TallyClient.identity`; ClientError; UsageError of the memory.
   */
  static async open(options: GatewayOptions): Promise<Gateway> {
    const { shop, onTrouble } = options
    const testTime = isTestPolicy(shop.policy) ? new GatewayTestTime(() => client) : undefined
    const nowMs = options.nowMs ?? (testTime === undefined ? Date.now : () => testTime.nowMs())
    const client: TallyClient = new TallyClient({
      ...{ url: shop.ledger, policy: shop.policy, ledgerId: shop.ledgerId, caller: shop.keys.registrar, nowMs },
      ...options.client,
    })
    const { genesis } = await client.identity()
    await testTime?.look()
    const rulebook = await Rulebook.read(client)
    const slotMs = Math.min(SLOT_MS, Math.floor(genesis.skewMs / 2))
    const memory = await Memory.open(join(options.folder, 'memory'))
    const gateway = new Gateway(options, memory, client, rulebook, { slotMs, nowMs, testTime })
    try {
      // An empty memory knows of no key that was used: what the ledger has of the shop is read before anything is done.
      if ((await memory.get('facts', 'begun')) === undefined) {
        await gateway.follower.follow({ isForced: true })
        await memory.write([['facts', 'begun', nowMs()]], { sync: true })
      }
      // Where an earlier memory was put in place, whom it has again is erased again.
      await gateway.rights.apply().catch(error => {
        // A ledger that does not answer keeps nobody from working: it is tried again at the next start.
        if (!(error instanceof ClientError)) throw error
        onTrouble?.(error)
      })
    } catch (error) {
      await gateway.programmes.close()
      await memory.close()
      throw error
    }
    gateway.imports = await Imports.open({
      ...{ shop, client, rulebook, nowMs, members: gateway.members, source: options.source },
      folder: join(options.folder, 'imports'),
    })
    gateway.details.bring()
    await gateway.webhooks.begin()
    gateway.testTime?.begin()
    return gateway
  }

  /** Ends it when what is under way is answered. */
  async close(): Promise<void> {
    this.testTime?.close()
    await this.imports.close()
    await this.webhooks.close()
    await this.reports.close()
    await this.programmes.close()
    await this.sender.idle()
    await this.details.close()
    await this.memory.close()
  }
}
