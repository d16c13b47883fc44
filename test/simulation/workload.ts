import { signerName } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { batchMessage, NO_GROUPS, NO_LEDGER_ID, transactionsFrom } from '../../src/core/entry/batch.ts'
import type { Group } from '../../src/core/entry/group.ts'
import { ID_RANDOM_BYTES, makeId } from '../../src/core/entry/id.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { encodeTransaction, type Kind } from '../../src/core/entry/transaction.ts'
import {
  ANNA,
  BERT,
  beginning,
  CUSTODIAN,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  REGISTRAR,
  ROOT,
  SOURCE,
  seedOf,
  TREASURER,
  WARD,
} from '../ledger/beginning.ts'
import { type Command, draftOf } from '../ledger/commands.ts'
import { keyOf, leafOf, type NaiveLedger, type NaiveSigner } from '../ledger/naive/index.ts'
import { inOrder } from '../ledger/rehearsal.ts'
import { type Draft, fromDraft } from '../world.ts'
import type { Random } from './random.ts'

/** A batch that somebody hands in. */
export interface Call {
  readonly bytes: Uint8Array
  readonly list: readonly Uint8Array[]
  readonly groups: readonly Group[]
  /** Whether its signatures are none. */
  readonly isForged: boolean
}

/** The skew of the world's ledger: so late a batch may come. */
const SKEW_MS = 60_000

const KINDS: Readonly<Partial<Record<Kind, number>>> = {
  issue: 30,
  redeem: 16,
  hold: 14,
  capture: 10,
  release: 5,
  reverse: 14,
  transfer: 6,
  expire: 3,
  claim: 8,
  settle: 3,
  'ask-settle': 2,
  take: 2,
  collect: 2,
  convert: 3,
  fund: 4,
  'opening-balance': 3,
  'open-account': 5,
  'register-key': 1,
  'publish-rule': 1,
  'set-budget': 1,
  'set-status': 2,
  freeze: 1,
  unfreeze: 1,
  grant: 3,
  withdraw: 1,
  disclose: 1,
  recover: 1,
  veto: 1,
  'set-custody': 1,
}

const RECORDS: Readonly<Partial<Record<Kind, readonly number[]>>> = {
  issue: [ISSUER],
  'opening-balance': [SOURCE],
  capture: [MERCHANT],
  release: [MERCHANT],
  'ask-settle': [MERCHANT],
  settle: [TREASURER],
  fund: [TREASURER],
  expire: [OPERATOR],
  disclose: [OPERATOR],
  'register-key': [ROOT],
  'publish-rule': [ROOT],
  'set-budget': [ROOT],
  'set-status': [ISSUER],
  freeze: [REGISTRAR],
  unfreeze: [REGISTRAR],
  'open-account': [REGISTRAR],
}

/** Batches by members, issuers and merchants: most of them as they should be, some not. */
export class Workload {
  readonly #naive: NaiveLedger
  readonly #ledgerId: () => Uint8Array | undefined

  /** @param naive - the ledger as far as it is durable. @param ledgerId - its id, once there is one. */
  constructor(naive: NaiveLedger, ledgerId: () => Uint8Array | undefined) {
    this.#naive = naive
    this.#ledgerId = ledgerId
  }

  /** What everything begins with: each is made when the one before was taken. */
  *beginning(nowMs: () => number, random: Random): Generator<Call> {
    for (const { signers, drafts } of beginning({ skewMs: SKEW_MS }, record => leafOf(this.#naive, record)))
      yield this.#signed(
        signers,
        drafts.map(draft => entryOf(draft, nowMs(), random)),
        NO_GROUPS,
      )
  }

  /** A batch of some commands. */
  call(nowMs: number, random: Random, count: number): Call {
    const kind = random.weighed(KINDS as Record<Kind, number>)
    const isUsual = random.chance(0.85)
    const list = Array.from({ length: count }, () => {
      const offset = random.chance(0.05) ? random.pick([-SKEW_MS - 1, -SKEW_MS / 2, SKEW_MS / 2, 2 * SKEW_MS]) : 0
      const command = commandOf(kind, isUsual, random)
      return entryOf(draftOf(command, this.#naive, nowMs), nowMs + offset, random)
    })
    const isGrouped = count > 1 && random.chance(0.3) && !ALONE.has(kind)
    const groups = isGrouped ? [{ first: 0, count: 2 }] : NO_GROUPS
    return this.#signed(isUsual ? this.#entitled(kind, random) : this.#anybody(random), list, groups)
  }

  /** A batch of before: as it was, its transactions among others, or under their ids something else. */
  again(before: Call, nowMs: number, random: Random): Call {
    const how = random.below(3)
    if (how === 0) return before
    const other = this.call(nowMs, random, 1)
    const list = how === 1 ? [...before.list, ...other.list] : before.list.map(bytes => withOtherEnd(bytes, random))
    return this.#signed([{ record: ISSUER }, { account: ANNA }], list, NO_GROUPS)
  }

  /** A batch that nobody signed who could. */
  forge(nowMs: number, random: Random): Call {
    const call = this.call(nowMs, random, 1)
    const bytes = encodeSubmission(this.#signatures([{ record: ISSUER }], call.list, NO_GROUPS, key(99)), call.list)
    return { ...call, bytes, groups: NO_GROUPS, isForged: true }
  }

  #entitled(kind: Kind, random: Random): NaiveSigner[] {
    if (kind === 'reverse') return [random.chance(0.6) ? { record: MERCHANT } : { record: ISSUER }]
    if (kind === 'recover')
      return [0, 1].map(recovery => ({ account: random.chance(0.5) ? ANNA : BERT, recovery })).slice(0, 2)
    const records = RECORDS[kind]
    if (records !== undefined) return records.map(record => ({ record }))
    return [random.pick([{ account: ANNA }, { account: ANNA }, { account: BERT }, { record: CUSTODIAN }])]
  }

  #anybody(random: Random): NaiveSigner[] {
    return [
      random.chance(0.5)
        ? { record: random.below(16) }
        : { account: random.pick([ANNA, BERT, WARD, random.below(12)]) },
    ]
  }

  #signed(by: readonly NaiveSigner[], list: readonly Uint8Array[], groups: readonly Group[]): Call {
    const signers = inOrder(by).filter((one, i, all) => i === 0 || nameOf(one) !== nameOf(all[i - 1]!))
    const bytes = encodeSubmission(this.#signatures(signers, list, groups), list, groups)
    return { bytes, list, groups, isForged: false }
  }

  #signatures(signers: readonly NaiveSigner[], list: readonly Uint8Array[], groups: readonly Group[], by?: Uint8Array) {
    const names = signers.map(signer => signerName(signer))
    const message = batchMessage(this.#ledgerId() ?? NO_LEDGER_ID, names, transactionsFrom(list, groups))
    return signers.map((signer, i) => {
      const publicKey = by === undefined ? this.#keyOf(signer) : toHex(by)
      return { ...names[i]!, ed25519: signEd25519(seedOf(publicKey), message) }
    })
  }

  /** The public key of a signer, in hex; of who has none, some other. */
  #keyOf(signer: NaiveSigner): string {
    const naive = this.#naive
    if ('account' in signer) {
      const account = naive.accounts[signer.account]
      const { recovery } = signer
      if (recovery === undefined) return account?.owner ?? toHex(key(1))
      return toHex(account?.recovery?.keys[recovery] ?? key(1))
    }
    if (naive.records.length === 0) return toHex(key(91 + signer.record))
    return keyOf(naive, signer.record)?.key ?? toHex(key(1))
  }
}

const ALONE: ReadonlySet<Kind> = new Set(['register-key', 'publish-rule', 'set-budget'] as const)

function nameOf(signer: NaiveSigner): string {
  return JSON.stringify(signer)
}

function entryOf(draft: Draft, timeMs: number, random: Random): Uint8Array {
  return encodeTransaction(fromDraft(draft, makeId(Math.floor(timeMs), random.bytes(ID_RANDOM_BYTES))))
}

/** Other bytes under the same id, which may be no transaction any more. */
function withOtherEnd(bytes: Uint8Array, random: Random): Uint8Array {
  const other = bytes.slice()
  other[other.length - 1]! ^= 1 << random.below(3)
  return other
}

function commandOf(kind: Kind, isUsual: boolean, random: Random): Command {
  return {
    kind,
    isUsual,
    a: random.below(11),
    b: random.below(11),
    record: random.below(17),
    amount: random.chance(0.95) ? 1 + random.below(40) : random.pick([1000, 2 ** 52]),
    matures: random.pick([0, 0, 0, 1, 2]),
    life: random.pick([0, 0, 1, 2, 3]),
    pick: random.below(30),
    n: random.below(4),
    offset: 0,
    random: 0,
    cites: random.below(40),
    again: null,
  }
}
