import type { TallyClient } from './client.ts'
import { type JsonReader, object, uint } from './read-json.ts'

const PATH = '/v1/ledger/clock'

/** The answer of `/v1/ledger/clock`. */
const readTestTime: JsonReader<{ readonly time: number }> = object({ time: uint() })

/**
 * The clock of a test ledger (SPEC §3), as it was read last: for a client of one, in place of the clock of its machine.
 *
 * @example
 * const clock = new FollowedClock(() => client)
 * const client = new TallyClient({ url, policy, nowMs: () => clock.nowMs() })
 * await clock.look()
 */
export class FollowedClock {
  readonly #client: () => TallyClient
  #aheadMs = 0

  /** @param client - what asks the ledger; asked for when it is needed, so that it can have this clock. */
  constructor(client: () => TallyClient) {
    this.#client = client
  }

  /** The time of the ledger, in ms since 1970: that of this machine, until it was read. */
  nowMs(): number {
    return Date.now() + this.#aheadMs
  }

  /** Reads it. @throws ClientError: the ledger does not answer, or is no test ledger. */
  async look(): Promise<void> {
    const { time } = await this.#client().read(PATH, readTestTime)
    this.#aheadMs = time - Date.now()
  }

  /**
   * Moves it ahead, with the client's key, which is one of the platform.
   *
   * @param span - such as `30d` or `12h`, at most 731 days.
   * @returns the time then, when what came due in between is in the log.
   * @throws ClientError: the ledger does not answer, is no test ledger, or does not let this key.
   */
  async advance(span: string): Promise<number> {
    const { time } = await this.#client().read(PATH, readTestTime, undefined, { advance: span })
    this.#aheadMs = time - Date.now()
    return time
  }
}
