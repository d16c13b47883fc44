/** How a record came to be: what of it is in no transaction. */
export interface Registration {
  /** Log index of the transaction, and ledger time of its batch. */
  readonly logIndex: number
  readonly time: number
  /** Whether a key of the chain that it succeeds in signed beside root. SPEC §6. */
  readonly isByChain: boolean
}

/** What is known of a custodian's key. */
interface Link {
  /** Record that begins its chain. */
  readonly chain: number
  /** Ledger time of its registration; undefined where it was due at once. */
  readonly publicSince: number | undefined
}

interface Chain {
  /** Its records, in the order of their registration. */
  readonly records: number[]
  /** Open accounts in its custody. */
  accounts: number
}

/**
 * The chains of custodians' keys (SPEC §6): which records belong together, from when on each of them may act, and how
 * many open accounts are in the custody of each chain.
 */
export class Chains {
  readonly #links = new Map<number, Link>()
  readonly #chains = new Map<number, Chain>()

  /**
   * Adds a custodian's key.
   *
   * @param succeeds - the record whose chain it belongs to; null where it begins one.
   * @param publicSince - ledger time of its registration by root alone; undefined where a key of the chain signed too.
   */
  add(record: number, succeeds: number | null, publicSince: number | undefined): void {
    const chain = succeeds === null ? record : this.#links.get(succeeds)!.chain
    this.#links.set(record, { chain, publicSince: succeeds === null ? undefined : publicSince })
    const there = this.#chains.get(chain)
    if (there === undefined) this.#chains.set(chain, { records: [record], accounts: 0 })
    else there.records.push(record)
  }

  /** The chain of a record, by the record that begins it; undefined where it is no custodian's key. */
  of(record: number): number | undefined {
    return this.#links.get(record)?.chain
  }

  /** Whether root alone registered a record as a successor. */
  isTakeover(record: number): boolean {
    return this.#links.get(record)?.publicSince !== undefined
  }

  /** Whether a custodian's key may act at ledger time `time`, where a takeover takes so long. SPEC §6. */
  isDue(record: number, time: number, takeoverMs: number): boolean {
    const link = this.#links.get(record)
    return link !== undefined && (link.publicSince === undefined || time >= link.publicSince + takeoverMs)
  }

  /** The records of the chain of a record. */
  recordsOf(record: number): readonly number[] {
    const chain = this.of(record)
    return chain === undefined ? [] : this.#chains.get(chain)!.records
  }

  /** Counts open accounts that come into the custody of a record's chain, or leave it. */
  count(record: number | null, accounts: 1 | -1): void {
    if (record !== null) this.#chains.get(this.of(record)!)!.accounts += accounts
  }

  /** How many open accounts are in the custody of a record's chain. */
  accountsOf(record: number): number {
    const chain = this.of(record)
    return chain === undefined ? 0 : this.#chains.get(chain)!.accounts
  }
}
