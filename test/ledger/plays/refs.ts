import type { Draft } from '../../world.ts'
import {
  ANNA,
  COINS,
  GEMS,
  ISSUER,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  REGISTRAR,
  ROOT,
  SHOP,
  TREASURER,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { batch, grouped, issue, type Play, redeem, told } from './play.ts'

const REF = key(5).subarray(0, 16)
const OTHER = Uint8Array.from(REF, (byte, i) => (i === 15 ? byte ^ 1 : byte))
const BY = keys(REGISTRAR)

/** A shop that pays what it was paid into its own budget, and issues of that: nothing of it is made. */
const SHOP_PLAYS: Readonly<Record<string, Play>> = {
  'budgets: a shop funds its own of what it was paid, and takes back what was not given': {
    tell: p => {
      batch(p, keys(ISSUER), [issue(300)], ['accepted'])
      batch(p, owner(ANNA), [redeem(200)], ['accepted'])
      const budget = p.sponsored(SHOP)
      const registered: Draft = { kind: 'register-key', key: key(44), role: 'issuer', scope: [budget] }
      batch(p, keys(ROOT), [registered], ['accepted'])
      const [by, own] = [keys(MERCHANT), keys(p.naive.records.length - 1)]
      const fund = (amount: number): Draft => ({ kind: 'fund', debit: SHOP, credit: budget, amount })
      const back = (amount: number, original: Uint8Array): Draft => {
        return { kind: 'reverse', debit: budget, credit: SHOP, amount, original }
      }
      const give = (amount: number): Draft => ({ kind: 'issue', debit: budget, credit: ANNA, amount })
      const funded = p.ok(by, fund(150))
      batch(p, own, [give(60), give(100)], ['accepted', 'insufficient'])
      told(p, by, [back(100, funded), 'insufficient'], [back(90, funded), 'accepted'], [fund(141), 'insufficient'])
      // In a group that is undone the shop has what it had.
      grouped(p, [...by, ...owner(ANNA)], [[0, 2]], [fund(1), 'group-undone'], [redeem(1000), 'insufficient'])
      batch(p, by, [fund(140)], ['accepted'])
      batch(p, keys(TREASURER), [{ kind: 'fund', debit: SHOP, credit: budget, amount: 1 }], ['not-entitled'])
    },
  },
}

/** Stories about the references under which sponsors find their members again. */
export const REF_PLAYS: Readonly<Record<string, Play>> = {
  'references: one account under each, of a sponsor, in a unit': {
    tell: p => {
      const open = opener(p)
      batch(
        p,
        BY,
        [open(REF), open(REF), open(OTHER), open(null), open(null)],
        ['accepted', 'ref-taken', 'accepted', 'accepted', 'accepted'],
      )
      batch(p, BY, [open(REF, SHOP), open(REF, SHOP), open(OTHER, SHOP)], ['accepted', 'ref-taken', 'accepted'])
      batch(p, BY, [open(REF, null, GEMS), open(REF, null, GEMS)], ['accepted', 'ref-taken'])
      // Another shop has references of its own.
      const second: Draft = { ...p.opening(0), accountKind: 'merchant', owner: null }
      batch(p, keys(TREASURER), [second], ['accepted'])
      const shop = p.naive.accounts.length - 1
      batch(p, BY, [open(REF, shop), open(REF, shop)], ['accepted', 'ref-taken'])
    },
  },
  'references: of an account that is closed, and of one that was refused': {
    tell: p => {
      const open = opener(p)
      batch(p, BY, [open(REF)], ['accepted'])
      batch(p, BY, [{ kind: 'close', account: NEXT_ACCOUNT }, open(REF)], ['accepted', 'ref-taken'])
      batch(p, BY, [open(OTHER, ANNA), open(OTHER)], ['account-kind', 'accepted'])
    },
  },
  'references: free again where a group is undone': {
    tell: p => {
      const open = opener(p)
      const by = [...BY, ...owner(ANNA)]
      const many = Array.from({ length: 20 }, (_, i) => open(key(20 + i).subarray(0, 16)))
      batch(
        p,
        BY,
        many,
        many.map(() => 'accepted'),
      )
      const again = many.map(one => [one, 'group-undone'] as const)
      grouped(p, by, [[0, 2]], [open(REF), 'group-undone'], [redeem(1), 'insufficient'])
      grouped(p, by, [[0, 2]], [open(REF), 'group-undone'], [open(REF), 'ref-taken'])
      const others = again.map((_, i) => [open(key(50 + i).subarray(0, 16)), 'group-undone'] as const)
      grouped(p, by, [[0, 21]], ...others, [redeem(1), 'insufficient'])
      batch(p, BY, [open(REF), many[7]!, open(key(57).subarray(0, 16))], ['accepted', 'ref-taken', 'accepted'])
    },
  },
  'budgets: a shop is the sponsor of one, a budget of none': {
    tell: p => {
      const budget = (sponsor: number): Draft => ({ ...p.opening(0), accountKind: 'budget', owner: null, sponsor })
      batch(p, keys(TREASURER), [budget(SHOP), budget(ANNA)], ['accepted', 'account-kind'])
    },
  },
  ...SHOP_PLAYS,
}

function opener(p: Rehearsal) {
  return (ref: Uint8Array | null, sponsor: number | null = null, unit = COINS): Draft => ({
    ...p.opening(4, unit),
    ref,
    sponsor,
  })
}
