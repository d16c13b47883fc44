import type { SigningKey } from '../../src/client/index.ts'
import { parseProgramme } from '../../src/programmes/index.ts'
import { ServedShop } from '../gateway/shop.ts'
import { keyNumber } from '../world.ts'

/** An event as a shop sends it. */
export interface SentEvent {
  readonly id: string
  readonly type: string
  readonly time: number
  readonly member: string
  readonly data: object
}

/** What came of events: points by the unit and the member, by the answers, and those that earned nothing. */
export interface GatewayFigures {
  readonly points: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly events: number
  readonly unrewarded: number
  /** Balances that were asked for, and compared. */
  readonly balances: number
}

/** Events of a request. */
const CHUNK = 1000
const PLAN = { cap: 4_000_000_000, fund: 2_000_000_000, expiresDays: 0 }
/** The issuer of a real file reaches back to its events: thirty years. */
const BACKDATE_MS = 30 * 366 * 86_400_000

/**
 * Sends events to a shop's gateway over HTTP, in lines, and has a ledger beside it pay them under a document.
 *
 * @param document - its units are those of the shop. @param asked - of how many members in each unit the balance is
 * compared with what the answers say.
 * @throws Error where an answer or a balance is not what it should be.
 */
export async function throughGateway(
  document: object,
  events: Iterable<SentEvent>,
  asked: number,
): Promise<GatewayFigures> {
  const programme = parseProgramme(JSON.stringify(document))
  const units = [...new Set([programme.unit, ...programme.rules.map(({ unit }) => unit)])]
  const [first, ...others] = units as [string, ...string[]]
  const shop = await ServedShop.create({ ...PLAN, name: first })
  try {
    let made = shop.shop
    for (const name of others) made = await shop.addUnit(name, PLAN)
    await shop.publish(programme)
    const issuer = await reachingBack(
      shop,
      made.units.map(({ budget }) => budget),
    )
    const gateway = await shop.gateway('real', { shop: { ...made, keys: { ...made.keys, issuer } } })
    const points = new Map(units.map(unit => [unit, new Map<string, number>()]))
    let [count, unrewarded] = [0, 0]
    for (const chunk of chunksOf(events)) {
      const response = await fetch(`${gateway.url}/v1/events?programme=${programme.name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/x-ndjson' },
        body: chunk.map(event => `${JSON.stringify(event)}\n`).join(''),
      })
      const answers = (await response.text()).trim().split('\n')
      if (response.status !== 200) throw new Error(`the gateway answers ${response.status}: ${answers[0]}`)
      for (const [i, line] of answers.entries()) {
        const answer = JSON.parse(line) as {
          readonly status: string
          readonly rewards: readonly { readonly unit: string; readonly amount: number; readonly outcome: string }[]
        }
        if (!['earned', 'capped', 'nothing'].includes(answer.status)) throw new Error(`${chunk[i]!.id}: ${line}`)
        count++
        if (answer.rewards.length === 0) unrewarded++
        for (const { unit, amount, outcome } of answer.rewards) {
          if (outcome !== 'accepted') throw new Error(`${chunk[i]!.id}: ${line}`)
          const own = points.get(unit)!
          own.set(chunk[i]!.member, (own.get(chunk[i]!.member) ?? 0) + amount)
        }
      }
    }
    let balances = 0
    for (const [unit, own] of points)
      for (const [member, sum] of [...own].slice(0, asked)) {
        const { body } = await gateway.get(`/v1/members/${encodeURIComponent(member)}`)
        const { balance } = body.units[unit]
        if (balance !== sum) throw new Error(`${member} has ${balance} ${unit}, and was answered ${sum}`)
        balances++
      }
    return { points, events: count, unrewarded, balances }
  } finally {
    await shop.destroy()
  }
}

/** A key of the shop's issuer that reaches back to what happened long ago. */
async function reachingBack({ world }: ServedShop, scope: number[]): Promise<SigningKey> {
  const key = keyNumber(90)
  const record = world.log.ledger.state.registry.records.length
  const registration = world.registerKey(
    'issuer',
    key,
    scope.sort((a, b) => a - b),
  )
  await world.submit([world.root], world.bytes({ ...registration, backdateMs: BACKDATE_MS } as never))
  await world.log.publisher.publish()
  return { holder: { record }, seed: key.seed }
}

function* chunksOf(events: Iterable<SentEvent>): Generator<SentEvent[]> {
  let chunk: SentEvent[] = []
  for (const event of events) {
    chunk.push(event)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** Points of all members in a unit. */
export function sumIn({ points }: GatewayFigures, unit: string): number {
  return [...(points.get(unit)?.values() ?? [])].reduce((sum, one) => sum + one, 0)
}
