import { createHash, createPublicKey, verify } from 'node:crypto'
import { ByteVectorType, ContainerType, ListCompositeType, UintBigintType, UintNumberType } from '@chainsafe/ssz'
import { decode } from 'cborg'

/**
 * Whether an evidence file convicts, as someone would find out who has SPEC.md §11, the log's public key, and nothing
 * else of ours: cborg, @chainsafe/ssz and node:crypto, with no import from `src`. For some of the codes.
 */

const H = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const bytes = (text: string) => Buffer.from(text, 'base64')
const [uint16, uint128] = [new UintNumberType(2), new UintBigintType(16)]
const UnitTotals = new ContainerType({
  unit: uint16,
  issued: uint128,
  opened: uint128,
  redeemed: uint128,
  expired: uint128,
  reinstated: uint128,
  reversed: uint128,
  owed: uint128,
})
const Totals = new ContainerType({ salt: new ByteVectorType(32), units: new ListCompositeType(UnitTotals, 2 ** 8) })
const LeafList = new ListCompositeType(new ByteVectorType(32), 2 ** 13)

interface File {
  code: string
  evidence: {
    checkpoint: string
    earlier?: string
    promise?: string
    root?: string
    proof?: string[]
    entries?: { index: number; entry: string; proof: string[] }[]
  }
}

interface Head {
  size: number
  root: Buffer
}

/** Whether `signature` of `message` is the key's. */
function signed(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

/** Size and root of a note that the key signed: text, blank line, lines of "— name base64(key id ‖ signature)". */
function head(note: string, key: Uint8Array): Head {
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const lines = note.slice(split + 2).split('\n')
  const isSigned = lines.some(line => {
    const signature = bytes(line.split(' ')[2] ?? '').subarray(4)
    return signature.length === 64 && signed(key, Buffer.from(text), signature)
  })
  if (!isSigned) throw new Error('not signed')
  const [, size, root] = text.split('\n')
  return { size: Number(size), root: bytes(root!) }
}

/**
 * The roots of the first `m` and of all `n` entries that a consistency proof leads to: RFC 9162 §2.1.4.2, by recursion.
 */
function rootsFrom(m: number, n: number, proof: Buffer[], first: Buffer): [old: Buffer, now: Buffer] {
  const rest = [...proof]
  const sub = (m: number, n: number, isWhole: boolean): [Buffer, Buffer] => {
    if (m === n) {
      const hash = isWhole ? first : rest.shift()!
      return [hash, hash]
    }
    let k = 1
    while (2 * k < n) k *= 2
    if (m <= k) {
      const [old, left] = sub(m, k, isWhole)
      return [old, H(Buffer.of(1), left, rest.shift()!)]
    }
    const [old, right] = sub(m - k, n - k, false)
    const left = rest.shift()!
    return [H(Buffer.of(1), left, old), H(Buffer.of(1), left, right)]
  }
  return sub(m, n, true)
}

/** The root that an inclusion proof leads to: RFC 6962 §2.1.1, by recursion. */
function rootOf(index: number, size: number, leaf: Buffer, proof: Buffer[]): Buffer {
  if (size === 1) return leaf
  const last = proof.at(-1)!
  const below = proof.slice(0, -1)
  let k = 1
  while (2 * k < size) k *= 2
  return index < k
    ? H(Buffer.of(1), rootOf(index, k, leaf, below), last)
    : H(Buffer.of(1), last, rootOf(index - k, size - k, leaf, below))
}

/** Whether the larger of two trees provably does not begin with the smaller. */
function isSplit(smaller: Head, larger: Head, { root, proof }: File['evidence']): boolean {
  if (smaller.size === larger.size) return !smaller.root.equals(larger.root)
  const first = bytes(root!)
  const [old, now] = rootsFrom(smaller.size, larger.size, proof!.map(bytes), first)
  return now.equals(larger.root) && old.equals(first) && !first.equals(smaller.root)
}

/** Whether the file proves what its code says, under the log's public key. */
export function outsiderConvicts(json: string, key: Uint8Array): boolean {
  const { code, evidence } = JSON.parse(json) as File
  const checkpoint = head(evidence.checkpoint, key)
  if (code === 'forked') {
    const [smaller, larger] = [head(evidence.earlier!, key), checkpoint].sort((a, b) => a.size - b.size)
    return isSplit(smaller!, larger!, evidence)
  }
  if (code === 'promise-broken') {
    const [, ledger, size, root, deadline, signature] = decode(bytes(evidence.promise!)) as [
      string,
      Uint8Array,
      number,
      Uint8Array,
      number,
      Uint8Array,
    ]
    const u64 = (n: number) => {
      const buffer = Buffer.alloc(8)
      buffer.writeBigUInt64BE(BigInt(n))
      return buffer
    }
    const message = Buffer.concat([Buffer.from('tallystick/promise/v1\0'), ledger, u64(size), root, u64(deadline)])
    return signed(key, message, signature) && isSplit({ size, root: Buffer.from(root) }, checkpoint, evidence)
  }
  const entries = new Map<number, Buffer>()
  for (const { index, entry, proof } of evidence.entries!) {
    const leaf = H(Buffer.of(0), bytes(entry))
    if (!rootOf(index, checkpoint.size, leaf, proof.map(bytes)).equals(checkpoint.root)) return false
    entries.set(index, bytes(entry))
  }
  const first = [...entries.keys()][0]!
  const fields = (index: number) =>
    decode(entries.get(index)!.subarray(1)) as [unknown, unknown, unknown, unknown, number, Uint8Array]
  if (code === 'batch-root') {
    const [, , , , count, root] = fields(first)
    const leaves = Array.from({ length: count }, (_, i) => H(Buffer.of(0), entries.get(first + 1 + i)!))
    return !LeafList.hashTreeRoot(leaves).every((byte, i) => byte === root[i])
  }
  const [time, later] = [...entries].map(([index, entry]) => fields(index)[entry[0] === 1 ? 1 : 2] as number)
  if (code === 'batch-time' || code === 'seal-time') return later! < time!
  if (code === 'seal-last') return entries.get(checkpoint.size - 1)?.[0] !== 3
  throw new Error(`not one that this outsider knows: ${code}`)
}

/** What a file carries and shows. */
export interface OutsidersReading {
  readonly at: number
  /** Of the entries, as many as it carries. */
  readonly entries: Buffer[]
  readonly salt: Buffer | undefined
  readonly details: readonly { salt: Buffer; text: string }[]
}

/**
 * The entries that a file carries on the lines after its document, if they are the first of the checkpoint's: SPEC
 * §11, §3. And if it shows a salt, whether the log signed that. Throws where anything does not fit.
 */
export function outsiderReads(text: string, key: Uint8Array): OutsidersReading {
  const [first, ...lines] = text.trimEnd().split('\n')
  const { evidence } = JSON.parse(first!) as {
    evidence: File['evidence'] & {
      log: { entries: number; bundles: number }
      at: number
      salt?: { epoch: number; salt: string; signature: string }
      details?: { salt: string; text: string }[]
    }
  }
  const { log, salt, root } = evidence
  const checkpoint = head(evidence.checkpoint, key)
  if (lines.length !== log.bundles) throw new Error('lines are missing')
  const entries = lines.flatMap((line, i) => {
    const { bundle, entries } = JSON.parse(line) as { bundle: number; entries: string }
    if (bundle !== i) throw new Error('not in order')
    const list: Buffer[] = []
    for (let rest = bytes(entries); rest.length > 0; rest = rest.subarray(2 + rest.readUInt16BE()))
      list.push(rest.subarray(2, 2 + rest.readUInt16BE()))
    return list
  })
  if (entries.length !== log.entries) throw new Error('entries are missing')
  const made = treeOf(entries)
  if (log.entries === checkpoint.size ? !made.equals(checkpoint.root) : !made.equals(bytes(root!)))
    throw new Error('not the entries of the root')
  const [old, now] = rootsFrom(log.entries, checkpoint.size, evidence.proof!.map(bytes), made)
  if (!old.equals(made) || !now.equals(checkpoint.root)) throw new Error('not the beginning of the checkpoint')
  if (salt !== undefined) {
    const from = Buffer.alloc(8)
    from.writeBigUInt64BE(BigInt(salt.epoch))
    const ledgerId = H(Buffer.of(0), entries[0]!)
    const message = Buffer.concat([Buffer.from('tallystick/salts/v1\0'), ledgerId, from, H(bytes(salt.salt))])
    if (!signed(key, message, bytes(salt.signature))) throw new Error('not the log’s salt')
  }
  const details = (evidence.details ?? []).map(one => ({ ...one, salt: bytes(one.salt) }))
  return { at: evidence.at, entries, salt: salt && bytes(salt.salt), details }
}

/** The accepted transactions among entries, in order: each with its log index. */
function* accepted(entries: Buffer[]): Generator<readonly [index: number, fields: unknown[]]> {
  for (let at = 0; at < entries.length; at++) {
    if (entries[at]![0] !== 1) continue
    const [, , , , count, , statuses] = decode(entries[at]!.subarray(1)) as [
      number,
      number,
      unknown,
      unknown,
      number,
      unknown,
      Uint8Array,
    ]
    for (let i = 0; i < count; i++)
      if ((statuses[i] ?? 0) === 0) yield [at + 1 + i, decode(entries[at + 1 + i]!.subarray(1)) as unknown[]]
  }
}

/**
 * Whether the seal at fault has other totals than its entries make (`seal-totals`): by §6, for a log with one unit, in
 * which points are issued and redeemed and nothing else.
 */
export function outsiderSeesTotals(text: string, key: Uint8Array): boolean {
  const { at, entries, salt } = outsiderReads(text, key)
  if (salt === undefined) return false
  let [records, unit, issued, redeemed] = [0, 0, 0n, 0n]
  for (const [index, [kind, , , , amount]] of accepted(entries)) {
    if (index > at) break
    if (kind === 3) unit = records
    if ([0, 1, 3, 4, 16, 18].includes(kind as number)) records++
    if (kind === 7) issued += BigInt(amount as number)
    if (kind === 8) redeemed += BigInt(amount as number)
  }
  const owed = issued - redeemed
  const made = Totals.hashTreeRoot({
    salt,
    units: [{ unit, issued, opened: 0n, redeemed, expired: 0n, reinstated: 0n, reversed: 0n, owed }],
  })
  const sealed = (decode(entries[at]!.subarray(1)) as unknown[])[7] as Uint8Array
  return Buffer.compare(made, sealed) !== 0
}

/**
 * Whether a purchase is rewarded with other points than a published rule, a JSON text, gives for `buy` (`reward`): §5,
 * §11.
 */
export function outsiderSeesReward(text: string, key: Uint8Array, ruleText: string): boolean {
  const { at, entries, details } = outsiderReads(text, key)
  const rules: unknown[] = []
  for (const [index, fields] of accepted(entries)) {
    const [kind, , , digest, amount, , , rule, commitment] = fields
    if ([0, 1, 3, 4, 16, 18].includes(kind as number)) rules.push(kind === 4 ? digest : undefined)
    if (index !== at) continue
    const shown = details.find(one => H(one.salt, Buffer.from(one.text)).equals(commitment as Uint8Array))
    const isOfRule = H(Buffer.from(ruleText)).equals(rules[rule as number] as Uint8Array)
    const points = (JSON.parse(ruleText) as { points: { buy: number } }).points.buy
    return kind === 7 && isOfRule && shown !== undefined && shown.text.split(',')[3] === 'buy' && amount !== points
  }
  return false
}

/** RFC 6962 §2.1. */
function treeOf(entries: Buffer[]): Buffer {
  if (entries.length === 1) return H(Buffer.of(0), entries[0]!)
  let k = 1
  while (2 * k < entries.length) k *= 2
  return H(Buffer.of(1), treeOf(entries.slice(0, k)), treeOf(entries.slice(k)))
}
