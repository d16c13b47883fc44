import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { constants, createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromBase64, toHex, utf8Encode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { decodeTransaction, type OpenAccount } from '../../src/core/entry/transaction.ts'
import { formatPolicy } from '../../src/core/note/policy.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { formatCard } from '../../src/verify/card.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import type { Lie, Trust } from '../lies/lie.ts'
import { fileOf, filesThere } from '../lies/make/make.ts'
import { runs } from '../runs.ts'
import { FIRST_MEMBER, World } from '../world.ts'
import { type Bundle, bundleVerifier } from './bundle.ts'
import { findChromium } from './chromium.ts'
import { verifyInBrowser } from './verify-in-browser.ts'

/** What a verifier may weigh on its way to a browser: gzip, level 9, in blocks that are as small as suits it. */
const BYTES_MAX = 41_000

const chromium = findChromium()
if (chromium === undefined)
  console.log('No Chromium here, so no page verifies a statement: install one, or name it in TALLY_CHROMIUM.')

/** A statement of a hundred entries, ten of which are the holder's own debits; and what its reader trusts. */
class Scene {
  world!: World
  statement!: Uint8Array
  policy!: string
  card!: Uint8Array

  async set(): Promise<void> {
    const world = await World.create()
    this.world = world
    const issues = Array.from({ length: 89 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 10 + i)))
    await world.submit([world.issuer], ...issues)
    for (let i = 0; i < 10; i++)
      await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 5 + i)))
    await world.log.publisher.publish()
    const reading = { since: 0, allSignatures: false }
    this.statement = (await world.log.prover.statement(FIRST_MEMBER, reading)) as Uint8Array
    const { account, lines } = decodeStatement(this.statement)
    const { origin, ledgerId } = world
    const { nonce } = decodeTransaction(lines[0]!) as OpenAccount
    const owners = [world.keys.member.publicKey]
    this.card = formatCard({ origin, ledgerId, account: account.number, opening: account.opening, nonce, owners })
    this.policy = formatPolicy(world.policy)
  }
}

describe('tallystick/verify in a browser', () => {
  const scene = new Scene()
  let bundle: Bundle
  /** 89 issues of 10 to 98, 10 debits of 5 to 14. */
  const balance = (89 * (10 + 98)) / 2 - (10 * (5 + 14)) / 2

  beforeAll(async () => {
    bundle = await bundleVerifier()
    useEngine(await loadEngine('native'))
    await scene.set()
  })
  afterAll(async () => {
    await scene.world.destroy()
    useEngine(portableEngine)
  })

  test(`is at most ${BYTES_MAX} bytes, compressed`, () => {
    const { length } = gzipSync(bundle.code, { level: 9, memLevel: 7 })
    console.log(`tallystick/verify: ${length} bytes compressed, ${bundle.code.length} before`)
    expect(length).toBeLessThanOrEqual(BYTES_MAX)
    expect(length, 'it is whole').toBeGreaterThan(10_000)
  })

  test('has nothing of Node, and nothing but three rooms and two packages', () => {
    expect(bundle.imports).toEqual([])
    const packages = bundle.inputs.filter(path => !/^src\/(core|account|verify)\/|wallet\.js$/.test(path))
    const names = new Set(packages.map(path => path.split('/').slice(1, 3).join('/')))
    expect([...names].sort()).toEqual(['@noble/ed25519', '@noble/hashes'])
    // A method of a hash is called `process`; what must not be there is the global of that name.
    const found = /\bnode:|\brequire\b|(?<![.\w])process\.|\bBuffer\b|\bsetTimeout\b|\bimport\b/.exec(bundle.code)
    expect(found).toBeNull()
  })

  /** Runs code where there is the language itself, what encodes text, and the bundle as `tallystick`. */
  function inBareContext(code: string, given: Readonly<Record<string, string>>): unknown {
    // An ordinary global object: one that stands for ours is asked for `Uint8Array` each time.
    const context = Object.assign(createContext(constants.DONT_CONTEXTIFY), { TextEncoder, TextDecoder, given })
    // A module takes a flag in node:vm, so its last statement becomes an object.
    const [, names] = /export\{([^}]*)\};?\s*$/.exec(bundle.code)!
    const fields = names!.split(',').map(name => name.replace(/^(\S+) as (\S+)$/, '$2:$1'))
    const script = bundle.code.replace(/export\{[^}]*\};?\s*$/, `globalThis.tallystick={${fields.join()}}`)
    runInContext(`{${script}}`, context)
    return runInContext(code, context)
  }

  const VERIFY = `
    const bytes = hex => Uint8Array.from(hex.match(/../g), byte => Number.parseInt(byte, 16))
    const trust = { policy: tallystick.parsePolicy(bytes(given.policy)), card: tallystick.parseCard(bytes(given.card)) }
    let found
    try {
      const { balance, unit, lines } = tallystick.verifyStatement(bytes(given.statement), trust)
      found = [balance, unit, lines.length]
    } catch (error) {
      if (!(error instanceof tallystick.CodedError)) throw error
      found = [error.name, error.code]
    }
    JSON.stringify(found)`

  const verifyBare = (statement: Uint8Array): unknown => {
    const given = {
      statement: toHex(statement),
      policy: toHex(utf8Encode(scene.policy)),
      card: toHex(scene.card),
    }
    return JSON.parse(inBareContext(VERIFY, given) as string)
  }

  test('believes an honest statement where there is nothing but the language', () => {
    expect(verifyBare(scene.statement)).toEqual([balance, 'coins', 100])
  })

  const VERIFY_ALL = `
    const bytes = hex => Uint8Array.from(hex.match(/../g), byte => Number.parseInt(byte, 16))
    const { parsePolicy, parseCard, verifyStatement } = tallystick
    JSON.stringify(JSON.parse(given.files).map(({ policy, card, statement, freshness, nowMs }) => {
      try {
        const trust = { policy: parsePolicy(bytes(policy)) }
        if (card) trust.card = parseCard(bytes(card))
        if (freshness) trust.freshness = freshness
        if (nowMs) trust.nowMs = nowMs
        verifyStatement(bytes(statement), trust)
        return 'holds'
      } catch (error) {
        if (!(error instanceof tallystick.CodedError)) throw error
        return error.code
      }
    }))`

  test('says the same of every statement of the corpus of lies there as SPEC does', async () => {
    const files: Lie[] = []
    // All in a night, else one of three: where there is nothing but the language, each takes long.
    const [step, from] = [runs(1, 3), randomInt(3)]
    for (const [i, path] of (await filesThere()).entries()) {
      if ((i + from) % step !== 0) continue
      const file = JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie
      const { kept, seen } = file.trust as Partial<Trust>
      if (file.verifier === 'statement' && kept === undefined && seen === undefined) files.push(file)
    }
    const hex = (text: unknown) => (text === undefined ? undefined : toHex(utf8Encode(text as string)))
    const given = files.map(({ trust, shown }) => ({
      policy: hex(trust['policy']),
      card: hex(trust['card']),
      freshness: trust['freshness'],
      nowMs: trust['nowMs'],
      statement: toHex(fromBase64(shown['bytes'] as string)),
    }))
    const found = JSON.parse(inBareContext(VERIFY_ALL, { files: JSON.stringify(given) }) as string) as string[]
    expect(found.map((code, i) => [files[i]!.says, code])).toEqual(files.map(({ says, expect }) => [says, expect]))
    expect(found.length).toBeGreaterThan(150)
  })

  test.skipIf(chromium === undefined)('verifies in Chromium, and says how long it took', async () => {
    const { statement, policy, card } = scene
    const found = await verifyInBrowser(chromium!, { code: bundle.code, statement, policy, card })
    const version = /Chrome\/[\d.]+/.exec(found.agent)?.[0]
    console.log(`${version}: first ${found.firstMs.toFixed(1)} ms, then ${found.againMs.toFixed(1)} ms`)
    expect(found).toMatchObject({ balance, lines: 100 })
    expect(found.ofChanged).toMatch(/^[a-z-]+$/)
    expect(found.firstMs).toBeGreaterThan(0)
  })
})
