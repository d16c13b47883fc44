import { ClientError } from '../../client/index.ts'
import { FormatError } from '../../core/failure.ts'
import type { LogSource } from './log-source.ts'

/** Salts that are asked for at once. */
const PAGE = 10_000

/** The salt of an epoch that the ledger has none for: it opens nothing. */
const NONE = new Uint8Array(32)

/** The salts of the totals, some pages of them: fetched before they are wanted, dropped after. */
export class Salts {
  readonly #source: LogSource
  readonly #pages = new Map<number, readonly (Uint8Array | null)[]>()

  constructor(source: LogSource) {
    this.#source = source
  }

  /** Fetches those of epochs `[from, to)`, and drops those before. @throws ClientError. */
  async fetch(from: number, to: number): Promise<void> {
    for (const page of this.#pages.keys()) if ((page + 1) * PAGE <= from) this.#pages.delete(page)
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++)
      if (!this.#pages.has(page)) this.#pages.set(page, await this.#fetch(page))
  }

  async #fetch(page: number): Promise<readonly (Uint8Array | null)[]> {
    try {
      return await this.#source.salts(page * PAGE, PAGE)
    } catch (error) {
      // No fault of the log: nobody signed it.
      if (error instanceof FormatError) throw new ClientError(error.code, error.message, 0, { cause: error })
      throw error
    }
  }

  /** The salt of an epoch that was fetched: zeros where the ledger gave none, undefined where it is not at hand. */
  of(epoch: number): Uint8Array | undefined {
    const salt = this.#pages.get(Math.floor(epoch / PAGE))?.[epoch % PAGE]
    return salt === null ? undefined : (salt ?? NONE)
  }
}
