import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  UintNumberType,
} from '@chainsafe/ssz'
import { decode } from 'cborg'

/**
 * A verifier of statements as someone would write it who has SPEC.md and nothing else of ours: §2, §4, §5, §6, §10.
 * Made of other people's parts (cborg, @chainsafe/ssz, node:crypto), with no import from `src`. It says `false` where
 * ours names the reason.
 */

const H = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leafHash = (entry: Uint8Array) => H(Buffer.of(0), entry)
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const Bytes32 = new ByteVectorType(32)
const [uint8, uint32, uint64] = [new UintNumberType(1), new UintNumberType(4), new UintNumberType(8)]
const Account = new ContainerType({
  terms: new ContainerType({ kind: uint8, unit: uint32, owner: Bytes32, opening: Bytes32 }),
  status: uint8,
  entries: uint64,
  time: uint64,
  credit: uint64,
  debit: uint64,
  head: Bytes32,
  more: Bytes32,
})
const RecordType = new ContainerType({ body: Bytes32, from: uint64, until: uint64, next: uint32 })
const LeafList = new ListCompositeType(Bytes32, 2 ** 13)

type Cbor = number | string | Uint8Array | null | Cbor[]
type Path = Uint8Array[]
type AccountFields = [
  number: number,
  kind: number,
  unit: number,
  owner: Uint8Array | null,
  opening: Uint8Array,
  status: number,
  entries: number,
  time: number,
  credit: number,
  debit: number,
  head: Uint8Array,
  more: Uint8Array,
]
type Statement = [
  tag: string,
  checkpoint: Uint8Array,
  seal: [Uint8Array, Path],
  account: AccountFields,
  accountPath: Path,
  since: number,
  lines: Uint8Array[],
  links: unknown[],
  batches: [index: number, batch: Uint8Array, path: Path][],
  places: [line: number, at: number, position: number, path: Path][],
  records: [number, entry: Uint8Array, at: number, position: number, path: Path, until: number, next: number, Path][],
  series: unknown[],
]
type Signature = [type: number, signer: number, ed25519: Uint8Array]

/** A batch that is in the log. */
interface Batch {
  readonly index: number
  readonly time: number
  readonly signatures: readonly Signature[]
  readonly groups: readonly (readonly [first: number, count: number])[]
  readonly count: number
  readonly root: Uint8Array
  readonly statuses: Uint8Array
}

/** A record of the registry, proven. */
interface Known {
  readonly transaction: Cbor[]
  readonly from: number
  readonly until: number
}

interface Lot {
  readonly matures: number
  readonly expires: number
  amount: number
}
interface Hold {
  readonly id: Uint8Array
  readonly credit: number
  readonly amount: number
  readonly until: number
  readonly parts: Lot[]
}
const Lots = new ListBasicType(new UintBigintType(8), 2 ** 11)
const More = new ContainerType({
  lots: Lots,
  holds: new ListCompositeType(
    new ContainerType({
      id: new ByteVectorType(16),
      credit: uint32,
      amount: uint64,
      until: uint64,
      parts: Lots,
    }),
    2 ** 4,
  ),
  given: new ContainerType({ day: uint32, amount: uint64 }),
  recovery: new ContainerType({ key: Bytes32, due: uint64 }),
  grants: new ListCompositeType(
    new ContainerType({ id: new ByteVectorType(16), to: uint32, until: uint64, may: uint8 }),
    2 ** 5,
  ),
  taken: new ContainerType({ day: uint32, amount: uint64 }),
  takes: new ListCompositeType(
    new ContainerType({ matures: uint32, expires: uint32, credit: uint32, amount: uint64 }),
    2 ** 6,
  ),
  statuses: new ListCompositeType(new ContainerType({ rule: uint32, tier: uint8, until: uint64 }), 2 ** 3),
})
/** A lot is two numbers. */
const packed = (lots: readonly Lot[]) =>
  lots.flatMap(({ matures, expires, amount }) => [(BigInt(matures) << 32n) + BigInt(expires), BigInt(amount)])
const QUARTER = 900_000
const total = (lots: readonly { readonly amount: number }[]) => lots.reduce((sum, { amount }) => sum + amount, 0)

/** §6 for `issue`, `redeem`, `expire`, `hold`, `capture`, `release` and `reverse`, of an account that owes nothing. */
class Holdings {
  balance = 0
  lots: Lot[] = [{ matures: 0, expires: 0, amount: 0 }]
  holds: Hold[] = []
  readonly #took = new Map<string, { parts: Lot[]; reversed: number }>()

  /** Whether the account takes an entry of its own time `t` at ledger time `T`. */
  take(tx: Cbor[], account: number, t: number, T: number): boolean {
    const [kind, id, first, second, third, fourth, fifth] = tx as [number, Uint8Array, ...number[]]
    const [amount, key] = [third!, Buffer.from(id).toString('hex')]
    if (kind !== 12 && first !== account && second !== account) return false
    if (kind === 7) {
      if (second !== account || (fifth! > 0 && fifth! * QUARTER <= t)) return false
      this.#add([{ matures: fourth!, expires: fifth!, amount }])
      this.balance += amount
      return true
    }
    if (kind === 8) {
      const parts = this.#spend(amount, T)
      this.#took.set(key, { parts, reversed: 0 })
      this.balance -= amount
      return first === account && total(parts) === amount
    }
    if (kind === 9) {
      const past = this.lots.filter(({ expires }) => expires > 0 && expires * QUARTER <= T)
      this.lots = this.lots.filter(lot => !past.includes(lot))
      this.balance -= amount
      return first === account && total(past) === amount
    }
    if (kind === 10) {
      const parts = this.#spend(amount, T)
      this.holds.push({ id, credit: second!, amount, until: fourth!, parts })
      return first === account && total(parts) === amount && fourth! > T && this.holds.length <= 16
    }
    if (kind === 11 || kind === 12) {
      const named = (kind === 11 ? tx[5] : tx[3]) as Uint8Array
      const hold = this.holds.find(one => same(one.id, named))
      if (hold === undefined || (kind === 11 && (hold.credit !== second || hold.until <= T))) return false
      const gone = kind === 11 ? amount : 0
      const parts = hold.parts.map(lot => ({ ...lot }))
      const left = draw(parts, gone)
      this.holds = this.holds.filter(one => one !== hold)
      this.#add(parts)
      this.#took.set(key, { parts: left, reversed: 0 })
      this.balance -= gone
      return gone <= hold.amount
    }
    if (kind === 13 && second === account) {
      const original = this.#took.get(Buffer.from(tx[5] as Uint8Array).toString('hex'))
      if (original === undefined) return false
      const backwards = original.parts.map(lot => ({ ...lot })).reverse()
      draw(backwards, original.reversed)
      const back = draw(backwards, amount)
      original.reversed += amount
      this.#add(back.reverse())
      this.balance += amount
      return total(back) === amount
    }
    return false
  }

  root(): Uint8Array {
    const lots = this.lots.filter(({ matures, expires }) => matures + expires > 0)
    if (lots.length + this.holds.length === 0) return new Uint8Array(32)
    const day = { day: 0, amount: 0 }
    const recovery = { key: new Uint8Array(32), due: 0 }
    const none = { given: day, recovery, grants: [], taken: day, takes: [], statuses: [] }
    const holds = this.holds.map(hold => ({ ...hold, parts: packed(hold.parts) }))
    return More.hashTreeRoot({ lots: packed(lots), holds, ...none })
  }

  #add(lots: readonly Lot[]): void {
    for (const { matures, expires, amount } of lots) {
      const same = this.lots.find(lot => lot.matures === matures && lot.expires === expires)
      if (same === undefined) this.lots.push({ matures, expires, amount })
      else same.amount += amount
    }
    this.lots.sort((a, b) => (a.expires || Infinity) - (b.expires || Infinity) || a.matures - b.matures)
    this.lots = this.lots.filter(({ amount }) => amount > 0)
  }

  #spend(amount: number, T: number): Lot[] {
    const ripe = (lot: Lot) => lot.matures * QUARTER <= T && (lot.expires === 0 || lot.expires * QUARTER > T)
    const taken = draw(this.lots.filter(ripe), amount)
    this.#add([])
    return taken
  }
}

/** Takes an amount out of lots, one after another; what it took of each. */
function draw(lots: readonly Lot[], amount: number): Lot[] {
  let left = amount
  const taken: Lot[] = []
  for (const lot of lots) {
    const some = Math.min(left, lot.amount)
    if (some > 0) taken.push({ ...lot, amount: some })
    lot.amount -= some
    left -= some
  }
  return taken
}

const fields = <T extends Cbor>(entry: Uint8Array, type: number): T => {
  if (entry[0] !== type) throw new Error('another type of entry')
  return decode(entry.subarray(1), { strict: true }) as T
}

export function ed25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

/** RFC 9162 §2.1.3.2. */
function isIncluded(index: number, size: number, leaf: Uint8Array, path: Uint8Array[], root: Uint8Array): boolean {
  let [fn, sn, r]: [number, number, Uint8Array] = [index, size - 1, leaf]
  if (fn > sn) return false
  for (const p of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      r = H(Buffer.of(1), p, r)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else r = H(Buffer.of(1), r, p)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && same(r, root)
}

/** §2: the list root that a list path leads to. */
function listRoot(item: Uint8Array, index: number, path: Uint8Array[], depth: number, length: number): Uint8Array {
  if (index >= length || path.length !== Math.ceil(Math.log2(length))) throw new Error('no such item')
  let top = path.reduce((hash, sibling, i) => ((index / 2 ** i) & 1 ? H(sibling, hash) : H(hash, sibling)), item)
  let zero: Uint8Array = Buffer.alloc(32)
  for (let level = 0; level < depth; level++) {
    if (level >= path.length) top = H(top, zero)
    zero = H(zero, zero)
  }
  const chunk = Buffer.alloc(32)
  chunk.writeBigUInt64LE(BigInt(length))
  return H(top, chunk)
}

/** The balance that a statement proves under the log's key, or false. Of a statement from its beginning on. */
export function balanceProven(bytes: Uint8Array, origin: string, logKey: Uint8Array): number | false {
  try {
    return prove(decode(bytes, { strict: true }) as Statement, origin, logKey)
  } catch {
    return false
  }
}

function prove(statement: Statement, origin: string, logKey: Uint8Array): number | false {
  const [tag, note, [sealEntry, sealPath], account, accountPath, since, lines, links, shown, places, records, series] =
    statement
  if (tag !== 'tallystick/statement/v1' || since !== 0 || statement.length !== 12) return false
  if (links.length > 0 || series.length > 0) return false
  const text = Buffer.from(note).toString('utf8')
  const body = text.slice(0, text.lastIndexOf('\n\n') + 1)
  const signature = Buffer.from(/\n\u2014 \S+ (\S+)\n$/.exec(text)![1]!, 'base64').subarray(4)
  const [name, sizeText, rootText] = body.split('\n')
  const [size, root] = [Number(sizeText), Buffer.from(rootText!, 'base64')]
  if (name !== origin || !ed25519(logKey, Buffer.from(body), signature)) return false
  if (!isIncluded(size - 1, size, leafHash(sealEntry), sealPath, root)) return false
  const seal = fields<[number, number, number, number, Uint8Array, number, Uint8Array, Uint8Array]>(sealEntry, 3)
  const [version, , sealTime, accounts, stateRoot, recordCount, registryRoot] = seal
  const [number, kind, unit, owner, opening, status, entries, time, credit, debit, head, more] = account
  const terms = { kind, unit, owner: owner ?? new Uint8Array(32), opening }
  const accountRoot = Account.hashTreeRoot({ terms, status, entries, time, credit, debit, head, more })
  if (version !== 1 || !same(listRoot(accountRoot, number, accountPath, 32, accounts), stateRoot)) return false
  if (lines.length !== entries || kind !== 3 || owner === null) return false

  // The batches, the first of which is that of genesis.
  const ledgerId = leafHash(shown[0]![1])
  const batches = shown.map(([index, entry, path], i): Batch => {
    const isNext = i === 0 ? index === 0 : index > shown[i - 1]![0]
    if (!isNext || !isIncluded(index, size, leafHash(entry), path, root)) throw new Error('no such batch')
    const [rules, at, signatures, groups, count, batchRoot, statuses] = fields<
      [number, number, Signature[], [number, number][], number, Uint8Array, Uint8Array]
    >(entry, 1)
    if (rules !== 1 || at > sealTime) throw new Error('no batch of these rules')
    return { index, time: at, signatures, groups, count, root: batchRoot, statuses }
  })
  const known = new Map<number, Known>()
  const [, , , , roots, need, skew] = fields<[0, Uint8Array, string, Uint8Array, Uint8Array[], number, number]>(
    records[0]![1],
    2,
  )
  for (const [n, entry, at, position, path, until, next, registryPath] of records) {
    const batch = batches[at]!
    const from = batch.index + 1 + position
    const item = RecordType.hashTreeRoot({ body: leafHash(entry), from, until, next })
    if (!same(listRoot(item, n, registryPath, 20, recordCount), registryRoot)) return false
    if (!isIn(batch, leafHash(entry), position, path)) return false
    const transaction = fields<Cbor[]>(entry, 2)
    const isRoot = ([type, signer, one]: Signature) =>
      type === 0 && isGood(known.get(signer), batch) && holds(batch, rootKey(signer), one)
    if (n < roots.length ? from !== 1 || transaction[0] !== 0 : batch.signatures.filter(isRoot).length < need)
      return false
    known.set(n, { transaction, from, until })
  }

  const placed = new Map(places.map(([line, at, position, path]) => [line, { batch: batches[at]!, position, path }]))
  const mine = new Holdings()
  let [last, chain]: [number, Uint8Array] = [0, H(Buffer.from('tallystick/head/v1'))]
  const ids = new Set<string>()
  for (const [i, entry] of lines.entries()) {
    const tx = fields<Cbor[]>(entry, 2)
    const id = Buffer.from(tx[1] as Uint8Array)
    const t = id.readUIntBE(0, 6)
    const place = placed.get(i + 1)
    // What adds points needs no place, and is taken to be of the time of the line before.
    if (place === undefined && tx[0] !== 7) return false
    if (place !== undefined && !isIn(place.batch, leafHash(entry), place.position, place.path)) return false
    const T = place?.batch.time ?? last
    if (T < last || (place !== undefined && Math.abs(t - T) > skew)) return false
    if (i === 0 ? !opens(tx, entry) : tx[0] === 5 || !mine.take(tx, number, t, T)) return false
    if (place !== undefined && !isSigned(tx, place.batch)) return false
    if (ids.has(id.toString('hex'))) return false
    ids.add(id.toString('hex'))
    last = T
    chain = H(chain, leafHash(entry))
  }
  if (mine.balance !== credit - debit || credit * debit !== 0 || last > time || time > sealTime) return false
  if (status !== 0 || !same(mine.root(), more) || !same(chain, head)) return false
  return mine.balance

  /** §10: whether an accepted transaction is at a position of a batch. */
  function isIn(batch: Batch, leaf: Uint8Array, position: number, path: Path): boolean {
    const isThere = same(listRoot(leaf, position, path, 13, batch.count), batch.root)
    return isThere && (batch.statuses.length === 0 || batch.statuses[position] === 0)
  }

  /** §4: whether a signature of a batch verifies under a key. */
  function holds({ signatures, groups, count, root: batchRoot }: Batch, key: Uint8Array, one: Uint8Array): boolean {
    const signers = signatures.map(([type, signer]) => {
      const bytes = Buffer.alloc(5)
      bytes.writeUInt8(type)
      bytes.writeUInt32BE(signer, 1)
      return bytes
    })
    const end = Buffer.alloc(6 + 4 * groups.length)
    for (const [i, n] of [groups.length, ...groups.flat()].entries()) end.writeUInt16BE(n, 2 * i)
    end.writeUInt32BE(count, end.length - 4)
    const label = Buffer.from('tallystick/batch/v1\0')
    const message = Buffer.concat([label, ledgerId, Buffer.of(signers.length), ...signers, end, batchRoot])
    return ed25519(key, message, one)
  }

  function isGood(record: Known | undefined, batch: Batch): boolean {
    return record !== undefined && record.from < batch.index && (record.until === 0 || record.until > batch.index)
  }

  function rootKey(signer: number): Uint8Array {
    const { transaction } = known.get(signer)!
    return transaction[0] === 0 ? roots[signer]! : (transaction[2] as Uint8Array)
  }

  /** Whether a transaction is the opening of the account, in the unit whose terms it names. */
  function opens(tx: Cbor[], entry: Uint8Array): boolean {
    const of = records.find(([n]) => n === unit)?.[1]
    const isUnit = of !== undefined && known.get(unit)!.transaction[0] === 3 && same(leafHash(of), tx[4] as Uint8Array)
    return (
      tx[0] === 5 && tx[3] === unit && isUnit && same(leafHash(entry), opening) && same(tx[5] as Uint8Array, owner!)
    )
  }

  /**
   * §7 for the kinds that this verifier knows: the owner signs a `redeem` and a `hold`, a key of the registry the
   * others.
   */
  function isSigned(tx: Cbor[], batch: Batch): boolean {
    const role = { 5: 1, 7: 3, 9: 6, 11: 4, 12: 4, 13: 4 }[tx[0] as number]
    return batch.signatures.some(([type, signer, one]) => {
      if (role === undefined) return type === 1 && signer === number && holds(batch, owner!, one)
      const record = type === 0 ? known.get(signer) : undefined
      const [of, , key, has] = record?.transaction ?? []
      return of === 1 && has === role && isGood(record, batch) && holds(batch, key as Uint8Array, one)
    })
  }
}

/** §6: the root of a batch of one, as a check that the list type above is the one that is meant. */
export function batchRootOf(entries: readonly Uint8Array[]): Uint8Array {
  return LeafList.hashTreeRoot(entries.map(leafHash))
}
