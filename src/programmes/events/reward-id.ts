import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8Encode } from '../../core/bytes.ts'
import { ID_RANDOM_BYTES, makeId } from '../../core/entry/id.ts'
import { canonicalText } from '../document/json.ts'

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

/**
 * What an issuing service derives from its secret: the same for the same event, whenever and wherever it is evaluated.
 */
export class RewardSecret {
  readonly #mac: ReturnType<typeof hmac.create>

  /** @param secret - at least 32 bytes from a cryptographic source. */
  constructor(secret: Uint8Array) {
    this.#mac = hmac.create(sha256, secret)
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
    const text = canonicalText([what, programme, 'tier', member, timeMs, ...says])
    return this.#mac.clone().update(utf8Encode(text)).digest()
  }

  #derived(what: 'id' | 'salt', { programme, rule, event, isReversal, attempt }: RewardName): Uint8Array {
    const text = canonicalText([what, programme, isReversal ? 'reverse' : 'issue', rule, event, attempt])
    return this.#mac.clone().update(utf8Encode(text)).digest()
  }
}
