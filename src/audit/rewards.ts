import { toHex } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { Submission } from '../core/entry/submission.ts'
import { KIND_ISSUE, type TransactionOf, TransactionView } from '../core/entry/transaction.ts'
import { keyOf } from '../files/details-file.ts'
import type { LedgerState } from '../ledger/index.ts'
import { type Due, type Evaluator, evaluatorOf, Grants, inWords } from '../programmes/index.ts'
import { type ChainsReport, type MemberChain, MemberChains } from './chains.ts'
import type { Fault } from './fault.ts'
import type { RuleTexts } from './rule-texts.ts'
import { TierIssues } from './tiers.ts'

/** How many, and of how many points. */
interface RewardShare {
  readonly issues: number
  readonly points: number
}

/** Why an issue was not computed again. */
const UNEVALUATED = {
  noRule: 'no rule named',
  unknownRule: 'a rule that this program does not know',
  noDetails: 'no details named',
  notHeld: 'details not at hand',
  erased: 'details erased, and not at hand',
  unreadable: 'details of which the rule makes nothing',
} as const

export type Unevaluated = keyof typeof UNEVALUATED

/** What came of the issues under one rule. */
export interface RuleRewards {
  /** Record number, 0 for all that name none. */
  readonly rule: number
  readonly name: string
  /** SHA-256 of its text, in hex. */
  readonly digest: string
  readonly all: RewardShare
  /** Computed again; and of these, not what the rule gives. */
  readonly evaluated: RewardShare
  readonly wrong: RewardShare
  readonly notEvaluated: Readonly<Record<Unevaluated, RewardShare>>
}

/** What an audit found of the rewards (`tally audit --details --json`). */
export interface RewardsReport {
  /** Entries before it, by earlier audits: what they issued was not computed again here. */
  readonly fromEntry: number
  readonly detailsHeld: number
  readonly all: RewardShare
  readonly evaluated: RewardShare
  /** Evaluated of all, from 0 to 1, by number and by points; 1 where there is nothing to evaluate. */
  readonly share: RewardShare
  readonly rules: readonly RuleRewards[]
  /** Tiers that were set by rules that are programmes: all, those computed again, and of these those that are wrong. */
  readonly tiers: Readonly<TierCounts>
  /** Of the members whose events were handed over whole. */
  readonly chains?: ChainsReport
}

type TierCounts = { all: number; evaluated: number; wrong: number }

/** Faults that an audit tells one by one; how many there are, the figures of each rule say. */
const FAULTS_MAX = 100
/** Issues without details at hand that are looked up at the end among those erased. */
const MISSING_MAX = 2 ** 18

type Counted = { issues: number; points: number }

interface RuleRow {
  readonly rule: number
  readonly name: string
  readonly digest: string
  readonly evaluator: Evaluator | undefined
  readonly all: Counted
  readonly evaluated: Counted
  readonly wrong: Counted
  readonly notEvaluated: Record<Unevaluated, Counted>
}

/** What it takes to find a wrong reward again. */
export interface WrongReward {
  /** Log indexes of the issues whose details it takes, that at fault the last. */
  readonly issues: readonly number[]
  /** Entries of the log with the batch that it stands in. */
  readonly size: number
  /** The text of the rule, where it is one that is not known without. */
  readonly rule?: string
}

const counted = (): Counted => ({ issues: 0, points: 0 })

function count(to: Counted, points: number): void {
  to.issues++
  to.points += points
}

/**
 * Applies published rules again while a log is replayed: to every issue whose rule is known here and whose details are
 * at hand. What it is not shown it accuses nobody of. Holds the details, and what `Grants` holds of each that was
 * evaluated.
 */
export class Rewards {
  readonly #held: ReadonlyMap<string, string>
  readonly #texts: RuleTexts
  readonly #chains: MemberChains | undefined
  readonly #faultsMax: number
  #chainsReport: ChainsReport | undefined
  readonly #view = new TransactionView()
  #rows = new Map<number, RuleRow>()
  #grants = new Grants()
  #tierIssues = new TierIssues(true)
  #tiers: TierCounts = { all: 0, evaluated: 0, wrong: 0 }
  #missing: { readonly key: string; readonly row: RuleRow; readonly points: number }[] = []
  #faults: Fault[] = []
  readonly #wrong = new Map<number, WrongReward>()
  #found = 0
  #from = 0

  /**
   * @param held - texts by commitment, as `readDetails` makes them. @param texts - of rules, by digest. @param chains -
   * what a platform hands over of its members, whole. @param faultsMax - faults that are told one by one.
   */
  constructor(
    held: ReadonlyMap<string, string>,
    texts: RuleTexts = new Map(),
    chains: AsyncIterable<MemberChain> | undefined = undefined,
    faultsMax = FAULTS_MAX,
  ) {
    this.#held = held
    this.#texts = texts
    this.#faultsMax = faultsMax
    this.#chains = chains && new MemberChains(chains, texts)
  }

  /** Begins again, with the entry at index `from`, after which `state` is. */
  begin(from: number, { originals }: LedgerState): void {
    this.#from = from
    this.#rows = new Map()
    this.#grants = new Grants()
    this.#tierIssues = new TierIssues(from === 0)
    this.#tiers = { all: 0, evaluated: 0, wrong: 0 }
    originals.onReversal = (at, amount) => this.#grants.reverse(at, amount)
    this.#missing = []
    this.#faults = []
    this.#wrong.clear()
    this.#found = 0
  }

  /** Takes a batch, at a log index, that has taken effect on `state`. */
  add(state: LedgerState, index: number, { transactions }: Submission, statuses: Uint8Array): void {
    const view = this.#view
    for (let i = 0; i < transactions.count; i++) {
      if (statuses[i] !== ACCEPTED) continue
      view.read(transactions.bytes, transactions.starts[i], transactions.ends[i])
      const [at, size] = [index + 1 + i, index + 1 + transactions.count]
      if (view.kind === KIND_ISSUE) this.#take(state, this.#row(state, view.rule), at, size)
      else if (view.rare?.kind === 'set-status') this.#tier(state, view.rare, at, size)
      else if (view.rare?.kind === 'reverse' && view.rare.details !== null)
        this.#chain(view.rare.debit, keyOf(view.rare.details))
    }
  }

  /** What shows the fault at an entry, of those that were told one by one. */
  wrongAt(at: number): WrongReward | undefined {
    return this.#wrong.get(at)
  }

  /** The faults that were found since this was last asked. */
  takeFaults(): Fault[] {
    const faults = this.#faults
    this.#faults = []
    return faults
  }

  #row({ registry }: LedgerState, rule: number): RuleRow {
    const known = this.#rows.get(rule)
    if (known !== undefined) return known
    const record = rule === 0 ? undefined : registry.records[rule]?.transaction
    const { name, digest } = record?.kind === 'publish-rule' ? record : { name: '', digest: undefined }
    const row: RuleRow = {
      rule,
      name,
      digest: digest === undefined ? '' : toHex(digest),
      evaluator: digest && evaluatorOf(digest, this.#texts.get(toHex(digest))),
      all: counted(),
      evaluated: counted(),
      wrong: counted(),
      notEvaluated: {
        noRule: counted(),
        unknownRule: counted(),
        noDetails: counted(),
        notHeld: counted(),
        erased: counted(),
        unreadable: counted(),
      },
    }
    this.#rows.set(rule, row)
    return row
  }

  /** What the issue that the view stands on must be, or why that cannot be said. */
  #dueOf(row: RuleRow): Due | Unevaluated {
    const { bytes, detailsStart, credit, amount } = this.#view
    if (row.rule === 0) return 'noRule'
    if (row.evaluator === undefined) return 'unknownRule'
    if (detailsStart < 0) return 'noDetails'
    const key = keyOf(bytes, detailsStart)
    const text = this.#held.get(key)
    this.#chain(credit, key)
    if (text !== undefined) return row.evaluator.due(text, credit) ?? 'unreadable'
    if (this.#missing.length < MISSING_MAX) this.#missing.push({ key, row, points: amount })
    return 'notHeld'
  }

  /** Judges the issue that the view stands on, at a log index, of a batch after which the log has `size` entries. */
  #take({ originals }: LedgerState, row: RuleRow, at: number, size: number): void {
    const { credit, amount, matures, expires } = this.#view
    count(row.all, amount)
    const due = this.#dueOf(row)
    const pool = row.evaluator?.pool
    if (typeof due === 'string') {
      count(row.notEvaluated[due], amount)
      if (row.rule !== 0) this.#tierIssues.miss(pool ?? (row.evaluator && row.digest), credit)
      return
    }
    count(row.evaluated, amount)
    if (pool !== undefined && due.tierDay !== undefined) this.#tierIssues.note(pool, credit, at, due.tierDay)
    else if (due.amount === 0) this.#tierIssues.miss(pool, credit)
    const wrong = this.#grants.take(row.evaluator?.pool ?? row.digest, due, {
      at,
      amount,
      reversed: originals.reversedOf(at),
      matures,
      expires,
    })
    if (wrong === undefined) return
    count(row.wrong, amount)
    this.#fault('reward', row, { at, size, issues: () => wrong.issues() }, () => {
      return `gives ${wrong.gives()}; issued to account ${credit}: ${this.#issued(due)}`
    })
  }

  /** Judges a tier that was set, at a log index, of a batch after which the log has `size` entries. */
  #tier(state: LedgerState, set: TransactionOf<'set-status'>, at: number, size: number): void {
    const row = this.#row(state, set.rule)
    const { tiers, pool } = row.evaluator ?? {}
    if (tiers === undefined || pool === undefined) return
    const { account, tier, until, details } = set
    this.#tiers.all++
    const isOfUnit = tiers.unit !== undefined && this.#unitName(state, account) === tiers.unit
    const standing = isOfUnit ? this.#tierIssues.standing(pool, account, issue => this.#grants.netOf(issue)) : undefined
    const text = details === null ? undefined : this.#held.get(keyOf(details))
    const stated = { tier, untilMs: until, timeMs: this.#view.timeMs }
    const judged =
      tiers.unit !== undefined && !isOfUnit && tier > 0
        ? { isRight: false, gives: `tiers on accounts of ${tiers.unit}`, isAlone: true }
        : tiers.judge(stated, text, standing?.days)
    if (judged.isRight === undefined) return
    this.#tiers.evaluated++
    if (judged.isRight) return
    this.#tiers.wrong++
    const issues = () => [...(judged.isAlone ? [] : (standing?.issues ?? [])), at]
    this.#fault('tier', row, { at, size, issues }, () => {
      const ends = until === 0 ? '' : ` until ${new Date(until).toISOString()}`
      return `gives ${judged.gives}; set for account ${account}: tier ${tier}${ends}`
    })
  }

  #chain(account: number, key: string): void {
    this.#chains?.note(account, key, this.#held.get(key))
  }

  /** Judges what is said of the whole log, when all of it was replayed, and returns its faults. */
  async end({ erased }: LedgerState): Promise<Fault[]> {
    if (this.#chains === undefined || this.#from > 0) return []
    const { report, faults } = await this.#chains.judge(key => erased.has(Buffer.from(key, 'latin1').toString('hex')))
    this.#chainsReport = report
    return faults
  }

  #unitName({ accounts, registry }: LedgerState, account: number): string | undefined {
    return registry.unit(accounts.unit(account))?.terms.name
  }

  /** Tells of a fault at an entry, and what it takes to find it again. */
  #fault(
    code: 'reward' | 'tier',
    { name, rule, digest }: RuleRow,
    { at, size, issues }: { readonly at: number; readonly size: number; readonly issues: () => number[] },
    what: () => string,
  ): void {
    if (++this.#found > this.#faultsMax) return
    const text = this.#texts.get(digest)
    this.#wrong.set(at, { issues: issues(), size, ...(text === undefined ? {} : { rule: text }) })
    const more = this.#found === this.#faultsMax ? '; what comes after this one is only counted' : ''
    this.#faults.push({ code, at, message: `entry ${at}: rule ${name} (record ${rule}) ${what()}${more}` })
  }

  #issued({ matures, expires }: Due): string {
    const view = this.#view
    const dates = {
      ...(matures === undefined ? {} : { matures: view.matures }),
      ...(expires === undefined ? {} : { expires: view.expires }),
    }
    return inWords({ amount: view.amount, ...dates })
  }

  /** What was found; to be asked when the replay has ended. */
  report({ erased }: LedgerState): RewardsReport {
    for (const { key, row, points } of this.#missing.splice(0)) {
      if (!erased.has(Buffer.from(key, 'latin1').toString('hex'))) continue
      row.notEvaluated.notHeld.issues--
      row.notEvaluated.notHeld.points -= points
      count(row.notEvaluated.erased, points)
    }
    const [all, evaluated] = [counted(), counted()]
    const rules = [...this.#rows.values()].sort((a, b) => a.rule - b.rule)
    for (const row of rules)
      for (const [sum, one] of [
        [all, row.all],
        [evaluated, row.evaluated],
      ] as const) {
        sum.issues += one.issues
        sum.points += one.points
      }
    return {
      fromEntry: this.#from,
      detailsHeld: this.#held.size,
      all,
      evaluated,
      share: {
        issues: all.issues === 0 ? 1 : evaluated.issues / all.issues,
        points: all.points === 0 ? 1 : evaluated.points / all.points,
      },
      rules: rules.map(({ evaluator: _, ...row }) => row),
      tiers: this.#tiers,
      ...(this.#chainsReport === undefined ? {} : { chains: this.#chainsReport }),
    }
  }
}

/** A part of a whole in per cent, rounded down: only all of it is 100 %. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${(Math.floor((1000 * part) / whole) / 10).toFixed(1)} %`
}

/** Why how many issues of a rule were not evaluated, in words. */
export function whyNot({ notEvaluated }: RuleRewards): string {
  return Object.entries(UNEVALUATED)
    .map(([why, words]) => [words, notEvaluated[why as Unevaluated].issues] as const)
    .filter(([, issues]) => issues > 0)
    .map(([words, issues]) => `${words}: ${issues}`)
    .join('; ')
}
