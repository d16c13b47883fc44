import type { Holdings } from '../../account/holdings.ts'
import { CLOSED } from '../../account/standing.ts'
import { ACCOUNT_KINDS, type RecoveryTerms, type TransactionView } from '../../core/entry/transaction.ts'
import type { Unit } from '../registry.ts'
import type { GiftRecord } from '../snapshot/account-extras.ts'
import type { ApplyContext } from './context.ts'

/** What an account was before its group. */
interface AccountBefore {
  readonly balance: number
  readonly given: readonly GiftRecord[]
  /** Of a member. */
  readonly member: KeptMember | undefined
}

interface KeptMember {
  readonly status: number
  readonly owner: Uint8Array | null
  readonly custodian: number | null
  readonly recovery: RecoveryTerms | null
  readonly time: number
  readonly holdings: Holdings
}

/** Of a unit: its totals, in the order of `totalsOf`, and its accounts. */
interface KeptUnit {
  readonly totals: readonly bigint[]
  readonly treasury: number
  readonly expiredAccount: number
}

/**
 * What the transactions of one group may change, as it was before: put back where one of them is refused (SPEC §7).
 * Links, postings and those that watch the state are told what the group did only when it stands. Costs what the
 * accounts hold that its transactions name, of which there are at most 64.
 */
export class GroupUndo {
  readonly #context: ApplyContext
  readonly #accountCount: number
  readonly #owners: readonly number[]
  readonly #recovering: readonly number[]
  readonly #accounts = new Map<number, AccountBefore>()
  readonly #units = new Map<Unit, KeptUnit>()
  readonly #onHoldings: ((account: number, before: Holdings, after: Holdings) => void) | undefined
  readonly #held: [account: number, before: Holdings, after: Holdings][] = []

  constructor(context: ApplyContext) {
    const { accounts, originals } = context.state
    this.#context = context
    this.#accountCount = accounts.count
    this.#owners = [...context.signers.owners]
    this.#recovering = [...context.signers.recovering]
    this.#onHoldings = accounts.onHoldings
    if (accounts.onHoldings !== undefined)
      accounts.onHoldings = (account, before, after) => this.#held.push([account, before, after])
    originals.hold()
    context.state.refs.hold()
    context.state.claims.hold()
    context.links.hold()
  }

  /** Keeps what the transaction in `view`, which is to be judged next, may change. */
  keep({ rare, debit, credit }: TransactionView): void {
    if (rare === undefined) this.#keepAccounts(debit, credit)
    else if (rare.kind === 'open-account') this.#keepUnit(this.#context.state.registry.unit(rare.unit))
    else {
      if ('debit' in rare) this.#keepAccounts(rare.debit, rare.credit)
      if ('account' in rare) this.#keepAccounts(rare.account)
      if ('budget' in rare) this.#keepAccounts(rare.budget)
    }
  }

  /** The group stands: those that watch are told. */
  stand(): void {
    const { state, links } = this.#context
    state.accounts.onHoldings = this.#onHoldings
    for (const change of this.#held) this.#onHoldings?.(...change)
    state.originals.stand()
    state.refs.stand()
    state.claims.stand()
    links.stand(state.accounts)
  }

  /** Puts everything back. */
  undo(): void {
    const { state, signers, links } = this.#context
    const { accounts, originals } = state
    links.drop()
    originals.drop()
    state.refs.drop()
    state.claims.drop()
    accounts.onHoldings = undefined
    for (const [account, kept] of this.#accounts) this.#putBack(account, kept)
    while (accounts.count > this.#accountCount) this.#unopen(accounts.count - 1)
    accounts.onHoldings = this.#onHoldings
    for (const [unit, kept] of this.#units) {
      for (const [i, total] of totalsOf(unit).entries()) total.reset(kept.totals[i]!)
      unit.treasury = kept.treasury
      unit.expiredAccount = kept.expiredAccount
    }
    signers.owners.splice(0, Infinity, ...this.#owners)
    signers.recovering.splice(0, Infinity, ...this.#recovering)
  }

  #keepAccounts(...numbers: readonly number[]): void {
    const { accounts, budgets, registry } = this.#context.state
    // What a budget gives is counted under its pools, too, which may name each other.
    for (const number of numbers.flatMap(one => [one, ...budgets.poolsOf(one)])) {
      if (number >= this.#accountCount || this.#accounts.has(number)) continue
      this.#keepUnit(registry.unit(accounts.unit(number)))
      const isMember = accounts.kind(number) === ACCOUNT_KINDS.member
      const member = isMember ? accounts.member(number) : undefined
      const given = budgets.givenTo(number)
      this.#accounts.set(number, { balance: accounts.balance(number), given, member })
    }
  }

  #keepUnit(unit: Unit | undefined): void {
    if (unit === undefined || this.#units.has(unit)) return
    const { treasury, expiredAccount } = unit
    this.#units.set(unit, { totals: totalsOf(unit).map(({ value }) => value), treasury, expiredAccount })
  }

  #putBack(account: number, { balance, given, member }: AccountBefore): void {
    const { accounts, budgets } = this.#context.state
    budgets.forget(account)
    budgets.restore(account, given)
    if (member === undefined) {
      accounts.add(account, balance - accounts.balance(account))
      return
    }
    this.#countCustody(account, -1)
    accounts.setMember(account, { ...member, balance })
    this.#countCustody(account, 1)
  }

  #unopen(account: number): void {
    this.#countCustody(account, -1)
    this.#context.state.budgets.forget(account)
    this.#context.state.accounts.unopen()
  }

  #countCustody(account: number, by: 1 | -1): void {
    const { accounts, registry } = this.#context.state
    if (accounts.status(account) !== CLOSED) registry.chains.count(accounts.terms(account).custodian, by)
  }
}

function totalsOf({ issued, opened, redeemed, expired, reinstated, reversed, owed }: Unit) {
  return [issued, opened, redeemed, expired, reinstated, reversed, owed]
}
