import { toHex } from '../../../src/core/bytes.ts'
import type { Group } from '../../../src/core/entry/group.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { type Case, caseOf } from './case.ts'
import { namedBy, take } from './effects.ts'
import { outcomeOf } from './outcomes.ts'
import { stands } from './registry.ts'
import { type NaiveSeal, rootsOf } from './roots.ts'
import { isSigner, Signers } from './signers.ts'
import type { NaiveSigner, State, Use } from './state.ts'

type Memory = Pick<State, 'accounts' | 'ids' | 'given' | 'totals'> & { readonly touched: Map<number, Uint8Array[]> }

function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear()
  for (const [key, value] of from) map.set(key, value)
}

/**
 * A ledger as SPEC §5 to §8 tell it, written to be obviously right: maps, big integers, points in parcels, and every
 * outcome a predicate of its own in the order of §8, of which the first that is true is the status. Slow, and knows no
 * code of the rules that it is compared with.
 */
export class NaiveLedger implements State {
  readonly accounts: State['accounts'] = []
  readonly records: State['records'] = []
  readonly ids: State['ids'] = new Map()
  readonly given: State['given'] = new Map()
  readonly totals: State['totals'] = new Map()
  size = 0
  epoch = 0
  skew = 0
  need = 0
  sealed = 0
  readonly logs: State['logs'] = []
  /** To be set by who has the entries. */
  rootOfLog: State['rootOfLog'] = () => new Uint8Array(32)
  /** Is shown every transaction before it is judged. */
  watch: ((c: Case) => void) | undefined

  /**
   * The outcomes of a batch, or the code of its refusal; undefined when all of it exists, so that nothing is written.
   */
  submit(
    signers: readonly NaiveSigner[],
    list: readonly Uint8Array[],
    time: number,
    groups: readonly Group[] = [],
  ): string[] | string | undefined {
    const refusal = this.#refusal(signers, list)
    if (refusal !== undefined) return refusal
    if (list.every(bytes => this.ids.get(toHex(decodeTransaction(bytes).id))?.bytes === toHex(bytes))) return undefined
    const signed = new Signers(this, signers, time)
    const outcomes: string[] = []
    const touched = new Map<number, Uint8Array[]>()
    let [before, isUndone]: [Memory | undefined, boolean] = [undefined, false]
    for (const [position, bytes] of list.entries()) {
      const group = groups.find(({ first, count }) => position >= first && position < first + count)
      if (group === undefined || group.first === position) {
        before = group && this.#remember(touched)
        isUndone = false
      }
      const c = caseOf(this, signed, decodeTransaction(bytes), bytes, { isUndone, isAlone: list.length === 1 })
      this.watch?.(c)
      const outcome = outcomeOf(c)
      const use: Use = { tx: c.tx, bytes: c.bytes, status: outcome, time, took: [], reversed: 0 }
      if (outcome === 'accepted') this.#accept(c, this.size + 1 + position, bytes, use, touched)
      if (outcome !== 'accepted' && group !== undefined && !isUndone) {
        isUndone = true
        this.#goBack(before!, touched)
        for (let undone = group.first; undone < position; undone++) {
          outcomes[undone] = 'group-undone'
          this.#use(list[undone]!, { time, status: 'group-undone' })
        }
      }
      // Nobody burns an id who had no right to what it stands for.
      if (outcome !== 'not-entitled' && !this.ids.has(c.id)) this.ids.set(c.id, use)
      outcomes.push(outcome)
    }
    for (const [account, entries] of touched) this.accounts[account]!.history.push({ time, entries })
    this.size += 1 + list.length
    return outcomes
  }

  /** All that a transaction of a group may change: a copy. */
  #remember(touched: ReadonlyMap<number, Uint8Array[]>): Memory {
    const { accounts, ids, given, totals } = this
    return structuredClone({ accounts, ids, given, totals, touched: new Map(touched) })
  }

  #goBack(before: Memory, touched: Map<number, Uint8Array[]>): void {
    this.accounts.splice(0, this.accounts.length, ...before.accounts)
    refill(this.ids, before.ids)
    refill(this.given, before.given)
    refill(this.totals, before.totals)
    refill(touched, before.touched)
  }

  #use(entry: Uint8Array, { time, status }: Pick<Use, 'time' | 'status'>): void {
    const tx = decodeTransaction(entry)
    const id = toHex(tx.id)
    if (!this.ids.has(id)) this.ids.set(id, { tx, bytes: toHex(entry), status, time, took: [], reversed: 0 })
  }

  /** The counts and roots of a seal of the state as it is. */
  seal(): NaiveSeal {
    this.size++
    this.sealed = this.size
    this.epoch++
    return rootsOf(this)
  }

  #accept(c: Case, index: number, bytes: Uint8Array, use: Use, touched: Map<number, Uint8Array[]>): void {
    take(c, index, bytes, use)
    for (const number of namedBy(c.tx, this)) {
      this.accounts[number]!.entries++
      this.accounts[number]!.time = c.T
      touched.set(number, [...(touched.get(number) ?? []), bytes])
    }
  }

  /** Why a batch is not taken at all, if it is not. */
  #refusal(signers: readonly NaiveSigner[], list: readonly Uint8Array[]): string | undefined {
    const transactions = list.map(decodeTransaction)
    const [first] = transactions
    if (this.size > 0 && transactions.some(({ kind }) => kind === 'genesis')) return 'batch-genesis'
    if (this.size === 0) {
      if (first?.kind !== 'genesis' || list.length !== 1) return 'batch-genesis'
      const roots = first.roots.length
      if (!signers.every(signer => 'record' in signer && signer.record < roots)) return 'signer-unknown'
      return signers.length < first.need ? 'signer-unknown' : undefined
    }
    if (!signers.every(signer => isSigner(this, signer))) return 'signer-unknown'
    if (!signers.every(signer => !('record' in signer) || stands(this, signer.record))) return 'signer-revoked'
    return undefined
  }
}
