/** Fields of a file. */
export type Fields = Readonly<Record<string, unknown>>

/** A file of the corpus: README.md beside this says what stands in it. */
export interface Lie {
  readonly format: 'tallystick/lie/v1'
  readonly says: string
  readonly verifier: string
  readonly trust: Fields
  readonly shown: Fields
  /** `holds`, or the code of the error. */
  readonly expect: string
  /** What the verifier has to report where it holds. */
  readonly facts?: Fields
}
/** What a verifier says: `holds` and what it found, or the code and the words of its error. */
export interface Verdict {
  readonly verdict: string
  readonly facts?: Fields
  readonly words?: string
}

/** What a liar shows: untrusted. Bytes are base64, or a text of which they are the UTF-8. */
export interface Shown {
  readonly text?: string
  readonly bytes?: string
  readonly growth?: string[]
  readonly index: number
  readonly leaf: string
  readonly proof: string[]
  readonly signature: string
  readonly checkpoint: string
  readonly entries: string[]
  readonly salts: string[]
  readonly rows: { entry: string; from: number; until: number }[]
}
/** What a verifier brings along. */
export interface Trust {
  readonly policy: string
  readonly card?: string
  readonly kept?: {
    ledgerId: string
    account: number
    opening: string
    size: number
    entries: string[]
    times: (number | null)[]
    links?: number[]
    records: { number: number; leaf: string; until: number; next: number; size: number }[]
  }
  readonly seen?: { origin: string; size: number; root: string; before?: string[] }[]
  readonly freshness?: { nowMs: number; maxAgeMs: number }
  readonly keys: string[]
  readonly size: number
  readonly root: string
  readonly oldSize: number
  readonly oldRoot: string
  readonly publicKey: string
  readonly message: string
  readonly count: number
  readonly beginning: string
  readonly transactions: string[]
  readonly groups?: [first: number, count: number][]
  readonly nowMs: number
}
