/** What the machine does in one thread, measured in the same process as everything else. */
export interface Machine {
  readonly ed25519VerifyPerSecond: number
  readonly sha256PerSecond: number
  readonly sha256PairPerSecond: number
  readonly levelPutPerSecond: number
  readonly fdatasyncPerSecond: number
}

/** What is written to `bench/results.json`. */
export interface Results {
  readonly machine: Machine
  readonly ingest: {
    readonly batchSignedTxPerSecond: number
    readonly singleSignedTxPerSecond: number
    readonly httpBatchTxPerSecond: number
    readonly httpSingleTxPerSecond: number
  }
  readonly seal: { readonly dirtyAccounts: number; readonly milliseconds: number }
  readonly audit: { readonly txPerSecond: number }
  readonly statement: { readonly p50Ms: number; readonly p99Ms: number; readonly bytes: number }
  /** `browserMs` only where there is a Chromium. */
  readonly verify: { readonly statementMs: number; readonly browserMs?: number }
  readonly disk: { readonly bytesPerTx: number }
  readonly memory: { readonly bytesPerAccount: number }
  readonly recovery: { readonly seconds: number }
  readonly growth: { readonly ratio: number }
}

/** The value below which a share of the values lie: 0.5 is the median. Sorts a copy. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
