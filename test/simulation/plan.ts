import { Random } from './random.ts'

/** What can be done to the world, and what it takes to say it. */
export interface Steps {
  readonly call: { readonly count: number }
  readonly again: object
  readonly forge: object
  readonly kill: { readonly node: Node; readonly downMs: number }
  readonly power: { readonly node: Node; readonly downMs: number }
  readonly trap: {
    readonly write: string
    readonly phase: 'before' | 'behind'
    readonly skip: number
    readonly how: 'kill' | 'power' | 'fail'
    readonly node: Machine
  }
  readonly stop: { readonly node: Machine; readonly downMs: number }
  readonly sleep: { readonly ms: number }
  readonly clock: { readonly ms: number }
  readonly drift: { readonly share: number }
  readonly weather: {
    readonly lost: number
    readonly doubled: number
    readonly garbled: number
    readonly slowMs: number
  }
  readonly mood: { readonly witness: number; readonly mood: Mood }
  readonly damage: { readonly node: Machine; readonly bits: number }
  readonly disk: { readonly node: Machine; readonly slowMs: number; readonly failing: number }
  readonly journal: { readonly failing: number }
  readonly 'old-copy': { readonly forMs: number }
}

/** Each step has its own seed, so that it does the same without the others. */
export type StepOf<K extends keyof Steps> = Steps[K] & {
  readonly do: K
  readonly seed: number
  readonly pauseMs: number
}
/** What is done to the world, one after another. */
export type Step = { [K in keyof Steps]: StepOf<K> }[keyof Steps]

export type Machine = 'ledger' | 'follower'
type Node = Machine | 'witness'
export type Mood = 'honest' | 'down' | 'slow' | 'lying' | 'wrong-clock'

/** How a world is made. */
export interface Setting {
  readonly witnesses: number
  readonly quorum: number
  /** Whether the order of commands outlives the ledger's process. */
  readonly isOrderKept: boolean
  readonly hasFollower: boolean
  readonly periodMs: number
  readonly snapshotEntries: number
  readonly runBits: number
  /** What each look at the steady clock costs: `time.ts`. */
  readonly lookMs: number
  /** Whether disks forget what they synced, as none may: for those who try the simulation itself. */
  readonly isForgetful: boolean
}

/** What one seed does: the world, and the steps, all of them or those that are left of them. */
export interface Plan {
  readonly seed: number
  readonly setting: Setting
  readonly steps: readonly Step[]
  /** Places of the steps in the plan of the seed. */
  readonly places: readonly number[]
}

const CALLS = { call: 60, again: 8, forge: 3 }
const FAULTS = {
  kill: 5,
  power: 6,
  trap: 14,
  stop: 3,
  sleep: 3,
  clock: 3,
  drift: 2,
  weather: 5,
  mood: 5,
  damage: 4,
  disk: 3,
  journal: 2,
  'old-copy': 4,
}

/** Writes by the beginnings of their names: `database.ts`. */
const WRITES = ['log entries', 'beside checkpoint', 'beside snapshot', 'index index', 'log', 'beside', 'index', '']

/** The plan of a seed. @param steps - how many of them; by default a number of its own. */
export function planOf(seed: number, steps?: number): Plan {
  const random = new Random(seed)
  const witnesses = random.below(4)
  const setting: Setting = {
    witnesses,
    quorum: witnesses === 0 ? 0 : 1 + random.below(witnesses),
    isOrderKept: random.chance(0.4),
    hasFollower: random.chance(0.7),
    periodMs: random.pick([500, 1000, 3000]),
    snapshotEntries: random.pick([8, 20, 60, 200]),
    runBits: random.pick([4, 5, 6]),
    lookMs: random.pick([0, 0, 0.02, 0.4]),
    isForgetful: false,
  }
  const count = steps ?? 25 + random.below(35)
  // Some worlds are calm, some are not.
  const share = random.pick([0.1, 0.3, 0.5])
  const list = Array.from({ length: count }, () => stepOf(random, share))
  return { seed, setting, steps: list, places: list.map((_, i) => i) }
}

function stepOf(random: Random, share: number): Step {
  const pauseMs = random.pick([0, 0, 2, 20, 300, 1500, 4000])
  const begin = { seed: random.seed(), pauseMs }
  const what = random.chance(share) ? random.weighed(FAULTS) : random.weighed(CALLS)
  const node = random.pick(['ledger', 'ledger', 'follower'] as const)
  switch (what) {
    case 'call':
      return { ...begin, do: what, count: random.pick([1, 1, 1, 2, 4]) }
    case 'again':
    case 'forge':
      return { ...begin, do: what }
    case 'kill':
    case 'power':
      return { ...begin, do: what, node: random.pick([node, node, 'witness']), downMs: random.pick([0, 500, 5000]) }
    case 'trap': {
      const how = random.pick(['kill', 'power', 'power', 'fail'] as const)
      const phase = random.pick(['before', 'behind'] as const)
      return { ...begin, do: what, write: random.pick(WRITES), phase, skip: random.below(3), how, node }
    }
    case 'stop':
      return { ...begin, do: what, node, downMs: random.pick([0, 2000, 3_700_000]) }
    case 'sleep':
      return { ...begin, do: what, ms: random.pick([6000, 600_000, 3_600_000, 9 * 3_600_000]) }
    case 'clock':
      return { ...begin, do: what, ms: random.pick([-3_600_000, -20_000, -4000, 3000, 8000, 5_400_000]) }
    case 'drift':
      return { ...begin, do: what, share: random.pick([-0.01, -0.0005, 0.0005, 0.01]) }
    case 'weather': {
      const [lost, doubled, garbled] = [random.pick([0, 0.05, 0.3]), random.pick([0, 0.2]), random.pick([0, 0.05, 0.2])]
      return { ...begin, do: what, lost, doubled, garbled, slowMs: random.pick([5, 100, 3000]) }
    }
    case 'mood':
      return {
        ...begin,
        do: what,
        witness: random.below(3),
        mood: random.pick(['honest', 'down', 'slow', 'lying', 'wrong-clock']),
      }
    case 'damage':
      return { ...begin, do: what, node, bits: 1 + random.below(3) }
    case 'disk':
      return { ...begin, do: what, node, slowMs: random.pick([1, 30, 400]), failing: random.pick([0, 0, 0.05]) }
    case 'journal':
      return { ...begin, do: what, failing: random.pick([0, 0.2, 0.6]) }
    case 'old-copy':
      return { ...begin, do: what, forMs: 15_000 }
  }
}

/** The same plan with some of its steps. */
export function withSteps(plan: Plan, chosen: readonly number[]): Plan {
  const steps = chosen.map(place => plan.steps[plan.places.indexOf(place)]!)
  return { ...plan, steps, places: chosen }
}

/** Whether a step is done by somebody who uses the ledger, and not by fate. */
export function isCall(step: Step): boolean {
  return Object.hasOwn(CALLS, step.do)
}
