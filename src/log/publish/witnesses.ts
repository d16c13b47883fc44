import { concatBytes, parseDecimal, utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { formatAddCheckpoint, TLOG_SIZE_TYPE } from '../../core/note/add-checkpoint.ts'
import {
  formatNote,
  type Note,
  type NoteSignature,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '../../core/note/note.ts'
import type { WitnessTime } from '../intake/clock.ts'
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
}

/** A witness that fails is left alone for this long, twice as long each time, up to a minute. */
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000
/** When it is asked again it is waited for no longer than this: whoever is back answers at once, or is taken the next time. */
const TRIAL_MS = 100

/** A cosignature, whose it is, and when it was made. */
export interface Cosigned extends WitnessTime {
  readonly signature: NoteSignature
}

interface Asked {
  readonly port: WitnessPort
  /** The size that it cosigned last, as far as we know. */
  size: number
  failures: number
  /** When it may be asked again, by `performance.now`: not while it is being asked. */
  notBeforeMs: number
}

/**
 * Asks witnesses to cosign a checkpoint (c2sp.org/tlog-witness), all at once, and takes what comes within the time limit. One
 * that is down, slow or lying costs that once, and is then left alone for a while, and tried for a moment only: publishing
 * never depends on any, and a checkpoint that is held up holds up every statement.
 */
export class Witnesses {
  readonly #asked: readonly Asked[]
  readonly #tree: LogTree
  readonly #timeoutMs: number
  readonly #onTrouble: (name: string, what: string) => void
  readonly #closing = new AbortController()

  constructor(
    ports: readonly WitnessPort[],
    tree: LogTree,
    timeoutMs: number,
    onTrouble: (name: string, what: string) => void,
  ) {
    this.#asked = ports.map(port => ({ port, size: 0, failures: 0, notBeforeMs: 0 }))
    this.#tree = tree
    this.#timeoutMs = timeoutMs
    this.#onTrouble = onTrouble
  }

  /** Whether there is any to ask. */
  get isEmpty(): boolean {
    return this.#asked.length === 0
  }

  /** The cosignatures of a note, which is the checkpoint of the first `size` entries, and when each was made. Never rejects. */
  async cosign(note: Note, size: number): Promise<Cosigned[]> {
    const now = performance.now()
    const due = this.#asked.filter(({ notBeforeMs }) => notBeforeMs <= now)
    const signal = AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closing.signal])
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

  async #askOne(asked: Asked, note: Note, size: number, signal: AbortSignal): Promise<Cosigned | undefined> {
    asked.notBeforeMs = Number.POSITIVE_INFINITY
    try {
      const cosigned = await this.#ask(asked, note, size, signal)
      asked.size = size
      asked.failures = 0
      asked.notBeforeMs = 0
      return cosigned
    } catch (error) {
      asked.notBeforeMs = performance.now() + Math.min(PAUSE_MS * 2 ** asked.failures++, PAUSE_MS_MAX)
      if (!this.#closing.signal.aborted) this.#onTrouble(asked.port.name, (error as Error).message)
      return undefined
    }
  }

  async #ask(asked: Asked, note: Note, size: number, signal: AbortSignal): Promise<Cosigned> {
    const first = await this.#send(asked, note, size, signal)
    if (first.status !== 409) return cosignedBy(asked.port, first, note)
    // It has another size than we thought: it says which.
    asked.size = sizeFrom(first)
    if (asked.size > size)
      throw new Error(`it says it cosigned ${asked.size} entries of this log, which has ${size}: a fork, or a lie`)
    const second = await this.#send(asked, note, size, signal)
    if (second.status === 409) throw new Error('it says another size each time it is asked')
    return cosignedBy(asked.port, second, note)
  }

  async #send({ port, size: oldSize }: Asked, note: Note, size: number, signal: AbortSignal): Promise<WitnessAnswer> {
    const proof = await this.#tree.proveConsistency(oldSize, size)
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: formatNote(note) })
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no answer within ${this.#timeoutMs} ms`)), {
        once: true,
      })
    })
    return Promise.race([port.addCheckpoint(body, signal), late])
  }
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
  if (contentType !== TLOG_SIZE_TYPE || !text.endsWith('\n')) throw new Error('its 409 does not say a size')
  return parseDecimal(text.slice(0, -1), Number.MAX_SAFE_INTEGER, 'its size')
}

/** The cosignature of the witness's own key in its answer, which must verify; lines of other keys are left. */
function cosignedBy({ name, key }: WitnessPort, { status, body }: WitnessAnswer, note: Note): Cosigned {
  // Our proof leads from our root of its size: what does not follow is of another root.
  if (status === 422) throw new Error('it says that the history it cosigned is another: a fork, or a lie')
  if (status !== 200) throw new Error(`it answered ${status}`)
  const answered = parseNote(concatBytes(utf8Encode(`${note.text}\n`), body))
  const seconds = verifyNote(answered, [key])[0]?.timestamp
  if (seconds === undefined) throw new Error('its answer is not signed by its key')
  const signature = answered.signatures.find(one => one.name === key.name && one.keyId === key.keyId)!
  return { name, seconds, signature }
}
