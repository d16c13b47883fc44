import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromBase64 } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeTransaction, KINDS } from '../../src/core/entry/transaction.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { type Case, NaiveLedger, type NaiveSigner, RULES } from '../ledger/naive/index.ts'
import { formatTruth, readTruths, truths } from './make.ts'
import { faultOf } from './read.ts'
import type { Truth } from './truth.ts'

const native = await loadEngine('native')
beforeAll(() => useEngine(native))
afterAll(() => useEngine(portableEngine))

const files = await readTruths()

describe('the corpus of truths', () => {
  test.each([...files])('%s', async (_, truth) => {
    expect(await faultOf(truth)).toBeUndefined()
  })

  test('is what `npm run truths` makes', () => {
    const made = truths()
    expect([...made.keys()].sort()).toEqual([...files.keys()].sort())
    for (const [name, truth] of made) expect(formatTruth(truth), name).toBe(formatTruth(files.get(name)!))
  })

  test('a wrong status, and another root, are found out', async () => {
    const truth = files.get('fund')!
    const [first, ...rest] = truth.batches
    for (const wrong of [
      { ...first!, stateRoot: '00'.repeat(32) },
      { ...first!, registryRoot: '00'.repeat(32) },
      { ...first!, totalsRoot: '00'.repeat(32) },
      { ...first!, outcomes: ['not-due'] },
    ])
      expect(await faultOf({ ...truth, batches: [wrong, ...rest] })).toContain('batch at 0')
    const { refused } = files.get('batches-refused-whole')!
    const last = {
      ...files.get('batches-refused-whole')!,
      refused: refused.map(one => ({ ...one, code: 'batch-genesis' })),
    }
    expect(await faultOf(last)).toContain('is refused')
  })

  test('has every kind accepted, and every outcome but those that take 2^32 accounts or claims', () => {
    const outcomes = new Set<string>()
    const accepted = new Set<string>()
    for (const { batches, shown } of files.values())
      for (const { index, outcomes: list } of batches)
        list.forEach((outcome, position) => {
          outcomes.add(outcome)
          const { kind } = decodeTransaction(fromBase64(shown.entries[index + 1 + position]!))
          if (outcome === 'accepted') accepted.add(kind)
        })
    expect(OUTCOMES.filter(outcome => !outcomes.has(outcome))).toEqual(['accounts-full', 'series-full'])
    expect(KINDS.filter(kind => !accepted.has(kind))).toEqual([])
    const codes = new Set([...files.values()].flatMap(({ refused }) => refused.map(({ code }) => code)))
    expect([...codes].sort()).toEqual(['batch-genesis', 'signature-invalid', 'signer-revoked', 'signer-unknown'])
  })
})

/** All outcomes that apply to a transaction: those that can be asked of it. */
function applying(c: Case): number[] {
  return RULES.flatMap(([, applies], i) => {
    try {
      return applies(c) ? i + 1 : []
    } catch {
      // What it asks about is not there.
      return []
    }
  })
}

/** By kind and status, which other outcomes applied as well. */
function competing(list: Iterable<Truth>): Map<string, Map<number, Set<number>>> {
  const found = new Map<string, Map<number, Set<number>>>()
  const note = (kind: string, [least, ...others]: readonly number[]) => {
    const statuses = found.get(kind) ?? new Map<number, Set<number>>()
    found.set(kind, statuses)
    if (least !== undefined) statuses.set(least, new Set([...(statuses.get(least) ?? []), ...others]))
  }
  for (const { shown, batches } of list) {
    const naive = new NaiveLedger()
    naive.watch = c => note(c.tx.kind, applying(c))
    for (const { index, time, signers, groups = [], outcomes } of batches) {
      const entries = shown.entries.slice(index + 1, index + 1 + outcomes.length).map(fromBase64)
      naive.submit(
        signers.map(signerOf),
        entries,
        time,
        groups.map(([first, count]) => ({ first, count })),
      )
      naive.size++
    }
  }
  return found
}

function signerOf(words: string): NaiveSigner {
  const [what, n, , account] = words.split(' ')
  if (what === 'record') return { record: Number(n) }
  return what === 'owner' ? { account: Number(n) } : { account: Number(account), recovery: Number(n) }
}

/** Neighbours that never apply to one transaction, of any kind or of one. */
const EXCLUSIVE: ReadonlySet<string> = new Set([
  'time-ahead, time-behind',
  // What there is not is of no kind, is not revoked, and has no hold.
  'account-unknown, account-kind',
  'record-unknown, record-not-revocable',
  'debit-unknown, same-account',
  'credit-unknown, same-account',
  'same-account, unit-mismatch',
  'hold-unknown, not-due',
  'recovery-state, not-due',
  // What can be revoked is a key, a rule or a rate; a key is a root's or a custodian's; one that stands is not revoked.
  'record-not-revocable, record-revoked',
  'record-revoked, last-root',
  'last-root, strands-accounts',
  'record-unknown, scope-unknown',
  'scope-unknown, key-stands',
  // Only members are closed; who is closed is not frozen, and has nothing.
  'account-kind, account-closed',
  'account-closed, account-frozen',
  'account-closed, not-empty',
  // The end that has to be a member is none, nor is the other.
  'issue: credit-kind, account-closed',
  'opening-balance: credit-kind, account-closed',
  'reinstate: credit-kind, account-closed',
  'capture: debit-kind, account-closed',
  'no-custody, treasury-exists',
  // A treasury has no reference; a sponsor that there is not is of no unit.
  'treasury-exists, ref-taken',
  'account-unknown, unit-mismatch',
  'hold-ended, hold-too-long',
  // Who grants is the owner of an account that there is; one who may take, another that there is.
  'grant: record-unknown, account-unknown',
  'grant: account-unknown, same-account',
  'over-cap, insufficient',
  'hold: insufficient, lots-full',
  // That would take a debt of all there is, beside 992 lots.
  'lots-full, total-overflow',
])

test('of each kind, every outcome stands against the next of those that the kind can have', () => {
  const alone: string[] = []
  for (const [kind, statuses] of competing(files.values())) {
    const ranks = [...statuses.keys()].sort((a, b) => a - b)
    for (const [i, rank] of ranks.slice(0, -1).entries()) {
      if (statuses.get(rank)!.has(ranks[i + 1]!)) continue
      const pair = `${OUTCOMES[rank]}, ${OUTCOMES[ranks[i + 1]!]}`
      if (!EXCLUSIVE.has(pair) && !EXCLUSIVE.has(`${kind}: ${pair}`)) alone.push(`${kind}: ${pair}`)
    }
  }
  expect(alone).toEqual([])
})
