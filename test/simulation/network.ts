import type { Random } from './random.ts'
import type { SimProcess, VirtualTime } from './time.ts'

/** How a network fares. */
export interface Weather {
  /** How often a message is lost, and how often it comes twice. */
  lost: number
  doubled: number
  /** How often bytes of an answer are changed on their way to a follower. */
  garbled: number
  /** How long one takes at most, in milliseconds: later ones overtake it. */
  slowMs: number
}

export const CALM: Weather = { lost: 0, doubled: 0, garbled: 0, slowMs: 5 }

/** Brings questions from process to process, and answers back; or does not. */
export class SimNetwork {
  weather: Weather = { ...CALM }
  readonly #time: VirtualTime
  readonly #random: Random

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  /**
   * Asks a process something. Rejects where that one is dead when the question comes; does neither where a message is
   * lost, or where who asked is dead when the answer comes.
   *
   * @param to - which process stands there when the question comes.
   */
  ask<T>(from: SimProcess, to: () => SimProcess | undefined, answer: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      const arrive = () => {
        const there = to()
        if (there === undefined || there.isDead) {
          this.#carry(from, () => reject(new Error('connection refused')))
          return
        }
        // What comes of it, comes back only where the one who was asked still lives.
        const back = (tell: () => void) => {
          if (!there.isDead) this.#carry(from, tell)
        }
        there
          .run(async () => answer())
          .then(
            value => back(() => resolve(value)),
            (error: Error) => back(() => reject(error)),
          )
      }
      this.#carry(null, arrive)
      if (this.#random.chance(this.weather.doubled)) this.#carry(null, arrive)
    })
  }

  #carry(owner: SimProcess | null, what: () => void): void {
    const { lost, slowMs } = this.weather
    const random = this.#random
    if (random.chance(lost)) return
    this.#time.at(this.#time.nowMs + random.between(0.1, slowMs), what, owner)
  }
}
