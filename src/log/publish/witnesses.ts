import { concatBytes, parseDecimal, utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import { formatAddCheckpoint, TLOG_SIZE_TYPE } from '../../core/note/add-checkpoint.ts'
import { parseCheckpoint } from '../../core/note/checkpoint.ts'
import {
  formatNote,
  type Note,
  type NoteSignature,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '../../core/note/note.ts'
import { FatalError, WitnessError } from '../failure.ts'
import type { WitnessTime } from '../intake/clock.ts'
import { missingHere, moreElsewhere, withinTime } from '../recover/elsewhere.ts'
import type { LogTree } from '../tree/log-tree.ts'

/** What a witness answered. */
export interface WitnessAnswer {
  readonly status: number
  readonly contentType: string
  /** Untrusted. */
  readonly body: Uint8Array
}

/** A witness that the log asks for cosignatures, and the way to it. */
export interface WitnessPort {
  readonly name: string
  /** Of type 0x04. */
  readonly key: VerifierKey
  /** Sends an `add-checkpoint` request. Rejects when there is no answer, or too long a one. */
  readonly addCheckpoint: (body: Uint8Array, signal: AbortSignal) => Promise<WitnessAnswer>
  /** Asks for the checkpoint that it cosigned last of a log of that origin (`GET …/checkpoint`), likewise. */
  readonly latest?: (origin: string, signal: AbortSignal) => Promise<WitnessAnswer>
}

/**
 * What a witness that was asked has seen of the log; or why that is not known, and whether it says that it has seen
 * other things.
 */
export type SeenAnswer =
  | { readonly name: string; readonly seen: Uint8Array | undefined }
  | { readonly name: string; readonly why: string; readonly isClaim: boolean }

/** A witness that fails is left alone for this long, twice as long each time, up to a minute. */
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000
/**
 * When it is asked again it is waited for no longer than this: anyone who is back answers at once, or is taken the next
 * time.
 */
const TRIAL_MS = 100

/** A cosignature, whose it is, and when it was made. */
export interface Cosigned extends WitnessTime {
  readonly signature: NoteSignature
}

interface WitnessState {
  readonly port: WitnessPort
  /** The size that it cosigned last, as far as we know. */
  size: number
  failures: number
  /** When it may be asked again, by `performance.now`: not while it is being asked. */
  notBeforeMs: number
}

export interface WitnessesParts {
  readonly ports: readonly WitnessPort[]
  readonly tree: LogTree
  readonly logKey: VerifierKey
  /** As in `OwnLog`. */
  readonly logKeys: readonly VerifierKey[]
  /** Whether other processes sign the same log as well: a witness may then have seen more than this one has yet. */
  readonly isShared: boolean
  readonly timeoutMs: number
  /** Is told when a witness does not cosign. */
  readonly onTrouble: (name: string, what: string) => void
  /**
   * Is told that a witness showed what the log's key signed, of another history or of more entries than there are here.
   */
  readonly onOther: (error: FatalError) => void
}

/**
 * Asks witnesses to cosign a checkpoint (c2sp.org/tlog-witness), all at once, and takes what comes within the time
 * limit. One that is down, slow or lying costs that once, and is then left alone for a while, and tried for a moment
 * only: publishing never depends on any, and a checkpoint that is held up holds up every statement.
 */
export class Witnesses {
  readonly #asked: readonly WitnessState[]
  readonly #parts: WitnessesParts
  readonly #closing = new AbortController()

  constructor(parts: WitnessesParts) {
    this.#asked = parts.ports.map(port => ({ port, size: 0, failures: 0, notBeforeMs: 0 }))
    this.#parts = parts
  }

  /** Each witness by its name, the size that it cosigned last, and how often in a row it has not cosigned since. */
  get standing(): { readonly name: string; readonly size: number; readonly failures: number }[] {
    return this.#asked.map(({ port, size, failures }) => ({ name: port.name, size, failures }))
  }

  /** Whether there is any to ask. */
  get isEmpty(): boolean {
    return this.#asked.length === 0
  }

  /**
   * The cosignatures of a note, which is the checkpoint of the first `size` entries, and when each was made. Never
   * rejects.
   */
  async cosign(note: Note, size: number): Promise<Cosigned[]> {
    const now = performance.now()
    const due = this.#asked.filter(({ notBeforeMs }) => notBeforeMs <= now)
    const signal = AbortSignal.any([AbortSignal.timeout(this.#parts.timeoutMs), this.#closing.signal])
    const found = await Promise.all(
      due.map(asked => {
        const isTrial = asked.failures > 0
        const answer = this.#askOne(asked, note, size, signal)
        return isTrial ? withinTrial(answer) : answer
      }),
    )
    return found.filter(cosigned => cosigned !== undefined)
  }

  /** Ends what is still asked, of which nobody is told any more. */
  close(): void {
    this.#closing.abort()
  }

  async #askOne(asked: WitnessState, note: Note, size: number, signal: AbortSignal): Promise<Cosigned | undefined> {
    asked.notBeforeMs = Number.POSITIVE_INFINITY
    try {
      const cosigned = await this.#ask(asked, note, size, signal)
      asked.size = size
      asked.failures = 0
      asked.notBeforeMs = 0
      return cosigned
    } catch (error) {
      asked.notBeforeMs = performance.now() + Math.min(PAUSE_MS * 2 ** asked.failures++, PAUSE_MS_MAX)
      if (!this.#closing.signal.aborted) this.#parts.onTrouble(asked.port.name, told(error))
      if (isClaim(error)) await this.#askForProof(asked.port)
      return undefined
    }
  }

  /** What a witness says of another history is its word; what it shows under the log's key is none. */
  async #askForProof({ name, latest }: WitnessPort): Promise<void> {
    const { logKey, timeoutMs, onOther, isShared } = this.#parts
    if (latest === undefined) return
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal])
    try {
      const answer = await withinTime(latest(logKey.name, signal), signal)
      if (answer.status !== 200) return
      const missing = await missingHere(answer.body, { name }, this.#parts)
      if (missing > 0 && !isShared) onOther(moreElsewhere(name, missing))
    } catch (error) {
      if (error instanceof FatalError) onOther(error)
    }
  }

  /** Names of those that say what they have seen. */
  get known(): string[] {
    return this.#asked.flatMap(({ port }) => (port.latest === undefined ? [] : [port.name]))
  }

  /**
   * Asks what they have cosigned of the log last, at a start. One that shows nothing is asked to cosign what was
   * published before: nothing new is signed for that, and its answer tells whether it has seen more.
   *
   * @param stored - the checkpoint that was published last, a signed note.
   */
  async seen(stored: Uint8Array | undefined, signal: AbortSignal): Promise<SeenAnswer[]> {
    const asked = this.#asked.filter(({ port }) => port.latest !== undefined)
    return Promise.all(
      asked.map(async (one): Promise<SeenAnswer> => {
        const { name } = one.port
        try {
          return { name, seen: await this.#seenBy(one, stored, signal) }
        } catch (error) {
          return { name, why: told(error), isClaim: isClaim(error) }
        }
      }),
    )
  }

  async #seenBy(
    asked: WitnessState,
    stored: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const { logKey } = this.#parts
    const answer = await withinTime(asked.port.latest!(logKey.name, signal), signal)
    if (answer.status === 200) return answer.body
    if (answer.status !== 404) throw new WitnessError('witness-answer', `it answered ${answer.status}`)
    // It has seen nothing, or does not say what: not every witness does.
    if (stored === undefined) return undefined
    const { text, signatures } = parseNote(stored)
    const own = signatures.filter(({ name, keyId }) => name === logKey.name && keyId === logKey.keyId)
    const { size } = parseCheckpoint(text)
    try {
      await withinTime(this.#ask(asked, { text, signatures: own }, size, signal), signal)
      asked.size = size
    } catch (error) {
      // Who does not follow this log has seen nothing of it.
      if (!(error instanceof WitnessError && error.code === 'witness-stranger')) throw error
    }
    return undefined
  }

  async #ask(asked: WitnessState, note: Note, size: number, signal: AbortSignal): Promise<Cosigned> {
    const first = await this.#send(asked, note, size, signal)
    if (first.status !== 409) return cosignedBy(asked.port, first, note)
    // It has another size than we thought: it says which. One that cannot be is not what it is asked about next.
    const said = sizeFrom(first)
    if (said > size && this.#parts.isShared)
      throw new WitnessError('witness-answer', `it has cosigned ${said} entries already, and ${size} are asked about`)
    if (said > size)
      throw new WitnessError(
        'witness-claim',
        `it says it cosigned ${said} entries of this log, which has ${size}: a fork, or a lie`,
      )
    asked.size = said
    const second = await this.#send(asked, note, size, signal)
    if (second.status === 409) throw new WitnessError('witness-answer', 'it says another size each time it is asked')
    return cosignedBy(asked.port, second, note)
  }

  async #send(
    { port, size: oldSize }: WitnessState,
    note: Note,
    size: number,
    signal: AbortSignal,
  ): Promise<WitnessAnswer> {
    const proof = await this.#parts.tree.proveConsistency(oldSize, size)
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: formatNote(note) })
    const late = new Promise<never>((_, reject) => {
      const why = `no answer within ${this.#parts.timeoutMs} ms`
      signal.addEventListener('abort', () => reject(new WitnessError('witness-silent', why)), { once: true })
    })
    return Promise.race([port.addCheckpoint(body, signal), late])
  }
}

/** Why a witness did not cosign, with the code, where the failure has one. */
function told(error: unknown): string {
  return error instanceof CodedError ? `${error.message} (${error.code})` : (error as Error).message
}

/** Whether a witness says that it has cosigned what does not fit the log here. */
function isClaim(error: unknown): boolean {
  return error instanceof WitnessError && error.code === 'witness-claim'
}

/** What comes within the time of a trial; what comes later counts for the next one. */
async function withinTrial<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), TRIAL_MS)
  })
  try {
    return await Promise.race([answer, over])
  } finally {
    clearTimeout(timer)
  }
}

/** The size in a `409`. */
function sizeFrom({ contentType, body }: WitnessAnswer): number {
  const text = utf8Decode(body)
  if (contentType !== TLOG_SIZE_TYPE || !text.endsWith('\n'))
    throw new WitnessError('witness-answer', 'its 409 does not say a size')
  return parseDecimal(text.slice(0, -1), Number.MAX_SAFE_INTEGER, 'its size')
}

/** The cosignature of the witness's own key in its answer, which must verify; lines of other keys are left. */
function cosignedBy({ name, key }: WitnessPort, { status, body }: WitnessAnswer, note: Note): Cosigned {
  // Our proof leads from our root of its size: what does not follow is of another root.
  if (status === 422)
    throw new WitnessError('witness-claim', 'it says that the history it cosigned is another: a fork, or a lie')
  if (status === 404 || status === 403) throw new WitnessError('witness-stranger', `it answered ${status}`)
  if (status !== 200) throw new WitnessError('witness-answer', `it answered ${status}`)
  const answered = parseNote(concatBytes(utf8Encode(`${note.text}\n`), body))
  const seconds = verifyNote(answered, [key])[0]?.timestamp
  if (seconds === undefined) throw new WitnessError('witness-answer', 'its answer is not signed by its key')
  const signature = answered.signatures.find(one => one.name === key.name && one.keyId === key.keyId)!
  return { name, seconds, signature }
}
