import { beginningOf, ClientError, type ProvenBeginning, type TileSource } from '../client/index.ts'
import { equalBytes, toBase64, utf8Decode } from '../core/bytes.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import { TIME_OFF_MS } from '../core/limits.ts'
import { NOTE_BYTES_MAX } from '../core/note/note.ts'
import { hasQuorum, isTestPolicy, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import { openAnyway, openSigned, type SignedCheckpoint, type SignedNote } from '../core/note/signed.ts'
import type { AcceptedCheckpoint } from '../files/accepted-checkpoint.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import { cosignedAhead } from '../verify/ledger-time.ts'
import { encodePromise, type PromiseFile } from '../verify/promise.ts'

/** What is wrong with a log that is watched. */
export interface Trouble {
  readonly code: string
  readonly message: string
  /**
   * The promise that it is about, or '' for the log: of the same code and subject, it is the same trouble seen again.
   */
  readonly subject: string
  readonly evidence?: Exhibits
}

export type PromiseState = 'waiting' | 'kept' | 'overdue' | 'broken'

export interface WatchedPromise {
  readonly name: string
  readonly promise: PromiseFile
  readonly state: PromiseState
}

export interface WatcherOptions {
  /** Of one log: the one that is watched. */
  readonly policy: Policy
  /** Where its hash tiles come from. Untrusted. */
  readonly tileAt: TileSource
  /** Longest time that may pass until there is a newer checkpoint. */
  readonly maxAgeMs: number
  readonly startedMs: number
  /** What was accepted last, before this start. */
  readonly kept?: AcceptedCheckpoint
  /** Promises of this log, verified. */
  readonly promises?: readonly Omit<WatchedPromise, 'state'>[]
  /** Notes that were seen before, and could not be compared with what was accepted. Untrusted. */
  readonly uncompared?: readonly Uint8Array[]
}

/** Notes that wait to be compared, at most: the oldest are given up, and stay in the state directory. */
const UNCOMPARED_MAX = 64

/**
 * Follows a log, checkpoint by checkpoint: signed, cosigned and fresh as the policy and the greatest age demand, each
 * grown out of the one before, every promise kept. No clock and no wire of its own: it is given what was served, and
 * when. What it does not accept never replaces what it accepted before, so a log that forked stays forked. A checkpoint
 * that was signed, and whose tiles are withheld, is not forgotten: it is compared at every look, until it can be.
 */
export class Watcher {
  readonly #options: WatcherOptions
  readonly #promises: Watched[]
  #last: AcceptedCheckpoint | undefined
  /** Signed, and not compared yet: by their text. */
  readonly #uncompared = new Map<string, SignedNote>()
  /** Forks that were found in those: what is broken, nothing can mend. */
  readonly #forks: Trouble[] = []

  constructor(options: WatcherOptions) {
    this.#options = options
    this.#last = options.kept
    this.#promises = (options.promises ?? []).map(one => ({ ...one, state: 'waiting' }))
    for (const note of options.uncompared ?? []) this.#remember(note)
  }

  /** The checkpoint that was accepted last. */
  get last(): AcceptedCheckpoint | undefined {
    return this.#last
  }

  get promises(): readonly WatchedPromise[] {
    return this.#promises
  }

  /**
   * What is wrong when the log serves this checkpoint: nothing, or everything that is.
   *
   * @param note - untrusted.
   * @param nowMs - the time before it was asked for.
   * @returns `withheld` among others where the checkpoint is signed, and `tileAt` does not give its tiles
   *   (ClientError).
   * @throws what else `tileAt` throws.
   */
  async look(note: Uint8Array, nowMs: number): Promise<Trouble[]> {
    const signed: SignedNote[] = []
    const refused = await troubleOf('', this.#notes(note), async () => {
      const opened = openAnyway(note, this.#options.policy)
      if ('accepted' in opened) return this.#accept(note, opened.accepted, nowMs)
      signed.push(opened.signed)
      // A fork is a fork first, no matter who cosigned it, or is said to have: what stands beneath says less than what
      // stands in it.
      await this.#compare(opened.signed.note, opened.signed)
      throw opened.refusal
    })
    if (refused.some(({ code }) => code === 'withheld')) this.#remember(note)
    const found = refused.length > 0 ? refused : [...this.#ahead(nowMs), ...this.#stale(nowMs, 0)]
    if (refused.length === 0) found.push(...(await this.#lookAtUncompared()))
    found.push(...this.#forks)
    // What is broken, nothing can mend.
    for (const one of this.#promises)
      if (one.broken !== undefined) found.push(one.broken)
      else if (refused.length === 0) found.push(...(await this.#lookAtPromise(one, nowMs)))
      else for (const checkpoint of signed) found.push(...(await this.#breaking(one, checkpoint)))
    return found
  }

  /**
   * Takes what another process of the same reader accepted meanwhile: the later of the two is what was accepted last.
   *
   * @param other - accepted, whatever it was compared with.
   * @returns `forked`, with both notes, where the one does not begin with the other; `tile` or `withheld` where that
   *   cannot be told.
   */
  async meet(other: AcceptedCheckpoint, nowMs: number): Promise<Trouble[]> {
    return troubleOf('', this.#notes(other.note), async () => {
      const own = this.#last
      if (own !== undefined) await this.#mustBeOne(other.note, own.checkpoint, other.checkpoint)
      if (own === undefined || !isLater(own, other, this.#options.policy, nowMs)) this.#last = other
    })
  }

  /**
   * What is wrong when the log does not answer: nothing, as long as that may be. @param why - what the attempt ended
   * in.
   */
  silent(nowMs: number, why: string): Trouble[] {
    return this.#stale(nowMs, this.#options.startedMs, why)
  }

  /**
   * How old the checkpoint accepted last is: since a quorum cosigned it, or, without witnesses, since it was first
   * seen.
   */
  ageMs(nowMs: number): number | undefined {
    if (this.#last === undefined) return undefined
    return Math.max(0, nowMs - timeOf(this.#last, this.#options.policy, nowMs))
  }

  /**
   * Compares a note that came otherwise with what was accepted last; at the next looks where that cannot be done now.
   *
   * @param note - untrusted: one that the log did not sign says nothing.
   * @returns `forked`, where it is known that the log is: at each look from now on, too.
   */
  async compare(note: Uint8Array): Promise<readonly Trouble[]> {
    this.#remember(note)
    if (this.#last !== undefined) await this.#lookAtUncompared()
    return this.#forks
  }

  /** Keeps a note in mind, to be compared when that can be; not one that the log did not sign. */
  #remember(note: Uint8Array): void {
    try {
      const signed: SignedNote = { ...openSigned(note, this.#options.policy), note: note.slice() }
      this.#uncompared.set(`${signed.size} ${toBase64(signed.root)}`, signed)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
    const [oldest] = this.#uncompared.keys()
    if (this.#uncompared.size > UNCOMPARED_MAX) this.#uncompared.delete(oldest!)
  }

  /** Compares what could not be compared before with what was accepted last. */
  async #lookAtUncompared(): Promise<Trouble[]> {
    const found: Trouble[] = []
    const { note: earlier, checkpoint: last } = this.#last!
    for (const [key, signed] of this.#uncompared) {
      const evidence = { checkpoint: utf8Decode(signed.note), earlier: utf8Decode(earlier) }
      const [trouble] = await troubleOf('', evidence, () => this.#mustBeOne(signed.note, last, signed))
      const isOpen = trouble !== undefined && trouble.code !== 'forked'
      if (!isOpen) this.#uncompared.delete(key)
      if (trouble?.code === 'forked') this.#forks.push(trouble)
      // Of a tree that is larger than the one shown now, tiles of that one say nothing.
      if (isOpen) found.push({ ...trouble, code: 'withheld' })
    }
    return found
  }

  async #accept(note: Uint8Array, checkpoint: TrustedCheckpoint, nowMs: number): Promise<void> {
    const { policy } = this.#options
    await this.#compare(note, checkpoint)
    const last = this.#last
    const isNew = last === undefined || checkpoint.size > last.checkpoint.size
    const seen: AcceptedCheckpoint = { note: note.slice(), checkpoint, seenMs: isNew ? nowMs : last.seenMs }
    if (last === undefined || isLater(seen, last, policy, nowMs)) this.#last = seen
  }

  /** Whether a checkpoint grew out of the last one. @throws Found `forked`, `rolled-back`; VerifyError `tile`. */
  async #compare(note: Uint8Array, checkpoint: SignedCheckpoint): Promise<void> {
    if (this.#last === undefined) {
      // Nothing to compare with, but its own tiles: anyone else who is to follow the log needs them.
      await beginningOf(checkpoint.size - 1, checkpoint, this.#options.tileAt)
      return
    }
    const last = this.#last.checkpoint
    const isBack = checkpoint.size < last.size
    const rolledBack = new FoundTrouble({
      code: 'rolled-back',
      message:
        `the log shows ${checkpoint.size} entries, and had ${last.size} before: entries were taken back, or an old ` +
        'checkpoint is shown as new',
      subject: '',
      evidence: this.#notes(note),
    })
    await this.#mustBeOne(note, last, checkpoint).catch(error => {
      // Of a log that went back the tiles may be gone as well: that it went back is known without them.
      throw isBack && error instanceof CodedError ? rolledBack : error
    })
    if (isBack) throw rolledBack
  }

  /**
   * That of two checkpoints the larger begins with the smaller. @param note - of the one that was not kept. @throws
   * Found `forked`.
   */
  async #mustBeOne(note: Uint8Array, one: SignedCheckpoint, other: SignedCheckpoint): Promise<void> {
    const [smaller, larger] = other.size < one.size ? [other, one] : [one, other]
    const beginning = await beginningOf(smaller.size, larger, this.#options.tileAt)
    if (equalBytes(beginning.root, smaller.root)) return
    throw new FoundTrouble({
      code: 'forked',
      message:
        `the log has two histories: its checkpoint of ${larger.size} entries does not begin with that of ` +
        `${smaller.size}`,
      subject: '',
      evidence: { ...this.#notes(note), ...shown(beginning) },
    })
  }

  /** That it is cosigned at times to come: it would look fresh for as long as they have not come. */
  #ahead(nowMs: number): Trouble[] {
    const { note, checkpoint } = this.#last!
    const ahead = cosignedAhead(checkpoint, this.#options.policy, nowMs)
    return ahead === undefined ? [] : [{ ...ahead, subject: '', evidence: { checkpoint: utf8Decode(note) } }]
  }

  #stale(nowMs: number, sinceMs: number, why?: string): Trouble[] {
    const { maxAgeMs, policy, startedMs } = this.#options
    const last = this.#last
    const fromMs = last === undefined ? startedMs : Math.max(sinceMs, timeOf(last, policy, nowMs))
    if (nowMs - fromMs <= maxAgeMs) return []
    const age = `${Math.round((nowMs - fromMs) / 1000)} s`
    const what =
      why === undefined
        ? `the checkpoint of ${last?.checkpoint.size} entries is ${age} old: the log stands still, or an old state ` +
          'of it is shown'
        : `there was no checkpoint for ${age}: ${why}`
    const evidence = last === undefined ? {} : { evidence: { checkpoint: utf8Decode(last.note) } }
    return [{ code: 'stale', message: what, subject: '', ...evidence }]
  }

  async #lookAtPromise(one: Watched, nowMs: number): Promise<Trouble[]> {
    if (one.state === 'kept') return []
    const { note, checkpoint } = this.#last!
    if (checkpoint.size >= one.promise.size) return this.#breaking(one, { ...checkpoint, note }, 'kept')
    // The deadlines of a test ledger are of a time that no clock here shows.
    if (nowMs <= one.promise.deadline || isTestPolicy(this.#options.policy)) return []
    one.state = 'overdue'
    const { promise, name } = one
    const until = new Date(promise.deadline).toISOString()
    const message = `${name}: ${promise.size} entries were promised by ${until}, and there are ${checkpoint.size}`
    return [{ code: 'promise-overdue', message, subject: name, evidence: promiseShown(one, note) }]
  }

  /**
   * That a checkpoint breaks a promise, if it does: for good.
   *
   * @param otherwise - what has become of the promise if it does not.
   * @returns with `tile` where the tiles served are not the checkpoint's.
   */
  async #breaking(one: Watched, checkpoint: SignedNote, otherwise: PromiseState = one.state): Promise<Trouble[]> {
    const { promise, name } = one
    if (one.state === 'kept' || checkpoint.size < promise.size) return []
    const evidence = promiseShown(one, checkpoint.note)
    const found = await troubleOf(name, evidence, async () => {
      const beginning = await beginningOf(promise.size, checkpoint, this.#options.tileAt)
      one.state = equalBytes(beginning.root, promise.root) ? otherwise : 'broken'
      if (one.state !== 'broken') return
      const message =
        `${name}: the log does not begin with the ${promise.size} entries that were promised: what was acknowledged ` +
        'is not in it'
      throw new FoundTrouble({
        code: 'promise-broken',
        message,
        subject: name,
        evidence: { ...evidence, ...shown(beginning) },
      })
    })
    if (one.state === 'broken') one.broken ??= found[0]
    return found
  }

  #notes(note: Uint8Array): Exhibits {
    const earlier = this.#last === undefined ? {} : { earlier: utf8Decode(this.#last.note) }
    if (note.length > NOTE_BYTES_MAX) return earlier
    return { checkpoint: new TextDecoder().decode(note), ...earlier }
  }
}

/** What shows a promise beside a note. */
function promiseShown({ promise }: Watched, note: Uint8Array): Exhibits {
  return { checkpoint: utf8Decode(note), promise: toBase64(encodePromise(promise)) }
}

interface Watched {
  readonly name: string
  readonly promise: PromiseFile
  state: PromiseState
  broken?: Trouble | undefined
}

const NOT_SERVED =
  'the log signed a checkpoint and does not serve its tiles, so nobody can tell whether it has one history. ' +
  'What it signed is evidence for everyone who was shown another checkpoint'

/** A trouble on its way out of a check. */
class FoundTrouble extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble) {
    super(trouble.message)
    this.trouble = trouble
  }
}

/** The trouble that a check ends in, if it does. Bytes that are not of their form are not what a log should serve. */
async function troubleOf(subject: string, evidence: Exhibits, check: () => Promise<void>): Promise<Trouble[]> {
  try {
    await check()
    return []
  } catch (error) {
    if (error instanceof FoundTrouble) return [error.trouble]
    const about = subject === '' ? '' : `${subject}: `
    if (error instanceof ClientError)
      return [{ code: 'withheld', message: `${about}${NOT_SERVED}: ${error.message}`, subject, evidence }]
    if (!(error instanceof VerifyError || error instanceof FormatError)) throw error
    return [{ code: error.code, message: `${about}${error.message}`, subject, evidence }]
  }
}

/**
 * When a checkpoint was the latest for certain: the last moment by which a quorum cosigned it, but for those that name
 * a time to come; else when it was first seen.
 */
function timeOf({ checkpoint, seenMs }: AcceptedCheckpoint, policy: Policy, nowMs: number): number {
  if (policy.quorum === 'none') return seenMs
  const names: string[] = []
  // Late cosignatures first: a quorum of old ones and one that is new prove an old checkpoint.
  for (const { name, timestamp } of [...checkpoint.witnesses].sort((a, b) => b.timestamp - a.timestamp)) {
    if (timestamp * 1000 > nowMs + TIME_OFF_MS) continue
    names.push(name)
    if (hasQuorum(policy, names)) return timestamp * 1000
  }
  return seenMs
}

/**
 * Whether a checkpoint says more than another of the same log: it has more entries, or was the latest at a later time.
 */
function isLater(one: AcceptedCheckpoint, other: AcceptedCheckpoint, policy: Policy, nowMs: number): boolean {
  const more = one.checkpoint.size - other.checkpoint.size
  return more > 0 || (more === 0 && timeOf(one, policy, nowMs) > timeOf(other, policy, nowMs))
}

function shown({ root, proof }: ProvenBeginning): Exhibits {
  return { root: toBase64(root), proof: proof.map(toBase64) }
}
