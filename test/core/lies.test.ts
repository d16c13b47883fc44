import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadEngine } from '../../cli/engine.ts'
import { firstHead, nextHead } from '../../src/core/account.ts'
import { decodeBatch, encodeBatch, SIGNER_RECORD, type Signature } from '../../src/core/batch.ts'
import { concatBytes } from '../../src/core/bytes.ts'
import type { Card } from '../../src/core/card.ts'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import { portableEngine, useEngine } from '../../src/core/engine.ts'
import { CodedError } from '../../src/core/failure.ts'
import { idTimeMs } from '../../src/core/id.ts'
import { BATCH_DEPTH } from '../../src/core/limits.ts'
import { leafHash } from '../../src/core/merkle.ts'
import { COSIGNATURE_KEY, verifierKey } from '../../src/core/note.ts'
import { listPath } from '../../src/core/ssz.ts'
import { decodeStatement, type Statement, type StatementLine } from '../../src/core/statement.ts'
import { decodeEntryBundle } from '../../src/core/tile.ts'
import { decodeTransaction } from '../../src/core/transaction.ts'
import { type StatementTrust, verifyStatement } from '../../src/core/verify.ts'
import { BUDGET, COINS, FIRST_MEMBER, ISSUER, keyNumber, signed, World } from '../world.ts'
import { type Change, changed, forged, type Operator } from './forge.ts'
import { naiveConsistency } from './naive-tree.ts'

/** Two members, one of whom earns, spends, and is refused; and what a lying operator makes of it. */
class Scene {
  world!: World
  operator!: Operator
  /** The statement of the first member, with evidence for every line, and that of the second. */
  honest!: Uint8Array
  other!: Uint8Array
  card!: Card
  /** A redeem that was refused, with its evidence. */
  refused!: StatementLine
  /** The rest of the chain of entries: a redeem that nobody signed for. */
  unsigned!: StatementLine

  async set(): Promise<void> {
    const world = await World.create()
    this.world = world
    const friend = keyNumber(40)
    await world.submit([world.registrar], world.bytes(world.openMember(friend)))
    await world.submit(
      [world.issuer],
      world.bytes(world.issue(FIRST_MEMBER, 300)),
      world.bytes(world.issue(FIRST_MEMBER + 1, 9)),
    )
    await world.submit(
      [world.owner(FIRST_MEMBER)],
      world.bytes(world.redeem(FIRST_MEMBER, 120)),
      world.bytes(world.redeem(FIRST_MEMBER, 500)),
    )
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 40)))
    await world.log.publisher.publish()
    const statement = (account: number) => world.log.prover.statement(account, { since: 0, allSignatures: true })
    this.honest = (await statement(FIRST_MEMBER)) as Uint8Array
    this.other = (await statement(FIRST_MEMBER + 1)) as Uint8Array
    const bundle = (await world.log.entryBundle(0, world.log.size))!
    const entries = decodeEntryBundle(bundle)
    this.operator = { key: world.log.logKey, seed: world.keys.log.seed, entries }
    const { account } = decodeStatement(this.honest)
    this.card = { origin: world.origin, ledgerId: world.ledgerId, account: account.number, opening: account.opening }
    const spent = decodeStatement(this.honest).lines[2]!
    const place = spent.evidence!
    const leaves = entries.slice(place.index + 1, place.index + 3).map(leafHash)
    const batchPath = listPath(concatBytes(...leaves), 1, BATCH_DEPTH)
    this.refused = { entry: entries[place.index + 2]!, evidence: { ...place, position: 1, batchPath } }
    this.unsigned = { entry: world.bytes(world.redeem(FIRST_MEMBER, 1)), evidence: null }
  }

  verify(bytes: Uint8Array, trust: Partial<StatementTrust> = {}) {
    return verifyStatement(bytes, { policy: this.world.policy, card: this.card, ...trust })
  }
}

/** The account as its lines make it: what an operator has to write who changes lines and wants to be believed. */
function recomputed({ account }: Statement, lines: readonly StatementLine[]): Partial<Statement> {
  let [credited, debited, time, head] = [0, 0, 0, firstHead()]
  for (const { entry } of lines) {
    const tx = decodeTransaction(entry)
    if (tx.kind === 'issue') credited += tx.amount
    if (tx.kind === 'redeem') debited += tx.amount
    time = Math.max(time, idTimeMs(tx.id))
    head = nextHead(head, leafHash(entry))
  }
  return { lines, account: { ...account, entries: lines.length, credited, debited, time, head } }
}

describe('lies about a member’s account', () => {
  const scene = new Scene()
  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    await scene.set()
  })
  afterAll(async () => {
    await scene.world.destroy()
    useEngine(portableEngine)
  })

  const lines = (statement: Statement, change: (lines: StatementLine[]) => StatementLine[]) =>
    recomputed(statement, change([...statement.lines]))
  const account =
    (part: Partial<Statement['account']>): Change =>
    statement => ({
      account: { ...statement.account, ...part },
    })

  test('the forger can be believed: what it makes of the truth verifies', () => {
    expect(scene.verify(scene.honest)).toMatchObject({ balance: 220, unit: 'coins' })
    expect(scene.verify(forged(scene.operator, scene.honest, () => ({})))).toMatchObject({ balance: 220 })
    const again = forged(scene.operator, scene.honest, statement => recomputed(statement, statement.lines))
    expect(scene.verify(again)).toMatchObject({ balance: 220, account: { entries: 4 } })
  })

  const evidenceOf = (statement: Statement, line: number) => statement.lines[line]!.evidence!
  /** The log with the batch at `index` replaced; what it commits to is changed with it. */
  const withBatch = (index: number, entry: Uint8Array) => ({
    entries: (entries: Uint8Array[]) => entries.with(index, entry),
  })

  const LIES: Readonly<Record<string, readonly [what: string, make: () => Uint8Array][]>> = {
    'account-proof': [
      ['a balance that the seal does not commit to', () => changed(scene.honest, account({ credited: 341 }))],
      [
        'a path of another account',
        () => changed(scene.honest, () => ({ accountPath: decodeStatement(scene.other).accountPath })),
      ],
    ],
    'line-count': [
      ['a line left out', () => changed(scene.honest, ({ lines }) => ({ lines: lines.toSpliced(1, 1) }))],
      ['no lines at all', () => changed(scene.honest, () => ({ lines: [] }))],
      ['a line more', () => changed(scene.honest, ({ lines }) => ({ lines: [...lines, lines[1]!] }))],
      [
        'a number of entries of the operator’s choosing',
        () => forged(scene.operator, scene.honest, account({ entries: 3 })),
      ],
    ],
    head: [
      [
        'a line left out, and the number of entries and the sums with it',
        () =>
          forged(scene.operator, scene.honest, statement => {
            const { account, lines: rest } = lines(statement, all => all.toSpliced(3, 1))
            return { lines: rest!, account: { ...account!, head: statement.account.head } }
          }),
      ],
      [
        'two lines in another order',
        () => changed(scene.honest, ({ lines: [a, b, c, d] }) => ({ lines: [a!, b!, d!, c!] })),
      ],
    ],
    totals: [
      ['a balance that is too low', () => forged(scene.operator, scene.honest, account({ credited: 339 }))],
      ['a balance that is too high', () => forged(scene.operator, scene.honest, account({ debited: 0 }))],
      ['another time', () => forged(scene.operator, scene.honest, account({ time: 1 }))],
    ],
    'line-rule': [
      [
        'spent before it was earned',
        () => forged(scene.operator, scene.honest, statement => lines(statement, ([a, b, c, d]) => [a!, c!, b!, d!])),
      ],
    ],
    'line-kind': [
      [
        "points of another's account",
        () =>
          forged(scene.operator, scene.honest, statement =>
            lines(statement, all => [...all, decodeStatement(scene.other).lines[1]!]),
          ),
      ],
      [
        'a second opening',
        () => forged(scene.operator, scene.honest, statement => lines(statement, all => [...all, all[0]!])),
      ],
      [
        'a history without an opening',
        () => forged(scene.operator, scene.honest, statement => lines(statement, all => all.slice(1))),
      ],
      ['another kind than the opening names', () => forged(scene.operator, scene.honest, account({ kind: 2 }))],
      [
        'an entry of another kind',
        () =>
          forged(scene.operator, scene.honest, statement =>
            lines(statement, all => [...all, { entry: scene.operator.entries[1]!, evidence: null }]),
          ),
      ],
    ],
    holdings: [
      [
        'another owner than the entries make',
        () => forged(scene.operator, scene.honest, account({ owner: new Uint8Array(32).fill(9) })),
      ],
      ['frozen, and no entry says so', () => forged(scene.operator, scene.honest, account({ status: 1 }))],
      [
        'holds that no entry makes',
        () => forged(scene.operator, scene.honest, account({ more: new Uint8Array(32).fill(1) })),
      ],
    ],
    'line-repeated': [
      [
        'a purchase that is counted twice',
        () => forged(scene.operator, scene.honest, statement => lines(statement, all => [...all, all[2]!])),
      ],
    ],
    'evidence-missing': [
      [
        'a debit without a word of the owner’s signature',
        () =>
          forged(scene.operator, scene.honest, statement =>
            lines(statement, all => all.with(2, { ...all[2]!, evidence: null })),
          ),
      ],
      [
        'a debit that is in no log',
        () => forged(scene.operator, scene.honest, statement => lines(statement, all => [...all, scene.unsigned])),
      ],
    ],
    'evidence-status': [
      [
        'a refused debit shown as accepted',
        () =>
          forged(scene.operator, scene.honest, statement =>
            lines(statement, all => [
              all[0]!,
              { ...all[1]!, entry: richer(all[1]!), evidence: null },
              all[2]!,
              scene.refused,
            ]),
          ),
      ],
    ],
    'evidence-proof': [
      [
        'evidence of another line',
        () =>
          changed(scene.honest, ({ lines: [a, b, c, d] }) => ({
            lines: [a!, { ...b!, evidence: d!.evidence }, c!, d!],
          })),
      ],
      [
        'another position',
        () =>
          changed(scene.honest, statement => ({
            lines: statement.lines.with(2, {
              ...statement.lines[2]!,
              evidence: { ...evidenceOf(statement, 2), position: 1 },
            }),
          })),
      ],
      [
        'a position past the end of the batch',
        () =>
          changed(scene.honest, statement => ({
            lines: statement.lines.with(2, {
              ...statement.lines[2]!,
              evidence: { ...evidenceOf(statement, 2), position: 2 },
            }),
          })),
      ],
      [
        'a batch that is in no log',
        () =>
          changed(scene.honest, statement => {
            const evidence = evidenceOf(statement, 2)
            const batch = encodeBatch({ ...decodeBatch(evidence.batch), time: 1 })
            return { lines: statement.lines.with(2, { ...statement.lines[2]!, evidence: { ...evidence, batch } }) }
          }),
      ],
    ],
    'evidence-signature': [
      [
        'a debit that an issuer signed',
        () => resigned(2, { class: SIGNER_RECORD, number: ISSUER, ed25519: scene.world.keys.issuer.seed }),
      ],
      [
        'a debit that another owner signed',
        () => resigned(2, { class: 1, number: FIRST_MEMBER + 1, ed25519: keyNumber(40).seed }),
      ],
      [
        'a debit under a signature of zeros',
        () => resigned(2, { class: 1, number: FIRST_MEMBER, ed25519: new Uint8Array(0) }),
      ],
      [
        'points that a registrar issued',
        () => resigned(1, { class: SIGNER_RECORD, number: 1, ed25519: scene.world.keys.registrar.seed }),
      ],
    ],
    'evidence-order': [
      [
        'lines whose places in the log go back',
        () => {
          const batch = evidenceOf(decodeStatement(scene.honest), 3)
          return forged(
            scene.operator,
            scene.honest,
            statement => lines(statement, ([a, b, c, d]) => [a!, d!, b!, c!]),
            withBatch(batch.index, batch.batch),
          )
        },
      ],
    ],
    'record-proof': [
      [
        'a key that says it is older than it is',
        () =>
          changed(scene.honest, ({ records }) => ({
            records: records.map(record => ({ ...record, from: record.from - 1 })),
          })),
      ],
      ['records out of order', () => changed(scene.honest, ({ records }) => ({ records: records.toReversed() }))],
      ['a record twice', () => changed(scene.honest, ({ records }) => ({ records: [records[0]!, ...records] }))],
      [
        'a registry of the operator’s choosing',
        () => forged(scene.operator, scene.honest, () => ({}), { seal: () => ({ registryRoot: new Uint8Array(32) }) }),
      ],
    ],
    'record-missing': [
      ['another unit than the opening names', () => forged(scene.operator, scene.honest, account({ unit: 1 }))],

      [
        'the unit left out',
        () => changed(scene.honest, ({ records }) => ({ records: records.filter(({ number }) => number !== COINS) })),
      ],
      [
        'an issuer left out',
        () => changed(scene.honest, ({ records }) => ({ records: records.filter(({ number }) => number !== ISSUER) })),
      ],
    ],
    'seal-proof': [
      [
        'a seal that is not the last entry',
        () => changed(scene.honest, ({ seal }) => ({ seal: { ...seal, entry: scene.operator.entries[13]! } })),
      ],
    ],
    'genesis-proof': [
      [
        'the id of another ledger',
        () => changed(scene.honest, ({ genesis }) => ({ genesis: { ...genesis, leaf: new Uint8Array(32) } })),
      ],
    ],
    'wrong-opening': [
      [
        "another's account under one's own number",
        () =>
          changed(scene.honest, () => ({ account: { ...decodeStatement(scene.other).account, number: FIRST_MEMBER } })),
      ],
    ],
    'wrong-account': [["a stranger's statement", () => scene.other]],
  }

  /** An issue of ten times as much, so that a later debit would be covered. */
  function richer(line: StatementLine): Uint8Array {
    const tx = decodeTransaction(line.entry)
    if (tx.kind !== 'issue') throw new Error('not an issue')
    return scene.world.bytes(
      { kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount: 10 * tx.amount, rule: 0, details: null },
      tx.id,
    )
  }

  /** The log with the batch of a line signed by someone else; `ed25519` holds the seed of who signs, or nothing. */
  function resigned(line: number, signer: Signature): Uint8Array {
    const statement = decodeStatement(scene.honest)
    const evidence = evidenceOf(statement, line)
    const batch = decodeBatch(evidence.batch)
    const { ledgerId } = scene.world
    const list = scene.operator.entries.slice(evidence.index + 1, evidence.index + 1 + batch.count)
    const key = { seed: signer.ed25519, publicKey: new Uint8Array(32) }
    const by = signer.class === SIGNER_RECORD ? { record: signer.number, key } : { account: signer.number, key }
    const signatures =
      signer.ed25519.length === 0
        ? [{ ...signer, ed25519: new Uint8Array(64) }]
        : signed(ledgerId, [by], list).signatures
    const entry = encodeBatch({ ...batch, signatures })
    return forged(
      scene.operator,
      scene.honest,
      ({ lines }) => ({
        lines: lines.map(one =>
          one.evidence?.index === evidence.index ? { ...one, evidence: { ...one.evidence, batch: entry } } : one,
        ),
      }),
      withBatch(evidence.index, entry),
    )
  }

  const table = Object.entries(LIES).flatMap(([code, lies]) => lies.map(([what, make]) => [code, what, make] as const))
  test.each(table)('%s: %s', (code, _, make) => {
    const bytes = make()
    expect(() => scene.verify(bytes)).toThrow(expect.objectContaining({ code }))
  })

  test('an account past the last one has no state', () => {
    const bytes = changed(scene.honest, account({ number: 77 }))
    expect(() => verifyStatement(bytes, { policy: scene.world.policy })).toThrow(
      expect.objectContaining({ code: 'account-proof' }),
    )
  })

  test('what a verifier brings along is held against it', () => {
    const { world, card, honest } = scene
    const lie = (trust: Partial<StatementTrust>) => {
      try {
        scene.verify(honest, trust)
      } catch (error) {
        if (error instanceof CodedError) return error.code
        throw error
      }
      return 'holds'
    }
    const { kept, seal } = scene.verify(honest)
    expect(lie({})).toBe('holds')
    expect(lie({ card: { ...card, ledgerId: new Uint8Array(32) } })).toBe('wrong-ledger')
    expect(lie({ card: { ...card, account: 0 } })).toBe('wrong-account')
    expect(lie({ card: { ...card, opening: new Uint8Array(32) } })).toBe('wrong-opening')
    expect(lie({ freshness: { nowMs: seal.time + 1000, maxAgeMs: 1000 } })).toBe('holds')
    expect(lie({ freshness: { nowMs: seal.time + 1001, maxAgeMs: 1000 } })).toBe('stale')
    expect(lie({ kept })).toBe('holds')
    const stranger = verifierKey('other.example', 1, keyNumber(77).publicKey)
    const impostor = verifierKey(world.origin, 1, keyNumber(77).publicKey)
    expect(lie({ policy: { ...world.policy, logs: [{ key: stranger }] } })).toBe('unknown-log')
    expect(lie({ policy: { ...world.policy, logs: [{ key: impostor }] } })).toBe('log-signature')
    const witness = { name: 'w', key: verifierKey('witness.example', COSIGNATURE_KEY, keyNumber(78).publicKey) }
    expect(lie({ policy: { ...world.policy, witnesses: [witness], quorum: 'w' } })).toBe('quorum')
  })

  test('whoever accepted a checkpoint is shown a log that grew out of it', async () => {
    const { world, operator, honest } = scene
    const verdict = (bytes: Uint8Array, seen: readonly Checkpoint[], growth?: readonly Uint8Array[]) => {
      try {
        verifyStatement(bytes, { policy: world.policy, seen }, growth)
      } catch (error) {
        if (error instanceof CodedError) return error.code
        throw error
      }
      return 'holds'
    }
    const first = scene.verify(honest).checkpoint
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER + 1, 1)))
    await world.log.publisher.publish()
    const reading = { since: 0, allSignatures: false }
    const later = (await world.log.prover.statement(FIRST_MEMBER, reading)) as Uint8Array
    const second = scene.verify(later).checkpoint
    const entries = decodeEntryBundle((await world.log.entryBundle(0, world.log.size))!)
    const proof = naiveConsistency(first.size, entries)
    expect(verdict(honest, [first])).toBe('holds')
    expect(verdict(later, [first], proof)).toBe('holds')
    expect(verdict(later, [{ ...first, origin: 'other.example' }])).toBe('holds')
    expect(verdict(later, [])).toBe('holds')
    // No proof, one of other sizes, one that is longer, one with a bit flipped.
    expect(verdict(later, [first])).toBe('consistency-proof')
    expect(verdict(later, [first], naiveConsistency(first.size - 1, entries))).toBe('consistency-proof')
    expect(verdict(later, [first], [...proof, new Uint8Array(32)])).toBe('consistency-proof')
    expect(
      verdict(
        later,
        [first],
        proof.with(
          0,
          proof[0]!.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
        ),
      ),
    ).toBe('consistency-proof')
    // Rolled back; and rewritten, at the same length and grown from there.
    expect(verdict(honest, [second])).toBe('consistency-proof')
    const rewrite = { entries: (all: Uint8Array[]) => all.with(-1, operator.entries.at(-1)!) }
    const fork = forged({ ...operator, entries }, later, () => ({}), rewrite)
    expect(verdict(fork, [])).toBe('holds')
    expect(verdict(fork, [second])).toBe('consistency-proof')
    const old = forged(operator, honest, () => ({}), { seal: ({ epoch }) => ({ epoch: epoch + 1 }) })
    const accepted = verifyStatement(old, { policy: world.policy }).checkpoint
    expect(verdict(later, [accepted], proof)).toBe('consistency-proof')
  })

  test('a statement since an earlier one fits that one only', async () => {
    const { world } = scene
    const { kept } = scene.verify(scene.honest)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    await world.log.publisher.publish()
    const later = (await world.log.prover.statement(FIRST_MEMBER, { since: 4, allSignatures: false })) as Uint8Array
    expect(scene.verify(later, { kept }).balance).toBe(221)
    const refused = (part: Partial<typeof kept>, code: string) =>
      expect(() => scene.verify(later, { kept: { ...kept, ...part } })).toThrow(expect.objectContaining({ code }))
    refused({ entries: kept.entries.slice(1) }, 'kept-state')
    refused({ account: 3 }, 'kept-state')
    refused({ size: 10_000 }, 'kept-state')
    refused({ ledgerId: new Uint8Array(32) }, 'kept-state')
    refused({ opening: new Uint8Array(32) }, 'kept-state')
    refused({ entries: [...kept.entries.slice(0, 3), later] }, 'entry-type')
    const other = world.bytes(world.issue(FIRST_MEMBER, 300))
    refused({ entries: kept.entries.map((entry, i) => (i === 1 ? other : entry)) }, 'head')
    expect(() => scene.verify(later)).toThrow(expect.objectContaining({ code: 'kept-state' }))
  })
})
