import { chunkUint, listPathLength, pairHash, zeroHash } from './ssz.ts'

/** How much a level grows by at first, in nodes. */
const FIRST = 16

/**
 * `List[Bytes32, 2^depth]` that only ever grows: 64 bytes an item, one hash to append one. Root and paths are to be had
 * of the list as it is, and as it was at any length before. SPEC §2.
 */
export class AppendList {
  readonly #depth: number
  /** `#levels[d]` are the nodes `d` levels above the items that have nothing but items below them. */
  readonly #levels: Uint8Array[] = []
  #length = 0

  constructor(depth: number) {
    this.#depth = depth
  }

  get length(): number {
    return this.#length
  }

  /** Appends an item of 32 bytes. */
  push(item: Uint8Array): void {
    let node = item
    let at = this.#length++
    for (let d = 0; ; d++) {
      this.#put(d, at, node)
      if (at % 2 === 0) return
      node = pairHash(this.#at(d, at - 1), node)
      at = (at - 1) / 2
    }
  }

  /** Takes back all items from number `length` on. */
  truncate(length: number): void {
    this.#length = length
  }

  /** Item number `index`. A view. */
  item(index: number): Uint8Array {
    return this.#at(0, index)
  }

  /** `hash_tree_root` of the first `length` items as a list. Some hashes for each level. */
  root(length: number = this.#length): Uint8Array {
    const steps = listPathLength(length)
    let hash = length === 0 ? zeroHash(0) : this.#node(steps, 0, length)
    for (let d = steps; d < this.#depth; d++) hash = pairHash(hash, zeroHash(d))
    return pairHash(hash, chunkUint(length))
  }

  /** The list path of item `index` in the list of the first `length`: `⌈log2 length⌉` hashes. SPEC §2. */
  path(index: number, length: number): Uint8Array[] {
    return Array.from({ length: listPathLength(length) }, (_, d) => {
      const at = Math.floor(index / 2 ** d)
      return this.#node(d, at % 2 === 0 ? at + 1 : at - 1, length).slice()
    })
  }

  /** A node as it is over the first `length` items: those that have less than all items below them are made again. */
  #node(d: number, at: number, length: number): Uint8Array {
    const width = 2 ** d
    if (at * width >= length) return zeroHash(d)
    if ((at + 1) * width <= length) return this.#at(d, at)
    return pairHash(this.#node(d - 1, 2 * at, length), this.#node(d - 1, 2 * at + 1, length))
  }

  #at(d: number, at: number): Uint8Array {
    return this.#levels[d]!.subarray(32 * at, 32 * at + 32)
  }

  #put(d: number, at: number, node: Uint8Array): void {
    this.#levels[d] ??= new Uint8Array(32 * FIRST)
    if (32 * at >= this.#levels[d].length) {
      const more = new Uint8Array(2 * this.#levels[d].length)
      more.set(this.#levels[d])
      this.#levels[d] = more
    }
    this.#levels[d].set(node, 32 * at)
  }
}
