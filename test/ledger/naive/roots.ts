import { hash as digest } from 'node:crypto'
import { setHasher } from '@chainsafe/persistent-merkle-tree'
import { hasher } from '@chainsafe/persistent-merkle-tree/hasher/as-sha256'
import {
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  UintNumberType,
} from '@chainsafe/ssz'
import { concatBytes, fromHex, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { isDated } from './lots.ts'
import { leaf, unitsOf } from './registry.ts'
import type { NaiveAccount, Parcel, State } from './state.ts'

const KINDS = { treasury: 1, budget: 2, member: 3, merchant: 4, expired: 5, series: 6 } as const
const STATUSES = { open: 0, frozen: 1, closed: 2, merged: 3 } as const
const ZERO = new Uint8Array(32)

// Its own hasher in WebAssembly, which is several times as fast as the one that it takes by itself.
setHasher(hasher)

// SPEC §6, in the words of the package.
const uint8 = new UintNumberType(1)
const uint32 = new UintNumberType(4)
const uint64 = new UintBigintType(8)
const uint128 = new UintBigintType(16)
const Bytes16 = new ByteVectorType(16)
const Bytes32 = new ByteVectorType(32)
/** Two numbers a lot: `matures · 2^32 + expires`, then its amount. */
const Lots = new ListBasicType(uint64, 2 ** 11)
const Hold = new ContainerType({ id: Bytes16, credit: uint32, amount: uint64, until: uint64, parts: Lots })
const Given = new ContainerType({ day: uint32, amount: uint64 })
const Recovery = new ContainerType({ key: Bytes32, due: uint64 })
const Grant = new ContainerType({ id: Bytes16, to: uint32, until: uint64, may: uint8 })
const Status = new ContainerType({ rule: uint32, tier: uint8, until: uint64 })
const Take = new ContainerType({ matures: uint32, expires: uint32, credit: uint32, amount: uint64 })
const More = new ContainerType({
  lots: Lots,
  holds: new ListCompositeType(Hold, 2 ** 4),
  given: Given,
  recovery: Recovery,
  grants: new ListCompositeType(Grant, 2 ** 5),
  taken: Given,
  takes: new ListCompositeType(Take, 2 ** 6),
  statuses: new ListCompositeType(Status, 2 ** 3),
})
const Terms = new ContainerType({ kind: uint8, unit: uint32, owner: Bytes32, opening: Bytes32 })
const Account = new ContainerType({
  terms: Terms,
  status: uint8,
  entries: uint64,
  time: uint64,
  credit: uint64,
  debit: uint64,
  head: Bytes32,
  more: Bytes32,
})
const Record = new ContainerType({ body: Bytes32, from: uint64, until: uint64, next: uint32 })
const Records = new ListCompositeType(Record, 2 ** 20)
const UnitTotals = new ContainerType({
  unit: uint32,
  issued: uint128,
  opened: uint128,
  redeemed: uint128,
  expired: uint128,
  reinstated: uint128,
  reversed: uint128,
  owed: uint128,
})
const Totals = new ContainerType({ salt: Bytes32, units: new ListCompositeType(UnitTotals, 2 ** 8) })
const Leaves = new ListCompositeType(Bytes32, 2 ** 13)
/** Of claims; and of accounts, whose list has the root of a list of their roots. */
const Roots = new ListCompositeType(Bytes32, 2 ** 32)

const max = (a: bigint, b: bigint) => (a > b ? a : b)
const hash = (...parts: readonly Uint8Array[]) => new Uint8Array(digest('sha256', concatBytes(...parts), 'buffer'))

const packed = (parcels: readonly Parcel[]): bigint[] =>
  parcels.flatMap(({ matures, expires, amount }) => [BigInt(matures) * 2n ** 32n + BigInt(expires), BigInt(amount)])

/** `more` of an account. */
function moreOf({
  kind,
  history,
  parcels,
  holds,
  gift,
  pending,
  grants,
  taken,
  takes,
  tiers,
}: NaiveAccount): Uint8Array {
  const claims = kind === 'series' ? history.flatMap(({ entries }) => entries).slice(1) : []
  if (claims.length > 0) return Roots.hashTreeRoot(claims.map(leaf))
  const lots = parcels.filter(isDated)
  const isNothing =
    lots.length === 0 && holds.length === 0 && grants.length === 0 && tiers.length === 0 && pending === undefined
  const days = [gift, taken]
  if (isNothing && takes.length === 0 && days.every(({ day, amount }) => day === 0 && amount === 0)) return ZERO
  return More.hashTreeRoot({
    lots: packed(lots),
    holds: holds.map(hold => ({
      id: fromHex(hold.id),
      credit: hold.credit,
      amount: BigInt(hold.amount),
      until: BigInt(hold.until),
      parts: packed(hold.parcels),
    })),
    given: { day: gift.day, amount: BigInt(gift.amount) },
    recovery: pending === undefined ? { key: ZERO, due: 0n } : { key: fromHex(pending.key), due: BigInt(pending.due) },
    grants: grants.map(({ id, to, until, may }) => ({ id: fromHex(id), to, until: BigInt(until), may })),
    taken: { day: taken.day, amount: BigInt(taken.amount) },
    takes: takes.map(take => ({ ...take, amount: BigInt(take.amount) })),
    statuses: tiers.map(one => ({ ...one, until: BigInt(one.until) })),
  })
}

/** Heads that were asked for, by the head before and the link: each is asked for again at every seal. */
const HEADS = new WeakMap<Uint8Array, WeakMap<Uint8Array, Uint8Array>>()
const HEAD_0 = hash(utf8Encode('tallystick/head/v1'))

function nextHead(head: Uint8Array, link: Uint8Array): Uint8Array {
  const after = HEADS.get(head) ?? new WeakMap<Uint8Array, Uint8Array>()
  HEADS.set(head, after)
  const next = after.get(link) ?? hash(head, link)
  after.set(link, next)
  return next
}

/** The head of an account, from all of its history: of a member a link an entry, of any other a link a batch. */
function headOf({ kind, history }: NaiveAccount): Uint8Array {
  const batches = history.map(({ entries }) => entries.map(leaf))
  const links = kind === 'member' ? batches.flat() : batches.map(leaves => Leaves.hashTreeRoot(leaves))
  return links.reduce(nextHead, HEAD_0)
}

function sealedAccount(account: NaiveAccount) {
  const { kind, unit, owner, opening, status, entries, time, balance } = account
  return {
    terms: { kind: KINDS[kind], unit, owner: owner === null ? ZERO : fromHex(owner), opening: leaf(opening) },
    status: STATUSES[status],
    entries: BigInt(entries),
    time: BigInt(time),
    credit: max(balance, 0n),
    debit: max(-balance, 0n),
    head: headOf(account),
    more: moreOf(account),
  }
}

/** Roots of accounts, with all that they were made of: few accounts change between two seals. */
const ROOTS = new WeakMap<NaiveAccount, { readonly state: string; readonly root: Uint8Array }>()

function rootOf(account: NaiveAccount): Uint8Array {
  const { history, opening: _, ...rest } = account
  // The entries are counted, and those that there are stay as they are.
  const state = JSON.stringify([rest, history.length], (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  const known = ROOTS.get(account)
  if (known?.state === state) return known.root
  const root = Account.hashTreeRoot(sealedAccount(account))
  ROOTS.set(account, { state, root })
  return root
}

/** What members and merchants of a unit have above zero. */
const owedOf = ({ accounts }: State, unit: number): bigint =>
  accounts
    .filter(account => account.unit === unit && (account.kind === 'member' || account.kind === 'merchant'))
    .reduce((owed, { balance }) => owed + max(balance, 0n), 0n)

/** Counts and roots of a seal, roots in hex. */
export interface NaiveSeal {
  readonly accounts: number
  readonly stateRoot: string
  readonly records: number
  readonly registryRoot: string
  /** By the salt of the seal. */
  readonly totalsRoot: (salt: Uint8Array) => string
}

export function rootsOf(state: State): NaiveSeal {
  const { accounts, records, totals } = state
  const none = { issued: 0n, opened: 0n, redeemed: 0n, expired: 0n, reinstated: 0n, reversed: 0n }
  const units = unitsOf(state).map(unit => ({ unit, ...none, ...totals.get(unit), owed: owedOf(state, unit) }))
  const sealed = records.map(({ bytes, from, until, next }) => ({
    body: leaf(bytes),
    from: BigInt(from),
    until: BigInt(until),
    next,
  }))
  return {
    accounts: accounts.length,
    stateRoot: toHex(Roots.hashTreeRoot(accounts.map(rootOf))),
    records: records.length,
    registryRoot: toHex(Records.hashTreeRoot(sealed)),
    totalsRoot: salt => toHex(Totals.hashTreeRoot({ salt, units })),
  }
}
