import type { CounterPart } from './engine/claims.ts'
import type { Due } from './evaluator.ts'

/** An issue that was computed again. */
export interface ComputedIssue {
  /** Its log index. */
  readonly at: number
  readonly amount: number
  /** How much of it was reversed before. */
  readonly reversed: number
  readonly matures: number
  readonly expires: number
}

/** Why an issue is not what its rule gives. To be asked at once: what comes later changes it. */
export interface WrongGrant {
  /** What the rule gives, in words. */
  gives(): string
  /** Log indexes of the issues without which it would not be wrong, increasing, itself the last. */
  issues(): number[]
}

/** An issue that counts; the first of its event also has what all for that event sum up to: most events have one. */
class CountedIssue {
  readonly at: number
  /** What was given and not taken back. */
  net = 0
  readonly first: CountedIssue
  readonly cap: CapSum | undefined
  sum = 0
  others: CountedIssue[] | undefined

  constructor(at: number, first: CountedIssue | undefined, cap: CapSum | undefined) {
    this.at = at
    this.first = first ?? this
    this.cap = cap
  }

  add(amount: number): void {
    this.net += amount
    this.first.sum += amount
    if (this.cap !== undefined) this.cap.sum += amount
  }
}

/** Issues that a cap counts together. */
interface CapSum {
  sum: number
  readonly grants: CountedIssue[]
}

/** What was given under one rule: by event, and by what caps count together. */
interface RuleIssues {
  /** The first issue for each event. */
  readonly events: Map<string, CountedIssue>
  readonly caps: Map<string, CapSum>
  /** What issues have of counters, by their names. */
  readonly claimed: Map<string, ClaimedParts>
}

/** Parts of one counter, by their beginnings, and the issue that has each. */
interface ClaimedParts {
  readonly from: number[]
  readonly to: number[]
  readonly by: CountedIssue[]
}

/** Notes all that an issue has of counters. Returns the first that another has, too. */
function claimAll(claimed: Map<string, ClaimedParts>, claims: readonly CounterPart[], issue: CountedIssue) {
  let taken: { readonly other: CountedIssue; readonly name: string } | undefined
  for (const one of claims) {
    const other = claim(claimed, one, issue)
    if (other !== undefined) taken ??= { other, name: one.name }
  }
  return taken
}

/**
 * Notes what an issue has of a counter. Returns an issue for something else that has some of it, too, and still stands.
 * Cost: those that come in the order of the counter are put after the last.
 */
function claim(
  claimed: Map<string, ClaimedParts>,
  { name, from, to }: CounterPart,
  issue: CountedIssue,
): CountedIssue | undefined {
  let parts = claimed.get(name)
  if (parts === undefined) {
    parts = { from: [], to: [], by: [] }
    claimed.set(name, parts)
  }
  let at = parts.from.length
  while (at > 0 && parts.from[at - 1]! > from) at--
  // Of one event and rule, what stands in sum is looked at elsewhere.
  const isOther = (by: CountedIssue) => by.net > 0 && by.first !== issue.first
  let other: CountedIssue | undefined
  for (let i = at - 1; i >= 0 && parts.to[i]! > from; i--) if (isOther(parts.by[i]!)) other = parts.by[i]
  for (let i = at; i < parts.from.length && parts.from[i]! < to; i++) if (isOther(parts.by[i]!)) other = parts.by[i]
  parts.from.splice(at, 0, from)
  parts.to.splice(at, 0, to)
  parts.by.splice(at, 0, issue)
  return other
}

/**
 * What was given under published rules. A rule is known by the digest of its text, whichever records and names it was
 * published under. What was taken back again was not given: so what was given to the wrong member, and reversed, can be
 * given once more. SPEC §11. Holds two numbers and a name for each issue.
 */
export class Grants {
  readonly #rules = new Map<string, RuleIssues>()
  readonly #byIndex = new Map<number, CountedIssue>()

  /**
   * Takes an issue, of those that were computed in the order of the log, and says what is wrong with it.
   *
   * @param rule - what pays once in all: the digest of a rule's text, or the name of a programme.
   */
  take(rule: string, due: Due, grant: ComputedIssue): WrongGrant | undefined {
    const given = this.#rules.get(rule) ?? { events: new Map(), caps: new Map(), claimed: new Map() }
    this.#rules.set(rule, given)
    const { together } = due
    const cap = together && capOf(given, together.name)
    const { at, amount, matures, expires } = grant
    const before = given.events.get(due.event)
    const counted = new CountedIssue(at, before, cap)
    if (before === undefined) given.events.set(due.event, counted)
    else if (before.others === undefined) before.others = [counted]
    else before.others.push(counted)
    cap?.grants.push(counted)
    this.#byIndex.set(at, counted)
    counted.add(amount - grant.reversed)
    // What was taken back whole before anyone could see it was not given.
    if (counted.net === 0) return undefined
    const isOther = (due.matures ?? matures) !== matures || (due.expires ?? expires) !== expires
    const isLess = before === undefined && together === undefined && amount < due.amount
    if (isOther || isLess || counted.net > due.amount) return { gives: () => inWords(due), issues: () => [at] }
    if (counted.first.sum > due.amount) {
      const issues = () => standing([counted.first, ...(counted.first.others ?? [])], at)
      return { gives: () => `no more than ${due.amount} in all for what entry ${issues()[0]} was issued for`, issues }
    }
    const taken = claimAll(given.claimed, due.claims ?? [], counted)
    if (taken !== undefined) {
      const { other, name } = taken
      const gives = () => `nothing more where entry ${other.at} was counted from the same of ${name}`
      return { gives, issues: () => [other.at, at] }
    }
    if (cap === undefined || cap.sum <= together!.most) return undefined
    const issues = () => standing(cap.grants, at)
    return {
      gives: () => `no more than ${together!.most} in all for what counts together with entry ${issues()[0]}`,
      issues,
    }
  }

  /** What stands of the issue at a log index; 0 of one that was not taken. */
  netOf(at: number): number {
    return this.#byIndex.get(at)?.net ?? 0
  }

  /** Notes that `amount` of the issue at a log index was reversed; of one that was not taken, nothing. */
  reverse(at: number, amount: number): void {
    this.#byIndex.get(at)?.add(-amount)
  }
}

function capOf({ caps }: RuleIssues, name: string): CapSum {
  let cap = caps.get(name)
  if (cap === undefined) {
    cap = { sum: 0, grants: [] }
    caps.set(name, cap)
  }
  return cap
}

/** Those of which something stands, and the last. */
function standing(grants: readonly CountedIssue[], last: number): number[] {
  return grants.filter(({ net, at }) => net > 0 || at === last).map(({ at }) => at)
}

/** What a rule gives, as people read it. */
export function inWords({ amount, matures, expires }: Pick<Due, 'amount' | 'matures' | 'expires'>): string {
  if (amount === 0) return 'nothing'
  const dates =
    matures === undefined && expires === undefined ? '' : `, matures ${matures}, expires ${expires} (quarter hours)`
  return `${amount}${dates}`
}
