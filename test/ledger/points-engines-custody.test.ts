import { describe, expect } from 'vitest'
import type { Draft } from '../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  COINS,
  CUSTODIAN,
  GEM_BUDGET,
  GEMS,
  HOUR,
  key,
  MERCHANT,
  NEXT_RECORD,
  Q,
  QUARTER,
  REGISTRAR,
  ROOT,
  START,
  TAKEOVER,
  WARD,
} from './beginning.ts'
import { keys, owner, type Programme, recovery } from './programme.ts'
import { convert, gift, hold, never, redeem } from './stories.ts'

const custodian = keys(CUSTODIAN)
const grant = (account: number): Draft => ({ kind: 'grant', account, to: MERCHANT, terms: key(1) })
const set = (
  p: Programme,
  account: number,
  { owner: ownerKey, custodian: record }: { owner?: number; custodian?: number },
): Draft => ({
  kind: 'set-custody',
  account,
  owner: ownerKey === undefined ? null : key(ownerKey),
  custodian: record === undefined ? null : p.custodian(record),
})

describe('a custodian', () => {
  never('does not act without a mandate', p => {
    p.issue(100)
    p.issue(100, {}, WARD)
    for (const draft of [redeem(1), hold(1), set(p, ANNA, { custodian: CUSTODIAN })])
      expect(p.try(custodian, draft)).toBe('not-entitled')
    const stranger = keys(p.custodianKey(21))
    for (const draft of [redeem(1, WARD), set(p, WARD, { custodian: NEXT_RECORD })])
      expect(p.try(stranger, draft)).toBe('not-entitled')
    p.ok(custodian, redeem(1, WARD))
  })

  /** What each bit of a unit's policy lets a custodian do. */
  const BITS: Readonly<Record<number, (p: Programme, wards: number) => Draft[]>> = {
    1: () => [redeem(2, WARD), { ...hold(2), debit: WARD } as Draft],
    2: (_, wards) => [{ ...convert(2), debit: WARD, account: wards } as Draft],
    4: p => [grant(WARD), { kind: 'withdraw', account: WARD, grant: p.ok(custodian, grant(WARD)) }],
    8: () => [{ ...gift(2), debit: WARD } as Draft],
  }
  for (let custody = 1; custody < 16; custody++)
    never(
      `does what the unit lets it do, and no more: ${custody}`,
      p => {
        p.issue(100, {}, WARD)
        const wards = p.ward(CUSTODIAN, { unit: GEMS })
        for (const [bit, drafts] of Object.entries(BITS)) {
          const may = (custody & Number(bit)) !== 0
          if (may || bit !== '4')
            for (const draft of drafts(p, wards))
              expect(p.try(custodian, draft)).toBe(may ? 'accepted' : 'not-entitled')
          else expect(p.try(custodian, grant(WARD))).toBe('not-entitled')
        }
        for (const draft of [
          { kind: 'close', account: WARD },
          { kind: 'veto', account: WARD },
        ] as const)
          expect(p.try(custodian, draft)).toBe('not-entitled')
      },
      { coins: { custody }, gems: { custody: 1 } },
    )

  never('does not spend from a frozen account either', p => {
    p.issue(100, {}, WARD)
    p.ok(keys(REGISTRAR), { kind: 'freeze', account: WARD })
    expect(p.try(custodian, redeem(1, WARD))).toBe('account-frozen')
  })

  never(
    'does not pass points from one of its members to another’s custodian, nor to one who has an owner',
    p => {
      p.issue(100, {}, WARD)
      const other = p.custodianKey(21)
      const [theirs, owned, mine] = [
        p.ward(other, { unit: GEMS }),
        p.ward(CUSTODIAN, { unit: GEMS, owner: 3 }),
        p.ward(CUSTODIAN, { unit: GEMS }),
      ]
      const into = (account: number): Draft => ({ ...convert(2), debit: WARD, account }) as Draft
      expect(p.try(custodian, into(theirs))).toBe('rate-mismatch')
      expect(p.try(keys(CUSTODIAN, other), into(theirs))).toBe('rate-mismatch')
      expect(p.try(custodian, into(owned))).toBe('rate-mismatch')
      expect(p.try(custodian, into(ANNAS_GEMS))).toBe('rate-mismatch')
      expect(p.try(custodian, into(mine))).toBe('accepted')
      // Another key of the chain is the same custodian, and a chain of its own is not.
      const next = p.custodianKey(22, { succeeds: CUSTODIAN, with: custodian })
      p.ok(custodian, set(p, mine, { custodian: next }))
      expect(p.try(keys(next), into(mine))).toBe('accepted')
    },
    { coins: { custody: 15 }, gems: { custody: 1 } },
  )

  never('beside an owner acts as well as she does, until she drops it', p => {
    p.issue(100)
    p.ok([...custodian, ...owner(ANNA)], set(p, ANNA, { owner: 1, custodian: CUSTODIAN }))
    p.ok(custodian, redeem(1))
    p.ok(owner(ANNA), redeem(1))
    expect(p.try(custodian, set(p, ANNA, { custodian: CUSTODIAN }))).toBe('not-entitled')
    const list = [redeem(1), set(p, ANNA, { owner: 1 }), redeem(1)].map(draft => p.entry(draft))
    expect(p.submit([...custodian, ...owner(ANNA)], ...list)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(p.try(custodian, redeem(1))).toBe('not-entitled')
  })

  never('that is put in or dropped in a batch may from there on, or no more', p => {
    p.issue(100, {}, WARD)
    const other = p.custodianKey(21)
    const list = [redeem(1, WARD), set(p, WARD, { custodian: other }), redeem(1, WARD)].map(draft => p.entry(draft))
    expect(p.submit(keys(other, CUSTODIAN), ...list)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(p.try(custodian, redeem(1, WARD))).toBe('not-entitled')
    const back = [redeem(1, WARD), set(p, WARD, { owner: 3 }), redeem(1, WARD)].map(draft => p.entry(draft))
    expect(p.submit(keys(other), ...back)).toEqual(['accepted', 'accepted', 'not-entitled'])
  })

  never('does not keep a recovery going that set-custody ended, and its terms stay', p => {
    const both = recovery(ANNA, 0, 1)
    p.ok(both, { kind: 'recover', account: ANNA, key: key(5) })
    p.ok(owner(ANNA), set(p, ANNA, { owner: 1 }))
    p.time = START + HOUR
    expect(p.try(both, { kind: 'finish-recovery', account: ANNA })).toBe('recovery-state')
    p.ok(both, { kind: 'recover', account: ANNA, key: key(5) })
    p.time = START + 2 * HOUR
    p.ok(both, { kind: 'finish-recovery', account: ANNA })
    // A recovery brings an owner, beside the custodian that there is.
    p.issue(10)
    expect(p.try(owner(ANNA), redeem(1))).toBe('accepted')
  })

  never('keeps its accounts when its key is replaced, and a stolen key loses them', p => {
    p.issue(100, {}, WARD)
    const next = p.custodianKey(21, { succeeds: CUSTODIAN, with: custodian })
    p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN })
    expect(p.submit(custodian, p.entry(redeem(1, WARD)))).toBe('signer-revoked')
    p.ok(keys(next), redeem(1, WARD))
    const third = p.custodianKey(22, { succeeds: next, with: keys(next) })
    p.ok(keys(third), redeem(1, WARD))
    p.ok(keys(ROOT), { kind: 'revoke', record: next })
    p.ok(keys(third), redeem(1, WARD))
    expect(p.naive.records.map(({ next: successor }) => successor).filter(n => n !== 0)).toEqual([next, third])
  })

  never('is not taken over in a batch, in a week less a millisecond, or by a key that is not due itself', p => {
    p.issue(100, {}, WARD)
    const register = (succeeds: number, n: number): Draft => {
      return { kind: 'register-key', key: key(n), role: 'custodian', succeeds }
    }
    p.ok(keys(ROOT), register(CUSTODIAN, 21), register(CUSTODIAN, 22))
    const [second, third] = [NEXT_RECORD, NEXT_RECORD + 1]
    // Each other's word is worth as little as their own.
    p.ok(keys(ROOT, second, third), register(second, 23), register(third, 24))
    const rest = [second, third, NEXT_RECORD + 2, NEXT_RECORD + 3]
    expect(p.try(keys(...rest), redeem(1, WARD))).toBe('not-entitled')
    p.time = START + TAKEOVER - 1
    expect(p.try(keys(...rest), redeem(1, WARD), 1)).toBe('not-entitled')
    expect(p.try(keys(...rest), { kind: 'revoke', record: second })).toBe('not-entitled')
    p.ok(custodian, { kind: 'revoke', record: second }, { kind: 'revoke', record: third })
    p.time = START + TAKEOVER
    p.ok(keys(NEXT_RECORD + 2), redeem(1, WARD))
  })

  never('cannot be made to lose its accounts unnoticed: another chain is another custodian', p => {
    const other = p.custodianKey(21)
    expect(p.try(keys(other, ROOT, REGISTRAR), set(p, WARD, { custodian: other }))).toBe('not-entitled')
    expect(p.try(custodian, set(p, WARD, { custodian: other }))).toBe('not-entitled')
    p.ok(keys(other, CUSTODIAN), set(p, WARD, { custodian: other }))
    // Where nobody is in its custody, a key is revoked without a word more.
    p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN })
    expect(p.try(keys(ROOT), { kind: 'revoke', record: other })).toBe('strands-accounts')
    p.ok(keys(ROOT), { kind: 'revoke', record: other, strand: 1 })
  })

  never('of a frozen account has not lost it: its last key is not revoked by mistake', p => {
    p.ok(keys(REGISTRAR), { kind: 'freeze', account: WARD })
    expect(p.try(keys(ROOT), { kind: 'revoke', record: CUSTODIAN })).toBe('strands-accounts')
    p.ok(keys(REGISTRAR), { kind: 'close', account: WARD })
    p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN })
  })

  never('that is revoked can be succeeded, and is not forgotten: nor is a new account put into its custody', p => {
    p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN, strand: 1 })
    const draft = { ...p.opening(0), owner: null, custodian: p.custodian(CUSTODIAN) }
    expect(p.try(keys(REGISTRAR), draft)).toBe('record-unknown')
    const next = p.custodianKey(21, { succeeds: CUSTODIAN })
    // The new key has no word for accounts that there are, but those that are opened may name it; it waits there as
    // well.
    const ward = p.ward(next)
    expect(p.try(keys(next), redeem(1, ward))).toBe('not-entitled')
    p.time = START + TAKEOVER
    expect(p.try(keys(next), redeem(1, ward))).toBe('insufficient')
    expect(p.try(keys(next), redeem(1, WARD))).toBe('insufficient')
  })
})

describe('conversion under the clock of the unit that is gained', () => {
  const GRAINS: readonly [offset: number, grain: number, life: number, expected: number][] = [
    [56, 1, 2, Q + 2],
    [56, 4, 2, Q + 4],
    [56, 4, 4, Q + 4],
    // Half past the hour: 5.5 hours before UTC.
    [78, 4, 2, Q + 2],
    [78, 4, 3, Q + 6],
    // START is 08:00 UTC: the next midnights of UTC, of UTC + 8 and of UTC − 14.
    [56, 96, 1, Q + 64],
    [88, 96, 1, Q + 32],
    [0, 96, 1, Q + 24],
    [112, 96, 8, Q + 8],
    [112, 96, 9, Q + 104],
    [57, 32, 30, Q + 31],
  ]
  for (const [offset, grain, life, expected] of GRAINS)
    never(
      `expires at the next date of the unit: offset ${offset}, grain ${grain}, life ${life}`,
      p => {
        p.issue(100)
        p.ok(keys(ROOT), { kind: 'publish-rate', name: 'own', unit: COINS, budget: GEM_BUDGET, give: 2, get: 5, life })
        const draft = (expires: number): Draft => ({ ...convert(2, expires), rate: NEXT_RECORD }) as Draft
        for (const wrong of [expected - 1, expected + 1, 0])
          expect(p.try(owner(ANNA), draft(wrong))).toBe('rate-mismatch')
        p.ok(owner(ANNA), draft(expected))
        expect(p.lots(ANNAS_GEMS)).toEqual([[0, expected, 5]])
        // A millisecond more is another quarter hour.
        const next = expected === Q + life ? expected + grain : expected
        expect(p.try(owner(ANNA), draft(next), 1)).toBe('accepted')
      },
      { gems: { offset, grain } },
    )

  never(
    'does not gain points that are past, by a slow clock',
    p => {
      p.issue(100)
      p.time = START + HOUR
      for (const offset of [-3 * QUARTER, -2 * QUARTER - 1, -2 * QUARTER])
        expect(p.try(owner(ANNA), convert(2, Q + 4), offset)).toBe('dates')
      expect(p.try(owner(ANNA), convert(2, Q + 6), -2 * QUARTER)).toBe('rate-mismatch')
      expect(p.try(owner(ANNA), convert(2, Q + 6), -2 * QUARTER + 1)).toBe('accepted')
    },
    { skewMs: HOUR },
  )
})
