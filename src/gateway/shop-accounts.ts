import { randomUUID } from 'node:crypto'
import { type BudgetRow, fromDraft, listBudgets, type TallyClient } from '../client/index.ts'
import type { Shop, ShopUnit } from '../files/shop-file.ts'
import type { Attempts, DoneAct } from './attempts.ts'
import { conflict } from './failure.ts'
import type { Histories } from './histories.ts'
import type { MemberAccount, Members } from './members.ts'

export interface ShopAccountsOptions {
  readonly shop: Shop
  readonly attempts: Attempts
  readonly members: Members
  readonly histories: Histories
  readonly client: TallyClient
}

/** A budget of the shop, and what is left in it. */
export interface ShopBudget {
  readonly unit: ShopUnit
  readonly row: BudgetRow
}

/** What is done with accounts as a whole: those of members are frozen, budgets are filled. */
export class ShopAccounts {
  readonly #options: ShopAccountsOptions

  constructor(options: ShopAccountsOptions) {
    this.#options = options
  }

  /**
   * Stops an account of a member from spending, or lets it spend again. An account that is so already stays so.
   *
   * @param reason - a number of the shop's own, 0 to 255, which stands in the log.
   * @throws GatewayError `member-unknown`; `account-closed` where it is closed or merged; with the outcome where the
   * ledger refuses it.
   */
  async freeze(
    member: string,
    { unit: unitName, isFrozen, reason }: { unit?: string | undefined; isFrozen: boolean; reason: number },
  ): Promise<MemberAccount & { readonly done: DoneAct | undefined }> {
    const { members, histories, attempts } = this.#options
    const at = await members.get(member, members.unit(unitName))
    const { account, unit } = at
    const { history, listed } = await histories.now(account, unit.record)
    if (listed.status === 'closed' || listed.status === 'merged')
      throw conflict('account-closed', `The account of "${member}" is ${listed.status}: nothing is spent from it.`)
    if ((listed.status === 'frozen') === isFrozen) return { ...at, done: undefined }
    const done = await attempts.perform({
      // At one entry of the account there is one freeze, however often it is asked for.
      ...{ scope: isFrozen ? 'freeze' : 'unfreeze', name: `${account} ${history.entries}`, role: 'registrar' },
      what: `${isFrozen ? 'Freezing' : 'Unfreezing'} the account of "${member}"`,
      make: id => fromDraft(isFrozen ? { kind: 'freeze', account, reason } : { kind: 'unfreeze', account }, id),
      fits: before => before.kind === (isFrozen ? 'freeze' : 'unfreeze'),
    })
    await histories.now(account, unit.record)
    return { ...at, done }
  }

  /** The budgets of the shop, in the order of its units: the word of the ledger. */
  async budgets(): Promise<ShopBudget[]> {
    const { shop, client } = this.#options
    const found: ShopBudget[] = []
    for (const unit of shop.units) {
      const [row] = await listBudgets(client, { after: unit.budget - 1, limit: 1 })
      if (row?.account === unit.budget) found.push({ unit, row })
    }
    return found
  }

  /**
   * Moves points from the treasury of a unit into the budget of the shop.
   *
   * @throws GatewayError `treasurer-missing`, `unit-unknown`; with the outcome where the ledger refuses it.
   */
  async fund(
    unitName: string,
    { points, key = randomUUID() }: { readonly points: number; readonly key?: string | undefined },
  ): Promise<DoneAct & { readonly unit: ShopUnit; readonly key: string }> {
    const unit = this.#options.members.unit(unitName)
    const done = await this.#options.attempts.perform({
      ...{ scope: 'fund', name: key, role: 'treasurer' },
      what: `Filling the budget of ${unit.name} with ${points} points`,
      make: id => fromDraft({ kind: 'fund', debit: unit.treasury, credit: unit.budget, amount: points }, id),
    })
    return { ...done, unit, key }
  }
}
