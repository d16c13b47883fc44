import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { formatAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  formatSignatureLine,
  formatVerifierKey,
  parseNote,
  verifierKey,
} from '../../src/core/note/note.ts'
import { keyFromSeed, writeKey } from '../../src/files/key-files.ts'
import { brokenPromise } from '../../src/verify/evidence/broken-promise.ts'
import { type EvidenceFile, formatEvidence } from '../../src/verify/evidence/evidence-file.ts'
import { decodePromise, encodePromise, type PromiseFile, promiseMessage } from '../../src/verify/promise.ts'
import { buildWitnessServer, Register, Witness } from '../../src/witness/index.ts'
import { naiveConsistency } from '../core/tree/naive-tree.ts'
import type { Closed } from '../lies/make/books.ts'
import { A, KEYS } from '../lies/make/shop.ts'
import { keyNumber } from '../world.ts'
import type { LyingServer } from './lying-server.ts'
import { type Ran, tally } from './run.ts'

/** What a command found: its exit status, and the code that it names; `holds` where it names none. */
export type Found = readonly [status: number | null, code: string]

const WITNESS = keyNumber(61)
const WITNESS_KEY = verifierKey('w1.example', COSIGNATURE_KEY, WITNESS.publicKey)

/**
 * Those whom a server may lie to, each with what it has: a policy, a card, a key, and a folder for what it remembers.
 */
export class Parties {
  readonly #server: LyingServer
  readonly #folder: string

  private constructor(server: LyingServer, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  static async of(server: LyingServer): Promise<Parties> {
    const folder = await mkdtemp(join(tmpdir(), 'tally-lied-to-'))
    const { policy, cards } = server.shop
    await writeFile(join(folder, 'policy'), policy)
    const asked = `witness w1 ${formatVerifierKey(WITNESS_KEY)}\nquorum w1\n`
    await writeFile(join(folder, 'witnessed'), policy.replace('quorum none\n', asked))
    await writeFile(join(folder, 'card'), cards[A.alice]!)
    await writeKey(join(folder, 'auditor.json'), keyFromSeed('auditor', KEYS.issuer.seed))
    await writeKey(join(folder, 'alice.json'), { ...keyFromSeed('alice', KEYS.alice.seed), account: A.alice })
    return new Parties(server, folder)
  }

  /** The auditor: `tally audit`. */
  async audit(...more: readonly string[]): Promise<Found> {
    const args = ['--policy', 'policy', '--key', 'auditor.json', ...more]
    return found(await tally(this.#folder, 'audit', this.#server.url, ...args))
  }

  /** Gives someone a file. */
  give(name: string, text: string): Promise<void> {
    return writeFile(join(this.#folder, name), text)
  }

  /** The monitor, and the holder of a promise: `tally watch`. */
  async watch(...more: readonly string[]): Promise<Found> {
    return found(await tally(this.#folder, 'watch', this.#server.url, '--policy', 'policy', '--once', ...more))
  }

  /** Alice’s wallet: `tally statement`, and `tally verify` of what that fetched. */
  async wallet(...more: readonly string[]): Promise<Found> {
    const state = more.includes('--state') ? ['--state', 'wallet'] : []
    const signatures = more.includes('--signatures') ? ['--signatures'] : []
    const rest = more.filter(word => word !== '--state' && word !== '--signatures')
    const fetching = ['--url', this.#server.url, '--policy', 'policy', '--key', 'alice.json', '--out', 'statement']
    const fetched = await tally(this.#folder, 'statement', String(A.alice), ...fetching, ...state, ...signatures)
    if (fetched.status !== 0) return found(fetched)
    return this.#verify('statement', '--card', 'card', ...state, ...rest)
  }

  /** Anyone who has a receipt, and keeps its checkpoint where the wallet keeps its own. */
  async receipt(receipt: string): Promise<Found> {
    await writeFile(join(this.#folder, 'receipt'), receipt)
    return this.#verify('receipt', '--state', 'wallet')
  }

  /** Anyone who is given evidence. */
  async evidence(code: string, evidence: EvidenceFile['evidence']): Promise<Found> {
    const file = { origin: this.#server.shop.log.key.name, code, message: '', needs: 'nothing', evidence } as const
    await writeFile(join(this.#folder, 'evidence.json'), formatEvidence(file))
    return this.#verify('evidence.json')
  }

  async #verify(file: string, ...more: readonly string[]): Promise<Found> {
    const policy = more.includes('--policy') ? [] : ['--policy', 'policy']
    return found(await tally(this.#folder, 'verify', file, ...policy, ...more))
  }

  /** Alice’s promise, as the log signed it, or as it might have. */
  async keepPromise(change: Partial<PromiseFile> = {}): Promise<void> {
    const promise = { ...decodePromise(this.#server.shop.promise), ...change }
    const signature = signEd25519(this.#server.shop.log.seed, promiseMessage(promise))
    await writeFile(join(this.#folder, 'my.promise'), encodePromise({ ...promise, signature }))
  }

  /** The witness, over HTTP: to each log it is asked to cosign, its line, or the status with which it refuses. */
  async witness(...asked: readonly Closed[]): Promise<string[]> {
    const register = await Register.open(join(this.#folder, 'witness'))
    const logs = [this.#server.shop.log.key]
    const made = new Witness({ key: WITNESS_KEY, seed: WITNESS.seed, logs, register, nowMs: Date.now })
    const server = buildWitnessServer(made)
    await server.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/add-checkpoint`
    const answers: string[] = []
    try {
      let oldSize = 0
      for (const { entries, checkpoint } of asked) {
        const proof = oldSize === 0 || oldSize >= entries.length ? [] : naiveConsistency(oldSize, entries)
        const body = formatAddCheckpoint({ oldSize, proof, checkpoint })
        const answer = await fetch(url, { method: 'POST', body: body as Uint8Array<ArrayBuffer> })
        const text = await answer.text()
        answers.push(answer.status === 200 ? text : String(answer.status))
        if (answer.status === 200) oldSize = entries.length
      }
    } finally {
      await server.close()
    }
    return answers
  }

  leave(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }
}

/** A log with a line of the witness under its checkpoint. */
export function withLine(closed: Closed, line: string): Closed {
  return { ...closed, checkpoint: utf8Encode(utf8Decode(closed.checkpoint) + line) }
}

/** The line that the witness would have made so long ago. */
export function lineFrom(closed: Closed, agoMs: number): string {
  const { text } = parseNote(closed.checkpoint)
  return formatSignatureLine(cosignNote(text, WITNESS_KEY, WITNESS.seed, Math.floor((Date.now() - agoMs) / 1000)))
}

/** The code in the output of a command: `(code, SPEC …)`, or a line `  code: words`, or `tally: code: words`. */
function found({ status, out, err }: Ran): Found {
  const code =
    /\(([a-z-]+), SPEC/.exec(out)?.[1] ??
    /^ {2}([a-z-]+): /m.exec(out)?.[1] ??
    /^tally: ([a-z-]+): /m.exec(err)?.[1] ??
    (status === 0 ? 'holds' : `${out}${err}`)
  // Anyone who is lied to reads which promise was broken.
  if (status === 1) expect(out + err).toContain(brokenPromise(code)?.promise)
  return [status, code]
}
