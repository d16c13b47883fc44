import { createHash, createPublicKey, verify } from 'node:crypto'

/**
 * Reads a log by the texts of C2SP alone (signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-policy), with
 * nothing but Node: what a stranger's tool would make of what we publish.
 */

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const fail = (what: string): never => {
  throw new Error(what)
}

/** RFC 4648 §4, which Node reads more loosely than it is written. */
const base64 = (text: string, length?: number): Buffer => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) fail(`not base64: ${text}`)
  if (length !== undefined && bytes.length !== length) fail(`not ${length} bytes: ${text}`)
  return bytes
}

/** UTF-8 without control characters but newlines: signed-note, "Format". */
const noteText = (bytes: Buffer): string => {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) fail('control characters')
  return text
}

/** tlog-policy, the simplest of it: the keys of its logs, where no witness is asked for. */
export function readPolicy(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n')
  if (lines.pop() !== '') fail('a line without its end')
  const words = lines.map(line => line.split(/[ \t]+/).filter(word => word !== ''))
  const meant = words.filter(([keyword]) => keyword !== undefined && !keyword.startsWith('#'))
  const quorums = meant.filter(([keyword]) => keyword === 'quorum')
  if (quorums.length !== 1 || quorums[0]!.join(' ') !== 'quorum none') fail('not one quorum line that says none')
  return meant.filter(([keyword]) => keyword === 'log').map(([, vkey]) => vkey ?? fail('a log without its key'))
}

export interface ReadCheckpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

/** signed-note and tlog-checkpoint: the checkpoint in a note, if the key `vkey` signed it. */
export function readCheckpoint(note: Buffer, vkey: string): ReadCheckpoint {
  const [name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)!.slice(1) as [string, string, string]
  const key = base64(material, 33)
  if (key[0] !== 1) fail('not an Ed25519 verifier key')
  if (
    sha256(Buffer.from(`${name}\n`), key)
      .subarray(0, 4)
      .toString('hex') !== id
  )
    fail('not the id of the key')
  const text = noteText(note)
  const end = text.lastIndexOf('\n\n')
  const body = text.slice(0, end + 1)
  const lines = text.slice(end + 2).split('\n')
  if (end < 0 || lines.pop() !== '') fail('not a note')
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]),
    format: 'der',
    type: 'spki',
  })
  const isSigned = lines.some(line => {
    const [, signer, signature] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? fail(`not a signature line: ${line}`)
    const bytes = base64(signature!)
    if (signer !== name || bytes.subarray(0, 4).toString('hex') !== id) return false
    return verify(null, Buffer.from(body), publicKey, bytes.subarray(4)) || fail('the signature does not verify')
  })
  if (!isSigned) fail('not signed by the key')
  const [origin, size, root, ...extensions] = body.slice(0, -1).split('\n')
  if (!origin || root === undefined || extensions.includes('')) fail('not three lines or more, none of them empty')
  if (origin !== name) fail('the name of the key is not the origin')
  if (!/^(0|[1-9][0-9]*)$/.test(size!)) fail('not a size')
  return { origin: origin!, size: Number(size), root: base64(root!, 32) }
}

/** The path of a tile: three digits a group, all but the last after an x. */
function tilePath(level: string, index: number, width: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  return `tile/${level}/${path}${width === 256 ? '' : `.p/${width}`}`
}

export type Fetch = (path: string) => Promise<Buffer>

/**
 * All leaf hashes of the log at a checkpoint's size. Every tile of every level is fetched, in its full or its right
 * partial width, and must be what the level below makes; the root over them must be the checkpoint's.
 */
export async function readTree({ size, root }: ReadCheckpoint, fetch: Fetch): Promise<Buffer[]> {
  let leaves: Buffer[] = []
  let below: Buffer[] = []
  for (let level = 0; Math.floor(size / 256 ** level) > 0; level++) {
    const count = Math.floor(size / 256 ** level)
    const hashes: Buffer[] = []
    for (let index = 0; index * 256 < count; index++) {
      const width = Math.min(256, count - index * 256)
      const tile = await fetch(tilePath(String(level), index, width))
      if (tile.length !== 32 * width) fail(`${tilePath(String(level), index, width)} has ${tile.length} bytes`)
      for (let at = 0; at < tile.length; at += 32) hashes.push(tile.subarray(at, at + 32))
    }
    if (level === 0) leaves = hashes
    else
      hashes.forEach((hash, i) => {
        if (!hash.equals(treeHash(below.slice(256 * i, 256 * i + 256)))) fail(`level ${level}, hash ${i}`)
      })
    below = hashes
  }
  if (!treeHash(leaves).equals(root)) fail('the root is not that of the tiles')
  return leaves
}

/** RFC 6962 over leaf hashes. */
function treeHash(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256()
  if (hashes.length === 1) return hashes[0]!
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return sha256(Buffer.of(1), treeHash(hashes.slice(0, split)), treeHash(hashes.slice(split)))
}

/** All entries of the log at a size, each of which must have its leaf hash. */
export async function readEntries(leaves: readonly Buffer[], fetch: Fetch): Promise<Buffer[]> {
  const entries: Buffer[] = []
  for (let index = 0; index * 256 < leaves.length; index++) {
    const bundle = await fetch(tilePath('entries', index, Math.min(256, leaves.length - index * 256)))
    for (let at = 0; at < bundle.length; ) {
      const length = bundle.readUInt16BE(at)
      entries.push(bundle.subarray(at + 2, at + 2 + length))
      at += 2 + length
      if (at > bundle.length) fail(`bundle ${index} ends within an entry`)
    }
    if (entries.length !== Math.min(leaves.length, 256 * (index + 1))) fail(`bundle ${index} is not of its width`)
  }
  if (entries.length !== leaves.length) fail(`${entries.length} entries of ${leaves.length}`)
  entries.forEach((entry, i) => {
    if (!sha256(Buffer.of(0), entry).equals(leaves[i]!)) fail(`entry ${i} is not that of its leaf`)
  })
  return entries
}

/** The first of an array of two (RFC 8949 §3): all that is read of our extra data. */
function firstOfTwo(extra: Buffer): Buffer {
  if (extra[0] !== 0x82) fail('not an array of two')
  // Bytes of a length below 24, or with a length of one byte, or of two.
  const short = extra[1]! - 0x40
  const [at, length] =
    short < 24
      ? [2, short]
      : short === 24
        ? [3, extra[2]!]
        : short === 25
          ? [4, extra.readUInt16BE(2)]
          : fail('not bytes')
  if (at + length >= extra.length) fail('cut off')
  return extra.subarray(at, at + length)
}

/** tlog-proof: the entry that is shown, and its index, if it is in the log of the key. */
export function readProof(proof: Buffer, vkey: string): { index: number; entry: Buffer } {
  const text = noteText(proof)
  const end = text.indexOf('\n\n')
  const [head, ...lines] = text.slice(0, end).split('\n')
  if (end < 0 || head !== 'c2sp.org/tlog-proof@v1') fail('not a tlog-proof')
  // The extra data may be missing by the text; here it begins with the head of an array of two, and the entry.
  const [extra, at, ...hashes] = lines
  const entry = firstOfTwo(base64(/^extra (\S+)$/.exec(extra ?? '')?.[1] ?? fail('no entry')))
  const index = Number(/^index (0|[1-9][0-9]*)$/.exec(at ?? '')?.[1] ?? fail('no index'))
  const checkpoint = readCheckpoint(Buffer.from(text.slice(end + 2)), vkey)
  // RFC 9162 §2.1.3.2.
  let [fn, sn, r] = [index, checkpoint.size - 1, sha256(Buffer.of(0), entry)]
  if (fn > sn) fail('no such entry')
  for (const line of hashes) {
    const p = base64(line, 32)
    if (sn === 0) fail('too long')
    if (fn & 1 || fn === sn) {
      r = sha256(Buffer.of(1), p, r)
      while (!(fn & 1) && fn !== 0) {
        fn >>= 1
        sn >>= 1
      }
    } else r = sha256(Buffer.of(1), r, p)
    fn >>= 1
    sn >>= 1
  }
  if (sn !== 0 || !r.equals(checkpoint.root)) fail('the proof does not hold')
  return { index, entry }
}
