import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { concatBytes, toHex, utf8Encode } from '../../src/core/bytes.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { FormatError } from '../../src/core/failure.ts'
import { formatAddCheckpoint, parseAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatNote,
  parseNote,
  signNote,
  verifierKey,
  verifyNote,
} from '../../src/core/note/note.ts'
import { buildWitnessServer, Register, Witness } from '../../src/witness/index.ts'
import { naiveConsistency, naiveRoot } from '../core/tree/naive-tree.ts'
import { runs } from '../runs.ts'
import { keyNumber } from '../world.ts'

const ORIGIN = 'log.example/one'
const LOG = keyNumber(1)
const logKey = verifierKey(ORIGIN, ED25519_KEY, LOG.publicKey)
const W = keyNumber(2)
const key = verifierKey('witness.example', COSIGNATURE_KEY, W.publicKey)
const NOW = 1_800_000_000

/** A log of numbered entries, and a fork of it that differs from entry 3 on. */
const entriesOf = (size: number, fork = false) =>
  Array.from({ length: size }, (_, i) => Uint8Array.of(i, fork && i >= 3 ? 1 : 0))
const noteOf = (size: number, options: { fork?: boolean; origin?: string; by?: number } = {}) => {
  const origin = options.origin ?? ORIGIN
  const by = keyNumber(options.by ?? 1)
  const text = formatCheckpoint({ origin, size, root: naiveRoot(entriesOf(size, options.fork)) })
  return formatNote({ text, signatures: [signNote(text, verifierKey(origin, ED25519_KEY, by.publicKey), by.seed)] })
}
const proofOf = (old: number, size: number, fork = false) =>
  old === 0 || old >= size ? [] : naiveConsistency(old, entriesOf(size, fork))

/** A witness on a port of this machine, with its memory in a folder. */
class Running {
  readonly server: FastifyInstance
  readonly url: string
  private constructor(server: FastifyInstance) {
    this.server = server
    this.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  }
  static async start(folder: string): Promise<Running> {
    const register = await Register.open(folder)
    const logs = [logKey, verifierKey('log.example/two', ED25519_KEY, keyNumber(3).publicKey)]
    const server = buildWitnessServer(new Witness({ key, seed: W.seed, logs, register, nowMs: () => NOW * 1000 }))
    await server.listen({ host: '127.0.0.1', port: 0 })
    return new Running(server)
  }
  async post(body: Uint8Array | string) {
    const response = await fetch(`${this.url}/add-checkpoint`, { method: 'POST', body: body as string })
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  /** Asks to cosign a size, from an old one; the proof is honest unless one is given. */
  ask(oldSize: number, size: number, more: { fork?: boolean; proof?: Uint8Array[]; note?: Uint8Array } = {}) {
    const checkpoint = more.note ?? noteOf(size, more)
    return this.post(
      formatAddCheckpoint({ oldSize, proof: more.proof ?? proofOf(oldSize, size, more.fork), checkpoint }),
    )
  }
}

describe('a witness (c2sp.org/tlog-witness)', () => {
  let folder: string
  let witness: Running
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-witness-'))
    witness = await Running.start(folder)
  })
  afterEach(async () => {
    await witness.server.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('cosigns a log that grows, from nothing on, and the same size again', async () => {
    let old = 0
    for (const size of [1, 2, 5, 5, 8, 40]) {
      const { status, type, text } = await witness.ask(old, size)
      expect([status, type]).toEqual([200, 'text/plain; charset=utf-8'])
      const signed = parseNote(concatBytes(noteOf(size), utf8Encode(text)))
      expect(verifyNote(signed, [logKey, key])).toEqual([{ key: logKey }, { key, timestamp: NOW }])
      old = size
    }
  })

  test('says its size with 409 and exactly that type, also to who asks from nothing', async () => {
    await witness.ask(0, 5)
    for (const old of [0, 3, 6])
      expect(await witness.ask(old, 8, { proof: [] })).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' })
    await witness.server.close()
    witness = await Running.start(folder)
    expect(await witness.ask(0, 8)).toMatchObject({ status: 409, text: '5\n' })
    expect(await witness.ask(5, 8)).toMatchObject({ status: 200 })
  })

  test('never cosigns a fork, or a smaller size', async () => {
    await witness.ask(0, 5)
    expect(await witness.ask(5, 5, { fork: true })).toMatchObject({ status: 422 })
    expect(await witness.ask(5, 8, { fork: true })).toMatchObject({ status: 422 })
    expect(await witness.ask(0, 8, { fork: true })).toMatchObject({ status: 409 })
    expect(await witness.ask(3, 4)).toMatchObject({ status: 409, text: '5\n' })
    expect(await witness.ask(5, 8)).toMatchObject({ status: 200 })
  })

  test('shows what it cosigned last, by the hash of the origin, with the lines that it verified and no others', async () => {
    const at = async (origin: string) => {
      const hash = toHex(engine().sha256(utf8Encode(origin)))
      const response = await fetch(`${witness.url}/${hash}/checkpoint`)
      return { status: response.status, note: new Uint8Array(await response.arrayBuffer()) }
    }
    expect((await at(ORIGIN)).status).toBe(404)
    const { text, signatures } = parseNote(noteOf(5))
    const strange = { name: 'stranger.example', keyId: '00000000', bytes: new Uint8Array(64) }
    await witness.ask(0, 5, { note: formatNote({ text, signatures: [strange, ...signatures] }) })
    const shown = async () => parseNote((await at(ORIGIN)).note)
    expect((await shown()).text).toBe(text)
    expect((await shown()).signatures.map(({ name }) => name)).toEqual([ORIGIN, key.name])
    expect(verifyNote(await shown(), [logKey, key])).toEqual([{ key: logKey }, { key, timestamp: NOW }])
    // What it refused changes nothing, and it is there after a restart.
    await witness.ask(5, 8, { fork: true })
    await witness.server.close()
    witness = await Running.start(folder)
    expect((await shown()).text).toBe(text)
    await witness.ask(5, 8)
    expect((await shown()).text).toBe(parseNote(noteOf(8)).text)
    expect((await at('log.example/two')).status).toBe(404)
    expect((await at('log.example/three')).status).toBe(404)
    for (const path of ['/checkpoint', '/../checkpoint', '/lock/checkpoint'])
      expect((await fetch(witness.url + path)).status).toBe(404)
  })

  test('answers each thing that is wrong with its own status, in the order of the text', async () => {
    await witness.ask(0, 5)
    const other = { note: noteOf(8, { origin: 'log.example/three' }) }
    expect((await witness.ask(99, 8, other)).status).toBe(404)
    expect((await witness.ask(99, 8, { note: noteOf(8, { by: 9 }) })).status).toBe(403)
    const text = formatCheckpoint({ origin: ORIGIN, size: 8, root: naiveRoot(entriesOf(8)) })
    const signature = signNote(text, logKey, LOG.seed)
    const spoiled = formatNote({ text, signatures: [{ ...signature, bytes: signature.bytes.with(1, 255) }] })
    expect((await witness.ask(99, 8, { note: spoiled })).status).toBe(403)
    expect((await witness.ask(9, 8)).status).toBe(400)
    expect((await witness.ask(4, 8)).status).toBe(409)
    expect((await witness.ask(5, 8, { proof: [] })).status).toBe(422)
    expect((await witness.ask(5, 8, { proof: proofOf(5, 8).slice(1) })).status).toBe(422)
    expect((await witness.ask(5, 5, { proof: [new Uint8Array(32)] })).status).toBe(422)
    expect((await witness.ask(5, 5, { fork: true })).status).toBe(422)
    // Two logs are two memories.
    const two = { note: noteOf(2, { origin: 'log.example/two', by: 3 }) }
    expect((await witness.ask(0, 2, two)).status).toBe(200)
    expect((await witness.ask(5, 8)).status).toBe(200)
  })

  test.each([
    '',
    'old 0\n',
    'old 0',
    'old  0\n\n',
    'old -1\n\n',
    'old 01\n\n',
    'new 0\n\n',
    'old 0\n\nnonsense\n',
    'old 0\nAAAA\n\n',
    'old 0\nnot base64\n\n',
    `old 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`,
    'old 9007199254740992\n\n',
  ])('400: %j', async body => {
    const checkpoint = new TextDecoder().decode(noteOf(5))
    expect((await witness.post(body.endsWith('\n\n') ? body + checkpoint : body)).status).toBe(400)
    expect((await witness.ask(0, 5)).status).toBe(200)
  })

  test('requests are read as they are written; random ones are answered, and cosign nothing', async () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), (oldSize, proof) => {
        const request = { oldSize, proof, checkpoint: noteOf(3) }
        expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request)
      }),
    )
    const honest = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: noteOf(5) })
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = honest.slice()
        changed[at % changed.length]! ^= flip
        expect([400, 403, 404, 409, 422]).toContain((await witness.post(changed)).status)
      }),
      { numRuns: runs(200, 50) },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(() => parseAddCheckpoint(bytes)).toThrow(FormatError)
      }),
    )
  })

  test('of many who ask at once from one size, one history wins', async () => {
    await witness.ask(0, 4)
    const asked = Array.from({ length: 40 }, (_, i) => ({ size: 5 + (i % 12), fork: i % 2 === 1 }))
    const answers = await Promise.all(asked.map(({ size, fork }) => witness.ask(4, size, { fork })))
    const won = asked.filter((_, i) => answers[i]!.status === 200)
    // The first that was taken; anyone else who asked for that very size asked from the wrong one by then.
    expect(won).toHaveLength(1)
    expect(won[0]!.fork).toBe(false)
    answers.forEach(({ status }, i) => {
      expect(asked[i]!.fork ? [409, 422] : [200, 409]).toContain(status)
    })
    const { text } = await witness.ask(0, 40)
    expect(text).toBe(`${won[0]!.size}\n`)
  })
})
