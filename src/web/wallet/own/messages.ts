import type { Kind, TransactionOf } from '../../../core/entry/transaction.ts'
import type { OnEntries } from '../../verify/check-statement.ts'
import type { Verdict } from '../../verify/verdict.ts'
import type { HeadFinding } from '../head-finding.ts'

/** A wallet that this device keeps. */
export interface KeptWallet {
  readonly name: string
  readonly account: number
  readonly origin: string
  readonly unit: string | undefined
  /** Whether its key is kept, too, under a passphrase. */
  readonly hasKey: boolean
}

/** A key that was just made here. */
export interface MadeKey {
  readonly file: Uint8Array
  /** What the shop opens an account with, hex. */
  readonly publicKey: string
  readonly nonce: string
}

/** What of an account only its owner's wallet asks for, besides the statement. */
export interface OwnFacts {
  /** Whether the key here is the owner's now. */
  readonly isOwner: boolean
  readonly holds: readonly {
    readonly id: string
    readonly credit: number
    readonly amount: number
    readonly untilMs: number
  }[]
  readonly consents: readonly {
    readonly id: string
    readonly to: number
    /** 0: see details; 1: take points. */
    readonly may: number
    readonly untilMs: number | undefined
  }[]
  readonly recovery: { readonly keys: readonly string[]; readonly need: number; readonly delayMs: number } | undefined
  /** A recovery under way: the key that would be put in place, and from when on. */
  readonly recovering: { readonly key: string; readonly dueMs: number } | undefined
  /** Record of the unit: what its policy allows, the registry says. */
  readonly unitRecord: number
}

/** A look at the account. */
export interface OwnLook {
  readonly verdict: Verdict
  readonly own: OwnFacts | undefined
  readonly statement: Uint8Array
  readonly card: Uint8Array | undefined
  readonly policy: Uint8Array
  readonly policyFrom: 'ledger' | 'yours'
  /** Whether the key is open, and whether this device keeps it. */
  readonly hasKey: boolean
  readonly isKeyKept: boolean
  /** When it was checked, by the clock of this device. */
  readonly atMs: number
  /** What the checkpoint is to the one before; undefined of what was kept. */
  readonly head: HeadFinding | undefined
  /** Why nothing newer is shown; undefined where this is the newest. */
  readonly away: string | undefined
  readonly sent: readonly SentFacts[]
}

/** What was sent, and not answered yet. */
export interface SentFacts {
  readonly id: string
  readonly entry: Uint8Array
  readonly atMs: number
}

/** What the policy of her unit allows, proven by the registry. */
export interface UnitPolicyFacts {
  readonly name: string
  readonly step: number
  readonly giftEach: number
  readonly giftDay: number
  readonly holdMaxMs: number
  /** The treasury of the unit, as the ledger says. */
  readonly treasury: number | undefined
}

/** An act of the owner, as she says it. */
export type OwnAct =
  | { readonly kind: 'redeem' | 'transfer'; readonly to: number; readonly amount: number }
  | { readonly kind: 'hold'; readonly to: number; readonly amount: number; readonly untilMs: number }
  | {
      readonly kind: 'grant'
      readonly to: number
      readonly may: 0 | 1
      readonly untilMs: number
      readonly terms: string
    }
  | { readonly kind: 'withdraw'; readonly grant: string }
  | { readonly kind: 'veto' }

export type OwnKind = OwnAct['kind']

/** An act, made, and read again from the very bytes that are signed. */
export interface Prepared {
  readonly entry: Uint8Array
  readonly transaction: TransactionOf<OwnKind>
  readonly ledgerId: string
  /** Of a consent: who it is given to, by the registry. */
  readonly to: { readonly role: string; readonly key: string } | undefined
}

/** What the ledger signed for her. */
export interface Paper {
  readonly name: string
  readonly kind: 'promise' | 'receipt' | 'refusal' | 'evidence' | 'terms'
  readonly bytes: Uint8Array
  readonly atMs: number
  readonly account: number
  /** What it is about. */
  readonly about: Kind | undefined
  readonly outcome: string
  /** What was handed in, and the signed answer, as far as there is one. */
  readonly complaint?: ComplaintReply
}

/** What was answered to a paper that was handed in. */
export interface ComplaintReply {
  readonly id: string
  readonly at: string
  readonly deadline: string
  readonly receipt: string
  readonly answer?: { readonly text: string; readonly upheld: boolean; readonly note: string } | undefined
  /** Whether the key of the shop that signed it is one of the registry. */
  readonly isProven: boolean
}

/** What became of what was sent. */
export type SendResult =
  | { readonly became: 'accepted'; readonly index: number }
  /** In the log, and refused there: the receipt proves it. */
  | { readonly became: 'refused'; readonly outcome: string; readonly index: number }
  /** Refused whole, by a signed refusal or a word. */
  | { readonly became: 'turned-away'; readonly code: string; readonly message: string; readonly isSigned: boolean }
  /** No answer came. */
  | { readonly became: 'lost' }
  /** The answer does not hold. */
  | { readonly became: 'false'; readonly code: string; readonly message: string }

/** A witness of the policy, and what it says. */
export interface WitnessFinding {
  readonly name: string
  readonly says: 'same' | 'grown' | 'older' | 'apart' | 'unshown' | 'silent' | 'no-address'
  readonly size: number | undefined
  readonly evidence: Uint8Array | undefined
}

/** What a friend's code is to what is known here. */
export interface FriendFinding {
  readonly is: 'same' | 'grown' | 'older' | 'apart' | 'unshown'
  readonly size: number
  readonly evidence: Uint8Array | undefined
}

/** What the thread of the wallet does. */
export interface OwnJobs {
  kept(): Promise<readonly KeptWallet[]>
  make(): Promise<MadeKey>
  /** @param files - untrusted: key, card, policy. @throws OwnError. */
  open(files: readonly Uint8Array[], kept: string | undefined, passphrase: string | undefined): Promise<number>
  look(): Promise<OwnLook>
  terms(): Promise<UnitPolicyFacts>
  prepare(act: OwnAct): Promise<Prepared>
  send(entry: Uint8Array): Promise<SendResult>
  keepKey(passphrase: string): Promise<void>
  lockedFile(passphrase: string): Promise<Uint8Array>
  forget(): Promise<void>
  papers(): Promise<readonly Paper[]>
  complain(name: string, words: string): Promise<Paper>
  asked(name: string): Promise<Paper>
  details(commitment: string): Promise<{ readonly salt: Uint8Array; readonly text: string }>
  /** The checkpoint for a friend to compare. */
  headText(): Promise<string>
  compare(text: string): Promise<FriendFinding>
  witnesses(): Promise<readonly WitnessFinding[]>
  /** @param files - untrusted: card, recovery keys, policy. @param newKey - its file; undefined to finish. */
  recover(
    files: readonly Uint8Array[],
    newKey: Uint8Array | undefined,
    passphrase: string | undefined,
  ): Promise<SendResult>
}

export type OwnJob = keyof OwnJobs

/** What is sent to the thread, and what comes back. */
export interface OwnCall {
  readonly id: number
  readonly job: OwnJob
  readonly args: readonly unknown[]
}

export type OwnReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: string; readonly message: string }
  | { readonly done: number; readonly total: number }

export type { OnEntries }
