import { FollowedClock, type TallyClient } from '../client/index.ts'
import type { MemoryFollower } from './follower.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

/** How often it is looked whether somebody else moved the time. */
const LOOK_MS = 1000
const DAY_MS = 86_400_000

/** The time of a test ledger at its gateway (SPEC §3): read from the ledger, and moved there day by day. */
export class GatewayTestTime {
  readonly #clock: FollowedClock
  #timer: NodeJS.Timeout | undefined
  #moving: Promise<unknown> = Promise.resolve()

  /** @param client - what asks the ledger, with a key of the platform. */
  constructor(client: () => TallyClient) {
    this.#clock = new FollowedClock(client)
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Reads it each second from now on. */
  begin(): void {
    // A ledger that does not answer is said by what is asked of it.
    this.#timer = setInterval(() => void this.look().catch(() => {}), LOOK_MS).unref()
  }

  /** Reads it. @throws ClientError: the ledger does not answer, or is no test ledger. */
  look(): Promise<void> {
    return this.#clock.look()
  }

  /**
   * Moves the time ahead, and resolves when what came due in between is read here. Day by day, so that what is told a
   * time before something happens is told before it.
   *
   * @param byMs - by how much, in whole seconds.
   * @returns the time then.
   */
  advance(byMs: number, parts: { readonly follower: MemoryFollower; readonly webhooks: Webhooks }): Promise<number> {
    const moved = this.#moving.then(() => this.#advance(byMs, parts))
    this.#moving = moved.catch(() => {})
    return moved
  }

  async #advance(
    byMs: number,
    { follower, webhooks }: { readonly follower: MemoryFollower; readonly webhooks: Webhooks },
  ): Promise<number> {
    for (let leftMs = byMs; leftMs > 0; leftMs -= DAY_MS) {
      await this.#clock.advance(`${Math.min(leftMs, DAY_MS) / 1000}s`)
      await follower.follow({ isForced: true })
      await webhooks.lookAhead()
    }
    return this.nowMs()
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
