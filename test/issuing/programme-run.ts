import { createPrivateKey, sign } from 'node:crypto'
import { expect } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { ruleTexts } from '../../src/audit/rule-texts.ts'
import { claimRef } from '../../src/client/index.ts'
import { equalBytes, fromHex, toBase64, toHex } from '../../src/core/bytes.ts'
import { commitmentOf } from '../../src/core/entry/details.ts'
import { ACCEPTED, CLAIMED_BEFORE } from '../../src/core/entry/outcome.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { Derivation } from '../../src/issuing/index.ts'
import {
  CountersInMemory,
  canonicalText,
  checkChain,
  checkExchange,
  evaluate,
  type JsonObject,
  measurementMessage,
  type Programme,
  parseEvent,
  parseProgramme,
} from '../../src/programmes/index.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import type { Row } from '../programmes/page.ts'
import { template } from '../programmes/shop.ts'
import { keyNumber, type Signer, type WorldDraft } from '../world.ts'
import { IssuingWorld, SECRET } from './issuing-world.ts'

/** The secret of RFC 8032 §7.1, test 1, in the frame that Node reads. */
const METER = createPrivateKey({
  key: Buffer.from(
    fromHex('302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  ),
  format: 'der',
  type: 'pkcs8',
})

const MERCHANT = keyNumber(72)

/** A template at work: its ledger over HTTP, its issuing service, and the function that both are held to. */
export class ProgrammeRun {
  readonly shop: IssuingWorld
  readonly programme: Programme
  readonly #counters = new CountersInMemory()
  #made = 0
  #series: number | undefined
  #seller: Signer | undefined

  private constructor(shop: IssuingWorld, programme: Programme) {
    this.shop = shop
    this.programme = programme
  }

  static async open(name: string, units: readonly string[], more: Partial<WorldDraft> = {}): Promise<ProgrammeRun> {
    const from = Date.parse('2026-11-30T08:00:00Z')
    const policy = { offset: 88, grain: 1, ...more }
    const shop = await IssuingWorld.create([template(name)], units, { nowMs: from, policy })
    await shop.open(name, { reversalMs: () => shop.world.nowMs })
    return new ProgrammeRun(shop, parseProgramme(JSON.stringify(template(name))))
  }

  /** Sends the events of a row of the page, and holds the answers to what the function gives. */
  async row({ time, count, member, type, data }: Row): Promise<void> {
    const timeMs = Date.parse(`${time.replace(' ', 'T')}:00+08:00`)
    const events = Array.from({ length: count }, (_, i) => {
      const fields = JSON.parse(data.replaceAll('#', String(i + 1))) as JsonObject
      return this.event(member, type, timeMs, fields)
    })
    await this.send(...events)
  }

  event(member: string, type: string, time: number, data: JsonObject) {
    const id = `e${this.#made++}`
    const event = { id, type, time, member, data }
    if (this.programme.events.get(type)?.meter === undefined) return event
    const message = measurementMessage(this.programme.name, type, id, time, data)
    return { ...event, signature: toBase64(sign(null, message, METER)) }
  }

  async send(...events: readonly { readonly member: string; readonly time: number }[]) {
    const { shop, programme } = this
    // The ledger's time never goes back: late events are of the past.
    shop.world.nowMs = Math.max(shop.world.nowMs, ...events.map(({ time }) => time))
    const answers = await shop.take(...events)
    // Before the clock goes on: a tier is set at the time at which it is signed.
    await shop.service.tellTiers()
    answers.forEach((answer, i) => {
      const event = parseEvent(programme, JSON.stringify(events[i]))
      const found = evaluate(programme, this.#counters.of(event.member), event)
      if (found.status !== 'taken') {
        expect(answer.status).toBe(found.status)
        return
      }
      this.#counters.apply(event.member, found.changes)
      const given = [
        ...found.issues.map(({ rule, due }) => [rule.id, due]),
        ...found.backs.map(({ rule, due }) => [rule.id, -due]),
      ]
      expect(
        answer.rewards.map(({ rule, amount, outcome }) => [rule, outcome === 'accepted' ? amount : outcome]),
        JSON.stringify(event.id),
      ).toEqual(given)
    })
    return answers
  }

  /** The details of what is signed for a member besides. */
  commit(value: JsonObject): { readonly text: string; readonly details: Uint8Array } {
    const text = canonicalText(value)
    const behind = { salt: new Uint8Array(32).fill(this.#made++), text }
    const details = commitmentOf(behind)
    this.shop.details.set(toHex(details), behind)
    return { text, details }
  }

  owner(member: string, account: number): Signer {
    const { seed, owner } = new Derivation(SECRET).member(member)
    return { account, key: { seed, publicKey: owner } }
  }

  /** Submits a transaction, which has to be accepted. */
  async act(signers: readonly Signer[], draft: WorldDraft): Promise<Uint8Array> {
    const { world } = this.shop
    const id = world.id()
    const { statuses } = await world.submit(signers, world.bytes(draft, id))
    expect(statuses[0], draft.kind).toBe(ACCEPTED)
    return id
  }

  /** The key of a shop's tills, for an account. */
  async merchant(account: number): Promise<Signer> {
    const { world } = this.shop
    const record = world.log.ledger.state.registry.records.length
    await this.act([world.root], world.registerKey('merchant', MERCHANT, [account]))
    return { record, key: MERCHANT }
  }

  /**
   * Claims an item of the programme, one by its own name: the entry, as the certificate of it shows, and its number in
   * the series, as the member's statement proves it.
   */
  async claim(member: string, exchange: string, name: string) {
    const { shop, programme } = this
    const { world } = shop
    const { give, of } = programme.exchanges.find(({ id }) => id === exchange)!
    const { treasury } = shop.places.get(of)!
    this.#series ??= await shop.openSeries(of)
    const account = (await shop.account(member, of))!
    const { text, details } = this.commit({ exchange, programme: programme.digest, times: 1 })
    expect(checkExchange(programme, text, give)).toMatchObject({ id: exchange, times: 1, unit: of })
    const series = this.#series
    const ref = claimRef(series, name)
    const claim = () =>
      world.bytes({ kind: 'claim', debit: account, credit: treasury, amount: give, series, ref, details })
    this.#seller ??= await this.merchant(treasury)
    const signers = [this.#seller, this.owner(member, account)]
    const entry = claim()
    const { statuses, index } = await world.submit(signers, entry)
    expect(statuses[0]).toBe(ACCEPTED)
    await shop.seal()
    const certificate = verifyReceipt(await shop.served.client(shop.registrar).receipt(index! + 1), world.policy)
    expect([toHex(certificate.entry), certificate.status]).toEqual([toHex(entry), ACCEPTED])
    // Another with the same name is refused.
    expect((await world.submit(signers, claim())).statuses[0]).toBe(CLAIMED_BEFORE)
    const { lines } = await shop.statement(account)
    const { id } = decodeTransaction(entry)
    return lines.find(({ transaction }) => equalBytes(transaction.id, id))!.serial
  }

  /** All statements verify, all rewards are computed again, and each member's chain is whole. */
  async close(members: readonly string[]): Promise<void> {
    const { shop, programme } = this
    await shop.seal()
    const client = shop.served.client(shop.served.keys.auditor)
    const held = new Map([...shop.details].map(([commitment, { text }]) => [keyOf(fromHex(commitment)), text]))
    const { texts, missing } = await ruleTexts(client, undefined)
    const rewards = new Rewards(held, texts)
    const { policy } = shop.world
    const report = await audit({ client, policy, rewards, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    expect([missing, report.faults]).toEqual([[], []])
    const rule = report.rewards!.rules.find(one => one.name === `${programme.name}-v1`)!
    expect(rule.evaluated).toEqual(rule.all)
    expect(rule.all.issues).toBeGreaterThan(0)
    const { tiers } = report.rewards!
    expect(tiers).toEqual({ all: tiers.all, evaluated: tiers.all, wrong: 0 })
    expect(tiers.all > 0).toBe(programme.tiers !== undefined)
    for (const member of members) {
      const own = shop.service.detailsOf(member)
      const found: string[] = []
      for await (const text of own) found.push(text)
      const { whole, numbers } = checkChain(programme, found, new Set())
      expect([member, whole]).toEqual([member, numbers])
    }
  }
}
