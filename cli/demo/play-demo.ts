import { type Draft, freshId, fromDraft, OutcomeError, type SigningKey } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { ACCEPTED, OUTCOMES } from '../../src/core/entry/outcome.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import { CodedError } from '../../src/core/failure.ts'
import { canonicalText } from '../../src/programmes/index.ts'
import type { DemoLedger } from './demo-ledger.ts'
import { HOUR_MS } from './demo-ledger.ts'
import type { DemoAct, DemoPlan } from './demo-plan.ts'
import { DEMO_PROGRAMME, demoProgramme } from './demo-programme.ts'

const QUARTER_MS = 900_000

/** What a demonstration came to: how often each thing was done, and how often the ledger or the gateway refused it. */
export interface PlayedDemo {
  readonly done: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
}

/**
 * Plays a plan on a ledger that was just made, hour by hour: the acts of one member one after another, those of
 * several at once.
 *
 * @param fromMs - the midnight of UTC at which the first day begins: the programme holds from then on.
 * @throws ClientError and others where it is not refused, but fails.
 */
export async function playDemo(
  ledger: DemoLedger,
  plan: DemoPlan,
  fromMs: number,
  onHour: (hour: number) => void = () => {},
): Promise<PlayedDemo> {
  const text = utf8Encode(canonicalText(demoProgramme(fromMs)))
  await ledger.client.as(ledger.root).keepRuleText(text)
  const player = new Player(ledger)
  const rule = { name: `${DEMO_PROGRAMME}-v1`, digest: engine().sha256(text) }
  const budgets = ledger.shop.units.map(({ budget }) => budget).sort((a, b) => a - b)
  await player.submit(ledger.root, { kind: 'publish-rule', ...rule, budgets })
  for (const [hour, acts] of plan) {
    await ledger.moveTo(fromMs + hour * HOUR_MS + minuteOf(hour))
    await player.play(hour, acts)
    onHour(hour)
  }
  return player.played()
}

/** The minute of an hour at which its acts are done: not always the same. */
function minuteOf(hour: number): number {
  return ((hour * 17) % 59) * 60_000
}

class Player {
  readonly #ledger: DemoLedger
  readonly #done = new Map<string, number>()
  readonly #refused = new Map<string, number>()

  constructor(ledger: DemoLedger) {
    this.#ledger = ledger
  }

  played(): PlayedDemo {
    return { done: Object.fromEntries(this.#done), refused: Object.fromEntries(this.#refused) }
  }

  /** @throws CodedError with the outcome where it is refused. */
  async submit(key: SigningKey, draft: Draft): Promise<void> {
    const { client, nowMs } = this.#ledger
    const { statuses } = await client.submit([encodeTransaction(fromDraft(draft, freshId(nowMs)))], [key])
    if (statuses[0] !== ACCEPTED) throw new OutcomeError(OUTCOMES[statuses[0]!]!, `${draft.kind} was refused`)
  }

  async play(hour: number, acts: readonly DemoAct[]): Promise<void> {
    const { gateway, nowMs } = this.#ledger
    const welcomes = acts.filter(({ kind }) => kind === 'welcome')
    await this.#all(welcomes)
    const events = acts.flatMap((act, i) =>
      act.kind === 'event'
        ? [{ id: `e-${hour}-${i}`, type: act.type, time: timeText(nowMs), member: act.member, data: act.data }]
        : [],
    )
    if (events.length > 0) {
      const answers = await gateway.programmes.take(
        DEMO_PROGRAMME,
        events.map(event => JSON.stringify(event)),
      )
      for (const { status } of answers) count(this.#done, `event ${status}`)
    }
    await this.#all(acts.filter(({ kind }) => kind !== 'welcome' && kind !== 'event' && kind !== 'gift'))
    // A gift is two members' affair: it waits until both are done.
    for (const gift of acts.filter(({ kind }) => kind === 'gift')) await this.#try(gift)
  }

  async #all(acts: readonly DemoAct[]): Promise<void> {
    const byMember = new Map<string, DemoAct[]>()
    for (const act of acts) byMember.set(act.member, [...(byMember.get(act.member) ?? []), act])
    await Promise.all(
      [...byMember.values()].map(async list => {
        for (const act of list) await this.#try(act)
      }),
    )
  }

  async #try(act: DemoAct): Promise<void> {
    try {
      await this.#do(act)
      count(this.#done, act.kind)
    } catch (error) {
      const { code, status } = error as { code?: string; status?: number }
      // What nobody answers is no refusal, and the history would have a hole.
      if (!(error instanceof CodedError) || code === 'unanswered' || status === 503) throw error
      count(this.#refused, `${act.kind} ${code}`)
    }
  }

  async #do(act: DemoAct): Promise<void> {
    const { points } = this.#ledger.gateway
    if (act.kind === 'welcome') await points.earn({ ...act, key: `welcome ${act.member}`, reason: 'welcome' })
    else if (act.kind === 'adjust') await points.adjust(act.member, { ...act, key: `adjust ${act.member}` })
    else if (act.kind === 'spend') await this.#spend(act)
    else if (act.kind === 'refund') await this.#refund(act)
    else if (act.kind === 'gift') await this.#give(act)
    else if (act.kind === 'freeze' || act.kind === 'unfreeze') {
      const { account } = await this.#accountOf(act.member)
      await this.submit(this.#ledger.shop.keys.registrar, { kind: act.kind, account })
    }
  }

  async #spend(act: DemoAct & { kind: 'spend' }): Promise<void> {
    const { orders } = this.#ledger.gateway
    const { member, order, cents: total } = act
    const { points: most } = await orders.quote(member, total)
    const points = Math.floor((Math.min(most, Math.ceil(total / 2)) * act.share) / 100)
    if (act.share <= 100 && points < 1) return
    await orders.hold(order, { member, points: Math.max(points, act.share > 100 ? most + 1 : 1), total })
    if (act.end === 'release') await orders.release(order)
    else if (act.end !== 'nothing') await orders.capture(order, act.end === 'part' ? Math.ceil(points / 2) : undefined)
  }

  async #refund({ order, share }: DemoAct & { kind: 'refund' }): Promise<void> {
    const { orders } = this.#ledger.gateway
    const { captured } = await orders.view(order)
    await orders.refund(order, { points: Math.max(1, Math.floor((captured * share) / 100)), reason: 'came back' })
  }

  async #give({ member, to, points }: DemoAct & { kind: 'gift' }): Promise<void> {
    const { gateway, shop, nowMs } = this.#ledger
    const [from, credit] = [await this.#accountOf(member), await this.#accountOf(to)]
    const { history } = await gateway.histories.now(from.account, from.unit.record)
    const now = nowMs / QUARTER_MS
    const lot = history.member.holdings.lots.find(({ matures, expires }) => matures <= now && expires > now)
    const { matures, expires, amount } = lot ?? { matures: 0, expires: 0, amount: points }
    await this.submit(shop.keys.custodian, {
      ...{ kind: 'transfer', debit: from.account, credit: credit.account, amount: Math.min(points, amount) },
      ...{ matures, expires },
    })
  }

  #accountOf(member: string) {
    const { members } = this.#ledger.gateway
    return members.get(member, members.unit())
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

/** A time as events have it, in whole minutes. */
function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}+00:00`
}
