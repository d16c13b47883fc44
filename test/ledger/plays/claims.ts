import assert from 'node:assert/strict'
import type { Draft } from '../../world.ts'
import { ANNA, BERT, COINS, MERCHANT, NEXT_ACCOUNT, SERIES, SHOP, TREASURER, TREASURY } from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { grouped, type Play, refund, told } from './play.ts'

const thing = (n: number): Uint8Array => new Uint8Array(16).fill(n)
const claim = (n: number | null, more: Partial<Extract<Draft, { kind: 'claim' }>> = {}): Draft => {
  return {
    kind: 'claim',
    debit: ANNA,
    credit: SHOP,
    amount: 10,
    series: NEXT_ACCOUNT,
    ref: n === null ? null : thing(n),
    ...more,
  }
}
/** The shop's series is the next account. */
const opened = (p: Rehearsal): void => {
  const series: Draft = { ...p.opening(0), accountKind: 'series', owner: null, unit: COINS, sponsor: SHOP }
  told(p, keys(TREASURER), [series, 'not-entitled'])
  told(p, keys(MERCHANT), [series, 'not-entitled'])
  p.ok(keys(TREASURER, MERCHANT), series)
}
const both = (account: number) => [...keys(MERCHANT), ...owner(account)]

/** Stories about what exists once. */
export const CLAIM_PLAYS: Readonly<Record<string, Play>> = {
  'claims: each thing of a series once, and in another series another': {
    tell: p => {
      opened(p)
      const other = { series: SERIES, credit: TREASURY }
      p.issue(200)
      p.issue(100, {}, BERT)
      told(p, both(ANNA), [claim(1), 'accepted'], [claim(2), 'accepted'], [claim(1), 'claimed-before'])
      told(p, both(BERT), [claim(1, { debit: BERT }), 'claimed-before'], [claim(3, { debit: BERT }), 'accepted'])
      told(p, both(ANNA), [claim(1, other), 'accepted'], [claim(3), 'claimed-before'])
      // Of what has no name any one is claimed, without the shop.
      told(
        p,
        owner(ANNA),
        [claim(1), 'not-entitled'],
        [claim(null), 'accepted'],
        [claim(null), 'accepted'],
        [claim(null, other), 'accepted'],
      )
    },
  },
  'claims: what was given back as a whole is claimed once more, and then never': {
    tell: p => {
      opened(p)
      p.issue(200, { expires: 2 ** 31 })
      const first = p.ok(both(ANNA), claim(1))
      told(p, both(ANNA), [claim(1, { round: 1 }), 'claimed-before'])
      told(p, keys(MERCHANT), [refund(4, first), 'accepted'])
      told(p, both(ANNA), [claim(1, { round: 1 }), 'claimed-before'])
      told(p, keys(MERCHANT), [refund(6, first), 'accepted'])
      told(p, both(ANNA), [claim(1), 'claimed-before'])
      const again = p.ok(both(ANNA), claim(1, { round: 1, amount: 20 }))
      told(p, keys(MERCHANT), [refund(20, again), 'accepted'])
      told(p, both(ANNA), [claim(1, { round: 1 }), 'claimed-before'], [claim(1), 'claimed-before'])
      const unnamed = p.ok(both(ANNA), claim(null))
      told(p, keys(MERCHANT), [refund(10, unnamed), 'accepted'])
      assert.equal(p.balance(ANNA), 200)
    },
  },
  'claims: of a group that is undone nothing is claimed, nor given back': {
    tell: p => {
      opened(p)
      p.issue(100)
      const kept = p.ok(both(ANNA), claim(5))
      grouped(
        p,
        both(ANNA),
        [[0, 4]],
        [claim(1), 'group-undone'],
        [claim(2), 'group-undone'],
        [refund(10, kept), 'group-undone'],
        [claim(1), 'claimed-before'],
      )
      told(p, both(ANNA), [claim(5, { round: 1 }), 'claimed-before'], [claim(2), 'accepted'])
      grouped(
        p,
        both(ANNA),
        [[0, 3]],
        [claim(1), 'accepted'],
        [refund(10, kept), 'accepted'],
        [claim(5, { round: 1 }), 'accepted'],
      )
      told(p, both(ANNA), [claim(1), 'claimed-before'], [claim(5, { round: 1 }), 'claimed-before'])
      assert.equal(p.balance(ANNA), 70)
    },
  },
}
