import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SigningKey } from '../../src/client/index.ts'
import { toHex, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import type { SaltedText } from '../../src/core/entry/details.ts'
import {
  Derivation,
  type EventAnswer,
  type IssuingOptions,
  IssuingService,
  ledgerRewards,
  publishedVersions,
  RefAccounts,
} from '../../src/issuing/index.ts'
import { canonicalText, parseJson, parseProgramme } from '../../src/programmes/index.ts'
import type { VerifiedStatement } from '../../src/verify/verified-statement.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { ServedWorld } from '../http/server.ts'
import type { Draft as Document } from '../programmes/shop.ts'
import { BUDGET, COINS, EVERY_BUDGET, FUNDED, keyNumber, type TestKey, TREASURY } from '../world.ts'

export const DAY = 86_400_000
export const SECRET: Uint8Array = new Uint8Array(32).fill(7)
/** How far the issuer and the registrar of these tests reach back. */
const BACKDATE = 400 * DAY

/** A ledger over HTTP with a published programme, and the issuing service of it. */
export class IssuingWorld {
  readonly served: ServedWorld
  readonly folder: string
  readonly registrar: SigningKey
  readonly issuer: SigningKey
  /** Details of all that was handed over, by commitment: what an auditor is given. */
  readonly details = new Map<string, SaltedText>()
  /** The service, while it is open. */
  service!: IssuingService
  #isOpen = false
  /** Units by their names: records and budgets. */
  readonly places = new Map<string, { unit: number; budget: number; treasury: number }>([
    ['coins', { unit: COINS, budget: BUDGET, treasury: TREASURY }],
  ])

  private constructor(served: ServedWorld, folder: string, keys: readonly [SigningKey, SigningKey]) {
    this.served = served
    this.folder = folder
    ;[this.registrar, this.issuer] = keys
  }

  /**
   * @param documents - versions of one programme. @param units - that there are besides `coins`. @param more - the time
   * at which it begins, and what the policies of these units say.
   */
  static async create(
    documents: readonly Document[],
    units: readonly string[] = [],
    { nowMs, policy = {} }: { readonly nowMs?: number; readonly policy?: object } = {},
  ): Promise<IssuingWorld> {
    const served = await ServedWorld.create(nowMs === undefined ? {} : { nowMs })
    const { world } = served
    const [registrar, issuer] = [keyNumber(70), keyNumber(71)]
    const places: [string, { unit: number; budget: number; treasury: number }][] = []
    for (const name of units) {
      const unit = world.log.ledger.state.registry.records.length
      await world.submit(
        [world.root],
        world.bytes({ kind: 'define-unit', name, cap: 10 * FUNDED, windowMs: 400 * DAY, ...policy }),
      )
      const plain = { unit, terms: world.terms(unit), nonce: new Uint8Array(32) }
      const { accounts } = await world.submit(
        [world.treasurer],
        world.bytes({ kind: 'open-account', accountKind: 'treasury', ...plain }),
        world.bytes({ kind: 'open-account', accountKind: 'budget', ...plain }),
        world.bytes({ kind: 'open-account', accountKind: 'expired', ...plain }),
      )
      const [treasury, budget] = accounts.map(([, account]) => account) as [number, number]
      await world.submit(
        [world.treasurer],
        world.bytes({ kind: 'fund', debit: treasury, credit: budget, amount: FUNDED }),
      )
      places.push([name, { unit, budget, treasury }])
    }
    const scope = [BUDGET, ...places.map(([, { budget }]) => budget)].sort((a, b) => a - b)
    const first = world.log.ledger.state.registry.records.length
    await world.submit(
      [world.root],
      world.bytes({ ...world.registerKey('registrar', registrar), backdateMs: BACKDATE } as never),
      world.bytes({ ...world.registerKey('issuer', issuer, scope), backdateMs: BACKDATE } as never),
    )
    const keyAt = (key: TestKey, record: number): SigningKey => ({ holder: { record }, seed: key.seed })
    const folder = await mkdtemp(join(tmpdir(), 'tally-issuing-'))
    const made = new IssuingWorld(served, folder, [keyAt(registrar, first), keyAt(issuer, first + 1)])
    for (const [name, place] of places) made.places.set(name, place)
    for (const document of documents) await made.publish(document)
    return made
  }

  get world() {
    return this.served.world
  }

  /** The root key. */
  get root(): SigningKey {
    return { holder: { record: 0 }, seed: this.world.keys.root.seed }
  }

  /** Publishes a document, with its text. */
  async publish(document: Document): Promise<void> {
    const { world, served } = this
    const { name, version } = parseProgramme(JSON.stringify(document))
    const text = utf8Encode(canonicalText(parseJson(JSON.stringify(document), 65_536)))
    await served.client(this.root).keepRuleText(text)
    const rule = `${name}-v${version}`
    await world.submit(
      [world.root],
      world.bytes({ kind: 'publish-rule', name: rule, digest: engine().sha256(text), budgets: EVERY_BUDGET }),
    )
    await this.seal()
  }

  async seal(): Promise<void> {
    await this.world.log.publisher.publish()
  }

  /** Opens the service, in its folder or another, and closes it first where it is open. */
  async open(name: string, more: Partial<IssuingOptions> = {}): Promise<IssuingService> {
    await this.close()
    const client = this.served.client(this.registrar)
    const signal = new AbortController().signal
    this.service = await IssuingService.open({
      folder: this.folder,
      client: this.served.client(this.issuer),
      versions: await publishedVersions(client, name),
      secret: SECRET,
      issuer: this.issuer,
      accounts: new RefAccounts({
        client,
        registrar: async () => this.registrar,
        derived: new Derivation(SECRET),
        secret: SECRET,
        termsOf: unit => this.world.terms(unit),
        signal,
      }),
      placeOf: unit => this.places.get(unit)!,
      details: {
        add: (_, commitment, details) => void this.details.set(toHex(commitment), details),
        flush: async () => {},
      },
      nowMs: () => this.world.nowMs,
      history: this.history,
      signal,
      ...more,
    })
    this.#isOpen = true
    return this.service
  }

  async close(): Promise<void> {
    if (this.#isOpen) await this.service.close()
    this.#isOpen = false
  }

  /** The ledger as an auditor reads it, and the details that were kept. */
  get history(): IssuingOptions['history'] {
    const client = this.served.client(this.served.keys.auditor)
    return { rewards: () => ledgerRewards(client), textOf: async commitment => this.details.get(commitment)?.text }
  }

  /** What the service answers to events. */
  take(...events: readonly object[]): Promise<EventAnswer[]> {
    return this.service.take(events.map(event => JSON.stringify(event)))
  }

  #accounts(): RefAccounts {
    return new RefAccounts({
      client: this.served.client(this.registrar),
      registrar: async () => this.registrar,
      derived: new Derivation(SECRET),
      secret: SECRET,
      termsOf: unit => this.world.terms(unit),
      signal: new AbortController().signal,
    })
  }

  /** The account of a member in a unit; undefined without one. */
  async account(member: string, unit = 'coins'): Promise<number | undefined> {
    return (await this.#accounts().find([member], this.places.get(unit)!.unit)).get(member)
  }

  /** The same, opened where there is none. */
  async openAccount(member: string, unit: string): Promise<number> {
    const opened = await this.#accounts().open(new Map([[member, this.world.nowMs]]), this.places.get(unit)!.unit)
    return opened.get(member)!
  }

  /** The balance of a member, as a statement that is verified proves it; 0 without an account. */
  async balance(member: string, unit = 'coins'): Promise<number> {
    await this.seal()
    const account = await this.account(member, unit)
    return account === undefined ? 0 : (await this.statement(account)).balance
  }

  /** The statement of an account, verified. */
  async statement(account: number): Promise<VerifiedStatement> {
    const { policy } = this.world
    return verifyStatement(await this.served.client(this.registrar).statement(account), { policy })
  }

  /** Opens the account of a series in a unit. */
  openSeries(name: string): Promise<number> {
    return this.#open('series', name)
  }

  /** Puts more into the budget of a unit. */
  async fund(unit: string, amount: number): Promise<void> {
    const { world } = this
    const { treasury, budget } = this.places.get(unit)!
    await world.submit([world.treasurer], world.bytes({ kind: 'fund', debit: treasury, credit: budget, amount }))
  }

  /** Registers another issuer's key, for budgets. */
  async registerIssuer(scope: number[]): Promise<SigningKey> {
    const { world } = this
    const key = keyNumber(73)
    const record = world.log.ledger.state.registry.records.length
    await world.submit(
      [world.root],
      world.bytes({ ...world.registerKey('issuer', key, scope), backdateMs: BACKDATE } as never),
    )
    await this.seal()
    return { holder: { record }, seed: key.seed }
  }

  /** Opens the account of a shop. */
  openMerchant(name: string): Promise<number> {
    return this.#open('merchant', name)
  }

  async #open(accountKind: 'merchant' | 'series', name: string): Promise<number> {
    const { world } = this
    const { unit } = this.places.get(name)!
    const fields = { unit, terms: world.terms(unit), nonce: new Uint8Array(32).fill(4) }
    const { accounts } = await world.submit(
      [world.treasurer],
      world.bytes({ kind: 'open-account', accountKind, ...fields }),
    )
    return accounts[0]![1]
  }

  async destroy(): Promise<void> {
    await this.close()
    await this.served.destroy()
    await rm(this.folder, { recursive: true, force: true })
  }
}
