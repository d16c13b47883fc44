import { expect, test } from 'vitest'
import { Window } from '../../../src/log/intake/window.ts'

let clockMs = 1_000_000

/** A ledger that answers so many in a ms, a group at a time that takes so long, while so many callers wait. */
function answers(window: Window, { perMs, groupMs, callers }: Record<'perMs' | 'groupMs' | 'callers', number>): number {
  const untilMs = clockMs + 5000
  let tookMs = 0
  while (clockMs < untilMs) {
    const underWay = Math.min(callers, window.size)
    if (underWay < callers) window.refused()
    tookMs = Math.max(groupMs, underWay / perMs)
    clockMs += tookMs
    for (let n = 0; n < underWay; n++) window.answered(tookMs, clockMs)
  }
  return tookMs
}

test.each([
  ['a ledger that is fast', { perMs: 20, groupMs: 2 }],
  ['a ledger on a slow disk', { perMs: 20, groupMs: 12 }],
  ['a slow machine', { perMs: 2, groupMs: 16 }],
])('of %s an answer takes no more than a few times as long as in calm, however many come', (_, ledger) => {
  const window = new Window()
  const calmMs = answers(window, { ...ledger, callers: 8 })
  expect(window.size).toBe(320)
  const overMs = answers(window, { ...ledger, callers: 5000 })
  // What a window has at least takes a slow machine longer.
  expect(overMs).toBeLessThanOrEqual(Math.max(5 * calmMs, 128 / ledger.perMs) + 1)
  // And it takes all that it can.
  expect(Math.min(5000, window.size)).toBeGreaterThanOrEqual(Math.min(1024, ledger.perMs * calmMs))
  expect(answers(window, { ...ledger, callers: 8 })).toBe(calmMs)
  expect(window.size).toBeGreaterThanOrEqual(128)
})

test('a rush that is over soon is taken in, after a queue has stood as before', () => {
  const window = new Window()
  const ledger = { perMs: 4, groupMs: 4 }
  answers(window, { ...ledger, callers: 8 })
  answers(window, { ...ledger, callers: 5000 })
  expect(window.size).toBeLessThan(320)
  answers(window, { ...ledger, callers: 8 })
  expect(window.size).toBe(320)
})
