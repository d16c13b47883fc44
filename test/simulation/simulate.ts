import { auditOfDisk, auditOfPublished, checkStatements } from './audits.ts'
import { CALM } from './network.ts'
import type { Plan } from './plan.ts'
import { doStep } from './steps.ts'
import type { Violation } from './trace.ts'
import { World } from './world.ts'

/** What became of a plan. */
export interface Outcome {
  readonly plan: Plan
  /** Of all that happened: the same plan has the same. */
  readonly digest: string
  readonly violation: Violation | undefined
  readonly events: number
  readonly virtualMs: number
  readonly entries: number
  readonly acknowledged: number
}

/** How long a world may take to come to rest once nothing fails any more. */
const REST_MS = 600_000
/** What founds a ledger takes no longer. */
const FOUNDING_MS = 60_000

/** Runs a plan. @param print - is shown each thing that happens. */
export async function simulate(plan: Plan, print?: (line: string) => void): Promise<Outcome> {
  const world = new World(plan, print)
  const { time, trace, oracle } = world
  time.install()
  try {
    await run(world, plan)
  } catch (error) {
    trace.broken('no assertion', (error as Error).stack ?? String(error), error)
  } finally {
    time.uninstall()
  }
  return {
    plan,
    digest: trace.digest(),
    violation: trace.violation,
    events: time.fired,
    virtualMs: time.nowMs + world.sleptMs,
    entries: oracle.size,
    acknowledged: oracle.acknowledged,
  }
}

async function run(world: World, plan: Plan): Promise<void> {
  const { time, trace, callers, person } = world
  person.begin()
  let isFounded = false
  void callers.found().then(() => {
    isFounded = true
  })
  await time.runUntil(FOUNDING_MS, () => isFounded || trace.violation !== undefined)
  if (!isFounded) trace.broken('live', 'the ledger was not founded within a minute')
  for (const [i, step] of plan.steps.entries()) {
    if (trace.violation !== undefined) return
    trace.note(`step ${plan.places[i]}: ${JSON.stringify(step)}`)
    doStep(world, step)
    await time.runUntil(time.nowMs + step.pauseMs, () => trace.violation !== undefined)
    world.look()
  }
  await rest(world)
}

/** Nothing fails any more: everybody is answered, everything is published, and what is on the disks is the ledger. */
async function rest(world: World): Promise<void> {
  const { time, trace, ledger, callers, network, witnesses, oracle } = world
  network.weather = { ...CALM }
  for (const witness of witnesses) witness.mood = 'honest'
  ledger.setClock(0, 0)
  ledger.order.failing = 0
  for (const { disk } of world.nodes) Object.assign(disk, { slowMs: 1, failing: 0, traps: [] })
  const isAtRest = () => {
    const { log } = ledger
    if (log === undefined || ledger.isOldCopy || callers.underWay > 0 || log.held !== undefined) return false
    return world.nodes.every(node => world.isPublished(node))
  }
  await time.runUntil(time.nowMs + REST_MS, () => isAtRest() || trace.violation !== undefined)
  if (trace.violation !== undefined) return
  if (!isAtRest()) {
    trace.broken('live', `there is no rest: ${stateOf(world)}`)
    return
  }
  world.look()
  oracle.compareLastSeal()
  oracle.kept()
  if (world.setting.isOrderKept) oracle.compareSeals(ledger.order.commands.filter(({ kind }) => kind === 'seal').length)
  await world.done('audit', () => auditOfPublished(world))
  await world.done('statement', () => checkStatements(world))
  for (const node of world.nodes) {
    node.disk.heal()
    world.person.leave(node, 2 * REST_MS)
    await world.done('live', () => node.stop())
    await world.done('audit', () => auditOfDisk(world, node))
  }
}

function stateOf({ ledger, follower, callers, oracle }: World): string {
  const { log } = ledger
  return JSON.stringify({
    ledger: log?.publisher.published?.size ?? String(ledger.failure),
    held: log?.held?.message,
    stopped: log?.stopped?.message,
    follower: follower?.log?.following,
    underWay: callers.underWay,
    size: oracle.size,
  })
}
