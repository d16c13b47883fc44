import { createHash } from 'node:crypto'

const H = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest())

/** The Merkle tree of RFC 6962 §2.1 as it grows: the roots of its whole subtrees, largest first. */
export class Peaks {
  #peaks: { readonly size: number; readonly hash: Uint8Array }[] = []

  add(entry: Uint8Array): void {
    let peak = { size: 1, hash: H(Uint8Array.of(0), entry) }
    for (let left = this.#peaks.at(-1); left?.size === peak.size; left = this.#peaks.at(-1)) {
      this.#peaks.pop()
      peak = { size: 2 * peak.size, hash: H(Uint8Array.of(1), left.hash, peak.hash) }
    }
    this.#peaks.push(peak)
  }

  root(): Uint8Array {
    const hashes = this.#peaks.map(({ hash }) => hash)
    if (hashes.length === 0) return H()
    return hashes.reduceRight((right, left) => H(Uint8Array.of(1), left, right))
  }
}
