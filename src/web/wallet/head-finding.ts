/** The checkpoint of a log that this device accepted last. */
export interface KeptHead {
  /** Its text, with the log's signature. */
  readonly note: Uint8Array
  readonly size: number
  /** When its size was first seen here. */
  readonly seenMs: number
}

/** What two checkpoints of one log are to each other. */
export type HeadRelation =
  | { readonly is: 'same' }
  /** The first is the beginning of the other, or the other way round: proven. */
  | { readonly is: 'grown' | 'older' }
  /** They have no common history, which the file shows to anyone; or nobody has shown that they have one. */
  | { readonly is: 'apart' | 'unshown'; readonly evidence: Uint8Array; readonly message: string }

/** What a new checkpoint is to the one that this device accepted before. */
export type HeadFinding =
  | { readonly is: 'first' }
  | { readonly is: 'same' | 'grown'; readonly before: KeptHead }
  | {
      readonly is: 'back' | 'apart' | 'unshown'
      readonly before: KeptHead
      readonly size: number
      readonly evidence: Uint8Array
      readonly message: string
    }
