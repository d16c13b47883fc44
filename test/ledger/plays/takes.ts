import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  CUSTODIAN,
  HOUR,
  ISSUER,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  REGISTRAR,
  START,
  WARD,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { batch, capture, clawBack, expire, hold, issue, type Play, redeem, told } from './play.ts'

const FOREST = { each: 10, most: 15, keep: 60, day: 40, open: 1 }
/** A lot that is ripe, and expires in three days. */
const BALL = { matures: Q, expires: Q + 96 * 3 }
const take = (amount: number, credit = BERT, dates: { matures?: number; expires?: number } = BALL): Draft => {
  return { kind: 'take', debit: ANNA, credit, amount, ...dates }
}
const collect = (dates: { matures: number; expires?: number } = BALL, account = ANNA): Draft => {
  return { kind: 'collect', account, ...dates }
}
const lets = (to: number, until = 0): Draft => {
  return { kind: 'grant', account: ANNA, to, until, terms: new Uint8Array(32), may: 1 }
}
const accepted = (p: Rehearsal, by: number, ...list: Draft[]) =>
  batch(
    p,
    owner(by),
    list,
    list.map(() => 'accepted'),
  )
const refused = (p: Rehearsal, by: number, outcome: string, ...list: Draft[]) =>
  batch(
    p,
    owner(by),
    list,
    list.map(() => outcome),
  )

/** Stories about what members take of each other, and what they collect. */
export const TAKE_PLAYS: Readonly<Record<string, Play>> = {
  'takes: of a lot each so much, and the rest is kept': {
    wanted: { coins: { take: FOREST, collect: 0 } },
    tell: p => {
      const friends = [3, 4, 5, 6, 7].map(n => p.member(n))
      p.issue(200, BALL)
      refused(p, BERT, 'over-take-cap', take(16), take(21))
      accepted(p, BERT, take(15))
      refused(p, BERT, 'taken-before', take(1))
      for (const friend of friends.slice(0, 4)) accepted(p, friend, take(15, friend))
      // 125 are left of 200, and 120 are kept.
      const last = friends[4]!
      refused(p, last, 'over-take-cap', take(6, last))
      accepted(p, last, take(5, last))
      const late = p.member(8)
      refused(p, late, 'over-take-cap', take(1, late))
    },
  },
  'takes: shares are of what there was with what was taken, to the point': {
    wanted: { coins: { take: { each: 10, most: 1000, keep: 75, day: 1000, open: 1 }, collect: 0 } },
    tell: p => {
      const friends = [3, 4].map(n => p.member(n)) as [number, number]
      p.issue(99, BALL)
      // A tenth of 99 is 9.9, and of 100, 10.
      refused(p, BERT, 'over-take-cap', take(10))
      p.issue(1, BALL)
      accepted(p, BERT, take(10))
      accepted(p, friends[0], take(10, friends[0]))
      refused(p, friends[1], 'over-take-cap', take(6, friends[1]))
      // Her own purchase takes of the lot, and of what the shares are of.
      accepted(p, ANNA, redeem(1))
      refused(p, friends[1], 'over-take-cap', take(5, friends[1]))
      accepted(p, friends[1], take(4, friends[1]))
      refused(p, ANNA, 'same-account', take(1, ANNA))
    },
  },
  'takes: an account takes so much on a day of the unit': {
    wanted: { coins: { take: { ...FOREST, each: 100, keep: 0 }, collect: 0, offset: 78 } },
    tell: p => {
      const more = p.member(3)
      for (let i = 0; i < 4; i++) p.issue(100, { ...BALL, expires: BALL.expires + i })
      const of = (i: number, amount: number, credit = BERT) =>
        take(amount, credit, { ...BALL, expires: BALL.expires + i })
      accepted(p, BERT, of(0, 15), of(1, 15))
      refused(p, BERT, 'over-take-cap', of(2, 11))
      accepted(p, BERT, of(2, 10))
      refused(p, BERT, 'over-take-cap', of(3, 1))
      accepted(p, more, of(3, 15, more))
      // What takes all of a lot is noted with nothing.
      const small = { expires: BALL.expires + 9 }
      p.issue(5, small)
      accepted(p, more, take(5, more, small))
      p.issue(5, small)
      accepted(p, more, take(5, more, small))
      // Days begin at 18:30 UTC.
      p.time = START + 10 * HOUR + HOUR / 2 - 1
      refused(p, BERT, 'over-take-cap', of(3, 1))
      p.time += 1
      accepted(p, BERT, of(3, 15))
    },
  },
  'takes: without an open unit by consent alone, for as long as it stands': {
    wanted: { coins: { take: { ...FOREST, open: 0 }, collect: null } },
    tell: p => {
      const more = p.member(3)
      p.issue(100, BALL)
      p.issue(100, { ...BALL, expires: BALL.expires + 1 })
      refused(p, BERT, 'grant-unknown', take(1))
      const details: Draft = { kind: 'grant', account: ANNA, to: BERT, terms: new Uint8Array(32) }
      const [shown, let1] = [p.ok(owner(ANNA), details), p.ok(owner(ANNA), lets(more, START + 1))]
      // A consent that details are shown to a key lets nobody take, nor does one that is for another, or over.
      refused(p, BERT, 'grant-unknown', take(1))
      accepted(p, more, take(1, more))
      p.time += 1
      refused(p, more, 'grant-unknown', take(1, more, { ...BALL, expires: BALL.expires + 1 }))
      const let2 = p.ok(owner(ANNA), lets(BERT))
      const disclose = (grant: Uint8Array): Draft => {
        return { kind: 'disclose', account: ANNA, grant, details: new Uint8Array(32) }
      }
      batch(
        p,
        keys(OPERATOR),
        [disclose(let2), disclose(let1), disclose(shown)],
        ['grant-unknown', 'grant-unknown', 'accepted'],
      )
      accepted(p, BERT, take(1))
      p.ok(owner(ANNA), { kind: 'withdraw', account: ANNA, grant: let2 })
      refused(p, BERT, 'grant-unknown', take(1, BERT, { ...BALL, expires: BALL.expires + 1 }))
      refused(p, ANNA, 'no-collect', collect())
    },
  },
  'takes: ripe lots alone, and not past; the dates go with the points, and pay debts': {
    wanted: { coins: { take: FOREST, collect: 0, custody: 2, debtMax: 50 } },
    tell: p => {
      const ripening = { matures: Q + 96, expires: Q + 96 * 4 }
      p.issue(200, ripening)
      p.issue(200)
      const owed = p.ok(keys(ISSUER), issue(10, {}, BERT))
      accepted(p, BERT, redeem(10, BERT))
      batch(p, keys(ISSUER), [{ ...clawBack(10, owed), debit: BERT } as Draft], ['accepted'])
      p.time = START + 24 * HOUR - 1
      refused(p, BERT, 'insufficient', take(1, BERT, ripening))
      p.time += 1
      batch(p, keys(CUSTODIAN), [take(15, WARD, ripening), take(15, BERT, ripening)], ['accepted', 'not-entitled'])
      accepted(p, BERT, take(15, BERT, ripening))
      batch(p, keys(CUSTODIAN), [collect(ripening, WARD), collect(ripening)], ['accepted', 'not-entitled'])
      p.time = START + 96 * HOUR - 1
      accepted(p, BERT, collect(ripening, BERT))
      p.time += 1
      refused(p, p.member(3), 'dates', take(1, p.naive.accounts.length - 1, ripening))
      refused(p, ANNA, 'dates', collect(ripening))
      batch(p, keys(OPERATOR), [expire(170)], ['accepted'])
    },
  },
  'takes: what was taken of a lot is forgotten when the lot is gone': {
    wanted: { coins: { take: { ...FOREST, day: 1000 }, collect: 8, offset: 78, grain: 4 } },
    tell: p => {
      const ball = { matures: Q - 2, expires: Q + 96 * 3 + 2 }
      const issued = p.issue(100, ball)
      accepted(p, BERT, take(10, BERT, ball))
      // Collected, it expires two hours after the quarter hour, and then at the next half past.
      p.time += 1
      accepted(p, ANNA, collect(ball))
      refused(p, ANNA, 'not-due', collect(ball))
      p.issue(100, ball)
      accepted(p, BERT, take(10, BERT, ball))
      // Spent, or taken back: each time it is another lot.
      accepted(p, ANNA, redeem(180))
      p.issue(50, ball)
      accepted(p, BERT, take(5, BERT, ball))
      batch(p, keys(ISSUER), [clawBack(45, issued)], ['accepted'])
      p.issue(50, ball)
      accepted(p, BERT, take(5, BERT, ball))
      batch(p, keys(REGISTRAR), [{ kind: 'freeze', account: ANNA }], ['accepted'])
      accepted(p, ANNA, collect(ball))
    },
  },
  'takes: what was taken of a lot is remembered while something of it is held': {
    wanted: { coins: { take: { ...FOREST, day: 1000 }, collect: 0 } },
    tell: p => {
      const [third, fourth] = [3, 4].map(n => p.member(n)) as [number, number]
      p.issue(100, BALL)
      accepted(p, BERT, take(10))
      const whole = p.ok(owner(ANNA), hold(90, p.time + HOUR))
      // Nothing is left to be taken, and shares are of what was taken.
      refused(p, third, 'over-take-cap', take(1, third))
      p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: whole })
      refused(p, BERT, 'taken-before', take(1))
      accepted(p, third, take(10, third))
      // A part is held, and the rest is spent.
      const part = p.ok(owner(ANNA), hold(40, p.time + HOUR))
      accepted(p, ANNA, redeem(40))
      refused(p, fourth, 'over-take-cap', take(1, fourth))
      p.time += HOUR
      p.ok(keys(OPERATOR), { kind: 'release', account: ANNA, hold: part })
      refused(p, BERT, 'taken-before', take(1))
      // 20 of 60 were taken: 36 are kept.
      refused(p, fourth, 'over-take-cap', take(5, fourth))
      accepted(p, fourth, take(4, fourth))
      // Captured in part, it comes back; captured as a whole, it is gone.
      const some = p.ok(owner(ANNA), hold(36, p.time + HOUR))
      batch(p, keys(MERCHANT), [capture(6, some)], ['accepted'])
      refused(p, BERT, 'taken-before', take(1))
      const all = p.ok(owner(ANNA), hold(30, p.time + HOUR))
      batch(p, keys(MERCHANT), [capture(30, all)], ['accepted'])
      p.issue(50, BALL)
      accepted(p, BERT, take(5))
    },
  },
  'takes: what takes all of a lot is noted where a part of it is held': {
    wanted: { coins: { take: { ...FOREST, each: 100, keep: 0 }, collect: 0 } },
    tell: p => {
      p.issue(10, BALL)
      const held = p.ok(owner(ANNA), hold(6, p.time + HOUR))
      accepted(p, BERT, take(4))
      p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: held })
      refused(p, BERT, 'taken-before', take(1))
    },
  },
  'takes: what is collected is another lot, once for all, and counts from ledger time': {
    wanted: { coins: { take: FOREST, collect: 96 * 3 } },
    tell: p => {
      const got = { matures: 0, expires: BALL.expires }
      p.issue(200, BALL)
      accepted(p, BERT, take(15))
      refused(p, BERT, 'taken-before', take(1))
      // Collected at the beginning of a quarter hour, it expires when it did before.
      accepted(p, ANNA, collect())
      accepted(p, BERT, take(15, BERT, got))
      refused(p, ANNA, 'not-due', collect())
      p.time = START + QUARTER + 1
      p.issue(50, BALL)
      told(p, owner(ANNA), [collect(), 'accepted', -1])
      accepted(p, BERT, take(1, BERT, { matures: 0, expires: BALL.expires + 2 }))
      // What one took of others is collected once, too.
      accepted(p, BERT, collect(BALL, BERT))
      refused(p, BERT, 'not-due', collect(BALL, BERT))
    },
  },
}
