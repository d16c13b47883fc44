import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Policy, TallyClient } from '../src/client/index.ts'
import { IssuingService } from '../src/issuing/index.ts'
import { parseProgramme, TEMPLATES } from '../src/programmes/index.ts'
import { eventsOf } from './programmes.ts'
import { helperThread } from './thread.ts'
import { BUDGET, FIRST_MEMBER, ISSUER, RULE, UNIT } from './workload.ts'

/** What a thread that issues by a programme is to do. */
export interface IssuingLoad {
  readonly port: number
  readonly policy: Policy
  readonly members: number
  /** How many events, of which the first tenth is not measured. */
  readonly events: number
}

/** What came of it. */
export interface IssuingResult {
  readonly eventsPerSecond: number
  readonly rewards: number
  /** CPU time of the thread for an event, in microseconds: what a busy machine changes least. */
  readonly cpuMicros: number
}

/** Events that are sent at once, and how many such sendings are under way. */
const AT_ONCE = 1000
const LANES = 4

await helperThread<IssuingLoad, IssuingResult>(async ({ port, policy, members, events }) => {
  // As `coins`, but of today.
  const programme = parseProgramme(JSON.stringify({ ...TEMPLATES['coins'], from: '2020-01-01T00:00+08:00' }))
  const folder = await mkdtemp(join(tmpdir(), 'tallystick-issuing-'))
  const numbered = (names: Iterable<string>) =>
    new Map([...names].map(name => [name, FIRST_MEMBER + Number(name.slice('member-'.length))] as const))
  const service = await IssuingService.open({
    folder,
    client: new TallyClient({ url: `http://127.0.0.1:${port}`, policy }),
    versions: [{ programme, record: RULE, isRevoked: false }],
    secret: new Uint8Array(32).fill(1),
    issuer: ISSUER,
    accounts: { find: async names => numbered(names), open: async times => numbered(times.keys()) },
    placeOf: () => ({ unit: UNIT, budget: BUDGET }),
    history: undefined,
  })
  const texts = eventsOf(events, members, Date.now() - 60_000, 1)
  const warm = Math.floor(events / 10)
  let rewards = 0
  const take = async (from: number, to: number) => {
    let next = from
    const lane = async () => {
      while (next < to) {
        const at = next
        next += AT_ONCE
        const answers = await service.take(texts.slice(at, Math.min(to, at + AT_ONCE)))
        for (const { status, rewards: given, code } of answers) {
          if (status === 'refused' || status === 'invalid') throw new Error(`an event is ${status}: ${code}`)
          rewards += given.length
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }
  return async () => {
    await take(0, warm)
    rewards = 0
    const start = performance.now()
    const cpu = process.threadCpuUsage()
    await take(warm, events)
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.threadCpuUsage(cpu)
    await service.close()
    await rm(folder, { recursive: true, force: true })
    return { eventsPerSecond: (events - warm) / seconds, rewards, cpuMicros: (user + system) / (events - warm) }
  }
})
