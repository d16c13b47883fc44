import { LOTS_ROOM, TAKES_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  HOUR,
  ISSUER,
  Q,
  REGISTRAR,
  START,
  WARD,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import {
  BERTS_GEMS,
  CLOSED,
  citing,
  FROZEN,
  fillLots,
  hour,
  LATER,
  type Ladder,
  MORE_GEMS,
  moveDoor,
  NOBODY,
  step,
  timeDoor,
} from './ladder.ts'

/** When the lot ripened that is collected. */
const RIPE = hour(-1)

const take = (debit: number, credit: number, amount = 1, expires = hour(LATER), matures = 0): Draft => ({
  kind: 'take',
  debit,
  credit,
  amount,
  matures: expires === hour(LATER) ? RIPE : matures,
  expires,
})
const collect = (account: number, expires = hour(LATER), matures = RIPE): Draft => ({
  kind: 'collect',
  account,
  matures,
  expires,
})
const lets = (account: number, to: number, until = 0): Draft => ({
  kind: 'grant',
  account,
  to,
  until,
  terms: new Uint8Array(32),
  may: 1,
})
/** A lot that is not ripe for as long as a ladder is climbed. */
const UNRIPE = [hour(LATER + 1), hour(LATER)] as const

/** What members take of each other's lots, and what they collect of their own. */
export const TAKES: Readonly<Record<string, Ladder>> = {
  take: p => {
    const more = p.member(3)
    p.issue(200, { matures: RIPE, expires: hour(LATER) })
    p.issue(200, { expires: hour(1) })
    p.issue(100, { matures: UNRIPE[1], expires: UNRIPE[0] })
    fillLots(p, ANNA, TAKES_MAX - 1, 20, 100)
    p.issue(20, { expires: hour(LATER + 2) })
    p.ok(owner(ANNA), ...[BERT, FROZEN, more].map(to => lets(ANNA, to)))
    p.ok(owner(FROZEN), lets(FROZEN, ANNA))
    p.ok(owner(BERT), take(ANNA, BERT, 40), take(ANNA, BERT, 40, hour(1)))
    fillLots(p, BERT, LOTS_ROOM - 2, 10, 2000)
    const many = Array.from({ length: TAKES_MAX - 2 }, (_, i) => take(ANNA, more, 10, hour(100 + i)))
    p.ok(owner(more), ...many)
    const by = owner(BERT)
    const last = hour(LATER + 2)
    return [
      step('not-entitled', take(ANNA, BERT), owner(ANNA)),
      step('not-entitled', take(ANNA, BERT), keys(CUSTODIAN)),
      ...moveDoor(take, { by, right: [ANNA, BERT], fixed: 'credit' }),
      step('debit-kind', take(EXPIRED, CLOSED), owner(CLOSED)),
      step('account-closed', take(ANNA, CLOSED), owner(CLOSED)),
      step('account-closed', take(CLOSED, BERT), by),
      step('cites-unknown', citing(take(BERT, FROZEN)), owner(FROZEN)),
      step('grant-unknown', take(BERT, FROZEN), owner(FROZEN)),
      step('grant-unknown', take(FROZEN, BERT), by),
      step('account-frozen', take(ANNA, FROZEN), owner(FROZEN)),
      step('off-step', take(ANNAS_GEMS, BERTS_GEMS, 1, Q), owner(BERTS_GEMS)),
      step('no-takes', take(ANNAS_GEMS, BERTS_GEMS, 5, Q), owner(BERTS_GEMS)),
      { ...step('dates', take(ANNA, BERT, 1000, hour(1)), by, -1), at: START + HOUR },
      step('taken-before', take(ANNA, BERT, 1000), by),
      step('over-take-cap', take(ANNA, BERT, 60, ...UNRIPE), by),
      step('over-take-cap', take(ANNA, BERT, 10, hour(LATER + 3)), by),
      step('insufficient', take(ANNA, BERT, 50, ...UNRIPE), by),
      step('lots-full', take(ANNA, BERT, 10, last), by),
      step('takes-full', take(ANNA, more, 10, last), owner(more)),
      { ...step('accepted', take(ANNA, more, 10, last), owner(more)), before: () => p.ok(owner(ANNA), collect(ANNA)) },
      step('taken-before', take(ANNA, more, 10, last), owner(more)),
      step('account-frozen', take(FROZEN, ANNA, 1), owner(ANNA)),
    ]
  },
  collect: p => {
    p.issue(100, { matures: RIPE, expires: hour(LATER) })
    p.issue(100, { matures: UNRIPE[1], expires: UNRIPE[0] })
    p.issue(100, { matures: hour(1) })
    p.issue(10, { matures: RIPE, expires: hour(LATER) }, WARD)
    p.ok(keys(REGISTRAR), { kind: 'close', account: MORE_GEMS })
    const by = owner(ANNA)
    return [
      step('not-entitled', collect(ANNA), owner(BERT)),
      step('not-entitled', collect(ANNA), keys(CUSTODIAN, ISSUER)),
      ...timeDoor(collect(CLOSED), owner(CLOSED)),
      step('account-closed', collect(CLOSED), owner(CLOSED)),
      step('account-closed', collect(MORE_GEMS, Q), owner(MORE_GEMS)),
      step('no-collect', collect(ANNAS_GEMS, Q), owner(ANNAS_GEMS)),
      step('dates', collect(ANNA, Q), by, -1),
      step('not-due', collect(ANNA, ...UNRIPE), by),
      step('not-due', collect(ANNA, hour(LATER + 2)), by),
      step('not-due', collect(ANNA, 0, hour(1)), by),
      step('accepted', collect(ANNA), by),
      step('not-due', collect(ANNA), by),
      { ...step('accepted', collect(ANNA, 0, hour(1)), by), at: START + HOUR },
      step('not-entitled', collect(WARD), keys(CUSTODIAN)),
    ]
  },
  'grant to one who may take': p => {
    p.ok(keys(REGISTRAR), { kind: 'close', account: MORE_GEMS })
    const by = owner(ANNA)
    return [
      step('not-entitled', lets(ANNA, BERT), owner(BERT)),
      ...timeDoor(lets(ANNA, NOBODY), by),
      step('account-unknown', lets(ANNA, NOBODY), by),
      step('same-account', lets(ANNA, ANNA), by),
      step('unit-mismatch', lets(ANNA, GEM_BUDGET), by),
      step('account-kind', lets(CLOSED, EXPIRED), owner(CLOSED)),
      step('account-closed', lets(CLOSED, BERT, START), owner(CLOSED)),
      step('dates', lets(ANNA, BERT, START), by, -1),
      step('accepted', lets(ANNA, BERT, START + 1), by, 1),
      step('accepted', lets(ANNA, CLOSED), by),
    ]
  },
}
