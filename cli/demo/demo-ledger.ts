import { join } from 'node:path'
import { type Carry, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { keyPath, readKey, rootPath, signingKey } from '../../src/files/key-files.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { type Shop, writeShop } from '../../src/files/shop-file.ts'
import { Gateway, setupShop, type UnitPlan } from '../../src/gateway/index.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import { openLedger } from '../../src/operations/open-ledger.ts'
import { version } from '../version.ts'

/** An hour; as much may lie between two seals of a demonstration. */
export const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A demonstration seals by itself as often, beside each hour: a shop that is set up waits for some seals. */
const PERIOD_MS = 100
/** It has no port: the gateway asks it within the process. */
const URL_WITHIN = 'http://127.0.0.1'

/** What the unit of stars is in a demonstration: points expire within it. */
const STARS: UnitPlan = {
  ...{ name: 'stars', cap: 1_000_000_000, fund: 5_000_000 },
  ...{ windowMs: 90 * DAY_MS, expiresDays: 60, holdMs: 2 * HOUR_MS, giftEach: 100, giftDay: 200 },
}
const GROWTH: UnitPlan = { ...STARS, name: 'growth', expiresDays: 0, giftEach: 0, giftDay: 0 }

/** A ledger and a shop's gateway in one process, with a time that is moved from outside. */
export class DemoLedger {
  readonly client: TallyClient
  readonly root: SigningKey
  readonly shop: Shop
  readonly gateway: Gateway
  readonly #end: () => Promise<void>
  readonly #seal: () => Promise<void>
  readonly #clock: { ms: number }

  private constructor(
    parts: Pick<DemoLedger, 'client' | 'root' | 'shop' | 'gateway'>,
    clock: { ms: number },
    seal: () => Promise<void>,
    end: () => Promise<void>,
  ) {
    const { client, root, shop, gateway } = parts
    this.client = client
    this.root = root
    this.shop = shop
    this.gateway = gateway
    this.#clock = clock
    this.#seal = seal
    this.#end = end
  }

  /**
   * Makes a ledger and its shop in a folder, at a time.
   *
   * @throws UsageError; OutcomeError; ClientError.
   */
  static async make(data: string, atMs: number): Promise<DemoLedger> {
    const clock = { ms: atMs }
    const nowMs = () => clock.ms
    let failure: unknown
    const { log, policy } = await openLedger({
      ...{ data, origin: 'demo.tallystick.local', beatMs: HOUR_MS, session: { clock: { nowMs }, periodMs: PERIOD_MS } },
      onFailure: error => {
        failure = error
      },
    })
    const rules = new RuleFolder(join(data, 'rules'))
    const server = await buildServer({ log, logger: undefined, version: version(), policy, rules })
    try {
      await server.ready()
      const asked = { url: URL_WITHIN, carry: carryWithin(server), nowMs }
      const client = new TallyClient({ ...asked, policy })
      const keyIn = async (path: string) => signingKey(await readKey(path), client)
      const [root, treasurer] = [await keyIn(await rootPath(data)), await keyIn(keyPath(data, 'treasurer'))]
      const setup = { client, roots: [root], treasurer, path: join(data, 'shop.json'), nowMs }
      const first = await setupShop({ ...setup, plan: STARS })
      const shop = await setupShop({ ...setup, plan: GROWTH, shop: first })
      // Where it will be served, nobody knows yet: `tally serve --gateway` says so to the gateway.
      await writeShop(setup.path, { ...shop, ledger: 'http://127.0.0.1:8080' })
      const gateway = await Gateway.open({ shop, folder: join(data, 'gateway'), client: asked, nowMs })
      const seal = async () => {
        if (failure !== undefined) throw failure
        await log.publisher.publish()
      }
      return new DemoLedger({ client, root, shop, gateway }, clock, seal, async () => {
        while ((await gateway.details.bringOnce()) > 0);
        await gateway.close()
        await server.close()
        await log.close()
      })
    } catch (error) {
      await server.close()
      await log.close()
      throw error
    }
  }

  get nowMs(): number {
    return this.#clock.ms
  }

  /** Moves time on to a moment, with a seal on the way at least once in an hour, as a ledger has that runs. */
  async moveTo(timeMs: number): Promise<void> {
    await this.#seal()
    while (timeMs - this.#clock.ms > HOUR_MS) {
      this.#clock.ms += HOUR_MS
      await this.#seal()
    }
    this.#clock.ms = Math.max(this.#clock.ms, timeMs)
  }

  /** Seals what there is, and ends gateway and ledger. */
  async close(): Promise<void> {
    await this.#seal()
    await this.#end()
  }
}

/** Brings requests to a server of this process. */
function carryWithin(server: Server): Carry {
  return async ({ url, method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const answer = await server.inject({
      ...{ method: method as 'GET', url: pathname + search, headers },
      ...(body === undefined ? {} : { payload: Buffer.from(body.buffer, body.byteOffset, body.length) }),
    })
    const { rawPayload: bytes } = answer
    return { status: answer.statusCode, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) }
  }
}
