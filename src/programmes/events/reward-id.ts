import { engine } from '../../core/crypto/engine.ts'
import { ID_RANDOM_BYTES, makeId } from '../../core/entry/id.ts'

/** What a transaction's id is made from: docs/programmes.md §11. */
export interface RewardName {
  /** Name of the programme, without its version. */
  readonly programme: string
  readonly rule: string
  readonly event: string
  /** Whether it takes back. */
  readonly isReversal: boolean
  /** 0, and one more for each time that it was refused and is tried again. */
  readonly attempt: number
}

/** What the id of a tier is made from: docs/programmes.md §11. */
export interface TierName {
  /** Name of the programme, without its version. */
  readonly programme: string
  readonly member: string
  readonly timeMs: number
  /** Tier, `until` and details: two that are set at one time have two ids. */
  readonly says: readonly (number | string)[]
}

/** Of SHA-256. */
const BLOCK_BYTES = 64
const HASH_BYTES = 32
const encoder = new TextEncoder()

/**
 * What an issuing service derives from its secret: the same for the same event, whenever and wherever it is evaluated.
 */
export class RewardSecret {
  /** The two keys of HMAC-SHA-256 (RFC 2104), a block each, and room after each for what is hashed with it. */
  #inner: Uint8Array
  readonly #outer: Uint8Array

  /** @param secret - at least 32 bytes from a cryptographic source. */
  constructor(secret: Uint8Array) {
    const key = new Uint8Array(BLOCK_BYTES)
    key.set(secret.length > BLOCK_BYTES ? engine().sha256(secret) : secret)
    this.#inner = key.map(byte => byte ^ 0x36)
    this.#outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES)
    this.#outer.set(key.map(byte => byte ^ 0x5c))
  }

  /**
   * The id of an issue or a reversal, which is not to be guessed without the secret.
   *
   * @returns 16 bytes. @throws FormatError `time`.
   */
  id(timeMs: number, name: RewardName): Uint8Array {
    return makeId(timeMs, this.#derived('id', name).subarray(0, ID_RANDOM_BYTES))
  }

  /** The salt of its details, 32 bytes. */
  salt(name: RewardName): Uint8Array {
    return this.#derived('salt', name)
  }

  /** The id of a tier that is set at a time. @returns 16 bytes. */
  tierId(name: TierName): Uint8Array {
    return makeId(name.timeMs, this.#tierBytes('id', name).subarray(0, ID_RANDOM_BYTES))
  }

  /** The salt of its details, 32 bytes. */
  tierSalt(name: TierName): Uint8Array {
    return this.#tierBytes('salt', name)
  }

  #tierBytes(what: 'id' | 'salt', { programme, member, timeMs, says }: TierName): Uint8Array {
    return this.#mac([what, programme, 'tier', member, timeMs, ...says])
  }

  #derived(what: 'id' | 'salt', { programme, rule, event, isReversal, attempt }: RewardName): Uint8Array {
    return this.#mac([what, programme, isReversal ? 'reverse' : 'issue', rule, event, attempt])
  }

  /** HMAC-SHA-256 of the canonical bytes of a list of texts and numbers: those of the own writer of ECMAScript. */
  #mac(list: readonly (string | number)[]): Uint8Array {
    const { sha256 } = engine()
    const text = JSON.stringify(list)
    const most = BLOCK_BYTES + 3 * text.length
    if (this.#inner.length < most) {
      const longer = new Uint8Array(2 * most)
      longer.set(this.#inner.subarray(0, BLOCK_BYTES))
      this.#inner = longer
    }
    const { written } = encoder.encodeInto(text, this.#inner.subarray(BLOCK_BYTES))
    this.#outer.set(sha256(this.#inner.subarray(0, BLOCK_BYTES + written)), BLOCK_BYTES)
    return sha256(this.#outer)
  }
}
