import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COSIGNATURE_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { buildWitnessServer, Register, Witness } from '../../../src/witness/index.ts'
import { keyNumber } from '../../world.ts'
import { ended, Served, start, tally } from '../run.ts'

describe('copies of a data directory', () => {
  let folder: string
  const served: Served[] = []
  const closing: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-copies-'))
  })
  afterEach(async () => {
    await Promise.all(served.splice(0).map(one => one.end('SIGKILL')))
    for (const close of closing.splice(0)) await close()
    await rm(folder, { recursive: true, force: true })
  })

  const serve = async (data: string, ...more: string[]) => {
    const one = await Served.start(folder, '--data', data, ...more)
    served.push(one)
    return one
  }
  const healthOf = async ({ url }: Served) =>
    (await (await fetch(`${url}/healthz`)).json()) as { status: string; detail?: string; published: number }
  const issue = (to: Served, data: string, amount = 1) =>
    to.run('issue', '--to', '3', '--amount', String(amount), '--data', data)
  const watch = (to: Served, data: string) =>
    tally(folder, 'watch', to.url, '--policy', join(data, 'policy'), '--state', 'seen', '--once')
  /** A witness of the ledger in a data directory, named in its policy. */
  const witnessed = async (data: string) => {
    expect((await tally(folder, 'init', '--data', data)).status).toBe(0)
    const path = join(folder, data, 'policy')
    const logs = parsePolicy(await readFile(path)).logs.map(log => log.key)
    const { seed, publicKey } = keyNumber(61)
    const key = verifierKey('w1.example', COSIGNATURE_KEY, publicKey)
    const register = await Register.open(join(folder, 'witness'))
    const server = buildWitnessServer(new Witness({ key, seed, logs, register, nowMs: Date.now }))
    await server.listen({ host: '127.0.0.1', port: 0 })
    closing.push(() => server.close())
    const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    const alone = await readFile(path, 'utf8')
    await writeFile(
      path,
      `${alone.replace('quorum none\n', '')}witness w1 ${formatVerifierKey(key)} ${url}\nquorum w1\n`,
    )
  }

  test.each([
    ['the folder that it is published in', false, ['--publish', 'public']],
    ['its witness', true, []],
  ] as const)('one of yesterday that is put back signs nothing: %s knows more', async (_, isWitnessed, more) => {
    if (isWitnessed) await witnessed('data')
    let one = await serve('data', ...more)
    await one.run('account', 'open', '--data', 'data')
    await issue(one, 'data')
    await one.end()
    await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true })
    one = await serve('data', ...more)
    expect((await issue(one, 'data', 20)).status).toBe(0)
    expect((await watch(one, 'data')).status).toBe(0)
    await one.end()
    const back = await serve('copy', ...more)
    const { status, detail, published } = await healthOf(back)
    expect([status, detail]).toEqual([
      'copy-behind',
      expect.stringMatching(/\d are missing here.*Start the data directory/),
    ])
    const refused = await issue(back, 'copy', 7)
    expect([refused.status, refused.err]).toEqual([3, expect.stringContaining('tally: copy-behind: ')])
    // What it has is served: a member can still prove what she had.
    expect(published).toBeGreaterThan(0)
    expect((await back.run('statement', '3', '--out', 's', '--data', 'copy')).status).toBe(0)
    const seen = await watch(back, 'data')
    expect(seen.out).toContain('rolled-back')
    expect(seen.out).not.toContain('forked')
    expect(await back.end()).toBe(0)
    // The newer one goes on.
    one = await serve('data', ...more)
    expect((await issue(one, 'data')).status).toBe(0)
    expect((await watch(one, 'data')).status).toBe(0)
  })

  test('one of a live ledger waits for its lease, and signs nothing meanwhile', async () => {
    const one = await serve('data', '--publish', 'public')
    await one.run('account', 'open', '--data', 'data')
    await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true })
    const two = await serve('copy', '--publish', 'public')
    expect(await healthOf(two)).toMatchObject({
      status: 'lease-held',
      detail: expect.stringContaining('two histories'),
    })
    expect((await issue(two, 'copy')).status).toBe(3)
    expect((await issue(one, 'data')).status).toBe(0)
    expect(await two.end()).toBe(0)
    // Killed, and started again on its own directory: anyone who had the lease is known to be over.
    await one.end('SIGKILL')
    const again = await serve('data', '--publish', 'public')
    while ((await healthOf(again)).status === 'start-unconfirmed') await new Promise(resolve => setTimeout(resolve, 50))
    if (process.platform === 'linux') expect(await healthOf(again)).toMatchObject({ status: 'ok' })
  })

  test('one that went another way does not start where that is seen', async () => {
    const one = await serve('data')
    await one.run('account', 'open', '--data', 'data')
    await one.end()
    await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true })
    const left = await serve('data')
    await issue(left, 'data', 5)
    await left.end()
    const right = await serve('copy')
    await issue(right, 'copy', 6)
    // Nobody saw either: only the folder that one of them is then published in can tell.
    await right.end()
    expect((await healthOf(await serve('data', '--publish', 'public'))).status).toBe('ok')
    await served.pop()!.end()
    const stopped = await ended(start(folder, ['serve', '--port', '0', '--data', 'copy', '--publish', 'public']))
    expect([stopped.status, stopped.err]).toEqual([
      3,
      expect.stringMatching(/tally: ledger-mismatch: public has a checkpoint/),
    ])
  })
})
