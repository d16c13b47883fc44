import type { JsonObject } from '../../src/programmes/index.ts'

/** The name of the programme of a demonstration. */
export const DEMO_PROGRAMME = 'stars'

/**
 * The programme of a demonstration: points for orders, for signing in and for reviews, which expire after 60 days;
 * growth that never expires, and tiers by it; returns that take their share back.
 *
 * @param fromMs - from when on it holds: a midnight of UTC.
 */
export function demoProgramme(fromMs: number): JsonObject {
  return {
    format: 'tallystick/programme/v1',
    name: DEMO_PROGRAMME,
    version: 1,
    unit: 'stars',
    title: { en: 'Stars and tiers', zh: '星星与等级' },
    from: `${new Date(fromMs).toISOString().slice(0, 16)}+00:00`,
    day: '+00:00',
    grain: 4,
    late: '48h',
    events: {
      'sign-in': {},
      order: { order: 'text', paid: 'int' },
      return: { order: 'text', refunded: 'int' },
      review: { order: 'text', words: 'int' },
    },
    rules: [
      {
        id: 'growth',
        on: 'order',
        unit: 'growth',
        points: { per: 100, of: 'event.paid', give: 1 },
        matures: 'now',
        expires: 'never',
      },
      {
        id: 'order',
        on: 'order',
        points: { per: 100, of: 'event.paid', give: 1 },
        times: { silver: [11, 10], gold: [3, 2] },
        cap: { event: 500 },
      },
      { id: 'sign-in', on: 'sign-in', once: 'member/day', points: { streak: [2, 3, 4, 5, 10] }, matures: 'now' },
      {
        id: 'review',
        on: 'review',
        when: 'event.words >= 20',
        once: 'member/ever/order',
        points: 15,
        cap: { 'member/month': 60 },
        matures: 'now',
      },
    ],
    matures: '7d',
    expires: '60d',
    tiers: {
      by: ['growth'],
      over: { rolling: 90 },
      grace: 14,
      levels: [
        { id: 'silver', from: 300 },
        { id: 'gold', from: 900 },
      ],
    },
    reversals: [
      {
        on: 'return',
        of: 'order',
        match: 'order',
        share: ['event.refunded', 'was.paid'],
        within: '30d',
        round: 'up',
      },
    ],
  }
}
