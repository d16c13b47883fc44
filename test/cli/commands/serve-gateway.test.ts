import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Memory } from '../../../src/gateway/memory.ts'
import { Served } from '../run.ts'

describe('a ledger with a gateway beside it', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.start(undefined, '--gateway')
  })
  afterAll(() => served.destroy())

  /** Runs the lines that begin with `curl` of what was printed, in a shell, as somebody who pastes them. */
  const pasted = async ({ welcome, directory }: Served) => {
    const lines = [...welcome.matchAll(/^ {2}(curl (?:.*\\\n)*.*)$/gm)].map(([, line]) => line!)
    const answers: unknown[] = []
    for (const line of lines) {
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line.replace('curl', 'curl -sS')], {
        cwd: directory,
      })
      answers.push(JSON.parse(stdout))
    }
    return answers
  }

  test('the printed commands can be pasted; one port serves both', async () => {
    expect(await pasted(served)).toMatchObject([
      { status: 'earned', member: 'cust_8842', points: 50 },
      { id: 'cust_8842', units: { stars: { balance: 50 } } },
    ])
    const get = (path: string) => fetch(served.url + path)
    const large = await fetch(`${served.url}/v1/earn`, { method: 'POST', body: 'x'.repeat(2 ** 21) })
    expect([large.status, ((await large.json()) as { code: string }).code]).toEqual([413, 'body-size'])
    expect((await get('/v1/ledger')).status).toBe(200)
    const [ledger, gateway] = await Promise.all(
      ['/openapi.json', '/gateway/openapi.json'].map(async path => (await get(path)).json()),
    )
    expect([ledger, gateway]).toMatchObject([
      { info: { title: 'Tallystick' } },
      { info: { title: 'Tallystick gateway' }, paths: { '/v1/earn': {} } },
    ])
    expect((await get('/gateway/docs')).status).toBe(200)
    const refused = await get('/v1/members')
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'key-missing'])
    expect((await get('/v1/membership')).status).toBe(404)
  })

  test('both end together, and go on where they were', async () => {
    expect(await served.end()).toBe(0)
    served = await Served.start(served.directory, '--gateway')
    expect((await pasted(served))[1]).toMatchObject({ units: { stars: { balance: 100 } } })
  })

  test('the gateway ends when the ledger is killed', async () => {
    const closed = once(served.child, 'close')
    served.child.kill('SIGKILL')
    await closed
    const memory = join(served.directory, 'data/gateway/memory')
    for (let i = 0; ; i++) {
      const opened = await Memory.open(memory).catch((error: Error) => error)
      if (opened instanceof Memory) return opened.close()
      expect(i, opened.message).toBeLessThan(100)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  })
})
