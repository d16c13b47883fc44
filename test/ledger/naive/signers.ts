import { toHex } from '../../../src/core/bytes.ts'
import type { Role } from '../../../src/core/entry/transaction.ts'
import { keyOf, type NaiveKey, standingRoots } from './registry.ts'
import type { NaiveSigner, State } from './state.ts'

const isOwner = (signer: NaiveSigner): signer is { readonly account: number } =>
  'account' in signer && signer.recovery === undefined

/** Who signed a batch, as they stood before its first transaction. */
export class Signers {
  /** Ledger time. */
  readonly time: number
  readonly #list: readonly NaiveSigner[]
  readonly #keys: readonly NaiveKey[]
  readonly #owners: ReadonlyMap<number, string>
  /** The recovery terms under which they signed, as text. */
  readonly #terms: ReadonlyMap<number, string>

  constructor(state: State, list: readonly NaiveSigner[], time: number) {
    this.time = time
    this.#list = list
    this.#keys = list.flatMap(signer => ('record' in signer ? (keyOf(state, signer.record) ?? []) : []))
    this.#terms = new Map(
      list.flatMap(one => ('account' in one ? [[one.account, termsText(state, one.account)] as const] : [])),
    )
    this.#owners = new Map(list.filter(isOwner).map(({ account }) => [account, state.accounts[account]!.owner!]))
  }

  /** The keys of a role; of an issuer or merchant, those whose scope has the account. */
  keys(role: Role, scoped?: number): NaiveKey[] {
    return this.#keys.filter(key => key.role === role && (scoped === undefined || key.scope.includes(scoped)))
  }

  has(role: Role, scoped?: number): boolean {
    return this.keys(role, scoped).length > 0
  }

  hasRecord(record: number): boolean {
    return this.#list.some(signer => 'record' in signer && signer.record === record)
  }

  /** As many root keys as the ledger asks for. */
  areRoot({ need }: State): boolean {
    return this.keys('root').length >= need
  }

  /** All root keys that stand. */
  areAllRoots(state: State): boolean {
    return this.keys('root').length >= standingRoots(state).length
  }

  /** The owner, with a key that is still the owner's. */
  own({ accounts }: State, account: number): boolean {
    return this.#owners.has(account) && this.#owners.get(account) === accounts[account]!.owner
  }

  /** As many recovery keys as the account's terms ask for. */
  recover(state: State, account: number): boolean {
    const { accounts } = state
    if (this.#terms.get(account) !== termsText(state, account)) return false
    const signed = this.#list.filter(one => 'account' in one && one.recovery !== undefined && one.account === account)
    const terms = accounts[account]?.recovery ?? null
    return terms !== null && signed.length >= terms.need
  }
}

/** The recovery terms of an account. */
function termsText({ accounts }: State, account: number): string {
  const terms = accounts[account]?.recovery
  return terms ? JSON.stringify([terms.keys.map(toHex), terms.need, terms.delayMs]) : ''
}

/** Whether a signer is one at all: a key, an owner, or a recovery key. */
export function isSigner(state: State, signer: NaiveSigner): boolean {
  if ('record' in signer) return keyOf(state, signer.record) !== undefined
  const account = state.accounts[signer.account]
  if (signer.recovery === undefined) return account !== undefined && account.owner !== null
  return account?.recovery?.keys[signer.recovery] !== undefined
}
