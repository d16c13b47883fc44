/** Who wants to know where things stand in the log. Called in log order. */
export interface Postings {
  /** The next account, `account`, was opened by the entry at `logIndex`. */
  open(account: number, logIndex: number): void
  /**
   * The accepted entry at `logIndex` names `account`, which is of a member or a merchant; or it is the first of its
   * batch that names this budget.
   */
  post(account: number, logIndex: number): void
  /** Entries are durable up to a log size: see `Ledger.flush`. */
  flush?(durable: number): Promise<void> | undefined
  /** Waits for what is being written. */
  idle?(): Promise<void>
}
