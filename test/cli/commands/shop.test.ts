import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csv } from '../../../cli/screen/csv.ts'
import { Served, start, tally } from '../run.ts'

describe('commands that ask the gateway of a shop', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.start(undefined, '--gateway')
  })
  afterAll(() => served.destroy())
  const json = async (...args: string[]) => {
    const { out, err, status } = await served.run(...args, '--json')
    expect([status, err]).toEqual([0, ''])
    return JSON.parse(out)
  }

  test('points by the name of the shop, once; the member, her movements, her link, and whose points expire', async () => {
    const given = await served.run('earn', 'cust_1', '--points', '50', '--once', 'visit-1', '--reason', 'a visit')
    expect([given.status, given.out]).toEqual([0, expect.stringMatching(/^Given: 50 stars to cust_1, entry \d+\.\n/)])
    expect(await json('earn', 'cust_1', '--points', '50', '--once', 'visit-1', '--reason', 'a visit')).toMatchObject({
      ...{ repeated: true, unit: 'stars' },
    })
    const other = await served.run('earn', 'cust_1', '--points', '51', '--once', 'visit-1')
    expect([other.status, other.err]).toEqual([1, expect.stringContaining('key-reused')])
    expect(await json('member', 'show', 'cust_1')).toMatchObject({
      ...{
        id: 'cust_1',
        units: { stars: { balance: 50 } },
        movements: [{ kind: 'earn', points: 50 }, { kind: 'open' }],
      },
    })
    expect((await served.run('member', 'show', 'cust_1')).out).toMatch(/^stars +account \d+, open\nbalance +50\n/)
    expect((await served.run('member', 'list', '--csv')).out).toMatch(/^member,unit,account\ncust_1,stars,\d+\n$/)
    expect((await json('member', 'link', 'cust_1')).link).toMatch(/\/wallet#tl_/)
    expect(await json('member', 'link', 'cust_1', '--revoke')).toEqual({ revoked: 1 })
    expect(await json('expiring', '--within', '400d')).toMatchObject([{ member: 'cust_1', points: 50 }])
    expect(await json('expiring', '--within', '30d')).toEqual([])
    expect(await served.run('member', 'show', 'nobody')).toMatchObject({
      ...{ status: 1, err: expect.stringContaining('member-unknown') },
    })
    expect(await served.run('member', 'list', '--data', 'nowhere')).toMatchObject({
      ...{ status: 2, err: expect.stringContaining('key-missing') },
    })
  })

  test('balances from a file, and from standard input', async () => {
    writeFileSync(join(served.directory, 'old.csv'), 'id;points\nK-1;1200\nK-2;7\n')
    const dry = ['member', 'import', 'old.csv', '--map', 'member=id', '--dry-run']
    expect(await json(...dry)).toMatchObject({ state: 'done', report: { brought: { rows: 2, points: 1207 } } })
    const child = start(served.directory, [
      ...['member', 'import', '-', '--map', 'member=id', '--dry-run', '--json', '--url', served.url],
    ])
    child.stdin!.end('id;points\nK-1;-5\n')
    let out = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    await once(child, 'close')
    expect(JSON.parse(out)).toMatchObject({ report: { badRows: 1, faults: [{ line: 2, code: 'balance-negative' }] } })
    const bad = await served.run('member', 'import', 'old.csv', '--map', 'member=id')
    expect([bad.status, bad.err]).toEqual([1, expect.stringContaining('source-missing')])
  })

  test('a webhook is added, told, listed, sent again and removed', async () => {
    const got: string[] = []
    const shop = createServer((request, response) => {
      request.resume().on('end', () => {
        got.push(String(request.headers['webhook-id']))
        response.end()
      })
    })
    await once(shop.listen(0, '127.0.0.1'), 'listening')
    try {
      const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`
      const made = await json('webhook', 'add', url, '--types', 'points.earned')
      expect(made.secret).toMatch(/^whsec_/)
      await served.run('earn', 'cust_2', '--points', '5')
      while (got.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
      expect(await json('webhook', 'list')).toMatchObject([{ id: made.id, types: ['points.earned'] }])
      expect(await json('webhook', 'dead', made.id)).toEqual([])
      expect((await served.run('webhook', 'replay', made.id, '--after', '0')).status).toBe(0)
      expect((await json('webhook', 'rotate', made.id)).secret).not.toBe(made.secret)
      expect(await json('webhook', 'remove', made.id)).toEqual({ removed: made.id })
      expect(await json('webhook', 'list')).toEqual([])
    } finally {
      shop.close()
    }
  })

  test('the log as rows: as many as the feed has transactions, in CSV and in SQL', async () => {
    const feed = (await served.run('feed', '--limit', '1000', '--json')).out.trim().split('\n')
    const entries = feed.map(line => JSON.parse(line)).filter(({ kind }) => kind !== 'seal')
    const rows = (await served.run('export')).out.trim().split('\n')
    expect(rows[0]).toMatch(/^log_index,ledger_time,kind,outcome,/)
    expect(rows.slice(1, 1 + entries.length).map(row => Number(row.split(',')[0]))).toEqual(
      entries.map(({ index }) => index),
    )
    const sql = (await served.run('export', '--format', 'sql')).out
    expect(sql).toMatch(/^CREATE TABLE entries \(/)
    expect(sql).toContain("'issue', 'accepted'")
    const part = (await served.run('export', '--after', String(entries.at(-2)!.index))).out
    expect(part).not.toContain('log_index')
  })

  test('a token reads what its key may read', async () => {
    const { out } = await served.run('token')
    const read = (token: string) =>
      fetch(`${served.url}/v1/feed`, { headers: { authorization: `Bearer ${token.trim()}` } })
    expect((await read(out)).status).toBe(200)
    expect((await read(`${out.trim()}x`)).status).toBe(401)
  })
})

test('cells of CSV are quoted where they must be, and begin no formula', () => {
  expect(
    csv([
      ['a', 1, null],
      ['x,y', '=1+1', 'say "so"'],
    ]),
  ).toBe('a,1,\n"x,y",\'=1+1,"say ""so"""\n')
})

test('scripts of completion have every command, and bash takes its own', async () => {
  const directory = process.cwd()
  for (const shell of ['bash', 'zsh', 'fish', 'pwsh']) {
    const { status, out } = await tally(directory, 'completion', shell)
    expect([shell, status]).toEqual([shell, 0])
    for (const word of ['webhook', 'opening-balance', 'replay', 'trust-proxy']) expect(out, shell).toContain(word)
  }
  const { out } = await tally(directory, 'completion', 'bash')
  const complete = (...words: string[]) =>
    execFileSync('bash', [
      '-c',
      `${out}\nCOMP_WORDS=(tally ${words.join(' ')}); COMP_CWORD=${words.length}; _tally; echo "\${COMPREPLY[@]}"`,
    ])
      .toString()
      .trim()
      .split(' ')
  expect(complete('webh')).toEqual(['webhook'])
  expect(complete('webhook', 're')).toEqual(['replay', 'rotate', 'remove'].filter(word => word.startsWith('re')))
  expect(complete('budget', 'list', '--d')).toEqual(['--data'])
  expect((await tally(directory, 'completion', 'tcsh')).status).toBe(2)
})
