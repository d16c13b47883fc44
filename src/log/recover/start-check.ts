import { CodedError } from '../../core/failure.ts'
import { FatalError, HeldError } from '../failure.ts'
import type { SeenAnswer, Witnesses } from '../publish/witnesses.ts'
import { missingHere, type OwnLog, type Place, withinTime } from './elsewhere.ts'

export interface StartCheckParts extends OwnLog {
  /** Whether other processes apply the same commands: they may be further. */
  readonly isShared: boolean
  readonly places: readonly Place[]
  readonly witnesses: Witnesses
  /** Whether these witnesses are enough, by the policy of the ledger. */
  readonly isQuorum: (names: readonly string[]) => boolean
  /** The checkpoint that the store has, a signed note: shown to witnesses that say nothing otherwise. */
  readonly stored: Uint8Array | undefined
}

/** How long a start waits for those that it asks, each time. */
const ANSWER_MS = 3000

/** What someone who was asked knows of the log: how many entries are missing here. */
interface KnownElsewhere {
  readonly name: string
  readonly missing: number
}

/**
 * Why nothing is known from someone who was asked, and whether he says that there is another history, and does not show
 * it.
 */
interface Unknown {
  readonly name: string
  readonly why: string
  readonly isClaim: boolean
}

function isKnown(answer: KnownElsewhere | Unknown): answer is KnownElsewhere {
  return 'missing' in answer
}

/**
 * Whether a log that starts may sign: all who may have seen more of it are asked first, for a store that is an older
 * copy, or a second one, would else sign another history. SPEC §3.
 */
export class StartCheck {
  readonly #parts: StartCheckParts

  constructor(parts: StartCheckParts) {
    this.#parts = parts
  }

  /** Whether other processes apply the same commands. */
  get isShared(): boolean {
    return this.#parts.isShared
  }

  /** Whether there is nobody to ask. */
  get isAlone(): boolean {
    return this.#parts.places.length === 0 && this.#parts.witnesses.known.length === 0
  }

  /**
   * Asks them all.
   *
   * @returns why nothing may be signed yet; undefined where nothing is in the way.
   * @throws FatalError `ledger-mismatch`.
   */
  async look(): Promise<HeldError | undefined> {
    const { places, witnesses, isQuorum, stored } = this.#parts
    const signal = AbortSignal.timeout(ANSWER_MS)
    const [found, cosigned] = await Promise.all([
      Promise.all(places.map(place => this.#askPlace(place, signal))),
      witnesses.seen(stored, signal).then(asked => Promise.all(asked.map(one => this.#judge(one)))),
    ])
    const answers = [...found, ...cosigned]
    const most = answers.filter(isKnown).sort((a, b) => b.missing - a.missing)[0]
    if (most !== undefined && most.missing > 0) return this.#behind(most)
    const silent = answers.filter(one => 'why' in one)
    if (silent.some(({ isClaim }) => isClaim)) return unconfirmed(silent)
    if (places.some((place, i) => place.isNeeded && !isKnown(found[i]!))) return unconfirmed(silent)
    const names = cosigned.map(({ name }) => name)
    const heard = cosigned.filter(isKnown).map(({ name }) => name)
    // Where those that can be asked are no quorum together, all of them are asked for.
    const isWitnessed = isQuorum(names) ? isQuorum(heard) : heard.length === names.length
    const followers = found.filter((_, i) => !places[i]!.isNeeded)
    const isFollowed = followers.length === 0 || followers.some(isKnown)
    return (names.length > 0 ? isWitnessed : isFollowed) ? undefined : unconfirmed(silent)
  }

  async #askPlace(place: Place, signal: AbortSignal): Promise<KnownElsewhere | Unknown> {
    const { name, checkpoint, rootAt } = place
    try {
      return await this.#judge({ name, seen: await withinTime(checkpoint(signal), signal) }, rootAt)
    } catch (error) {
      if (error instanceof FatalError) throw error
      return { name, why: (error as Error).message, isClaim: false }
    }
  }

  async #judge(asked: SeenAnswer, rootAt?: Place['rootAt']): Promise<KnownElsewhere | Unknown> {
    const { name } = asked
    if ('why' in asked) return asked
    if (asked.seen === undefined) return { name, missing: 0 }
    try {
      return {
        name,
        missing: await missingHere(asked.seen, rootAt === undefined ? { name } : { name, rootAt }, this.#parts),
      }
    } catch (error) {
      if (!(error instanceof CodedError) || error instanceof FatalError) throw error
      return { name, why: `it shows what is no checkpoint of this log: ${error.message}`, isClaim: false }
    }
  }

  #behind({ name, missing }: KnownElsewhere): HeldError {
    const { tree, isShared } = this.#parts
    const { size } = tree
    if (isShared)
      return new HeldError(
        'catching-up',
        `${name} has seen ${size + missing} entries of this log, and this process has come to ${size}: it takes and ` +
          'signs nothing until it has applied the commands that are missing.',
      )
    return new HeldError(
      'copy-behind',
      `${name} has seen ${size + missing} entries of this log, signed by its key, and the store has ${size}: ` +
        `${missing} are missing here. This is an older copy, or another copy of it goes on elsewhere. Nothing is ` +
        'signed or taken, as that would make a second history. Start the data directory that has them.',
    )
  }
}

function unconfirmed(silent: readonly Unknown[]): HeldError {
  const who = silent.map(({ name, why }) => `${name} (${why})`).join('; ')
  return new HeldError(
    'start-unconfirmed',
    'The ledger signs and takes nothing until it knows that nobody has seen more of this log than its store has. ' +
      `Without an answer yet: ${who}. They are asked again every few seconds. Take one that is gone for good out of ` +
      'the policy in the data directory, or off the command line.',
  )
}
