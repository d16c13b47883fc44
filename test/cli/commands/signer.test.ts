import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alone, ended, Served, start } from '../run.ts'

test('a ledger signs with a key that another process has, and never has it itself', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tally-signer-'))
  expect((await alone(directory, 'keygen', '--name', 'log', '--out', 'log.json')).status).toBe(0)
  const signer = start(directory, ['signer', '--key', 'log.json', '--socket', 'log.sock'])
  await new Promise<void>(resolve => signer.stdout!.on('data', text => String(text).includes('Stop with') && resolve()))
  const served = await Served.start(directory, '--signer', 'unix:log.sock')
  try {
    expect(existsSync(join(directory, 'data/keys/log.json'))).toBe(false)
    expect(existsSync(join(directory, 'data/keys/issuer.json'))).toBe(true)
    expect((await served.run('account', 'open')).status).toBe(0)
    expect((await served.run('issue', '--to', '3', '--amount', '5')).status).toBe(0)
    expect((await alone(directory, 'audit', served.url)).status).toBe(0)
    const wrong = await alone(directory, 'serve', '--port', '0', '--signer', 'log.sock')
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('unix:/run/tally/log.sock')])
  } finally {
    signer.kill('SIGTERM')
    await ended(signer)
    await served.destroy()
  }
})
