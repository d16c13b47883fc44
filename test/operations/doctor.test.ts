import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, engine, useEngine } from '../../src/core/crypto/engine.ts'
import { diagnose } from '../../src/operations/index.ts'
import { openLedger } from '../../src/operations/open-ledger.ts'

describe('a doctor', () => {
  let root: string
  let data: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tally-doctor-'))
    data = join(root, 'data')
    const { log } = await openLedger({ data, origin: 'doctor.example', onFailure: () => {} })
    await log.close()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  const stateOf = async (what: string, where = data) =>
    (await diagnose(where)).filter(one => one.what === what).map(({ state }) => state)

  test('finds a ledger as it was made to be good, and says what to look at', async () => {
    const found = await diagnose(data)
    expect(found.filter(({ state }) => state === 'bad')).toEqual([])
    expect(found.filter(({ state }) => state === 'look').map(({ what }) => what)).toEqual(['root key', 'witnesses'])
    expect(await stateOf('data', join(root, 'none'))).toEqual(['look'])
  })

  test('finds keys that others can read, and folders that are links', async () => {
    await chmod(join(data, 'keys/log.json'), 0o640)
    expect(await stateOf('private')).toEqual(['bad'])
    await chmod(join(data, 'keys/log.json'), 0o600)
    await symlink('/tmp', join(data, 'keys/elsewhere'))
    expect(await stateOf('private')).toEqual(['bad'])
    await rm(join(data, 'keys/elsewhere'))
    expect(await stateOf('private')).toEqual(['good'])
  })

  test('finds an engine that hashes, signs or verifies otherwise', async () => {
    const good = engine()
    const flip = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte))
    const signer = { publicKey: (seed: Uint8Array) => seed, sign: () => new Uint8Array(64) }
    const wrong: Partial<Engine>[] = [{ sha256: one => flip(good.sha256(one)) }, { verify: () => true }, { signer }]
    for (const part of wrong) {
      useEngine({ ...good, ...part })
      try {
        expect(await stateOf('cryptography')).toEqual(['bad'])
      } finally {
        useEngine(good)
      }
    }
    expect(await stateOf('cryptography')).toEqual(['good'])
  })
})
