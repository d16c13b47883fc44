import { accountUnder, fromDraft, type TallyClient } from '../client/index.ts'
import { equalBytes, toHex } from '../core/bytes.ts'
import type { Custodian } from '../core/entry/transaction.ts'
import type { Shop, ShopUnit } from '../files/shop-file.ts'
import type { Attempts } from './attempts.ts'
import type { ShopDerivation } from './derivation.ts'
import { conflict, GatewayError, missing } from './failure.ts'
import { type Memory, ordered } from './memory.ts'

/** A member of the shop in one unit. */
export interface MemberAccount {
  readonly member: string
  readonly unit: ShopUnit
  readonly account: number
}

/** The parts of a member that are found by account number. */
export interface AccountOwner {
  readonly member: string
  readonly unit: number
}

/** Members whose numbers are at hand. */
const HELD_MAX = 200_000

export interface MembersOptions {
  readonly shop: Shop
  readonly memory: Memory
  readonly attempts: Attempts
  readonly derivation: ShopDerivation
  readonly client: TallyClient
}

/** The members of a shop, by the shop's own ids. */
export class Members {
  readonly #options: MembersOptions
  readonly #held = new Map<string, number>()

  constructor(options: MembersOptions) {
    this.#options = options
  }

  /** A unit of the shop by its name; without one, the first. @throws GatewayError `unit-unknown`. */
  unit(name?: string): ShopUnit {
    const { units } = this.#options.shop
    const found = name === undefined ? units[0] : units.find(unit => unit.name === name)
    if (found !== undefined) return found
    throw missing('unit-unknown', `The shop has no unit "${name}"; it has ${units.map(unit => unit.name).join(', ')}.`)
  }

  /** The unit of a record. @throws GatewayError `unit-unknown`. */
  unitOf(record: number): ShopUnit {
    const found = this.#options.shop.units.find(unit => unit.record === record)
    if (found !== undefined) return found
    throw missing('unit-unknown', `The shop has no unit of record ${record} any more.`)
  }

  /** Her account in a unit, or that into which it was merged, as far as the memory knows. */
  async known(member: string, { record }: ShopUnit): Promise<number | undefined> {
    const key = keyOf(member, record)
    const held = this.#held.get(key)
    if (held !== undefined) return held
    const { memory } = this.#options
    const own = await memory.get<number>('members', key)
    const found = own ?? (await memory.get<number>('members', keyOf(await this.person(member), record)))
    if (found === undefined) return undefined
    const account = await this.#heirOf(found)
    this.#hold(key, account)
    return account
  }

  /** Her account in a unit: by the memory, or else by the ledger, which finds her by her reference. */
  async find(member: string, unit: ShopUnit): Promise<number | undefined> {
    const known = await this.known(member, unit)
    if (known !== undefined) return known
    // An id that stands for another may have had no account here.
    for (const name of new Set([member, await this.person(member)])) {
      const found = await this.#lookUp(name, unit)
      if (found === undefined) continue
      await this.#keep(name, unit, found)
      return this.known(member, unit)
    }
    return undefined
  }

  /** The account that was opened for an id in a unit, whatever it was merged into, as far as the memory knows. */
  opened(member: string, { record }: ShopUnit): Promise<number | undefined> {
    return this.#options.memory.get<number>('members', keyOf(member, record))
  }

  /** The same, by the memory or else by the ledger. */
  async own(member: string, unit: ShopUnit): Promise<number | undefined> {
    const known = await this.opened(member, unit)
    if (known !== undefined) return known
    const found = await this.#lookUp(member, unit)
    if (found !== undefined) await this.#keep(member, unit, found)
    return found
  }

  /**
   * Whom an id stands for: itself, or where an account of it was merged into another's, that one, as far as the memory
   * knows.
   */
  async person(member: string): Promise<string> {
    const seen = new Set<string>()
    let person = member
    while (!seen.has(person)) {
      seen.add(person)
      person = (await this.#mergedInto(person)) ?? person
    }
    return person
  }

  /** Forgets which accounts it had at hand: accounts were merged, or are two again. */
  forget(): void {
    this.#held.clear()
  }

  async #mergedInto(member: string): Promise<string | undefined> {
    const { memory, shop } = this.#options
    for (const { record } of shop.units) {
      const own = await memory.get<number>('members', keyOf(member, record))
      const into = own === undefined ? undefined : await memory.get<number>('merged', ordered(own))
      const owner = into === undefined ? undefined : await this.owner(into)
      if (owner !== undefined) return owner.member
    }
    return undefined
  }

  /** The account that has what one had: that into which it was merged, if it was. */
  async #heirOf(account: number): Promise<number> {
    const seen = new Set<number>()
    for (let heir = account; ; ) {
      const into = await this.#options.memory.get<number>('merged', ordered(heir))
      if (into === undefined || seen.has(into)) return heir
      seen.add(heir)
      heir = into
    }
  }

  async #lookUp(member: string, unit: ShopUnit): Promise<number | undefined> {
    await this.#mustNotBeErased(member)
    const { client, derivation } = this.#options
    const place = { unit: unit.record, sponsor: unit.merchant }
    return accountUnder(client, place, derivation.ref(unit.record, member))
  }

  /** As `find`. @throws GatewayError `member-unknown`. */
  async get(member: string, unit: ShopUnit): Promise<MemberAccount> {
    const account = await this.find(member, unit)
    if (account !== undefined) return { member, unit, account }
    throw missing(
      'member-unknown',
      `There is no member "${member}" with ${unit.name}. PUT /v1/members/{id} opens one, and so does the first earning.`,
    )
  }

  /** Her account, which is opened where there is none: in custody, or with an owner key of her own. */
  async open(
    member: string,
    unit: ShopUnit,
    owner: Uint8Array | null = null,
  ): Promise<MemberAccount & { isNew: boolean }> {
    const known = await this.known(member, unit)
    if (known !== undefined) {
      if (owner !== null) await this.#mustBeOf(known, owner)
      return { member, unit, account: known, isNew: false }
    }
    await this.#mustNotBeErased(member)
    // Nothing is opened for an id that stands for another.
    const person = await this.person(member)
    const opened = await this.#open(person, unit, owner)
    await this.#keep(person, unit, opened.account)
    return { member, unit, ...opened, account: (await this.known(member, unit))! }
  }

  /** Who an account is of; undefined where it is not known to be of a member. */
  owner(account: number): Promise<AccountOwner | undefined> {
    return this.#options.memory.get<AccountOwner>('accounts', ordered(account))
  }

  /**
   * Who an account is of that was opened under a reference: known from before its opening was sent, also where the
   * answer to that never came.
   */
  async ownerUnder(ref: string, account: number): Promise<AccountOwner | undefined> {
    const owner = await this.#options.memory.get<AccountOwner>('refs', ref)
    if (owner === undefined) return this.owner(account)
    await this.#keep(owner.member, this.unitOf(owner.unit), account)
    return owner
  }

  /** Writes down that an account is a member's. */
  async #keep(member: string, { record }: ShopUnit, account: number): Promise<void> {
    const { memory, derivation } = this.#options
    await memory.write([
      ['members', keyOf(member, record), account],
      ['accounts', ordered(account), { member, unit: record } satisfies AccountOwner],
      ['refs', toHex(derivation.ref(record, member)), undefined],
    ])
  }

  /** @throws GatewayError `member-erased`. */
  async #mustNotBeErased(member: string): Promise<void> {
    const { memory, derivation } = this.#options
    if ((await memory.get('erased', derivation.mark('erased', member))) === undefined) return
    throw new GatewayError(
      'member-erased',
      'All that was kept of this member was erased. Where she comes back, open her under another id.',
      { status: 410, isRetryable: false },
    )
  }

  #hold(key: string, account: number): void {
    this.#held.set(key, account)
    if (this.#held.size > HELD_MAX) this.#held.delete(this.#held.keys().next().value!)
  }

  async #open(
    member: string,
    unit: ShopUnit,
    owner: Uint8Array | null,
  ): Promise<{ readonly account: number; readonly isNew: boolean }> {
    const { attempts, derivation, shop } = this.#options
    const { holder } = shop.keys.custodian
    const custodian: Custodian = { record: 'record' in holder ? holder.record : 0, leaf: shop.custodianLeaf }
    const ref = derivation.ref(unit.record, member)
    try {
      const { opened, isRepeated } = await attempts.perform({
        scope: 'open',
        name: keyOf(member, unit.record),
        role: 'registrar',
        what: `Opening an account for "${member}"`,
        make: id =>
          fromDraft(
            {
              kind: 'open-account',
              ...{ accountKind: 'member', unit: unit.record, terms: unit.terms, sponsor: unit.merchant },
              ...{ owner, custodian, ref, nonce: derivation.nonce(unit.record, member) },
            },
            id,
          ),
        rows: [['refs', toHex(ref), { member, unit: unit.record } satisfies AccountOwner]],
        // The custodian may be another by now.
        fits: before =>
          before.kind === 'open-account' && same(before.ref, ref) && (owner === null || same(before.owner, owner)),
      })
      return { account: opened!, isNew: !isRepeated }
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === 'ref-taken')) throw error
      const account = await this.#lookUp(member, unit)
      if (account === undefined) throw error
      if (owner !== null) await this.#mustBeOf(account, owner)
      return { account, isNew: false }
    }
  }

  async #mustBeOf(account: number, owner: Uint8Array): Promise<void> {
    const listed = await this.#options.client.account(account)
    if (listed.owner !== null && toHex(listed.owner) === toHex(owner)) return
    throw conflict('member-exists', 'The member has an account already, and not under this owner key.')
  }
}

function same(some: Uint8Array | null, other: Uint8Array | null): boolean {
  return some === null || other === null ? some === other : equalBytes(some, other)
}

/** The key of a member in a unit. A zero character stands in no id, so no two are the same. */
export function keyOf(member: string, unit: number): string {
  return `${member}\u0000${unit}`
}
