/** A promise of the operator that the log breaks. */
export interface Fault {
  readonly code: string
  readonly message: string
  /** Log index of the entry at which everyone's replay finds it; not there where no entry is at fault. */
  readonly at?: number
  /** Another checkpoint that it contradicts, a signed note, where that is not the one of the audit before. */
  readonly earlier?: Uint8Array
  /** Totals that the log signed, a line: what is wrong about them stands in it. */
  readonly opened?: string
}
