import { join } from 'node:path'
import { toHex, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { COSIGNATURE_KEY, type VerifierKey, verifierKey } from '../../src/core/note/note.ts'
import type { WitnessAnswer, WitnessPort } from '../../src/log/index.ts'
import { Register, Witness } from '../../src/witness/index.ts'
import { keyNumber } from '../world.ts'

const NOTHING = new Uint8Array(0)

/** The key of test witness `n`. */
export const witnessKey = (n: number): VerifierKey =>
  verifierKey(`witness-${n}.example`, COSIGNATURE_KEY, keyNumber(60 + n).publicKey)

/** A real witness, asked without a wire in between. */
export class LocalWitness implements WitnessPort {
  readonly name: string
  readonly key: VerifierKey
  isDown = false
  /** Whether it is one of before July 2026, which shows no checkpoint. */
  showsNothing = false
  readonly #witness: Witness

  private constructor(n: number, witness: Witness) {
    this.name = `w${n}`
    this.key = witnessKey(n)
    this.#witness = witness
  }

  /** Witness `n` of a log, with its memory in a folder. */
  static async of(n: number, folder: string, logKey: VerifierKey, nowMs: () => number): Promise<LocalWitness> {
    const register = await Register.open(join(folder, `witness-${n}`))
    const { seed } = keyNumber(60 + n)
    return new LocalWitness(n, new Witness({ key: witnessKey(n), seed, logs: [logKey], register, nowMs }))
  }

  readonly addCheckpoint = async (body: Uint8Array): Promise<WitnessAnswer> => {
    if (this.isDown) throw new Error('connection refused')
    const verdict = await this.#witness.addCheckpoint(body)
    if (verdict.status === 200) return { status: 200, contentType: 'text/plain', body: utf8Encode(verdict.line) }
    if (verdict.status === 409)
      return { status: 409, contentType: 'text/x.tlog.size', body: utf8Encode(`${verdict.size}\n`) }
    return { status: verdict.status, contentType: '', body: NOTHING }
  }

  readonly latest = async (origin: string): Promise<WitnessAnswer> => {
    if (this.isDown) throw new Error('connection refused')
    const hash = toHex(engine().sha256(utf8Encode(origin)))
    const note = this.showsNothing ? undefined : this.#witness.latest(hash)
    return { status: note === undefined ? 404 : 200, contentType: '', body: note ?? NOTHING }
  }
}
