import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { remembering } from './engine.ts'
import { type Plan, planOf, withSteps } from './plan.ts'
import { shrunk } from './shrink.ts'
import { type Outcome, simulate } from './simulate.ts'

/** `npm run simulate`: see README.md beside this. Exit status 1 where a seed broke a promise. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string' },
    steps: { type: 'string' },
    keep: { type: 'string' },
    trace: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const PROGRESS_MS = 10_000

useEngine(remembering(await loadEngine('native')))
const from = values.from === undefined ? randomInt(2 ** 31) : Number(values.from)
const count = Number(values.seeds)
const began = performance.now()
const sum = { seeds: 0, events: 0, virtualMs: 0, entries: 0, acknowledged: 0 }
const broken = new Map<string, number[]>()

function planFor(seed: number): Plan {
  const plan = planOf(seed, values.steps === undefined ? undefined : Number(values.steps))
  return values.keep === undefined ? plan : withSteps(plan, values.keep.split(',').filter(Boolean).map(Number))
}

function again({ plan }: Outcome): string {
  const steps = values.steps === undefined ? '' : ` --steps ${values.steps}`
  return `npm run simulate -- --from ${plan.seed} --seeds 1${steps} --keep '${plan.places.join(',')}' --trace`
}

function progress(): string {
  const seconds = (performance.now() - began) / 1000
  const cpu = process.cpuUsage()
  const busy = (cpu.user + cpu.system) / 1e6
  const perSecond = (n: number) => (n / seconds).toFixed(n / seconds < 10 ? 1 : 0)
  return (
    `${sum.seeds} of ${count} seeds from ${from} in ${seconds.toFixed(1)} s (${busy.toFixed(1)} s of a core): ${perSecond(sum.seeds)} seeds/s, ` +
    `${perSecond(sum.events)} events/s, ${perSecond(sum.virtualMs / 1000)} times as fast as life; ` +
    `${sum.entries} entries, ${sum.acknowledged} batches acknowledged; ${[...broken.values()].flat().length} broke a promise`
  )
}

async function tell(outcome: Outcome): Promise<void> {
  const { violation, plan } = outcome
  console.log(`\nseed ${plan.seed} broke a promise: ${violation!.message.slice(0, 800)}`)
  if (!values.shrink) return
  const least = await shrunk(outcome)
  console.log(`  ${plan.steps.length} steps, shrunk to ${least.plan.steps.length}: ${JSON.stringify(plan.setting)}`)
  least.plan.steps.forEach((step, i) => {
    console.log(`  ${least.plan.places[i]}: ${JSON.stringify(step)}`)
  })
  console.log(`  ${least.violation!.message.slice(0, 400)}\n  ${again(least)}`)
}

let saidMs = performance.now()
for (let seed = from; seed < from + count; seed++) {
  const print = values.trace ? (line: string) => console.log(line) : undefined
  const outcome = await simulate(planFor(seed), print)
  sum.seeds++
  sum.events += outcome.events
  sum.virtualMs += outcome.virtualMs
  sum.entries += outcome.entries
  sum.acknowledged += outcome.acknowledged
  const { violation } = outcome
  if (violation !== undefined) {
    const seeds = broken.get(violation.promise) ?? []
    broken.set(violation.promise, [...seeds, seed])
    // One of a kind is shrunk: the others are as likely the same.
    if (seeds.length === 0) await tell(outcome)
    else console.log(`seed ${seed} broke a promise: ${violation.message.slice(0, 200)}`)
    if (values.first) break
  }
  if (performance.now() - saidMs > PROGRESS_MS) {
    saidMs = performance.now()
    console.log(progress())
  }
}
console.log(progress())
for (const [promise, seeds] of broken) console.log(`  ${promise}: seeds ${seeds.join(', ')}`)
process.exitCode = broken.size === 0 ? 0 : 1
