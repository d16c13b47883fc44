import { FormatError, VerifyError } from '../core/failure.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../core/note/add-checkpoint.ts'
import { type Checkpoint, parseCheckpoint } from '../core/note/checkpoint.ts'
import {
  cosignNote,
  formatNote,
  formatSignatureLine,
  type Note,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '../core/note/note.ts'
import { EMPTY_ROOT, verifyConsistency } from '../core/tree/merkle.ts'
import type { Register } from './register.ts'

/** What a witness answers (c2sp.org/tlog-witness): its cosignature, the size it has, or why not. */
export type WitnessReply =
  | { readonly status: 200; readonly line: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string }

export interface WitnessOptions {
  /** Of type 0x04. */
  readonly key: VerifierKey
  readonly seed: Uint8Array
  /** Keys of the logs that it follows; the name of a key is the origin. */
  readonly logs: readonly VerifierKey[]
  /** What it remembers: the contract is that of `Register`, which keeps it in a folder. */
  readonly register: Pick<Register, 'read' | 'readByHash' | 'write'>
  readonly nowMs: () => number
}

/**
 * A witness for any C2SP log: cosigns a checkpoint if the log has merely grown since the last one that it cosigned, and
 * remembers it before it answers. It never cosigns two histories, and never a smaller size after a larger one.
 */
export class Witness {
  readonly #options: WitnessOptions
  /** Per origin the end of its queue: what compares and sets is one at a time. */
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(options: WitnessOptions) {
    this.#options = options
  }

  get key(): VerifierKey {
    return this.#options.key
  }

  /**
   * What it answers to the body of an `add-checkpoint` request.
   *
   * @param body - untrusted.
   */
  async addCheckpoint(body: Uint8Array): Promise<WitnessReply> {
    let request: AddCheckpoint
    let note: Note
    let checkpoint: Checkpoint
    try {
      request = parseAddCheckpoint(body)
      note = parseNote(request.checkpoint)
      checkpoint = parseCheckpoint(note.text)
    } catch (error) {
      if (error instanceof FormatError) return { status: 400, why: error.message }
      throw error
    }
    const { origin } = checkpoint
    const keys = this.#options.logs.filter(({ name }) => name === origin)
    if (keys.length === 0) return { status: 404, why: `this witness does not follow "${origin}"` }
    const signed = signedBy(note, keys)
    if (signed === undefined) return { status: 403, why: 'no key of the log signed this checkpoint' }
    if (request.oldSize > checkpoint.size)
      return { status: 400, why: `the old size ${request.oldSize} is above the checkpoint's, ${checkpoint.size}` }
    const before = this.#queues.get(origin) ?? Promise.resolve()
    const verdict = before.then(() => this.#compareAndSet(request, checkpoint, signed))
    this.#queues.set(
      origin,
      verdict.catch(() => {}),
    )
    return verdict
  }

  /**
   * The checkpoint that it cosigned last of the log whose origin has that SHA-256, in hex: with its cosignature and the
   * lines of the log's keys that it verified, and no others. Undefined where it never cosigned one.
   */
  latest(originHash: string): Uint8Array | undefined {
    return this.#options.register.readByHash(originHash)
  }

  async #compareAndSet({ oldSize, proof }: AddCheckpoint, checkpoint: Checkpoint, signed: Note): Promise<WitnessReply> {
    const { register, key, seed, nowMs } = this.#options
    const { origin, size, root } = checkpoint
    const kept = register.read(origin)
    const last = kept === undefined ? { size: 0, root: EMPTY_ROOT } : parseCheckpoint(parseNote(kept).text)
    if (oldSize !== last.size) return { status: 409, size: last.size }
    try {
      verifyConsistency(oldSize, last.root, size, root, proof)
    } catch (error) {
      if (error instanceof VerifyError) return { status: 422, why: error.message }
      throw error
    }
    const cosignature = cosignNote(signed.text, key, seed, Math.floor(nowMs() / 1000))
    // Before the answer, so that a crash in between forgets nothing that was signed.
    if (kept === undefined || last.size !== size)
      await register.write(origin, formatNote({ ...signed, signatures: [...signed.signatures, cosignature] }))
    return { status: 200, line: formatSignatureLine(cosignature) }
  }
}

/**
 * The note with the lines of those of the keys that signed it, and no others; undefined where none did, or one's does
 * not verify.
 */
function signedBy({ text, signatures }: Note, keys: readonly VerifierKey[]): Note | undefined {
  try {
    const signed = verifyNote({ text, signatures }, keys)
    if (signed.length === 0) return undefined
    const lines = signed.map(({ key }) => signatures.find(one => one.name === key.name && one.keyId === key.keyId)!)
    return { text, signatures: lines }
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}
