import { createHash, createPublicKey, verify } from 'node:crypto'
import { ByteVectorType, ContainerType, ListCompositeType, UintNumberType } from '@chainsafe/ssz'
import { decode } from 'cborg'

/**
 * A verifier of statements as someone would write it who has SPEC.md and nothing else of ours: §2, §4, §5, §6, §10. Made of
 * other people's parts (cborg, @chainsafe/ssz, node:crypto), with no import from `src`. It says `false` where ours names
 * the reason.
 */

const H = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leafHash = (entry: Uint8Array) => H(Buffer.of(0), entry)
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const Bytes32 = new ByteVectorType(32)
const [uint8, uint16, uint64] = [new UintNumberType(1), new UintNumberType(2), new UintNumberType(8)]
const Account = new ContainerType({
  terms: new ContainerType({ kind: uint8, unit: uint16, owner: Bytes32, opening: Bytes32 }),
  status: uint8,
  entries: uint64,
  time: uint64,
  credited: uint64,
  debited: uint64,
  head: Bytes32,
  more: Bytes32,
})
const RecordType = new ContainerType({ body: Bytes32, from: uint64, until: uint64 })
const LeafList = new ListCompositeType(Bytes32, 2 ** 13)

type Cbor = number | string | Uint8Array | null | Cbor[]
type Evidence = [index: number, batch: Uint8Array, logPath: Uint8Array[], position: number, batchPath: Uint8Array[]]
type Line = [entry: Uint8Array, evidence: Evidence | null]
type Account = [
  number,
  number,
  number,
  Uint8Array | null,
  Uint8Array,
  number,
  number,
  number,
  number,
  number,
  Uint8Array,
  Uint8Array,
]
type Statement = [
  tag: string,
  checkpoint: Uint8Array,
  genesis: [Uint8Array, Uint8Array[]],
  seal: [Uint8Array, Uint8Array[]],
  account: Account,
  accountPath: Uint8Array[],
  since: number,
  lines: Line[],
  records: [number, Uint8Array, number, number, Uint8Array[]][],
]

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
const uint32 = new UintNumberType(4)
const Lots = new ListCompositeType(new ContainerType({ matures: uint32, expires: uint32, amount: uint64 }), 2 ** 8)
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
  grants: new ListCompositeType(new ContainerType({ id: new ByteVectorType(16), to: uint16, until: uint64 }), 2 ** 5),
})
const HOUR = 3_600_000
const total = (lots: readonly { readonly amount: number }[]) => lots.reduce((sum, { amount }) => sum + amount, 0)

/** §6, §7 for `issue`, `redeem`, `expire`, `hold`, `capture`, `release` and `reverse`, of an account that owes nothing. */
class Holdings {
  credited = 0
  debited = 0
  lots: Lot[] = [{ matures: 0, expires: 0, amount: 0 }]
  holds: Hold[] = []
  readonly #took = new Map<string, { parts: Lot[]; reversed: number }>()

  /** Whether the account takes an entry. */
  take(tx: Cbor[], account: number, t: number, e: number): boolean {
    const [kind, id, first, second, third, fourth, fifth] = tx as [number, Uint8Array, ...number[]]
    const [amount, key] = [third!, Buffer.from(id).toString('hex')]
    if (kind !== 12 && first !== account && second !== account) return false
    if (kind === 7) {
      if (second !== account || (fifth! > 0 && fifth! * HOUR <= e)) return false
      this.#add([{ matures: fourth!, expires: fifth!, amount }])
      this.credited += amount
      return true
    }
    if (kind === 8) {
      const parts = this.#spend(amount, e)
      this.#took.set(key, { parts, reversed: 0 })
      this.debited += amount
      return first === account && total(parts) === amount
    }
    if (kind === 9) {
      const past = this.lots.filter(({ expires }) => expires > 0 && expires * HOUR <= t)
      this.lots = this.lots.filter(lot => !past.includes(lot))
      this.debited += amount
      return first === account && total(past) === amount
    }
    if (kind === 10) {
      const parts = this.#spend(amount, e)
      this.holds.push({ id, credit: second!, amount, until: fourth!, parts })
      return first === account && total(parts) === amount && fourth! > e && this.holds.length <= 16
    }
    if (kind === 11 || kind === 12) {
      const named = (kind === 11 ? tx[5] : tx[3]) as Uint8Array
      const hold = this.holds.find(one => same(one.id, named))
      if (hold === undefined || (kind === 11 && (hold.credit !== second || hold.until <= e))) return false
      const gone = kind === 11 ? amount : 0
      const parts = hold.parts.map(lot => ({ ...lot }))
      const left = draw(parts, gone)
      this.holds = this.holds.filter(one => one !== hold)
      this.#add(parts)
      this.#took.set(key, { parts: left, reversed: 0 })
      this.debited += gone
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
      this.credited += amount
      return total(back) === amount
    }
    return false
  }

  root(): Uint8Array {
    const lots = this.lots.filter(({ matures, expires }) => matures + expires > 0)
    if (lots.length + this.holds.length === 0) return new Uint8Array(32)
    const none = { given: { day: 0, amount: 0 }, recovery: { key: new Uint8Array(32), due: 0 }, grants: [] }
    return More.hashTreeRoot({ lots, holds: this.holds, ...none })
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

  #spend(amount: number, e: number): Lot[] {
    const ripe = (lot: Lot) => lot.matures * HOUR <= e && (lot.expires === 0 || lot.expires * HOUR > e)
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
  const [tag, note, [ledgerId, genesisPath], [sealEntry, sealPath], account, accountPath, since, lines, records] =
    statement
  if (tag !== 'tallystick/statement/v1' || since !== 0 || statement.length !== 9) return false
  const text = Buffer.from(note).toString('utf8')
  const body = text.slice(0, text.lastIndexOf('\n\n') + 1)
  const signature = Buffer.from(/\n\u2014 \S+ (\S+)\n$/.exec(text)![1]!, 'base64').subarray(4)
  const [name, sizeText, rootText] = body.split('\n')
  const [size, root] = [Number(sizeText), Buffer.from(rootText!, 'base64')]
  if (name !== origin || !ed25519(logKey, Buffer.from(body), signature)) return false
  if (!isIncluded(0, size, ledgerId, genesisPath, root)) return false
  if (!isIncluded(size - 1, size, leafHash(sealEntry), sealPath, root)) return false
  const seal = fields<[number, number, number, Uint8Array, number, Uint8Array, Uint8Array]>(sealEntry, 3)
  const [, , accounts, stateRoot, recordCount, registryRoot] = seal
  const [number, kind, unit, owner, opening, status, entries, time, credited, debited, head, more] = account
  const terms = { kind, unit, owner: owner ?? new Uint8Array(32), opening }
  const accountRoot = Account.hashTreeRoot({ terms, status, entries, time, credited, debited, head, more })
  if (!same(listRoot(accountRoot, number, accountPath, 32, accounts), stateRoot)) return false
  if (lines.length !== entries || kind !== 3 || owner === null) return false
  const mine = new Holdings()
  let [last, chain]: [number, Uint8Array] = [0, H(Buffer.from('tallystick/head/v1'))]
  const ids = new Set<string>()
  for (const [i, [entry, evidence]] of lines.entries()) {
    const tx = fields<Cbor[]>(entry, 2)
    const id = Buffer.from(tx[1] as Uint8Array)
    if (i === 0 ? tx[0] !== 5 || !same(leafHash(entry), opening) || !same(tx[4] as Uint8Array, owner) : tx[0] === 5)
      return false
    const t = id.readUIntBE(0, 6)
    if (ids.has(id.toString('hex')) || (i > 0 && !mine.take(tx, number, t, Math.max(last, t)))) return false
    ids.add(id.toString('hex'))
    last = Math.max(last, t)
    chain = H(chain, leafHash(entry))
    // Redeem and hold are the acts of the holder that this verifier knows.
    if ((tx[0] === 8 || tx[0] === 10) && (evidence === null || !ownerSigned(entry, evidence))) return false
  }
  if (mine.credited !== credited || mine.debited !== debited || last !== time || !same(chain, head)) return false
  if (status !== 0 || !same(mine.root(), more)) return false
  const known = records.map(([n, entry, from, until, path]) => {
    const item = RecordType.hashTreeRoot({ body: leafHash(entry), from, until })
    if (!same(listRoot(item, n, path, 16, recordCount), registryRoot)) throw new Error('no such record')
    return n
  })
  return known.includes(unit) && credited - debited

  /** §10, `evidence-…`: the entry is in a batch of the log, accepted, and the owner signed the batch. */
  function ownerSigned(entry: Uint8Array, [index, batch, logPath, position, batchPath]: Evidence): boolean {
    if (!isIncluded(index, size, leafHash(batch), logPath, root)) return false
    const [, , signatures, count, batchRoot, statuses] = fields<
      [number, number, [number, number, Uint8Array][], number, Uint8Array, Uint8Array]
    >(batch, 1)
    if (!same(listRoot(leafHash(entry), position, batchPath, 13, count), batchRoot)) return false
    const length = Buffer.alloc(4)
    length.writeUInt32BE(count)
    const message = Buffer.concat([Buffer.from('tallystick/batch/v1\0'), ledgerId, length, batchRoot])
    return (
      statuses[position] === 0 &&
      signatures.some(([type, signer, one]) => type === 1 && signer === number && ed25519(owner!, message, one))
    )
  }
}

/** §6: the root of a batch of one, as a check that the list type above is the one that is meant. */
export function batchRootOf(entries: readonly Uint8Array[]): Uint8Array {
  return LeafList.hashTreeRoot(entries.map(leafHash))
}
