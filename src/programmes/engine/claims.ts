import { At } from '../document/forms.ts'
import type { JsonObject } from '../document/json.ts'
import type { Programme, Scope } from '../document/programme.ts'
import { eventFrom } from '../events/event.ts'
import { Moment, scopeKey } from './reward.ts'

/** A part of what is counted, which one issue has and no other may have. */
export interface CounterPart {
  /** What is counted: a cap or a `once`, in its period, with its fields, and of whom. */
  readonly name: string
  /** From so many on, and so many less one. */
  readonly from: number
  readonly to: number
}

/**
 * What an issue has of each counter: of a cap the points from those that were counted before it to those after it, of
 * a `once` all that there is. Of an honest service no two issues have the same, in whatever order they come to a log.
 * So everyone who holds details checks caps, though what was counted before is the word of the service.
 *
 * @param text - details of an issue that `checkOne` accepted. @param account - that it credits.
 */
export function claimsOf(programme: Programme, text: string, account: number): readonly CounterPart[] {
  const value = JSON.parse(text) as {
    readonly before: Readonly<Record<string, number>>
    readonly due: number
    readonly event: JsonObject
    readonly rule: string
  }
  const event = eventFrom(programme, new At(value.event, '/event', 'reward-details'), false)
  const rule = event.type.rules.find(({ id }) => id === value.rule)!
  const moment = new Moment(programme, event)
  const nameOf = (what: string, scope: Scope) =>
    JSON.stringify([what, scope.who === 'programme' ? 'everyone' : account, scopeKey(scope, moment)])
  const claims: CounterPart[] = []
  if (rule.once !== undefined) claims.push({ name: nameOf(`once ${rule.id}`, rule.once), from: 0, to: 1 })
  for (const { name, scope } of rule.caps) {
    if (scope.who === 'event') continue
    const from = value.before[name]!
    claims.push({ name: nameOf(name, scope), from, to: from + value.due })
  }
  return claims
}
