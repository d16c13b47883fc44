import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, tally } from '../run.ts'

describe('a command whose answer is lost on the way', () => {
  let served: Served
  /** A way to the ledger that loses the answers to batches. */
  let way: Server
  let url: string
  beforeAll(async () => {
    served = await Served.start()
    expect((await served.run('account', 'open')).status).toBe(0)
    const { port } = new URL(served.url)
    way = createServer((asked, reply) => {
      const { url: path, method, headers } = asked
      const on = request({ port, path, method, headers }, answer => {
        if (method === 'POST') {
          answer.resume().on('end', () => asked.socket.destroy())
          return
        }
        reply.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(reply)
      })
      on.on('error', () => asked.socket.destroy())
      asked.pipe(on)
    })
    await new Promise<void>(resolve => way.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(way.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    way.closeAllConnections()
    way.close()
    await served.destroy()
  })

  const balance = async () => JSON.parse((await served.run('account', 'show', '3', '--json')).out)

  test.each([
    ['issue', ['issue', '--to', '3', '--amount', '100', '--expires', '90d'], { balance: 100 }],
    ['hold', ['hold', '--from', '3', '--to', '0', '--amount', '30', '--for', '2h'], { balance: 100, held: 30 }],
    ['redeem', ['redeem', '--from', '3', '--to', '0', '--amount', '20'], { balance: 80, held: 30 }],
  ])('%s: its name is said, and under that it counts once, however often', async (_, args, wanted) => {
    const lost = await tally(served.directory, ...args, '--url', url)
    expect([lost.status, lost.err]).toEqual([3, expect.stringMatching(/^tally: unreachable: .*may have been accepted/)])
    const id = /--once ([0-9a-f]{32}):/.exec(lost.err)![1]!
    expect(await balance()).toMatchObject(wanted)
    const same = await served.run(...args)
    expect([same.status, same.err]).toEqual([2, expect.stringContaining(`tally: once: The same was sent before`)])
    expect(await balance()).toMatchObject(wanted)
    for (let i = 0; i < 2; i++) {
      const again = await served.run(...args, '--once', id, '--json')
      expect([again.status, again.err]).toEqual([0, ''])
      expect(JSON.parse(again.out)).toMatchObject({ outcome: 'accepted', id })
    }
    expect(await balance()).toMatchObject(wanted)
  })

  test('an id of something else is refused, and a ledger that is not there was sent nothing', async () => {
    const { out } = await served.run('issue', '--to', '3', '--amount', '1', '--json')
    const other = await served.run('issue', '--to', '3', '--amount', '2', '--id', JSON.parse(out).id)
    expect([other.status, other.err]).toEqual([1, expect.stringMatching(/^tally: id-taken/)])
    const nowhere = await tally(served.directory, 'issue', '--to', '3', '--amount', '1', '--url', 'http://127.0.0.1:9')
    expect([nowhere.status, nowhere.err]).toEqual([3, expect.not.stringContaining('--id')])
  })
})
