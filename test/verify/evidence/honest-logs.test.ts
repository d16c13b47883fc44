import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountRoot } from '../../../src/account/account.ts'
import { fromBase64, toBase64, utf8Encode } from '../../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../../../src/core/entry/entry-type.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { CodedError } from '../../../src/core/failure.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { listPath } from '../../../src/core/tree/ssz.ts'
import { Replay } from '../../../src/ledger/index.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { convict } from '../../../src/verify/evidence/convict.ts'
import { LOG_FAULTS } from '../../../src/verify/evidence/convict-log.ts'
import type { Exhibits, ShownAccount, ShownRecord } from '../../../src/verify/evidence/evidence-file.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { readTruths } from '../../truths/make.ts'
import type { Truth } from '../../truths/truth.ts'

const SEED = Number(process.env['SEED'] ?? 20_261)
/** Seals of a log that are looked at, about so many. */
const SEALS = 5
const TRIES = Number(process.env['TRIES'] ?? 8)

beforeAll(async () => useEngine(await loadEngine('native')))
afterAll(() => useEngine(portableEngine))

/** One log of so many is looked at; with `EACH=1` all are. */
const EACH = Number(process.env['EACH'] ?? 6)
const truths = [...(await readTruths())].filter((_, i) => i % EACH === SEED % EACH)

/** A seal, and all records and accounts as it has them. */
interface Sealed {
  readonly at: number
  readonly records: readonly ShownRecord[]
  readonly accounts: readonly ShownAccount[]
}

describe(`evidence made of honest logs of every kind and outcome convicts nobody (seed ${SEED})`, () => {
  test.each(truths)('%s', async (name, truth) => {
    const random = randomOf(SEED + name.length)
    const entries = truth.shown.entries.map(fromBase64)
    const policy = parsePolicy(utf8Encode(truth.trust.policy))
    const seals = await sealsOf(truth, entries, random)
    const batches = entries.flatMap((entry, i) => (entry[0] === ENTRY_BATCH ? [i] : []))
    const proofs = new Map<number, string[]>()
    const proofOf = (index: number) => {
      const proof = proofs.get(index) ?? naivePath(index, entries).map(toBase64)
      proofs.set(index, proof)
      return proof
    }
    const shown = (indexes: readonly number[]) =>
      [...new Set(indexes)]
        .filter(index => index >= 0 && index < entries.length)
        .sort((a, b) => a - b)
        .map(index => ({
          index,
          entry: toBase64(entries[index]!),
          proof: proofOf(index),
        }))
    const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
    const convicted: unknown[] = []
    for (let i = 0; i < TRIES; i++) {
      const [seal, batch] = [pick(seals), pick(batches)]
      const next = batches.find(one => one > batch) ?? entries.length
      const [low, high] = seal.at < batch ? [seal.at, batch] : [batch, seal.at]
      const begin = random(2) === 0 ? [] : [0, 1]
      const indexes = pick([
        () => [...begin, seal.at, batch],
        () => [...begin, ...range(low, Math.min(high, low + 12)), high],
        () => [...begin, seal.at, ...range(batch, next)],
        () => Array.from({ length: 1 + random(8) }, () => random(entries.length)),
        () => [...begin, seal.at, batch, pick(batches), pick(seals).at, entries.length - 1],
      ])()
      const evidence: Exhibits = {
        checkpoint: truth.shown.checkpoint,
        entries: shown(indexes),
        records: seal.records.filter(() => random(4) > 0),
        accounts: seal.accounts.filter(() => random(4) > 0),
      }
      for (const code of LOG_FAULTS)
        try {
          const file = { origin: '', code, message: '', needs: 'nothing', evidence } as const
          convicted.push([code, indexes, convict(file, policy).facts])
        } catch (error) {
          // Whatever is shown, it is refused with a code.
          if (!(error instanceof CodedError)) throw error
        }
    }
    expect(convicted).toEqual([])
  })
})

/** Some of the seals of a log, the last among them, by replay. */
async function sealsOf(
  truth: Truth,
  entries: readonly Uint8Array[],
  random: (below: number) => number,
): Promise<Sealed[]> {
  const seals: Sealed[] = []
  const count = entries.filter(entry => entry[0] === ENTRY_SEAL).length
  const replay = new Replay({
    saltOf: epoch => fromBase64(truth.shown.salts[epoch]!),
    entryAt: async index => entries[index]!,
    rootAt: async size => naiveRoot(entries.slice(0, size)),
    verifySignatures: false,
    onSeal(_, size) {
      const isLast = size === entries.length
      if (!isLast && random(count) >= SEALS) return
      const { accounts, registry } = replay.ledger.state
      const states = Array.from({ length: accounts.count }, (_, i) => accounts.sealed(i)!)
      const roots = new Uint8Array(32 * states.length)
      states.forEach((state, i) => {
        roots.set(accountRoot(state), 32 * i)
      })
      seals.push({
        at: size - 1,
        records: registry.records.map(({ transaction }, number) => {
          const { state, path } = registry.sealed(number)!
          const { from, until, next } = state
          return {
            number,
            entry: toBase64(encodeTransaction(transaction)),
            from,
            until,
            next,
            path: path.map(toBase64),
          }
        }),
        accounts: states.map((state, number) => ({
          ...state,
          number,
          owner: state.owner && toBase64(state.owner),
          opening: toBase64(state.opening),
          head: toBase64(state.head),
          more: toBase64(state.more),
          path: listPath(roots, number).map(toBase64),
        })),
      })
    },
  })
  await replay.feed(entries)
  return seals
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

/** Whole numbers below a bound, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
