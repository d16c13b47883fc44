import { expect, test } from 'vitest'
import type { Draft } from '../../world.ts'
import { ANNA, BERT, BUDGET, ISSUER, SHOP, START, WINDOW } from '../beginning.ts'
import { Follower } from '../follower.ts'
import { keys, owner, Programme } from '../programme.ts'

const redeem = (amount: number): Draft => ({ kind: 'redeem', debit: ANNA, credit: SHOP, amount })

/** A programme whose log a follower has read, who then comes up again from what was kept. */
async function restarted(tell: (p: Programme) => void): Promise<[p: Programme, follower: Follower]> {
  const [p, follower] = [new Programme(), new Follower()]
  tell(p)
  p.driver.seal(p.time)
  p.naive.size++
  await follower.follow(p.driver.entries, true)
  expect(await follower.crash(0, p.driver.entries)).toBe(p.driver.entries.length)
  return [p, follower]
}

test('an id that a stranger tried to burn is free after a restart, too; one that was used is not', async () => {
  let [burnt, used]: Uint8Array[] = []
  const [p, follower] = await restarted(one => {
    burnt = one.entry(redeem(5))
    used = one.entry(redeem(99))
    one.issue(50)
    expect(one.submit(owner(BERT), burnt, used)).toEqual(['not-entitled', 'not-entitled'])
    expect(one.submit(owner(ANNA), used)).toEqual(['insufficient'])
  })
  expect(p.submit(owner(ANNA), burnt!, used!)).toEqual(['accepted', 'exists'])
  await follower.follow(p.driver.entries, false)
  await p.check()
})

test('an entry that is reversed after a restart is as old as before, at any place in the log', async () => {
  const originals: Uint8Array[] = []
  const [p, follower] = await restarted(one => {
    // Several bundles of entries, with batches of many transactions across their edges.
    for (let i = 0; i < 30; i++) {
      one.time = START + 1000 * i
      const list = Array.from({ length: 40 }, () =>
        one.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 }),
      )
      expect(new Set(one.submit(keys(ISSUER), ...list))).toEqual(new Set(['accepted']))
      originals.push(list[0]!.slice(4, 20), list.at(-1)!.slice(4, 20))
    }
  })
  const back = (original: Uint8Array): Draft => ({ kind: 'reverse', debit: ANNA, credit: BUDGET, amount: 1, original })
  for (const [i, original] of originals.entries()) {
    const last = START + 1000 * Math.floor(i / 2) + WINDOW
    p.time = Math.max(p.time, last)
    expect(p.try(keys(ISSUER), back(original))).toBe(p.time === last ? 'accepted' : 'window-over')
    if (i % 2 === 1) {
      p.time = last + 1
      expect(p.try(keys(ISSUER), back(original))).toBe('window-over')
    }
  }
  await follower.follow(p.driver.entries, false)
  await p.check()
})
