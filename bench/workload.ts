import { randomFillSync } from 'node:crypto'
import { type Draft, fromDraft, publicKeyOf, type SigningKey, signBatch } from '../src/client/index.ts'
import { publicKeyFromSeed } from '../src/core/crypto/ed25519.ts'
import { NO_LEDGER_ID, transactionsFrom } from '../src/core/entry/batch.ts'
import { ID_RANDOM_BYTES, makeId } from '../src/core/entry/id.ts'
import { encodeSubmission } from '../src/core/entry/submission.ts'
import { encodeTransaction } from '../src/core/entry/transaction.ts'
import { randomFrom, zipf } from './zipf.ts'

/** First line of the checkpoints, and name of the log's key. */
export const ORIGIN = 'bench.example/points'
/** Transactions of a batch that a platform's reward job signs. */
export const BATCH_TRANSACTIONS = 1000

function seedNumber(n: number): Uint8Array {
  const seed = new Uint8Array(32).fill(0x5e)
  new DataView(seed.buffer).setUint32(0, n)
  return seed
}

export const LOG_SEED = seedNumber(1)
export const SALT_SECRET = seedNumber(2)

// What `founding` makes, in its order.
const ROOT: SigningKey = { holder: { record: 0 }, seed: seedNumber(3) }
const REGISTRAR: SigningKey = { holder: { record: 1 }, seed: seedNumber(4) }
const TREASURER: SigningKey = { holder: { record: 2 }, seed: seedNumber(5) }
/** May read every entry. */
export const AUDITOR: SigningKey = { holder: { record: 3 }, seed: seedNumber(6) }
export const UNIT = 4
export const RULE = 5
/** Signs the reward batches, and may read every account. */
export const ISSUER: SigningKey = { holder: { record: 6 }, seed: seedNumber(7) }
const TREASURY = 0
export const BUDGET = 1
/** Member `m` has account `FIRST_MEMBER + m`. */
export const FIRST_MEMBER = 2
const FUNDED = 2 ** 50

/** Members whose statement is asked for: they get exactly `SAMPLE_ENTRIES` entries, the rest of the workload none. */
export const SAMPLES = 50
/** Entries of a sampled account: its opening, issues, and redemptions of its own. */
export const SAMPLE_ENTRIES = 100
const SAMPLE_REDEMPTIONS = 10
const SAMPLE_ISSUES = SAMPLE_ENTRIES - SAMPLE_REDEMPTIONS - 1
/**
 * How many of a batch's issues go to sampled accounts until they have theirs: each account's lie in batches far apart.
 */
const SAMPLES_A_BATCH = 32

/** The accounts of the sampled members. */
export const SAMPLE_ACCOUNTS: readonly number[] = Array.from({ length: SAMPLES }, (_, m) => FIRST_MEMBER + m)

/** Distinct owner keys: a million would take half a minute to make, and a verification costs the same under any. */
const OWNER_KEYS = 1024
const owners: { seed: Uint8Array; publicKey: Uint8Array }[] = []

function ownerOf(account: number): { seed: Uint8Array; publicKey: Uint8Array } {
  const n = account % OWNER_KEYS
  owners[n] ??= { seed: seedNumber(1000 + n), publicKey: publicKeyFromSeed(seedNumber(1000 + n)) }
  return owners[n]
}

/** Points that each member can spend of what was signed so far; shared by the threads that sign. */
export type Balances = Int32Array<SharedArrayBuffer>

/** Balances of so many members, all zero. */
export function newBalances(members: number): Balances {
  return new Int32Array(new SharedArrayBuffer(4 * members))
}

/** Random bytes from a pool: the pool is filled in one call, and no byte is given out twice. */
class RandomBytes {
  readonly #pool = new Uint8Array(65_536)
  #at = this.#pool.length

  take(length: number): Uint8Array {
    if (this.#at + length > this.#pool.length) {
      randomFillSync(this.#pool)
      this.#at = 0
    }
    this.#at += length
    return this.#pool.slice(this.#at - length, this.#at)
  }
}

const random = new RandomBytes()

/** A batch of these transactions as it is submitted in CBOR. */
function sign(ledgerId: Uint8Array, key: SigningKey, drafts: readonly Draft[]): Uint8Array {
  const now = Date.now()
  const list = drafts.map(draft => encodeTransaction(fromDraft(draft, makeId(now, random.take(ID_RANDOM_BYTES)))))
  return encodeSubmission(signBatch([key], ledgerId, transactionsFrom(list)), list)
}

/**
 * Submissions that make a ledger with one unit, one rule, a treasury, and a budget that never runs dry; each is signed
 * when it is asked for, as all but the first are signed for the ledger that the first makes.
 *
 * @param terms - the leaf hash of the transaction that defines the unit, once there is one.
 */
export function* founding(
  ledgerId: () => Uint8Array | undefined,
  terms: (unit: number) => Uint8Array,
): Generator<Uint8Array> {
  const opening = (accountKind: 'treasury' | 'budget') =>
    ({ kind: 'open-account', unit: UNIT, terms: terms(UNIT), nonce: new Uint8Array(32), accountKind }) as const
  const key = (role: 'registrar' | 'treasurer' | 'auditor' | 'issuer', of: SigningKey, scope: number[] = []) =>
    ({ kind: 'register-key', key: publicKeyOf(of), role, scope }) as const
  const steps: (readonly [SigningKey, () => Draft[]])[] = [
    [
      ROOT,
      () => [
        {
          kind: 'genesis',
          origin: ORIGIN,
          logKey: publicKeyFromSeed(LOG_SEED),
          roots: [publicKeyOf(ROOT)],
          // Batches are signed minutes before they are submitted, where there are many.
          skewMs: 3_600_000,
          promiseMs: 60_000,
        },
      ],
    ],
    [
      ROOT,
      () => [
        key('registrar', REGISTRAR),
        key('treasurer', TREASURER),
        key('auditor', AUDITOR),
        { kind: 'define-unit', name: 'coins', cap: FUNDED },
        { kind: 'publish-rule', name: 'reward', digest: new Uint8Array(32).fill(1), budgets: [BUDGET] },
      ],
    ],
    [TREASURER, () => [opening('treasury')]],
    [TREASURER, () => [opening('budget')]],
    [TREASURER, () => [{ kind: 'fund', debit: TREASURY, credit: BUDGET, amount: FUNDED }]],
    [ROOT, () => [key('issuer', ISSUER, [BUDGET])]],
  ]
  for (const [by, drafts] of steps) yield sign(ledgerId() ?? NO_LEDGER_ID, by, drafts())
}

/**
 * Signed submissions of one ledger, Zipf-distributed over its members. The only place that knows what a transaction is
 * made of.
 */
export class Workload {
  readonly #ledgerId: Uint8Array
  readonly #balances: Balances
  readonly #random: () => number
  readonly #draw: () => number
  #sampled = 0

  /** @param seed - another one in every thread, so that no two draw the same. */
  constructor(ledgerId: Uint8Array, balances: Balances, seed: number) {
    this.#ledgerId = ledgerId
    this.#balances = balances
    this.#random = randomFrom(seed)
    this.#draw = zipf(balances.length - SAMPLES, this.#random)
  }

  /**
   * A batch that opens the next `count` member accounts, of which the first is to have number `FIRST_MEMBER + member`.
   */
  openings(member: number, count: number, terms: (unit: number) => Uint8Array): Uint8Array {
    const drafts = Array.from({ length: count }, (_, i): Draft => {
      const owner = ownerOf(FIRST_MEMBER + member + i).publicKey
      return {
        kind: 'open-account',
        accountKind: 'member',
        unit: UNIT,
        terms: terms(UNIT),
        owner,
        nonce: random.take(32),
      }
    })
    return sign(this.#ledgerId, REGISTRAR, drafts)
  }

  /** A reward job's batch: `count` issues under one signature, each with a rule and a commitment to its details. */
  issues(count = BATCH_TRANSACTIONS): Uint8Array {
    return this.issuesTo(Array.from({ length: count }, () => this.#member()))
  }

  /** As `issues`, some of them to sampled members until they have theirs. */
  issuesAlsoToSamples(): Uint8Array {
    const members = Array.from({ length: BATCH_TRANSACTIONS }, (_, i) => {
      if (i >= SAMPLES_A_BATCH || this.#sampled >= SAMPLES * SAMPLE_ISSUES) return this.#member()
      return this.#sampled++ % SAMPLES
    })
    return this.issuesTo(members)
  }

  /** One batch of issues, one to each of these members. */
  issuesTo(members: readonly number[]): Uint8Array {
    const drafts = members.map((member): Draft => {
      const amount = 10 + Math.floor(this.#random() * 90)
      this.#balances[member]! += amount
      const [credit, details] = [FIRST_MEMBER + member, random.take(32)]
      return { kind: 'issue', debit: BUDGET, credit, amount, rule: RULE, details }
    })
    return sign(this.#ledgerId, ISSUER, drafts)
  }

  /** One redemption, signed by the owner: a batch of one. */
  redemption(): Uint8Array {
    // Ten points are left for other threads, which draw from the same balances.
    for (let tries = 0; tries < 100_000; tries++) {
      const member = this.#member()
      if (this.#balances[member]! > 10) return this.#redeem(member)
    }
    throw new Error('nobody has points to spend: issue some first')
  }

  /** The redemptions of the sampled members. */
  sampleRedemptions(): Uint8Array[] {
    return Array.from({ length: SAMPLES * SAMPLE_REDEMPTIONS }, (_, i) => this.#redeem(i % SAMPLES))
  }

  #redeem(member: number): Uint8Array {
    this.#balances[member]! -= 1
    const account = FIRST_MEMBER + member
    return sign(this.#ledgerId, { holder: { account }, seed: ownerOf(account).seed }, [
      { kind: 'redeem', debit: account, credit: TREASURY, amount: 1, details: random.take(32) },
    ])
  }

  #member(): number {
    return SAMPLES + this.#draw()
  }
}
