import { ARCHIVE_MS, TIME_OFF_MS } from '../core/limits.ts'
import { hasQuorum, isTestPolicy, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import type { TimedCheckpoint } from './sealed-checkpoint.ts'

/** What is wrong with ledger time, seen from outside: it is said, and convicts nobody (SPEC §11). */
export interface TimeTrouble {
  readonly code: 'clock-ahead' | 'behind' | 'gap' | 'unvouched'
  readonly message: string
}

/**
 * Whether ledger time is ahead of those who looked at it. A cosignature that is dated more than 10 minutes before the
 * seal of its checkpoint cannot have been made after it, so it does not count; nor does one that is dated as much
 * ahead of now. Where no quorum is left by that, or, without witnesses, where the seal itself is ahead of now, its time
 * is. The time of a test ledger is held against no clock.
 *
 * @param nowMs - the time now, where that is to be asked.
 * @returns what is wrong; undefined where nothing is, or where no quorum cosigned it that could tell.
 */
export function clockAhead(
  timeMs: number,
  { witnesses }: Pick<TrustedCheckpoint, 'witnesses'>,
  policy: Policy,
  nowMs?: number,
): TimeTrouble | undefined {
  if (isTestPolicy(policy)) return nowMs === undefined ? undefined : cosignedAhead({ witnesses }, policy, nowMs)
  const aheadOfNow: TimeTrouble | undefined =
    nowMs === undefined || timeMs <= nowMs + TIME_OFF_MS
      ? undefined
      : {
          code: 'clock-ahead',
          message: `the time of the last entry is ${span(timeMs - nowMs)} ahead of the clock here`,
        }
  if (policy.quorum === 'none') return aheadOfNow
  if (!hasQuorum(policy, names(witnesses))) return undefined
  const counted = witnesses.filter(({ timestamp }) => timestamp * 1000 >= timeMs - TIME_OFF_MS)
  if (!hasQuorum(policy, names(counted))) {
    const by = witnesses.map(({ name, timestamp }) => `${name} by ${span(Math.abs(timeMs - timestamp * 1000))}`)
    return {
      code: 'clock-ahead',
      message: `the time of the last entry is ahead of those who cosigned it: of ${by.join(', ')}`,
    }
  }
  return (nowMs === undefined ? undefined : cosignedAhead({ witnesses: counted }, policy, nowMs)) ?? aheadOfNow
}

/** Whether a quorum cosigned a checkpoint only by counting cosignatures of more than 10 minutes from now. */
export function cosignedAhead(
  { witnesses }: Pick<TrustedCheckpoint, 'witnesses'>,
  policy: Policy,
  nowMs: number,
): TimeTrouble | undefined {
  if (policy.quorum === 'none' || !hasQuorum(policy, names(witnesses))) return undefined
  const ahead = witnesses.filter(({ timestamp }) => timestamp * 1000 > nowMs + TIME_OFF_MS)
  if (hasQuorum(policy, names(witnesses.filter(one => !ahead.includes(one))))) return undefined
  const by = ahead.map(({ name, timestamp }) => `${name} by ${span(timestamp * 1000 - nowMs)}`).join(', ')
  return { code: 'clock-ahead', message: `cosignatures are of times ahead of the clock here: ${by}` }
}

/**
 * Whether the last seal of a log that is live is older than one may be: it stands still, or an old state of it is
 * shown.
 *
 * @param beatMs - of the ledger's genesis.
 */
export function standsBehind(timeMs: number, nowMs: number, beatMs: number): TimeTrouble | undefined {
  if (timeMs >= nowMs - beatMs - TIME_OFF_MS) return undefined
  const message = `the last seal is ${span(nowMs - timeMs)} old: the log stands still, or an old state of it is shown`
  return { code: 'behind', message }
}

/** What is to be known of a test ledger (SPEC §3): nothing of its time is worth points; undefined for a real one. */
export function testRemark(policy: Policy): { readonly code: 'test-ledger'; readonly message: string } | undefined {
  if (!isTestPolicy(policy)) return undefined
  const message =
    'this is a test ledger: its shop moves its time, its points are worth nothing, and no clock is held against it'
  return { code: 'test-ledger', message }
}

/**
 * Looks for two seals that stand further apart than ledger time may stand still. It is told of seals in their order.
 */
export class SealGaps {
  #last: { readonly epoch: number; readonly time: number } | undefined
  #count = 0
  #longest: { readonly epoch: number; readonly ms: number } | undefined

  /** @param beatMs - of the ledger's genesis. */
  add({ epoch, time }: { readonly epoch: number; readonly time: number }, beatMs: number): void {
    const last = this.#last
    this.#last = { epoch, time }
    // Of those between that were not shown one at least stands as far from the next as the mean of all.
    if (last === undefined || epoch <= last.epoch || time - last.time <= beatMs * (epoch - last.epoch)) return
    this.#count++
    if (time - last.time > (this.#longest?.ms ?? 0)) this.#longest = { epoch: last.epoch, ms: time - last.time }
  }

  /** What was found. */
  get trouble(): TimeTrouble | undefined {
    if (this.#longest === undefined) return undefined
    const { epoch, ms } = this.#longest
    const often = this.#count === 1 ? 'once' : `${this.#count} times, the longest`
    const message = `the log made no seal for longer than it may: ${often} for ${span(ms)}, after seal ${epoch}`
    return { code: 'gap', message }
  }
}

/** What checkpoints that a quorum cosigned say of ledger time between them, in the order of the log. */
export class VouchedTime {
  readonly #policy: Policy
  #last: { readonly size: number; readonly cosignedMs: number } | undefined
  #ahead: TimeTrouble | undefined
  #unvouched: TimeTrouble | undefined
  #unvouchedMs = 0
  #count = 0

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** How many a quorum of the policy cosigned. */
  get count(): number {
    return this.#count
  }

  /**
   * Takes the next one. One that is not of a quorum, or no larger than the one before, says nothing.
   *
   * @param beatMs - of the ledger's genesis.
   * @param nowMs - the time now, where cosignatures of times to come are not to count.
   */
  add({ checkpoint, seal }: TimedCheckpoint, beatMs: number, nowMs?: number): void {
    const cosignedMs = quorumMs(checkpoint, this.#policy)
    const last = this.#last
    if (cosignedMs === undefined || checkpoint.size <= (last?.size ?? 0)) return
    this.#count++
    this.#last = { size: checkpoint.size, cosignedMs }
    const ahead = clockAhead(seal.time, checkpoint, this.#policy, nowMs)
    if (ahead !== undefined) this.#ahead ??= { ...ahead, message: `at ${checkpoint.size} entries, ${ahead.message}` }
    const spanMs = cosignedMs - (last?.cosignedMs ?? cosignedMs)
    if (spanMs <= beatMs + ARCHIVE_MS + TIME_OFF_MS || spanMs <= this.#unvouchedMs) return
    this.#unvouchedMs = spanMs
    this.#unvouched = {
      code: 'unvouched',
      message:
        `for ${span(spanMs)}, from ${last!.size} entries to ${checkpoint.size}, no cosigned checkpoint was kept: ` +
        'that ledger time was right then is the word of the ledger',
    }
  }

  get troubles(): readonly TimeTrouble[] {
    return [this.#ahead, this.#unvouched].filter(one => one !== undefined)
  }
}

/**
 * By when a quorum had cosigned, as far back as it can have been; undefined where none did, or the policy asks for
 * none.
 */
function quorumMs({ witnesses }: TrustedCheckpoint, policy: Policy): number | undefined {
  if (policy.quorum === 'none') return undefined
  const found: string[] = []
  for (const { name, timestamp } of [...witnesses].sort((a, b) => a.timestamp - b.timestamp)) {
    found.push(name)
    if (hasQuorum(policy, found)) return timestamp * 1000
  }
  return undefined
}

function names(witnesses: TrustedCheckpoint['witnesses']): string[] {
  return witnesses.map(({ name }) => name)
}

/** A span of time for people. */
function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  return minutes < 2 * 1440 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`
}
