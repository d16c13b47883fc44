import { CodedError } from '../core/failure.ts'
import { checkChain, EveryoneCounters, type Programme, parseProgramme } from '../programmes/index.ts'
import type { Fault } from './fault.ts'
import type { RuleTexts } from './rule-texts.ts'

/** All details of a member, as a platform hands them over: also of what earned nothing, and of what was refused. */
export interface MemberChain {
  /** Her accounts, in whichever units. */
  readonly accounts: readonly number[]
  /** Details, in any order. Untrusted. */
  readonly texts: readonly string[]
}

/** What was found of the chains that were handed over. */
export interface ChainsReport {
  readonly members: number
  /** Numbers of events that were computed again with all that was counted before. */
  readonly numbers: number
  readonly wrong: number
  /** Counters of everyone that were computed again; 0 where not all members were handed over. */
  readonly everyone: number
}

/** Faults that are told one by one. */
const FAULTS_MAX = 100

/**
 * The events of members, one after another: what the log has of each, and what a platform hands over beside it, has to
 * be a chain without a gap (docs/programmes.md §10, SPEC §11). Holds references to the details of the log, by account.
 */
export class MemberChains {
  readonly #source: AsyncIterable<MemberChain>
  readonly #texts: RuleTexts
  readonly #ofAccount = new Map<number, { readonly texts: string[]; readonly missing: string[] }>()
  readonly #programmes = new Map<string, Programme | undefined>()

  constructor(source: AsyncIterable<MemberChain>, texts: RuleTexts) {
    this.#source = source
    this.#texts = texts
  }

  /** Notes the details under a commitment (`keyOf`) of an entry of an account; undefined where it is not at hand. */
  note(account: number, key: string, text: string | undefined): void {
    const noted = this.#ofAccount.get(account) ?? { texts: [], missing: [] }
    this.#ofAccount.set(account, noted)
    if (text === undefined) noted.missing.push(key)
    else noted.texts.push(text)
  }

  /** Judges them when the replay has ended. @param isErased - whether an `erase` entry names a commitment. */
  async judge(isErased: (key: string) => boolean): Promise<{ report: ChainsReport; faults: Fault[] }> {
    const faults: Fault[] = []
    let [members, numbers, wrong, gone] = [0, 0, 0, 0]
    const everyone = new Map<string, EveryoneCounters>()
    const strangers = new Set(this.#ofAccount.keys())
    for await (const { accounts, texts } of this.#source) {
      members++
      for (const account of accounts) strangers.delete(account)
      const noted = accounts.flatMap(account => this.#ofAccount.get(account) ?? [])
      const lacking = noted.flatMap(({ missing }) => missing).filter(isErased).length
      gone += lacking
      const pools = new Map<string, { programmes: Set<Programme>; texts: Map<string, Programme> }>()
      for (const text of [...texts, ...noted.flatMap(one => one.texts)]) {
        const programme = this.#programmeOf(text)
        if (programme === undefined) continue
        const pool = pools.get(programme.name) ?? { programmes: new Set(), texts: new Map() }
        pools.set(programme.name, pool)
        pool.programmes.add(programme)
        pool.texts.set(text, programme)
      }
      for (const [name, pool] of pools) {
        try {
          numbers += checkChain([...pool.programmes], [...pool.texts.keys()], new Set(), lacking).whole
          const counters = everyone.get(name) ?? new EveryoneCounters()
          everyone.set(name, counters)
          for (const [text, programme] of pool.texts) counters.take(programme, text)
        } catch (error) {
          if (!(error instanceof CodedError)) throw error
          if (++wrong > FAULTS_MAX) continue
          const whose = `accounts ${accounts.join(', ')}`
          faults.push({ code: 'chain', message: `${whose}: their events under ${name}: ${error.message}` })
        }
      }
    }
    let counters = 0
    // Where something is missing, or wrong already, nobody knows what it counted.
    if (strangers.size === 0 && gone === 0 && wrong === 0)
      for (const [name, one] of everyone) {
        try {
          counters += one.judge()
        } catch (error) {
          if (!(error instanceof CodedError)) throw error
          wrong++
          faults.push({ code: 'chain', message: `the events of all members under ${name}: ${error.message}` })
        }
      }
    return { report: { members, numbers, wrong, everyone: counters }, faults }
  }

  #programmeOf(text: string): Programme | undefined {
    let digest: unknown
    try {
      digest = (JSON.parse(text) as { readonly programme?: unknown }).programme
    } catch {
      return undefined
    }
    if (typeof digest !== 'string') return undefined
    if (!this.#programmes.has(digest)) this.#programmes.set(digest, programmeFrom(this.#texts.get(digest)))
    return this.#programmes.get(digest)
  }
}

function programmeFrom(text: string | undefined): Programme | undefined {
  try {
    return text === undefined ? undefined : parseProgramme(text)
  } catch (error) {
    // A rule can be any text.
    if (error instanceof CodedError) return undefined
    throw error
  }
}
