/** A file that is shown to the page. */
export interface ShownFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A file with what it takes to verify it, made for the page. */
export interface Sample extends ShownFile {
  readonly policy: Uint8Array
  readonly card: Uint8Array | undefined
  /** When it is looked at: the clock of its ledger stands still. */
  readonly nowMs: number
}

export type SampleName = 'holds' | 'breaks' | 'refused'
