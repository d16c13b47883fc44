import { detailsOf, type JsonObject, type TakenEvent } from '../programmes/index.ts'
import type { PublishedProgramme } from './published.ts'

/** Points that an event earned, or that it takes back, as its details say. */
export interface RewardRecord {
  readonly rule: string
  readonly unit: string
  readonly due: number
  /** Of a reversal: the id of the event that was rewarded. */
  readonly original?: string
  /** Quarter hours since 1970; 0 for at once and never. */
  readonly matures: number
  readonly expires: number
  readonly cuts: readonly { readonly cap: string; readonly cut: number }[]
  readonly cites?: string
  /** What is committed to. */
  readonly text: string
}

/** An event that was taken, as it was evaluated: nothing of it changes. */
export interface EventRecord {
  readonly id: string
  readonly member: string
  readonly n: number
  readonly timeMs: number
  /** Digest of the document, and its version. */
  readonly programme: string
  readonly version: number
  readonly rewards: readonly RewardRecord[]
  /** Where nothing was earned: the details of that. */
  readonly nothing?: string
  /** What caps took, also where they left nothing. */
  readonly cuts: readonly { readonly cap: string; readonly cut: number }[]
  /** The tier that the member has after it, where it changed, and until when, in quarter hours. */
  readonly tier?: { readonly id: string; readonly until: number }
}

/** Units have their places whatever the event. */
export const NO_EVENT: EventRecord = {
  id: '',
  member: '',
  n: 0,
  timeMs: 0,
  programme: '',
  version: 0,
  rewards: [],
  cuts: [],
}

/** What became of a reward. */
export interface RewardState {
  /** How often it was refused before. docs/programmes.md §11. */
  readonly attempt: number
  /** Of its id. */
  readonly timeMs: number
  /** Hex; of a reward that was found on the ledger, the one that it has there. */
  readonly id: string
  /** `accepted`, why it was refused (SPEC §8), or empty while nothing was answered. */
  readonly outcome: string
  /** Its log index. */
  readonly index?: number
}

/** Refusals whose cause can go: the same reward is handed over again under another id. The others are final. */
const FINAL: ReadonlySet<string> = new Set([
  'id-taken',
  'window-over',
  'over-original',
  'dates',
  'off-grain',
  'off-step',
])

/** Whether a refused reward may be tried again. docs/programmes.md §11. */
export function isRetryable({ outcome }: Pick<RewardState, 'outcome'>): boolean {
  return outcome !== '' && outcome !== 'accepted' && !FINAL.has(outcome)
}

/** An event that was taken, as it is kept. */
export function recordOf({ programme }: PublishedProgramme, found: TakenEvent): EventRecord {
  const texts = detailsOf(programme, found)
  const issues = found.issues.map((issue, i): RewardRecord => {
    const { rule, due, cuts, matures, expires } = issue
    const cites = rule.cites === undefined ? {} : { cites: found.event.data[rule.cites] as string }
    return { rule: rule.id, unit: rule.unit, due, matures, expires, cuts, ...cites, text: texts[i]! }
  })
  const backs = found.backs.map(({ rule, due, original }, i): RewardRecord => {
    const text = texts[issues.length + i]!
    return { rule: rule.id, unit: rule.unit, due, original, matures: 0, expires: 0, cuts: [], text }
  })
  const rewards = [...issues, ...backs]
  return {
    id: found.event.id,
    member: found.event.member,
    n: found.n,
    timeMs: found.event.timeMs,
    programme: programme.digest,
    version: programme.version,
    rewards,
    ...(rewards.length === 0 ? { nothing: texts[0]! } : {}),
    cuts: [...found.issues, ...found.nothing].flatMap(({ cuts }) => cuts ?? []),
    ...(found.tier === undefined ? {} : { tier: found.tier }),
  }
}

/** The fields of an event that was taken, as its details have them. */
export function dataOf({ rewards, nothing }: EventRecord): JsonObject {
  const { event } = JSON.parse(rewards[0]?.text ?? nothing!) as { readonly event: { readonly data: JsonObject } }
  return event.data
}
