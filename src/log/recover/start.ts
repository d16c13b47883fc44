import type { VerifierKey } from '../../core/note/note.ts'
import type { LedgerState } from '../../ledger/index.ts'
import { HeldError } from '../failure.ts'
import type { Holds, Lease } from '../holds.ts'
import type { LogOptions } from '../options.ts'
import type { Witnesses } from '../publish/witnesses.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { openOwn } from './elsewhere.ts'
import { logKeysOf } from './recover.ts'
import { StartCheck } from './start-check.ts'

/** How often those are asked again that may have seen more of the log. */
const PAUSE_MS = 5000
/** How often it looks whether it has applied what others have ordered. */
const CATCH_UP_MS = 100

export interface StartParts {
  readonly holds: Holds
  readonly lease: Lease | undefined
  /** How many commands have been ordered by others and not been applied here; 0 where nobody else orders any. */
  readonly missing: () => Promise<number>
  readonly check: StartCheck
  readonly pauseMs: number | undefined
  /** Ends it before it is done. */
  readonly signal: AbortSignal
  /** Is told when something has to be waited for. */
  readonly onWait: () => void
  /** Publishes what is sealed, once that may be signed. */
  readonly publish: () => Promise<void>
}

/**
 * A log begins: it takes its lease, asks who may have seen more, and signs and takes nothing before it knows. SPEC §3.
 */
export class Start {
  /** Resolves when something has to be waited for. */
  readonly waits: Promise<void>
  readonly #parts: StartParts
  #wait: () => void = () => {}

  constructor(parts: StartParts) {
    this.#parts = parts
    this.waits = new Promise<void>(resolve => {
      this.#wait = resolve
    })
    if (parts.lease === undefined && parts.check.isAlone && !parts.check.isShared) return
    this.#hold(new HeldError('start-unconfirmed', 'The ledger is asking who may have seen more of its log.'))
  }

  /** Whether anyone has to be asked. */
  get isHeld(): boolean {
    return this.#parts.holds.start !== undefined
  }

  /**
   * Resolves when the log has begun.
   *
   * @throws FatalError `ledger-mismatch`; the reason of `signal`.
   */
  async run(): Promise<void> {
    const { lease, check, holds, pauseMs = PAUSE_MS, signal } = this.#parts
    // Anyone who had it before may publish until it is taken: only then is asked what was.
    await lease?.take(why => this.#say(why), signal)
    if (check.isShared) await this.#catchUp()
    for (;;) {
      const why = check.isAlone ? undefined : await check.look()
      if (why === undefined) holds.unsigned = undefined
      const held = why ?? (await this.#publish())
      if (held === undefined) break
      this.#say(held)
      await pause(pauseMs, signal)
    }
    holds.start = undefined
  }

  /** Resolves when all is applied that had been ordered at some moment after the start. */
  async #catchUp(): Promise<void> {
    const { missing, signal, pauseMs = PAUSE_MS } = this.#parts
    for (;;) {
      // Who keeps the order may be away: it is asked again.
      const left = await missing().catch(error => error as Error)
      if (left === 0) return
      this.#say(
        new HeldError(
          'catching-up',
          left instanceof Error
            ? `The ledger takes nothing until it knows what others have ordered. ${left.message}`
            : `The ledger takes nothing until it has applied ${left} more commands that others have ordered.`,
        ),
      )
      await pause(Math.min(pauseMs, CATCH_UP_MS), signal)
    }
  }

  /** Publishes, or returns why it may not. */
  async #publish(): Promise<HeldError | undefined> {
    try {
      await this.#parts.publish()
      return undefined
    } catch (error) {
      if (error instanceof HeldError) return error
      throw error
    }
  }

  #hold(why: HeldError): void {
    this.#parts.holds.start = why
    this.#parts.holds.unsigned = why
  }

  #say(why: HeldError): void {
    this.#hold(why)
    this.#parts.onWait()
    this.#wait()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}

/** A log that was recovered from its store, and those who may have seen more of it. */
export interface RecoveredLog extends Pick<StartParts, 'holds' | 'missing' | 'signal' | 'onWait' | 'publish'> {
  readonly options: LogOptions
  readonly state: LedgerState
  readonly isShared: boolean
  readonly tree: LogTree
  readonly logKey: VerifierKey
  readonly witnesses: Witnesses
}

/**
 * The start of a log, and the checkpoint that its store has of it: a signed note, undefined where there is none, or
 * where it is that of the log before, which is nothing for the witnesses of this one.
 */
export async function startOf({ options, state, isShared, tree, logKey, witnesses, ...parts }: RecoveredLog): Promise<{
  readonly start: Start
  readonly stored: Uint8Array | undefined
}> {
  const { store, places = [], isQuorum = () => true, lease, startPauseMs: pauseMs } = options
  const logKeys = logKeysOf(state, logKey)
  const last = await store.readDocument('checkpoint')
  const isOwn = last !== undefined && openOwn(last, logKeys).log.name === logKey.name
  const stored = isOwn ? last : undefined
  const check = new StartCheck({ isShared, places, witnesses, isQuorum, stored, logKeys, tree })
  return { start: new Start({ ...parts, lease, check, pauseMs }), stored }
}
