import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newKey, readKey, relockKey, writeKey } from '../../src/files/key-files.ts'
import { lockSeed } from '../../src/files/locked-seed.ts'

describe('a key file under a passphrase', () => {
  let folder: string
  let path: string
  const key = newKey('issuer')
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-lock-'))
    path = join(folder, 'issuer.json')
    await writeKey(path, { ...key, account: 7, nonce: new Uint8Array(32).fill(3) })
    await relockKey(path, 'correct horse')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  afterEach(() => {
    delete process.env['TALLY_PASSPHRASE']
    delete process.env['TALLY_PASSPHRASE_FILE']
  })
  const code = (made: Promise<unknown>) =>
    made.then(
      () => 'read',
      error => error.code,
    )

  test('has no secret in it, and says what it waits for', async () => {
    const text = await readFile(path, 'utf8')
    expect(text).not.toContain(Buffer.from(key.seed).toString('base64'))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await expect(readKey(path)).rejects.toMatchObject({
      code: 'key-locked',
      message: expect.stringContaining('TALLY_PASSPHRASE_FILE'),
    })
  })

  test('is the same key with the passphrase, from a variable or a file', async () => {
    process.env['TALLY_PASSPHRASE'] = 'correct horse'
    expect(await readKey(path)).toEqual({ ...key, account: 7, nonce: new Uint8Array(32).fill(3) })
    const file = join(folder, 'word')
    await writeFile(file, 'correct horse\r\nand a second line', { mode: 0o600 })
    process.env['TALLY_PASSPHRASE_FILE'] = file
    process.env['TALLY_PASSPHRASE'] = 'another'
    expect((await readKey(path)).seed).toEqual(key.seed)
    await chmod(file, 0o644)
    expect(await code(readKey(path))).toBe('key-mode')
  })

  test('is not read with another passphrase, and is refused whatever is changed in it', async () => {
    process.env['TALLY_PASSPHRASE'] = 'correct house'
    expect(await code(readKey(path))).toBe('key-locked')
    process.env['TALLY_PASSPHRASE'] = 'correct horse'
    // A cheap one, so that the test is not slow: the cost is in the file.
    const locked = await lockSeed(key.seed, key.publicKey, 'correct horse', 14)
    const good = { ...JSON.parse(await readFile(path, 'utf8')), locked }
    const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
    const bad = [
      ...['salt', 'nonce', 'box'].map(name => ({
        ...good,
        locked: { ...good.locked, [name]: flip(good.locked[name]) },
      })),
      { ...good, public: flip(good.public.toUpperCase()).toLowerCase() },
      { ...good, locked: { ...good.locked, logN: 30 } },
      { ...good, locked: { ...good.locked, r: 64 } },
      { ...good, seed: Buffer.from(key.seed).toString('base64') },
      { ...good, locked: undefined },
    ]
    const other = join(folder, 'changed.json')
    for (const value of bad) {
      await writeFile(other, JSON.stringify(value), { mode: 0o600 })
      await chmod(other, 0o600)
      expect(await code(readKey(other)), JSON.stringify(value)).toMatch(/^key-(locked|file)$/)
    }
  })

  test('is open again when it is unlocked', async () => {
    process.env['TALLY_PASSPHRASE'] = 'correct horse'
    await relockKey(path, undefined)
    delete process.env['TALLY_PASSPHRASE']
    expect((await readKey(path)).seed).toEqual(key.seed)
  })
})
