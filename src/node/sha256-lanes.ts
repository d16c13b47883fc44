import type { Engine } from '../core/crypto/engine.ts'
import { assert } from '../core/failure.ts'

/**
 * SHA-256 (FIPS 180-4) of many short messages, four at a time: one to each 32-bit lane of a WebAssembly vector. A log
 * is hashed in messages of two blocks, for each of which a call into a native library costs several times the hashing.
 * The module is assembled here, instruction by instruction, so that it can be read; a test compares it with the
 * reference.
 */

/** What is used of WebAssembly, whose types come with those of a browser. */
interface Assembly {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; hash(prefix: number, groups: number): void }
  }
}

const LANES = 4
/** Messages hashed in one call of the module, and bytes of theirs. One message may have that many at most. */
const MESSAGES = 4096
const INPUT_BYTES = 1 << 20

/** Where things stand in the module's memory. After a message up to 127 bytes are read and masked off. */
const K_AT = 0
const MASK_AT = 1024
const PAD_AT = MASK_AT + 64
const STARTS_AT = 2048
const ENDS_AT = STARTS_AT + 4 * MESSAGES
const OUTPUT_AT = ENDS_AT + 4 * MESSAGES
const INPUT_AT = OUTPUT_AT + 32 * MESSAGES + 64
const MEMORY_PAGES = Math.ceil((INPUT_AT + INPUT_BYTES + 256) / 65_536)

/**
 * The first 32 bits of the fractional parts of the cube roots, and square roots, of the first primes. FIPS 180-4
 * §4.2.2, §5.3.3.
 */
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(
  n => n > 1 && Array.from({ length: n }, (_, d) => d).every(d => d < 2 || n % d !== 0),
)
const fraction = (root: number) => Math.floor((root % 1) * 2 ** 32)
const K = PRIMES.map(prime => fraction(Math.cbrt(prime)))
const IV = PRIMES.slice(0, 8).map(prime => fraction(Math.sqrt(prime)))

type Code = number[]

function unsigned(value: number): Code {
  const bytes: Code = []
  let rest = value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  return [...bytes, rest]
}

function signed(value: number): Code {
  const bytes: Code = []
  let rest = value | 0
  for (; rest > 63 || rest < -64; rest >>= 7) bytes.push((rest & 127) | 128)
  return [...bytes, rest & 127]
}

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content]

// Instructions. WebAssembly Core Specification §5.4.
const I32 = 0x7f
const V128 = 0x7b
const get = (local: number): Code => [0x20, ...unsigned(local)]
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
const int = (value: number): Code => [0x41, ...signed(value)]
const op = (code: number, ...operands: Code[]): Code => [...operands.flat(), code]
const simd = (code: number, ...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(code)]
const add32 = (a: Code, b: Code): Code => op(0x6a, a, b)
const sub32 = (a: Code, b: Code): Code => op(0x6b, a, b)
const load32 = (at: Code, offset: number): Code => [...at, 0x28, 2, ...unsigned(offset)]
const load = (at: Code, offset: number): Code => [...at, 0xfd, 0, 0, ...unsigned(offset)]
const store = (at: Code, value: Code, offset: number): Code => [...at, ...value, 0xfd, 11, 0, ...unsigned(offset)]
const splat = (value: Code): Code => simd(0x11, value)
const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [...a, ...b, 0xfd, 13, ...lanes]
const and = (a: Code, b: Code): Code => simd(0x4e, a, b)
const or = (a: Code, b: Code): Code => simd(0x50, a, b)
const xor = (...operands: Code[]): Code => operands.reduce((a, b) => simd(0x51, a, b))
const add = (...operands: Code[]): Code => operands.reduce((a, b) => simd(0xae, a, b))
const shl = (a: Code, bits: number): Code => simd(0xab, a, int(bits))
const shr = (a: Code, bits: number): Code => simd(0xad, a, int(bits))
/** `(chosen & mask) | (other & ~mask)`. */
const choose = (chosen: Code, other: Code, mask: Code): Code => simd(0x52, chosen, other, mask)
/** `a` if the condition holds, else `b`. */
const pick = (a: Code, b: Code, condition: Code): Code => [...a, ...b, ...condition, 0x1b]
const loop = (body: Code): Code => [0x03, 0x40, ...body, 0x0b]
const againIf = (condition: Code): Code => [...condition, 0x0d, 0]

/** `ROTR^p ⊕ ROTR^q ⊕ (ROTR^r or, for the schedule, SHR^r)`. FIPS 180-4 §4.1.2. */
function sigma(x: number, p: number, q: number, r: number, isShift = false): Code {
  const turns = [shr(get(x), p), shl(get(x), 32 - p), shr(get(x), q), shl(get(x), 32 - q), shr(get(x), r)]
  return xor(...turns, ...(isShift ? [] : [shl(get(x), 32 - r)]))
}

// Parameters and locals of the function.
const PREFIX = 0
const GROUPS = 1
const BLOCK = 2
const BLOCKS = 3
const VALID = 4
const GROUP_AT = 5
const OUT_AT = 6
/** Of each lane: where its message begins, the prefix before it included; its length, that included; its blocks. */
const START = 7
const LENGTH = START + LANES
const COUNT = LENGTH + LANES
const INTS = COUNT + LANES - 2
const H = COUNT + LANES
const S = H + 8
const W = S + 8
const X = W + 16
const T1 = X + LANES
const AB = T1 + 1
const BC = AB + 1
const LAST = BC + 1
const BITS = LAST + 1
const NUMBERS = BITS + 1
const VECTORS = NUMBERS + 1 - H

const SWAP = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]
const words = (...lanes: number[]) => lanes.flatMap(lane => [0, 1, 2, 3].map(byte => 4 * lane + byte))

/** The four vectors at `from` as a 4 × 4 matrix of words, transposed into `to`. */
function transpose(from: number, to: number): Code {
  const low = (a: number, b: number) => shuffle(get(a), get(b), words(0, 4, 1, 5))
  const high = (a: number, b: number) => shuffle(get(a), get(b), words(2, 6, 3, 7))
  const first = [low(from, from + 1), low(from + 2, from + 3), high(from, from + 1), high(from + 2, from + 3)]
  return [
    ...first.flatMap((code, i) => [...code, 0x21, ...unsigned(to + i)]),
    ...shuffle(get(to), get(to + 1), words(0, 1, 4, 5)),
    ...shuffle(get(to), get(to + 1), words(2, 3, 6, 7)),
    ...shuffle(get(to + 2), get(to + 3), words(0, 1, 4, 5)),
    ...shuffle(get(to + 2), get(to + 3), words(2, 3, 6, 7)),
    ...[3, 2, 1, 0].flatMap(i => [0x21, ...unsigned(to + i)]),
  ]
}

/**
 * Reads block `BLOCK` of each lane into `W`: message, the bit 1 after it, zeros, and in the last block the length.
 * §5.1.1.
 */
function readBlock(): Code {
  const code: Code = []
  for (let chunk = 0; chunk < 4; chunk++) {
    for (let lane = 0; lane < LANES; lane++) {
      const x = X + lane
      const at = add32(get(START + lane), op(0x74, get(BLOCK), int(6)))
      code.push(...set(x, load(at, 16 * chunk)))
      if (chunk === 0) {
        const prefixed = [...get(x), ...get(PREFIX), 0xfd, 0x17, 0]
        code.push(...set(x, [...prefixed, ...get(x), ...op(0x45, get(BLOCK)), 0x1c, 1, V128]))
      }
      // How many of the 16 bytes are message: 16 at most, -1 where the message ended before the last of them and so did
      // the 1.
      const left = sub32(sub32(get(LENGTH + lane), op(0x74, get(BLOCK), int(6))), int(16 * chunk))
      code.push(...set(VALID, left))
      code.push(...set(VALID, pick(int(16), get(VALID), op(0x4a, get(VALID), int(16)))))
      code.push(...set(VALID, pick(int(-1), get(VALID), op(0x48, get(VALID), int(-1)))))
      const table = sub32(int(16), get(VALID))
      code.push(...set(x, or(and(get(x), load(table, MASK_AT)), load(table, PAD_AT))))
      code.push(...set(x, shuffle(get(x), get(x), SWAP)))
    }
    code.push(...transpose(X, W + 4 * chunk))
  }
  // In lanes of which this is the last block.
  code.push(...set(LAST, simd(0x37, splat(get(BLOCK)), get(NUMBERS))))
  code.push(...set(W + 15, or(get(W + 15), and(get(BITS), get(LAST)))))
  return code
}

/** The 64 rounds over `W` and `S`. §6.2.2. */
function compress(): Code {
  const code: Code = [...set(BC, xor(get(S + 1), get(S + 2)))]
  for (let t = 0; t < 64; t++) {
    const [a, b, , d, e, f, g, h] = Array.from({ length: 8 }, (_, i) => S + ((i - t + 64) % 8)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const w = (back: number) => W + ((t - back + 16) % 16)
    if (t >= 16)
      code.push(...set(w(0), add(get(w(0)), sigma(w(15), 7, 18, 3, true), get(w(7)), sigma(w(2), 17, 19, 10, true))))
    const ch = choose(get(f), get(g), get(e))
    code.push(...set(T1, add(get(h), load(int(K_AT), 16 * t), get(w(0)), ch, sigma(e, 6, 11, 25))))
    code.push(...set(d, add(get(d), get(T1))))
    // Maj(a, b, c) = b ⊕ ((a ⊕ b) & (b ⊕ c)); the next round's b ⊕ c is this one's a ⊕ b.
    code.push(...set(AB, xor(get(a), get(b))))
    code.push(...set(h, add(get(T1), sigma(a, 2, 13, 22), xor(get(b), and(get(AB), get(BC))))))
    code.push(...set(BC, get(AB)))
  }
  return code
}

function body(): Code {
  const code: Code = [...set(GROUP_AT, int(0)), ...set(OUT_AT, int(OUTPUT_AT))]
  const group: Code = [...set(BLOCKS, int(0)), ...set(BLOCK, int(0))]
  for (let lane = 0; lane < LANES; lane++) {
    group.push(...set(START + lane, sub32(load32(get(GROUP_AT), STARTS_AT + 4 * lane), int(1))))
    group.push(...set(LENGTH + lane, sub32(load32(get(GROUP_AT), ENDS_AT + 4 * lane), get(START + lane))))
    group.push(...set(COUNT + lane, op(0x76, add32(get(LENGTH + lane), int(8)), int(6))))
    const isMore = op(0x4a, get(COUNT + lane), get(BLOCKS))
    group.push(...set(BLOCKS, pick(get(COUNT + lane), get(BLOCKS), isMore)))
    for (const [vector, value] of [
      [NUMBERS, get(COUNT + lane)],
      [BITS, op(0x74, get(LENGTH + lane), int(3))],
    ] as const)
      group.push(...get(vector), ...value, 0xfd, 0x1c, lane, 0x21, ...unsigned(vector))
  }
  for (const [i, word] of IV.entries()) group.push(...set(H + i, splat(int(word))))
  const block: Code = [...readBlock()]
  for (let i = 0; i < 8; i++) block.push(...set(S + i, get(H + i)))
  block.push(...compress())
  // Lanes whose last block lies before this one keep what they have.
  block.push(...set(LAST, simd(0x40, get(NUMBERS), splat(get(BLOCK)))))
  for (let i = 0; i < 8; i++) block.push(...set(H + i, add(get(H + i), and(get(S + i), get(LAST)))))
  block.push(...set(BLOCK, add32(get(BLOCK), int(1))), ...againIf(op(0x4d, get(BLOCK), get(BLOCKS))))
  group.push(...loop(block))
  for (const half of [0, 1]) {
    group.push(...transpose(H + 4 * half, X))
    for (let lane = 0; lane < LANES; lane++)
      group.push(...store(get(OUT_AT), shuffle(get(X + lane), get(X + lane), SWAP), 32 * lane + 16 * half))
  }
  group.push(
    ...set(GROUP_AT, add32(get(GROUP_AT), int(4 * LANES))),
    ...set(OUT_AT, add32(get(OUT_AT), int(32 * LANES))),
  )
  group.push(...set(GROUPS, sub32(get(GROUPS), int(1))), ...againIf(get(GROUPS)))
  return [...code, ...loop(group), 0x0b]
}

/** Of every module: its magic number, and version 1. */
const HEADER: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** A module whose only function returns a vector: valid where there are vectors. */
function smallest(): Uint8Array<ArrayBuffer> {
  const code = [0, ...splat(int(0)), 0x0b]
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [1, 0x60, 0, 1, V128]),
    ...section(3, [1, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

function assemble(): Uint8Array<ArrayBuffer> {
  const locals = [2, ...unsigned(INTS), I32, ...unsigned(VECTORS), V128]
  const code = [...locals, ...body()]
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)]
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, ...unsigned(MEMORY_PAGES), ...unsigned(MEMORY_PAGES)]),
    ...section(7, [2, ...name('hash'), 0, 0, ...name('memory'), 2, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

/** So many messages at once make the module worth its making, which takes longer than most commands hash. */
const WORTH = 64

/**
 * What `Engine.hashMany` asks for; undefined where WebAssembly or its vectors are not to be had. The module is made
 * when many messages come for the first time; `few` hashes until then.
 */
export function lanesHasher(few: Engine['hashMany']): Engine['hashMany'] | undefined {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: Assembly }
  if (WebAssembly?.validate(smallest()) !== true) return undefined
  let lanes: Engine['hashMany'] | undefined
  return (prefix, source, from, to, output) => {
    if (lanes === undefined && from.length >= WORTH) lanes = fourAtOnce(WebAssembly)
    ;(lanes ?? few)(prefix, source, from, to, output)
  }
}

function fourAtOnce({ Instance, Module }: Assembly): Engine['hashMany'] {
  const { memory, hash } = new Instance(new Module(assemble())).exports
  const input = new Uint8Array(memory.buffer)
  const starts = new Uint32Array(memory.buffer, STARTS_AT, MESSAGES)
  const ends = new Uint32Array(memory.buffer, ENDS_AT, MESSAGES)
  new Uint32Array(memory.buffer, K_AT, 256).set(K.flatMap(word => Array<number>(LANES).fill(word)))
  input.fill(0xff, MASK_AT, MASK_AT + 16)
  input[PAD_AT + 16] = 0x80
  return (prefix, source, from, to, output) => {
    for (let first = 0; first < from.length; ) {
      // As many as fit, a run of bytes and one copy for all of them.
      const base = from[first]!
      let next = first
      for (; next < from.length && next - first < MESSAGES && to[next]! - base <= INPUT_BYTES; next++) {
        starts[next - first] = INPUT_AT + from[next]! - base
        ends[next - first] = INPUT_AT + to[next]! - base
      }
      assert(next > first, `a message of ${to[first]! - base} bytes`)
      input.set(source.subarray(base, to[next - 1]), INPUT_AT)
      const groups = Math.ceil((next - first) / LANES)
      // Lanes without a message of their own hash the last one again.
      for (let i = next - first; i < groups * LANES; i++) {
        starts[i] = starts[i - 1]!
        ends[i] = ends[i - 1]!
      }
      hash(prefix, groups)
      output.set(input.subarray(OUTPUT_AT, OUTPUT_AT + 32 * (next - first)), 32 * first)
      first = next
    }
  }
}
