import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { parseAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import { COSIGNATURE_KEY, cosignNote, formatSignatureLine, parseNote, verifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, type Policy } from '../../src/core/note/policy.ts'
import type { WitnessAnswer, WitnessPort } from '../../src/log/index.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { Register, Witness } from '../../src/witness/index.ts'
import { FIRST_MEMBER, keyNumber, World } from '../world.ts'

const keyOf = (n: number) => verifierKey(`witness-${n}.example`, COSIGNATURE_KEY, keyNumber(60 + n).publicKey)
const ok = (body: string): WitnessAnswer => ({ status: 200, contentType: 'text/plain', body: utf8Encode(body) })
const size = (text: string): WitnessAnswer => ({ status: 409, contentType: 'text/x.tlog.size', body: utf8Encode(text) })

/** The text of the checkpoint that a witness is asked to cosign. */
const textOf = (body: Uint8Array) => parseNote(parseAddCheckpoint(body).checkpoint).text

/** How long a witness may take: longer than any of these that answers takes on any machine. */
const TIMEOUT_MS = 50_000

/** A witness that answers as it is told, and counts how often it was asked, and did answer. */
class Told implements WitnessPort {
  readonly name: string
  readonly key: WitnessPort['key']
  asked = 0
  answered = 0
  readonly #answer: (body: Uint8Array) => Promise<WitnessAnswer>
  constructor(n: number, answer: (body: Uint8Array) => Promise<WitnessAnswer>) {
    this.name = `w${n}`
    this.key = keyOf(n)
    this.#answer = answer
  }
  readonly addCheckpoint = async (body: Uint8Array): Promise<WitnessAnswer> => {
    this.asked++
    const answer = await this.#answer(body)
    this.answered++
    return answer
  }
}

/** What a witness may answer that cosigns nothing. */
const LIES: Record<string, (body: Uint8Array) => Promise<WitnessAnswer>> = {
  'is down': () => Promise.reject(new Error('connection refused')),
  'never answers': () => new Promise(() => {}),
  'answers 500': async () => ({ status: 500, contentType: '', body: new Uint8Array(0) }),
  'signs nothing': async () => ok(''),
  'signs another text': async () => ok(formatSignatureLine(cosignNote('other\n', keyOf(6), keyNumber(66).seed, 1))),
  'signs with another key': async body =>
    ok(formatSignatureLine(cosignNote(textOf(body), keyOf(99), keyNumber(159).seed, 1))),
  'says a size that is no number': async () => size('many\n'),
  'says a size in another type': async () => ({ ...size('5\n'), contentType: 'text/plain' }),
  'says a size beyond the log': async () => size('999999\n'),
  'says a size again and again': async () => size('1\n'),
  'answers something else': async () => ok('hello\n'),
  'adds a line to the text': async body => ok(`\n${textOf(body)}`),
}

describe('the publisher asks witnesses', () => {
  let folder: string
  let world: World
  const troubles: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-witness-'))
    troubles.length = 0
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await world.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  /** A real witness of the world's log, asked without a wire in between. */
  const honest = async (n: number, logs: () => World) => {
    const register = await Register.open(join(folder, String(n)))
    return new Told(n, async body => {
      const { seed } = keyNumber(60 + n)
      const options = { key: keyOf(n), seed, logs: [logs().log.logKey], register, nowMs: () => 1_800_000_000_000 }
      const verdict = await new Witness(options).addCheckpoint(body)
      if (verdict.status === 200) return ok(verdict.line)
      return verdict.status === 409
        ? size(`${verdict.size}\n`)
        : { status: verdict.status, contentType: '', body: new Uint8Array(0) }
    })
  }
  /** Witnesses that answer at all have all the time that a test has. */
  const create = async (witnesses: readonly WitnessPort[]) => {
    world = await World.create({
      witnesses,
      witnessTimeoutMs: TIMEOUT_MS,
      onWitnessTrouble: (name, what) => troubles.push(`${name}: ${what}`),
    })
  }
  const policyOf = (quorum: string, ...ns: number[]): Policy => ({
    ...world.policy,
    witnesses: ns.map(n => ({ name: `w${n}`, key: keyOf(n) })),
    groups: [{ name: 'all', threshold: ns.length, members: ns.map(n => `w${n}`) }],
    quorum,
  })
  const publish = async () => {
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    await world.log.publisher.publish()
    return world.log.publisher.published!.checkpoint
  }

  test('their cosignatures stand under the checkpoint, and statements satisfy a quorum', async () => {
    await create([await honest(1, () => world), await honest(2, () => world)])
    for (let round = 0; round < 3; round++) {
      const trusted = openCheckpoint(await publish(), policyOf('all', 1, 2))
      expect(trusted.witnesses.map(({ name }) => name)).toEqual(['w1', 'w2'])
    }
    const statement = (await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })) as Uint8Array
    const { checkpoint } = verifyStatement(statement, { policy: policyOf('all', 1, 2) })
    expect([checkpoint.isWitnessed, checkpoint.witnesses.length]).toEqual([true, 2])
    expect(troubles).toEqual([])
    expect(() => openCheckpoint(world.log.publisher.published!.checkpoint, policyOf('all', 1, 2, 3))).toThrow(
      expect.objectContaining({ code: 'quorum' }),
    )
  })

  test('after a restart of the ledger a witness says where it is, and goes on', async () => {
    const one = await honest(1, () => world)
    await create([one])
    await publish()
    await world.reopen()
    expect(openCheckpoint(await publish(), policyOf('w1', 1)).witnesses).toHaveLength(1)
    expect(troubles).toEqual([])
  })

  test('one that is down, slow, or lying holds up nothing, and is left alone for a while', async () => {
    const good = await honest(1, () => world)
    const bad = Object.values(LIES).map((answer, i) => new Told(2 + i, answer))
    await create([...bad, good])
    // The time is over when all have answered that do; and none passes after that.
    const late = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal)
    vi.spyOn(performance, 'now').mockReturnValue(0)
    const published = publish()
    while (troubles.length < bad.length - 1 || good.answered < 1) await new Promise(resolve => setImmediate(resolve))
    expect(timeout.mock.calls).toEqual([[TIMEOUT_MS]])
    late.abort()
    expect(openCheckpoint(await published, policyOf('w1', 1)).witnesses).toHaveLength(1)
    expect(parseNote(world.log.publisher.published!.checkpoint).signatures).toHaveLength(2)
    expect(troubles.map(text => text.split(':')[0]).sort()).toEqual(bad.map(({ name }) => name).sort())
    const codes = bad.map(({ name }) => /\(([a-z-]+)\)$/.exec(troubles.find(text => text.startsWith(`${name}:`))!)?.[1])
    expect(Object.fromEntries(Object.keys(LIES).map((lie, i) => [lie, codes[i]]))).toEqual({
      'is down': undefined,
      'never answers': 'witness-silent',
      'answers 500': 'witness-answer',
      'signs nothing': 'note',
      'signs another text': 'note-signature',
      'signs with another key': 'witness-answer',
      'says a size that is no number': 'decimal',
      'says a size in another type': 'witness-answer',
      'says a size beyond the log': 'witness-claim',
      'says a size again and again': 'witness-answer',
      'answers something else': 'note',
      'adds a line to the text': 'note',
    })
    const asked = bad.map(one => one.asked)
    // The next publications come at once, and do not ask them.
    await publish()
    await publish()
    expect(bad.map(one => one.asked)).toEqual(asked)
    expect(good.asked).toBe(3)
    expect(utf8Decode(world.log.publisher.published!.checkpoint)).toContain('witness-1.example')
  })

  test('one that failed is tried again without being waited for, and is back when it has answered', async () => {
    const good = await honest(1, () => world)
    let answer: (body: Uint8Array) => Promise<WitnessAnswer> = () => Promise.reject(new Error('connection refused'))
    const flaky = new Told(1, body => answer(body))
    await create([flaky])
    let nowMs = 0
    // The time limit never comes: anyone who waits for the witness waits for ever.
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal)
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    const cosigned = async () => parseNote(await publish()).signatures.length > 1
    expect([await cosigned(), troubles.length]).toEqual([false, 1])
    let wake: (() => void) | undefined
    answer = async body => {
      await new Promise<void>(resolve => {
        wake = resolve
      })
      return good.addCheckpoint(body)
    }
    nowMs += 60_000
    expect([await cosigned(), flaky.asked]).toEqual([false, 2])
    // While it is being asked it is not asked a second time.
    nowMs += 60_000
    expect([await cosigned(), flaky.asked]).toEqual([false, 2])
    wake!()
    while (flaky.answered < 1) await new Promise(resolve => setImmediate(resolve))
    answer = good.addCheckpoint
    expect([await cosigned(), troubles.length]).toEqual([true, 1])
    // One that is back at once misses nothing. It has no disk here, of which nobody knows how long it takes.
    answer = () => Promise.reject(new Error('connection refused'))
    expect(await cosigned()).toBe(false)
    answer = async body => ok(formatSignatureLine(cosignNote(textOf(body), keyOf(1), keyNumber(61).seed, 1)))
    nowMs += 60_000
    expect(await cosigned()).toBe(true)
    expect(troubles.length).toBe(2)
  })

  test.each(Object.keys(LIES).filter(lie => lie !== 'never answers'))(
    'one that once %s is asked again later',
    async lie => {
      let answer = LIES[lie]!
      await create([new Told(1, body => answer(body))])
      let nowMs = 0
      vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal)
      vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
      const cosigned = async () => parseNote(await publish()).signatures.length > 1
      expect(await cosigned()).toBe(false)
      answer = async body => ok(formatSignatureLine(cosignNote(textOf(body), keyOf(1), keyNumber(61).seed, 1)))
      nowMs += 60_000
      expect(await cosigned()).toBe(true)
      expect(troubles.length).toBe(1)
    },
  )

  test('closing the log ends what is asked, and says nothing of it', async () => {
    let answer: () => Promise<WitnessAnswer> = () => Promise.reject(new Error('connection refused'))
    await create([new Told(1, () => answer())])
    let nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    await publish()
    answer = () => new Promise(() => {})
    nowMs += 60_000
    await publish()
    await world.log.close()
    await new Promise(resolve => setImmediate(resolve))
    expect(troubles.length).toBe(1)
  })

  test('a fork of the log is not cosigned: a ledger that was rolled back has no quorum', async () => {
    const one = await honest(1, () => world)
    await create([one])
    await publish()
    await publish()
    await world.destroy()
    // The same name and key, another history, which is longer by now.
    await create([one])
    for (let i = 0; i < 4; i++) await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 2)))
    const checkpoint = await publish()
    expect(() => openCheckpoint(checkpoint, policyOf('w1', 1))).toThrow(expect.objectContaining({ code: 'quorum' }))
    expect(troubles).toContainEqual(expect.stringContaining('the history it cosigned is another'))
  })
})
