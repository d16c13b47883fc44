/** Whole bundles that were read lately, up to a number of bytes; what was not asked for longest goes first. */
export class BundleCache {
  readonly #bundles = new Map<number, Uint8Array>()
  readonly #sizeMaxBytes: number
  #sizeBytes = 0

  constructor(sizeMaxBytes: number) {
    this.#sizeMaxBytes = sizeMaxBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get(bundle: number): Uint8Array | undefined {
    const bytes = this.#bundles.get(bundle)
    if (bytes === undefined) return undefined
    // A Map iterates in the order of insertion: what is inserted again is last to go.
    this.#bundles.delete(bundle)
    this.#bundles.set(bundle, bytes)
    return bytes
  }

  set(bundle: number, bytes: Uint8Array): void {
    // Two readers may have missed it at the same time.
    if (this.#bundles.has(bundle)) return
    this.#bundles.set(bundle, bytes)
    this.#sizeBytes += bytes.length
    for (const [oldest, { length }] of this.#bundles) {
      if (this.#sizeBytes <= this.#sizeMaxBytes) return
      this.#bundles.delete(oldest)
      this.#sizeBytes -= length
    }
  }
}
