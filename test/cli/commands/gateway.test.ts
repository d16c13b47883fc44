import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, start, tally } from '../run.ts'

/** A gateway as a process, and where it listens. */
async function gatewayIn(directory: string, ...more: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = start(directory, ['gateway', '--port', '0', ...more])
  let out = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const found = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(out)?.[1]
      if (found !== undefined && out.includes('curl')) resolve(found)
    })
    child.once('close', status => reject(new Error(`tally gateway ended with ${status}`)))
  })
  return { child, url }
}

describe('a shop is set up, served, and made again', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.start()
  })
  afterAll(() => served.destroy())

  test('from nothing to points, and after the memory is lost', async () => {
    const { directory } = served
    const made = await served.run('setup', 'shop')
    expect([made.status, made.err]).toEqual([0, ''])
    expect(made.out).toMatch(
      /^Made a shop: unit stars \(record \d+\), treasury \d+, budget \d+, shop \d+; in shop\.json/,
    )
    expect(statSync(join(directory, 'shop.json')).mode & 0o777).toBe(0o600)
    expect(await served.run('setup', 'shop')).toMatchObject({ status: 2, err: expect.stringMatching(/shop-exists/) })
    expect(await served.run('setup', 'shop', '--out', 'b.json')).toMatchObject({
      ...{ status: 1, err: expect.stringMatching(/name-taken/) },
    })
    const added = await tally(directory, 'gateway', 'key', 'add', 'till', '--scope', 'earn,read')
    expect(added.out).toMatch(/^tk_[\w-]{32}\n$/)
    const { child, url } = await gatewayIn(directory)
    const ask = (at: string, path: string, body?: unknown) =>
      fetch(at + path, {
        ...{ method: body === undefined ? 'GET' : 'POST' },
        headers: { authorization: `Bearer ${added.out.trim()}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const earning = { member: 'cust_8842', points: 50, id: 'visit-1' }
    const earned = await ask(url, '/v1/earn', earning)
    expect([earned.status, await earned.json()]).toMatchObject([201, { points: 50, unit: 'stars' }])
    const before = await (await ask(url, '/v1/members/cust_8842')).json()
    child.kill('SIGTERM')
    expect((await once(child, 'close'))[0]).toBe(0)
    expect((await tally(directory, 'gateway', 'key', 'list')).out).toMatch(/^till +earn,read +10000 /m)
    const elsewhere = ['--state', 'elsewhere']
    expect((await tally(directory, 'gateway', 'key', 'add', 'desk', ...elsewhere)).status).toBe(0)
    expect((await tally(directory, 'gateway', 'key', 'list', ...elsewhere)).out).toMatch(/^desk /m)
    expect((await tally(directory, 'gateway', 'key', 'revoke', 'till', ...elsewhere)).status).not.toBe(0)
    expect((await tally(directory, 'gateway', 'key', 'list')).out).not.toMatch(/^desk /m)
    await rm(join(directory, 'gateway', 'memory'), { recursive: true })
    writeFileSync(join(directory, 'members.txt'), 'cust_8842\ncust_9999\n')
    const rebuilt = await tally(directory, 'gateway', 'rebuild', '--ids', 'members.txt', '--json')
    expect([rebuilt.err, JSON.parse(rebuilt.out || 'null')]).toEqual([
      '',
      { accounts: 1, heirless: 0, ids: 2, members: 1, merged: 0, nameless: 0 },
    ])
    const again = await gatewayIn(directory)
    expect(await (await ask(again.url, '/v1/members/cust_8842')).json()).toEqual(before)
    expect(await (await ask(again.url, '/v1/earn', earning)).json()).toMatchObject({ repeated: true })
    expect((await tally(directory, 'gateway', 'key', 'revoke', 'till')).status).toBe(0)
    again.child.kill('SIGKILL')
    const more = await served.run('setup', 'shop', '--add', '--unit', 'miles')
    expect([more.status, more.out]).toEqual([0, expect.stringMatching(/^Added unit miles /)])
    const ends = [...more.out.matchAll(/^ {2}tally (key revoke --record \d+ --reason 3)$/gm)].map(([, line]) => line!)
    expect(ends).toHaveLength(2)
    for (const line of ends) expect(await served.run(...line.split(' ')), line).toMatchObject({ status: 0, err: '' })
  })
})
