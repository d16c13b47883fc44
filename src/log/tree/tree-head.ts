import { EMPTY_ROOT, nodeHash } from '../../core/tree/merkle.ts'
import type { LogTree } from './log-tree.ts'

/** A level of the tree at some size: `complete` subtrees, and after them what is left of the leaves, if any are. */
interface LevelEdge {
  readonly complete: number
  /** Hash of the leaves behind the last complete subtree. */
  readonly rest: Uint8Array | undefined
  /** The complete subtree that was asked for last, or -1, and its hash. */
  asked: number
  hash: Uint8Array
}

const NO_HASH = new Uint8Array(0)

/**
 * The log's tree at one size: its root, and inclusion proofs in it for entries whose tile is in memory. What many
 * proofs have in common is hashed and copied once, so that each batch of a group costs a few copies.
 */
export class Head {
  readonly size: number
  readonly root: Uint8Array
  readonly #tree: LogTree
  /** From the leaves up to the level that is one node. */
  readonly #levels: LevelEdge[] = []

  /**
   * The tree when it had `size` entries, by default as it is now; it may grow afterwards. A hash a level.
   *
   * @param size - the tile of its last entry is in memory, as that of the newest is: see `at`.
   */
  constructor(tree: LogTree, size: number = tree.size) {
    this.#tree = tree
    this.size = size
    let [complete, rest]: [number, Uint8Array | undefined] = [this.size, undefined]
    for (;;) {
      const level: number = this.#levels.push({ complete, rest, asked: -1, hash: NO_HASH }) - 1
      if (complete + (rest === undefined ? 0 : 1) <= 1) break
      // MTH(D[n]) splits at the largest power of two below n: what is left over joins the last subtree that has no
      // pair.
      if (complete % 2 === 1) {
        const last: Uint8Array = this.#complete(level, complete - 1)!
        rest = rest === undefined ? last : nodeHash(last, rest)
      }
      complete = Math.floor(complete / 2)
    }
    this.root = rest ?? (complete === 0 ? EMPTY_ROOT : this.#complete(this.#levels.length - 1, 0)!)
  }

  /** The tree when it had `size` entries. */
  static async at(tree: LogTree, size: number): Promise<Head> {
    if (size > 0) await tree.ready(size - 1)
    return new Head(tree, size)
  }

  /** The inclusion proof of entry `index` (RFC 6962 §2.1.1). The hashes are shared. */
  async path(index: number): Promise<Uint8Array[]> {
    for (;;) {
      const path = this.pathNow(index)
      if (path !== undefined) return path
      await this.#tree.ready(index)
    }
  }

  /** The inclusion proof of entry `index`; undefined where its tile has to be read first. */
  pathNow(index: number): Uint8Array[] | undefined {
    // Of its full length at once, but for a node or two that go up as they are.
    const path = new Array<Uint8Array>(this.#levels.length - 1)
    let [at, count] = [index, 0]
    for (let level = 0; level < this.#levels.length - 1; level++) {
      const { complete, rest } = this.#levels[level]!
      const sibling = at % 2 === 0 ? at + 1 : at - 1
      const hash = sibling < complete ? this.#complete(level, sibling) : rest
      if (sibling < complete && hash === undefined) return undefined
      // Without a sibling the node goes up as it is.
      if (sibling <= complete && hash !== undefined) path[count++] = hash
      at = Math.floor(at / 2)
    }
    path.length = count
    return path
  }

  #complete(level: number, index: number): Uint8Array | undefined {
    const one = this.#levels[level]!
    if (one.asked === index) return one.hash
    const hash = this.#tree.hashNow(level, index)
    if (hash === undefined) return undefined
    one.asked = index
    one.hash = hash
    return hash
  }
}
