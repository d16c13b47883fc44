import type { FollowerNode } from './follower-node.ts'
import type { LedgerNode } from './ledger-node.ts'
import type { Machine, Step, StepOf, Steps } from './plan.ts'
import type { World } from './world.ts'

type Does = { readonly [K in keyof Steps]: (world: World, step: StepOf<K>) => void }

/** Longer than this nobody watches a machine that is down: time is moved instead. */
const WATCHED_MS = 60_000

/** Does one step to the world; what comes of it shows as time goes on. */
export function doStep(world: World, step: Step): void {
  const does = DOES[step.do] as (world: World, step: Step) => void
  does(world, step)
}

function end(world: World, step: StepOf<'kill'> | StepOf<'power'>): void {
  const { seed, node, downMs } = step
  if (node === 'witness') world.witnesses[seed % Math.max(1, world.witnesses.length)]?.kill()
  else ended(world, nodeOf(world, node), step.do, downMs)
}

const DOES: Does = {
  call: ({ callers }, { seed, count }) => callers.call(seed, count),
  again: ({ callers }, { seed }) => callers.again(seed),
  forge: ({ callers }, { seed }) => callers.forge(seed),
  kill: end,
  power: end,
  trap(world, { node: name, how, ...trap }) {
    const node = nodeOf(world, name)
    const spring = () => {
      if (how !== 'fail') ended(world, node, how, 1000)
      else if (node !== undefined) {
        node.disk.hasFailed = true
        throw new Error('forced: the write failed')
      }
    }
    node?.disk.traps.push({ ...trap, spring })
  },
  stop(world, { node: name, downMs }) {
    const node = nodeOf(world, name)
    if (node === undefined) return
    if (downMs > WATCHED_MS) world.sleptMs += downMs
    world.person.leave(node, Math.min(downMs, WATCHED_MS))
    void node.stop()
  },
  sleep(world, { ms }) {
    world.sleptMs += ms
  },
  clock: ({ ledger }, { ms }) => ledger.setClock(ms, ledger.clockGain),
  drift: ({ ledger }, { share }) => ledger.setClock(ledger.clockOffMs, share),
  weather(world, { lost, doubled, garbled, slowMs }) {
    world.network.weather = { lost, doubled, garbled, slowMs }
    world.wasGarbled ||= garbled > 0
  },
  mood({ witnesses }, { witness: n, mood }) {
    const witness = witnesses[n]
    if (witness !== undefined) witness.mood = mood
  },
  damage(world, { node, bits }) {
    for (let bit = 0; bit < bits; bit++) nodeOf(world, node)?.disk.damage()
  },
  disk(world, { node, slowMs, failing }) {
    const disk = nodeOf(world, node)?.disk
    if (disk !== undefined) Object.assign(disk, { slowMs, failing })
  },
  journal({ ledger }, { failing }) {
    ledger.order.failing = failing
  },
  'old-copy': (world, { forMs }) => oldCopy(world, forMs),
}

function nodeOf({ ledger, follower }: World, name: Machine): LedgerNode | FollowerNode | undefined {
  return name === 'ledger' ? ledger : follower
}

function ended(world: World, node: LedgerNode | FollowerNode | undefined, how: 'kill' | 'power', downMs: number): void {
  if (node === undefined) return
  world.person.leave(node, downMs)
  node.kill(how)
}

/** The disk of the ledger is copied; later somebody starts the copy, where all witnesses have seen more than it has. */
function oldCopy(world: World, forMs: number): void {
  const { ledger, witnesses, oracle, time, setting } = world
  if (setting.isOrderKept || witnesses.length === 0 || ledger.isOldCopy || ledger.disk.damaged.length > 0) return
  const [size, restoreOld] = [oracle.size, ledger.disk.copy()]
  const begin = () => {
    const hasSeenMore = witnesses.every(({ memory }) => [...memory.values()].some(note => sizeIn(note) > size))
    const isBusy = ledger.process === undefined || ledger.isOldCopy || ledger.disk.damaged.length > 0
    if (!hasSeenMore || isBusy) return
    ledger.kill('kill')
    const restoreNew = ledger.disk.copy()
    restoreOld()
    ledger.isOldCopy = true
    ledger.start()
    const over = () => {
      ledger.kill('kill')
      restoreNew()
      ledger.isOldCopy = false
    }
    time.at(time.nowMs + 8000, over, null)
  }
  time.at(time.nowMs + forMs, begin, null)
}

function sizeIn(note: Uint8Array): number {
  return Number(new TextDecoder().decode(note).split('\n')[1])
}
