import { absent, ClientError, readAs, type TallyClient } from '../client/index.ts'
import { equalBytes, fromBase64, fromHex, toBase64, toHex } from '../core/bytes.ts'
import { commitmentOf, type SaltedText } from '../core/entry/details.ts'
import { DETAILS_BYTES_MAX } from '../core/limits.ts'
import type { Memory, MemoryRow } from './memory.ts'

/** Details as the memory has them. */
interface KeptDetails {
  readonly salt: string
  readonly text: string
  readonly account: number
}

/** What of details of a shop's entry is known. */
export interface ShopDetails {
  readonly order?: string
  readonly reason?: string
  readonly [name: string]: unknown
}

/** Details that go to the ledger at once, and how long it waits before it tries again. */
const AT_ONCE = 16
const PAUSE_MS = 2000
/** How long the end waits for them. */
const CLOSE_MS = 5000

const keptReader = readAs.object({ salt: readAs.base64(32), text: readAs.text(DETAILS_BYTES_MAX) })

/**
 * Keeps details under commitments, here and at the ledger: what the gateway loses it has again from there. Details
 * are written down before their entry is sent, and brought to the ledger after it.
 */
export class GatewayDetails {
  readonly #memory: Memory
  readonly #client: TallyClient
  #pump: Promise<void> | undefined
  #isClosed = false
  readonly #onTrouble: (error: Error) => void

  /** @param client - calls with a key that may keep and read details. */
  constructor(memory: Memory, client: TallyClient, onTrouble: (error: Error) => void = () => {}) {
    this.#memory = memory
    this.#client = client
    this.#onTrouble = onTrouble
  }

  /** The commitment to a text under a salt, and the rows that keep both. */
  commit(
    account: number,
    text: string,
    salt: Uint8Array,
  ): { readonly commitment: Uint8Array; readonly rows: MemoryRow[] } {
    const commitment = commitmentOf({ salt, text })
    const key = toHex(commitment)
    const kept: KeptDetails = { salt: toBase64(salt), text, account }
    return {
      commitment,
      rows: [
        ['details', key, kept],
        ['outbox', key, 1],
      ],
    }
  }

  /** The details under a commitment, hex: from the memory, or else from the ledger; undefined where it was erased. */
  async behind(commitment: string): Promise<SaltedText | undefined> {
    const kept = await this.#memory.get<KeptDetails>('details', commitment)
    if (kept !== undefined) return { salt: fromBase64(kept.salt), text: kept.text }
    const found = await this.#client.read(`/v1/details/${commitment}`, keptReader).catch(gone)
    if (found === undefined || !equalBytes(commitmentOf(found), fromHex(commitment))) return undefined
    await this.#memory.write([['details', commitment, { salt: toBase64(found.salt), text: found.text, account: -1 }]])
    return found
  }

  /** The text alone. */
  async text(commitment: string): Promise<string | undefined> {
    return (await this.behind(commitment))?.text
  }

  /** What the details of one of the shop's entries say, as far as they are JSON. */
  async of(commitment: string | undefined): Promise<ShopDetails> {
    const text = commitment === undefined ? undefined : await this.text(commitment)
    if (text === undefined) return {}
    try {
      const value: unknown = JSON.parse(text)
      return typeof value === 'object' && value !== null ? (value as ShopDetails) : {}
    } catch {
      return {}
    }
  }

  /** Brings to the ledger what it has not got yet: in the background, and again until it has. */
  bring(): void {
    if (this.#isClosed) return
    this.#pump ??= this.#bringAll().finally(() => {
      this.#pump = undefined
    })
  }

  /** Brings what there is, once. @throws ClientError. */
  async bringOnce(): Promise<number> {
    const waiting = await this.#memory.list<1>('outbox', { limit: AT_ONCE })
    await Promise.all(
      waiting.map(async ([key]) => {
        const kept = await this.#memory.get<KeptDetails>('details', key)
        if (kept !== undefined) await this.#client.keepDetails(kept.account, kept.text, fromBase64(kept.salt))
        await this.#memory.write([['outbox', key, undefined]])
      }),
    )
    return waiting.length
  }

  async #bringAll(): Promise<void> {
    while (!this.#isClosed)
      try {
        if ((await this.bringOnce()) === 0) return
      } catch (error) {
        if (this.#isClosed) return
        this.#onTrouble(error as Error)
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS).unref())
      }
  }

  /** Brings what it can in some seconds, and stops; what is left waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#pump
    const untilMs = performance.now() + CLOSE_MS
    try {
      while (performance.now() < untilMs && (await this.bringOnce()) > 0);
    } catch (error) {
      this.#onTrouble(error as Error)
    }
  }
}

/** Undefined for details that there are not, or no more. */
function gone(error: unknown): undefined {
  if (error instanceof ClientError && error.status === 410) return undefined
  return absent(error)
}
