/**
 * Rows that are no snapshot: damaged, incomplete, or of another state than was sealed. Who reads them makes it again.
 */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

/** Collects bytes of a snapshot: numbers little-endian, one after another. */
export class Packer {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#take(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#take(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    const at = this.#take(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  /** A whole number below 2^53, of either sign. */
  number(value: number): this {
    const at = this.#take(8)
    this.#view.setFloat64(at, value, true)
    return this
  }

  /** A whole number of 128 bits. */
  wide(value: bigint): this {
    const at = this.#take(16)
    this.#view.setBigUint64(at, value & 0xffff_ffff_ffff_ffffn, true)
    this.#view.setBigUint64(at + 8, value >> 64n, true)
    return this
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#take(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** All that was collected; begins again. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return bytes
  }

  #take(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length))
      bytes.set(this.#bytes)
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer)
    }
    return at
  }
}

/** Reads what a `Packer` made. @throws SnapshotError beyond its end. */
export class Unpacker {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  number(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  wide(): bigint {
    const at = this.#take(16)
    return this.#view.getBigUint64(at, true) + (this.#view.getBigUint64(at + 8, true) << 64n)
  }

  /** A copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.slice(at, at + length)
  }

  /** A view. */
  view(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw new SnapshotError('a row of the snapshot is cut off')
    this.#at = at + count
    return at
  }
}
