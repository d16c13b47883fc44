import { createHash } from 'node:crypto'
import { ByteVectorType, ContainerType, ListCompositeType, UintNumberType } from '@chainsafe/ssz'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../src/core/bytes.ts'
import { makeId } from '../../src/core/id.ts'
import { encodeTransaction, ROLES, type Role, type Transaction } from '../../src/core/transaction.ts'
import { OUTCOMES, Replay } from '../../src/ledger/index.ts'
import { Driver } from './driver.ts'
import { type NaiveAccount, NaiveLedger, type NaiveSigner } from './naive.ts'

const START = 1_800_000_000_000
const SKEW = 1000

const hash = (...parts: Uint8Array[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  )
const leaf = (entry: Uint8Array) => hash(Uint8Array.of(0), entry)

const Bytes32 = new ByteVectorType(32)
const uint8 = new UintNumberType(1)
const uint16 = new UintNumberType(2)
const uint64 = new UintNumberType(8)
const Terms = new ContainerType({ kind: uint8, unit: uint16, owner: Bytes32, opening: Bytes32 })
const Account = new ContainerType({
  terms: Terms,
  status: uint8,
  entries: uint64,
  time: uint64,
  credited: uint64,
  debited: uint64,
  head: Bytes32,
})
const RecordType = new ContainerType({ body: Bytes32, from: uint64, until: uint64 })
const AccountList = new ListCompositeType(Account, 2 ** 32)
const RecordList = new ListCompositeType(RecordType, 2 ** 16)
const LeafList = new ListCompositeType(Bytes32, 2 ** 13)
const KIND_NUMBERS = { treasury: 1, budget: 2, member: 3 }

/** The head of an account by SPEC §6, from all of its history. */
function naiveHead(account: NaiveAccount): Uint8Array {
  let head = hash(new TextEncoder().encode('tallystick/head/v1'))
  for (const batch of account.history) {
    const leaves = batch.map(leaf)
    const links = account.kind === 'member' ? leaves : [LeafList.hashTreeRoot(leaves)]
    for (const link of links) head = hash(head, link)
  }
  return head
}

function naiveStateRoot({ accounts }: NaiveLedger): string {
  return toHex(
    AccountList.hashTreeRoot(
      accounts.map(account => ({
        terms: {
          kind: KIND_NUMBERS[account.kind],
          unit: account.unit,
          owner: account.owner === null ? new Uint8Array(32) : Buffer.from(account.owner, 'hex'),
          opening: leaf(account.opening),
        },
        status: 0,
        entries: account.entries,
        time: account.time,
        credited: Number(account.credited),
        debited: Number(account.debited),
        head: naiveHead(account),
      })),
    ),
  )
}

function naiveRegistryRoot({ records }: NaiveLedger): string {
  return toHex(RecordList.hashTreeRoot(records.map(({ bytes, from, until }) => ({ body: leaf(bytes), from, until }))))
}

// Small ranges, so that commands meet: few accounts, few records, few ids, small amounts beside a few huge ones.
const account = fc.oneof({ weight: 6, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(9) })
const record = fc.oneof({ weight: 8, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constantFrom(99, 65_535) })
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 2 ** 52, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER) },
)
const rule = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: record })

/** Mostly the two accounts given, which are of the right kinds and there from the beginning. */
const ends = (debit: number, credit: number): fc.Arbitrary<[number, number]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<[number, number]>([debit, credit]) },
    { weight: 1, arbitrary: fc.tuple(account, account) },
  )

const bytes32 = fc.nat(3).map(n => new Uint8Array(32).fill(n + 1))
const name = fc.constantFrom('coins', 'energy', 'gems')
const role = fc.constantFrom(...(Object.keys(ROLES) as Role[]))

type Draft = Transaction extends infer T ? (T extends Transaction ? Omit<T, 'id'> : never) : never

const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Draft>(genesisDraft()) },
  {
    weight: 40,
    arbitrary: fc
      .record({ key: bytes32, role, scope: fc.uniqueArray(account, { minLength: 1, maxLength: 3 }) })
      .map(({ key, role, scope }): Draft => {
        const sorted = role === 'issuer' ? scope.toSorted((a, b) => a - b) : []
        return { kind: 'register-key', key, role, scope: sorted, backdateMs: role === 'issuer' ? 5000 : 0 }
      }),
  },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('revoke-key' as const), record, reason: fc.nat(255) }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('define-unit' as const), name, cap: amount }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('publish-rule' as const), name, digest: bytes32 }) },
  {
    weight: 60,
    arbitrary: fc
      .record({
        accountKind: fc.constantFrom('treasury', 'budget', 'member'),
        unit: record,
        owner: bytes32,
        nonce: bytes32,
      })
      .map(
        ({ accountKind, unit, owner, nonce }): Draft => ({
          kind: 'open-account',
          accountKind,
          unit,
          owner: accountKind === 'member' ? owner : null,
          nonce,
        }),
      ),
  },
  {
    weight: 60,
    arbitrary: fc
      .record({ ends: ends(0, 1), amount })
      .map(({ ends: [debit, credit], amount }): Draft => ({ kind: 'fund', debit, credit, amount })),
  },
  {
    weight: 150,
    arbitrary: fc
      .record({ ends: ends(1, 2), amount, rule, details: fc.option(bytes32, { nil: null }) })
      .map(({ ends: [debit, credit], ...rest }): Draft => ({ kind: 'issue', debit, credit, ...rest })),
  },
  {
    weight: 150,
    arbitrary: fc
      .record({ ends: ends(2, 0), amount })
      .map(({ ends: [debit, credit], amount }): Draft => ({ kind: 'redeem', debit, credit, amount, details: null })),
  },
)

function genesisDraft(): Draft {
  const key = new Uint8Array(32).fill(1)
  return { kind: 'genesis', origin: 'model', logKey: key, rootKey: key, skewMs: SKEW, promiseMs: 1000 }
}

const transaction = fc.record({
  draft,
  // Mostly the batch's time, sometimes just inside or outside of what is allowed.
  offset: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constantFrom(SKEW, SKEW + 1, -SKEW, -SKEW - 1, -SKEW - 5000, -SKEW - 5001) },
  ),
  // Few enough that some ids are taken twice.
  random: fc.nat(60),
  // Sends an earlier entry again instead.
  again: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat() }),
})

const signer: fc.Arbitrary<NaiveSigner> = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(0, 1, 2, 4).map(n => ({ record: n })) },
  { weight: 30, arbitrary: fc.constant({ account: 2 }) },
  { weight: 1, arbitrary: record.map(n => ({ record: n })) },
  { weight: 1, arbitrary: account.map(n => ({ account: n })) },
)

const batch = fc.record({
  signers: fc.uniqueArray(signer, { minLength: 1, maxLength: 5, selector: one => JSON.stringify(one) }).map(inOrder),
  transactions: fc.array(transaction, { minLength: 1, maxLength: 8 }),
  pause: fc.constantFrom(0, 1, 700),
  seal: fc.boolean(),
})

/** Signers as a batch has them: records before owners, by number. */
function inOrder(signers: NaiveSigner[]): NaiveSigner[] {
  const rank = (one: NaiveSigner) => ('record' in one ? one.record : 2 ** 33 + one.account)
  return signers.toSorted((a, b) => rank(a) - rank(b))
}

/** What every run begins with, so that random commands have something to act on. */
function* beginning(): Generator<{ signers: NaiveSigner[]; drafts: Draft[] }> {
  const key = new Uint8Array(32).fill(1)
  const keyed = (role: Role, scope: number[] = []): Draft => ({ kind: 'register-key', key, role, scope, backdateMs: 0 })
  const opened = (accountKind: 'treasury' | 'budget' | 'member'): Draft => {
    return { kind: 'open-account', accountKind, unit: 3, owner: accountKind === 'member' ? key : null, nonce: key }
  }
  yield { signers: [{ record: 0 }], drafts: [genesisDraft()] }
  yield {
    signers: [{ record: 0 }],
    drafts: [keyed('registrar'), keyed('treasurer'), { kind: 'define-unit', name: 'coins', cap: 500 }],
  }
  yield {
    signers: [{ record: 1 }, { record: 2 }],
    drafts: [
      opened('treasury'),
      opened('budget'),
      opened('member'),
      { kind: 'fund', debit: 0, credit: 1, amount: 300 },
    ],
  }
  yield { signers: [{ record: 0 }], drafts: [keyed('issuer', [1])] }
}

describe('the ledger against a naive one', () => {
  test('thousands of random batches: outcomes, accounts, roots, sums and the replay are the same', async () => {
    const met = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.noBias(fc.array(batch, { minLength: 40, maxLength: 60 })), async batches => {
        const [driver, naive] = [new Driver(), new NaiveLedger()]
        let time = START
        let fresh = 1000
        const run = (signers: NaiveSigner[], list: Uint8Array[]) => {
          const [ours, theirs] = [driver.submit(signers, list, time), naive.submit(signers, list, time)]
          expect(ours).toEqual(theirs)
          for (const one of [ours ?? []].flat()) met.set(one, (met.get(one) ?? 0) + 1)
        }
        const sent: Uint8Array[] = []
        const entry = (one: Draft, offset: number, random: number) => {
          const bits = new Uint8Array(10)
          new DataView(bits.buffer).setUint32(2, random)
          const bytes = encodeTransaction({ ...one, id: makeId(time + offset, bits) } as Transaction)
          if (one.kind !== 'genesis') sent.push(bytes)
          return bytes
        }
        for (const { signers, drafts } of beginning())
          run(
            signers,
            drafts.map(one => entry(one, 0, fresh++)),
          )
        for (const { signers, transactions, pause, seal } of batches) {
          time += pause
          run(
            signers,
            transactions.map(({ draft, offset, random, again }) =>
              again === null ? entry(draft, offset, random) : sent[again % sent.length]!,
            ),
          )
          checkInvariants(driver, naive)
          if (seal) {
            const { stateRoot, registryRoot } = driver.seal(time)
            expect([toHex(stateRoot), toHex(registryRoot)]).toEqual([naiveStateRoot(naive), naiveRegistryRoot(naive)])
            naive.size++
          }
        }
        driver.seal(time)
        await checkReplay(driver)
      }),
      { numRuns: 100 },
    )
    // The commands were not all refused at the door: most outcomes were met, and many were accepted.
    expect(met.get('accepted')).toBeGreaterThan(2000)
    const rare = ['registry-full', 'accounts-full', 'last-root', 'total-overflow', 'over-cap']
    for (const outcome of OUTCOMES) if (!rare.includes(outcome)) expect([...met.keys()]).toContain(outcome)
  })
})

/** Each unit sums to zero; nothing is below its floor; what is owed is what members have. */
function checkInvariants({ ledger: { state } }: Driver, naive: NaiveLedger): void {
  const { accounts, registry } = state
  expect(accounts.count).toBe(naive.accounts.length)
  const sums = new Map<number, bigint>()
  const owed = new Map<number, number>()
  naive.accounts.forEach((account, n) => {
    const { entries, time, credited, debited, unit } = accounts.get(n)
    expect([entries, time, BigInt(credited), BigInt(debited), unit]).toEqual([
      account.entries,
      account.time,
      account.credited,
      account.debited,
      account.unit,
    ])
    sums.set(unit, (sums.get(unit) ?? 0n) + BigInt(credited) - BigInt(debited))
    const floor = account.kind === 'treasury' ? -registry.unit(unit)!.cap : 0
    expect(credited - debited).toBeGreaterThanOrEqual(floor)
    if (account.kind === 'member') owed.set(unit, (owed.get(unit) ?? 0) + credited - debited)
  })
  for (const sum of sums.values()) expect(sum).toBe(0n)
  for (const unit of state.totals()) {
    expect(unit.owed).toBe(owed.get(unit.unit) ?? 0)
    expect(unit.issued - unit.redeemed).toBe(unit.owed)
  }
}

/** The replay of the entries makes the same state: the seals in them are compared byte for byte. */
async function checkReplay(driver: Driver): Promise<void> {
  const replay = new Replay({
    saltOf: () => new Uint8Array(32),
    entryAt: async index => driver.entries[index]!,
    verifySignatures: false,
  })
  await replay.feed(driver.entries)
  expect(replay.isBetweenBatches).toBe(true)
  expect(replay.ledger.size).toBe(driver.entries.length)
}
