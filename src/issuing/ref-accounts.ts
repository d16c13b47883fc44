import { accountUnder, makeEntry, memberRef, type SigningKey, type TallyClient } from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { ACCEPTED, REF_TAKEN } from '../core/entry/outcome.ts'
import type { Custodian } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { Derivation } from './derivation.ts'
import type { MemberAccounts } from './issuing-options.ts'
import { submitProven } from './submit-proven.ts'

export interface RefAccountsOptions {
  /** Calls with a key that may read references: the platform's, or that of the sponsor. */
  readonly client: TallyClient
  /** The key of a registrar that opens accounts for events of that time and later; without one, none are opened. */
  readonly registrar?: (timeMs: number) => Promise<SigningKey>
  /** Of references, ids, nonces and the owner keys of accounts that are opened. */
  readonly derived: Derivation
  readonly secret: Uint8Array
  /** The leaf hash of the terms of a unit, by its record. */
  readonly termsOf: (unit: number) => Uint8Array
  /** Merchant account of the sponsor, by the unit; none where it is the platform. */
  readonly sponsorOf?: (unit: number) => number | undefined
  /** Who acts for the accounts that are opened; without one, owner keys that are derived do. */
  readonly custodian?: Custodian
  readonly signal: AbortSignal
  readonly proofWords?: (index: number) => string
}

/** References that are looked up at once. */
const LOOKUPS_AT_ONCE = 16
const BATCH_TRANSACTIONS = 1000
/** Accounts that are remembered: a ledger may have more members than that. */
const REMEMBERED_MAX = 100_000

/**
 * Members' accounts by their references: found again on the ledger from the shop's own names, in any order and after
 * any loss, so that nobody gets a second one. SPEC §5.
 */
export class RefAccounts implements MemberAccounts {
  readonly #options: RefAccountsOptions
  readonly #known = new Map<string, number>()
  /** Accounts that were opened, and those that were there before. */
  readonly counts = { opened: 0, met: 0 }

  constructor(options: RefAccountsOptions) {
    this.#options = options
  }

  async find(names: readonly string[], unit: number): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    const unknown: string[] = []
    for (const name of new Set(names)) {
      const account = this.#known.get(`${unit} ${name}`)
      if (account === undefined) unknown.push(name)
      else found.set(name, account)
    }
    const { client, secret, sponsorOf } = this.#options
    const sponsor = sponsorOf?.(unit)
    const place = { unit, ...(sponsor === undefined ? {} : { sponsor }) }
    for (let at = 0; at < unknown.length; at += LOOKUPS_AT_ONCE)
      await Promise.all(
        unknown.slice(at, at + LOOKUPS_AT_ONCE).map(async name => {
          const account = await accountUnder(client, place, memberRef(secret, unit, name))
          if (account === undefined) return
          found.set(name, account)
          this.#remember(unit, name, account)
          this.counts.met++
        }),
      )
    return found
  }

  async open(times: ReadonlyMap<string, number>, unit: number): Promise<ReadonlyMap<string, number>> {
    const found = new Map(await this.find([...times.keys()], unit))
    const strangers = [...times].filter(([name]) => !found.has(name))
    for (let at = 0; at < strangers.length; at += BATCH_TRANSACTIONS)
      for (const [name, account] of await this.#open(strangers.slice(at, at + BATCH_TRANSACTIONS), unit))
        found.set(name, account)
    return found
  }

  async #open(strangers: readonly (readonly [name: string, timeMs: number])[], unit: number) {
    const { client, derived, secret, termsOf, sponsorOf, custodian, registrar, signal, proofWords } = this.#options
    const names = strangers.map(([name]) => name)
    check(registrar !== undefined, 'member-unknown', `there is no account of ${names[0]}, and no key to open one`)
    const key = await registrar(Math.min(...strangers.map(([, timeMs]) => timeMs)))
    const entries = strangers.map(([name, timeMs]) =>
      makeEntry('open-account', {
        id: derived.id(timeMs, `open ${unit} ${name}`),
        accountKind: 'member',
        unit,
        terms: termsOf(unit),
        ...(custodian === undefined ? { owner: derived.member(name).owner } : { custodian }),
        nonce: derived.member(name).nonce,
        sponsor: sponsorOf?.(unit) ?? null,
        ref: memberRef(secret, unit, name),
      }),
    )
    const answer = await submitProven(client, entries, [key], signal)
    const found = new Map<string, number>()
    for (const [position, account] of answer.accounts) {
      found.set(names[position]!, account)
      this.#remember(unit, names[position]!, account)
    }
    const refused = answer.statuses.findIndex(status => status !== ACCEPTED && status !== REF_TAKEN)
    if (refused >= 0) throw refusal(answer, refused, `the account of member ${names[refused]}`, proofWords)
    this.counts.opened += answer.accounts.length - answer.existed.length
    // Somebody else opened it since it was looked up.
    const others = names.filter((_, position) => answer.statuses[position] === REF_TAKEN)
    for (const [name, account] of await this.find(others, unit)) found.set(name, account)
    return found
  }

  #remember(unit: number, name: string, account: number): void {
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear()
    this.#known.set(`${unit} ${name}`, account)
  }
}
