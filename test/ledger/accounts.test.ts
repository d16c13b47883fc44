import { ByteVectorType, ListCompositeType } from '@chainsafe/ssz'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountRoot } from '../../src/core/account.ts'
import { rootFromListPath } from '../../src/core/ssz.ts'
import type { OpenAccount } from '../../src/core/transaction.ts'
import { Accounts } from '../../src/ledger/accounts.ts'

const bytes32 = (n: number) => new Uint8Array(32).fill(n & 255, n % 7)
const opening = (n: number): OpenAccount => ({
  kind: 'open-account',
  id: new Uint8Array(16),
  accountKind: n % 11 === 0 ? 'budget' : 'member',
  unit: 1 + (n % 300),
  owner: n % 11 === 0 || n % 5 === 0 ? null : bytes32(n + 1),
  nonce: new Uint8Array(32),
  custodian: null,
  recovery: null,
})

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('open' as const), count: fc.nat(6000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), from: fc.nat(), count: fc.nat(700) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hash' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('root' as const), look: fc.array(fc.nat(), { maxLength: 6 }) }) },
)

test('over several pages: roots, paths and sealed states are those of the accounts, however the hashing is cut', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), steps => {
      const accounts = new Accounts()
      let sealed: { count: number; root: Uint8Array; states: Map<number, ReturnType<Accounts['get']>> } | undefined
      for (const one of [...steps, { do: 'root' as const, look: [0, 4095, 4096, 8191, 8192] }]) {
        if (one.do === 'open')
          for (let i = 0; i < one.count; i++) accounts.open(opening(accounts.count), bytes32(accounts.count + 2))
        else if (one.do === 'hash') accounts.hashSome()
        else if (one.do === 'move') {
          if (accounts.count === 0) continue
          for (let i = 0; i < one.count; i++) {
            const account = (one.from + i * 977) % accounts.count
            accounts.credit(account, 2 ** 40 + i)
            accounts.debit(account, i)
            accounts.countEntry(account, 1_800_000_000_000 + i)
            accounts.writeHead(account, bytes32(i), 0)
          }
        } else {
          const root = accounts.root()
          const states = new Map(
            one.look.filter(() => accounts.count > 0).map(n => [n % accounts.count, accounts.get(n % accounts.count)]),
          )
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
    { numRuns: 30 },
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
    accounts.credit(n, 7)
    roots[n] = accountRoot(accounts.get(n))
  }
  expect(accounts.root()).toEqual(List.hashTreeRoot(roots))
})

test('an account that had no owner at the last seal is shown without one until the next', () => {
  const accounts = new Accounts()
  accounts.open({ ...opening(5), custodian: 1 }, bytes32(1))
  accounts.root()
  const sealed = accounts.get(0)
  expect(sealed.owner).toBeNull()
  // What the end of a recovery makes of it.
  accounts.setMember(0, { ...accounts.member(0), owner: bytes32(8) })
  expect([accounts.sealed(0), accounts.get(0).owner]).toEqual([sealed, bytes32(8)])
  accounts.root()
  expect(accounts.sealed(0)!.owner).toEqual(bytes32(8))
})

test('entries are counted to 2^32 - 1, and one more is no number', () => {
  const accounts = new Accounts()
  accounts.open(opening(1), bytes32(1))
  accounts.pageAt(0).words[6] = -2
  accounts.countEntry(0, 1)
  expect(accounts.get(0).entries).toBe(2 ** 32 - 1)
  const root = accounts.root()
  expect(rootFromListPath(accountRoot(accounts.get(0)), 0, accounts.path(0), 32, 1, 'path')).toEqual(root)
  expect(() => accounts.countEntry(0, 1)).toThrow('more entries than can be counted')
})
