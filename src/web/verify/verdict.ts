import type { BatchRefusal } from '../../core/entry/outcome.ts'
import type { Kind } from '../../core/entry/transaction-forms.ts'

/** What a file is, by its first bytes. */
export type CheckedKind = 'statement' | 'receipt' | 'promise' | 'refusal' | 'evidence' | 'totals' | 'checkpoint'
/** What is no file to verify, but to verify with. */
export type TrustKind = 'policy' | 'card'

/** A step of a check: its name in the table of words, and what fills the sentence. */
export interface Step {
  readonly name: StepName
  readonly state: 'held' | 'failed' | 'not-reached'
  readonly count?: number
  readonly names?: readonly string[]
  /** English words of the verifier, shown as they are. */
  readonly said?: string
}

export type StepName =
  | 'form'
  | 'signed'
  | 'cosigned'
  | 'seal'
  | 'age'
  | 'card'
  | 'sealed-account'
  | 'count'
  | 'registry'
  | 'balance'
  | 'order'
  | 'signers'
  | 'owner'
  | 'in-log'
  | 'outcome'
  | 'promise-signed'
  | 'promise-tree'
  | 'promise-batch'
  | 'refusal-signed'
  | 'refusal-false'
  | 'totals-signed'
  | 'totals-seal'
  | 'shown'

/** What a check leaves open: always said, in the same size. */
export type Unchecked =
  | 'witness'
  | 'yours'
  | 'newer'
  | 'other-signers'
  | 'continues'
  | 'happened'
  | 'refused-rightly'
  | 'kept'
  | 'reason'
  | 'replay'
  | 'finder'
  | 'in-house'
  | 'what-else'
  | 'all'

/** Where an entry stands in the tree that was signed. */
interface PathFacts {
  readonly index: number
  readonly size: number
  readonly levels: number
  readonly what: 'seal' | 'entry' | 'batch'
}

/** A line of a statement. */
export interface LineFacts {
  readonly number: number
  readonly kind: Kind
  readonly timeMs: number
  readonly change: number
  readonly balance: number
  /** Of a hold and others that change no balance. */
  readonly amount: number | undefined
  readonly expiresMs: number | undefined
  /** What it commits to, hex, and the record of the rule that it names. */
  readonly details: string | undefined
  readonly rule: number | undefined
  readonly signers: readonly { readonly by: string; readonly record: number | undefined }[]
  readonly isShown: boolean
  readonly isErased: boolean
}

export interface StatementFacts {
  readonly account: number
  readonly unit: string
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  /** Past its expiry, and not yet expired by an entry. */
  readonly overdue: number
  /** What is not held, by its dates; without what has none. */
  readonly lots: readonly {
    readonly maturesMs: number | undefined
    readonly expiresMs: number | undefined
    readonly amount: number
  }[]
  readonly holds: readonly { readonly amount: number; readonly untilMs: number }[]
  readonly status: 'open' | 'frozen' | 'closed' | 'merged'
  readonly asOfMs: number
  readonly lines: readonly LineFacts[]
  readonly owner: string | undefined
  readonly custodian: number | undefined
  readonly custodianDebits: number
  readonly recoveryAtOnce: boolean
  readonly isRecovering: boolean
  /** Of a merchant's account or a budget, which nobody holds. */
  readonly book?: BookFacts
}

/** What all entries of a merchant's account or a budget came to. */
export interface BookFacts {
  readonly of: 'merchant' | 'budget'
  readonly sums: readonly { readonly kind: Kind; readonly count: number; readonly change: bigint }[]
  /** What a merchant asked to be settled with, and was not. */
  readonly asked: number
}

/** What the two halves of a statement say where they do not meet. */
export interface Halves {
  readonly signedEntries: number
  readonly shownEntries: number
  readonly signedBalance: number
  readonly amounts: readonly number[]
}

export interface EntryFacts {
  readonly index: number
  readonly kind: Kind | 'batch' | 'seal'
  readonly timeMs: number
  readonly amount: number | undefined
  readonly debit: number | undefined
  readonly credit: number | undefined
  readonly outcome: string | undefined
  readonly decidedMs: number | undefined
}

interface PromiseFacts {
  readonly takenMs: number
  readonly deadlineMs: number
  readonly count: number
  readonly outcomes: readonly string[]
  readonly index: number
}

interface RefusedBatchFacts {
  readonly code: BatchRefusal
  readonly timeMs: number
  readonly size: number
  readonly kinds: readonly Kind[]
  readonly isFalse: boolean
}

export interface TotalsFacts {
  readonly days: number
  readonly asOfMs: number
  readonly accounts: number
  readonly units: readonly {
    readonly unit: number
    readonly issued: string
    readonly opened: string
    readonly redeemed: string
    readonly expired: string
    readonly reinstated: string
    readonly reversed: string
    readonly owed: string
  }[]
}

interface EvidenceFacts {
  readonly code: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** By whom and when it was found, in the file's own words. */
  readonly finder: string | undefined
}

/** What a check came to, without a word of any language but the verifier's own. */
export interface Verdict {
  readonly kind: CheckedKind
  readonly holds: boolean
  /** `half`: it proves nothing, for or against; `breaks` of evidence that holds, as it convicts. */
  readonly tone: 'fits' | 'breaks' | 'half'
  readonly code?: string
  /** The verifier's sentence, in English, with its figures. */
  readonly message?: string
  readonly log?: string
  readonly logSize?: number
  readonly steps: readonly Step[]
  readonly unchecked: readonly Unchecked[]
  readonly path?: PathFacts
  readonly signers: number
  readonly halves?: Halves
  readonly statement?: StatementFacts
  readonly entry?: EntryFacts
  readonly promise?: PromiseFacts
  readonly refusal?: RefusedBatchFacts
  readonly totals?: TotalsFacts
  readonly evidence?: EvidenceFacts
  readonly clockOff?: string
}
