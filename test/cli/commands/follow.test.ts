import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, start, tally } from '../run.ts'

describe('a follower as a process', () => {
  let served: Served
  let child: ChildProcess
  let url: string
  beforeAll(async () => {
    served = await Served.start()
    const from = ['--policy', 'data/policy', '--key', 'data/keys/auditor.json']
    child = start(served.directory, ['serve', '--follow', served.url, '--data', 'follower', '--port', '0', ...from])
    let out = ''
    url = await new Promise<string>((resolve, reject) => {
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        out += text
        const found = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(out)
        if (found !== null) resolve(found[1]!)
      })
      child.once('close', status => reject(new Error(`tally serve --follow ended with ${status}`)))
    })
  })
  afterAll(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await served.destroy()
  })

  test('serves pages and statements of the ledger, and says where batches go', async () => {
    await served.run('account', 'open')
    await served.run('issue', '--to', '3', '--amount', '100')
    const { size } = (await (await fetch(`${served.url}/v1/ledger`)).json()) as { size: number }
    for (let published = 0; published < size; )
      published = ((await (await fetch(`${url}/healthz`)).json()) as { published: number }).published
    const of = (...args: string[]) => tally(served.directory, ...args, '--url', url)
    expect((await of('statement', '3', '--out', 'her.statement')).status).toBe(0)
    const verified = await tally(
      served.directory,
      ...['verify', 'her.statement', '--policy', 'data/policy', '--card', 'data/members/3.card.json'],
    )
    expect([verified.status, verified.out]).toEqual([0, expect.stringContaining('balance    100 coins')])
    const refused = await of('issue', '--to', '3', '--amount', '1')
    expect([refused.status === 0, refused.err]).toEqual([false, expect.stringContaining(served.url)])
    const page = await fetch(`${url}/verify`, { headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  })

  test('is not made the ledger while that answers, and ends on a signal', async () => {
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    const promoted = await tally(served.directory, 'promote', '--data', 'follower', '--keys', join('data', 'keys'))
    expect([promoted.status, promoted.err]).toEqual([2, expect.stringContaining(`${served.url} answers`)])
  })
})
