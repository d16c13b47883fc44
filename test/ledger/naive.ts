import { toHex } from '../../src/core/bytes.ts'
import { decodeTransaction, type Transaction } from '../../src/core/transaction.ts'

/** A signer as a batch names it: a record's number, or the account whose owner it is. */
export type NaiveSigner = { readonly record: number } | { readonly account: number }

export interface NaiveAccount {
  readonly kind: 'treasury' | 'budget' | 'member'
  readonly unit: number
  readonly owner: string | null
  /** Bytes of the opening entry. */
  readonly opening: Uint8Array
  entries: number
  time: number
  credited: bigint
  debited: bigint
  /** Per batch that names it, the entries that do, in order. */
  readonly history: Uint8Array[][]
}

interface NaiveRecord {
  readonly transaction: Transaction
  readonly bytes: Uint8Array
  readonly from: number
  until: number
}

const MAX = 2n ** 53n - 1n

/**
 * A ledger as SPEC §5 to §8 tell it, written to be obviously right: bigints, maps, and every outcome a predicate of its
 * own in a list in the order of §8, of which the first that is true is the status. Slow, and knows nothing of `src/ledger`.
 */
export class NaiveLedger {
  readonly accounts: NaiveAccount[] = []
  readonly records: NaiveRecord[] = []
  /** Id in hex → bytes of the transaction in hex, and its status. */
  readonly ids = new Map<string, { bytes: string; status: string }>()
  size = 0
  skew = 0

  /** The outcomes of a batch, or the code of its refusal; undefined when nothing of it would be written. */
  submit(signers: readonly NaiveSigner[], list: readonly Uint8Array[], time: number): string[] | string | undefined {
    const transactions = list.map(bytes => ({ bytes, tx: decodeTransaction(bytes) }))
    const refusal = this.#refusal(signers, transactions)
    if (refusal !== undefined) return refusal
    const isOld = ({ bytes, tx }: { bytes: Uint8Array; tx: Transaction }) =>
      this.ids.get(toHex(tx.id))?.bytes === toHex(bytes)
    if (transactions.every(isOld)) return undefined
    const touched = new Map<number, Uint8Array[]>()
    const outcomes = transactions.map(({ bytes, tx }, position) => {
      const outcome = this.#outcome(signers, tx, bytes, time)
      if (!this.ids.has(toHex(tx.id))) this.ids.set(toHex(tx.id), { bytes: toHex(bytes), status: outcome })
      if (outcome === 'accepted') this.#take(tx, bytes, this.size + 1 + position, touched)
      return outcome
    })
    for (const [account, entries] of touched) this.accounts[account]!.history.push(entries)
    this.size += 1 + list.length
    return outcomes
  }

  #refusal(signers: readonly NaiveSigner[], list: readonly { tx: Transaction }[]): string | undefined {
    const hasGenesis = list.some(({ tx }) => tx.kind === 'genesis')
    if (this.size === 0) {
      if (!hasGenesis || list.length !== 1) return 'batch-genesis'
      const [signer] = signers
      return signers.length === 1 && signer !== undefined && 'record' in signer && signer.record === 0
        ? undefined
        : 'signer-unknown'
    }
    if (hasGenesis) return 'batch-genesis'
    for (const signer of signers) if (this.#keyOf(signer) === undefined) return 'signer-unknown'
    for (const signer of signers)
      if ('record' in signer && this.records[signer.record]!.until !== 0) return 'signer-revoked'
    return undefined
  }

  #keyOf(signer: NaiveSigner): { role: string; scope: readonly number[]; backdateMs: number } | undefined {
    if ('account' in signer)
      return this.accounts[signer.account]?.owner == null ? undefined : { role: 'owner', scope: [], backdateMs: 0 }
    const tx = this.records[signer.record]?.transaction
    if (tx?.kind === 'genesis') return { role: 'root', scope: [], backdateMs: 0 }
    return tx?.kind === 'register-key' ? tx : undefined
  }

  #outcome(signers: readonly NaiveSigner[], tx: Transaction, bytes: Uint8Array, time: number): string {
    const t = Number.parseInt(toHex(tx.id).slice(0, 12), 16)
    const keys = signers.flatMap(signer => ('record' in signer ? (this.#keyOf(signer) ?? []) : []))
    const backdate = Math.max(0, ...keys.map(key => key.backdateMs))
    const has = (role: string) => keys.some(key => key.role === role)
    const known = this.ids.get(toHex(tx.id))
    const debit = 'debit' in tx ? this.accounts[tx.debit] : undefined
    const credit = 'credit' in tx ? this.accounts[tx.credit] : undefined
    const isMovement = tx.kind === 'fund' || tx.kind === 'issue' || tx.kind === 'redeem'
    const amount = isMovement ? BigInt(tx.amount) : 0n
    const record = tx.kind === 'revoke-key' ? this.records[tx.record] : undefined
    const recordKey = tx.kind === 'revoke-key' ? this.#keyOf({ record: tx.record }) : undefined
    const kinds = { fund: ['treasury', 'budget'], issue: ['budget', 'member'], redeem: ['member', 'treasury'] } as const
    const unitOf = (n: number) => {
      const defined = this.records[n]?.transaction
      return defined?.kind === 'define-unit' ? defined : undefined
    }
    const entitled =
      tx.kind === 'genesis' ||
      (tx.kind === 'open-account' && has(tx.accountKind === 'member' ? 'registrar' : 'treasurer')) ||
      (tx.kind === 'fund' && has('treasurer')) ||
      (tx.kind === 'issue' && keys.some(key => key.role === 'issuer' && key.scope.includes(tx.debit))) ||
      (tx.kind === 'redeem' && signers.some(signer => 'account' in signer && signer.account === tx.debit)) ||
      (['register-key', 'revoke-key', 'define-unit', 'publish-rule'].includes(tx.kind) && has('root'))
    const makesRecord = ['register-key', 'define-unit', 'publish-rule'].includes(tx.kind)
    const liveRoots = this.records.filter((one, n) => one.until === 0 && this.#keyOf({ record: n })?.role === 'root')
    const table: [string, () => boolean][] = [
      ['exists', () => known?.bytes === toHex(bytes)],
      ['id-taken', () => known !== undefined],
      ['time-ahead', () => tx.kind !== 'genesis' && t > time + this.skew],
      ['time-behind', () => tx.kind !== 'genesis' && t < time - this.skew - backdate],
      ['record-unknown', () => tx.kind === 'revoke-key' && record === undefined],
      ['record-not-a-key', () => tx.kind === 'revoke-key' && recordKey === undefined],
      ['record-revoked', () => record !== undefined && record.until !== 0],
      ['unit-unknown', () => tx.kind === 'open-account' && unitOf(tx.unit) === undefined],
      [
        'rule-unknown',
        () => tx.kind === 'issue' && tx.rule !== 0 && this.records[tx.rule]?.transaction.kind !== 'publish-rule',
      ],
      ['debit-unknown', () => isMovement && debit === undefined],
      ['credit-unknown', () => isMovement && credit === undefined],
      ['same-account', () => isMovement && tx.debit === tx.credit],
      ['unit-mismatch', () => isMovement && debit!.unit !== credit!.unit],
      ['debit-kind', () => isMovement && debit!.kind !== kinds[tx.kind][0]],
      ['credit-kind', () => isMovement && credit!.kind !== kinds[tx.kind][1]],
      [
        'scope-unknown',
        () => tx.kind === 'register-key' && tx.scope.some(account => this.accounts[account]?.kind !== 'budget'),
      ],
      ['not-entitled', () => !entitled],
      [
        'name-taken',
        () =>
          (tx.kind === 'define-unit' || tx.kind === 'publish-rule') &&
          this.records.some(({ transaction: one }) => one.kind === tx.kind && one.name === tx.name),
      ],
      [
        'treasury-exists',
        () =>
          tx.kind === 'open-account' &&
          tx.accountKind === 'treasury' &&
          this.accounts.some(account => account.kind === 'treasury' && account.unit === tx.unit),
      ],
      ['last-root', () => recordKey?.role === 'root' && liveRoots.length === 1],
      [
        'registry-full',
        () =>
          makesRecord &&
          (this.records.length >= 65_536 ||
            (tx.kind === 'define-unit' &&
              this.records.filter(one => one.transaction.kind === 'define-unit').length >= 256)),
      ],
      ['accounts-full', () => tx.kind === 'open-account' && this.accounts.length >= 2 ** 32],
      [
        'over-cap',
        () => debit?.kind === 'treasury' && debit.debited + amount - debit.credited > BigInt(unitOf(debit.unit)!.cap),
      ],
      [
        'insufficient',
        () => debit !== undefined && debit.kind !== 'treasury' && debit.credited - debit.debited < amount,
      ],
      ['total-overflow', () => isMovement && (debit!.debited + amount > MAX || credit!.credited + amount > MAX)],
    ]
    return table.find(([, applies]) => applies())?.[0] ?? 'accepted'
  }

  #take(tx: Transaction, bytes: Uint8Array, index: number, touched: Map<number, Uint8Array[]>): void {
    const t = Number.parseInt(toHex(tx.id).slice(0, 12), 16)
    const name = (number: number) => {
      const account = this.accounts[number]!
      account.entries++
      account.time = Math.max(account.time, t)
      touched.set(number, [...(touched.get(number) ?? []), bytes])
    }
    if (tx.kind === 'genesis') this.skew = tx.skewMs
    if (tx.kind === 'genesis' || tx.kind === 'register-key' || tx.kind === 'define-unit' || tx.kind === 'publish-rule')
      this.records.push({ transaction: tx, bytes, from: index, until: 0 })
    else if (tx.kind === 'revoke-key') this.records[tx.record]!.until = index
    else if (tx.kind === 'open-account') {
      this.accounts.push({
        kind: tx.accountKind,
        unit: tx.unit,
        owner: tx.owner === null ? null : toHex(tx.owner),
        opening: bytes,
        entries: 0,
        time: 0,
        credited: 0n,
        debited: 0n,
        history: [],
      })
      name(this.accounts.length - 1)
    } else {
      this.accounts[tx.debit]!.debited += BigInt(tx.amount)
      this.accounts[tx.credit]!.credited += BigInt(tx.amount)
      name(tx.debit)
      name(tx.credit)
    }
  }
}
