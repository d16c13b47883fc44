import { memberRef } from '../client/index.ts'
import { fromHex, toHex, utf8Encode } from '../core/bytes.ts'
import { hmacSha256 } from '../core/crypto/hmac.ts'
import { ID_BYTES, ID_RANDOM_BYTES, makeId } from '../core/entry/id.ts'

/** Bytes of an id before those that are random. */
const ID_TIME_BYTES = ID_BYTES - ID_RANDOM_BYTES

/**
 * What a gateway derives from the shop's secret: the same for the same name, whenever and wherever. So a name that is
 * used again makes the same transaction, which the ledger takes once, and a member is found again by a reference.
 */
export class ShopDerivation {
  readonly #secret: Uint8Array

  /** @param secret - 32 bytes from a cryptographic source. */
  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  /**
   * The random bits that every transaction has which is made for a name, as its id has them: ten bytes in hex. Its
   * attempts differ in their times alone, so what stands in the log under a name is found without knowing how often
   * it was tried.
   *
   * @param scope - such as `earn`; names of different scopes are different.
   */
  mark(scope: string, name: string): string {
    return markOf(makeId(0, this.#derived('id', scope, name).subarray(0, ID_RANDOM_BYTES)))
  }

  /** The id of a mark at a time. */
  id(timeMs: number, mark: string): Uint8Array {
    return makeId(timeMs, fromHex(mark, ID_RANDOM_BYTES))
  }

  /** The salt of the details of what is made for a name, 32 bytes. */
  salt(scope: string, name: string): Uint8Array {
    return this.#derived('salt', scope, name)
  }

  /** What makes the account of a member in a unit her own: 32 bytes, which her card has. */
  nonce(unit: number, member: string): Uint8Array {
    return this.#derived('nonce', String(unit), member)
  }

  /** The reference under which her account is opened, and found again. SPEC §5. */
  ref(unit: number, member: string): Uint8Array {
    return memberRef(this.#secret, unit, member)
  }

  /** What signs the events that go to a webhook, 32 bytes: of each generation another. */
  webhookSecret(id: string, generation: number): Uint8Array {
    return this.#derived('webhook', String(generation), id)
  }

  #derived(what: string, scope: string, name: string): Uint8Array {
    return hmacSha256(this.#secret, utf8Encode(JSON.stringify(['gateway', what, scope, name])))
  }
}

/** The mark of an id: its random bits with version and variant, hex. */
export function markOf(id: Uint8Array): string {
  return toHex(id.subarray(ID_TIME_BYTES))
}
