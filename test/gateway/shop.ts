import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeEntry, TallyClient } from '../../src/client/index.ts'
import { fromHex, utf8Encode } from '../../src/core/bytes.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import type { Shop } from '../../src/files/shop-file.ts'
import { API_SCOPES, buildGateway, Gateway, setupShop, type UnitPlan } from '../../src/gateway/index.ts'
import { gatewayPathOf } from '../../src/gateway/paths.ts'
import { buildServer } from '../../src/http/index.ts'
import type { Programme } from '../../src/programmes/index.ts'
import type { Pages, Server } from '../../src/serving/index.ts'
import { EVERY_BUDGET, TREASURER, World } from '../world.ts'

/** The unit of the shop of tests. */
const PLAN: UnitPlan = {
  name: 'stars',
  cap: 1_000_000_000,
  fund: 1_000_000,
  windowMs: 90 * 86_400_000,
  expiresDays: 365,
  holdMs: 1_800_000,
}

/** An answer in JSON. */
export interface Answer {
  readonly status: number
  // What a route answers is what its test is about.
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  readonly body: any
  readonly headers: Headers
}

/** A gateway over HTTP, asked with a key for everything. */
export class ServedGateway {
  readonly gateway: Gateway
  readonly server: Server
  readonly url: string
  key: string

  private constructor(gateway: Gateway, server: Server, key: string) {
    this.gateway = gateway
    this.server = server
    this.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    this.key = key
  }

  static async start(shop: Shop, folder: string, options: Partial<Parameters<typeof Gateway.open>[0]> = {}) {
    const gateway = await Gateway.open({ shop, folder, ...options })
    const server = await buildGateway({ gateway, logger: undefined, version: 'test' })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const name = `test-${Math.random()}`
    return new ServedGateway(gateway, server, await gateway.apiKeys.add(name, API_SCOPES, 1_000_000))
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path)
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.ask('POST', path, body, headers)
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.gateway.close()
  }
}

/** A real ledger over HTTP that seals often, and a shop in it. */
export class ServedShop {
  readonly world: World
  readonly ledger: Server
  readonly url: string
  readonly folder: string
  readonly shop: Shop
  /** Added to the clock of ledger and gateways. */
  aheadMs = 0
  readonly #opened: ServedGateway[] = []

  private constructor(world: World, ledger: Server, url: string, folder: string, shop: Shop) {
    this.world = world
    this.ledger = ledger
    this.url = url
    this.folder = folder
    this.shop = shop
  }

  /** @param pages - built pages that the ledger serves; then it passes on what is for the gateway opened last. */
  static async create(plan: Partial<UnitPlan> = {}, pages?: Pages): Promise<ServedShop> {
    const clock = { nowMs: () => Date.now() + ahead() }
    let ahead = () => 0
    const world = await World.create({ nowMs: Date.now(), periodMs: 30, clock })
    const rules = new RuleFolder(join(world.directory, 'rules'))
    let port = () => undefined as number | undefined
    const ledger = await buildServer({
      ...{ log: world.log, logger: undefined, version: 'test', rules },
      ...(pages === undefined ? {} : { pages, passOn: { pathOf: gatewayPathOf, port: () => port() } }),
    })
    await ledger.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(ledger.server.address() as AddressInfo).port}`
    const folder = await mkdtemp(join(tmpdir(), 'tally-gateway-'))
    const client = new TallyClient({ url, policy: world.policy })
    const shop = await setupShop({
      client,
      roots: [{ holder: { record: 0 }, seed: world.keys.root.seed }],
      treasurer: { holder: { record: TREASURER }, seed: world.keys.treasurer.seed },
      plan: { ...PLAN, ...plan },
      path: join(folder, 'shop.json'),
    })
    const served = new ServedShop(world, ledger, url, folder, shop)
    ahead = () => served.aheadMs
    port = () => (served.#opened.at(-1)?.server.server.address() as AddressInfo | undefined)?.port
    return served
  }

  /** Publishes a programme, with its text. */
  async publish({ text, digest, name, version }: Programme): Promise<void> {
    const root = { holder: { record: 0 }, seed: this.world.keys.root.seed }
    const client = new TallyClient({ url: this.url, policy: this.world.policy, caller: root })
    await client.keepRuleText(utf8Encode(text))
    const entry = makeEntry('publish-rule', {
      name: `${name}-v${version}`,
      digest: fromHex(digest),
      budgets: EVERY_BUDGET,
    })
    await client.submit([entry], [root], { wait: 'sealed' })
  }

  /** Adds a unit to the shop, in its file. */
  async addUnit(name: string, plan: Partial<UnitPlan> = {}): Promise<Shop> {
    const { root, treasurer } = this.world.keys
    return setupShop({
      client: new TallyClient({ url: this.url, policy: this.world.policy }),
      roots: [{ holder: { record: 0 }, seed: root.seed }],
      treasurer: { holder: { record: TREASURER }, seed: treasurer.seed },
      plan: { ...PLAN, ...plan, name },
      path: join(this.folder, 'shop.json'),
      shop: this.shop,
    })
  }

  /** A gateway of the shop, by default with a memory of its own. */
  async gateway(name = `gateway-${this.#opened.length}`, options: Partial<Parameters<typeof Gateway.open>[0]> = {}) {
    const nowMs = () => Date.now() + this.aheadMs
    const served = await ServedGateway.start(this.shop, join(this.folder, name), { nowMs, ...options })
    this.#opened.push(served)
    return served
  }

  async destroy(): Promise<void> {
    for (const served of this.#opened) await served.close().catch(() => {})
    await this.ledger.close()
    await this.world.destroy()
    await rm(this.folder, { recursive: true, force: true })
  }
}
