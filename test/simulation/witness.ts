import { toHex, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { cosignNote, formatSignatureLine, type VerifierKey } from '../../src/core/note/note.ts'
import type { WitnessAnswer, WitnessPort } from '../../src/log/index.ts'
import { Witness } from '../../src/witness/index.ts'
import { witnessKey } from '../witness/local-witness.ts'
import { keyNumber } from '../world.ts'
import type { SimNetwork } from './network.ts'
import type { Mood } from './plan.ts'
import type { Random } from './random.ts'
import { SimProcess, type VirtualTime } from './time.ts'

const NOTHING = new Uint8Array(0)
const text = (status: number, contentType: string, body: string): WitnessAnswer => ({
  status,
  contentType,
  body: utf8Encode(body),
})

/** A real witness, whose memory outlives its process, and who has moods. */
export class SimWitness {
  readonly name: string
  readonly key: VerifierKey
  mood: Mood = 'honest'
  process: SimProcess | undefined
  /** What it cosigned last, by the hash of the origin; as on its disk. */
  readonly memory = new Map<string, Uint8Array>()
  readonly #seed: Uint8Array
  readonly #logKey: VerifierKey
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #trueMs: () => number
  #witness: Witness | undefined

  constructor(n: number, logKey: VerifierKey, time: VirtualTime, random: Random, trueMs: () => number) {
    this.name = `w${n}`
    this.key = witnessKey(n)
    this.#seed = keyNumber(60 + n).seed
    this.#logKey = logKey
    this.#time = time
    this.#random = random
    this.#trueMs = trueMs
    this.start()
  }

  start(): void {
    const process = new SimProcess(this.name)
    this.process = process
    const hashOf = (origin: string) => toHex(engine().sha256(utf8Encode(origin)))
    const readByHash = (hash: string) => this.memory.get(hash)
    this.#witness = new Witness({
      key: this.key,
      seed: this.#seed,
      logs: [this.#logKey],
      nowMs: () => this.#trueMs() + (this.mood === 'wrong-clock' ? 7_200_000 : 0),
      register: {
        read: origin => readByHash(hashOf(origin)),
        readByHash,
        write: async (origin, checkpoint) => {
          await this.#time.after(this.#random.between(0, 2), process)
          this.memory.set(hashOf(origin), checkpoint.slice())
          await this.#time.after(this.#random.between(0, 2), process)
        },
      },
    })
  }

  /** Its process ends: what it was writing is there or not. */
  kill(): void {
    if (this.process !== undefined) this.process.isDead = true
    this.process = undefined
  }

  /** It, as the ledger's process reaches it. */
  portFor(from: SimProcess, network: SimNetwork): WitnessPort {
    const ask = (what: (witness: Witness) => Promise<WitnessAnswer>) =>
      network.ask(
        from,
        () => (this.mood === 'down' ? undefined : this.process),
        async () => {
          if (this.mood === 'slow') await this.#time.after(this.#random.between(500, 5000))
          return what(this.#witness!)
        },
      )
    return {
      name: this.name,
      key: this.key,
      addCheckpoint: body => ask(witness => this.#addCheckpoint(witness, body)),
      latest: origin => ask(async witness => this.#latest(witness, origin)),
    }
  }

  async #addCheckpoint(witness: Witness, body: Uint8Array): Promise<WitnessAnswer> {
    if (this.mood === 'lying') {
      const size = this.#random.below(2000)
      if (this.#random.chance(0.6)) return text(409, 'text/x.tlog.size', `${size}\n`)
      if (this.#random.chance(0.5)) return text(this.#random.pick([200, 422, 500]), 'text/plain', 'no\n')
      return text(200, 'text/plain', formatSignatureLine(cosignNote('another text\n', this.key, this.#seed, 1)))
    }
    const verdict = await witness.addCheckpoint(body)
    if (verdict.status === 200) return text(200, 'text/plain', verdict.line)
    if (verdict.status === 409) return text(409, 'text/x.tlog.size', `${verdict.size}\n`)
    return { status: verdict.status, contentType: '', body: NOTHING }
  }

  #latest(witness: Witness, origin: string): WitnessAnswer {
    if (this.mood === 'lying') return text(200, '', 'origin\n12\nAAAA\n')
    const note = witness.latest(toHex(engine().sha256(utf8Encode(origin))))
    return { status: note === undefined ? 404 : 200, contentType: '', body: note ?? NOTHING }
  }
}
