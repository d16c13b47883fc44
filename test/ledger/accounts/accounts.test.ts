import { ByteVectorType, ListCompositeType } from '@chainsafe/ssz'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountRoot } from '../../../src/account/account.ts'
import type { OpenAccount } from '../../../src/core/entry/transaction.ts'
import { rootFromListPath } from '../../../src/core/tree/ssz.ts'
import { ENTRIES } from '../../../src/ledger/accounts/account-page.ts'
import { Accounts } from '../../../src/ledger/accounts/accounts.ts'
import { runs } from '../../runs.ts'

const bytes32 = (n: number) => new Uint8Array(32).fill(n & 255, n % 7)
const opening = (n: number): OpenAccount => ({
  kind: 'open-account',
  id: new Uint8Array(16),
  accountKind: n % 11 === 0 ? 'budget' : 'member',
  unit: 1 + (n % 300),
  terms: new Uint8Array(32),
  owner: n % 11 === 0 || n % 5 === 0 ? null : bytes32(n + 1),
  nonce: new Uint8Array(32),
  custodian: null,
  recovery: null,
  sponsor: null,
  ref: null,
})

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('open' as const), count: fc.nat(6000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), from: fc.nat(), count: fc.nat(700) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('alter' as const), from: fc.nat(), count: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hash' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('root' as const), look: fc.array(fc.nat(), { maxLength: 6 }) }) },
)

test('over several pages: roots, paths and sealed states are those of the accounts, however the hashing is cut', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), steps => {
      const accounts = new Accounts()
      /** Of which status or owner changed since the last root. */
      const altered = new Set<number>()
      let sealed: { count: number; root: Uint8Array; states: Map<number, ReturnType<Accounts['get']>> } | undefined
      for (const one of [...steps, { do: 'root' as const, look: [0, 4095, 4096, 8191, 8192] }]) {
        if (one.do === 'open')
          for (let i = 0; i < one.count; i++) accounts.open(opening(accounts.count), bytes32(accounts.count + 2))
        else if (one.do === 'hash') accounts.hashSome()
        else if (one.do === 'move') {
          if (accounts.count === 0) continue
          for (let i = 0; i < one.count; i++) {
            const account = (one.from + i * 977) % accounts.count
            accounts.add(account, 2 ** 40 + i)
            accounts.add(account, -i)
            accounts.countEntry(account, 1_800_000_000_000 + i)
            accounts.writeHead(account, bytes32(i), 0)
          }
        } else if (one.do === 'alter') {
          for (let i = 0; i < one.count && accounts.count > 0; i++) {
            const account = (one.from + i * 331) % accounts.count
            const { owner, ...member } = accounts.member(account)
            const next = owner !== null && i % 2 === 0 ? bytes32(one.from + i) : owner
            accounts.setMember(account, { ...member, owner: next, status: i % 3 })
            altered.add(account)
          }
        } else {
          const root = accounts.root()
          const look = one.look.filter(() => accounts.count > 0).map(n => n % accounts.count)
          const states = new Map([...look, ...altered].map(n => [n, accounts.get(n)]))
          altered.clear()
          sealed = { count: accounts.count, root, states }
        }
        if (sealed === undefined) continue
        expect(accounts.sealed(sealed.count)).toBeUndefined()
        for (const [account, state] of sealed.states) {
          expect(accounts.sealed(account)).toEqual(state)
          const item = accountRoot(state)
          expect(rootFromListPath(item, account, accounts.path(account), 32, sealed.count, 'path')).toEqual(sealed.root)
        }
      }
    }),
    { numRuns: runs(30, 10) },
  )
})

test('accounts whose numbers are far apart have the root that one list of all of them has', () => {
  const List = new ListCompositeType(new ByteVectorType(32), 2 ** 32)
  const accounts = new Accounts()
  const roots: Uint8Array[] = []
  for (let n = 0; n < 9000; n++) accounts.open(opening(n), bytes32(n + 2))
  for (let n = 0; n < 9000; n++) roots.push(accountRoot(accounts.get(n)))
  expect(accounts.root()).toEqual(List.hashTreeRoot(roots))
  for (const n of [0, 1, 5000, 8999]) {
    accounts.add(n, 7)
    roots[n] = accountRoot(accounts.get(n))
  }
  expect(accounts.root()).toEqual(List.hashTreeRoot(roots))
})

test('changes during hashing ahead are hashed ahead too: the root has little left, and paths stay those of the last', () => {
  const List = new ListCompositeType(new ByteVectorType(32), 2 ** 32)
  const accounts = new Accounts()
  for (let n = 0; n < 20_000; n++) accounts.open(opening(n), bytes32(n + 2))
  const root = accounts.root()
  const looked = [0, 1, 4095, 4096, 12_345, 19_999]
  const sealed = new Map(looked.map(n => [n, accounts.get(n)]))
  let told = 0
  accounts.watcher = { changed: () => told++ }
  for (let n = 0; n < 20_000; n++) accounts.add(n, 5)
  for (let slice = 0, round = 0, left = 'behind'; left !== 'done'; slice++) {
    left = accounts.hashSome()
    if (slice % 5 === 4) round++
    // A quarter as much as is hashed changes, before and after where the hashing stands, until little is left.
    for (let i = 0; left === 'behind' && i < 1000 / 4 ** round; i++) accounts.add((slice * 7919 + i * 397) % 20_000, 1)
    for (const [n, state] of sealed) {
      expect(accounts.sealed(n)).toEqual(state)
      expect(rootFromListPath(accountRoot(state), n, accounts.path(n), 32, 20_000, 'path')).toEqual(root)
    }
  }
  expect(told).toBeGreaterThan(21_000)
  told = 0
  const next = accounts.root()
  expect(told).toBeLessThanOrEqual(512 + 1000 / 4)
  expect(next).toEqual(List.hashTreeRoot(Array.from({ length: 20_000 }, (_, n) => accountRoot(accounts.get(n)))))
})

test('an account that had no owner at the last seal is shown without one until the next', () => {
  const accounts = new Accounts()
  accounts.open({ ...opening(5), custodian: { record: 1, leaf: bytes32(1) } }, bytes32(1))
  accounts.root()
  const sealed = accounts.get(0)
  expect(sealed.owner).toBeNull()
  // What the end of a recovery makes of it.
  accounts.setMember(0, { ...accounts.member(0), owner: bytes32(8) })
  expect([accounts.sealed(0), accounts.get(0).owner]).toEqual([sealed, bytes32(8)])
  accounts.root()
  expect(accounts.sealed(0)!.owner).toEqual(bytes32(8))
})

test('entries are counted far beyond 2^32', () => {
  const accounts = new Accounts()
  accounts.open(opening(1), bytes32(1))
  accounts.pageAt(0).floats[ENTRIES] = 2 ** 53 - 2
  accounts.countEntry(0, 1)
  expect(accounts.get(0).entries).toBe(2 ** 53 - 1)
  const root = accounts.root()
  expect(rootFromListPath(accountRoot(accounts.get(0)), 0, accounts.path(0), 32, 1, 'path')).toEqual(root)
})
