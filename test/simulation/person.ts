import type { FollowerNode } from './follower-node.ts'
import type { LedgerNode } from './ledger-node.ts'
import type { World } from './world.ts'

/** How often somebody looks after the machines, and how long a clock is left in doubt. */
const LOOK_MS = 1000
const DOUBT_MS = 15_000

/** Who looks after the machines: starts what has ended, puts right what is damaged, and the clock. */
export class Person {
  readonly #world: World
  /** When a machine that is down is started again. */
  readonly #downUntil = new Map<LedgerNode | FollowerNode, number>()
  #doubtSince: number | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** Begins to look, for as long as the world lasts. */
  begin(): void {
    this.#look()
  }

  /** Leaves a machine down for a while. */
  leave(node: LedgerNode | FollowerNode, ms: number): void {
    this.#downUntil.set(node, this.#world.time.nowMs + ms)
  }

  #look(): void {
    const { time, nodes, witnesses } = this.#world
    for (const node of nodes) this.#lookAfter(node)
    for (const witness of witnesses) if (witness.process === undefined) witness.start()
    this.#lookAtClock()
    time.at(time.nowMs + LOOK_MS, () => this.#look(), null)
  }

  #lookAfter(node: LedgerNode | FollowerNode): void {
    const { time } = this.#world
    if (node.failure !== undefined && node.process !== undefined) {
      node.kill('kill')
      node.disk.failing = 0
      node.disk.heal()
      this.leave(node, LOOK_MS)
    }
    if (node.process === undefined && time.nowMs >= (this.#downUntil.get(node) ?? 0)) node.start()
  }

  #lookAtClock(): void {
    const { ledger, time } = this.#world
    if (ledger.log?.held?.code !== 'clock-suspect') this.#doubtSince = undefined
    else {
      this.#doubtSince ??= time.nowMs
      if (time.nowMs - this.#doubtSince < DOUBT_MS) return
      ledger.setClock(0, 0)
      ledger.isClockConfirmed = true
      this.#doubtSince = undefined
    }
  }
}
