import type { At, ObjectMembers } from '../document/forms.ts'
import type { Cap, Programme, Rule } from '../document/programme.ts'
import { eventFrom } from '../events/event.ts'
import { evaluateExpression } from '../expression/evaluate.ts'
import { wrongReward } from '../failure.ts'
import { quarterOf } from './dates.ts'
import { multiplied } from './numbers.ts'
import { detailsAt } from './read-details.ts'
import { baseOf, type Cut, capped, intFrom, Moment, refundedAfter, refusalOf, streakOn } from './reward.ts'

/** What details were found to give. */
export interface CheckedDetails {
  readonly kind: 'issue' | 'reversal' | 'nothing'
  /** Number of the event among the member's, its id and time. */
  readonly n: number
  readonly event: string
  readonly timeMs: number
  /** Undefined for nothing. */
  readonly rule: string | undefined
  readonly unit: string
  readonly due: number
  /** Quarter hours since 1970; 0 for at once and never, and of what is no issue. */
  readonly matures: number
  readonly expires: number
  /** Of a reversal, the event that was rewarded. */
  readonly original: string | undefined
  readonly cites: string | undefined
}

/**
 * Computes one reward again, from its document and its details alone: docs/programmes.md §10. Not checked, since nobody
 * can from these: that what was counted before is true, and that it was the first time.
 *
 * @param text - untrusted: the details of an issue or a reversal, or the answer to an event that earned nothing.
 * @throws PointerError `reward-details` where they are not of the form, or of another programme; VerifyError `reward`
 * where they do not give what they say.
 */
export function checkOne(programme: Programme, text: Uint8Array | string): CheckedDetails {
  return new Checking(programme, detailsAt(programme, text)).run()
}

class Checking {
  readonly #programme: Programme
  readonly #at: At

  constructor(programme: Programme, at: At) {
    this.#programme = programme
    this.#at = at
  }

  run(): CheckedDetails {
    const fields = new Map(this.#at.entries())
    if (fields.has('nothing')) return this.#nothing(this.#at.object(['event', 'n', 'nothing', 'programme']))
    const common = ['before', 'due', 'event', 'n', 'programme', 'rule']
    if (fields.has('reverses')) return this.#reversal(this.#at.object([...common, 'reverses']))
    return this.#issue(this.#at.object(common, ['cites', 'cuts']))
  }

  #begin(members: ObjectMembers): { n: number; moment: Moment } {
    const event = eventFrom(this.#programme, members.at('event'), false)
    return { n: members.at('n').integer(1), moment: new Moment(this.#programme, event) }
  }

  #issue(members: ObjectMembers): CheckedDetails {
    const { n, moment } = this.#begin(members)
    const rule = this.#ruleAt(members.at('rule'), moment.event.type.rules)
    const before = new CountersBefore(members.at('before'), rule)
    const refusal = refusalOf(rule, moment, before.tier)
    if (refusal !== undefined) throw wrongReward('/rule', `the rule ${rule.id} gives nothing: ${refusal}`)
    const { due, cuts } = this.#amount(rule, moment, before)
    const said = members.at('due').integer(1)
    if (due !== said) throw wrongReward('/due', `the rule ${rule.id} gives ${due}, and not ${said}`)
    checkCuts(members.maybe('cuts'), cuts)
    const cites = members.maybe('cites')?.text()
    const cited = rule.cites === undefined ? undefined : moment.event.data[rule.cites]
    if (cites !== cited) throw wrongReward('/cites', 'not the entry that the event names')
    return {
      ...this.#checked('issue', n, moment, rule, due),
      matures: quarterOf(this.#programme, rule.matures, moment.event.timeMs),
      expires: quarterOf(this.#programme, rule.expires, moment.event.timeMs),
      cites,
    }
  }

  #amount(rule: Rule, moment: Moment, before: CountersBefore): { due: number; cuts: readonly Cut[] } {
    const base = baseOf(rule, moment, before.tier, streakOn(moment.day, before.streak))
    return capped(rule.caps, base, cap => before.of(cap))
  }

  #reversal(members: ObjectMembers): CheckedDetails {
    const { n, moment } = this.#begin(members)
    const rule = this.#ruleAt(members.at('rule'), this.#programme.rules)
    const reversal = moment.event.type.reversals.find(({ of }) => of === rule.on)
    if (reversal === undefined) throw wrongReward('/rule', `such events reverse nothing of the rule ${rule.id}`)
    const before = members.at('before').object(['given', 'refunded', 'taken', 'whole'])
    const whole = before.at('whole').integer(1)
    const [given, refunded, taken] = [
      before.at('given').integer(1),
      before.at('refunded').integer(0, whole),
      before.at('taken').integer(0),
    ]
    const share = (part: number) => multiplied(given, [part, whole], reversal.round, reversal.pointer)
    if (taken !== share(refunded)) throw wrongReward('/before/taken', `${share(refunded)} were to be taken before`)
    const more = intFrom(evaluateExpression(reversal.refunded, { event: moment.record }), reversal.pointer)
    const due = share(refundedAfter({ whole, refunded }, more)) - taken
    const said = members.at('due').integer(1)
    if (due !== said) throw wrongReward('/due', `${due} are due back, and not ${said}`)
    return { ...this.#checked('reversal', n, moment, rule, due), original: members.at('reverses').text() }
  }

  #nothing(members: ObjectMembers): CheckedDetails {
    const { n, moment } = this.#begin(members)
    const { rules, reversals } = moment.event.type
    const reasons = members.at('nothing').list(rules.length + reversals.length, rules.length + reversals.length)
    for (const [i, at] of reasons.entries()) {
      const reason = at.object(['why'], ['rule', 'reverses', 'before', 'cuts'])
      if (i >= rules.length) {
        at.object(['reverses', 'why'])
        reason.at('reverses').oneOf([reversals[i - rules.length]!.of])
        reason.at('why').oneOf(['original', 'within', 'zero'] as const)
      } else this.#noReward(rules[i]!, reason, at, moment)
    }
    return this.#checked('nothing', n, moment, undefined, 0)
  }

  #noReward(rule: Rule, reason: ObjectMembers, at: At, moment: Moment): void {
    reason.at('rule').oneOf([rule.id])
    const why = reason.at('why').oneOf(['campaign', 'when', 'once', 'zero', 'cap'] as const)
    if (why !== 'cap') {
      at.object(['rule', 'why'])
      // Whether it was the first time, and what the tier was, does not stand here.
      if (why === 'once' || rule.readsTier) return
      const found = refusalOf(rule, moment, '') ?? (baseOf(rule, moment, '', 1) === 0 ? 'zero' : 'none')
      if (found !== why) throw wrongReward(`${at.pointer}/why`, `"${why}" is not why the rule ${rule.id} gives nothing`)
      return
    }
    at.object(['rule', 'why', 'before', 'cuts'])
    const { due, cuts } = this.#amount(rule, moment, new CountersBefore(reason.at('before'), rule))
    if (due !== 0) throw wrongReward(`${at.pointer}/why`, `caps leave ${due} of the rule ${rule.id}`)
    checkCuts(reason.at('cuts'), cuts)
  }

  #ruleAt(at: At, rules: readonly Rule[]): Rule {
    const rule = rules.find(({ id }) => id === at.value)
    if (rule === undefined) throw at.wrong('there is no such rule for the event')
    return rule
  }

  #checked(
    kind: CheckedDetails['kind'],
    n: number,
    { event }: Moment,
    rule: Rule | undefined,
    due: number,
  ): CheckedDetails {
    const unit = rule?.unit ?? this.#programme.unit
    const rest = { matures: 0, expires: 0, original: undefined, cites: undefined }
    return { kind, n, event: event.id, timeMs: event.timeMs, rule: rule?.id, unit, due, ...rest }
  }
}

/** What a rule read before: exactly what it reads. */
class CountersBefore {
  readonly tier: string
  readonly streak: readonly [day: number, length: number] | undefined
  readonly #sums = new Map<Cap, number>()

  constructor(at: At, rule: Rule) {
    const caps = rule.caps.filter(cap => !cap.isOwnEvent)
    const isStreak = rule.amount.kind === 'streak'
    const members = at.object(
      [...caps.map(({ name }) => name), ...(rule.readsTier ? ['tier'] : [])],
      isStreak ? ['streak'] : [],
    )
    for (const cap of caps) this.#sums.set(cap, members.at(cap.name).integer(0))
    this.tier = rule.readsTier ? members.at('tier').text() : ''
    const streak = members.maybe('streak')?.list(2, 2)
    this.streak = streak && [streak[0]!.integer(Number.MIN_SAFE_INTEGER), streak[1]!.integer(1)]
  }

  of(cap: Cap): number {
    return this.#sums.get(cap)!
  }
}

function checkCuts(at: At | undefined, cuts: readonly Cut[]): void {
  const said = (at?.list(1, 64) ?? []).map(one => {
    const members = one.object(['cap', 'cut'])
    return { cap: members.at('cap').text(), cut: members.at('cut').integer(1) }
  })
  if (JSON.stringify(said) !== JSON.stringify(cuts)) throw wrongReward('/cuts', `the caps cut ${JSON.stringify(cuts)}`)
}
